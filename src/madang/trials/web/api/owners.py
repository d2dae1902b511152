"""How does an agency write, seal, post and lead its demand by program?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import File, Status
from ninja.files import UploadedFile
from pydantic import BaseModel, Field, StringConstraints

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import check, of
from madang.portal.api.shapes import Moment, Taken, Text, Words
from madang.portal.models import Organisation
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.api.callers import Caller, Name, caller, owned
from madang.trials.web.api.router import router
from madang.trials.web.api.shapes import DemandLine
from madang.trials.web.forms.demands import DEMANDING
from madang.trials.web.models import Demand
from madang.trials.web.services import decisions, demands, drafts, intake, sealing, timing
from madang.trials.web.views.decision import deciders

Yaml = Annotated[
    str,
    StringConstraints(max_length=200_000),
    Field(description="YAML로 쓴 수요 · The demand in YAML"),
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
TABLE = {"x-largest-bytes": intake.MOST_BYTES + 2**20}


class Draft(DemandLine):
    """A demand as its owners see it before it is posted."""

    text: str
    table: dict[str, Any] = Field(description="올린 표: 이름, 크기 · The table: name, size")
    findings: dict[str, Any] = Field(description="마지막 점검 · What the last check found")
    is_checked: bool = Field(
        description="지금 내용을 점검했는지 · Whether the check looked at the draft as it is"
    )
    hindrances: list[Words] = Field(
        description="봉인하지 못하는 까닭 · What keeps it from being sealed"
    )
    is_at_work: bool = Field(
        description="점검이나 봉인이 진행 중인지 · Whether a check or the sealing is under way"
    )

    @classmethod
    def of(cls, row: Demand) -> Draft:
        """From its row."""
        table = {name: row.table[name] for name in ("name", "size") if name in row.table}
        return cls(
            **DemandLine.of(row).model_dump(),
            text=row.text,
            table=table,
            findings=row.findings,
            is_checked=sealing.is_checked(row),
            hindrances=[Words.of(each) for each in sealing.hindrances(row)]
            if row.state == "draft"
            else [],
            is_at_work=row.state == "sealing" or bool(row.run and row.state == "draft"),
        )


class NewDraft(Taken):
    """A draft to be begun."""

    text: Yaml
    agency: Slug | None = Field(
        default=None, description="수요기관; 없으면 토큰의 기관 · The token's own if left out"
    )
    ministry: Slug | None = Field(default=None, description="소관 부처 · The ministry in charge")
    sector: Annotated[str, StringConstraints(max_length=20)] = ""


class DraftChange(Taken):
    """What is to be different in a draft."""

    text: Yaml | None = None
    sector: Annotated[str, StringConstraints(max_length=20)] | None = None
    questions_until: Moment | None = None
    opens: Moment | None = None
    closes: Moment | None = None
    decide_by: Moment | None = None
    accepted_leaks: Annotated[list[Leak], Field(max_length=100)] | None = None


class Leak(Taken):
    """A column that gives the outcome away and is accepted, and why."""

    column: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    reason: Text


class PutOff(Taken):
    """A date that moves."""

    which: Literal["questions_until", "closes", "decision_by"]
    to: Moment
    reason: Text


class Reason(Taken):
    """Why."""

    reason: Text


class Announcement(Taken):
    """What is said with a decision."""

    reason: Annotated[str, StringConstraints(max_length=4000)] = ""


DraftChange.model_rebuild()


class Progress(BaseModel):
    """How far the final comparison is."""

    state: str
    board_waiting: int
    finals: int
    finals_waiting: int
    lost: int
    comparison_failed: bool
    decide_by: datetime | None


@router.post("/demands", response={201: Draft})
def draft_demand(request: HttpRequest, wanted: NewDraft) -> Status:
    """초안 작성 · Begin a demand from its YAML."""
    by = caller(request, "trials.post")
    _check_sector(wanted.sector)
    plain = drafts.as_plain(wanted.text)
    agency, ministry = _parties(by.organisation, wanted)
    row = demands.draft(
        by=by.user,
        agency=agency,
        ministry=ministry,
        name=str(plain.get("demand", "")),
        plain=plain,
        sector=wanted.sector,
    )
    return Status(201, Draft.of(demands.change(row, by=by.user, text=wanted.text)))


@router.get("/demands/{demand}/draft", response=Draft)
def get_draft(request: HttpRequest, demand: Name) -> Draft:
    """초안과 점검 결과 · A draft, with what the last check found."""
    found, _ = owned(request, demand, "trials.post")
    return Draft.of(found)


@router.patch("/demands/{demand}/draft", response=Draft)
def change_draft(request: HttpRequest, demand: Name, change: DraftChange) -> Draft:
    """초안 고치기 · Change a draft."""
    found, by = owned(request, demand, "trials.post")
    given = change.model_dump(exclude_unset=True, exclude_none=True)
    if "sector" in given:
        _check_sector(given["sector"])
    return Draft.of(demands.change(found, by=by.user, **given))


@router.post("/demands/{demand}/table", response={202: Draft}, openapi_extra=TABLE)
def give_table(request: HttpRequest, demand: Name, table: File[UploadedFile]) -> Status:
    """자료 표 올리기 · Upload the table; the scorer alone reads it, and sealing erases it."""
    found, by = owned(request, demand, "trials.post")
    taken = intake.take(table.chunks(), name=str(table.name))
    return Status(202, Draft.of(demands.give_table(found, taken, by=by.user)))


@router.post("/demands/{demand}/check", response={202: Draft})
def check_draft(request: HttpRequest, demand: Name) -> Status:
    """점검 · Have the scorer look at the draft and its table."""
    found, by = owned(request, demand, "trials.post")
    return Status(202, Draft.of(demands.check(found, by=by.user)))


@router.post("/demands/{demand}/seal", response={202: Draft})
def seal(request: HttpRequest, demand: Name) -> Status:
    """봉인 · Seal the data and register the rule, for good."""
    found, by = owned(request, demand, "trials.post")
    return Status(202, Draft.of(demands.seal(found, by=by.user)))


@router.post("/demands/{demand}/post", response=DemandLine)
def post(request: HttpRequest, demand: Name) -> DemandLine:
    """공고 · Post a sealed demand."""
    found, by = owned(request, demand, "trials.post")
    return DemandLine.of(demands.post(found, by=by.user))


@router.post("/demands/{demand}/put-off", response=DemandLine)
def put_off(request: HttpRequest, demand: Name, wanted: PutOff) -> DemandLine:
    """일정 미루기 · Put off a date that has not passed."""
    found, by = owned(request, demand, "trials.post")
    row = timing.put_off(
        found,
        wanted.which,
        wanted.to,
        reason=wanted.reason,
        by=by.user,
        name=by.organisation.name_ko,
    )
    return DemandLine.of(row)


@router.post("/demands/{demand}/withdraw", response=DemandLine)
def withdraw(request: HttpRequest, demand: Name, wanted: Reason) -> DemandLine:
    """철회 · Withdraw a demand that has not been decided."""
    found, by = owned(request, demand, "trials.post")
    return DemandLine.of(demands.withdraw(found, by=by.user, reason=wanted.reason))


@router.post("/demands/{demand}/close", response=DemandLine)
def close(request: HttpRequest, demand: Name) -> DemandLine:
    """최종 비교 시작 · Begin the final comparison."""
    found, by = _deciding(request, demand)
    return DemandLine.of(decisions.close(found, by=by.user))


@router.get("/demands/{demand}/progress", response=Progress)
def get_progress(request: HttpRequest, demand: Name) -> Progress:
    """최종 비교의 진행 · How far the final comparison is."""
    found, _ = owned(request, demand, "trials.see")
    return Progress(state=found.state, decide_by=found.decide_by, **decisions.standing(found))


@router.post("/demands/{demand}/repeat", response=DemandLine)
def repeat(request: HttpRequest, demand: Name) -> DemandLine:
    """플랫폼이 실패한 것 다시 실행 · Run again what the platform failed."""
    found, by = _deciding(request, demand)
    decisions.repeat(found, by=by.user)
    return DemandLine.of(found)


@router.post("/demands/{demand}/announce", response=DemandLine)
def announce(request: HttpRequest, demand: Name, wanted: Announcement) -> DemandLine:
    """판정 공개 · Announce the decision; objections may be filed from now on."""
    found, by = _deciding(request, demand)
    decisions.announce(found, by=by.user, reason=wanted.reason)
    found.refresh_from_db()
    return DemandLine.of(found)


@router.post("/demands/{demand}/confirm", response=DemandLine)
def confirm(request: HttpRequest, demand: Name) -> DemandLine:
    """판정 확정 · Make the decision final."""
    found, by = _deciding(request, demand)
    decisions.confirm(found, by=by.user)
    found.refresh_from_db()
    return DemandLine.of(found)


def _deciding(request: HttpRequest, demand: str) -> tuple[Demand, Caller]:
    """A demand on which the caller's organisation decides.

    Raises:
        Http404: It does not.
    """
    found, by = owned(request, demand, "trials.decide")
    check(of(request), "trials.decide", list(deciders(demand)))
    return found, by


def _parties(own: Organisation, wanted: NewDraft) -> tuple[Organisation, Organisation | None]:
    """Whose demand a draft becomes: the agency's, and the ministry's that acts for it.

    Raises:
        InputError: Not such organisations, or the caller's own is neither.
    """
    is_ministry = own.kind == "ministry"
    agency = _named(wanted.agency, *DEMANDING) if wanted.agency else own
    ministry = _named(wanted.ministry, "ministry") if wanted.ministry else None
    if is_ministry and ministry is None:
        ministry = own
    is_found = ministry is not None or not wanted.ministry
    is_own = ministry == own if is_ministry else agency == own
    if not (is_found and is_own) or agency is None or agency.kind not in DEMANDING:
        raise InputError(
            words(
                f"수요기관 {wanted.agency or own.slug}, 부처 {wanted.ministry or '-'}",
                f"the agency {wanted.agency or own.slug}, the ministry {wanted.ministry or '-'}",
            ),
            words(
                "수요기관과 부처, 둘 가운데 하나는 토큰의 기관",
                "an agency and a ministry, one of them the token's own organisation",
            ),
        )
    return agency, ministry


def _named(slug: str, *kinds: str) -> Organisation | None:
    return Organisation.objects.filter(slug=slug, kind__in=kinds, is_active=True).first()


def _check_sector(sector: str) -> None:
    if sector and sector not in SECTORS:
        raise InputError(
            words(f"분야 {ascii(sector)}", f"the sector {ascii(sector)}"),
            words(", ".join(SECTORS), ", ".join(SECTORS)),
        )
