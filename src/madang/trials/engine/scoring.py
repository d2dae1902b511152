"""How good are answers, and is one solution better than another? Pure functions over outcomes.

Every comparison is paired: both solutions answer for the same cases, and most of the noise is
common to both. Scores are turned so that *lower is better* before they are compared, and back
before they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats, Frame, Metric, Options, Predictions, Task

BLOCKS = 200
"""Delete-a-block jackknife for the losses of such metrics: at most this many scores."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A task with its options and frame: what turns answers into numbers."""

    task: Task
    frame: Frame
    options: Options

    @property
    def metrics(self) -> dict[str, Metric]:
        """Metrics by name."""
        return {m.name: m for m in self.task.metrics(frame=self.frame, options=self.options)}

    def score(self, metric: str, outcomes: pl.DataFrame, answers: Predictions) -> float:
        """The metric over all cases, as published (not turned)."""
        return float(
            self.task.score(metric, outcomes, answers, frame=self.frame, options=self.options)
        )

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
        exact = self.task.losses(metric, outcomes, answers, frame=self.frame, options=self.options)
        if exact is None:
            exact = self._pseudo(metric, outcomes, answers, clusters)
        turned: Floats = self.sign(metric) * exact
        return turned

    def is_mean(self, metric: str, outcomes: pl.DataFrame, answers: Predictions) -> bool:
        """Is the metric a mean over cases?"""
        return (
            self.task.losses(metric, outcomes, answers, frame=self.frame, options=self.options)
            is not None
        )

    def covariance(
        self, metric: str, outcomes: pl.DataFrame, solutions: Sequence[Solution]
    ) -> Floats | None:
        """(k, k) covariance of the scores where the task has a closed form."""
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

    def _pseudo(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        answers: Predictions,
        clusters: NDArray[Any] | None,
    ) -> Floats:
        import numpy as np

        units = np.arange(outcomes.height)
        if clusters is not None:
            units = np.unique(clusters, return_inverse=True)[1]
        total = int(units.max()) + 1
        count = min(total, BLOCKS)
        blocks = units % count
        whole = self.score(metric, outcomes, answers)
        values = np.empty(outcomes.height)
        for block in range(count):
            kept = np.flatnonzero(blocks != block)
            left_out = self.score(metric, outcomes[kept], take(answers, kept))
            values[blocks == block] = count * whole - (count - 1) * left_out
        # One value for a whole block varies less than its cases do, by the root of their number.
        spread: Floats = (values - values.mean()) * (total / count) ** 0.5
        return whole + spread


def take(answers: Predictions, rows: NDArray[np.int64]) -> Predictions:
    """The answers of some rows."""
    return [answers[i] for i in rows] if isinstance(answers, list) else answers[rows]


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
    import numpy as np

    rows = []
    for column in columns:
        labels = inputs[column].cast(str).fill_null("").to_list()
        counts = {level: labels.count(level) for level in sorted(set(labels))}
        hidden = hidden_cells(counts, minimum_cell)
        for level, count in counts.items():
            row: dict[str, Any] = {"column": column, "level": level, "hidden": level in hidden}
            if level not in hidden:
                members = np.flatnonzero(np.array(labels) == level)
                row["cases"] = count
                row["scores"] = _scores_or_none(
                    scale, metric, outcomes[members], members, solutions
                )
            rows.append(row)
    return rows


def _scores_or_none(
    scale: Scale,
    metric: str,
    outcomes: pl.DataFrame,
    members: NDArray[np.int64],
    solutions: Sequence[Solution],
) -> dict[str, float | None]:
    import math

    scores: dict[str, float | None] = {}
    for solution in solutions:
        value = scale.score(metric, outcomes, take(solution.answers, members))
        scores[solution.name] = value if math.isfinite(value) else None
    return scores


def hidden_cells(counts: Mapping[str, int], minimum: int) -> set[str]:
    """Which cells must not be shown?"""
    hidden = {level for level, count in counts.items() if count < minimum}
    shown = sorted((count, level) for level, count in counts.items() if level not in hidden)
    if len(hidden) == 1 and shown:
        hidden.add(shown[0][1])
    return hidden
