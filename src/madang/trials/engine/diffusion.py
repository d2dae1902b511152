"""Does an adopted solution also serve the second, the third, the n-th agency?

Each agency runs the same sealed protocol on its own data: same task, frame, columns, metric,
baseline, decision rule, same solution. What leaves it is one difference from the baseline with its
standard error. These are pooled by random effects (`kernel.stats.pooling`), for agencies differ;
what the next agency asks is the prediction interval, not the interval of the mean.

The first agency's result is shown and not pooled, unless the demand said otherwise beforehand: the
solution was chosen by that very result, so it tends to be too good (the winner's curse).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from scipy.special import ndtri

from madang.kernel.stats.pooling import Pooled, pool
from madang.kernel.words import Words, words
from madang.trials.engine.errors import ProtocolDiffers
from madang.trials.engine.outlook import Outlook, outlook
from madang.trials.engine.record import Record
from madang.trials.engine.wheels import environment_name

if TYPE_CHECKING:
    from madang.kernel.trial import Column
    from madang.trials.engine.demand import Demand

_TITLES: Mapping[str, Words] = {
    "task": words("과제 유형", "the task"),
    "task_version": words("과제 유형의 판", "the version of the task"),
    "options": words("과제 설정", "the task's options"),
    "columns": words("자료의 열", "the columns of the data"),
    "frame": words("고정된 틀(시점, 범주 등)", "the frame (time grid, classes)"),
    "metric": words("지표", "the metric"),
    "baseline": words("기준 해법", "the baseline"),
    "rule": words("판정 규칙", "the decision rule"),
    "margin": words("판정 여유", "the margin"),
    "solution": words("해법의 지문", "the digest of the solution"),
    "environment": words("실행 환경", "the runtime"),
}


@dataclass(frozen=True, kw_only=True)
class Protocol(Record):
    """All that must be equal for results of several agencies to be one question's answers."""

    task: str
    task_version: int
    options: Mapping[str, Any]
    columns: tuple[str, ...]
    """Inputs and outcomes with kind, unit and levels, such as `age: number, years` and
    `smokes: category, no|yes`: a column in another unit would be another question."""
    frame: Mapping[str, Any]
    """Fixed at the first agency and taken over by all others."""
    metric: str
    """With its digest where the agency wrote it."""
    baseline: str
    rule: Literal["superiority", "non_inferiority"]
    margin: float
    solution: str
    """Digest of the submission."""
    environment: str = ""
    """Digest of the runtime in which it runs."""

    @classmethod
    def of(
        cls, demand: Demand, *, frame: Mapping[str, Any], solution: str, environment: str = ""
    ) -> Self:
        """The protocol of a registered demand and the solution adopted there."""
        described = (*demand.inputs, *demand.outcomes)
        return cls(
            task=demand.task_name,
            task_version=demand.task.version,
            options=dict(demand.options),
            columns=tuple(_described(each) for each in described),
            frame=dict(frame),
            metric=demand.measured_by,
            baseline=demand.decision.baseline,
            rule=demand.decision.rule,
            margin=demand.decision.margin,
            solution=solution,
            environment=environment or (environment_name(demand.wheels) if demand.wheels else ""),
        )

    @property
    def bound(self) -> float:
        """What the turned difference must lie below for the rule to hold."""
        return -self.margin if self.rule == "superiority" else self.margin

    def require_same(self, other: Protocol) -> None:
        """Refuse another protocol.

        Raises:
            ProtocolDiffers: The sentence names everything that differs.
        """
        mine, theirs = self.plain(), other.plain()
        differing = [title for name, title in _TITLES.items() if mine[name] != theirs[name]]
        if differing:
            raise ProtocolDiffers(
                words(
                    "처음과 다른 " + ", ".join(each.ko for each in differing),
                    "another protocol: " + ", ".join(each.en for each in differing) + " differ",
                ),
                words(
                    f"지문 {self.digest[:12]}…의 절차 그대로", f"the protocol {self.digest[:12]}…"
                ),
            )


def _described(column: Column) -> str:
    parts = (column.kind, column.unit, "|".join(column.levels))
    return f"{column.name}: {', '.join(part for part in parts if part)}"


