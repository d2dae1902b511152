"""Tables in a terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from madang.kernel.report.document import Interval, Table, TableColumn
from madang.kernel.report.text import table_text
from madang.kernel.words import words
from tests.kernel.report import sample

SMALL = Table(
    caption=words("순위", "Ranking"),
    columns=(
        TableColumn(title=words("이름", "Name")),
        TableColumn(title="IBS", kind="number", decimals=3),
        TableColumn(title=words("구간", "Interval"), kind="interval", decimals=2),
    ),
    rows=(("한글 모형", 0.1721, Interval(0.15, 0.19)), ("model", None, None)),
    note=words("낮을수록 좋음", "lower is better"),
)


def test_columns_stay_straight_under_hangul():
    assert table_text(SMALL, "ko") == "\n".join(
        [
            "순위",
            "────────────────────────────",
            "이름         IBS       구간",
            "────────────────────────────",
            "한글 모형  0.172  0.15–0.19",
            "model          –          –",
            "────────────────────────────",
            "낮을수록 좋음",
        ]
    ).replace("─" * 28, "─" * 27)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("room", [60, 72, 80, 120])
def test_no_line_is_wider_than_the_terminal(language, room):
    rows = table_text(sample.ranking(), language, room).splitlines()

    assert max(map(cell_len, rows)) <= room


def test_numbers_are_never_broken_however_narrow_the_terminal():
    text = table_text(sample.ranking(), "ko", 20)

    for number in ("0.1721", "0.1583–0.1868", "0.025"):
        assert number in text


def test_numbers_stand_to_the_right():
    rows = table_text(sample.ranking(), "en", 100).splitlines()

    ends = {cell_len(row) for row in rows if row.rstrip().endswith(("0.025", "0.028", "0.029"))}
    assert len(ends) == 1


def test_the_row_to_find_first_is_marked_without_colour():
    rows = table_text(sample.ranking(), "ko", 100).splitlines()

    assert [row for row in rows if row.startswith("▶ ")][0].startswith("▶ Cox 탄력망")
    assert sum(row.startswith("▶") for row in rows) == 1


def test_a_firms_name_cannot_steer_the_terminal():
    text = table_text(sample.ranking(firms=("\x1b]0;owned\x07\n\rx\u202e",)), "ko")

    assert not set("\x1b\x07\r\u202e") & set(text)
    assert "owned" in text


def test_long_names_are_broken_into_lines_that_stay_in_their_column():
    table = Table(
        caption=words("표", "t"),
        columns=(TableColumn(title="a"), TableColumn(title="b", kind="number")),
        rows=(("아주 긴 이름 " * 6, 1),),
    )

    rows = table_text(table, "ko", 30).splitlines()

    assert max(map(cell_len, rows)) <= 30
    assert "".join(rows).count("아주") == 6


def test_an_empty_table_shows_its_columns():
    table = Table(caption=words("표", "t"), columns=(TableColumn(title="가나"),), rows=())

    assert table_text(table, "ko").splitlines() == ["표", "────", "가나", "────", "────"]
