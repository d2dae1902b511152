"""Which board score may a team see, so that asking often gains it nothing? The Ladder, hardened.

A team is told a new score only when it beats its best one by a step; else it learns nothing but
"no improvement". Three things differ from the parameter-free Ladder (A. Blum & M. Hardt, arXiv
1502.04585), which steps by one standard error of the paired difference:

- The step is sqrt(2 ln k) standard errors, where the luckiest of k draws lies. Luck passes one
  standard error at every sixth try: a greedy attack that flips labels block by block climbs on it.
- The step has a floor, for an improvement can be tiny and yet certain (a prediction shrunk a
  little): without it a team could pass hundreds of such steps and learn a little at each.
- The trivial baseline is the first rung. A team that may start anywhere can start badly on
  purpose, climb back in small certain steps, and let the board choose a random direction at each.

The price: a true improvement below the step is not shown on the board. It is not lost: the final
comparison, on sealed cases that no board score ever touched, asks each solution once and needs no
step. k counts the questions of everybody who may share answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.errors import InputError
from madang.kernel.stats.jackknife import mean_error
from madang.kernel.words import words

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

FEWEST_ERRORS, MOST_ERRORS = 3.0, 4.0
"""Bounds of the step in standard errors: below three, blocks of twenty labels gain; above four the
normal tail promises no more (1,000 questions pass four by luck once in thirty boards)."""

CASES_A_STEP = 10
"""The usual floor: ten cases in n of the loss that is left, as if they had turned wholly right. It
follows the scale of the loss and leaves room for some n / 14 rungs until the loss is halved."""


class Release(NamedTuple):
    """What one question let out."""

    shown: float | None
    """The team's best released score; None while it has not beaten the trivial baseline."""
    improved: bool
    step: float
    """What the improvement had to exceed, in the unit of the score."""
    bits: float
    """log2 of what the answer could have been: 1 for "no improvement", more with a score."""
    ladder: Ladder
    """The state to keep for the next question."""


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """One team's standing on a board of losses (lower is better). JSON-able by its fields."""

    queries: int
    """How many questions are allowed in all; fixes the step."""
    cases: int
    """Sealed cases behind each score."""
    unit: float = 0.001
    """Released scores are rounded to it. Finer digits than the standard error tell only of chance,
    and each digit is 3.3 bits more that leave the seal."""
    floor: float | None = None
    """Least step, in the unit of the score; ten cases' worth of the loss that is left if None.
    Never below `unit`: an improvement that the digits cannot show is none."""
    lowest: float = 0.0
    """Bounds of a mean loss; they fix how many levels a released score can have."""
    highest: float = 1.0
    best: float | None = None
    """The best score released so far."""
    asked: int = 0
    bits: float = 0.0
    """Bits that have left in all."""

    def __post_init__(self) -> None:
        if self.queries < 1 or self.cases < 1 or not self.unit > 0:
            raise ValueError("queries, cases and unit must be positive")
        if not self.lowest < self.highest:
            raise ValueError(f"no levels between {self.lowest} and {self.highest}")

    @property
    def errors(self) -> float:
        """The step in standard errors of the paired difference."""
        luckiest = math.sqrt(2 * math.log(self.queries))
        return min(max(luckiest, FEWEST_ERRORS), MOST_ERRORS)

    def least_step(self, best: float) -> float:
        """The floor of the step above the best loss, in the unit of the score."""
        usual = CASES_A_STEP * (best - self.lowest) / self.cases
        return max(self.unit, usual if self.floor is None else self.floor)

    def release(
        self,
        best_losses: Floats | None,
        new_losses: Floats,
        *,
        clusters: NDArray[Any] | None = None,
    ) -> Release:
        """Answer one question about a score that is a mean of per-case losses.

        Args:
            best_losses: (n,) losses of the team's best released solution; of the trivial baseline
                before any release. None releases the first score as it is, which gives away the
                protection against a bad start.
            new_losses: (n,) losses of the new solution on the same cases.
            clusters: (n,) labels of cases that depend on one another.

        Raises:
            InputError: All allowed questions have been asked, or as `mean_error`.
            ValueError: Not n losses, or a mean outside the declared bounds.
        """
        if len(new_losses) != self.cases:
            raise ValueError(f"{len(new_losses)} losses for {self.cases} cases")
        score = float(new_losses.mean())
        if best_losses is None:
            return self.decide(score)
        error = mean_error(new_losses - best_losses, clusters=clusters)
        return self.decide(score, float(best_losses.mean()), error)

    def decide(
        self, score: float, best: float | None = None, standard_error: float = 0.0
    ) -> Release:
        """Answer one question about any score, such as a rank statistic turned into a loss.

        Args:
            score: The new loss on all cases, unrounded.
            best: The loss of the best released solution or the baseline, unrounded.
            standard_error: Of the difference of the two, paired (bootstrap, DeLong).

        Raises:
            InputError: All allowed questions have been asked.
            ValueError: A loss outside the declared bounds, or an error that is not a number.
        """
        self._check(score, standard_error)
        if best is None:
            return self._show(score, step=0.0, bits=math.log2(self._levels(self.highest)))
        step = max(self.errors * standard_error, self.least_step(best))
        if score < best - step:
            return self._show(score, step=step, bits=1 + math.log2(self._levels(best - step)))
        ladder = replace(self, asked=self.asked + 1, bits=self.bits + 1)
        return Release(self.best, False, step, 1.0, ladder)

    def _show(self, score: float, *, step: float, bits: float) -> Release:
        # The outer rounding removes the binary tail of a multiple of .001.
        shown = round(round(score / self.unit) * self.unit, 12)
        ladder = replace(self, best=shown, asked=self.asked + 1, bits=self.bits + bits)
        return Release(shown, True, step, bits, ladder)

    def _levels(self, highest: float) -> int:
        """How many rounded scores lie between the lowest possible and this one."""
        return max(1, round(highest / self.unit) - round(self.lowest / self.unit) + 1)

    def _check(self, score: float, standard_error: float) -> None:
        if not (self.lowest <= score <= self.highest and standard_error >= 0):
            raise ValueError(
                f"score or standard error outside [{self.lowest}, {self.highest}] or not a number"
            )
        if self.asked < self.queries:
            return
        raise InputError(
            words(f"이미 사용한 채점 {self.asked}회", f"{self.asked} scores asked for"),
            words(f"채점 {self.queries}회 이하", f"at most {self.queries}"),
            words(
                "최종 비교를 기다리십시오.",
                "Wait for the final comparison: it needs no further one.",
            ),
        )
