"""Headings are compared without what changes from file to file, and may take several rows."""

from __future__ import annotations

from madang.kernel.sheets.headings import bare, stacked


def test_blanks_signs_and_brackets_do_not_make_another_heading() -> None:
    assert bare(" 집행 금액(천원)") == bare("집행금액") == "집행금액"


def test_a_merged_heading_reaches_over_the_columns_below_it() -> None:
    rows = [["일자", "집행액", "", ""], ["", "교부", "집행", ""]]

    assert stacked(rows) == [["일자"], ["집행액", "교부"], ["집행액", "집행"], []]
