"""Which weights make the mixture err least? The integrated Brier score as a quadratic form.

With a patient's survival s at a time the error is weight·(alive − s)², the weight being 1/G after
an event (G at its time) and while followed (G at that time), and 0 after censoring. As the mixture
is linear in the weights, the best convex ones are found exactly, without a search.

Sources: Graf et al. (1999) for the score; Breiman (1996) for weights of at least 0.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.intervals import Intervals
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.quality.brier import LOWEST_CHANCE, followed_alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

POINTS, REACH = 30, 0.9
"""Times of the score, and the quantile of the follow-up beyond which it does not look."""

WORTH = 0.01
"""A part with less weight than this is left out: its fit costs, and changes nothing."""


class Score(NamedTuple):
    """Times (k), weights and truths (n, k), and the intervals at whose ends curves are given."""

    grid: Floats
    weight: Floats
    alive: Floats
    cut: Intervals

    @classmethod
    def of(cls, outcomes: Outcomes, often: Floats, cut: Intervals) -> Score:
        """Weights for these patients, each counted `often` times."""
        limit = float(np.quantile(outcomes.time, REACH))
        early = outcomes.time[outcomes.event & (outcomes.time < limit)]
        early = early if len(early) else outcomes.time
        grid = np.unique(np.quantile(early, np.linspace(0.1, 1.0, POINTS)))
        followed = followed_alike(censoring_curve(outcomes), outcomes, grid)
        later = outcomes.time[:, None] > grid
        happened = ~later & outcomes.event[:, None]
        weight = happened / np.maximum(followed.own, LOWEST_CHANCE)[:, None]
        weight = weight + later / np.maximum(followed.grid, LOWEST_CHANCE)
        width = np.diff(grid)
        steps = np.r_[width, 0.0] + np.r_[0.0, width] if len(grid) > 1 else np.ones(1)
        share = steps / steps.sum() * (often / often.sum())[:, None]
        return cls(grid, weight * share, later.astype(np.float64), cut)

    @property
    def horizon(self) -> float:
        """The last time of the score."""
        return float(self.grid[-1])

    def _at(self, curves: Floats) -> Floats:
        return self.cut.between(np.hstack([np.ones((len(curves), 1)), curves]), self.grid)

    def of_curves(self, curves: Floats) -> float:
        """Integrated Brier score of (n, m) curves."""
        return float((self.weight * (self.alive - self._at(curves)) ** 2).sum())

    def weights(self, answers: Sequence[Floats]) -> list[float]:
        """The best convex weights of (n, m) curves each: the least of the minima on all faces."""
        away = np.stack([(self.alive - self._at(curves)).ravel() for curves in answers])
        form = (away * self.weight.ravel()) @ away.T
        best, least = np.eye(len(answers))[0], np.inf
        for size in range(1, len(answers) + 1):
            for face in map(list, combinations(range(len(answers)), size)):
                found = np.zeros(len(answers))
                solved = np.linalg.lstsq(form[np.ix_(face, face)], np.ones(size), rcond=None)[0]
                found[face] = solved / solved.sum()
                value = float(found @ form @ found)
                if (found[face] >= WORTH).all() and value < least - 1e-12:
                    best, least = found, value
        shares: list[float] = best.tolist()
        return shares
