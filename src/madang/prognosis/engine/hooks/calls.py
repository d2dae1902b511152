"""Is this a call of `patient-view`, for whom, and what did the client send along?

Source: CDS Hooks 2.0, HTTP Request and the hook `patient-view` 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.faults import shown
from madang.prognosis.engine.fhir.intake import Intake
from madang.prognosis.engine.fhir.strict_json import read_json
from madang.prognosis.engine.hooks.discovery import HOOK, NEEDED, PATIENT, SEARCHES
from madang.prognosis.engine.hooks.errors import HookError

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that can be answered. The client's access token is never kept.

    Attributes:
        instance: The call's own id.
        patient: The id of the Patient whose chart is open.
        user: Who opened it, such as `Practitioner/1`.
        encounter: The id of the Encounter, or empty.
        server: The address of the client's FHIR server, or empty.
        read: What was sent along, checked.
        absent: Keys of the prefetch that were not sent, or failed on the client's side.
    """

    instance: str
    patient: str
    user: str
    encounter: str
    server: str
    read: Intake
    absent: tuple[str, ...]


def read_call(body: bytes) -> Call:
    """Read the body of `POST {base}/cds-services/madang-prognosis`.

    Raises:
        HookError: It is malformed (400), or the patient or the values are missing (412).
    """
    try:
        sent = read_json(body.decode())
    except (UnicodeDecodeError, InputError) as fault:
        raise HookError(
            words("JSON이 아닌 요청", "a body that is no JSON"),
            words("JSON 객체", "a JSON object"),
        ) from fault
    if type(sent) is not dict:
        raise _malformed("", "a JSON object with every key once")
    if sent.get("hook") != HOOK:
        raise _malformed("hook", HOOK)
    context = sent.get("context")
    if type(context) is not dict:
        raise _malformed("context", "an object")
    patient = _text(context, "patientId", "context.")
    read, absent = _prefetched(sent.get("prefetch"), patient)
    return Call(
        instance=_instance(sent),
        patient=patient,
        user=_text(context, "userId", "context."),
        encounter=_text(context, "encounterId", "context.") if "encounterId" in context else "",
        server=_server(sent),
        read=read,
        absent=absent,
    )


def _malformed(place: str, expected: str) -> HookError:
    return HookError(
        words(f"잘못된 요청 항목 '{place}'", f"a malformed '{place}'"),
        words(expected, expected),
    )


def _text(holder: dict[str, Any], key: str, path: str = "") -> str:
    value = holder.get(key)
    if type(value) is not str or not value or not value.isprintable() or len(value) > 256:
        raise _malformed(f"{path}{key}", "a string")
    return value


def _instance(sent: dict[str, Any]) -> str:
    text = _text(sent, "hookInstance")
    try:
        return str(UUID(text))
    except ValueError as fault:
        raise _malformed("hookInstance", "a UUID") from fault


def _server(sent: dict[str, Any]) -> str:
    """The FHIR server's address; encrypted, except on one's own machine."""
    if "fhirAuthorization" in sent:
        granted = sent["fhirAuthorization"]
        if type(granted) is not dict or granted.get("token_type") != "Bearer":
            raise _malformed("fhirAuthorization", "an object with the token_type Bearer")
        if "fhirServer" not in sent:
            raise _malformed("fhirServer", "an address beside fhirAuthorization")
    if "fhirServer" not in sent:
        return ""
    address = _text(sent, "fhirServer")
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if not safe or not parts.hostname:
        raise _malformed("fhirServer", "an address with https")
    return address


def _prefetched(sent: Any, patient: str) -> tuple[Intake, tuple[str, ...]]:
    """What came along, checked; only resources of the named patient's own Patient count."""
    sent = {} if sent is None else sent
    if type(sent) is not dict:
        raise _malformed("prefetch", "an object")
    read, absent = Intake(), []
    for key in (PATIENT, *SEARCHES):
        value = sent.get(key)
        # A client that could not fetch sends null or the OperationOutcome of its failure.
        failed = type(value) is dict and value.get("resourceType") == "OperationOutcome"
        if value is None or failed:
            absent.append(key)
        else:
            read.take(value)
    missing = [key for key in NEEDED if key in absent]
    if missing:
        told = ", ".join(missing)
        raise HookError(
            words(f"함께 보내지 않은 자료: {told}", f"no prefetch of {told}"),
            words("discovery에 적은 prefetch", "the prefetch that the discovery names"),
            status=412,
        )
    if all(each.id != patient for each in read.record.persons):
        raise HookError(
            words(
                f"prefetch에 환자 '{shown(patient)}'가 없음",
                f"a prefetch without a valid Patient '{shown(patient)}'",
            ),
            words("context.patientId의 환자", "the Patient of context.patientId"),
            status=412,
        )
    return read, tuple(absent)
