"""Quantiles and intervals, judged by scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from madang.trials.engine.tasks.quantiles import (
    answer_columns,
    coverage_gap,
    pinball_losses,
    quantile_measures,
)

RNG = np.random.default_rng(41)
TRUTH = RNG.normal(size=300)
ANSWERS = np.column_stack([np.zeros(300), RNG.normal(-1, 0.3, 300), RNG.normal(1.5, 0.3, 300)])


def test_the_columns_rise_whatever_the_order_in_the_options():
    assert answer_columns([0.95, 0.05, 0.5]) == ("prediction", "q0.05", "q0.5", "q0.95")
    assert answer_columns([]) == ("prediction",)


def test_the_pinball_loss_is_the_mean_of_scikit_learns():
    judge = [
        mean_pinball_loss(TRUTH, ANSWERS[:, at], alpha=level) for at, level in ((1, 0.1), (2, 0.9))
    ]

    assert pinball_losses(TRUTH, ANSWERS, [0.9, 0.1]).mean() == pytest.approx(np.mean(judge))


def test_a_quantile_costs_its_level_below_and_the_rest_above():
    losses = pinball_losses(np.array([10.0, 10.0]), np.array([[0, 8.0], [0, 12.0]]), [0.9])

    np.testing.assert_allclose(losses, [1.8, 0.2])


def test_coverage_is_counted_against_what_the_quantiles_promise():
    truth = np.arange(10.0)
    answers = np.tile([5.0, 2.0, 6.0], (10, 1))

    # 2 to 6 holds five of ten; 0.1 to 0.9 promises eight.
    assert coverage_gap(truth, answers, [0.1, 0.9]) == pytest.approx(0.3)


def test_what_is_asked_decides_what_is_scored():
    names = [[each.metric.name for each in quantile_measures(q)] for q in ([], [0.5], [0.1, 0.9])]

    assert names == [[], ["pinball_loss"], ["pinball_loss", "coverage_gap", "interval_width"]]


def test_the_width_is_that_of_the_outermost_quantiles():
    width = quantile_measures([0.1, 0.9], unit="m")[2]

    assert width.metric.unit == "m"
    assert width.each(TRUTH, ANSWERS).mean() == pytest.approx(
        ANSWERS[:, 2].mean() - ANSWERS[:, 1].mean()
    )
