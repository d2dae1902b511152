"""Which operations does the prognosis system offer below `/api/v1/prognosis/`?

CDS Hooks 2.0 at `cds-services`: a client that shows a token of the house in `Authorization` finds
the service, calls it when a chart is opened, and tells what became of its cards. `records` takes a
Bundle of FHIR R4 in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Body, Router
from pydantic import BaseModel, Field

from madang.kernel.words import words
from madang.portal.access import check, of
from madang.portal.api.problems import Problem
from madang.prognosis.engine.fhir.intake import Intake
from madang.prognosis.engine.hooks.cards import Link
from madang.prognosis.engine.hooks.discovery import discovery
from madang.prognosis.engine.hooks.errors import HookError
from madang.prognosis.engine.hooks.feedback import read_feedback
from madang.prognosis.web.services import asked
from madang.prognosis.web.services import intake as taking

if TYPE_CHECKING:
    from madang.portal.models import Organisation, User

router = Router()

_KINDS = {400: "unreadable", 404: "not-found", 412: "not-prepared"}


def _caller(request: HttpRequest) -> tuple[Organisation, User]:
    access = of(request)
    check(access, "prognosis.connect")
    assert access.token is not None, "rights come with a token"
    return access.token.organisation, access.token.user


def _problem(fault: HookError) -> Problem:
    return Problem(_KINDS[fault.status], words(fault.sentence("ko"), fault.sentence("en")))


@router.get("/cds-services", auth=None, response=dict[str, Any])
def get_cds_services(request: HttpRequest) -> dict[str, Any]:
    """CDS Hooks 서비스 목록 · The document by which a client finds the service (CDS Hooks 2.0)."""
    return discovery()


@router.post("/cds-services/madang-prognosis", response=dict[str, Any])
def post_cds_call(request: HttpRequest, call: dict[str, Any] = Body(...)) -> dict[str, Any]:  # noqa: B008 - how ninja declares a body
    """차트를 열 때 예후 카드 · Cards for the chart that is open (the hook patient-view)."""
    owner, by = _caller(request)
    page = request.build_absolute_uri(reverse("prognosis:worklist"))
    links = [Link(label=words("마당에서 보기", "See in Madang"), url=page)]
    try:
        return asked.card(request.body, owner=owner, by=by, links=links)
    except HookError as fault:
        raise _problem(fault) from fault


class HeardOut(BaseModel):
    """How many of the cards are known."""

    known: int = Field(description="이 기관의 카드 수 · Cards of the caller's organisation")


@router.post("/cds-services/madang-prognosis/feedback", response=HeardOut)
def post_cds_feedback(request: HttpRequest, told: dict[str, Any] = Body(...)) -> HeardOut:  # noqa: B008 - how ninja declares a body
    """카드에 대한 의견 · What the clinician did with a card (CDS Hooks 2.0, feedback)."""
    owner, by = _caller(request)
    try:
        return HeardOut(known=asked.heard(read_feedback(request.body), owner=owner, by=by))
    except HookError as fault:
        raise _problem(fault) from fault


class RecordsOut(BaseModel):
    """What became of a Bundle."""

    counts: dict[str, Any] = Field(description="받은 건수와 거절한 건수 · Taken in and refused")
    outcome: dict[str, Any] = Field(description="FHIR OperationOutcome")


@router.post("/records", response=RecordsOut)
def post_records(request: HttpRequest, bundle: dict[str, Any] = Body(...)) -> RecordsOut:  # noqa: B008 - how ninja declares a body
    """진료기록 가져오기 · Take a Bundle of FHIR R4 in; what is wrong is refused with its place."""
    owner, by = _caller(request)
    found: Intake = taking.read(request.body, "api")
    row = taking.take(found, owner=owner, by=by, name="api")
    return RecordsOut(counts=row.counts, outcome=row.outcome)
