"""Uno's C: by definition over pairs, and in the cases that can be said without counting."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality import uno
from madang.prognosis.engine.quality.uno import curve_risk, uno_c_score
from tests.prognosis.conftest import invented


def by_definition(outcomes: Outcomes, risk, followed, limit) -> float:
    right = total = 0.0
    time, event = outcomes
    for i in range(len(time)):
        if not event[i] or time[i] >= limit:
            continue
        for j in range(len(time)):
            if time[j] > time[i] or (time[j] == time[i] and not event[j]):
                weight = 1 / followed[i] ** 2
                total += weight
                right += weight * (1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0)
    return right / total


@pytest.mark.parametrize("limit", [0.8, np.inf])
def test_it_is_the_weighted_share_of_pairs_in_the_right_order(tied_sample, limit) -> None:
    matrix, outcomes = tied_sample
    risk = np.round(matrix[:, 0], 1)
    followed = np.maximum(censoring_curve(outcomes).at(outcomes.time), 1e-3)

    found = uno_c_score(outcomes, risk, followed, limit=limit)

    assert found == pytest.approx(by_definition(outcomes, risk, followed, limit))


def test_blocks_of_pairs_add_up_to_the_whole(tied_sample, monkeypatch) -> None:
    matrix, outcomes = tied_sample
    whole = uno_c_score(outcomes, matrix[:, 0], np.ones(120))

    monkeypatch.setattr(uno, "_BLOCK", 500)

    assert uno_c_score(outcomes, matrix[:, 0], np.ones(120)) == whole


def test_perfect_opposite_and_equal_risks() -> None:
    outcomes = Outcomes(np.arange(1.0, 9.0), np.ones(8, dtype=bool))
    risk = -outcomes.time

    assert uno_c_score(outcomes, risk, np.ones(8)) == 1
    assert uno_c_score(outcomes, -risk, np.ones(8)) == 0
    assert uno_c_score(outcomes, np.ones(8), np.ones(8)) == 0.5


def test_without_censoring_it_is_the_auc_of_kendalls_pairs() -> None:
    from scipy.stats import kendalltau

    rng = np.random.default_rng(0)
    time, risk = rng.permutation(60).astype(float) + 1, rng.normal(size=60)

    found = uno_c_score(Outcomes(time, np.ones(60, dtype=bool)), risk, np.ones(60))

    assert found == pytest.approx((1 - kendalltau(time, risk).statistic) / 2)


def test_an_event_at_the_limit_opens_no_pair() -> None:
    outcomes = Outcomes(np.array([1.0, 2.0, 3.0]), np.ones(3, dtype=bool))

    assert uno_c_score(outcomes, [3, 1, 2], np.ones(3), limit=2.0) == 1
    assert uno_c_score(outcomes, [3, 1, 2], np.ones(3), limit=2.1) == pytest.approx(2 / 3)


def test_no_comparable_pair_is_a_coin_toss() -> None:
    outcomes = Outcomes(np.array([1.0, 2.0]), np.array([False, False]))

    assert uno_c_score(outcomes, [1.0, 2.0], [1.0, 1.0]) == 0.5


def test_censoring_does_not_bend_it() -> None:
    """The value under censoring is near that of full follow-up; Harrell's, unweighted, is not."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=4000)
    time = rng.weibull(np.where(x > 0, 3.0, 0.6))
    end = rng.exponential(0.7, 4000)
    full = Outcomes(time, np.ones(4000, dtype=bool))
    outcomes = Outcomes(np.minimum(time, end), time <= end)
    expected = uno_c_score(full, x, np.ones(4000), limit=1.5)

    weighted = uno_c_score(outcomes, x, censoring_curve(outcomes).at(outcomes.time), limit=1.5)
    unweighted = uno_c_score(outcomes, x, np.ones(4000), limit=1.5)

    assert weighted == pytest.approx(expected, abs=0.02)
    assert abs(unweighted - expected) > 0.04


def test_a_curve_that_lies_lower_has_the_higher_risk() -> None:
    risk = curve_risk([[0.9, 0.5], [0.8, 0.1], [0.0, 0.0]])

    assert risk == pytest.approx([-np.log(0.45), -np.log(0.08), -2 * np.log(1e-5)])


def test_order_of_rows_does_not_matter() -> None:
    matrix, outcomes = invented(150, ties=True)
    order = np.random.default_rng(0).permutation(150)

    turned = Outcomes(outcomes.time[order], outcomes.event[order])

    assert uno_c_score(turned, matrix[order, 0], np.ones(150)) == pytest.approx(
        uno_c_score(outcomes, matrix[:, 0], np.ones(150))
    )


@pytest.mark.parametrize("limit", [0.8, np.inf])
def test_what_patients_add_is_what_leaving_each_out_takes_away(tied_sample, limit) -> None:
    # Efron and Tibshirani (1993), chapter 11: the jackknife, with chances of being followed kept.
    matrix, outcomes = tied_sample
    risk = np.round(matrix[:, 0], 1)
    followed = np.maximum(censoring_curve(outcomes).at(outcomes.time), 1e-3)
    parts = uno.concordance_parts(outcomes, risk, followed, limit=limit)
    size, values = len(risk), []
    for out in range(size):
        kept = np.arange(size) != out
        part = Outcomes(outcomes.time[kept], outcomes.event[kept])
        values.append(uno_c_score(part, risk[kept], followed[kept], limit=limit))
    jackknife = (size - 1) / size * ((np.array(values) - np.mean(values)) ** 2).sum()

    assert parts.value == pytest.approx(uno_c_score(outcomes, risk, followed, limit=limit))
    assert float((parts.influence**2).sum()) == pytest.approx(float(jackknife), rel=0.1)
    assert parts.influence.sum() == pytest.approx(0, abs=1e-9)


def test_without_a_pair_nobody_adds_anything() -> None:
    outcomes = Outcomes(np.array([1.0, 2.0]), np.array([False, False]))
    parts = uno.concordance_parts(outcomes, [0.1, 0.2], [1.0, 1.0])

    assert parts.value == 0.5
    assert not parts.influence.any()
