"""How good are answers, and is one solution better than another? Pure functions over outcomes.

Every comparison is paired: both solutions answer for the same cases, and most of the noise is
common to both. Scores are turned so that *lower is better* before they are compared, and back
before they are shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from madang.trials.engine.measuring import TaskMeasure, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats, Frame, Metric, Options, Predictions, Task
    from madang.trials.engine.demand import Demand
    from madang.trials.engine.measuring import Measure
    from madang.trials.engine.own_metric import OwnMetric

T = TypeVar("T")

BLOCKS = 200
"""Delete-a-block jackknife for the losses of such metrics: at most this many scores."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A task with its options and frame: what turns answers into numbers."""

    task: Task
    frame: Frame
    options: Options
    own: OwnMetric | None = None
    """The agency's own metric beside those of the task."""

    @classmethod
    def of(cls, demand: Demand, frame: Frame) -> Scale:
        """The scale of a demand."""
        return cls(task=demand.task, frame=frame, options=demand.options, own=demand.own_metric)

    @property
    def metrics(self) -> dict[str, Metric]:
        """Metrics by name."""
        known = self.task.metrics(frame=self.frame, options=self.options)
        own = (self.own.metric,) if self.own else ()
        return {each.name: each for each in (*known, *own)}

    def measured(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        answers: Sequence[Predictions],
        work: Callable[[Measure], T],
    ) -> T:
        """Let some work ask for as many scores of these cases as it needs.

        Args:
            metric: The metric.
            outcomes: (n) outcomes.
            answers: n answers of each solution.
            work: work(measure) → its result.

        Raises:
            MetricFailed: The agency's own metric was stopped in its jail.
        """
        if self.own and metric == self.own.metric.name:
            return measured(self.own, outcomes, answers, work)
        return work(
            TaskMeasure(
                task=self.task,
                metric=metric,
                frame=self.frame,
                options=self.options,
                outcomes=outcomes,
                answers=answers,
            )
        )

    def score(self, metric: str, outcomes: pl.DataFrame, answers: Predictions) -> float:
        """The metric over all cases, as published (not turned)."""
        return self.measured(metric, outcomes, [answers], lambda measure: measure.score(0))

    def sign(self, metric: str) -> float:
        """−1 where higher is better, so that sign × score is lower-is-better."""
        return 1.0 if self.metrics[metric].direction == "lower" else -1.0

    def losses(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        answers: Predictions,
        *,
        clusters: NDArray[Any] | None = None,
    ) -> Floats:
        """(n,) turned contributions of the cases; their mean is the turned score.

        Where the metric is no mean, jackknife pseudo-values stand in: the same value within a
        block, spread so that their standard error is that of the score.

        Args:
            metric: The metric.
            outcomes: (n) outcomes.
            answers: n answers.
            clusters: (n) labels of cases that belong together, or None.
        """

        def work(measure: Measure) -> Floats:
            exact = measure.losses(0)
            return _pseudo(measure, outcomes.height, clusters) if exact is None else exact

        turned: Floats = self.sign(metric) * self.measured(metric, outcomes, [answers], work)
        return turned

    def covariance(
        self, metric: str, outcomes: pl.DataFrame, solutions: Sequence[Solution]
    ) -> Floats | None:
        """(k, k) covariance of the scores where the task has a closed form."""
        if self.own and metric == self.own.metric.name:
            return None
        answers = [each.answers for each in solutions]
        return self.task.covariance(
            metric, outcomes, answers, frame=self.frame, options=self.options
        )

    def strata(self, outcomes: pl.DataFrame) -> NDArray[Any] | None:
        """(n,) labels that a resample must keep, if the task has any and each has two cases."""
        import numpy as np

        labels = self.task.strata(outcomes, options=self.options)
        if labels is None or np.unique(labels, return_counts=True)[1].min() < 2:
            return None
        return labels


def _pseudo(measure: Measure, cases: int, clusters: NDArray[Any] | None) -> Floats:
    import numpy as np

    units = np.arange(cases)
    if clusters is not None:
        units = np.unique(clusters, return_inverse=True)[1]
    total = int(units.max()) + 1
    count = min(total, BLOCKS)
    blocks = units % count
    whole, values = measure.score(0), np.empty(cases)
    for block in range(count):
        left_out = measure.score(0, np.flatnonzero(blocks != block))
        values[blocks == block] = count * whole - (count - 1) * left_out
    # One value for a whole block varies less than its cases do, by the root of their number.
    spread: Floats = (values - values.mean()) * (total / count) ** 0.5
    return whole + spread


@dataclass(frozen=True, kw_only=True)
class Solution:
    """A name with its answers for the part that is compared."""

    name: str
    answers: Predictions


def subgroup_scores(
    scale: Scale,
    metric: str,
    outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    solutions: Sequence[Solution],
    *,
    columns: Sequence[str],
    minimum_cell: int,
) -> list[dict[str, Any]]:
    """Scores by subgroup; a cell below the minimum is hidden, and with it the next smallest.

    One hidden cell alone could be computed from the total and the others, so a second one goes
    with it.
    """

    def work(measure: Measure) -> list[dict[str, Any]]:
        return [
            {**row, **_scores(measure, solutions, members)} if members is not None else row
            for row, members in _cells(inputs, columns, minimum_cell)
        ]

    return scale.measured(metric, outcomes, [each.answers for each in solutions], work)


def _cells(
    inputs: pl.DataFrame, columns: Sequence[str], minimum_cell: int
) -> Iterator[tuple[dict[str, Any], NDArray[np.int64] | None]]:
    """Each cell with the rows of its members; None for those that are hidden."""
    import numpy as np

    for column in columns:
        labels = inputs[column].cast(str).fill_null("").to_list()
        counts = {level: labels.count(level) for level in sorted(set(labels))}
        hidden = hidden_cells(counts, minimum_cell)
        for level in counts:
            row = {"column": column, "level": level, "hidden": level in hidden}
            members = np.flatnonzero(np.array(labels) == level)
            yield row, None if level in hidden else members


def _scores(
    measure: Measure, solutions: Sequence[Solution], members: NDArray[np.int64]
) -> dict[str, Any]:
    scores: dict[str, float | None] = {}
    for which, solution in enumerate(solutions):
        value = measure.score(which, members)
        scores[solution.name] = value if math.isfinite(value) else None
    return {"cases": len(members), "scores": scores}


def hidden_cells(counts: Mapping[str, int], minimum: int) -> set[str]:
    """Which cells must not be shown?"""
    hidden = {level for level, count in counts.items() if count < minimum}
    shown = sorted((count, level) for level, count in counts.items() if level not in hidden)
    if len(hidden) == 1 and shown:
        hidden.add(shown[0][1])
    return hidden
