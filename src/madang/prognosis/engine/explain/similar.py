"""What became of the patients most like this one? Told of all of them together, never of one.

The nearest training patients by the distance of the model's own scope; their course as observed:
cumulative incidence of each cause (Aalen and Johansen), with one cause one minus Kaplan–Meier.
Fewer than thirty are told of as nobody. What is observed and what a model says need not agree: the
first is rough and few, the second is smoothed by all.

Sources: Aalen and Johansen (1978); Marubini and Valsecchi (1995), section 10.2.3, for the variance
(with one cause Greenwood's); Kalbfleisch and Prentice (1980) for limits on the complementary
log-log scale; Clopper and Pearson (1934) where nobody, or everybody, had the event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.encoding import MISSING, Number, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.models.columns import Columns
    from madang.prognosis.engine.models.intervals import Watched
    from madang.prognosis.engine.stack.scope import Scope

    Floats: TypeAlias = NDArray[np.float64]

FEWEST, COUNT = 30, 100
"""Fewer than the first are not told of; the second is how many are looked for."""

CONFIDENCE = 0.95

_ROUNDING = 1e-9  # steps may add up to a little less than 1

NOTABLE = 0.5
"""Deviations of training by which a mean must differ; share below which a level differs."""


class Course(NamedTuple):
    """(k, causes) share who had each cause by each time, with its interval, and (k) still watched.

    NaN after the last of them was lost from sight.
    """

    share: Floats
    low: Floats
    high: Floats
    watched: Floats


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where those alike are not: of a number their mean, of a category who share the level."""

    column: str
    patient: float | str
    mean: float | None = None
    share: float | None = None
    deviations: float
    """How far apart, in deviations of the training patients."""


@dataclass(frozen=True, kw_only=True)
class Similar:
    """Patients like this one, all together.

    `spread` is the distance of the farthest of them over the scope's limit: near 0 they are like
    the patient indeed, from 1 on the patient stands alone.
    """

    patients: int
    events: tuple[int, ...]
    """By cause, however late."""
    course: Course
    differences: tuple[Difference, ...]
    """The largest first."""
    spread: float


def similar(
    patient: Mapping[str, Any],
    table: Mapping[str, Any],
    watched: Watched,
    times: ArrayLike,
    *,
    columns: Columns,
    scope: Scope,
    count: int = COUNT,
) -> Similar | None:
    """The course of the `count` training patients nearest to this one.

    Args:
        patient: Column → value; None is a gap.
        table: Column → (n) raw values of the training patients.
        watched: Follow-up of the same patients; a weight counts as so many of one kind.
        times: (k) in the unit of the follow-up.
        columns: Of the model, fitted in training.
        scope: Of the same model.
        count: How many are looked for; of equally near ones the first in the table.

    Returns:
        None if there are fewer than `FEWEST`.
    """
    matrix = columns.for_sums(table)
    if min(count, len(matrix)) < FEWEST:
        return None
    own = columns.for_sums({name: np.array([value], object) for name, value in patient.items()})
    distance = np.linalg.norm((matrix - own) @ scope.whiten, axis=1)
    # Rounded, so that the last bits of a sum do not choose among equals.
    nearest = np.argsort(np.round(distance, 9), kind="stable")[:count]
    their = watched.part(nearest)
    causes = max(watched.causes, 1)
    return Similar(
        patients=len(nearest),
        events=tuple(int((their.cause == each + 1).sum()) for each in range(causes)),
        course=observed_course(their, times, causes=causes),
        differences=_differences(patient, table, nearest, columns),
        spread=float(distance[nearest].max() / scope.farthest),
    )


