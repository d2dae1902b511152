"""What does a running pilot show so far, however often one looks?

A confidence sequence for the mean of a bounded quantity: its limits hold at every moment together,
so that a pilot may be watched daily and stopped on what is seen. A fixed-sample interval that is
looked at daily is wrong far more often than it says.

The limits invert a bet. Who bets against "the mean is at most m" multiplies the stake by
1 + lambda (x - m) at every observation x; if the claim is true the stake is expected not to grow,
and reaches 1/alpha with probability at most alpha, ever (Ville's inequality). The stake is spread
over a fixed grid of lambdas, so nothing needs tuning, and the order and the size of batches do not
matter: a `Tally` of the values is all that has to be kept.

What is promised: with probability 1 - alpha no lower limit ever exceeds the mean, if each
observation's expectation, given the past, is the mean; a lower limit stays valid for the largest
of these expectations if they drift, an upper limit for the smallest.

Source: I. Waudby-Smith & A. Ramdas, "Estimating means of bounded random variables by betting",
J. R. Stat. Soc. B 86 (2024), 1-27 (arXiv 2010.09686): the capital process, mixed over bets.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from madang.kernel.stats.interval import Interval

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

STEPS = 64
"""Values are kept on a grid of so many steps. A value between two grid points is split between
them so that its sum stays: log(1 + lambda (x - m)) lies above its chord, so the stake kept is
never more than the true one, and the limits stay valid, by a hair wider."""

_STAKES = 2.0 ** -(np.arange(24) / 2)
"""Shares of the largest safe bet: 1 down to 1/2900, for means that differ by much or by little."""
_PRECISION = 1e-7
"""How exactly a limit is found, as a share of the range; it is rounded away from the estimate."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """All observations of one bounded quantity so far. JSON-able by `plain`.

    Raises:
        ValueError: No range, or counts that are negative or off the grid.
    """

    low: float = 0.0
    high: float = 1.0
    counts: Mapping[int, float]
    """Grid point, from 0 at `low` to `STEPS` at `high` → how many observations lie there."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"no range between {self.low} and {self.high}")
        if not all(0 <= point <= STEPS for point in self.counts):
            raise ValueError("a count off the grid")
        if not all(math.isfinite(count) and count >= 0 for count in self.counts.values()):
            raise ValueError("a count that is negative or no number")

    @classmethod
    def empty(cls, low: float = 0.0, high: float = 1.0) -> Self:
        """Nothing observed yet.

        Args:
            low: No observation lies below it.
            high: No observation lies above it.
        """
        return cls(low=low, high=high, counts={})

    @property
    def n(self) -> int:
        """How many observations there are."""
        return round(math.fsum(self.counts.values()))

    @property
    def mean(self) -> float | None:
        """Their mean; None where there is none."""
        total = math.fsum(self.counts.values())
        if total == 0:
            return None
        share = math.fsum(point * count for point, count in self.counts.items()) / (STEPS * total)
        return self.low + share * (self.high - self.low)

    def with_values(self, values: Iterable[float]) -> Self:
        """The tally with further observations, one by one.

        Raises:
            ValueError: A value outside the range, or not a number.
        """
        return self._with({}, values)

    def with_counts(self, *, n: int, events: int) -> Self:
        """With n further yes-no observations, of which so many were events (`high`).

        Raises:
            ValueError: Not 0 <= events <= n.
        """
        if not 0 <= events <= n:
            raise ValueError(f"{events} events among {n}")
        return self._with({self.high: float(events), self.low: float(n - events)})

    def with_pairs(self, *, n: int, worse: int, better: int) -> Self:
        """With n further paired yes-no observations: +1 where the new one was worse, -1 better.

        Raises:
            ValueError: More than n pairs differ, or the range does not hold -1 to 1.
        """
        if min(worse, better) < 0 or worse + better > n:
            raise ValueError(f"{worse} worse and {better} better among {n}")
        return self._with({1.0: float(worse), -1.0: float(better), 0.0: float(n - worse - better)})

    def with_mean(self, *, n: int, mean: float) -> Self:
        """With n further observations of which only the mean is known.

        They are taken as if each lay at one end of the range, which widens the limits but keeps
        them valid, whatever the values were.

        Raises:
            ValueError: The mean is outside the range, or n is negative.
        """
        if n < 0:
            raise ValueError(f"{n} observations")
        if not self.low <= mean <= self.high:
            raise ValueError(f"a mean of {mean} outside [{self.low}, {self.high}]")
        share = (mean - self.low) / (self.high - self.low)
        return self._with({self.high: share * n, self.low: (1 - share) * n})

    def _with(self, weights: Mapping[float, float], values: Iterable[float] = ()) -> Self:
        observed = np.array([*weights, *values], dtype=np.float64)
        weight = np.ones(len(observed))
        weight[: len(weights)] = list(weights.values())
        if not ((observed >= self.low) & (observed <= self.high)).all():
            raise ValueError(f"an observation outside [{self.low}, {self.high}]")
        place = (observed - self.low) / (self.high - self.low) * STEPS
        below = np.minimum(np.floor(place + 1e-9).astype(int), STEPS - 1)
        above = np.clip(place - below, 0.0, 1.0)
        counts = np.zeros(STEPS + 1)
        np.add.at(counts, below, weight * (1 - above))
        np.add.at(counts, below + 1, weight * above)
        for point, count in self.counts.items():
            counts[point] += count
        kept = np.flatnonzero(counts)
        return replace(self, counts={int(point): float(counts[point]) for point in kept})

    def evidence_above(self, mean: float) -> float:
        """Natural logarithm of the e-value against "the mean is at most this".

        Reject at ln(1/alpha), at whatever moment that happens.
        """
        return float(_log_capital(self._places(), self._weights(), self._share(mean)))

    def evidence_below(self, mean: float) -> float:
        """Natural logarithm of the e-value against "the mean is at least this"."""
        return float(_log_capital(1 - self._places(), self._weights(), 1 - self._share(mean)))

    def lower(self, alpha: float) -> float:
        """The limit that the mean lies above, wrong at any time with probability at most alpha.

        Raises:
            ValueError: alpha is not between 0 and 1.
        """
        share = _lower(self._places(), self._weights(), alpha)
        return self.low + share * (self.high - self.low)

    def upper(self, alpha: float) -> float:
        """The limit that the mean lies below, wrong at any time with probability at most alpha.

        Raises:
            ValueError: alpha is not between 0 and 1.
        """
        share = 1 - _lower(1 - self._places(), self._weights(), alpha)
        return self.low + share * (self.high - self.low)

    def interval(self, level: float = 0.95) -> Interval | None:
        """Both limits at once; None where nothing was observed."""
        mean = self.mean
        if mean is None:
            return None
        alpha = (1 - level) / 2
        return Interval(mean, self.lower(alpha), self.upper(alpha), level)

    def plain(self) -> dict[str, Any]:
        """The tally as plain JSON."""
        counts = {str(point): count for point, count in sorted(self.counts.items())}
        return {"low": self.low, "high": self.high, "counts": counts}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The tally that `plain` wrote.

        Raises:
            ValueError: It is not one.
        """
        try:
            counts = {int(point): float(count) for point, count in plain["counts"].items()}
            return cls(low=float(plain["low"]), high=float(plain["high"]), counts=counts)
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError("not a tally") from fault

    def _places(self) -> Floats:
        return np.fromiter(self.counts, dtype=np.float64, count=len(self.counts)) / STEPS

    def _weights(self) -> Floats:
        return np.fromiter(self.counts.values(), dtype=np.float64, count=len(self.counts))

    def _share(self, mean: float) -> float:
        return (mean - self.low) / (self.high - self.low)


def _log_capital(places: Floats, weights: Floats, mean: float) -> float:
    """The logarithm of the stake after betting that values in [0, 1] average above `mean`."""
    if mean <= 0:
        # A bet on "more than nothing" wins without limit as soon as there is anything.
        against = places > 0 if mean == 0 else places >= 0
        return math.inf if float(weights @ against) > 0 else 0.0
    # The largest bet that can lose no more than everything is 1 / mean.
    with np.errstate(divide="ignore"):
        growth = np.log1p(_STAKES[:, None] * (places / mean - 1))
    with np.errstate(invalid="ignore"):
        logs = np.where(weights > 0, growth * weights, 0.0).sum(axis=1)
    top = float(logs.max())
    return top + math.log(float(np.exp(logs - top).mean())) if math.isfinite(top) else top


def _lower(places: Floats, weights: Floats, alpha: float) -> float:
    """The largest mean that the stake has refuted, by bisection: the stake falls with the mean."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha {alpha} is not between 0 and 1")
    enough, low, high = -math.log(alpha), 0.0, 1.0
    if not float(weights @ (places > 0)) > 0:
        return 0.0
    while high - low > _PRECISION:
        middle = (low + high) / 2
        if _log_capital(places, weights, middle) >= enough:
            low = middle
        else:
            high = middle
    return low
