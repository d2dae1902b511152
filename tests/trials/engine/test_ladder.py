"""The board says a new score only where it clearly beats what was said before."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from madang.kernel.trial import Metric
from madang.trials.engine.ladder import bounds, half_width, release

LOSS = Metric(name="loss", title_ko="", title_en="", direction="lower", lowest=0.0)
SCORE = Metric(name="score", title_ko="", title_en="", direction="higher", lowest=0.0, highest=1.0)
RNG = np.random.default_rng(3)
BASELINE = RNG.normal(5, 1, 400).clip(0.1)


def released(new, best=BASELINE, metric=LOSS, **more):
    return release(metric, new=new, best=best, baseline=BASELINE, quota=10, **more)


def test_a_clear_improvement_is_shown_with_its_interval():
    new = BASELINE - 1 + RNG.normal(0, 0.3, 400)

    facts = released(new)

    assert facts["improved"]
    assert facts["shown"] == pytest.approx(new.mean(), abs=0.0005 + 1e-9)
    low, high = facts["interval"]
    half = stats.t.ppf(1 - 0.025 / 10, 399) * new.std(ddof=1) / 20
    assert (high - low) / 2 == pytest.approx(half, rel=0.02)
    assert facts["bits"] > 0


@pytest.mark.parametrize(
    "new", [BASELINE, BASELINE + 1, BASELINE - 0.001, BASELINE + RNG.normal(0, 1, 400)]
)
def test_answers_that_are_equal_worse_or_hardly_better_show_nothing(new):
    facts = released(new)

    assert not facts["improved"]
    assert set(facts) == {"improved", "step", "bits"}


def test_the_next_step_is_measured_from_the_best_and_not_from_the_baseline():
    good = BASELINE - 1 + RNG.normal(0, 0.3, 400)

    assert not released(good, best=good)["improved"]
    assert released(good - 1, best=good)["improved"]


def test_scores_of_which_more_is_better_are_shown_in_their_own_direction():
    hits = (RNG.random(400) < 0.4) * -1.0
    best = (RNG.random(400) < 0.2) * -1.0

    facts = release(SCORE, new=hits, best=best, baseline=best, quota=10)

    assert facts["improved"]
    assert facts["shown"] == pytest.approx(-hits.mean(), abs=0.0006)
    low, high = facts["interval"]
    assert 0 < low < facts["shown"] < high < 1


def test_bounds_are_turned_with_the_metric():
    values = np.array([-0.25, -0.75])

    assert bounds(SCORE, values) == (-1.0, 0.0)
    assert bounds(LOSS, np.array([2.0, 4.0])) == (0.0, 4.0)
    assert bounds(LOSS, np.array([-1.0])) == (-1.0, 0.0)


def test_an_interval_over_groups_counts_groups_and_not_cases():
    clusters = np.repeat(np.arange(20), 20)
    losses = np.repeat(RNG.normal(0, 1, 20), 20)
    alone = half_width(losses, quota=10, clusters=None)

    assert half_width(losses, quota=10, clusters=clusters) > 4 * alone


def test_more_releases_to_come_make_each_interval_wider():
    assert half_width(BASELINE, quota=100, clusters=None) > half_width(
        BASELINE, quota=1, clusters=None
    )
