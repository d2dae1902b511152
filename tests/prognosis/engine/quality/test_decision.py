"""Net benefit is what counting says, and no model beats the truth."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.decision import decision_curve


def test_by_hand() -> None:
    # Ten patients without censoring; risks of 0.3 and more: three of whom two have the event.
    time = np.array([1, 2, 9, 3, 9, 9, 9, 9, 9, 9.0])
    risk = np.array([0.9, 0.5, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    found = decision_curve(Outcomes(time, time < 5), risk, [0.25], 5.0)

    assert found.model[0] == pytest.approx(2 / 10 - 1 / 10 * 0.25 / 0.75)
    assert found.everybody[0] == pytest.approx(3 / 10 - 7 / 10 * 0.25 / 0.75)
    assert decision_curve(Outcomes(time, time < 5), risk, [0.95], 5.0).model[0] == 0.0
    # A risk of exactly the threshold is acted on.
    exact = decision_curve(Outcomes(time, time < 5), risk, [0.3], 5.0).model[0]
    assert exact == pytest.approx(2 / 10 - 1 / 10 * 0.3 / 0.7)


def test_the_true_risk_is_never_worse_and_censoring_does_not_bend() -> None:
    rng = np.random.default_rng(4)
    rate = np.exp(rng.normal(-1.5, 1, size=60_000))
    dies = rng.exponential(1 / rate)
    leaves = rng.exponential(4.0, size=len(rate))
    truth = 1 - np.exp(-rate * 2)
    lines = np.array([0.1, 0.2, 0.4])
    whole = decision_curve(Outcomes(dies, dies > 0), truth, lines, 2.0)
    seen = Outcomes(np.minimum(dies, leaves), dies <= leaves)
    censored = decision_curve(seen, truth, lines, 2.0)

    assert censored.model == pytest.approx(whole.model, abs=0.01)
    assert (whole.model >= np.maximum(whole.everybody, 0)).all()
    noisy = np.clip(truth + rng.normal(0, 0.2, size=len(truth)), 0, 1)
    assert (decision_curve(seen, noisy, lines, 2.0).model < censored.model).all()


@pytest.mark.parametrize("line", [0.0, 1.0, -0.1, np.nan])
def test_a_threshold_is_a_risk(line: float) -> None:
    outcomes = Outcomes(np.array([1.0]), np.array([True]))
    with pytest.raises(InputError, match="thresholds of action"):
        decision_curve(outcomes, [0.5], [line], 1.0)
