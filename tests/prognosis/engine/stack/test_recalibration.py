"""Recalibration mends what is drawn together, and leaves alone what is right."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.cox import log_likelihood
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.calibration import in_the_large, smooth_calibration
from madang.prognosis.engine.stack.recalibration import fit_recalibration

TIMES = np.linspace(2.0, 20.0, 19)


def sample(size: int, seed: int, *, stretch: float = 1.0, level: float = 0.0):
    """Outcomes, and curves whose log hazard is the truth's divided by `stretch`, less `level`."""
    rng = np.random.default_rng(seed)
    link = rng.normal(0, 0.9, size) - 3.0
    time = rng.exponential(np.exp(-link))
    end = rng.uniform(5, 40, size)
    said = (link + 3.0) / stretch - 3.0 - level
    return Outcomes(np.minimum(time, end), time <= end), np.exp(-np.outer(np.exp(said), TIMES))


@pytest.mark.parametrize(("stretch", "level"), [(1.5, 0.0), (1.5, 0.4), (0.7, -0.3)])
def test_slope_and_level_are_right_on_new_patients(stretch, level) -> None:
    fix = fit_recalibration(*sample(3000, 1, stretch=stretch, level=level), TIMES, horizon=20.0)
    outcomes, curves = sample(4000, 2, stretch=stretch, level=level)

    fixed = fix.corrected(curves, TIMES)

    before = smooth_calibration(outcomes, 1 - curves[:, -1], 20.0)
    after = smooth_calibration(outcomes, 1 - fixed[:, -1], 20.0)
    assert not 0.85 < before.slope < 1.2
    assert 0.9 < after.slope < 1.1
    assert after.ici < 0.02 < before.ici
    for place in (5, 12, 18):
        at = float(TIMES[place])
        assert abs(in_the_large(outcomes, 1 - fixed[:, place], at)) < 0.02


def test_what_is_right_stays_nearly_as_it_is() -> None:
    outcomes, curves = sample(3000, 3)

    fix = fit_recalibration(outcomes, curves, TIMES, horizon=20.0)

    assert np.abs(fix.corrected(curves, TIMES) - curves).mean() < 0.015


def test_a_bend_is_found() -> None:
    outcomes, curves = sample(4000, 4)
    link = np.log(-np.log(curves))
    bent = np.exp(-np.exp(np.where(link > -1.5, -1.5 + (link + 1.5) / 2.5, link)))

    fix = fit_recalibration(outcomes, bent, TIMES, horizon=20.0)

    assert fix.corrections[-1].kind == "bend"
    fixed = smooth_calibration(outcomes, 1 - fix.corrected(bent, TIMES)[:, -1], 20.0)
    assert fixed.ici < 0.02 < smooth_calibration(outcomes, 1 - bent[:, -1], 20.0).ici


def test_few_events_teach_nothing() -> None:
    outcomes, curves = sample(30, 5, stretch=1.5)

    fix = fit_recalibration(outcomes, curves, TIMES, horizon=20.0)

    assert fix.corrections == ()
    assert (fix.corrected(curves, TIMES) == curves).all()


def test_corrected_curves_never_rise_and_certainty_stays() -> None:
    outcomes, curves = sample(500, 6, stretch=1.5)
    fix = fit_recalibration(outcomes, curves, TIMES, horizon=20.0)
    asked = np.minimum.accumulate(np.random.default_rng(7).uniform(0, 1, (200, 19)), axis=1)
    asked[:, 0] = 1.0

    fixed = fix.corrected(asked, TIMES)

    assert (np.diff(fixed, axis=1) <= 0).all()
    assert (fixed[:, 0] == 1).all()
    assert fixed.min() >= 0


def test_the_order_of_patients_at_a_horizon_stays() -> None:
    outcomes, curves = sample(800, 8, stretch=1.5)
    fix = fit_recalibration(outcomes, curves, TIMES, horizon=20.0)

    fixed = fix.corrected(curves, TIMES)

    assert (np.argsort(fixed[:, -1]) == np.argsort(curves[:, -1])).all()


def test_of_a_doubtful_stretch_only_the_share_beyond_chance_is_taken() -> None:
    outcomes, curves = sample(150, 10, stretch=1.6)

    (found,) = fit_recalibration(outcomes, curves, TIMES, horizon=20.0, horizons=1).corrections

    until = outcomes.before(20.0)
    link = np.log(-np.log(curves[:, -1]))
    stretched = float(found.slopes[0]) * link
    gained = 2 * (log_likelihood(stretched, *until) - log_likelihood(link, *until))
    assert found.kind == "stretch"
    assert found.share == pytest.approx((gained - 1) / gained)
    assert found.meant(link)[0] - found.meant(link)[1] == pytest.approx(
        (1 + found.share * (found.slopes[0] - 1)) * (link[0] - link[1])
    )
