"""Times of every spelling, steps, and cuts between past and future."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.trials.engine.tasks.timeline import (
    check_once,
    parts_in_time,
    rows_by_series,
    series_names,
    time_unit,
    times_in,
    usual_step,
)


def column(*times) -> pl.Series:
    return pl.Series("at", times)


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        (("2025-07", "2025-08"), "month"),
        (("2025-01-15", "2025-02-15"), "month"),
        (("2024-01-01", "2025-01-01"), "month"),
        (("2025-07-04", "2025-07-05"), "second"),
        (("2025-07-04 13:00", "2025-07-04 14:00"), "second"),
        (("2025-07-04 13:00", "2025-08-04 13:00"), "second"),
        ((1.0, 2.0), "number"),
        ((2020, 2021), "number"),
    ],
)
def test_the_unit_is_read_off_the_times(times, unit):
    assert time_unit(column(*times)) == unit


def test_times_become_numbers_of_their_unit():
    stamps = column("2025-07-04 13:00", "2025-07-04T13:00:00+09:00", " 2025-07-04 ")
    by_hand = [datetime(2025, 7, 4, hour, tzinfo=UTC).timestamp() for hour in (13, 4, 0)]

    assert times_in(stamps, "second").tolist() == by_hand
    assert times_in(column("2025-01", "2026-03"), "month").tolist() == [24300.0, 24314.0]
    assert times_in(column(3, 4), "number").tolist() == [3.0, 4.0]


def test_times_do_not_depend_on_where_the_machine_stands(monkeypatch):
    here = times_in(column("2025-07-04 13:00"), "second")
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    there = times_in(column("2025-07-04 13:00"), "second")
    monkeypatch.undo()
    time.tzset()

    assert here.tolist() == there.tolist()


@pytest.mark.parametrize(
    "times", [("2025-07-04", "어제"), ("2025-13", "2025-12"), ("2025-07-04", None)]
)
def test_what_is_no_time_is_refused_with_its_number(times):
    with pytest.raises(InputError, match="1 cases without"):
        times_in(column(*times), "second")


def test_series_are_told_apart_by_their_column():
    table = pl.DataFrame({"site": [2, 1, 2], "x": [0, 0, 0]})
    names = series_names(table, {"series": "site"})

    assert names.tolist() == ["2", "1", "2"]
    assert {name: rows.tolist() for name, rows in rows_by_series(names)} == {"1": [1], "2": [0, 2]}
    assert series_names(table, {}).tolist() == ["", "", ""]


def test_a_time_that_a_series_has_twice_is_refused():
    names = np.array(["가", "가", "나"])

    check_once(names, np.array([1.0, 2.0, 1.0]))
    with pytest.raises(InputError, match="1 cases at a time"):
        check_once(names, np.array([1.0, 1.0, 1.0]))


def test_the_usual_step_is_the_commonest():
    names = np.array(["가"] * 4 + ["나"] * 2)

    assert usual_step(names, np.array([0.0, 5, 10, 30, 7, 12])) == 5.0
    with pytest.raises(InputError):
        usual_step(np.array(["가", "나"]), np.array([0.0, 1.0]))


def test_parts_follow_one_another_in_time_by_their_shares():
    order = np.random.default_rng(0).permutation(100)
    parts = parts_in_time(
        order.astype(float), {"open": 0.4, "develop": 0.1, "board": 0.2, "final": 0.3}
    )

    assert parts[np.argsort(order)].tolist() == [0] * 40 + [1] * 10 + [2] * 20 + [3] * 30


def test_cases_of_one_time_stay_together_and_a_part_without_share_is_empty():
    times = np.repeat(np.arange(10.0), 3)
    parts = parts_in_time(times, {"open": 0.5, "board": 0.25, "final": 0.25})

    assert all(len(set(parts[times == at])) == 1 for at in range(10))
    assert set(parts) == {0, 2, 3}
