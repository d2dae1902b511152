"""When two Korean texts say the same."""

from __future__ import annotations

import unicodedata

import pytest

from madang.trials.engine.tasks.korean import answer_form, shared_characters, value_form


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("가람시청", unicodedata.normalize("NFD", "가람시청")),
        ("ＡＢＣ１２３", "abc123"),
        ("서울　특별시", "서울특별시"),
        ("‘가온’", "'가온'"),
        ("2025–2026", "2025-2026"),
        ("과학ㆍ기술", "과학·기술"),
        ("1,234,000원", "1234000원"),
        ("「개인정보 보호법」", "개인정보보호법"),
        ("마감입니다.", "마감입니다"),
        ("10〜20", "10~20"),
        ("￦500", "₩500"),
    ],
)
def test_values_that_are_written_differently_are_the_same(one, other):
    assert value_form(one) == value_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("시청은", "시청"),
        ("3.5", "35"),
        ("1,23", "123"),
        ("-5", "5"),
        (".5", "5"),
        ("50%", "50"),
        ("①", "1"),
        ("홍길동", "홍길순"),
    ],
)
def test_values_that_say_something_else_stay_apart(one, other):
    assert value_form(one) != value_form(other)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("  《가온 도서관》 (본관) ", "가온 도서관 본관"),
        ("'1998년'", "1998년"),
        ("U.S.A.", "usa"),
        ("가-나", "가나"),
        ("3,000 명", "3000 명"),
        (unicodedata.normalize("NFD", "나래"), "나래"),
        ("「책」", "「책」"),
        ("()", ""),
    ],
)
def test_the_answer_form_is_that_of_korquad(text, form):
    """Worked out by the rules of the published scorer: these signs become spaces, those fall."""
    assert answer_form(text) == form


@pytest.mark.parametrize(
    ("answer", "truth", "f1"),
    [
        ("가온 도서관", "가온도서관", 1.0),
        # Three of four characters and three of three: 2 * 3 / 7.
        ("1998", "199", 6 / 7),
        ("가가나", "가나나", 2 / 3),
        ("하늘", "바다", 0.0),
        ("", "바다", 0.0),
        ("", "", 1.0),
    ],
)
def test_the_character_f1_by_hand(answer, truth, f1):
    assert shared_characters(answer, truth) == pytest.approx(f1)
