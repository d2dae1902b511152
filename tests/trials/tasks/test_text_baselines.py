"""Answers without understanding."""

from __future__ import annotations

from madang.trials.engine.tasks.text_baselines import (
    between,
    commonest,
    commonest_by_form,
    nearest_sentence,
    surroundings,
)


def test_the_commonest_value_is_not_the_empty_one():
    assert commonest(["", "", "가", "나", "나"]) == "나"
    assert commonest(["", ""]) == ""
    assert commonest_by_form(["가람 시청", "누리군", "가람시청."]) == "가람 시청"
    assert commonest_by_form([""]) == ""


def test_the_nearest_sentence_shares_most_with_the_question():
    passage = "가온도서관은 1998년에 문을 열었다. 관장은 김하늘 씨이다.\n좌석은 90석이다"

    assert nearest_sentence(passage, "관장은 누구입니까?") == "관장은 김하늘 씨이다."
    assert nearest_sentence(passage, "좌석은 몇 석입니까?") == "좌석은 90석이다"
    assert (
        nearest_sentence("3.1 운동은 1919년이다. 다음 문장.", "3.1 운동")
        == "3.1 운동은 1919년이다."
    )
    assert nearest_sentence("", "무엇?") == ""


def test_values_are_found_between_what_usually_surrounds_them():
    texts = ["마감: 3월 2일까지", "마감: 5월 9일까지", "없음"]
    places = surroundings(texts, ["3월 2일", "5월 9일", "7월"])

    assert places == [("마감: ", "까")]
    assert between("접수 마감: 12월 1일까지입니다", places) == "12월 1일"
    assert between("마감 없음", places) is None
    assert between("마감: " + "x" * 200 + "까지", places) is None


def test_a_value_at_the_end_runs_to_the_end():
    places = surroundings(["담당 김하늘", "담당 이보람"], ["김하늘", "이보람"])

    assert places == [("담당 ", "")]
    assert between("담당 박슬기", places) == "박슬기"
