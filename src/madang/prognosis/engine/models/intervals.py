"""Who was watched when? Follow-up with entry, weight and cause, and its cut into intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]
    Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Patients under observation, (n) each.

    `cause` is 0 where the follow-up ended without an event, else the number of the cause from 1
    on. A patient counts only from `entry` on (delayed entry; 0 for those seen from the start), and
    `weight` times.
    """

    time: Floats
    cause: Integers
    entry: Floats
    weight: Floats

    @classmethod
    def of(
        cls,
        time: ArrayLike,
        cause: ArrayLike,
        *,
        entry: ArrayLike | None = None,
        weight: ArrayLike | None = None,
    ) -> Watched:
        """Check and complete: everybody from the start, everybody once.

        Raises:
            ValueError: The sizes differ, there is no patient, an entry is not before the end, or
                a weight is not above 0.
        """
        when = np.asarray(time, dtype=np.float64)
        number = np.asarray(cause).astype(np.int64)
        first = np.zeros(len(when)) if entry is None else np.asarray(entry, dtype=np.float64)
        often = np.ones(len(when)) if weight is None else np.asarray(weight, dtype=np.float64)
        if not len(when) or {number.shape, first.shape, often.shape} != {when.shape}:
            raise ValueError("time, cause, entry and weight differ in length, or are empty")
        if not ((first >= 0) & (first < when) & np.isfinite(when)).all():
            raise ValueError("an entry is not before the end of the follow-up")
        if not ((often > 0) & np.isfinite(often)).all() or (number < 0).any():
            raise ValueError("a weight is not above 0, or a cause below 0")
        return cls(time=when, cause=number, entry=first, weight=often)

    @property
    def event(self) -> Bools:
        """(n) whether the follow-up ended with an event, of whatever cause."""
        happened: Bools = self.cause > 0
        return happened

    @property
    def causes(self) -> int:
        """The highest number of a cause."""
        return int(self.cause.max(initial=0))

    @property
    def late(self) -> bool:
        """Whether anybody was watched only from a later time on."""
        return bool(self.entry.any())

    @property
    def plain(self) -> bool:
        """Whether everybody was watched from the start and counts once."""
        return not self.late and bool((self.weight == self.weight[0]).all())

    def part(self, chosen: Any) -> Watched:
        """Some of the patients."""
        return Watched(
            time=self.time[chosen],
            cause=self.cause[chosen],
            entry=self.entry[chosen],
            weight=self.weight[chosen],
        )

    def hazard(self) -> tuple[Floats, Floats]:
        """Times of events and the cumulative hazard at each (Nelson–Aalen), for everybody."""
        times, place = np.unique(self.time[self.event], return_inverse=True)
        events = np.bincount(place, self.weight[self.event], len(times))
        return times, np.cumsum(events / self.at_risk(times))

    def at_risk(self, times: Floats) -> Floats:
        """Weight of those watched just before each time."""
        return _above(self.time, self.weight, times) - _above(self.entry, self.weight, times)

    def martingale_residuals(self) -> Floats:
        """(n) events seen less events expected if all patients were alike."""
        times, hazard = self.hazard()
        steps = np.concatenate([[0.0], hazard])
        until = steps[np.searchsorted(times, self.time, side="right")]
        before = steps[np.searchsorted(times, self.entry, side="right")]
        residuals: Floats = self.event - (until - before)
        return residuals


def _above(values: Floats, weight: Floats, limits: Floats) -> Floats:
    """Weight of the values that are at least each limit."""
    order = np.argsort(values, kind="stable")
    summed = np.concatenate([[0.0], np.cumsum(weight[order])])
    above: Floats = summed[-1] - summed[np.searchsorted(values[order], limits, side="left")]
    return above


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Follow-up cut at `ends` (m, ascending); the first interval begins at 0."""

    ends: Floats

    @classmethod
    def at_events(cls, watched: Watched, most: int) -> Intervals:
        """Ends at quantiles of the event times, or of all times where there is no event."""
        times = watched.time[watched.event] if watched.event.any() else watched.time
        return cls(ends=np.unique(np.quantile(times, np.linspace(0, 1, most + 1)[1:])))

    @property
    def starts(self) -> Floats:
        """(m) the times at which the intervals begin."""
        return np.concatenate([[0.0], self.ends[:-1]])

    def last(self, watched: Watched) -> NDArray[np.intp]:
        """(n) the interval in which each follow-up ends; the last for those that go beyond."""
        return np.minimum(np.searchsorted(self.ends, watched.time), len(self.ends) - 1)

    def inside(self, watched: Watched) -> Bools:
        """(n) whether an event fell into one of the intervals."""
        fell: Bools = watched.event & (watched.time <= self.ends[-1])
        return fell

    def counts(self, watched: Watched) -> tuple[Floats, Floats]:
        """(n, m) share of each interval in which a patient was at risk, and (n, m) events.

        The interval of the event counts whole after entry: the hazard is that of having the event
        in it.
        """
        starts, width = self.starts, self.ends - self.starts
        until = np.clip((watched.time[:, None] - starts) / width, 0.0, 1.0)
        before = np.clip((watched.entry[:, None] - starts) / width, 0.0, 1.0)
        fell = self.inside(watched)
        rows, place = np.flatnonzero(fell), self.last(watched)[fell]
        until[rows, place] = 1.0
        events = np.zeros_like(until)
        events[rows, place] = 1.0
        return until - before, events

    def survival(self, hazards: Floats, grid: ArrayLike) -> Floats:
        """(n, k) survival out of (n, m) hazards, linear between ends; flat beyond the last."""
        curves = np.cumprod(1 - hazards, axis=1)
        return self.between(np.hstack([np.ones((len(curves), 1)), curves]), grid)

    def between(self, values: Floats, grid: ArrayLike) -> Floats:
        """(n, k) values at the grid out of those (n, 1 + m) at 0 and at the ends."""
        knots = np.concatenate([[0.0], self.ends])
        times = np.clip(np.asarray(grid, dtype=np.float64), 0.0, knots[-1])
        right = np.clip(np.searchsorted(knots, times, side="left"), 1, len(knots) - 1)
        share = (times - knots[right - 1]) / (knots[right] - knots[right - 1])
        found: Floats = values[:, right - 1] * (1 - share) + values[:, right] * share
        return found


def one_thread() -> Any:
    """Sums over several threads come in any order, and then the last bits differ."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1)
