"""What does the agency ask for, on which data, and by which rule will it decide?

A demand is written in YAML (`demand.schema.json` is its schema) and registered before the first
run: its digest enters the evidence log, so that nobody can move the goal afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import rfc8785

from madang.kernel import ids
from madang.kernel.trial import Column, Part, Task, find_task
from madang.kernel.words import Words
from madang.trials.engine.own_metric import OwnMetric
from madang.trials.engine.phases import Timetable
from madang.trials.engine.rubric import Rubric
from madang.trials.engine.wheels import Wheel

if TYPE_CHECKING:
    from collections.abc import Mapping

Tier = Literal["predictions", "onnx", "python"]


@dataclass(frozen=True, kw_only=True)
class DecisionRule:
    """How the agency will decide, fixed before the first run."""

    metric: str
    baseline: str
    """The trivial baseline that a solution must beat, or must not fall behind."""
    rule: Literal["superiority", "non_inferiority"]
    margin: float = 0.0
    """In the metric's unit: by how much a solution must be better, or may be worse."""
    alpha: float = 0.05
    """Probability that any solution is adopted wrongly (family-wise)."""
    secondary: tuple[str, ...] = ()
    guard: Mapping[str, float]
    """Metric → worst value that an adopted solution may have."""


@dataclass(frozen=True, kw_only=True)
class RunLimits:
    """What one run may use."""

    wall_s: float = 60.0
    memory_mb: int = 2048
    step_s: float = 5.0
    """Longest time for one action of a replay."""
    submission_mb: int = 64


@dataclass(frozen=True, kw_only=True)
class Demand:
    """A registered or registrable demand."""

    name: str
    title: Words
    ministry: Words
    problem: Words
    source: Words
    task_name: str
    options: Mapping[str, Any]
    id_column: str
    group_column: str | None
    encoding: Literal["utf-8", "cp949"]
    inputs: tuple[Column, ...]
    outcomes: tuple[Column, ...]
    titles: Mapping[str, Words]
    """Column → its title for readers."""
    shares: Mapping[Part, float]
    seed: int
    tiers: tuple[Tier, ...]
    limits: RunLimits
    quota: int
    decision: DecisionRule
    subgroups: tuple[str, ...]
    minimum_cell: int
    own_metric: OwnMetric | None
    wheels: tuple[Wheel, ...]
    """Packages that Python source may import beside the fixed environment."""
    ignored: tuple[str, ...] = ()
    """Columns of the table that are left out before anything looks at them."""
    plain: Mapping[str, Any]
    """The demand as plain data; its canonical JSON gives the digest."""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: comments and layout of the YAML do not matter."""
        return ids.digest(rfc8785.dumps(dict(self.plain)))

    @property
    def task(self) -> Task:
        """The task that the demand names."""
        return find_task(self.task_name)

    @property
    def measured_by(self) -> str:
        """The decision's metric; with its digest where the agency wrote it."""
        own, metric = self.own_metric, self.decision.metric
        return f"{metric} {own.digest}" if own and metric == own.metric.name else metric

    @property
    def timetable(self) -> Timetable | None:
        """The dates that the demand declares, if any.

        Raises:
            InputError: They are no dates, or not in their order.
        """
        phases = self.plain.get("phases")
        return Timetable.from_plain(phases) if phases is not None else None

    @property
    def rubric(self) -> Rubric | None:
        """What evaluators judge beside the measured part, if anything.

        Raises:
            InputError: It cannot be used.
        """
        rubric = self.plain.get("rubric")
        return Rubric.from_plain(rubric) if rubric is not None else None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Identifier, group, inputs and outcomes: what the agency's table must have."""
        extra = [Column(name=self.id_column, kind="text")]
        if self.group_column and self.group_column not in {c.name for c in self.inputs}:
            extra.append(Column(name=self.group_column, kind="text"))
        return (*extra, *self.inputs, *self.outcomes)
