"""Do as many patients have the event as the model expected? Looked at as often as one likes.

For a period of the calendar every patient under watch brings what happened in it (0 or 1) and the
hazard that the model expected in it (`accrued`). If the model holds, observed less expected is a
martingale, and so is what a bet on another level has won:

    level r:   Π r^observed · exp(−(r − 1)·expected)
    slope g:   Π exp(g·z·observed − (exp(g·z) − 1)·expected),   z = centred logarithm of the risk

Mixtures of such bets stay martingales. One that ever reaches 1/α refutes the model: under a model
that holds this happens with a chance of at most α, however often one looks and whenever one stops.

To bring only patients whose follow-up has ended would refute every model: those who die report
first, and those who live report years later.

Sources: Ville (1939); Robbins (1970) for mixtures; Ramdas, Grünwald, Vovk and Shafer (2023).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lgamma, log
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]

PRIOR = 4.0
"""Shape and rate of the bets on the level: mean 1, deviation 1/2."""
SLOPES = (-1.0, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1.0)
"""Bets on the slope: by how much the logarithm of the risk counts more than it should."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """Observed beside expected, so far."""

    observed: int = 0
    expected: float = 0.0

    def seen(self, observed: ArrayLike, expected: ArrayLike) -> Level:
        """After another period.

        Args:
            observed: (n) 1 where the event happened, else 0.
            expected: (n) hazards that the model expected.

        Raises:
            InputError: The sizes differ, or a value cannot be.
        """
        happened, hazard = _checked(observed, expected)
        return replace(
            self,
            observed=self.observed + int(happened.sum()),
            expected=self.expected + float(hazard.sum()),
        )

    @property
    def ratio(self) -> float:
        """Observed over expected; 1 where nothing was expected yet."""
        return self.observed / self.expected if self.expected > 0 else 1.0

    def log_evidence(self, ratio: float = 1.0) -> float:
        """Logarithm of what the bets have won against a true ratio of observed to expected."""
        events, hazard = self.observed, ratio * self.expected
        if hazard <= 0:
            return 0.0 if not events else float("inf")
        whole = PRIOR + events
        return (
            PRIOR * log(PRIOR)
            - lgamma(PRIOR)
            + lgamma(whole)
            - whole * log(PRIOR + hazard)
            + hazard
        )

    def interval(self, alpha: float) -> tuple[float, float]:
        """Ratios that are not refuted: they hold the true one at all times but with chance α."""
        if self.expected <= 0:
            return 0.0, float("inf")
        limit = -log(alpha)
        centre = max(self.ratio, 1.0 / self.expected)
        low = 0.0 if self.log_evidence(1e-12) < limit else _bisected(self, 1e-12, centre, limit)
        high = centre
        while self.log_evidence(high) < limit:
            high *= 2
        return low, _bisected(self, high, centre, limit)


def _bisected(level: Level, outside: float, inside: float, limit: float) -> float:
    """The ratio between two at which the evidence is the limit."""
    for _ in range(80):
        middle = (outside + inside) / 2
        if level.log_evidence(middle) >= limit:
            outside = middle
        else:
            inside = middle
    return (outside + inside) / 2


@dataclass(frozen=True, kw_only=True)
class Slope:
    """Whether risks are as far apart as the model says, so far."""

    centre: float
    """Mean logarithm of the risk in the sample that the model learnt from."""
    won: tuple[float, ...] = (0.0,) * len(SLOPES)
    """Logarithm of what each bet of `SLOPES` has won."""

    def seen(self, observed: ArrayLike, expected: ArrayLike, log_risk: ArrayLike) -> Slope:
        """After another period; `log_risk` (n) orders them by the model's risk at their start.

        Raises:
            InputError: The sizes differ, or a value cannot be.
        """
        happened, hazard = _checked(observed, expected)
        place = np.clip(np.asarray(log_risk, dtype=np.float64) - self.centre, -4.0, 4.0)
        if place.shape != hazard.shape or not np.isfinite(place).all():
            raise _unreadable(place)
        gains = [
            float((bet * place * happened - np.expm1(bet * place) * hazard).sum())
            for bet in SLOPES
        ]
        return replace(
            self, won=tuple(old + new for old, new in zip(self.won, gains, strict=True))
        )

    @property
    def log_evidence(self) -> float:
        """Logarithm of what all bets together have won."""
        highest = max(self.won)
        return highest + log(sum(np.exp(each - highest) for each in self.won) / len(self.won))

    @property
    def likeliest(self) -> float:
        """The bet that has won most: above 0 the risks should lie further apart."""
        return SLOPES[int(np.argmax(self.won))]


class Accrued(NamedTuple):
    """Of those under watch in a period, by their place: what happened, what was expected."""

    place: NDArray[np.intp]
    observed: Floats
    expected: Floats


def accrued(
    entered: ArrayLike,
    left: ArrayLike,
    event: ArrayLike,
    cumulative: Callable[[NDArray[np.intp], Floats], Floats],
    *,
    since: float,
    until: float,
) -> Accrued:
    """What a period of the calendar adds, of everybody under watch in it.

    Args:
        entered: (n) when each patient was predicted.
        left: (n) when the follow-up ended, or infinity.
        event: (n) whether it ended with the event.
        cumulative: For places of patients and times since their entry, the model's cumulative
            hazard (for a model with steps the sum of its steps' hazards).
        since: The period's begin, which belongs to the one before.
        until: Its end.
    """
    begin, end = np.asarray(entered, dtype=np.float64), np.asarray(left, dtype=np.float64)
    first = np.maximum(since - begin, 0.0)
    last = np.minimum(until, end) - begin
    place = np.flatnonzero(last > first)
    happened = np.asarray(event, dtype=bool) & (end <= until)
    hazard = cumulative(place, last[place]) - cumulative(place, first[place])
    return Accrued(place, happened[place].astype(np.float64), hazard)


def _checked(observed: ArrayLike, expected: ArrayLike) -> tuple[Floats, Floats]:
    happened = np.atleast_1d(np.asarray(observed, dtype=np.float64))
    hazard = np.atleast_1d(np.asarray(expected, dtype=np.float64))
    fits = happened.shape == hazard.shape and happened.ndim == 1
    if not fits or not np.isin(happened, (0.0, 1.0)).all():
        raise _unreadable(happened)
    if not (np.isfinite(hazard).all() and (hazard >= 0).all()):
        raise _unreadable(hazard)
    return happened, hazard


def _unreadable(values: Floats) -> InputError:
    shown = np.array2string(np.atleast_1d(values)[:5], separator=", ")
    return InputError(
        words(f"결과나 기대값 {shown}", f"outcomes or expectations {shown}"),
        words(
            "같은 수의 0 또는 1과 0 이상의 누적위험",
            "as many outcomes of 0 or 1 as cumulative hazards of 0 or more",
        ),
    )