def observed_course(watched: Watched, times: ArrayLike, *, causes: int) -> Course:
    """Cumulative incidences with limits at 95 %, each by itself.

    Args:
        watched: The patients; entry and weights are heeded.
        times: (k) in the unit of the follow-up.
        causes: How many there are, whether or not each was seen here.
    """
    when = np.asarray(times, dtype=np.float64)
    steps = np.unique(watched.time[watched.event])
    at_risk = watched.at_risk(steps)
    place = np.searchsorted(steps, watched.time[watched.event])
    weight, cause = watched.weight[watched.event], watched.cause[watched.event]
    events: Floats = np.column_stack(
        [
            np.bincount(place, weight * (cause == 1 + c), len(steps)).astype(np.float64)
            for c in range(causes)
        ]
    )
    free = np.cumprod(1 - events.sum(axis=1) / at_risk)
    before = np.concatenate([[1.0], free[:-1]])
    reached = np.cumsum(before[:, None] * events / at_risk[:, None], axis=0)
    still = watched.at_risk(when)
    share, low, high = (np.empty((len(when), causes)) for _ in range(3))
    for row, time in enumerate(when.tolist()):
        past = int(np.searchsorted(steps, time, side="right"))
        for number in range(causes):
            share[row, number] = reached[past - 1, number] if past else 0.0
            variance = _variance(
                reached[:past, number], events[:past], number, at_risk[:past], before[:past]
            )
            low[row, number], high[row, number] = _limits(
                share[row, number], variance, still[row], events[:past].sum()
            )
    unknown = (when > watched.time.max()) & (free.min(initial=1.0) > 0)
    for each in (share, low, high):
        each[unknown] = np.nan
    return Course(share, low, high, still)


def _variance(
    reached: Floats, events: Floats, number: int, at_risk: Floats, before: Floats
) -> float:
    """Of the last value of a cumulative incidence, up to which all arguments reach."""
    if not len(reached):
        return 0.0
    every, own = events.sum(axis=1), events[:, number]
    ahead, left = reached[-1] - reached, at_risk - every
    after = np.divide(every, at_risk * left, out=np.zeros_like(left), where=left > 0)
    parts = (
        ahead**2 * after
        + before**2 * own * (at_risk - own) / at_risk**3
        - 2 * ahead * before * own / at_risk**2
    )
    return float(parts.sum())


def _limits(share: float, variance: float, still: float, events: float) -> tuple[float, float]:
    """Lower and upper limit of a share."""
    from scipy.stats import norm

    tail = (1 - CONFIDENCE) / 2
    if share <= 0:
        return 0.0, 1 - tail ** (1 / still) if still > 0 else 1.0
    if share > 1 - _ROUNDING:
        return float(tail ** (1 / events)), 1.0
    link = np.log(-np.log1p(-share))
    reach = norm.isf(tail) * np.sqrt(max(variance, 0.0)) / -((1 - share) * np.log1p(-share))
    low, high = (-np.expm1(-np.exp(min(link + side * reach, 5.0))) for side in (-1, 1))
    return float(low), float(high)


def _differences(
    patient: Mapping[str, Any],
    table: Mapping[str, Any],
    nearest: NDArray[np.intp],
    columns: Columns,
) -> tuple[Difference, ...]:
    found = list(_apart(patient, table, nearest, columns))
    return tuple(sorted(found, key=lambda each: (-each.deviations, each.column)))


def _apart(
    patient: Mapping[str, Any],
    table: Mapping[str, Any],
    nearest: NDArray[np.intp],
    columns: Columns,
) -> Iterator[Difference]:
    """The columns in which those alike differ notably; a gap of the patient is no value."""
    for column in columns.encoding.columns:
        shown = str(texts(np.array([patient[column.name]], dtype=object))[0])
        theirs = np.asarray(table[column.name])[nearest]
        if shown == MISSING:
            continue
        if isinstance(column, Number):
            known = column.numbers(theirs)
            known = known[np.isfinite(known)]
            if len(known) < FEWEST:
                continue
            mean, own = float(known.mean()), float(patient[column.name])
            apart = abs(mean - own) / column.deviation
            if apart >= NOTABLE:
                yield Difference(column=column.name, patient=own, mean=mean, deviations=apart)
            continue
        everybody = texts(table[column.name]) == shown
        share, usual = float((texts(theirs) == shown).mean()), float(everybody.mean())
        if share < NOTABLE:
            deviation = max(float(np.sqrt(usual * (1 - usual))), 1e-9)
            apart = (1 - share) / deviation
            yield Difference(column=column.name, patient=shown, share=share, deviations=apart)
