"""A table that would spoil its own trial is noticed before it is sealed."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats

from madang.trials.engine import intake
from madang.trials.engine.demand_text import read_demand
from madang.trials.engine.errors import DemandError
from madang.trials.engine.intake import Dealt, deal, detectable_difference, find_leaks, overlap
from madang.trials.engine.scoring import Scale
from madang.trials.engine.trivial import OpenBaselines
from tests.trials.acts import LINE_DEMAND, SEARCH_DEMAND
from tests.trials.toys import line_data, search_data

pytestmark = pytest.mark.usefixtures("toys")


def dealt(opened: pl.DataFrame, sealed: pl.DataFrame) -> Dealt:
    return Dealt(
        inputs={
            part: table.with_row_index("case")
            for part, table in (("open", opened), ("board", sealed.head(1)), ("final", sealed[1:]))
        },
        outcomes={},
    )


def columns(rows: int, start: int = 0, width: int = 5) -> pl.DataFrame:
    return pl.DataFrame(
        {f"x{c}": [float(start + row * 10 + c) for row in range(rows)] for c in range(width)}
    )


def test_a_case_that_stands_in_two_parts_is_counted_by_its_inputs():
    sealed = pl.concat([columns(3), columns(97, start=5)])

    found = overlap(dealt(columns(50), sealed))

    assert found == {"cases": 3, "share": 0.03, "too_many": True}


def test_missing_values_are_equal_to_each_other():
    opened = columns(2).with_columns(x0=pl.lit(None, pl.Float64))

    assert overlap(dealt(opened, pl.concat([opened, columns(8, start=5)])))["cases"] == 2


def test_one_case_in_a_hundred_is_not_too_many_and_few_columns_prove_nothing():
    sealed = pl.concat([columns(1), columns(99, start=5)])

    assert not overlap(dealt(columns(50), sealed))["too_many"]
    narrow = columns(50, width=4)
    assert overlap(dealt(narrow, narrow)) == {"cases": 50, "share": 1.0, "too_many": False}


def test_the_tasks_own_measure_finds_the_leak_in_inputs_alone():
    demand = read_demand(LINE_DEMAND.encode())
    data = line_data(100)

    assert find_leaks(demand, data) == ()
    (leak,) = find_leaks(demand, data.with_columns(x=pl.col("y") + 1))
    assert (leak.column, leak.limit) == ("x", 0.999)


def test_twenty_cases_a_part_are_enough_and_nineteen_are_not(monkeypatch):
    demand = read_demand(LINE_DEMAND.encode())
    data = line_data(100)
    sizes = iter([20, 20, 60])

    def labels(*_):
        return np.repeat([0, 2, 3], [next(sizes) for _ in range(3)])

    monkeypatch.setattr(intake, "_split", labels)
    assert deal(demand, data).inputs["open"].height == 20
    sizes = iter([30, 19, 51])
    with pytest.raises(DemandError, match="19 cases in the part board; expected at least 20"):
        deal(demand, data)


def test_the_detectable_difference_is_that_of_a_paired_test():
    # Losses with correlation r: their difference has variance 2 s^2 (1 - r).
    # 80 % power at 5 %, two-sided.
    losses = np.random.default_rng(1).normal(0, 3.0, 5000)
    cases = 400

    expected = (
        (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
        * losses.std(ddof=1)
        * math.sqrt(2 * (1 - 0.8) / cases)
    )

    assert detectable_difference(losses, cases) == pytest.approx(expected, rel=0.02)


CLASSES = """
demand: classes
title: {ko: 분류, en: Classes}
ministry: {ko: 시험부, en: Ministry of Tests}
problem: {ko: 나눕니다., en: Tell them apart.}
task: {name: trials.classification, options: {outcome: kind}}
data:
  id: id
  inputs: [{name: x, kind: number}]
  outcomes: [{name: kind, kind: category, levels: [a, b]}]
parts: {open: 0.4, board: 0.2, final: 0.4}
seed: 7
decision: {metric: auc, baseline: class_shares, rule: superiority}
"""


def foreseen(text: str, table: pl.DataFrame) -> float | None:
    demand = read_demand(text.encode())
    parts = deal(demand, table)
    inputs, outcomes = intake.open_sample(parts)
    frame = demand.task.frame(inputs, outcomes, options=demand.options)
    scale = Scale(task=demand.task, frame=frame, options=demand.options)
    return intake.foreseen_difference(demand, OpenBaselines(scale, inputs, outcomes), parts)


def two_classes(cases: int) -> pl.DataFrame:
    rng = np.random.default_rng(3)
    kind = rng.random(cases) < 0.5
    return pl.DataFrame(
        {
            "id": [str(row) for row in range(cases)],
            "x": rng.normal(0, 1, cases) + kind,
            "kind": np.where(kind, "b", "a"),
        }
    )


def test_the_difference_is_foreseen_for_a_score_that_is_no_mean_too():
    found = foreseen(CLASSES, two_classes(2000))

    # AUC .76 (two normals a standard deviation apart) on 800 cases: by Hanley and McNeil (1982)
    # a standard error of .017; two such that correlate at .8 and 80 % power: .017 · √.4 · 2.80.
    assert found == pytest.approx(0.030, rel=0.25)


def test_nothing_is_foreseen_where_no_baseline_varies():
    constant = two_classes(200).with_columns(x=pl.lit(1.0))

    assert foreseen(CLASSES, constant) is None
    assert foreseen(SEARCH_DEMAND, search_data(100)) is None
