"""Numbers, intervals and other people's text on paper."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from madang.kernel.report.document import Interval, TableColumn
from madang.kernel.report.written import (
    NOTHING,
    cell,
    interval,
    lines,
    number,
    said,
    width,
    wrapped,
)
from madang.kernel.words import words


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (0.17215, {"decimals": 4}, "0.1721"),  # the nearest binary number lies below the half
        (-0.0216, {"decimals": 4}, "−0.0216"),
        (0.0052, {"decimals": 4, "signed": True}, "+0.0052"),
        (1234567, {}, "1,234,567"),
        (1234567.0, {"decimals": 1}, "1,234,567.0"),
        (0.5, {}, "0.5"),
        (3, {}, "3"),
        (-0.00001, {"decimals": 3}, "0.000"),
        (-0.00001, {"decimals": 3, "signed": True}, "0.000"),
        (0.0, {"decimals": 2, "signed": True}, "0.00"),
        (0, {"signed": True}, "0"),
    ],
)
def test_a_number_is_written_with_a_true_minus_and_never_as_minus_zero(value, options, text):
    assert number(value, **options) == text


@pytest.mark.parametrize(
    ("limits", "signed", "ko", "en"),
    [
        (Interval(0.61, 0.7), False, "0.61–0.70", "0.61–0.70"),
        (Interval(-0.034, -0.008), False, "−0.03 ~ −0.01", "−0.03 to −0.01"),
        (Interval(0.1, 0.2), True, "+0.10 ~ +0.20", "+0.10 to +0.20"),
    ],
)
def test_limits_are_joined_by_a_dash_unless_a_sign_stands_beside_it(limits, signed, ko, en):
    assert interval(limits, "ko", decimals=2, signed=signed) == ko
    assert interval(limits, "en", decimals=2, signed=signed) == en


def test_a_cell_follows_its_column():
    column = TableColumn(title="값", kind="number", decimals=2, signed=True)

    assert cell(0.126, column, "ko") == "+0.13"
    assert cell(Interval(-1.0, 1.0), column, "en") == "−1.00 to +1.00"
    assert cell(words("채점됨", "scored"), column, "en") == "scored"
    assert cell(None, column, "ko") == NOTHING


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("가\x00나", "가\ufffd나"),
        ("\x1b[31m빨강", "\ufffd[31m빨강"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\u2066가\u2069", "\ufffd가\ufffd"),
        ("\ud800", "\ufffd"),
        ("\uffff\U0001fffe", "\ufffd\ufffd"),
        ("첫 줄\r\n둘째\u2028셋째\t넷째", "첫 줄 둘째 셋째 넷째"),
        ("  가   나  ", "가 나"),
    ],
)
def test_text_from_outside_cannot_steer_what_shows_it(hostile, harmless):
    assert said(hostile, "ko") == harmless


@given(st.text())
def test_said_text_can_always_be_encoded_and_holds_no_control(text):
    result = said(text, "en")

    assert result.encode("utf-8").decode() == result
    assert not {unicodedata.category(character) for character in result} & {"Cc", "Cs", "Zl", "Zp"}
    assert said(result, "en") == result


def test_hangul_spelt_letter_by_letter_is_composed():
    assert said(unicodedata.normalize("NFD", "한글"), "ko") == "한글"


def test_commands_keep_their_lines_and_spaces():
    assert lines("a  b\n\tc\x07") == "a  b\n    c\ufffd"


@pytest.mark.parametrize(
    "text",
    ["plain", "한글 이름", "카플란–마이어 (기준)", "ｱ全角Ａ", "e\u0301te", "👍", "", "±0.5"],
)
def test_widths_agree_with_a_terminal_library(text):
    assert width(text) == cell_len(text)


@given(st.text(alphabet="가나다 abc,0…", max_size=60), st.integers(2, 20))
def test_wrapping_keeps_every_letter_and_no_line_is_too_wide(text, cells):
    one_line = " ".join(text.split())

    rows = wrapped(one_line, cells)

    assert max(map(width, rows)) <= cells
    assert "".join(rows).replace(" ", "") == one_line.replace(" ", "")


def test_wrapping_prefers_the_spaces():
    assert wrapped("심층 생존망 시험", 11) == ["심층 생존망", "시험"]
