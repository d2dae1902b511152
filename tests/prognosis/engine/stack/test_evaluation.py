"""Beside a validation stand intervals, tenths and who the patients were."""

from __future__ import annotations

import json

import numpy as np
import pytest

from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.evaluation import THRESHOLDS, beside
from madang.prognosis.engine.stack.validation import scored, validate
from tests.prognosis.patients import fitted, invented


@pytest.fixture(scope="module")
def pair() -> tuple:
    model, _ = fitted(400)
    table, watched = invented(250, seed=3)
    return validate(model, table, watched), beside(model, table, watched, data_sha256="a" * 64)


def test_intervals_hold_the_figures_of_the_validation(pair) -> None:
    shown, found = pair

    values = {
        "uno_c": shown.uno_c,
        "ibs": shown.ibs,
        "slope": shown.calibration.slope,
        "in_the_large": shown.in_the_large,
    }
    for name, value in values.items():
        low, high = found.intervals[name]
        assert low < value < high
    for name in ("uno_c", "ibs"):
        assert sum(found.intervals[name]) / 2 == pytest.approx(values[name])
    assert found.intervals["ici"][0] >= 0


def test_intervals_shrink_as_the_root_of_the_number_of_patients() -> None:
    model, _ = fitted(400)
    widths = []
    for size in (150, 600):
        table, watched = invented(size, seed=3)
        low, high = beside(model, table, watched).intervals["ibs"]
        widths.append(high - low)

    assert widths[0] / widths[1] == pytest.approx(2, rel=0.2)


def test_the_interval_of_the_large_is_that_of_kaplan_meier(pair) -> None:
    # Mean risk hardly varies beside the observed one, whose error is Greenwood's.
    from lifelines import KaplanMeierFitter

    shown, found = pair
    model, _ = fitted(400)
    table, watched = invented(250, seed=3)
    kept = scored(model, table, watched)
    curve = KaplanMeierFitter().fit(kept.outcomes.time, kept.outcomes.event)
    ends = curve.confidence_interval_.loc[: shown.horizon].iloc[-1]

    low, high = found.intervals["in_the_large"]
    assert high - low == pytest.approx(ends.max() - ends.min(), rel=0.3)


def test_the_same_patients_are_scored_and_described(pair) -> None:
    shown, found = pair

    assert found.described["patients"] == shown.patients
    assert sum(found.described["events"]) == shown.events
    assert sum(each.patients for each in found.tenths) == shown.patients
    assert [each["threshold"] for each in found.benefit] == list(THRESHOLDS)
    assert found.data_sha256 == "a" * 64
    assert json.dumps(found.described)


def test_whoever_is_refused_is_not_described() -> None:
    model, _ = fitted(400)
    table, watched = invented(250, seed=3)
    odd = {**table, "age": np.r_[400.0, table["age"][1:]]}
    shown, found = validate(model, odd, watched), beside(model, odd, watched)

    assert shown.refused >= 1
    assert found.described["patients"] == 250 - shown.refused


def test_the_same_patients_give_the_same_intervals() -> None:
    model, _ = fitted(400)
    table, watched = invented(150, seed=4)

    assert beside(model, table, watched).intervals == beside(model, table, watched).intervals


def test_causes_together_count_as_the_event() -> None:
    model, _ = fitted(400)
    table, watched = invented(150, seed=4, causes=2)
    merged = Watched.of(watched.time, watched.event)

    one, other = beside(model, table, watched), beside(model, table, merged)
    assert one.intervals == other.intervals
