"""What stands in which line of a CSV file? (RFC 4180, in UTF-8 or CP949).

A file without quotation marks is split by polars after a check that each line has as many fields
as the
header: polars alone fills short lines with missing values. A file with quotation marks is read by
the standard library, which knows where a record starts that runs over several lines.
"""

from __future__ import annotations

import csv
import io
from array import array
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from madang.kernel.store import header
from madang.kernel.store.errors import TableError
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl

Encoding: TypeAlias = Literal["utf-8", "cp949"]

_EMPTY_LINES = (b"\n\n", b"\n\r\n", b"\r\r")
_PIECE = 16 << 20
_BATCH = 20_000


class Raw(NamedTuple):
    """Columns as they lie in the file, and how to say where a row stands in it."""

    table: pl.DataFrame
    place: Callable[[int], Words]
    """Row number from 0 → words such as `line 7`."""


def read(
    content: bytes,
    declared: Sequence[str],
    *,
    name: str,
    extra_ok: bool,
    encoding: Encoding,
    most_rows: int,
) -> Raw:
    """The declared columns of a CSV file as text; an empty field is a missing value.

    Raises:
        TableError: The file is no CSV of these columns.
    """
    content = _text_of(content, name=name, encoding=encoding)
    returns = content.count(b"\r")
    if b'"' not in content and (not returns or returns == content.count(b"\r\n")):
        rows = content.count(b"\n", 0, -1)
        if rows > most_rows:
            raise too_many_rows(rows, most_rows, name)
        return _plain(content, declared, name=name, extra_ok=extra_ok)
    return _quoted(content, declared, name=name, extra_ok=extra_ok, most_rows=most_rows)


def names(content: bytes, *, name: str, encoding: Encoding) -> list[str]:
    """The fields of a CSV file's first line, as they lie there.

    Raises:
        TableError: The line cannot be read.
    """
    records = _records(_text_of(content, name=name, encoding=encoding), name=name)
    _, found = next(records, (1, []))
    return found or [""]


def too_many_rows(count: int, most: int, name: str) -> TableError:
    """The refusal of a table that is too long."""
    return TableError(
        words(f"{name}의 행 {count:,}개", f"{count:,} rows in {name}"),
        words(f"{most:,}개 이하", f"at most {most:,}"),
    )


def _text_of(content: bytes, *, name: str, encoding: Encoding) -> bytes:
    """The content as UTF-8 without byte order mark and without empty lines at its end.

    ASCII is let through as it is: decoding a large file takes as long as reading it.
    """
    zero = content.find(b"\x00")
    if zero >= 0:
        raise _nul(_line_of(content, zero), name)
    if not content.isascii():
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as fault:
            raise _undecodable(content, fault.start, name=name, encoding=encoding) from fault
        if encoding != "utf-8":
            content = text.encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    return content.rstrip(b"\r\n") if content.endswith(_EMPTY_LINES) else content


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _nul(line: int, name: str) -> TableError:
    return TableError(
        words(f"{name} {line}번째 줄의 NUL 바이트", f"a NUL byte in line {line} of {name}"),
        words("글자로만 된 CSV", "CSV of text only"),
        words("CSV UTF-8로 다시 저장하십시오.", "Save it again as CSV UTF-8."),
    )


def _undecodable(content: bytes, position: int, *, name: str, encoding: Encoding) -> TableError:
    line = _line_of(content, position)
    other = _other_encoding(content, encoding)
    found_ko = f"{name} {line}번째 줄의 {encoding.upper()}가 아닌 글자"
    found_en = f"bytes that are no {encoding.upper()} in line {line} of {name}"
    if other:
        found_ko += f"({other.upper()}로 읽힘)"
        found_en += f" (the file reads as {other.upper()})"
    return TableError(
        words(found_ko, found_en),
        words(f"{encoding.upper()} CSV", f"CSV in {encoding.upper()}"),
        words(
            f"엑셀에서 'CSV UTF-8'로 저장하거나 인코딩을 {other.upper()}로 지정하십시오.",
            f"Save it as 'CSV UTF-8' in Excel, or declare the encoding {other.upper()}.",
        )
        if other
        else words("CSV UTF-8로 다시 저장하십시오.", "Save it again as CSV UTF-8."),
    )


def _other_encoding(content: bytes, encoding: Encoding) -> Encoding | None:
    """The encoding in which the file is Korean text, if it is the other of the two."""
    other: Encoding = "cp949" if encoding == "utf-8" else "utf-8"
    try:
        text = content.decode(other)
    except UnicodeDecodeError:
        return None
    return other if any("가" <= letter <= "힣" for letter in text) else None