@dataclass(frozen=True, kw_only=True)
class Confirmation(Record):
    """What one agency's sealed run gave.

    Raises:
        ProtocolDiffers: No case, or no positive standard error.
    """

    agency: str
    cases: int
    """Sealed cases of the final part."""
    difference: float
    """Solution less baseline, turned: below 0 is better."""
    standard_error: float
    at: datetime
    statement: str = ""
    """Digest of the statement in the agency's evidence log."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cases < 1 or not self.standard_error > 0:
            raise ProtocolDiffers(
                words(
                    f"사례 {self.cases}건, 표준오차 {self.standard_error:g}인 결과",
                    f"a result of {self.cases} cases, standard error {self.standard_error:g}",
                ),
                words(
                    "사례가 있고 표준오차가 0보다 큰 결과",
                    "a result with cases and a standard error above 0",
                ),
                words(
                    "해법과 기준의 답이 모두 같으면 차이를 잴 수 없습니다.",
                    "Where solution and baseline answer alike, there is no difference to measure.",
                ),
            )

    @classmethod
    def of(cls, row: Mapping[str, Any], *, agency: str, cases: int, at: datetime) -> Self:
        """From one row of a comparison's `against_baseline`."""
        return cls(
            agency=agency,
            cases=cases,
            difference=row["difference"],
            standard_error=row["standard_error"],
            at=at,
        )


class Row(NamedTuple):
    """One line of the forest plot, as improvement: above 0 is better than the baseline."""

    agency: str
    cases: int
    improvement: float
    low: float
    """Of this agency alone."""
    high: float
    share: float | None
    """Weight in the mean; None where it is shown and not pooled."""


@dataclass(frozen=True, kw_only=True)
class Diffusion(Record):
    """One solution's way from agency to agency."""

    protocol: Protocol
    origin: str
    """The agency whose trial chose the solution."""
    pool_origin: bool = False
    """Declared before the first confirmation; see the module for why it is off."""
    confirmations: tuple[Confirmation, ...] = field(default=())

    def confirm(self, confirmation: Confirmation, protocol: Protocol) -> Diffusion:
        """Take in what one more agency found.

        Args:
            confirmation: Its result.
            protocol: What it ran.

        Raises:
            ProtocolDiffers: Another protocol, or an agency that confirmed before.
        """
        self.protocol.require_same(protocol)
        if any(each.agency == confirmation.agency for each in self.confirmations):
            raise ProtocolDiffers(
                words(
                    f"{confirmation.agency!r}의 두 번째 결과",
                    f"a second result of {confirmation.agency!r}",
                ),
                words("기관마다 한 번의 봉인 실행", "one sealed run an agency"),
            )
        return replace(self, confirmations=(*self.confirmations, confirmation))

    def pooled(self, *, level: float = 0.95) -> Pooled | None:
        """The turned differences together; None before there is one to pool."""
        counted = self._counted()
        if not counted:
            return None
        return pool(
            [each.difference for each in counted],
            [each.standard_error for each in counted],
            level=level,
        )

    def rows(self, *, level: float = 0.95) -> tuple[Row, ...]:
        """Every agency in the order in which they came, for the forest plot and its table."""
        pooled = self.pooled(level=level)
        counted = [each.agency for each in self._counted()]
        shares = dict(zip(counted, pooled.shares if pooled else (), strict=True))
        half = float(ndtri((1 + level) / 2))
        return tuple(
            Row(
                each.agency,
                each.cases,
                -each.difference + 0.0,
                -each.difference - half * each.standard_error,
                -each.difference + half * each.standard_error,
                shares.get(each.agency),
            )
            for each in self.confirmations
        )

    def outlook(self, *, level: float = 0.95) -> Outlook:
        """What is known, what is not, and what the next agency may expect."""
        return outlook(
            self.pooled(level=level),
            bound=self.protocol.bound,
            confirmed=len(self.confirmations),
        )

    def _counted(self) -> tuple[Confirmation, ...]:
        return tuple(
            each for each in self.confirmations if self.pool_origin or each.agency != self.origin
        )
