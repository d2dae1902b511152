"""Regression from the agency's columns to the score."""

from __future__ import annotations

import math
import re

import numpy as np
import polars as pl
import pytest
from sklearn import datasets, linear_model, metrics

from madang.kernel.errors import InputError
from madang.kernel.trial import Column
from madang.trials.engine.tasks.regression import outcome_bands
from madang.trials.tasks import Regression

TASK = Regression()
OPTIONS = {"outcome": "y"}
DATA = datasets.load_diabetes()
INPUTS = pl.DataFrame(dict(zip(DATA.feature_names, DATA.data.T, strict=True)))
OUTCOMES = pl.DataFrame({"y": DATA.target})
FRAME = TASK.frame(INPUTS, OUTCOMES, options=OPTIONS)
ANSWERS = linear_model.LinearRegression().fit(DATA.data, DATA.target).predict(DATA.data)[:, None]
BASELINES = {baseline.name: baseline.predict for baseline in TASK.baselines(options=OPTIONS)}
HANGUL = re.compile("[가-힣]")


def score(metric, answers, *, outcomes=OUTCOMES, **options):
    return TASK.score(metric, outcomes, answers, frame=FRAME, options={**OPTIONS, **options})


@pytest.mark.parametrize(
    ("metric", "judge"),
    [
        ("mae", metrics.mean_absolute_error),
        ("mse", metrics.mean_squared_error),
        ("rmse", metrics.root_mean_squared_error),
        ("r2", metrics.r2_score),
    ],
)
def test_scores_are_scikit_learns(metric, judge):
    assert score(metric, ANSWERS) == pytest.approx(judge(DATA.target, ANSWERS[:, 0]), abs=1e-10)


def test_perfect_answers_score_the_bound_of_every_metric():
    perfect = DATA.target[:, None].repeat(3, axis=1)
    options = {**OPTIONS, "quantiles": [0.4, 0.6]}
    for metric in TASK.metrics(frame=FRAME, options=options):
        if metric.lowest is not None and metric.name != "coverage_gap":
            assert score(metric.name, perfect, quantiles=[0.4, 0.6]) == 0
    assert score("r2", perfect[:, :1]) == 1.0
    # Every case is inside an interval that promises a fifth.
    assert score("coverage_gap", perfect, quantiles=[0.4, 0.6]) == pytest.approx(0.8)


def test_the_mean_scores_the_variance_and_no_r_squared():
    answers = BASELINES["mean"](INPUTS, OUTCOMES, INPUTS, frame=FRAME, options=OPTIONS)

    assert score("mse", answers) == pytest.approx(DATA.target.var())
    assert score("r2", answers) == pytest.approx(0.0, abs=1e-12)


def test_the_median_has_the_least_absolute_error_of_all_constants():
    answers = BASELINES["median"](INPUTS, OUTCOMES, INPUTS, frame=FRAME, options=OPTIONS)
    mine = score("mae", answers)

    assert mine == pytest.approx(np.abs(DATA.target - np.median(DATA.target)).mean())
    assert mine <= min(score("mae", answers + shift) for shift in (-5, -1, 1, 5))


def test_the_best_line_is_least_squares_on_the_best_column():
    known, asked = INPUTS[:300], INPUTS[300:]
    answers = BASELINES["best_line"](known, OUTCOMES[:300], asked, frame=FRAME, options=OPTIONS)[
        :, 0
    ]
    fits = {
        name: linear_model.LinearRegression().fit(DATA.data[:300, [at]], DATA.target[:300])
        for at, name in enumerate(DATA.feature_names)
    }
    best = max(
        fits,
        key=lambda n: fits[n].score(known[n].to_numpy()[:, None], DATA.target[:300]),
    )

    np.testing.assert_allclose(answers, fits[best].predict(asked[best].to_numpy()[:, None]))


def test_the_best_line_bridges_gaps_and_answers_the_mean_without_a_number():
    holed = INPUTS.with_columns(bmi=pl.when(pl.col("age") > 0.05).then(None).otherwise("bmi"))
    words = pl.DataFrame({"word": ["가", "나"] * 221})
    answers = BASELINES["best_line"](holed, OUTCOMES, holed, frame=FRAME, options=OPTIONS)
    plain = BASELINES["best_line"](words, OUTCOMES, words, frame=FRAME, options=OPTIONS)

    assert np.isfinite(answers).all()
    np.testing.assert_allclose(plain, DATA.target.mean())


