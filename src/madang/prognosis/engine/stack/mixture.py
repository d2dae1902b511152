"""What does the mixture of models say of a patient? A fitted stack: curves, and causes.

How it is fitted stands in `stacking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.prognosis.engine.models.columns import Columns
from madang.prognosis.engine.models.cox import Cox
from madang.prognosis.engine.models.forest import Forest
from madang.prognosis.engine.models.hazards import Hazards
from madang.prognosis.engine.models.intervals import Intervals
from madang.prognosis.engine.stack.recalibration import Recalibration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The fitted parts; one without a weight is None. `weights` are by name: cox, hazards, forest.

    `intervals` holds the times at which the parts are mixed.
    """

    columns: Columns
    intervals: Intervals
    weights: Mapping[str, float]
    cox: Cox | None
    hazards: Hazards | None
    forest: Forest | None

    def survival(self, table: Any) -> Floats:
        """(n, m) mixed curves at the ends of the intervals, before any recalibration."""
        trees = self.columns.for_trees(table)
        ends = self.intervals.ends
        mixed = np.zeros((len(trees), len(ends)))
        if self.cox is not None and self.weights["cox"]:
            mixed += self.weights["cox"] * self.cox.survival(self.columns.for_sums(table), ends)
        if self.hazards is not None and self.weights["hazards"]:
            mixed += self.weights["hazards"] * self.hazards.survival(trees, ends)
        if self.forest is not None and self.weights["forest"]:
            filled = self.columns.filled(trees)
            mixed += self.weights["forest"] * self.forest.survival(filled, ends)
        return mixed


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A fitted stack: parts of all patients, those of all folds but one, and the recalibration."""

    parts: Parts
    without: tuple[Parts, ...]
    """The same without each fold: how they differ is what an interval is made of."""
    recalibration: Recalibration
    horizon: float
    """The last time that weights and recalibration looked at."""
    causes: int
    site: Recalibration = Recalibration(corrections=())
    """What the patients of one hospital taught about the recalibrated curves; nothing at first."""

    @property
    def ends(self) -> Floats:
        """(m) times at which curves are known; between them they are straight lines."""
        return self.parts.intervals.ends

    def curves(self, table: Any) -> Floats:
        """(n, 1 + m) probability of being free of every event at 0 and at `ends`."""
        return self._finished(self.parts.survival(table))

    def curves_without(self, table: Any) -> Floats:
        """(folds, n, 1 + m) the same as the patients without each fold would have it."""
        return np.stack([self._finished(parts.survival(table)) for parts in self.without])

    def survival(self, table: Any, times: ArrayLike) -> Floats:
        """(n, k) probability of being free of every event at these times.

        Args:
            table: Raw columns; `table[name]` gives a column, gaps are allowed.
            times: (k) in the unit of the training follow-up; beyond the last event seen the curve
                is flat.
        """
        return self.parts.intervals.between(self.curves(table), times)

    def incidences(self, table: Any, times: ArrayLike) -> Floats:
        """(n, k, causes) probability that each cause has happened by each time.

        What a curve loses in an interval is shared out among the causes as the discrete hazards
        say, so that incidences and survival add up to 1.
        """
        curves = self.curves(table)
        lost = -np.diff(curves, axis=1)
        reached = np.cumsum(lost[:, :, None] * self._shares(table), axis=1)
        start = np.zeros((len(curves), 1))
        between = self.parts.intervals.between
        found = [
            between(np.hstack([start, reached[:, :, cause]]), times)
            for cause in range(self.causes)
        ]
        return np.stack(found, axis=2)

    def _shares(self, table: Any) -> Floats:
        """(n, m, causes) how the loss of each interval falls to the causes; together 1."""
        if self.parts.hazards is None:
            return np.ones((1, 1, 1))
        chances = self.parts.hazards.hazards(self.parts.columns.for_trees(table))
        middle = (self.parts.intervals.starts + self.ends) / 2
        own = self.parts.hazards.intervals.ends
        chances = chances[:, np.minimum(np.searchsorted(own, middle), len(own) - 1)]
        chances = np.maximum(chances, 1e-300)
        shares: Floats = chances / chances.sum(axis=2, keepdims=True)
        return shares

    def _finished(self, mixed: Floats) -> Floats:
        own = self.recalibration.corrected(mixed, self.ends)
        fixed = self.site.corrected(own, self.ends)
        return np.hstack([np.ones((len(fixed), 1)), np.clip(fixed, 0.0, 1.0)])
