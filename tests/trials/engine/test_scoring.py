"""Scores are turned so that lower is better, and small cells stay hidden."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from madang.kernel.stats.jackknife import mean_error
from madang.trials.engine.comparison import compare_all
from madang.trials.engine.measuring import take
from madang.trials.engine.scoring import Scale, Solution, hidden_cells, subgroup_scores
from tests.trials.toys import Line

RNG = np.random.default_rng(8)
Y = RNG.normal(0, 3, 300)
OUTCOMES = pl.DataFrame({"y": Y})
SCALE = Scale(task=Line(), frame={"median": 0.0, "cases": 300}, options={})


def solution(name: str, noise: float, seed: int = 1) -> Solution:
    error = np.random.default_rng(seed).normal(0, noise, 300)
    return Solution(name=name, answers=(Y + error)[:, None])


def compared(metric: str, *solutions: Solution, **more):
    base = Solution(name="base", answers=np.zeros((300, 1)))
    return compare_all(
        SCALE, metric, OUTCOMES, [base, *solutions], baseline="base",
        among=[each.name for each in solutions], seed=7, **{"level": 0.95, **more},
    )  # fmt: skip


@pytest.mark.parametrize("metric", ["absolute_loss", "hit_score", "root_mean_square_loss"])
def test_better_is_below_zero_whichever_way_the_metric_points(metric):
    found = compared(metric, solution("good", 0.6), solution("fair", 1.5, 2))

    against = found["against_baseline"]
    assert against["good"]["high"] < 0
    assert against["fair"]["high"] < 0
    (pair,) = found["pairs"]
    assert (pair["first"], pair["second"]) == ("good", "fair")
    assert pair["high"] < 0
    score = found["scores"]["good"]
    assert score["low"] < score["estimate"] < score["high"]
    assert score["estimate"] == pytest.approx(
        SCALE.score(metric, OUTCOMES, solution("good", 0.6).answers)
    )


@pytest.mark.parametrize("metric", ["absolute_loss", "hit_score", "root_mean_square_loss"])
def test_identical_answers_differ_by_exactly_nothing(metric):
    found = compared(metric, solution("a", 0.5), solution("b", 0.5))

    (pair,) = found["pairs"]
    assert pair["difference"] == pair["low"] == pair["high"] == 0.0
    assert pair["p_adjusted"] == 1.0


def test_equal_but_different_answers_are_not_told_apart():
    found = compared("absolute_loss", solution("a", 0.5, 3), solution("b", 0.5, 4))

    (pair,) = found["pairs"]
    assert pair["low"] < 0 < pair["high"]
    assert pair["p_adjusted"] > 0.05


def test_a_stricter_level_gives_wider_intervals_and_the_same_seed_the_same():
    solutions = solution("a", 0.5, 3), solution("b", 0.6, 4)
    usual, strict = (
        compared("absolute_loss", *solutions),
        compared("absolute_loss", *solutions, level=0.999),
    )

    assert usual == compared("absolute_loss", *solutions)
    for name in ("a", "b"):
        assert strict["against_baseline"][name]["low"] < usual["against_baseline"][name]["low"]
        assert strict["against_baseline"][name]["high"] > usual["against_baseline"][name]["high"]


def test_cases_that_belong_together_make_intervals_wider():
    clusters = np.repeat(np.arange(30), 10)
    shared = Solution(
        name="a", answers=(Y + np.repeat(np.random.default_rng(2).normal(0, 1, 30), 10))[:, None]
    )
    alone = compared("absolute_loss", shared)["scores"]["a"]
    together = compared("absolute_loss", shared, clusters=clusters)["scores"]["a"]

    assert together["high"] - together["low"] > 1.5 * (alone["high"] - alone["low"])


def test_pseudo_values_average_to_the_turned_score():
    answers = solution("a", 0.5).answers

    losses = SCALE.losses("root_mean_square_loss", OUTCOMES, answers)

    assert losses.shape == (300,)
    assert losses.mean() == pytest.approx(SCALE.score("root_mean_square_loss", OUTCOMES, answers))
    turned = SCALE.losses("hit_score", OUTCOMES, answers)
    assert turned.mean() == pytest.approx(-SCALE.score("hit_score", OUTCOMES, answers))


@pytest.mark.parametrize("cases", [150, 200, 1000, 5000])
def test_pseudo_values_vary_as_the_score_does_however_many_share_a_block(cases):
    rng = np.random.default_rng(21)
    y = rng.normal(0, 3, cases)
    answers = (y + rng.normal(0, 1, cases))[:, None]
    outcomes = pl.DataFrame({"y": y})

    found = mean_error(SCALE.losses("root_mean_square_loss", outcomes, answers))

    # The root mean square of n errors of standard deviation 1 has a standard error of 1/√(2n).
    assert found == pytest.approx(1 / np.sqrt(2 * cases), rel=0.25)


@pytest.mark.parametrize("clusters", [50, 600])
def test_pseudo_values_know_of_cases_that_belong_together(clusters):
    rng, each = np.random.default_rng(22), 8
    labels = np.repeat(np.arange(clusters), each)
    y = rng.normal(0, 3, clusters * each)
    # All errors of a cluster are the same, so that there is one error a cluster and no more.
    answers = (y + np.repeat(rng.normal(0, 1, clusters), each))[:, None]
    outcomes = pl.DataFrame({"y": y})

    losses = SCALE.losses("root_mean_square_loss", outcomes, answers, clusters=labels)

    found = mean_error(losses, clusters=labels)
    assert found == pytest.approx(1 / np.sqrt(2 * clusters), rel=0.25)


def test_answers_of_rows_are_taken_from_lists_and_arrays():
    rows = np.array([2, 0])

    assert take(["a", "b", "c"], rows) == ["c", "a"]
    assert take(np.arange(6).reshape(3, 2), rows).tolist() == [[4, 5], [0, 1]]


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 10, "b": 10}, set()),
        ({"a": 9, "b": 20, "c": 30}, {"a", "b"}),
        ({"a": 9, "b": 8, "c": 30}, {"a", "b"}),
        ({"a": 9}, {"a"}),
        ({"a": 30, "b": 9, "c": 12}, {"b", "c"}),
        ({}, set()),
    ],
)
def test_a_hidden_cell_cannot_be_computed_from_the_others(counts, hidden):
    assert hidden_cells(counts, 10) == hidden


def test_subgroups_show_scores_of_their_own_members_and_hide_small_cells():
    labels = np.array(["a"] * 200 + ["b"] * 91 + ["c"] * 9)
    inputs = pl.DataFrame({"g": labels})
    answers = Solution(name="s", answers=np.where(labels == "b", Y + 2, Y)[:, None])

    rows = subgroup_scores(
        SCALE, "absolute_loss", OUTCOMES, inputs, [answers], columns=["g"], minimum_cell=10
    )

    found = {row["level"]: row for row in rows}
    assert found["a"] == {
        "column": "g", "level": "a", "hidden": False, "cases": 200, "scores": {"s": 0.0},
    }  # fmt: skip
    for level in ("b", "c"):
        assert found[level] == {"column": "g", "level": level, "hidden": True}


def test_missing_labels_are_a_level_of_their_own():
    inputs = pl.DataFrame({"g": [None] * 150 + [True] * 150})
    rows = subgroup_scores(
        SCALE, "absolute_loss", OUTCOMES, inputs, [solution("s", 1.0)], columns=["g"],
        minimum_cell=10,
    )  # fmt: skip

    assert [(row["level"], row["cases"]) for row in rows] == [("", 150), ("true", 150)]
