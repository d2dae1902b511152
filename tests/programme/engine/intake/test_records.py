"""Rows become records; totals are compared and left out; each fault names its row and column."""

from __future__ import annotations

from datetime import date

import pytest

from madang.kernel.sheets.faults import MOST_FAULTS
from madang.kernel.sheets.files import read_sheets
from madang.programme.engine.intake.headings import NOTHING_GIVEN, Given, find
from madang.programme.engine.intake.mapping_text import read_text
from madang.programme.engine.intake.records import Reading, read_records

HEAD = "사업코드,전표번호,집행일자,집행액,지급처\n"


def reading(text: str, given: Given = NOTHING_GIVEN) -> Reading:
    (sheet,) = read_sheets(text.encode(), name="a.csv")
    headings = find(sheet, given)
    assert headings
    return read_records(sheet, headings, given)


def faults(text: str) -> list[tuple[int, str]]:
    return [(each.row, each.column) for each in reading(text).faults]


def test_a_row_is_a_record() -> None:
    (record,) = reading(HEAD + 'rpki,V-1,2025.9.1.,"1,000",가나다\n').records

    assert record.row == 2
    assert (record.line, record.voucher, record.recipient) == ("rpki", "V-1", "가나다")
    assert (record.step, record.day, record.amount_krw) == ("disbursed", date(2025, 9, 1), 1_000)


def test_a_row_with_three_amounts_is_three_records() -> None:
    text = "사업코드,일자,교부액,집행액,실집행액\nrpki,20250901,3,2,1\n"

    found = [(each.step, each.amount_krw) for each in reading(text).records]

    assert found == [("granted", 3), ("disbursed", 2), ("confirmed", 1)]


@pytest.mark.parametrize(
    ("kind", "step"), [("교부", "granted"), ("지출", "disbursed"), ("실집행", "confirmed")]
)
def test_a_column_of_kinds_says_what_an_amount_is(kind: str, step: str) -> None:
    (record,) = reading(f"사업코드,일자,구분,금액\nrpki,20250901,{kind},5\n").records

    assert record.step == step


def test_totals_are_compared_and_left_out() -> None:
    text = HEAD + (
        "rpki,1,20250901,10,\nrpki,2,20250902,20,\n소  계,,,30,\n"
        "npu,3,20250903,5,\n소계,,,5,\n합계,,,35,\n누 계,,,35,\n"
    )

    found = reading(text)

    assert (found.faults, found.totals, len(found.records)) == ([], 4, 3)


def test_a_total_that_differs_names_both_sums() -> None:
    (fault,) = reading(HEAD + "rpki,1,20250901,10,\n합계,,,11,\n").faults

    assert (fault.row, fault.column) == (3, "집행액")
    assert "11" in fault.found.within("en")
    assert "10" in fault.expected.within("en")


def test_notes_and_repeated_headings_are_left_out() -> None:
    found = reading(
        HEAD + "rpki,1,20250901,10,\n" + HEAD + "rpki,2,20250901,10,\n※ 잠정치임,,,,\n"
    )

    assert (len(found.records), found.faults, found.notes) == (2, [], ["※ 잠정치임"])


def test_each_fault_names_its_row_and_column() -> None:
    text = HEAD + ",1,20250901,10,\nrpki,2,언젠가,10,\nrpki,3,20250901,많이,\nrpki,4,20250901,,\n"

    assert faults(text) == [(2, "사업코드"), (3, "집행일자"), (4, "집행액"), (5, "집행액")]


def test_a_row_with_a_fault_gives_no_record() -> None:
    found = reading(HEAD + ",1,20250901,10,\nrpki,2,20250901,20,\n")

    assert [each.row for each in found.records] == [3]


def test_a_row_without_a_day_is_a_fault_and_no_total() -> None:
    assert faults(HEAD + "rpki,1,,10,가\n") == [(2, "집행일자")]


def test_an_unknown_kind_is_a_fault() -> None:
    assert faults("사업코드,일자,구분,금액\nrpki,20250901,기타,5\n") == [(2, "구분")]


def test_a_digest_that_is_none_is_a_fault() -> None:
    assert faults("사업코드,일자,금액,SHA-256\nrpki,20250901,5,abc\n") == [(2, "SHA-256")]


def test_a_digest_is_read_in_capitals_too() -> None:
    (record,) = reading(
        f"사업코드,일자,금액,SHA-256\nrpki,20250901,5,SHA256:{'AB' * 32}\n"
    ).records

    assert record.evidence == "ab" * 32


def test_empty_cells_say_what_stands_above_only_where_the_mapping_says_so() -> None:
    text = HEAD + "rpki,1,20250901,10,\n,2,20250902,20,\n"

    assert faults(text) == [(3, "사업코드")]
    found = reading(text, read_text("repeats: [line]"))
    assert [each.line for each in found.records] == ["rpki", "rpki"]


def test_a_formula_in_a_text_stays_text() -> None:
    (record,) = reading(HEAD + "rpki,1,20250901,10,=HYPERLINK(1)\n").records

    assert record.recipient == "=HYPERLINK(1)"


def test_the_reading_stops_where_nobody_would_read_on() -> None:
    found = reading(HEAD + "rpki,1,언젠가,10,\n" * (MOST_FAULTS + 500))

    assert len(found.faults) == MOST_FAULTS
