"""What does the board show, how was it decided, and who objects?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from ninja import Status
from pydantic import BaseModel, Field

from madang.portal import objects
from madang.portal.access import check, of
from madang.portal.api.description import file_answer
from madang.portal.api.pages import After, Limit, Page, page
from madang.portal.api.shapes import Body, LongText, Number, Taken, Words
from madang.trials.engine.decision import Decision as Ruled
from madang.trials.engine.decision import sentence
from madang.trials.engine.objection import Ground, Outcome
from madang.trials.web.api.callers import Name, caller, owned, public
from madang.trials.web.api.router import router
from madang.trials.web.models import Objection
from madang.trials.web.services import boards, objections, reports
from madang.trials.web.services.house import office
from madang.trials.web.views.board import WITHOUT
from madang.trials.web.views.decision import may_see

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.trials.web.models import Demand


class Score(BaseModel):
    """A line of the board."""

    rank: int | None = Field(description="기준은 null · Null for a baseline")
    team: Words
    solution: Words
    shown: float
    low: float | None
    high: float | None
    releases: int | None


class Board(BaseModel):
    """Released scores beside the baselines."""

    demand: str
    metric: str
    metric_title: Words
    direction: Literal["lower", "higher"]
    bits: float = Field(description="봉인 밖으로 나간 정보 · Bits that have left the seal")
    budget: int
    rows: list[Score]
    baselines: list[Score]


class Compared(BaseModel):
    """A line of the final comparison."""

    rank: int
    name: str
    title: Words
    team: str
    is_baseline: bool
    is_adopted: bool
    score: float
    low: float
    high: float
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p: float | None


class DecisionOut(BaseModel):
    """What was compared and what follows from it."""

    demand: str
    state: str
    verdict: Words = Field(description="규칙에서 나온 결론 · What follows from the rule")
    adopted: str | None
    passed: list[str]
    equals: list[str]
    announced: datetime | None
    reason: str
    confirmed: datetime | None
    objections_until: datetime | None
    rows: list[Compared]
    reports: list[str] = Field(description="보고서의 주소 · Addresses of the report")


class ObjectionOut(BaseModel):
    """An objection and its answer."""

    number: int
    demand: str
    company: Body
    ground: Ground
    text: str
    filed: datetime
    withdrawn: datetime | None
    outcome: Outcome | None
    answer: str
    answered: datetime | None

    @classmethod
    def of(cls, row: Objection) -> ObjectionOut:
        """From its row."""
        names = ("ground", "text", "filed", "withdrawn", "answer", "answered")
        return cls(
            number=row.pk,
            demand=row.demand.name,
            company=Body.of(row.company),
            outcome=cast("Outcome", row.outcome) if row.outcome else None,
            **{name: getattr(row, name) for name in names},
        )


class NewObjection(Taken):
    """An objection to be filed."""

    ground: Ground
    text: LongText


class ObjectionAnswer(Taken):
    """An answer to an objection."""

    outcome: Outcome
    text: LongText


@router.get("/demands/{demand}/board", auth=None, response=Board)
def get_board(request: HttpRequest, demand: Name) -> Board:
    """순위판 · The board."""
    found = public(request, demand)
    if found.state in WITHOUT:
        raise Http404
    scored = boards.metric(found)
    return Board(
        demand=found.name,
        metric=found.metric,
        metric_title=Words.of(scored.title),
        direction="lower" if scored.lower_is_better else "higher",
        bits=found.bits,
        budget=boards.budget(found),
        rows=_scores(boards.rows(boards.ranked(found))),
        baselines=_scores(boards.baselines(found)),
    )


@router.get("/demands/{demand}/decision", auth=None, response=DecisionOut)
def get_decision(request: HttpRequest, demand: Name) -> DecisionOut:
    """판정 · The decision, once it is announced."""
    found = public(request, demand)
    decided = getattr(found, "decision", None)
    if decided is None or found.state == "evaluating" or not may_see(found, of(request)):
        raise Http404
    lines = boards.compared(found, decided)
    facts = decided.facts
    return DecisionOut(
        demand=found.name,
        state=found.state,
        verdict=Words.of(_verdict(found, lines)),
        adopted=facts.get("adopted"),
        passed=list(facts.get("passed", [])),
        equals=list(facts.get("equals", [])),
        announced=decided.announced,
        reason=decided.reason,
        confirmed=decided.confirmed,
        objections_until=found.objections_until,
        rows=[Compared(**{**each._asdict(), "title": Words.of(each.title)}) for each in lines],
        reports=[
            f"{request.path.removesuffix('/decision')}/report.{kind}"
            for kind in reports.KINDS
            if reports.report(found, kind)
        ],
    )


@router.get(
    "/demands/{demand}/report.{kind}",
    auth=None,
    response={200: None},
    openapi_extra=file_answer(*(kind.partition(";")[0] for kind in reports.KINDS.values())),
)
def download_report(
    request: HttpRequest, demand: Name, kind: Literal["html", "pdf", "json"]
) -> FileResponse:
    """서명한 보고서 내려받기 · Download the signed report."""
    found = reports.report(public(request, demand), kind)
    if found is None:
        raise Http404
    return FileResponse(
        objects.objects().open(found.digest),
        as_attachment=True,
        filename=found.name,
        content_type=found.media_type,
    )


@router.get("/demands/{demand}/objections", response=Page[ObjectionOut])
def list_objections(
    request: HttpRequest,
    response: HttpResponse,
    demand: Name,
    limit: Limit = 20,
    after: After = "",
) -> Page[ObjectionOut]:
    """이의신청 목록 · The objections: an owner sees all, a company its own."""
    found = public(request, demand)
    access = of(request)
    rows = Objection.objects.filter(demand=found).select_related("company", "demand")
    is_owner = access.may("trials.answer", *found.owners) or access.everywhere("trials.see")
    if not is_owner:
        rows = rows.filter(company__in=access.holding("trials.submit"))
    return page(
        request, response, rows, ObjectionOut.of, limit=limit, after=after, oldest_first=True
    )


@router.post("/demands/{demand}/objections", response={201: ObjectionOut})
def file_objection(request: HttpRequest, demand: Name, wanted: NewObjection) -> Status:
    """이의신청 · File an objection to an announced decision."""
    by = caller(request, "trials.submit")
    row = objections.file(
        public(request, demand),
        by.organisation,
        by=by.user,
        ground=wanted.ground,
        text=wanted.text,
    )
    return Status(201, ObjectionOut.of(row))


@router.post("/demands/{demand}/objections/{number}/withdraw", response=ObjectionOut)
def withdraw_objection(request: HttpRequest, demand: Name, number: Number) -> ObjectionOut:
    """이의신청 철회 · Take an objection back."""
    by = caller(request, "trials.submit")
    row = _objection(public(request, demand), number)
    check(of(request), "trials.submit", [row.company_id])
    objections.withdraw(row, by=by.user)
    row.refresh_from_db()
    return ObjectionOut.of(row)


@router.post("/demands/{demand}/objections/{number}/answer", response=ObjectionOut)
def answer_objection(
    request: HttpRequest, demand: Name, number: Number, wanted: ObjectionAnswer
) -> ObjectionOut:
    """이의신청에 답변 · Answer an objection, once."""
    found, by = owned(request, demand, "trials.answer")
    row = _objection(found, number)
    objections.answer(row, by=by.user, outcome=wanted.outcome, text=wanted.text)
    row.refresh_from_db()
    return ObjectionOut.of(row)


def _objection(demand: Demand, number: int) -> Objection:
    rows = Objection.objects.select_related("company", "demand")
    row = rows.filter(demand=demand, pk=number).first()
    if row is None:
        raise Http404
    return row


def _scores(rows: Sequence[boards.Row]) -> list[Score]:
    return [
        Score(
            rank=each.rank,
            team=_both(each.title),
            solution=_both(each.solution),
            shown=each.shown,
            low=each.low,
            high=each.high,
            releases=each.releases,
        )
        for each in rows
    ]


def _both(text: Any) -> Words:
    return Words(ko=text, en=text) if isinstance(text, str) else Words.of(text)


def _verdict(demand: Demand, lines: Sequence[boards.Compared]) -> Any:
    ruled = Ruled.from_plain(demand.decision.facts)
    rule = office().workspace.demand_folder(demand.name).demand.decision
    return sentence(ruled, rule, {each.name: each.title for each in lines})
