"""Texts by their pairs of characters."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestCentroid

from madang.trials.engine.tasks.ngrams import (
    class_similarities,
    nearest,
    pairs,
    rarities,
    vectors,
)

KNOWN = ["버스가 늦게 옵니다", "버스가 자주 안 와요", "쓰레기 냄새가 납니다", "쓰레기를 태워요"]
ASKED = ["버스는 언제 옵니까", "쓰레기가 쌓였어요", "완전히 다른 말", ""]


def test_pairs_mark_the_beginning_and_the_end_and_know_no_spaces():
    assert pairs("가 나") == {"^가": 1, "가나": 1, "나$": 1}


def test_rows_have_length_one_and_weights_by_rarity():
    weights = rarities(KNOWN)
    rows = vectors(KNOWN, weights)

    np.testing.assert_allclose(np.sqrt(rows.multiply(rows).sum(axis=1)), 1)
    assert weights["버스"] == pytest.approx(1 + np.log(4 / 2))
    assert weights["늦게"] == pytest.approx(1 + np.log(4))


def test_unknown_texts_are_rows_of_zeros():
    assert vectors(["Zz"], rarities(KNOWN)).nnz == 0
    assert vectors([], rarities(KNOWN)).shape[0] == 0


def test_the_nearest_text_is_the_one_of_greatest_cosine():
    weights = rarities(KNOWN)
    judge = cosine_similarity(vectors(ASKED, weights), vectors(KNOWN, weights)).argmax(axis=1)

    assert nearest(KNOWN, ASKED).tolist() == judge.tolist()
    assert nearest(KNOWN, KNOWN).tolist() == [0, 1, 2, 3]
    assert nearest(KNOWN, []).tolist() == []


def test_many_texts_are_compared_in_batches():
    assert nearest(KNOWN, KNOWN * 300).tolist() == [0, 1, 2, 3] * 300


def test_the_nearest_class_is_that_of_the_nearest_centroid():
    """On vectors of length one the direction of the centroid decides."""
    codes = np.array([0, 0, 1, 1])
    similar = class_similarities(KNOWN, codes, ASKED[:2], 2)
    rows = vectors(KNOWN, rarities(KNOWN)).toarray()
    middles = np.array([rows[codes == each].mean(axis=0) for each in (0, 1)])
    judge = cosine_similarity(vectors(ASKED[:2], rarities(KNOWN)), middles)

    np.testing.assert_allclose(similar, judge)
    assert similar.argmax(axis=1).tolist() == [0, 1]
    assert NearestCentroid().fit(rows, codes).predict(rows).tolist() == codes.tolist()


def test_a_class_without_a_text_is_like_nothing():
    similar = class_similarities(KNOWN, np.array([0, 0, 2, 2]), ASKED, 3)

    assert similar[:, 1].tolist() == [0.0] * 4
