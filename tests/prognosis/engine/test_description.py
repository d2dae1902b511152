"""Patients are described so that nobody is told apart."""

from __future__ import annotations

import json

import numpy as np
import pytest

from madang.prognosis.engine.description import described, median_follow_up
from madang.prognosis.engine.models.intervals import Watched
from tests.prognosis.patients import DECLARED, invented


def levels(**counts: int) -> dict:
    values = np.array([name for name, count in counts.items() for _ in range(count)], dtype=object)
    watched = Watched.of(np.ones(len(values)), np.ones(len(values)))
    declared = [{"name": "a", "kind": "category"}]
    return described({"a": values}, declared, watched)["columns"][0]


def test_counts_events_and_gaps_are_those_of_the_table() -> None:
    table, watched = invented(300, causes=2)
    found = described(table, DECLARED, watched)

    assert found["patients"] == 300
    assert found["events"] == [int((watched.cause == 1).sum()), int((watched.cause == 2).sum())]
    marker = next(each for each in found["columns"] if each["name"] == "marker")
    assert marker["missing"] == pytest.approx(float(np.isnan(table["marker"]).mean()))
    assert marker["quartiles"] == pytest.approx(
        np.nanquantile(table["marker"], (0.25, 0.5, 0.75)).tolist()
    )
    assert json.loads(json.dumps(found)) == found


def test_levels_under_ten_patients_are_put_together() -> None:
    found = levels(I=40, II=30, III=9, IV=4)

    assert found["levels"] == {"I": 40, "II": 30}
    assert found["pooled"] == {"levels": 2, "patients": 13}


def test_one_rare_level_takes_the_next_with_it() -> None:
    # Alone it would be told by the difference to all patients.
    found = levels(I=40, II=30, III=3)

    assert found["levels"] == {"I": 40}
    assert found["pooled"] == {"levels": 2, "patients": 33}


def test_common_levels_are_all_told() -> None:
    found = levels(I=40, II=10)

    assert found["levels"] == {"I": 40, "II": 10}
    assert found["pooled"] is None


def test_quartiles_of_few_patients_are_not_told() -> None:
    watched = Watched.of(np.ones(39), np.ones(39))
    found = described({"a": np.arange(39.0)}, [{"name": "a", "kind": "number"}], watched)

    assert found["columns"][0]["quartiles"] is None


def test_the_median_follow_up_is_that_of_the_reversed_curve() -> None:
    # Censored at 2 and 4 of four watched: the reversed curve is 2/3 from 2 on and 0 from 4 on.
    watched = Watched.of([1.0, 2.0, 3.0, 4.0], [1, 0, 1, 0])

    assert median_follow_up(watched) == 4.0
    # Nobody has the event: three quarters are left from 1 on, one half from 2 on.
    assert median_follow_up(Watched.of([1.0, 2.0, 3.0, 4.0], np.zeros(4))) == 2.0
    assert median_follow_up(Watched.of([1.0, 2.0], [1, 1])) is None


def test_the_median_follow_up_is_lifelines_own() -> None:
    from lifelines import KaplanMeierFitter

    _, watched = invented(300)
    curve = KaplanMeierFitter().fit(watched.time, ~watched.event)

    assert median_follow_up(watched) == pytest.approx(curve.median_survival_time_, abs=0.2)


def test_delayed_entry_leaves_the_median_untold() -> None:
    entry = np.r_[0.5, np.zeros(39)]
    watched = Watched.of(np.ones(40), np.zeros(40), entry=entry)
    found = described({"a": np.arange(40.0)}, [{"name": "a", "kind": "number"}], watched)

    assert found["follow_up"]["median"] is None
