"""With which servers of records may this site speak, and what passes between them?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.log import remember
from madang.prognosis.engine.fhir.rest import Server
from madang.prognosis.engine.hooks import smart
from madang.prognosis.engine.hooks.launch import authorisation, read_launch
from madang.prognosis.web import models
from madang.prognosis.web.services import intake, people, registry, sending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.sessions.backends.base import SessionBase

    from madang.portal.models import Organisation, User

STATE = "prognosis-launch"
"""Where the session keeps what a launch began with."""
LASTS_S = 600


@transaction.atomic
def add(
    owner: Organisation, *, by: User, title: str, address: str, client: str
) -> models.FhirServer:
    """Make a server known.

    Raises:
        InputError: The organisation has it already.
    """
    if models.FhirServer.objects.filter(owner=owner, address=address).exists():
        raise InputError(
            words(f"이미 등록한 서버 {address}", f"the server {address}, known already"),
            words("등록하지 않은 주소", "an address that is not known yet"),
        )
    row = models.FhirServer.objects.create(
        owner=owner, by=by, title=title, address=address, client=client
    )
    remember("fhir-server-added", _thing(row), by=by, address=address)
    return row


@transaction.atomic
def remove(row: models.FhirServer, *, by: User) -> None:
    """Speak with a server no longer."""
    name = _thing(row)
    row.delete()
    remember("fhir-server-removed", name, by=by)


def _thing(row: models.FhirServer) -> str:
    return f"prognosis/server/{row.pk}"


def fetched(row: models.FhirServer, patient: str, *, token: str, by: User) -> models.Intake:
    """Take a patient in from a server.

    Raises:
        InputError: There is no such patient, or the answer is no FHIR.
        Unavailable: The server does not answer.
    """
    read = Server(address=row.address, token=token).patient(patient)
    return intake.take(read, owner=row.owner, by=by, name=f"{row.title}: {patient}")


def sent(patient: models.Patient, row: models.FhirServer, *, token: str, by: User) -> None:
    """Put the patient's prognosis on a server.

    Raises:
        InputError: There is no prognosis, or the server refused it whole.
        Unavailable: The server does not answer.
    """
    model = registry.live(patient.owner_id)
    bundle = sending.bundle(patient, model) if model else None
    if bundle is None:
        raise InputError(
            words("보낼 예측 없음", "no prognosis to send"),
            words("모형이 답한 환자", "a patient whom the model answers for"),
        )
    Server(address=row.address, token=token).put(bundle)
    remember("prognosis-sent", people.thing(patient), by=by, server=row.pk)


class Began(NamedTuple):
    """Where the browser is sent to, and what the session must remember until it comes back."""

    address: str
    kept: dict[str, Any]


def began(query: Mapping[str, str], known: list[models.FhirServer], *, redirect: str) -> Began:
    """Begin a launch from a chart.

    Raises:
        HookError: The server is not known, or the launch has no token of its own.
        InputError: The server's own document is malformed.
        Unavailable: The server does not answer.
    """
    asked = read_launch(query, [each.address for each in known])
    row = next(each for each in known if each.address == asked.iss)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    found = smart.endpoints(row.address)
    address = authorisation(
        asked,
        endpoint=found.authorization,
        client=row.client,
        redirect=redirect,
        state=state,
        challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    )
    kept = {
        "state": state,
        "verifier": verifier,
        "token": found.token,
        "server": row.pk,
        "at_s": clock.epoch_s(),
    }
    return Began(address, kept)


def came_back(
    query: Mapping[str, str],
    session: SessionBase,
    known: list[models.FhirServer],
    *,
    redirect: str,
    by: User,
) -> models.Patient:
    """End a launch: the patient in whose chart it began, taken in and opened for care.

    Args:
        query: What the browser brought back.
        session: Of the person; what the launch began with is taken out of it.
        known: The servers with which the person's organisations speak.
        redirect: The address that was given at the beginning.
        by: Who launched.

    Raises:
        InputError: It began in no session of this person, or too long ago, or was refused.
        Unavailable: The server does not answer.
    """
    kept = session.pop(STATE, None)
    session.save()  # used, whatever comes of it: nobody can bring it back a second time
    row = next((each for each in known if kept and each.pk == kept["server"]), None)
    is_own = kept is not None and hmac.compare_digest(kept["state"], query.get("state", ""))
    if kept is None or row is None or not is_own or clock.epoch_s() - kept["at_s"] > LASTS_S:
        raise InputError(
            words("시작하지 않았거나 오래된 실행", "a launch that began elsewhere or long ago"),
            words("차트에서 방금 연 실행", "one that was just begun from the chart"),
        )
    if "code" not in query:
        raise InputError(
            words(f"병원 서버의 거절: {query.get('error', '')[:60]}", "a refusal of the server"),
            words("인가 코드", "a code of the server"),
        )
    granted = smart.exchanged(
        kept["token"],
        code=query["code"],
        verifier=kept["verifier"],
        client=row.client,
        redirect=redirect,
    )
    name = granted.opened.patient
    read = Server(address=row.address, token=granted.token).patient(name)
    intake.take(read, owner=row.owner, by=by, name=f"{row.title}: {name}")
    person = next((each for each in read.record.persons if each.id == name), None)
    patient = intake.patient_of(person, row.owner) if person else None
    if patient is None:
        raise InputError(
            words("날짜가 있는 검사값이 없는 환자", "a patient without any dated value"),
            words("방문 기록이 있는 환자", "a patient with visits"),
        )
    people.look(patient, by=by, purpose="care", note="SMART")
    return patient
