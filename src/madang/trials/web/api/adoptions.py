"""At which gate does an adoption stand, and how does an agency's system report what it sees?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from django.http import Http404, HttpRequest
from ninja import Status
from pydantic import BaseModel, Field, StringConstraints

from madang.kernel import clock
from madang.portal.access import check, of
from madang.portal.api.shapes import Body, Moment, Taken, Words
from madang.trials.web.api.callers import Caller, Name, caller, seen
from madang.trials.web.api.router import router
from madang.trials.web.models import Adoption
from madang.trials.web.services import adoptions, gates
from madang.trials.web.views.consultation import parties_of, required_side

if TYPE_CHECKING:
    from madang.kernel import words
    from madang.trials.engine.adoption import Adoption as Course


T = TypeVar("T", bound=BaseModel)

Real = Annotated[float, Field(allow_inf_nan=False, ge=-1e300, le=1e300)]
Count = Annotated[int, Field(ge=0, le=2**53)]


class GateOut(BaseModel):
    """One step into use."""

    name: str
    title: Words
    share: float
    fewest_days: int


class MeasureOut(BaseModel):
    """What is observed."""

    name: str
    title: Words
    kind: str
    low: float
    high: float


class ReadingOut(BaseModel):
    """A stop rule held against what was observed."""

    measure: str
    n: int
    mean: float | None
    lower: float
    upper: float
    limit: float
    standing: str
    sentence: Words


class AdoptionOut(BaseModel):
    """Where an adoption stands."""

    demand: str
    agency: Body
    company: Body
    submission: str
    is_ready: bool = Field(
        description="협의가 끝났는지 · Whether the consultation allows a gate to open"
    )
    state: str | None = Field(description="계획이 없으면 null · Null before there is a plan")
    gate: str | None
    share: float = Field(description="지금 맡은 비율 · The share of cases it serves now")
    attempt: int
    plan_digest: str | None
    gates: list[GateOut]
    measures: list[MeasureOut]
    readings: list[ReadingOut]
    wanting: list[Words] = Field(
        description="다음 관문에 모자란 것 · What is wanting for the next gate"
    )
    batches: list[str] = Field(description="받은 보고의 이름 · Names of the batches taken in")
    live_since: datetime | None

    @classmethod
    def of(cls, row: Adoption) -> AdoptionOut:
        """From its row."""
        agreed, course = adoptions.consultation(row), adoptions.course(row)
        return cls(
            demand=row.demand.name,
            agency=Body.of(row.agency),
            company=Body.of(row.company),
            submission=row.submission_id,
            is_ready=bool(agreed and agreed.is_ready),
            live_since=row.live_since,
            **(_told(course) if course else _NO_PLAN),
        )


_NO_PLAN: dict[str, Any] = {
    **{"state": None, "gate": None, "share": 0.0, "attempt": 0, "plan_digest": None},
    **{"gates": [], "measures": [], "readings": [], "wanting": [], "batches": []},
}


class BatchIn(Taken):
    """Observations of one measure. Exactly one form: events, worse and better, values, or mean."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="기관이 붙인 이름; 같은 이름은 한 번만 · The agency's own; each is taken once"
    )
    measure: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    observed_from: Moment
    observed_until: Moment
    n: Annotated[int, Field(ge=1, le=2**40)]
    events: Count | None = None
    worse: Count | None = None
    better: Count | None = None
    values: Annotated[list[Real], Field(max_length=50_000)] = []
    mean: Real | None = None
    source: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = Field(
        default="", description="원본 파일의 SHA-256 · SHA-256 of the file it comes from"
    )


class MoveIn(Taken):
    """A move of the pilot."""

    move: Literal["open", "advance", "resume", "pause", "stop", "end", "roll_back"]
    reason: Annotated[str, StringConstraints(max_length=4000)] = ""
    to: Annotated[str, StringConstraints(max_length=60)] = Field(
        default="", description="roll_back에만: 되돌아갈 관문 · For roll_back: the gate"
    )


@router.get("/demands/{demand}/adoption", response=AdoptionOut)
def get_adoption(request: HttpRequest, demand: Name) -> AdoptionOut:
    """도입 관문과 관찰 · Where the gates stand and what was observed."""
    row, _ = _adoption(request, demand)
    return AdoptionOut.of(row)


@router.post("/demands/{demand}/adoption/observations", response={201: AdoptionOut})
def report_observations(request: HttpRequest, demand: Name, batch: BatchIn) -> Status:
    """관찰값 보고 · Report observations; a rule that trips stops the pilot at once."""
    row, by = _adoption(request, demand)
    at = required_side(row, of(request))
    plain = batch.model_dump(exclude_none=True)
    plain |= {
        "observed_from": clock.stamp(batch.observed_from),
        "observed_until": clock.stamp(batch.observed_until),
    }
    gates.report(row, plain, by=by.user, at=at)
    row.refresh_from_db()
    return Status(201, AdoptionOut.of(row))


@router.post("/demands/{demand}/adoption/moves", response=AdoptionOut)
def move_gate(request: HttpRequest, demand: Name, wanted: MoveIn) -> AdoptionOut:
    """관문 움직이기 · Move the pilot; a company may pause or stop it."""
    row, by = _adoption(request, demand)
    at = required_side(row, of(request))
    gates.move(row, wanted.move, by=by.user, at=at, reason=wanted.reason, to=wanted.to)
    row.refresh_from_db()
    return AdoptionOut.of(row)


def _adoption(request: HttpRequest, demand: str) -> tuple[Adoption, Caller]:
    """The adoption of a demand in which the caller has a part.

    Raises:
        Http404: There is none such.
        PermissionDenied: The caller has a part in none at all.
    """
    by = caller(request, "trials.adopt")
    check(of(request), "trials.adopt", list(parties_of(demand)))
    seen(request, demand)
    found = Adoption.objects.select_related("demand", "agency", "company", "submission")
    row = found.filter(demand__name=demand).first()
    if row is None:
        raise Http404
    return row, by


def _told(course: Course) -> dict[str, Any]:
    plan = course.plan
    titles = {each.name: each.title for each in plan.measures}
    is_running = course.state == "running" and not course.is_live
    return {
        "state": course.state,
        "gate": course.gate.name if course.gate else None,
        "share": course.share,
        "attempt": course.attempt,
        "plan_digest": plan.digest,
        "gates": [_shaped(GateOut, each, each.title) for each in plan.gates],
        "measures": [_shaped(MeasureOut, each, each.title) for each in plan.measures],
        "readings": [
            ReadingOut(
                **{
                    name: getattr(each, name)
                    for name in ReadingOut.model_fields
                    if name != "sentence"
                },
                sentence=Words.of(each.sentence(titles[each.measure])),
            )
            for each in course.readings()
        ],
        "wanting": [Words.of(each) for each in course.wanting(at=clock.now())]
        if is_running
        else [],
        "batches": list(course.batches),
    }


def _shaped(shape: type[T], value: Any, title: words.Words) -> T:
    """A value of the engine in a shape of the same names, its title as the API has titles."""
    names = set(shape.model_fields) - {"title"}
    return shape(title=Words.of(title), **{name: getattr(value, name) for name in names})
