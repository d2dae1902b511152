"""Planted leaks are found, clean columns are left alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr
from sklearn import datasets
from sklearn.metrics import roc_auc_score

from madang.trials.engine.tasks.leaks import (
    ROW_ORDER,
    auc_either_way,
    is_like_an_identifier,
    neighbour_correlation,
    squared_rank_correlation,
    table_leaks,
)

CASES = 400
RNG = np.random.default_rng(31)
BINARY = RNG.random(CASES) < 0.3
THREE = RNG.integers(0, 3, CASES)
NUMBER = RNG.normal(size=CASES)
TARGETS = {
    "binary": np.eye(2)[BINARY.astype(int)],
    "three": np.eye(3)[THREE],
    "number": NUMBER[:, None],
}
NOISE = {f"noise{at}": RNG.normal(size=CASES) for at in range(5)}


def flipped(labels: np.ndarray) -> np.ndarray:
    """One label in a hundred is another one."""
    changed = labels.copy()
    changed[::100] = np.roll(labels, 1)[::100]
    return changed


PLANTED = {
    ("binary", "a copy"): BINARY,
    ("binary", "a copy in words"): np.where(BINARY, "예", "아니요"),
    ("binary", "a copy with one error in a hundred"): flipped(BINARY),
    ("binary", "an old model's risk"): BINARY + RNG.normal(0, 0.2, CASES),
    ("binary", "present for one class alone"): [1.0 if each else None for each in BINARY],
    ("binary", "numbers for one class, texts"): [f"{each:d}" for each in BINARY],
    ("three", "a code"): np.array([7, 3, 5])[THREE],
    ("three", "a copy with one error in a hundred"): flipped(THREE),
    ("number", "a copy"): NUMBER,
    ("number", "another unit"): NUMBER * -1.8 + 32,
    ("number", "a monotone function"): np.exp(3 * NUMBER),
    ("number", "a copy with noise"): NUMBER + RNG.normal(0, 0.05, CASES),
    ("number", "a copy as text"): [f"{each:.6f}" for each in NUMBER],
    ("number", "a fold"): np.abs(NUMBER - 0.01) * np.where(NUMBER > 0.01, 1, -1),
    ("number", "missing where large"): [1.0 if each < 0 else None for each in NUMBER],
}


@pytest.mark.parametrize(("target", "how"), PLANTED)
def test_a_planted_leak_is_flagged_and_nothing_else(target, how):
    inputs = pl.DataFrame({**NOISE, "planted": PLANTED[target, how]})

    assert [leak.column for leak in table_leaks(inputs, TARGETS[target])] == ["planted"]


@pytest.mark.parametrize("target", TARGETS)
def test_noise_of_every_kind_raises_no_alarm(target):
    inputs = pl.DataFrame(
        {
            **NOISE,
            "id": RNG.permutation(CASES),
            "name": [f"이름{each}" for each in RNG.permutation(CASES)],
            "city": RNG.choice(["서울", "부산", "광주"], CASES),
            "half empty": [1.0 if each else None for each in RNG.random(CASES) < 0.5],
            "empty": [None] * CASES,
            "constant": [1] * CASES,
            "flag": RNG.random(CASES) < 0.5,
        }
    )

    assert table_leaks(inputs, TARGETS[target]) == ()


def test_noise_raises_no_alarm_in_many_small_tables():
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        inputs = pl.DataFrame({f"x{at}": rng.normal(size=40) for at in range(10)})
        alarms += len(table_leaks(inputs, np.eye(2)[(rng.random(40) < 0.25).astype(int)]))

    assert alarms == 0


@pytest.mark.parametrize("target", TARGETS)
def test_sorted_rows_are_flagged(target):
    order = np.lexsort(TARGETS[target].T)
    inputs = pl.DataFrame({name: values[order] for name, values in NOISE.items()})

    assert [leak.column for leak in table_leaks(inputs, TARGETS[target][order])] == [ROW_ORDER]


def test_iris_as_it_is_bundled_is_sorted_by_species():
    data = datasets.load_iris()
    inputs = pl.DataFrame({f"x{at}": column for at, column in enumerate(data.data.T)})

    assert [leak.column for leak in table_leaks(inputs, np.eye(3)[data.target])] == [ROW_ORDER]


def test_rows_that_take_turns_are_flagged():
    """A B A B …: no position tells the class, but every neighbour does."""
    target = np.eye(2)[np.arange(CASES) % 2]

    assert [leak.column for leak in table_leaks(pl.DataFrame(NOISE), target)] == [ROW_ORDER]


@pytest.mark.parametrize("written", ["numbers", "texts"])
def test_identifiers_given_out_by_outcome_are_flagged(written):
    """Numbers grow with a noisy rank of the outcome: too loose for a copy, too tight for an id."""
    rank = (NUMBER + RNG.normal(0, 0.5, CASES)).argsort().argsort()
    names = rank if written == "numbers" else [f"환자-{each:05d}" for each in rank]

    (leak,) = table_leaks(pl.DataFrame({**NOISE, "id": names}), TARGETS["number"])
    assert leak.column == "id"
    assert "position" in leak.measure


def test_a_leak_says_what_and_how_much_in_both_languages():
    (leak,) = table_leaks(pl.DataFrame({"copy": NUMBER}), TARGETS["number"])

    assert "'copy'" in leak.sentence_ko
    assert "'copy'" in leak.sentence_en
    assert f"{leak.value:.3f}" in leak.sentence_en
    assert leak.value > leak.limit


def test_skipped_columns_and_too_few_cases_are_not_measured():
    inputs = pl.DataFrame({"copy": NUMBER})

    assert table_leaks(inputs, TARGETS["number"], skip={"copy"}) == ()
    assert table_leaks(inputs[:19], TARGETS["number"][:19]) == ()


def test_the_auc_of_a_column_is_scikit_learns_in_the_better_direction():
    numbers = np.round(BINARY * -0.7 + RNG.normal(size=CASES), 1)
    judge = roc_auc_score(BINARY, -numbers)
    holed = np.where(RNG.random(CASES) < 0.2, np.nan, numbers)
    filled = ~np.isnan(holed)

    assert auc_either_way(BINARY, numbers) == pytest.approx(judge)
    assert auc_either_way(BINARY, holed) == pytest.approx(
        roc_auc_score(BINARY[filled], -numbers[filled])
    )
    assert auc_either_way(np.arange(CASES) < 4, numbers) == 0.5


def test_the_rank_correlation_is_scipys_squared():
    other = np.round(NUMBER + RNG.normal(size=CASES), 1)

    assert squared_rank_correlation(other, NUMBER) == pytest.approx(
        spearmanr(other, NUMBER).statistic ** 2
    )
    assert squared_rank_correlation(np.ones(CASES), NUMBER) == 0.0
    assert squared_rank_correlation(np.full(CASES, np.nan), NUMBER) == 0.0


def test_neighbours_correlate_as_numpy_says():
    walk = np.cumsum(NUMBER)
    centred = walk - walk.mean()
    by_hand = (centred[:-1] * centred[1:]).sum() / (centred**2).sum()

    assert neighbour_correlation(walk[:, None]) == pytest.approx(by_hand)
    assert neighbour_correlation(np.ones((5, 1))) == 0.0


@pytest.mark.parametrize(
    ("values", "like"),
    [
        ([3, 1, 2], True),
        (["나", "가", "다"], True),
        ([1, 1, 2], False),
        ([1, 50, 900], False),
        ([0.1, 0.2, 0.3], False),
        ([1, 2, None], False),
    ],
)
def test_an_identifier_is_whole_numbers_in_a_row_or_texts_that_all_differ(values, like):
    assert is_like_an_identifier(pl.Series("id", values)) is like