def test_the_baselines_quantiles_cover_what_they_promise_in_the_open_sample():
    options = {**OPTIONS, "quantiles": [0.9, 0.1]}
    for predict in BASELINES.values():
        answers = predict(INPUTS, OUTCOMES, INPUTS, frame=FRAME, options=options)

        assert answers.shape == (442, 3)
        assert score("coverage_gap", answers, quantiles=[0.1, 0.9]) < 0.01


def test_answers_of_baselines_stay_within_the_stated_bounds():
    options = {**OPTIONS, "quantiles": [0.01, 0.99], "lowest": 100.0, "highest": 200.0}
    answers = BASELINES["best_line"](INPUTS, OUTCOMES, INPUTS, frame=FRAME, options=options)
    outputs = TASK.outputs(frame=FRAME, options=options)

    assert answers.min() == 100.0
    assert answers.max() == 200.0
    assert (outputs.lowest, outputs.highest) == (100.0, 200.0)
    assert outputs.columns == ("prediction", "q0.01", "q0.99")


def test_each_tenth_of_the_outcome_keeps_its_shares():
    parts = TASK.split(
        INPUTS,
        OUTCOMES,
        groups=None,
        shares={"open": 0.5, "board": 0.2, "final": 0.3},
        rng=np.random.default_rng(0),
        options=OPTIONS,
    )
    tenth = outcome_bands(DATA.target)
    for band in range(10):
        shares = np.bincount(parts[tenth == band], minlength=4) / (tenth == band).sum()

        np.testing.assert_allclose(shares, [0.5, 0, 0.2, 0.3], atol=0.03)


def test_bands_are_equal_in_number_and_ties_share_one():
    assert np.bincount(outcome_bands(np.arange(100.0)[::-1])).tolist() == [10] * 10
    assert len(set(outcome_bands(np.array([0.0] * 50 + [1.0] * 50))[:50])) == 1
    assert outcome_bands(np.arange(7.0)).tolist() == [0] * 7


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, 1.0, 1.0], "one and the same value"),
        ([1.0, None, 2.0, None], "2 cases without a value"),
        ([1.0, float("nan"), float("inf")], "2 cases with NaN or infinity"),
        (["1", "2"], "no numbers"),
        ([], "without a case"),
        ([1.0, 2.0, 11.0], "1 outcomes out of bounds"),
    ],
)
def test_outcomes_that_are_no_numbers_to_tell_are_refused(values, said):
    with pytest.raises(InputError) as refused:
        TASK.check_outcomes(
            pl.DataFrame({"y": values}), options={**OPTIONS, "lowest": 0.0, "highest": 10.0}
        )

    assert said in refused.value.sentence("en")
    assert HANGUL.search(refused.value.sentence("ko"))


def test_a_missing_column_a_wrong_kind_and_crossed_bounds_are_refused():
    number = Column(name="y", kind="number")
    for columns, options in (
        ((Column(name="z", kind="number"),), OPTIONS),
        ((Column(name="y", kind="text"),), OPTIONS),
        ((number,), {**OPTIONS, "lowest": 2.0, "highest": 1.0}),
    ):
        with pytest.raises(InputError):
            TASK.check((), columns, options=options)
    TASK.check((), (number,), options=OPTIONS)


def test_r_squared_of_equal_outcomes_is_undefined():
    assert math.isnan(score("r2", np.zeros((2, 1)), outcomes=pl.DataFrame({"y": [3.0, 3.0]})))


def test_a_metric_over_all_cases_gives_no_losses():
    for name in ("rmse", "r2"):
        assert TASK.losses(name, OUTCOMES, ANSWERS, frame=FRAME, options=OPTIONS) is None


def test_clean_data_raise_no_alarm_and_a_copy_does():
    assert TASK.leaks(INPUTS, OUTCOMES, options=OPTIONS) == ()
    copied = INPUTS.with_columns(copy=pl.Series(DATA.target.round(-1)))
    assert [leak.column for leak in TASK.leaks(copied, OUTCOMES, options=OPTIONS)] == ["copy"]
