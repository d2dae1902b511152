"""Nearly equal texts fall into one part."""

from __future__ import annotations

import unicodedata
from itertools import combinations

import numpy as np
import pytest

from madang.trials.engine.tasks.alike import ALIKE, alike, join
from madang.trials.engine.tasks.korean import value_form
from tests.contract.korean_texts import complaints, questions

LONG = "시청역 앞 신호등이 고장 나서 차들이 뒤엉키고 있습니다. 빠른 조치를 부탁드립니다."


def jaccard(one: str, other: str) -> float:
    mine, theirs = (
        {form[at : at + 3] for at in range(len(form) - 2)}
        for form in (value_form(one), value_form(other))
    )
    return len(mine & theirs) / len(mine | theirs)


@pytest.mark.parametrize(
    "other",
    [
        LONG.replace(" ", ""),
        LONG + "!!",
        unicodedata.normalize("NFD", LONG),
        LONG.replace("빠른", "신속한"),
        LONG.replace("시청역", "시청역 2번 출구"),
    ],
)
def test_a_text_with_small_changes_is_alike(other):
    labels = alike([LONG, "전혀 다른 이야기입니다. 하천에 물고기가 죽었습니다.", other])

    assert labels[0] == labels[2] != labels[1]


def test_the_labels_are_those_of_comparing_every_pair():
    """Against the plain definition: link all pairs at or above the limit, follow the links."""
    texts = [*complaints(120)["text"].to_list(), *questions(60)["passage"].to_list()]
    label = list(range(len(texts)))
    for one, other in combinations(range(len(texts)), 2):
        if jaccard(texts[one], texts[other]) >= ALIKE and label[one] != label[other]:
            old, new = label[one], label[other]
            label = [new if each == old else each for each in label]
    found = alike(texts)

    assert len(set(found)) == len(set(label)) < len(texts)
    assert len(set(zip(found.tolist(), label, strict=True))) == len(set(label))


def test_likeness_is_passed_on():
    """A and C alone share too little; B in the middle holds them together."""
    a = "가나다라마바사아자차카타파하" * 2 + "거너더러머버서어저"
    b = a + "처커터"
    c = b + "퍼허고노도로"

    assert jaccard(a, b) >= ALIKE
    assert jaccard(b, c) >= ALIKE
    assert len(set(alike([a, c, b]))) == 1
    assert (len(set(alike([a, c]))) == 1) == (jaccard(a, c) >= ALIKE)


def test_empty_texts_are_no_copies_and_short_ones_are():
    labels = alike(["", "  ", "네", "네.", "아니요"])

    assert len(set(labels.tolist())) == 4
    assert labels[2] == labels[3]


def test_a_crowd_of_templates_stays_together():
    texts = [f"{LONG} {LONG} 접수번호 {number}" for number in range(100)]

    assert len(set(alike(texts))) == 1


def test_joining_keeps_what_either_grouping_holds():
    joined = join(np.array([0, 0, 1, 2, 3]), np.array(["x", "y", "y", "z", "x"]))

    assert joined[0] == joined[1] == joined[2] == joined[4] != joined[3]
    assert join(np.array([5, 5, 9]), None).tolist() == [0, 0, 1]
