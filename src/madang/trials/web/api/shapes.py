"""In which shape are demands and what belongs to them told to programs?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from madang.portal.api.shapes import Body, Words

if TYPE_CHECKING:
    from madang.trials.web.models import Demand

Tier = Literal["predictions", "onnx", "python"]
PublicState = Literal[
    "posted",
    "open",
    "evaluating",
    "evaluated",
    "decided",
    "final",
    "adopting",
    "live",
    "ended",
    "withdrawn",
]
RunState = Literal["queued", "running", "done", "failed", "cancelled"]


class Dates(BaseModel):
    """When a demand's phases begin and end."""

    posted: datetime | None
    questions_until: datetime | None
    opens: datetime | None
    closes: datetime | None
    decide_by: datetime | None
    objections_until: datetime | None

    @classmethod
    def of(cls, row: Demand) -> Dates:
        """From its row."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class DemandLine(BaseModel):
    """A demand in a list."""

    name: str
    title: Words
    agency: Body
    state: str
    state_title: Words
    task: str = Field(description="과제 유형 · The kind of task")
    sector: str
    submissions: int
    dates: Dates
    page: str = Field(description="사람이 보는 화면의 주소 · The page for people")

    @classmethod
    def of(cls, row: Demand) -> DemandLine:
        """From its row."""
        return cls(**line(row))


def line(row: Demand) -> dict[str, Any]:
    """What every telling of a demand begins with."""
    return {
        "name": row.name,
        "title": Words.of(row.title),
        "agency": Body.of(row.agency),
        "state": row.state,
        "state_title": Words.of(row.state_title),
        "task": row.task,
        "sector": row.sector,
        "submissions": row.submission_count,
        "dates": Dates.of(row),
        "page": row.get_absolute_url(),
    }


class File(BaseModel):
    """A public file of a demand."""

    name: str
    title: Words
    bytes: int
    digest: str = Field(description="SHA-256")
    url: str
    csv_url: str | None


class Metric(BaseModel):
    """A score that is computed."""

    name: str
    title: Words
    direction: Literal["lower", "higher"] = Field(description="나은 쪽 · Which way is better")
    unit: str


class Outputs(BaseModel):
    """The form of a solution's answers."""

    kind: str
    columns: list[str]
    lowest: float | None
    highest: float | None
    row_rule: str | None
    levels: list[str]


class DemandFull(DemandLine):
    """A demand with its rule and its public data."""

    problem: Words
    ministry: Body | None
    origin: str | None = Field(
        description="이 수요가 확인하는 첫 수요 · The demand whose solution it confirms"
    )
    plain: dict[str, Any] = Field(description="등록한 수요 전체 · The whole demand as registered")
    digest: str = Field(description="등록의 지문(SHA-256) · Digest of the registration")
    sizes: dict[str, int] = Field(description="부분마다 사례 수 · How many cases in which part")
    tiers: list[Tier]
    quota: int = Field(description="팀마다 제출 횟수 · Submissions of a team")
    limits: dict[str, float] = Field(description="실행 한도 · What a run may use")
    metrics: list[Metric]
    metric: str = Field(description="판정하는 지표 · The metric that decides")
    baselines: list[Baseline]
    detectable_difference: float | None = Field(
        description="검정력 80 %로 찾아낼 수 있는 차이 · Found with 80 % power"
    )
    outputs: Outputs | None
    frame: dict[str, Any]
    files: list[File]


class Baseline(BaseModel):
    """A trivial solution's score on the board part."""

    name: str
    title: Words
    shown: float


DemandFull.model_rebuild()
