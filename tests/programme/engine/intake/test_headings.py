"""Columns are found under titles, units and merged headings, and a mapping file goes before."""

from __future__ import annotations

import pytest

from madang.kernel.sheets.faults import FileRefused
from madang.kernel.sheets.files import read_sheets
from madang.kernel.sheets.headings import bare
from madang.kernel.sheets.sheet import Sheet
from madang.programme.engine.intake.headings import Headings, find, missing, read_mapping
from madang.programme.engine.intake.mapping_text import read_file, read_text
from madang.programme.engine.intake.roles import ROLE_OF, SYNONYMS
from tests.kernel.sheets.workbooks import book


def sheet(text: str) -> Sheet:
    (found,) = read_sheets(text.encode(), name="a.csv")
    return found


def roles(headings: Headings | None) -> dict[str, int]:
    assert headings
    return {each.role: each.at for each in headings.columns}


def test_titles_notes_and_empty_lines_stand_above_the_headings() -> None:
    headings = find(
        sheet("2025년 집행 현황\n\n(단위: 천원)\n세부사업,집행일자,집행액\nrpki,20250901,5\n")
    )

    assert roles(headings) == {"line": 0, "day": 1, "disbursed": 2}
    assert headings is not None
    assert headings.first == 3
    assert headings.amounts[0].unit_krw == 1_000
    assert headings.amounts[0].unit_said


def test_the_unit_of_a_heading_goes_before_the_note() -> None:
    headings = find(
        sheet("(단위: 천원)\n사업명,집행일,교부액,집행액(백만원)\nrpki,20250901,1,2\n")
    )

    assert headings is not None
    assert [each.unit_krw for each in headings.amounts] == [1_000, 1_000_000]


def test_headings_of_several_rows_are_joined() -> None:
    text = "사업코드,집행일자,금액(천원),,,비고\n,,교부,집행,실집행,\nrpki,20250901,1,2,3,가\n"

    headings = find(sheet(text))

    expected = {"line": 0, "day": 1, "granted": 2, "disbursed": 3, "confirmed": 4, "memo": 5}
    assert roles(headings) == expected
    assert headings is not None
    assert {each.unit_krw for each in headings.amounts} == {1_000}


def test_merged_headings_of_a_workbook_are_joined() -> None:
    rows = [
        ["사업코드", "일자", "금액", None],
        [None, None, "교부", "집행"],
        ["rpki", "20250901", 1, 2],
    ]
    (found,) = read_sheets(book(rows, merged=["A1:A2", "B1:B2", "C1:D1"]), name="a.xlsx")

    headings = find(found)

    assert roles(headings) == {"line": 0, "day": 1, "granted": 2, "disbursed": 3}


def test_the_clearer_of_two_columns_is_taken() -> None:
    headings = find(
        sheet("사업명,사업코드,결의일자,집행일자,집행액\nx,rpki,20250901,20250902,5\n")
    )

    assert roles(headings) == {"line": 1, "day": 3, "disbursed": 4}
    assert headings is not None
    assert headings.unread == ("사업명", "결의일자")


def test_blanks_signs_and_capitals_in_headings_do_not_matter() -> None:
    headings = find(sheet(" 사 업 코 드 ,집행 일자*,Ａｍｏｕｎｔ (KRW)\nrpki,20250901,5\n"))

    assert roles(headings) == {"line": 0, "day": 1, "amount": 2}


def test_what_is_missing_is_named() -> None:
    found = sheet("사업코드,메모\nrpki,가\n")

    assert find(found) is None
    assert missing(found) == ("사업코드, 메모", ["day", "amount"])


def test_a_mapping_file_goes_before_what_headings_seem_to_say() -> None:
    given = read_text(
        "columns: {과제: line, 결제 시각: day, 집행액: confirmed}\n"
        "unit: 천원\nlines: {알피케이아이: rpki}"
    )

    headings = find(sheet("과제,결제시각,집행액\n알피케이아이,20250901,5\n"), given)

    assert roles(headings) == {"line": 0, "day": 1, "confirmed": 2}
    assert headings is not None
    assert headings.amounts[0].unit_krw == 1_000
    assert given.lines == {"알피케이아이": "rpki"}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "columns: {가: price}",
            "unit: 달러",
            "rows: 1",
            "repeats: [사업]",
            "[1, 2]",
            "a: [",
            "- a",
        ),
        *("sheet: &a 1분기\nunit: *a", "unit: 원\nunit: 천원"),
    ],
)
def test_a_mapping_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(FileRefused):
        read_text(text)


def test_a_mapping_in_another_encoding_is_refused() -> None:
    with pytest.raises(FileRefused):
        read_file("unit: 천원".encode("cp949"))


def test_a_mapping_may_leave_everything_out() -> None:
    assert read_mapping({}).columns == {}


def test_no_word_means_two_roles() -> None:
    assert len(ROLE_OF) == sum(len(set(words.split())) for words in SYNONYMS.values())


def test_brackets_that_never_close_are_cut_short() -> None:
    assert len(bare("(" * 32_000)) <= 200
