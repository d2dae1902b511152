"""A CSV file is read in the encodings and with the signs that agencies use."""

from __future__ import annotations

import pytest

from madang.kernel.sheets import files
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.sheets.files import read_sheets
from tests.kernel.sheets import workbooks

TEXT = '사업코드,금액\r\nrpki,"1,000"\r\n'
ROWS = [("사업코드", "금액"), ("rpki", "1,000")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_encodings_are_told_apart(encoding: str) -> None:
    (sheet,) = read_sheets(TEXT.encode(encoding), name="a.csv")

    assert list(sheet.rows) == ROWS


@pytest.mark.parametrize("sign", [",", "\t", ";", "|"])
def test_the_sign_between_values_is_seen_from_the_lines(sign: str) -> None:
    text = f'사업코드{sign}금액\nrpki{sign}"1,000"\n'

    (sheet,) = read_sheets(text.encode(), name="a.csv")

    assert list(sheet.rows) == ROWS


def test_rows_keep_the_number_of_their_line() -> None:
    text = '제목\n\n"두 줄에\n걸친 값",1\n끝,2\n'

    (sheet,) = read_sheets(text.encode(), name="a.csv")

    assert list(sheet.numbers) == [1, 3, 5]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "encrypted or old Excel"),
        (b"<html><table></table></html>", "HTML or XML"),
        (b"\xff\xff\xff\x00\x01", "no text"),
        (b'a,b\n"never closed,' + b"x" * 200_000, "unclosed"),
    ],
)
def test_what_is_no_table_is_named(content: bytes, said: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read_sheets(content, name="a.csv")

    assert said in refusal.value.sentence("en")


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(FileRefused):
        read_sheets(b"," * 300 + b"x", name="a.csv")


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_CELLS", 3)

    with pytest.raises(FileRefused):
        read_sheets(TEXT.encode(), name="a.csv")


def test_a_workbook_is_told_from_a_csv_file_by_its_content() -> None:
    (sheet,) = read_sheets(workbooks.book([["사업코드", "금액"], ["rpki", "1,000"]]), name="a.csv")

    assert list(sheet.rows) == ROWS
