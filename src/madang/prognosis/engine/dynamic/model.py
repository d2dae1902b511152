"""What will become of this patient, as of this visit? A supermodel that knows its own limits.

Beside the landmark supermodel stand those that each missed a tenth of the patients, from which
the intervals come, and what was seen in training: who lies outside it, was seen too long ago or
too late after entry is refused in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.words import Words, words
from madang.prognosis.engine.dynamic.landmark import Landmark, fit_landmark, stacked
from madang.prognosis.engine.dynamic.visits import AGE, AT, COUNT, PATIENT
from madang.prognosis.engine.jackknife import interval
from madang.prognosis.engine.models.columns import Columns, fit_columns
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.scope import Scope, fit_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.dynamic.visits import Courses, Visits

    Floats: TypeAlias = NDArray[np.float64]

FOLDS = 10
UNITS: dict[str, Words] = {
    "day": words("일", "days"),
    "week": words("주", "weeks"),
    "month": words("개월", "months"),
    "year": words("년", "years"),
}
"""Unit of a model's times → its name."""
OLDEST = 0.9
"""Share of training rows whose data were no older than what is still answered."""


@dataclass(frozen=True, kw_only=True)
class VisitModel:
    """A supermodel with its interval and its limits; times are in the unit of the visits."""

    landmark: Landmark
    without: tuple[Landmark, ...]
    """The same without each fold of patients."""
    columns: Columns
    """Raw columns as seen at the landmarks."""
    scope: Scope
    oldest: float
    """Data older than this are no ground for an answer."""
    declared: tuple[dict[str, Any], ...]
    """`name` and `kind` of each column that was measured."""
    facts: dict[str, Any]

    @property
    def categories(self) -> tuple[str, ...]:
        """The measured columns that are categories."""
        return tuple(each["name"] for each in self.declared if each["kind"] == "category")

    def refusals(self, snapshot: pl.DataFrame) -> list[Words | None]:
        """(n) why a patient of the snapshot is refused; None where the model may answer."""
        table = raw(snapshot)
        found = self.scope.refusals(table, self.columns)
        first, last = self.landmark.span
        unit = UNITS[self.facts.get("unit", "day")]
        for row, (at, age) in enumerate(zip(table[AT], table[AGE], strict=True)):
            if not first <= at <= last:
                found[row] = _too_late(float(at), last, unit)
            elif age > self.oldest:
                found[row] = _stale(float(age), self.oldest, unit)
        return found


class Expected(NamedTuple):
    """Of n patients at k times from now: survival free of all causes, and the causes' incidences.

    `low` and `high` are of the incidence of the predicted event, the first cause. For every
    patient and time the survival and all incidences add up to 1; NaN where refused.
    """

    survival: Floats
    causes: Floats
    """(causes, n, k)."""
    low: Floats
    high: Floats
    refusals: list[Words | None]


def _too_late(at: float, last: float, unit: Words) -> Words:
    return words(
        f"등록한 지 {at:,.0f}{unit.ko}이 되었습니다. 모형은 {last:,.0f}{unit.ko}까지만 배워 "
        "예측하지 않습니다.",
        f"No prediction: {at:,.0f} {unit.en} have passed since entry, and the model has learnt "
        f"only the first {last:,.0f}.",
    )


def _stale(age: float, oldest: float, unit: Words) -> Words:
    return words(
        f"마지막 방문이 {age:,.0f}{unit.ko} 전이라 예측하지 않습니다. 최근 "
        f"{oldest:,.0f}{unit.ko} 안에 방문한 자료가 필요합니다.",
        f"No prediction: the last visit was {age:,.0f} {unit.en} ago; one of the last "
        f"{oldest:,.0f} {unit.en} is needed.",
    )


def raw(snapshot: pl.DataFrame) -> dict[str, Any]:
    """A snapshot's columns as arrays: numbers with NaN, categories as objects with None."""
    import polars as pl

    found: dict[str, Any] = {}
    for name in snapshot.columns:
        if name == PATIENT:
            continue
        column = snapshot[name]
        if column.dtype.is_numeric() or column.dtype == pl.Null:
            found[name] = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
        else:
            found[name] = np.array(column.to_list(), dtype=object)
    return found


class Fitted(NamedTuple):
    """A model, and what models that had not seen them said of its own patients."""

    model: VisitModel
    out_of_fold: dict[float, OutOfFold]
    """By landmark."""


class OutOfFold(NamedTuple):
    """Of those under observation at a landmark: their later course, and what was expected."""

    patient: NDArray[np.str_]
    time: Floats
    cause: NDArray[np.int64]
    causes: Floats
    """(causes, n, k) incidences at the asked times."""
    free_of_event: Floats
    """(n, k) as if nothing competed."""


def fit_visit_model(
    visits: Visits,
    courses: Courses,
    *,
    landmarks: Sequence[float],
    horizon: float,
    asked: ArrayLike,
    categories: Sequence[str] = (),
    seed: int = 0,
) -> Fitted:
    """Fit the supermodel, its fold models and its limits.

    Args:
        visits: Of the patients of the courses.
        courses: What became of them, from entry on.
        landmarks: Times since entry at which rows are taken.
        horizon: How far each row is watched.
        asked: (k) times from each landmark on at which the fold models answer for those whom they
            did not see.
        categories: The measured columns that are categories; all others are numbers.
        seed: Deals the patients to folds.

    Raises:
        InputError: Too few events were seen behind the landmarks.
    """
    options: dict[str, Any] = {
        "landmarks": landmarks,
        "horizon": horizon,
        "categories": categories,
    }
    landmark = fit_landmark(visits, courses, **options)
    fold = _dealt(courses, seed)
    parts, told = [], []
    for left_out in range(FOLDS):
        inside = courses.among(courses.patient[fold != left_out])
        part = fit_landmark(
            visits.of(inside.patient), inside, penalty=landmark.causes[0].penalty, **options
        )
        parts.append(part)
        rest = courses.among(courses.patient[fold == left_out])
        told.append(_answered(part, visits.of(rest.patient), rest, landmarks, asked))
    measured = [
        {"name": name, "kind": "category" if name in categories else "number"}
        for name in visits.measured
    ]
    model = _limited(landmark, parts, visits, courses, measured)
    out_of_fold = {at: _together([each[at] for each in told]) for at in landmarks}
    return Fitted(model, out_of_fold)


