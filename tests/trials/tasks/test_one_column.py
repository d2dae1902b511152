"""Bins of one column and what they tell."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import brier_score_loss, r2_score

from madang.trials.engine.tasks.one_column import (
    as_numeric,
    bin_codes,
    bin_means,
    explained,
    explained_alone,
)


def test_texts_that_read_as_numbers_are_numbers():
    read = as_numeric(pl.Series(["1.5", " 2 ", None, "-3e1"]))

    assert read is not None
    np.testing.assert_array_equal(read, [1.5, 2.0, np.nan, -30.0])
    assert as_numeric(pl.Series(["1", "둘", "3"])) is None
    assert as_numeric(pl.Series([None, None], dtype=pl.String)) is None
    np.testing.assert_array_equal(as_numeric(pl.Series([True, None])), [1.0, np.nan])
    np.testing.assert_array_equal(as_numeric(pl.Series([1.0, np.inf])), [1.0, np.nan])


def test_numeric_bins_hold_equal_counts():
    values = pl.Series(np.random.default_rng(0).normal(size=1000))
    codes, applied = bin_codes(values, values, bins=10)

    assert np.bincount(codes).tolist() == [100] * 10
    assert (codes == applied).all()


def test_missing_and_unseen_values_have_bins_of_their_own():
    fitted = pl.Series(["가", "나", None, "가"])
    codes, applied = bin_codes(fitted, pl.Series(["나", None, "다"]))

    assert codes.tolist() == [0, 1, 2, 0]
    assert applied.tolist() == [1, 2, 3]
    numbers, others = bin_codes(pl.Series([1.0, 2.0, None, 3.0]), pl.Series([None, 9.0]), bins=3)
    assert numbers[2] == others[0]
    assert numbers[2] not in numbers[[0, 1, 3]]
    assert others[1] == numbers[3]


def test_means_of_bins_are_drawn_to_the_overall_mean():
    codes, target = np.array([0, 0, 1]), np.array([[1.0], [3.0], [8.0]])

    np.testing.assert_allclose(
        bin_means(codes, target, np.array([0, 1, 2]), prior=2.0), [[3.0], [16 / 3], [4.0]]
    )
    np.testing.assert_allclose(bin_means(codes, target, np.array([1]), prior=0.0), [[8.0]])


def test_the_share_explained_is_r_squared_and_the_brier_skill():
    rng = np.random.default_rng(2)
    truth, said = rng.normal(size=200), rng.normal(size=200)
    flags, chance = rng.random(200) < 0.4, rng.random(200)
    skill = 1 - brier_score_loss(flags, chance) / brier_score_loss(
        flags, np.full(200, flags.mean())
    )

    assert explained(truth[:, None], said[:, None]) == pytest.approx(r2_score(truth, said))
    assert explained(
        np.eye(2)[flags.astype(int)], np.column_stack([1 - chance, chance])
    ) == pytest.approx(skill)
    assert explained(np.ones((3, 1)), np.zeros((3, 1))) == 0.0


def test_a_column_of_different_values_gains_nothing_by_itself():
    rng = np.random.default_rng(3)
    target = rng.normal(size=(300, 1))

    assert explained_alone(pl.Series([f"이름 {each}" for each in range(300)]), target) < 0.02
    assert explained_alone(pl.Series(rng.normal(size=300)), target) < 0.02
    assert explained_alone(pl.Series(target[:, 0]), target) > 0.97


def test_a_few_rows_do_not_break_it():
    assert explained_alone(pl.Series([1.0]), np.ones((1, 1))) == 0.0
    assert explained_alone(pl.Series([1.0, 2.0]), np.array([[0.0], [1.0]])) <= 1.0
