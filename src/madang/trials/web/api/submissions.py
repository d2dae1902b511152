"""How does a program try a solution, hand it in, watch its run and learn what came of it?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Status
from ninja.files import UploadedFile
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from madang.kernel.words import words
from madang.portal.access import of
from madang.portal.api.pages import After, Limit, Page, page
from madang.portal.api.shapes import Words
from madang.portal.limits import spend
from madang.portal.models import JobRun
from madang.trials.engine.submission import Handed, check_name, unpacked
from madang.trials.web.api.callers import Caller, Name, caller, public
from madang.trials.web.api.router import router
from madang.trials.web.api.shapes import RunState, Tier
from madang.trials.web.models import Rehearsal, Submission
from madang.trials.web.services import results, submissions, teams
from madang.trials.web.views.runs import cause_words, told
from madang.trials.web.views.submissions import SUBMITTED, seen_by

if TYPE_CHECKING:
    from madang.trials.web.models import Demand

LARGEST_BYTES = 1024 * 2**20
"""The most that any demand may allow; its own limit is looked at before anything is read."""
EXTRA = {"x-largest-bytes": LARGEST_BYTES}

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
Title = Annotated[str, StringConstraints(max_length=200)]


class Run(BaseModel):
    """How far a run is."""

    state: RunState
    share: float | None = Field(
        description="0에서 100; 실행 중일 때만 · From 0 to 100, while it runs"
    )
    saying: Words
    ahead: int = Field(description="앞에 기다리는 실행 · Runs that are due before it")

    @classmethod
    def of(cls, run: str) -> Run:
        """From the queue."""
        row = JobRun.objects.filter(id=run).first()
        if row is None:
            raise Http404
        found = told(row, [])
        return cls(
            state=cast("RunState", found.state),
            share=found.share,
            saying=Words.of(found.saying),
            ahead=found.ahead,
        )


class RehearsalOut(BaseModel):
    """A run on the open sample."""

    id: str
    demand: str
    tier: Tier
    files: dict[str, str] = Field(
        description="파일 이름과 SHA-256 · Name of a file and its SHA-256"
    )
    at: datetime
    run: Run
    is_over: bool
    is_good: bool = Field(description="끝까지 실행했는지 · Whether it ran to its end")
    cause: str
    cause_title: Words
    reason: Words | None
    scores: dict[str, float | None]
    cases: int | None
    wall_s: float | None
    memory_peak_bytes: int | None
    log: str = Field(description="출력한 것 전부 · Everything that it wrote")

    @classmethod
    def of(cls, row: Rehearsal) -> RehearsalOut:
        """From its row."""
        result: dict[str, Any] = row.result
        cause = result.get("cause") or result.get("failed") or ""
        reason = result.get("reason")
        return cls(
            id=row.run,
            demand=row.demand.name,
            tier=cast("Tier", row.tier),
            files=row.files,
            at=row.at,
            run=Run.of(row.run),
            is_over=bool(result),
            is_good=bool(result) and not cause,
            cause=cause,
            cause_title=Words.of(cause_words(cause)),
            reason=Words(**reason) if reason else None,
            scores=result.get("scores", {}),
            cases=result.get("cases"),
            wall_s=result.get("wall_s"),
            memory_peak_bytes=result.get("memory_peak_bytes"),
            log=result.get("log", ""),
        )


class Release(BaseModel):
    """What the board was allowed to say."""

    is_improved: bool
    shown: float | None
    low: float | None
    high: float | None
    step: float | None = Field(
        description="다음 공개에 필요한 개선 · By how much the next must be better"
    )


class SubmissionLine(BaseModel):
    """A submission in a list."""

    id: str
    demand: str
    team: str
    name: str
    title: Words
    tier: Tier
    state: RunState
    cause: str
    release: Release | None
    received: datetime
    ended: datetime | None

    @classmethod
    def of(cls, row: Submission) -> SubmissionLine:
        """From its row."""
        return cls(**_line(row))


class SubmissionOut(SubmissionLine):
    """A submission, and what came of its run."""

    digest: str
    files: dict[str, str]
    run: Run
    is_over: bool
    cause_title: Words
    result: Words | None = Field(description="결과 한 줄 · What came of it, in a line")
    sentences: list[Words]
    telltale: dict[str, Any] = Field(
        description="실패한 자리: 단계, 예외, 파일, 줄 · Where it failed"
    )
    counts: bool | None = Field(
        description="제출 횟수에 세는지 · Whether it counts against the quota"
    )
    page: str

    @classmethod
    def of(cls, row: Submission) -> SubmissionOut:
        """From its row."""
        result = results.result(row.demand, row)
        return cls(
            **_line(row),
            digest=row.digest,
            files=row.files,
            run=Run.of(row.run),
            is_over=row.state in ("done", "failed", "cancelled"),
            cause_title=Words.of(cause_words(row.cause)),
            result=Words.of(result.title) if result else None,
            sentences=[Words.of(each) for each in result.sentences] if result else [],
            telltale=row.detail.get("telltale") or {},
            counts=row.detail.get("counts"),
            page=f"/trials/submissions/{row.pk}",
        )


class Handing(BaseModel):
    """What goes with the files."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]
    tier: Tier
    title_ko: Title = ""
    title_en: Title = ""