def _dealt(courses: Courses, seed: int) -> NDArray[np.intp]:
    """(n) folds; each cause is spread over all of them."""
    order = np.random.default_rng(seed).permutation(len(courses.patient))
    order = order[np.argsort(courses.cause[order], kind="stable")]
    fold = np.empty(len(order), dtype=np.intp)
    fold[order] = np.arange(len(order)) % FOLDS
    return fold


def _answered(
    part: Landmark,
    visits: Visits,
    courses: Courses,
    landmarks: Sequence[float],
    asked: ArrayLike,
) -> dict[float, OutOfFold]:
    found = {}
    for at in landmarks:
        there = courses.among(courses.patient[courses.time > at])
        snapshot = visits.of(there.patient).snapshot(at)
        seen = there.among(snapshot[PATIENT].to_list())
        place = {name: row for row, name in enumerate(snapshot[PATIENT].to_list())}
        rows = [place[name] for name in seen.patient.tolist()]
        said = part.incidence(snapshot, asked)
        found[at] = OutOfFold(
            seen.patient,
            seen.time - at,
            seen.cause,
            said.causes[:, rows],
            part.free_of_event(snapshot, asked)[rows],
        )
    return found


def _together(parts: list[OutOfFold]) -> OutOfFold:
    most = max(len(each.causes) for each in parts)
    if any(len(each.causes) < most for each in parts):
        parts = [each._replace(causes=_padded(each.causes, most)) for each in parts]
    return OutOfFold(
        np.concatenate([each.patient for each in parts]),
        np.concatenate([each.time for each in parts]),
        np.concatenate([each.cause for each in parts]),
        np.concatenate([each.causes for each in parts], axis=1),
        np.concatenate([each.free_of_event for each in parts]),
    )


def _padded(causes: Floats, count: int) -> Floats:
    """A fold without any event of a rare cause expects none of it."""
    missing = np.zeros((count - len(causes), *causes.shape[1:]))
    return np.concatenate([causes, missing])


def _limited(
    landmark: Landmark,
    without: list[Landmark],
    visits: Visits,
    courses: Courses,
    declared: list[dict[str, Any]],
) -> VisitModel:
    """The model with what was seen in training."""
    first, last = landmark.span
    marks = np.arange(first, last + 1e-9, (last - first) / 16 or 1.0).tolist()
    rows = stacked(visits, courses, landmarks=marks, horizon=landmark.horizon)
    table = raw(rows.table)
    added = [{"name": name, "kind": "number"} for name in (AGE, COUNT, AT)]
    watched = Watched.of(rows.time, rows.cause)
    columns = fit_columns(table, [*declared, *added], watched, fewest=5)

    def risk(asked: Any) -> Floats:
        import polars as pl

        found = pl.DataFrame({name: _listed(values) for name, values in asked.items()})
        # A snapshot always has its own time; whatever a gap there would do concerns nobody.
        found = found.with_columns(pl.col(AGE, COUNT, AT).cast(pl.Float64).fill_null(first))
        risks: Floats = landmark.incidence(found, [landmark.horizon]).causes[0][:, 0]
        return risks

    return VisitModel(
        landmark=landmark,
        without=tuple(without),
        columns=columns,
        scope=fit_scope(table, columns, risk),
        oldest=float(np.quantile(table[AGE], OLDEST)),
        declared=tuple(declared),
        facts={},
    )


def _listed(values: Any) -> list[Any]:
    return [None if each is None or each != each else each for each in values.tolist()]


def expected(
    model: VisitModel, snapshot: pl.DataFrame, times: ArrayLike, *, intervals: bool = True
) -> Expected:
    """Answer for the patients of a snapshot.

    Args:
        model: Fitted.
        snapshot: As `Visits.snapshot` gives it.
        times: (k) times from the snapshot's own on, ascending, within the horizon.
        intervals: Whether to compute them; they cost as much as ten predictions.

    Raises:
        InputError: A time lies beyond the horizon.
    """
    refusals = model.refusals(snapshot)
    kept = np.array([each is None for each in refusals], dtype=bool)
    asked = snapshot.filter(kept)
    said = model.landmark.incidence(asked, times)
    low = high = said.causes[0]
    if intervals:
        others = np.stack([1 - each.incidence(asked, times).causes[0] for each in model.without])
        free = interval(1 - said.causes[0], others)
        low, high = 1 - free.high, 1 - free.low
    return Expected(
        survival=_spread(said.survival, kept),
        causes=np.stack([_spread(each, kept) for each in said.causes]),
        low=_spread(low, kept),
        high=_spread(high, kept),
        refusals=refusals,
    )


def _spread(values: Floats, kept: NDArray[np.bool_]) -> Floats:
    whole = np.full((len(kept), values.shape[1]), np.nan)
    whole[kept] = values
    return whole
