"""With which patient does a hospital's system start the product? (SMART App Launch 2.0).

A launch names a server (`iss`); only servers that the operator has named are spoken to, because
whoever sends somebody a link chooses that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from madang.kernel.words import words
from madang.prognosis.engine.fhir.faults import shown
from madang.prognosis.engine.hooks.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SCOPES = "launch openid fhirUser patient/Patient.rs patient/Observation.rs patient/Condition.rs"
"""What the product asks to read: no more than a prognosis needs."""


class Launch(NamedTuple):
    """The parameters of a launch from a chart: the FHIR server, and the launch's own token."""

    iss: str
    launch: str


class Opened(NamedTuple):
    """What the server's answer to the code tells of the launch.

    Attributes:
        patient: The id of the Patient in whose chart it happened.
        encounter: The id of the Encounter, or empty.
        banner: Whether the page must show whose chart it is.
        scopes: What was granted.
    """

    patient: str
    encounter: str
    banner: bool
    scopes: frozenset[str]


def read_launch(query: Mapping[str, str], servers: Collection[str]) -> Launch:
    """Read the parameters of `GET …/launch?iss=…&launch=…`.

    Args:
        query: The parameters.
        servers: The FHIR servers that the operator has named.

    Raises:
        HookError: A parameter is missing, or the server is none of these.
    """
    iss, launch = query.get("iss", "").rstrip("/"), query.get("launch", "")
    if iss not in {each.rstrip("/") for each in servers}:
        raise HookError(
            words(f"등록되지 않은 FHIR 서버 '{shown(iss)}'", f"the unnamed server '{shown(iss)}'"),
            words("운영자가 등록한 서버", "a server that the operator has named"),
        )
    if not launch or not launch.isprintable() or len(launch) > 2048:
        raise HookError(
            words("launch 값이 없는 실행 요청", "a launch without its token"),
            words("launch 매개변수", "the parameter launch"),
        )
    return Launch(iss, launch)


def authorisation(
    launch: Launch,
    *,
    endpoint: str,
    client: str,
    redirect: str,
    state: str,
    challenge: str,
    scopes: str = SCOPES,
) -> str:
    """The address to which the browser is sent to ask for the code.

    Args:
        launch: The launch.
        endpoint: The server's `authorization_endpoint`, as its `.well-known` tells.
        client: The client id that the operator has registered.
        redirect: Where the browser comes back to.
        state: A random value that comes back with it.
        challenge: The PKCE challenge, S256.
        scopes: What to ask for.

    Raises:
        HookError: The endpoint is not encrypted.
    """
    if urlsplit(endpoint).scheme != "https":
        raise HookError(
            words("암호화하지 않은 인가 주소", "an authorisation endpoint without encryption"),
            words("https 주소", "an https address"),
        )
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": redirect,
        "launch": launch.launch,
        "scope": scopes,
        "state": state,
        "aud": launch.iss,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    mark = "&" if urlsplit(endpoint).query else "?"
    return f"{endpoint}{mark}{urlencode(asked)}"


def read_opened(answer: Mapping[str, Any]) -> Opened:
    """Read what the token endpoint's answer tells of the launch; its tokens are left alone.

    Raises:
        HookError: No patient was chosen, or the answer is malformed.
    """
    patient, encounter = answer.get("patient"), answer.get("encounter", "")
    scope, banner = answer.get("scope", ""), answer.get("need_patient_banner", True)
    if type(patient) is not str or not patient:
        raise HookError(
            words("환자가 없는 실행 응답", "an answer without a patient"),
            words("patient 항목", "the field patient"),
        )
    if type(encounter) is not str or type(scope) is not str or type(banner) is not bool:
        raise HookError(
            words("잘못된 실행 응답", "a malformed answer"),
            words("SMART 2.0의 항목", "the fields of SMART 2.0"),
        )
    return Opened(patient, encounter, banner, frozenset(scope.split()))
