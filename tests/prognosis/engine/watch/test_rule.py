"""A model is doubted by evidence, stopped by harm, and stays stopped."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from madang.prognosis.engine.watch.outcomes import SLOPES, Level, Slope
from madang.prognosis.engine.watch.rule import DOUBTED, STOPPED, WATCHED, Rule, Watch

MISSING = {"bili": 0.0, "albumin": 0.1}


def begun(**rule: float) -> Watch:
    """A watch on its first day."""
    return Watch.begin(Rule(**rule), centre=0.0, missing=MISSING)


def fed(watch: Watch, rate: float, periods: int = 12, seed: int = 1) -> tuple[Watch, list[str]]:
    """After periods in which events come at a rate that the model took for 1."""
    rng = np.random.default_rng(seed)
    told = []
    for _ in range(periods):
        hazard = rng.gamma(2.0, 0.1, size=40)
        dies = rng.exponential(1 / rate, size=40)
        observed = (dies <= hazard).astype(float)
        watch, events = watch.outcomes(observed, np.minimum(hazard, dies), np.zeros(40))
        told += [each["alarm"] for each in events]
        json.dumps(events, allow_nan=False)
    return watch, told


def test_a_model_that_holds_is_watched() -> None:
    watch, told = fed(begun(), 1.0)

    assert (watch.state, told) == (WATCHED, [])


def test_a_model_slightly_off_is_doubted_once_and_not_stopped() -> None:
    watch, told = fed(begun(high=3.0), 1.5, periods=30)

    assert (watch.state, told) == (DOUBTED, ["level"])


def test_a_model_far_off_is_stopped_and_stays_so() -> None:
    watch, told = fed(begun(), 3.0)
    assert watch.state == STOPPED
    assert told == ["level", "stop"]
    later, told = fed(watch, 1.0, periods=60)
    assert later.state == STOPPED
    assert told == []
    low, told = fed(begun(), 0.2, periods=30)
    assert low.state == STOPPED
    assert "stop" in told


def test_taken_up_again_it_is_watched_from_the_start() -> None:
    watch, _ = fed(begun(), 3.0)
    watch, _ = watch.patients(100, {"bili": 90})
    fresh = watch.resumed()

    assert fresh == begun()


def test_missing_values_doubt_the_model_by_name() -> None:
    watch, events = begun().patients(60, {"albumin": 6})
    assert (watch.state, events) == (WATCHED, [])
    watch, events = watch.patients(60, {"albumin": 50})

    assert watch.state == DOUBTED
    assert [each["alarm"] for each in events] == ["missing:albumin"]
    assert events[0]["share"] == round(56 / 120, 4)
    assert watch.patients(60, {"albumin": 50})[1] == []


def alarm(watch: Watch, **changed: object) -> bool:
    """Whether a watch that stands like this tells of an alarm."""
    _, events = replace(watch, **changed).outcomes([], [], [])  # type: ignore[arg-type]
    return bool(events)


def test_the_chance_of_a_false_alarm_is_shared_by_all_questions() -> None:
    watch = begun(alpha=0.05, high=100.0)
    levels = [Level(observed=each, expected=each / 2) for each in range(1, 80)]
    half, whole = np.log(2 / 0.05), np.log(1 / 0.05)

    assert any(whole < each.log_evidence() < half for each in levels)
    for each in levels:
        assert alarm(watch, level=each) is bool(each.log_evidence() >= half)
    for share, alarms in ((1, False), (3.9, False), (4.1, True)):
        won = (float(np.log(share / 0.05)),) * len(SLOPES)
        assert alarm(watch, slope=Slope(centre=0.0, won=won)) is alarms
