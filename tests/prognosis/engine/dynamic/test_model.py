"""A model of visits answers with its doubts, adds up, and refuses whom it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from madang.prognosis.engine.dynamic.model import Fitted, expected, fit_visit_model
from madang.prognosis.engine.dynamic.visits import AGE, AT
from tests.prognosis.engine.dynamic import courses

if TYPE_CHECKING:
    pass

MADE = courses.made(400, seed=3)
MARKS = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]


def fit(seed: int = 0) -> Fitted:
    return fit_visit_model(
        MADE.visits,
        MADE.courses,
        landmarks=MARKS,
        horizon=2.0,
        asked=[1.0, 2.0],
        categories=("sex", "centre"),
        seed=seed,
    )


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit()


@pytest.fixture(scope="module")
def shot() -> pl.DataFrame:
    """Those who were still there a year after entry, as they were known then."""
    there = MADE.courses.patient[MADE.courses.time > 1.0]
    return MADE.visits.of(there.tolist()).snapshot(1.0)


def test_every_cause_and_none_add_up_to_one(fitted: Fitted, shot: pl.DataFrame) -> None:
    said = expected(fitted.model, shot, np.linspace(0.05, 2.0, 40))
    known = ~np.isnan(said.survival[:, 0])
    whole = (said.survival + said.causes.sum(axis=0))[known]

    assert known.sum() > 200
    assert np.abs(whole - 1).max() < 1e-9
    assert (np.diff(said.causes[0][known], axis=1) >= 0).all()


def test_the_interval_holds_the_answer_and_widens_with_less_data(
    fitted: Fitted, shot: pl.DataFrame
) -> None:
    said = expected(fitted.model, shot, [1.0, 2.0])
    known = ~np.isnan(said.survival[:, 0])
    assert (said.low[known] <= said.causes[0][known]).all()
    assert (said.causes[0][known] <= said.high[known]).all()
    few = courses.made(120, seed=5)
    small = fit_visit_model(
        few.visits,
        few.courses,
        landmarks=MARKS,
        horizon=2.0,
        asked=[1.0],
        categories=("sex", "centre"),
    )
    there = few.visits.of(few.courses.patient[few.courses.time > 1.0].tolist()).snapshot(1.0)
    wide = expected(small.model, there, [1.0])

    def width(told: object) -> float:
        return float(np.nanmean(told.high[:, 0] - told.low[:, 0]))  # type: ignore[attr-defined]

    assert width(wide) > width(said)


def test_without_intervals_both_ends_are_the_answer(fitted: Fitted, shot: pl.DataFrame) -> None:
    said = expected(fitted.model, shot, [1.0], intervals=False)

    np.testing.assert_array_equal(said.low, said.causes[0])
    np.testing.assert_array_equal(said.high, said.causes[0])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({AT: 9.0}, "since entry"),
        ({AGE: 50.0}, "the last visit was 50"),
        ({"marker": 1e6}, "outside"),
        ({"centre": "z"}, "no training patient had"),
        ({"marker": None}, "key column"),
    ],
)
def test_whom_the_model_does_not_know_it_refuses(
    fitted: Fitted, shot: pl.DataFrame, change: dict[str, object], word: str
) -> None:
    one = shot.head(2)
    name, value = next(iter(change.items()))
    column = pl.Series(name, [one[name][0], value], dtype=one.schema[name], strict=False)
    said = expected(fitted.model, one.with_columns(column), [1.0])

    assert said.refusals[0] is None
    assert said.refusals[1] is not None
    assert word in said.refusals[1].en
    assert np.isnan(said.causes[:, 1]).all()
    assert np.isfinite(said.causes[:, 0]).all()


def test_answers_out_of_fold_come_from_models_that_missed_the_patient(fitted: Fitted) -> None:
    told = fitted.out_of_fold[1.0]
    there = MADE.courses.patient[MADE.courses.time > 1.0]

    assert sorted(told.patient.tolist()) == sorted(there.tolist())
    own = expected(fitted.model, MADE.visits.of(there.tolist()).snapshot(1.0), [1.0])
    order = np.argsort(told.patient)
    missed = told.causes[0][order, 0]
    assert not np.allclose(missed, own.causes[0][:, 0], atol=1e-6)
    assert np.corrcoef(missed, np.nan_to_num(own.causes[0][:, 0]))[0, 1] > 0.9


def test_the_later_course_of_a_row_begins_at_its_landmark(fitted: Fitted) -> None:
    told = fitted.out_of_fold[2.0]
    ends = dict(zip(MADE.courses.patient.tolist(), MADE.courses.time.tolist(), strict=True))
    for name, left in zip(told.patient.tolist(), told.time.tolist(), strict=True):
        assert left == pytest.approx(ends[name] - 2.0)


def test_the_same_seed_gives_the_same_model(fitted: Fitted, shot: pl.DataFrame) -> None:
    again, other = fit(), fit(seed=1)
    said = [expected(each.model, shot, [1.0]) for each in (fitted, again, other)]

    np.testing.assert_array_equal(said[0].low, said[1].low)
    np.testing.assert_array_equal(said[0].causes, said[2].causes)  # the folds do not touch it
    assert not np.array_equal(said[0].low, said[2].low)


def test_a_higher_marker_means_more_of_the_first_cause(fitted: Fitted, shot: pl.DataFrame) -> None:
    one = shot.head(1)
    risks = [
        expected(fitted.model, one.with_columns(pl.lit(value).alias("marker")), [1.0])
        for value in (0.5, 1.0, 2.0)
    ]
    told = [float(each.causes[0][0, 0]) for each in risks]

    assert told == sorted(told) and told[2] > 1.5 * told[0]