class Trying(BaseModel):
    """What goes with the files of a rehearsal."""

    model_config = ConfigDict(extra="forbid")

    tier: Tier


@router.post("/demands/{demand}/rehearsals", response={202: RehearsalOut}, openapi_extra=EXTRA)
def rehearse(
    request: HttpRequest, demand: Name, given: Form[Trying], files: File[list[UploadedFile]]
) -> Status:
    """예행 실행 · Try a solution on the open sample.

    제출 횟수에 세지 않으며, 출력한 것 전부를 돌려줍니다. · It costs no quota and tells everything
    that the solution wrote.
    """
    found = public(request, demand)
    by = _acting(request)
    row = submissions.rehearse(
        found, by.organisation, by=by.user, tier=given.tier, files=_contents(found, files)
    )
    return Status(202, RehearsalOut.of(row))


@router.get("/rehearsals/{rehearsal}", response=RehearsalOut)
def get_rehearsal(request: HttpRequest, rehearsal: Identifier) -> RehearsalOut:
    """예행 실행의 결과와 출력 · What came of a rehearsal, with its log."""
    by = caller(request, "trials.submit")
    row = (
        Rehearsal.objects.select_related("demand")
        .filter(run=rehearsal, company=by.organisation)
        .first()
    )
    if row is None:
        raise Http404
    return RehearsalOut.of(row)


@router.post("/demands/{demand}/submissions", response={201: SubmissionOut}, openapi_extra=EXTRA)
def submit(
    request: HttpRequest, demand: Name, given: Form[Handing], files: File[list[UploadedFile]]
) -> Status:
    """해법 제출 · Hand in a solution.

    파일 여러 개 또는 zip 하나를 냅니다. 팀이 없으면 기업 혼자 팀이 됩니다. · Takes several files
    or one zip. A company without a team becomes a team of its own.
    """
    found = public(request, demand)
    by = _acting(request)
    row = submissions.hand_in(
        found,
        by.organisation,
        by=by.user,
        name=check_name(given.name),
        titles=words(
            given.title_ko.strip() or given.title_en.strip() or given.name,
            given.title_en.strip() or given.title_ko.strip() or given.name,
        ),
        tier=given.tier,
        files=_contents(found, files),
    )
    return Status(201, SubmissionOut.of(row))


@router.get("/submissions", response=Page[SubmissionLine])
def list_submissions(
    request: HttpRequest,
    response: HttpResponse,
    demand: Name | None = None,
    state: RunState | None = None,
    tier: Tier | None = None,
    limit: Limit = 20,
    after: After = "",
) -> Page[SubmissionLine]:
    """볼 수 있는 제출 목록 · The submissions that the caller may see."""
    found = seen_by(of(request))
    for name, value in (("demand__name", demand), ("state", state), ("tier", tier)):
        if value:
            found = found.filter(**{name: value})
    return page(request, response, found, SubmissionLine.of, limit=limit, after=after)


@router.get("/submissions/{submission}", response=SubmissionOut)
def get_submission(request: HttpRequest, submission: Identifier) -> SubmissionOut:
    """제출의 상태와 결과 · Where a submission stands, and what came of it."""
    return SubmissionOut.of(_seen(request, submission))


@router.post("/submissions/{submission}/cancel", response={202: SubmissionOut})
def cancel(request: HttpRequest, submission: Identifier) -> Status:
    """실행 취소 · Ask for the end of a run; one that is cancelled costs no quota."""
    by = caller(request, "trials.submit")
    row = _seen(request, submission)
    own = teams.of(row.demand, by.organisation)
    if own is None or own.pk != row.team_id:
        raise Http404
    submissions.cancel(row, by=by.user)
    row.refresh_from_db()
    return Status(202, SubmissionOut.of(row))


def _acting(request: HttpRequest) -> Caller:
    """Who hands in; pages and programs share one limit."""
    by = caller(request, "trials.submit")
    for who in (f"organisation/{by.organisation.pk}", f"user/{by.user.pk}"):
        spend("submission", SUBMITTED, who)
    return by


def _seen(request: HttpRequest, submission: str) -> Submission:
    row = seen_by(of(request)).filter(pk=submission).first()
    if row is None:
        raise Http404
    return row


def _contents(demand: Demand, files: list[UploadedFile]) -> dict[str, bytes]:
    megabytes = int(demand.registration.get("limits", {}).get("submission_mb", 64))
    handed = [Handed(str(each.name), int(each.size or 0), each.read) for each in files]
    return unpacked(handed, largest_bytes=megabytes * 2**20)


def _line(row: Submission) -> dict[str, Any]:
    return {
        "id": row.pk,
        "demand": row.demand.name,
        "team": row.team.name,
        "name": row.name,
        "title": Words.of(row.title),
        "tier": row.tier,
        "state": row.state,
        "cause": row.cause,
        "release": _release(row.release) if row.release else None,
        "received": row.received,
        "ended": row.ended,
    }


def _release(plain: dict[str, Any]) -> Release:
    is_improved = bool(plain.get("improved"))
    low, high = (plain.get("interval") or (None, None)) if is_improved else (None, None)
    return Release(
        is_improved=is_improved,
        shown=plain.get("shown") if is_improved else None,
        low=low,
        high=high,
        step=plain.get("step"),
    )
