"""Scores of class probabilities, judged by scikit-learn and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import datasets, linear_model, metrics, model_selection

from madang.trials.engine.tasks.probability import (
    area_under_curve,
    auc_covariance,
    brier_losses,
    calibration_in_the_large,
    hits,
    log_losses,
    macro_f1,
    probability_measures,
)


def answered(load) -> tuple[np.ndarray, np.ndarray]:
    """Out-of-fold probabilities of a plain model on a bundled table."""
    x, y = load(return_X_y=True)
    x = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
    model = linear_model.LogisticRegression(C=0.05, max_iter=500)
    return y, model_selection.cross_val_predict(model, x[:, :6], y, method="predict_proba")


TABLES = {
    "iris": answered(lambda **o: datasets.load_iris(**o)),
    "breast_cancer": answered(lambda **o: datasets.load_breast_cancer(**o)),
    "digits": answered(lambda **o: datasets.load_digits(**o)),
}
each_table = pytest.mark.parametrize("table", TABLES)


@each_table
def test_the_brier_score_is_half_of_scikit_learns_sum_over_classes(table):
    truth, answers = TABLES[table]
    judge = metrics.brier_score_loss(
        truth, answers if answers.shape[1] > 2 else answers[:, 1], scale_by_half=True
    )

    assert brier_losses(truth, answers).mean() == pytest.approx(judge, abs=1e-12)


@each_table
def test_the_log_loss_is_scikit_learns_where_nothing_is_clipped(table):
    truth, answers = TABLES[table]

    assert answers[np.arange(len(truth)), truth].min() > 1e-6
    assert log_losses(truth, answers).mean() == pytest.approx(
        metrics.log_loss(truth, answers), abs=1e-12
    )


def test_a_sure_error_costs_what_the_clip_says():
    losses = log_losses(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]]))

    np.testing.assert_allclose(losses, [-math.log(1e-6), 0.0])
    assert probability_measures(2)[1].metric.highest == pytest.approx(losses[0])


@each_table
def test_accuracy_and_macro_f1_are_scikit_learns(table):
    truth, answers = TABLES[table]
    said = answers.argmax(axis=1)

    assert hits(truth, answers).mean() == metrics.accuracy_score(truth, said)
    assert macro_f1(truth, said) == pytest.approx(metrics.f1_score(truth, said, average="macro"))


def test_macro_f1_counts_the_classes_that_occur():
    """Class 2 never occurs; class 1 is stated but not true: its F1 is 0."""
    truth, said = np.array([0, 0, 3, 3]), np.array([0, 0, 3, 1])

    assert macro_f1(truth, said) == pytest.approx((1 + 0 + 2 / 3) / 3)
    assert macro_f1(truth, truth) == 1.0


def test_equal_probabilities_name_the_first_class():
    assert hits(np.array([0, 1]), np.full((2, 2), 0.5)).tolist() == [1.0, 0.0]


def test_the_auc_is_scikit_learns_ties_included():
    truth, answers = TABLES["breast_cancer"]
    rough = np.round(answers, 1)

    for each in (answers, rough):
        assert area_under_curve(truth, each) == pytest.approx(
            metrics.roc_auc_score(truth, each[:, 1])
        )
    assert math.isnan(area_under_curve(np.zeros(3, int), np.full((3, 2), 0.5)))


def test_the_covariance_of_aucs_is_delongs_by_counting_pairs():
    """The definition of DeLong et al. (1988), formula by formula over all pairs."""
    truth, answers = TABLES["breast_cancer"]
    other = np.round(answers[:, ::-1] * 0.3 + answers * 0.7, 2)
    scores = np.array([answers[:, 1], other[:, 1]])
    up, down = scores[:, truth == 1], scores[:, truth == 0]
    wins = (up[:, :, None] > down[:, None, :]) + 0.5 * (up[:, :, None] == down[:, None, :])
    by_hand = np.cov(wins.mean(axis=2)) / up.shape[1] + np.cov(wins.mean(axis=1)) / down.shape[1]

    np.testing.assert_allclose(auc_covariance(truth, [answers, other]), by_hand, rtol=1e-9)
    assert auc_covariance(np.array([1, 0, 0]), [np.full((3, 2), 0.5)]) is None


def test_calibration_in_the_large_of_two_classes_is_the_gap_of_either():
    truth, answers = TABLES["breast_cancer"]
    tilted = np.column_stack([answers[:, 0] * 0.8, 1 - answers[:, 0] * 0.8])

    assert calibration_in_the_large(truth, tilted) == pytest.approx(
        abs(tilted[:, 1].mean() - truth.mean())
    )


def test_calibration_in_the_large_of_three_classes_by_hand():
    answers = np.array([[0.6, 0.4, 0.0], [0.2, 0.4, 0.4]])

    # Means .4 .4 .2 against shares 1/2 1/2 0: half of .1 + .1 + .2.
    assert calibration_in_the_large(np.array([0, 1]), answers) == pytest.approx(0.2)


def test_only_two_classes_have_an_auc():
    assert "auc" in [each.metric.name for each in probability_measures(2)]
    assert "auc" not in [each.metric.name for each in probability_measures(3)]
