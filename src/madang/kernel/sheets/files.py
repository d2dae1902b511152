"""Which tables are in a file? A workbook, or CSV in whatever encoding and with whatever sign."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from madang.kernel.sheets import workbook
from madang.kernel.sheets.faults import FileRefused
from madang.kernel.sheets.sheet import (
    MOST_BYTES,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
    Sheet,
    too_large,
)
from madang.kernel.units import size
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.words import Words

_DELIMITERS = ",\t;|"
_SAMPLE = 200


def read_sheets(content: bytes, *, name: str) -> list[Sheet]:
    """Every table in a file: the sheets of a workbook, or the one table of a CSV file.

    Args:
        content: The whole file.
        name: What its owner calls it, for the sentences.

    Raises:
        FileRefused: It is neither, too large, or it unpacks to what no table is.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused(
            words(f"{name}의 크기 {size(len(content))}", f"{size(len(content))} in {name}"),
            words(f"{size(MOST_BYTES)} 이하", f"at most {size(MOST_BYTES)}"),
            words("파일을 나누어 올리십시오.", "Hand it in in parts."),
        )
    if content[:4] == b"PK\x03\x04":
        return workbook.read(content, name=name)
    return [_delimited(_text(content, name), name)]


def _text(content: bytes, name: str) -> str:
    """The content as text: UTF-8 with or without its mark, UTF-16 with it, else CP949."""
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise _refused(
            name, words("암호가 걸렸거나 옛 엑셀(xls) 파일", "an encrypted or old Excel file")
        )
    if not content.strip():
        raise _refused(name, words("빈 파일", "an empty file"))
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _refused(name, words("글자로 읽히지 않는 내용", "bytes that are no text"))


def _refused(name: str, what: Words) -> FileRefused:
    return FileRefused(
        words(f"{name}: {what.ko}", f"{what.en} ({name})"),
        words(
            "엑셀(xlsx) 또는 CSV(UTF-8, CP949) 표", "a workbook (xlsx) or CSV in UTF-8 or CP949"
        ),
        words("표로 저장하여 다시 올리십시오.", "Save it as such a table and hand it in again."),
    )


def _delimited(text: str, name: str) -> Sheet:
    """The table of a CSV file; which sign stands between its values is seen from its lines."""
    if text.lstrip()[:1] == "<":
        raise _refused(name, words("HTML 또는 XML 문서", "an HTML or XML document"))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    line, cells = 1, 0
    try:
        for fields in reader:
            if fields and any(map(str.strip, fields)):
                rows.append(tuple(fields))
                numbers.append(line)
                cells += len(fields)
            line = reader.line_num + 1
            if len(fields) > MOST_COLUMNS or len(rows) > MOST_ROWS or cells > MOST_CELLS:
                raise too_large(name, line)
    except csv.Error as fault:
        raise FileRefused(
            words(
                f"{name} {line}행부터 닫히지 않은 큰따옴표",
                f"an unclosed quotation mark from line {line} of {name} on",
            ),
            words("값 전체를 묶은 큰따옴표", "quotation marks around a whole value"),
        ) from fault
    return Sheet(name=name, rows=rows, numbers=numbers)


def _delimiter(text: str) -> str:
    """The sign that most lines have equally often."""
    lines = [line for line in text[: 1 << 16].splitlines()[:_SAMPLE] if line.strip()]

    def likeness(sign: str) -> tuple[int, int]:
        counts = Counter(line.count(sign) for line in lines if sign in line)
        return max(((seen, count) for count, seen in counts.items()), default=(0, 0))

    return max(_DELIMITERS, key=likeness)
