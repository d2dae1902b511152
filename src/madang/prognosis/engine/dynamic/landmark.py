"""What is to come, given what is known by now? One model for every moment of the follow-up.

At each of many landmark times, those still followed and free of any event stand with the values
known by then; their later course is watched up to the horizon. All of these stacked rows make one
sample (the landmark supermodel), with the time since entry among the covariates. Each cause has
its own proportional hazards with a ridge; incidences and survival come from all of them together,
so that for every patient they add up to 1.

The age of the data and the number of visits are covariates: a patient who was expected and not
seen is another one than a patient who was.

Sources: van Houwelingen (2007) for landmarks and the supermodel; Nicolaie, van Houwelingen,
de Witte and Putter (2013) for competing risks; Prentice et al. (1978) for cause-specific hazards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.dynamic.visits import AGE, AT, COUNT, PATIENT, Courses, Visits
from madang.prognosis.engine.models.cox import Cox, fit_cox
from madang.prognosis.engine.models.encoding import Category, Encoding, fit_encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]

PENALTIES = (0.01, 0.03, 0.1)
"""Ridges among which `fit_landmark` chooses."""
_FEWEST_EVENTS = 10
_FOLDS = 5


class Incidence(NamedTuple):
    """Of n patients at k times from the landmark on: survival (n, k) and causes (c, n, k).

    For every patient and time the survival and all causes add up to 1.
    """

    survival: Floats
    causes: Floats


@dataclass(frozen=True, kw_only=True)
class Landmark:
    """A fitted supermodel. Times from a landmark are in the unit of the visits."""

    encoding: Encoding
    logarithms: frozenset[str]
    """Columns taken by their logarithm: all above 0, and less skewed so."""
    causes: tuple[Cox, ...]
    """One model for each cause, the predicted event first."""
    horizon: float
    """How far the sample was watched from each landmark."""
    span: tuple[float, float]
    """The first and last landmark of the sample."""

    def incidence(self, snapshot: pl.DataFrame, times: ArrayLike) -> Incidence:
        """What is to come for the patients of a snapshot.

        Args:
            snapshot: As `Visits.snapshot` gives it.
            times: (k) times from the landmark on, ascending.

        Raises:
            InputError: A time lies beyond the horizon, or the snapshot outside the landmarks.
        """
        grid = np.asarray(times, dtype=np.float64)
        self._refuse_outside(snapshot, grid)
        matrix = self.matrix(snapshot)
        steps = np.unique(np.concatenate([each.times for each in self.causes]))
        relative = [np.exp(each.predictor(matrix)) for each in self.causes]
        hazards = [
            np.outer(risk, np.diff(each.cumulative_hazard(steps), prepend=0.0))
            for risk, each in zip(relative, self.causes, strict=True)
        ]
        whole = np.sum(hazards, axis=0)
        after = np.exp(-np.cumsum(whole, axis=1))
        lost = np.diff(after, axis=1, prepend=1.0)
        # What is lost in a step goes to the causes by their hazards: nothing is left over.
        share = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
        falls = [np.cumsum(-lost * each * share, axis=1) for each in hazards]
        place = np.searchsorted(steps, grid, side="right")
        at = [np.hstack([np.zeros((len(matrix), 1)), each])[:, place] for each in falls]
        survival = np.hstack([np.ones((len(matrix), 1)), after])[:, place]
        return Incidence(survival, np.stack(at))

    def free_of_event(self, snapshot: pl.DataFrame, times: ArrayLike) -> Floats:
        """(n, k) as if nothing competed: what a score with competing events censored looks at."""
        grid = np.asarray(times, dtype=np.float64)
        self._refuse_outside(snapshot, grid)
        return self.causes[0].survival(self.matrix(snapshot), grid)

    def matrix(self, snapshot: pl.DataFrame) -> Floats:
        """(n, p) covariates as the models take them."""
        return self.encoding.matrix(_logged(snapshot, self.logarithms))

    def drivers(self, snapshot: pl.DataFrame) -> dict[str, Floats]:
        """By column, (n) what it adds to the logarithm of the predicted event's hazard.

        Measured from the mean of the sample; the sum is the linear predictor. Between two
        snapshots of a patient the differences say what has changed.
        """
        model, matrix = self.causes[0], self.matrix(snapshot)
        parts = (matrix - model.centre) * model.coefficients
        found, start = {}, 0
        for column in self.encoding.columns:
            width = len(column.levels) - 1 if isinstance(column, Category) else 1
            found[column.name] = parts[:, start : start + width].sum(axis=1)
            start += width
        return found

    def _refuse_outside(self, snapshot: pl.DataFrame, grid: Floats) -> None:
        first, last = self.span
        at = snapshot[AT].to_numpy()
        if len(at) and not (first <= at.min() and at.max() <= last):
            raise InputError(
                words(f"등록 뒤 {at.max():g} 시점", f"{at.max():g} after entry"),
                words(f"{first:g}부터 {last:g}까지", f"from {first:g} to {last:g}"),
                words(
                    "모형이 배우지 않은 시점은 예측하지 않습니다.",
                    "Nothing is said of times that the model has not learnt.",
                ),
            )
        if grid.size and not (grid.min() >= 0 and grid.max() <= self.horizon):
            raise InputError(
                words(f"예측 기간 {grid.max():g}", f"a prediction over {grid.max():g}"),
                words(f"0부터 {self.horizon:g}까지", f"from 0 to {self.horizon:g}"),
            )


def fit_landmark(
    visits: Visits,
    courses: Courses,
    *,
    landmarks: Sequence[float],
    horizon: float,
    categories: Sequence[str] = (),
    penalty: float | None = None,
) -> Landmark:
    """Fit the supermodel.

    Args:
        visits: Of the patients of the courses.
        courses: What became of them, from entry on.
        landmarks: Times since entry at which rows are taken.
        horizon: How far each row is watched.
        categories: The measured columns that are categories; all others are numbers.
        penalty: The ridge; None chooses among `PENALTIES` by the partial likelihood of the event
            left out, patients kept together.

    Raises:
        InputError: Too few events were seen behind the landmarks.
    """
    rows = stacked(visits, courses, landmarks=landmarks, horizon=horizon)
    cause = rows.cause
    if int((cause == 1).sum()) < _FEWEST_EVENTS:
        raise InputError(
            words(f"사건 {int((cause == 1).sum())}건", f"{int((cause == 1).sum())} events"),
            words(f"{_FEWEST_EVENTS}건 이상", f"{_FEWEST_EVENTS} or more"),
        )
    if penalty is None:
        penalty = _chosen(rows, categories)
    logarithms = _skewed(rows.table, categories)
    encoding = _encoded(rows.table, categories, logarithms)
    matrix = encoding.matrix(_logged(rows.table, logarithms))
    return Landmark(
        encoding=encoding,
        logarithms=logarithms,
        causes=tuple(
            fit_cox(matrix, rows.time, cause == each, penalty=penalty, l1_ratio=0.0)
            for each in sorted({1, *np.unique(cause[cause > 0]).tolist()})
        ),
        horizon=horizon,
        span=(float(min(landmarks)), float(max(landmarks))),
    )


class Stacked(NamedTuple):
    """The rows of all landmarks: covariates, time from the landmark on, and cause of its end."""

    table: pl.DataFrame
    time: Floats
    cause: NDArray[np.int64]


def stacked(
    visits: Visits, courses: Courses, *, landmarks: Sequence[float], horizon: float
) -> Stacked:
    """Those still followed at each landmark, watched up to the horizon."""
    import polars as pl

    ends = pl.DataFrame({PATIENT: courses.patient, "end": courses.time, "cause": courses.cause})
    parts = [
        visits.snapshot(at)
        .join(ends, on=PATIENT, how="inner", maintain_order="left")
        .filter(pl.col("end") > at)
        for at in landmarks
    ]
    table = pl.concat(parts).with_columns((pl.col("end") - pl.col(AT)).alias("left"))
    time, cause = table["left"].to_numpy(), table["cause"].to_numpy()
    return Stacked(
        table.drop("end", "cause", "left"),
        np.minimum(time, horizon),
        np.where(time <= horizon, cause, 0),
    )


def _skewed(table: pl.DataFrame, categories: Sequence[str]) -> frozenset[str]:
    """Numbers above 0 whose logarithm is less skewed than they are."""
    import polars as pl

    found = set()
    for name in _numbers(table, categories):
        values = table[name].drop_nulls().cast(pl.Float64)
        if len(values) and float(values.min() or 0) > 0:  # type: ignore[arg-type]
            plain, logged = values.skew(), values.log().skew()
            if plain is not None and logged is not None and abs(logged) < abs(plain):
                found.add(name)
    return frozenset(found)


def _numbers(table: pl.DataFrame, categories: Sequence[str]) -> list[str]:
    added = (PATIENT, AGE, COUNT, AT, *categories)
    return [name for name in table.columns if name not in added]


def _logged(table: pl.DataFrame, names: frozenset[str]) -> pl.DataFrame:
    import polars as pl

    return table.with_columns(
        pl.col(name).cast(pl.Float64).clip(lower_bound=1e-12).log() for name in sorted(names)
    )


def _encoded(
    table: pl.DataFrame, categories: Sequence[str], logarithms: frozenset[str]
) -> Encoding:
    declared = [
        {"name": name, "kind": "category" if name in categories else "number"}
        for name in table.columns
        if name != PATIENT
    ]
    return fit_encoding(_logged(table, logarithms), declared, fewest=5)


def _chosen(rows: Stacked, categories: Sequence[str]) -> float:
    """The ridge under which patients left out are ranked likeliest."""
    patients = np.unique(rows.table[PATIENT].to_numpy())
    fold = dict(zip(patients.tolist(), (np.arange(len(patients)) % _FOLDS).tolist(), strict=True))
    of = np.array([fold[name] for name in rows.table[PATIENT].to_list()])
    gain = dict.fromkeys(PENALTIES, 0.0)
    for left_out in range(_FOLDS):
        inside = of != left_out
        own = rows.table.filter(inside)
        logarithms = _skewed(own, categories)
        encoding = _encoded(own, categories, logarithms)
        matrix = encoding.matrix(_logged(rows.table, logarithms))
        for penalty in PENALTIES:
            model = fit_cox(
                matrix[inside],
                rows.time[inside],
                rows.cause[inside] == 1,
                penalty=penalty,
                l1_ratio=0.0,
            )
            gain[penalty] += _likelihood(
                model, matrix[~inside], rows.time[~inside], rows.cause[~inside] == 1
            )
    return max(PENALTIES, key=lambda each: gain[each])


def _likelihood(model: Cox, matrix: Floats, time: Floats, event: NDArray[np.bool_]) -> float:
    """Log likelihood of rows under a model, its baseline's steps taken as hazards."""
    eta = model.predictor(matrix)
    steps = np.diff(model.hazard, prepend=0.0)
    last = np.clip(np.searchsorted(model.times, time, side="right") - 1, 0, None)
    step = np.maximum(steps[last], 1e-12)
    whole = np.exp(eta) * model.cumulative_hazard(time)
    return float((event * (eta + np.log(step))).sum() - whole.sum())