def _plain(content: bytes, declared: Sequence[str], *, name: str, extra_ok: bool) -> Raw:
    import polars as pl

    body = content.find(b"\n") + 1 or len(content)
    names = content[:body].decode().rstrip("\r\n").split(",")
    where = header.positions(names, declared, name=name, extra_ok=extra_ok)
    _check_fields(content, body, len(names), name=name)
    if body == len(content):
        return Raw(pl.DataFrame(schema=dict.fromkeys(where, pl.String)), _line_after_header)
    table = pl.read_csv(
        content,
        has_header=False,
        skip_rows=1,
        schema={_column(number): pl.String for number in range(len(names))},
        columns=[_column(number) for number in sorted(set(where.values()))],
        quote_char=None,
    )
    return Raw(
        table.select(pl.col(_column(number)).alias(each) for each, number in where.items()),
        _line_after_header,
    )


def _column(number: int) -> str:
    """What polars calls the columns of a file that it sees without a header."""
    return f"column_{number + 1}"


def _line_after_header(row: int) -> Words:
    return _line(row + 2)


def _line(number: int) -> Words:
    return words(f"{number}번째 줄", f"line {number}")


def _check_fields(content: bytes, body: int, expected: int, *, name: str) -> None:
    """Refuse the first line from position `body` on without as many commas as the header."""
    import numpy as np

    line = 2
    for piece in _pieces(content, body):
        letters = np.frombuffer(piece, dtype=np.uint8)
        ends = np.append(np.flatnonzero(letters == ord("\n")), len(letters))
        commas = np.diff(np.searchsorted(np.flatnonzero(letters == ord(",")), ends), prepend=0)
        wrong = np.flatnonzero(commas != expected - 1)
        if len(wrong):
            at = int(wrong[0])
            raise _ragged(line + at, int(commas[at]) + 1, expected, name)
        line += len(ends)


def _pieces(content: bytes, start: int) -> Iterator[memoryview]:
    """Runs of whole lines, each without its last line end."""
    last = len(content) - content.endswith(b"\n")
    while start < last:
        end = content.find(b"\n", start + _PIECE, last)
        end = last if end < 0 else end
        yield memoryview(content)[start:end]
        start = end + 1


def _ragged(line: int, fields: int, expected: int, name: str) -> TableError:
    return TableError(
        words(
            f"{name} {line}번째 줄의 값 {fields:,}개",
            f"line {line} of {name} with {fields:,} field{'s' * (fields != 1)}",
        ),
        words(f"첫 줄과 같이 {expected}개", f"{expected}, as in the first line"),
        words(
            "쉼표가 든 값은 큰따옴표로 묶고, 빈 줄은 지우십시오.",
            "Quote values that hold commas, and remove empty lines.",
        ),
    )


def _quoted(
    content: bytes, declared: Sequence[str], *, name: str, extra_ok: bool, most_rows: int
) -> Raw:
    import polars as pl

    records = _records(content, name=name)
    _, names = next(records)
    where = header.positions(names, declared, name=name, extra_ok=extra_ok)
    lines = array("q")
    tables = [pl.DataFrame(schema=dict.fromkeys(where, pl.String))]
    batch: list[list[str]] = []
    for line, fields in records:
        if len(fields) != len(names) and not (len(names) == 1 and not fields):
            raise _ragged(line, max(1, len(fields)), len(names), name)
        lines.append(line)
        batch.append(fields or [""])
        if len(lines) > most_rows:
            raise too_many_rows(len(lines), most_rows, name)
        if len(batch) == _BATCH:
            tables.append(_frame(batch, where))
            batch = []
    tables.append(_frame(batch, where))
    return Raw(pl.concat(tables), lambda row: _line(lines[row]))


def _frame(batch: Sequence[Sequence[str]], where: Mapping[str, int]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {each: [fields[number] or None for fields in batch] for each, number in where.items()},
        schema=dict.fromkeys(where, pl.String),
    )


def _records(content: bytes, *, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it starts in."""
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")
    reader = csv.reader(text, strict=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as fault:
        raise _misquoted(line, fault, name) from fault


def _misquoted(line: int, fault: csv.Error, name: str) -> TableError:
    if "limit" in str(fault):
        most = csv.field_size_limit()
        return TableError(
            words(
                f"{name} {line}번째 줄에서 시작하는 너무 긴 값",
                f"a value that is too long, from line {line} of {name} on",
            ),
            words(f"{most:,}자 이하", f"at most {most:,} characters"),
            words(
                "닫히지 않은 큰따옴표가 있는지 확인하십시오.",
                "Look for an unclosed quotation mark.",
            ),
        )
    return TableError(
        words(
            f"{name} {line}번째 줄에서 시작하는 행의 어긋난 큰따옴표",
            f"misplaced quotation marks in the record from line {line} of {name} on",
        ),
        words(
            "값 전체를 묶고 값 안에서는 두 번 쓴 큰따옴표",
            "quotation marks around a whole value, doubled within it (RFC 4180)",
        ),
    )
