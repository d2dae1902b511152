"""A closed form where the task has one, and classes that no resample loses."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from madang.trials.engine.comparison import Compared, compare_all
from madang.trials.engine.scoring import Scale, Solution
from madang.trials.tasks import Classification

OPTIONS = {"outcome": "ill"}


@pytest.fixture
def scale() -> Scale:
    """Two classes, one of them rare."""
    return Scale(task=Classification(), frame={"classes": ["0", "1"]}, options=OPTIONS)


def cases(rng: np.random.Generator, *, ill: int, n: int) -> pl.DataFrame:
    """The first `ill` of n cases are ill."""
    return pl.DataFrame({"ill": ["1"] * ill + ["0"] * (n - ill)})


def answers(rng: np.random.Generator, outcomes: pl.DataFrame, strength: float) -> np.ndarray:
    """Probabilities that know the outcome more or less well."""
    truth = (outcomes["ill"] == "1").to_numpy()
    risk = 1 / (1 + np.exp(-(strength * (truth - 0.5) + rng.normal(0, 1, len(truth)))))
    return np.column_stack([1 - risk, risk])


def test_auc_intervals_come_from_delongs_covariance(scale):
    from madang.kernel.stats.auc import delong

    rng = np.random.default_rng(1)
    outcomes = cases(rng, ill=60, n=300)
    solutions = [Solution(name=f"s{i}", answers=answers(rng, outcomes, i + 0.5)) for i in range(3)]

    found = compare_all(
        scale, "auc", outcomes, solutions, baseline="s0", among=["s1", "s2"], level=0.95, seed=3
    )

    truth = (outcomes["ill"] == "1").to_numpy()
    areas = delong(truth, np.stack([each.answers[:, 1] for each in solutions]))
    error = np.sqrt(areas.covariance[2, 2] + areas.covariance[1, 1] - 2 * areas.covariance[1, 2])
    assert found["pairs"][0]["standard_error"] == pytest.approx(error, rel=1e-9)
    assert found["scores"]["s2"]["estimate"] == pytest.approx(areas.estimates[2])
    assert found["scores"]["s2"]["low"] < areas.estimates[2] < found["scores"]["s2"]["high"]
    assert found["against_baseline"]["s2"]["difference"] == pytest.approx(
        areas.estimates[0] - areas.estimates[2]
    )


def test_a_rare_class_never_vanishes_from_a_resample(scale):
    rng = np.random.default_rng(2)
    outcomes = cases(rng, ill=3, n=80)
    solutions = [Solution(name=f"s{i}", answers=answers(rng, outcomes, i + 1)) for i in range(2)]

    compared = Compared.of(scale, "macro_f1", outcomes, solutions, seed=1)

    assert np.isfinite(compared.spread.replicates).all()
    assert scale.strata(outcomes).tolist() == outcomes["ill"].to_list()
    assert scale.strata(cases(rng, ill=1, n=9)) is None  # one case cannot be resampled


def test_a_constant_answers_own_interval_is_no_point(scale):
    rng = np.random.default_rng(3)
    outcomes = cases(rng, ill=60, n=200)
    constant = np.column_stack([np.full(200, 0.7), np.full(200, 0.3)])
    solutions = [
        Solution(name="constant", answers=constant),
        Solution(name="other", answers=answers(rng, outcomes, 2.0)),
    ]

    found = compare_all(
        scale,
        "macro_f1",
        outcomes,
        solutions,
        baseline="constant",
        among=["other"],
        level=0.95,
        seed=3,
    )

    own = found["scores"]["constant"]
    assert own["high"] - own["low"] > 0.01  # the share of the ill is not known exactly
