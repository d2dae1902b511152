"""A workbook gives its values, and cannot do harm."""

from __future__ import annotations

import io
import zipfile

import pytest

from madang.kernel.sheets import workbook
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.sheets.files import read_sheets
from madang.kernel.sheets.sheet import Sheet
from tests.kernel.sheets.workbooks import (
    DAY_STYLE,
    KOREAN_DAY_STYLE,
    MAIN,
    THOUSANDS_STYLE,
    book,
    packed,
    parts,
)

ROWS = [["사업코드", "금액"], ["rpki", 1000]]


def read(content: bytes) -> Sheet:
    (sheet,) = read_sheets(content, name="a.xlsx")
    return sheet


def refused(content: bytes) -> str:
    with pytest.raises(FileRefused) as refusal:
        read_sheets(content, name="a.xlsx")
    return refusal.value.sentence("en")


def test_texts_and_numbers_come_out_as_they_are() -> None:
    assert list(read(book([["가", 1], ["나 & <다>", 2.5]])).rows) == [
        ("가", "1"),
        ("나 & <다>", "2.5"),
    ]


def test_a_cell_that_is_shown_as_a_day_is_a_day() -> None:
    # 45961 is 2025-10-31 where days are counted from 1900, 44499 where they are from 1904.
    shown = ("<v>45961</v>", DAY_STYLE)
    korean = ("<v>45961</v>", KOREAN_DAY_STYLE)

    assert read(book([["x", shown, korean]])).rows[0] == ("x", "2025-10-31", "2025-10-31")
    old = book([["x", ("<v>44499</v>", DAY_STYLE)]], from_1904=True)
    assert read(old).rows[0] == ("x", "2025-10-31")


def test_a_cell_that_is_shown_in_thousands_says_what_is_shown_with_all_digits() -> None:
    """`#,##0,` shows 1,234 where 1,234,567 stands: under 천원 it must not count 1,000 times."""
    assert read(book([["x", ("<v>1234567</v>", THOUSANDS_STYLE)]])).rows[0] == ("x", "1234.567")


def test_the_cells_of_a_merged_area_say_what_the_first_one_says() -> None:
    rows = [["집행", None, "비고"], ["교부", "집행", None], ["a", "b", "c"]]

    sheet = read(book(rows, merged=["A1:B1", "C1:C2"]))

    assert sheet.rows[0] == ("집행", "집행", "비고")
    assert sheet.rows[1] == ("교부", "집행", "비고")


def test_merged_areas_beyond_any_table_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = book(ROWS, merged=["A1:XFD1048576"])
    # Two rows are there, of which 256 columns are looked at.
    monkeypatch.setattr(workbook, "_MOST_MERGED", 2 * 256)
    assert len(read(whole).rows) == 2

    monkeypatch.setattr(workbook, "_MOST_MERGED", 2 * 256 - 1)
    assert "beyond the limit" in refused(whole)


def test_the_last_value_of_a_formula_counts_and_nothing_is_computed() -> None:
    rows = [["x", ("<f>SUM(A1:A9)</f><v>42</v>", 0)], ["y", ("<f>SUM(A1:A9)</f>", 0)]]

    sheet = read(book(rows))

    assert sheet.rows == [("x", "42"), ("y", "=SUM(A1:A9)")]
    assert sheet.formulas == {1, 2}


def test_a_hidden_sheet_and_phonetic_letters_are_left_out() -> None:
    files = parts([["보임"]])
    files["xl/workbook.xml"] = str(files["xl/workbook.xml"]).replace(
        "</sheets>", '<sheet name="숨김" state="hidden" r:id="rId1"/></sheets>'
    )
    files["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{MAIN}"><si><r><t>보</t></r><r><t>임</t></r>'
        "<rPh><t>후리가나</t></rPh></si></sst>"
    )

    assert [each.rows for each in read_sheets(packed(files), name="a")] == [[("보임",)]]


def test_rows_without_places_are_counted_on() -> None:
    files = parts([["x"]])
    files["xl/worksheets/sheet1.xml"] = (
        "<worksheet><sheetData><row><c><v>1</v></c><c><v>2</v></c></row>"
        "<row><c><v>3</v></c></row></sheetData></worksheet>"
    )

    sheet = read(packed(files))

    assert sheet.rows == [("1", "2"), ("3", "")]
    assert sheet.numbers == [1, 2]


def test_an_archive_that_unpacks_to_far_more_is_refused_while_it_is_read() -> None:
    bomb = "<worksheet>" + f"<!--{' ' * 100_000}-->" * 400 + "</worksheet>"

    said = refused(book(ROWS, more={"xl/worksheets/sheet1.xml": bomb}))

    assert "unpacks to" in said


def test_the_sum_of_what_is_unpacked_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 500)

    assert "unpacks to" in refused(book([[f"글 {row}"] for row in range(200)]))


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("xl/worksheets/sheet1.xml", "<a>" * 100 + "</a>" * 100, "nests too deep"),
        (
            "xl/sharedStrings.xml",
            '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>',
            "document type",
        ),
        (
            "xl/workbook.xml",
            '<!DOCTYPE w SYSTEM "file:///etc/passwd"><workbook/>',
            "document type",
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>", "broken XML"),
        ("xl/sharedStrings.xml", f"<sst><si><t>{'가' * 40_000}</t></si></sst>", "too long"),
        ("xl/worksheets/sheet1.xml", '<w><row r="9999999"/></w>', "beyond the limit"),
    ],
)
def test_xml_that_attacks_is_refused(part: str, text: str, said: str) -> None:
    assert said in refused(book(ROWS, more={part: text}))


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_CELLS", 3)

    assert "beyond the limit" in refused(book(ROWS))
    monkeypatch.setattr(workbook, "MOST_CELLS", 4)
    assert read(book(ROWS)).rows
    sparse = parts([])
    sparse["xl/worksheets/sheet1.xml"] = "<w>" + "".join(
        f'<row r="{row}"><c r="{chr(64 + row)}{row}"><v>1</v></c></row>' for row in range(1, 5)
    ) + "</w>"  # fmt: skip
    assert "beyond the limit" in refused(packed(sparse))


def test_an_archive_of_another_packing_is_refused() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_BZIP2) as archive:
        for name, text in parts(ROWS).items():
            archive.writestr(name, text)

    assert "another packing" in refused(content.getvalue())


def test_damaged_archives_are_refused() -> None:
    whole = book(ROWS)

    assert "damaged" in refused(whole[: len(whole) // 2])
    # The place of the directory, in the last record of the archive, points outside the file.
    moved = whole[:-6] + b"\xff\xff\xff\x7f" + whole[-2:]
    assert "damaged" in refused(moved)
    assert "without xl/workbook.xml" in refused(packed({"word/document.xml": "<w/>"}))
    assert "too many files" in refused(packed({f"xl/{each}": "" for each in range(5_001)}))
    assert "without values" in refused(book([]))
