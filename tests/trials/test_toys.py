"""The toys keep the promises on which the engine's tests stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from madang.kernel.errors import InputError
from tests.trials.toys import (
    CANARY,
    LINE_INPUTS,
    LINE_OUTCOMES,
    LINE_SOLUTIONS,
    SEARCH_INPUTS,
    SEARCH_OUTCOMES,
    SEARCH_SOLUTIONS,
    Line,
    Search,
    line_data,
    search_data,
)

SHARES = {"open": 0.5, "board": 0.25, "final": 0.25}


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(source, "solution.py", "exec"), names)
    return names


def as_pandas(table: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table.to_dict(as_series=False))


def line_score(source: str) -> float:
    task, data = Line(), line_data()
    inputs, outcomes = data.select("x", "colour"), data.select("y")
    frame = task.frame(inputs, outcomes, options={})
    code = run(source)
    model = code["fit"](as_pandas(inputs), as_pandas(outcomes), {}) if "fit" in code else None
    answers = np.asarray(code["predict"](model, as_pandas(inputs), {})).reshape(-1, 1)
    return task.score("absolute_loss", outcomes, answers, frame=frame, options={})


def search_score(act: Any, metric: str = "turns_used") -> float:
    task, data = Search(), search_data()
    inputs, outcomes = data.select("hint"), data.select("target")
    frame = task.frame(inputs, outcomes, options={})
    records = []
    for row in range(data.height):
        game, memory = task.environment(inputs, outcomes, row=row, frame=frame, options={}), {}
        while (observation := game.observation()) is not None:
            game.act(act(observation, memory))
        records.append(game.record())
    return task.score(metric, outcomes, records, frame=frame, options={})


def test_the_line_ranks_good_before_mediocre_before_the_median():
    task, data = Line(), line_data()
    frame = task.frame(data.select("x"), data.select("y"), options={})
    median = task.baselines(options={})[0].predict(
        data.select("x"), data.select("y"), data.select("x"), frame=frame, options={}
    )
    trivial = task.score("absolute_loss", data.select("y"), median, frame=frame, options={})

    # The noise has standard deviation 0.5: its mean absolute value is 0.5 * sqrt(2 / pi) = 0.399.
    assert line_score(LINE_SOLUTIONS["good"]) == pytest.approx(0.399, abs=0.06)
    assert 1 < line_score(LINE_SOLUTIONS["mediocre"]) < trivial - 1


def test_the_search_ranks_halving_before_walking_before_counting():
    def from_source(name: str) -> Any:
        act = run(SEARCH_SOLUTIONS[name])["act"]
        return lambda observation, memory: act(None, observation, memory, {})

    upwards = Search().baselines(options={})[0].predict

    assert search_score(from_source("good")) < 6.5
    assert search_score(from_source("good"), "found_score") == 1.0
    assert search_score(from_source("good")) < search_score(from_source("mediocre")) - 0.2
    assert search_score(from_source("mediocre")) < search_score(upwards) - 2


def test_the_data_are_the_same_every_time():
    assert line_data().equals(line_data())
    assert search_data().equals(search_data())
    assert line_data(canary=True)["y"].max() == CANARY


@pytest.mark.parametrize(
    ("task", "inputs", "outcomes"),
    [(Line(), LINE_INPUTS, LINE_OUTCOMES), (Search(), SEARCH_INPUTS, SEARCH_OUTCOMES)],
)
def test_a_toy_refuses_columns_it_cannot_use(task, inputs, outcomes):
    task.check(inputs, outcomes, options={})
    with pytest.raises(InputError):
        task.check((), outcomes, options={})
    with pytest.raises(InputError):
        task.check(inputs, (), options={})


def test_a_toy_flags_a_copied_outcome():
    data = line_data().with_columns(copy=line_data()["y"])

    assert [leak.column for leak in Line().leaks(data, data.select("y"), options={})] == [
        "y",
        "copy",
    ]
    assert Line().leaks(data.select("x", "colour"), data.select("y"), options={}) == ()


@pytest.mark.parametrize("action", [50, [50], {"guess": 1.5}, {"guess": True}, {"guess": 100}, {}])
def test_the_search_refuses_actions_of_another_form(action):
    data = search_data()
    frame = {"turns": 10}
    game = Search().environment(data, data, row=0, frame=frame, options={})

    with pytest.raises(InputError):
        game.act(action)
