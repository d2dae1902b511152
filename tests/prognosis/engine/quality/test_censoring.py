"""Does censoring depend on the patient? Said where it does, not where it does not."""

from __future__ import annotations

import numpy as np

from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.censoring import chances_of_being_followed


def sample(strength: float, size: int = 800):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(size, 3))
    end = rng.exponential(np.exp(-strength * matrix[:, 0]))
    time = rng.exponential(2.0, size)
    return matrix, Outcomes(np.minimum(time, end) + 1e-6, time <= end)


def test_censoring_by_a_covariate_is_found_and_its_chances_are_right() -> None:
    matrix, outcomes = sample(1.0)

    found = chances_of_being_followed(matrix, outcomes, [0.5])

    truth = np.exp(-0.5 * np.exp(matrix[:, 0]))
    assert found.dependent
    assert np.abs(found.better.grid[:, 0] - truth).mean() < 0.05
    assert np.abs(found.alike.grid[:, 0] - truth).mean() > 0.15


def test_censoring_at_random_is_left_alone() -> None:
    found = chances_of_being_followed(*sample(0.0), [0.5])

    assert not found.dependent
    assert found.better is found.alike


def test_few_censored_patients_say_nothing() -> None:
    matrix, outcomes = sample(1.0, size=25)
    outcomes = Outcomes(outcomes.time, np.arange(25) > 3)

    assert not chances_of_being_followed(matrix, outcomes, [0.5]).dependent
