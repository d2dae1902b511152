"""How large would a Parquet file become if it were read? Weighed before a byte is unpacked.

A footer of a few bytes may promise anything, and a page of a few bytes may unpack to gigabytes.
So every page header is visited, and what it announces must agree with the footer and with the
limits. The reader that unpacks allots no more than a page announces.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.store import header
from madang.kernel.store.delimited import Raw, too_many_rows
from madang.kernel.store.errors import TableError
from madang.kernel.store.thrift import Malformed, Reader, Struct
from madang.kernel.units import size
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

_LONGEST_FOOTER = 8 << 20
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_REPEATED = 2


class Weight(NamedTuple):
    """What a Parquet file announces."""

    names: list[str]
    """The columns in their order."""
    rows: int
    unpacked_bytes: int


def read(
    content: bytes,
    declared: Sequence[str],
    *,
    name: str,
    extra_ok: bool,
    most_rows: int,
    most_bytes: int,
) -> Raw:
    """The declared columns of a Parquet file as they lie in it.

    Raises:
        TableError: The file is damaged, nested, too large once unpacked, or has other columns.
    """
    import polars as pl

    try:
        weight = weigh(content)
    except Malformed as fault:
        raise _damaged(name) from fault
    if weight.rows > most_rows:
        raise too_many_rows(weight.rows, most_rows, name)
    if weight.unpacked_bytes > most_bytes:
        raise _too_heavy(weight.unpacked_bytes, most_bytes, name)
    where = header.positions(weight.names, declared, name=name, extra_ok=extra_ok)
    try:
        table = pl.read_parquet(content, columns=sorted(set(where.values())))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as fault:
        raise _damaged(name) from fault
    if table.height != weight.rows:
        raise _damaged(name)
    if (count := _text_bytes(table)) > most_bytes:
        raise _too_heavy(count, most_bytes, name)
    return Raw(
        table.select(pl.col(weight.names[at]).alias(each) for each, at in where.items()), _row
    )


def names(content: bytes, *, name: str) -> list[str]:
    """The columns of a Parquet file, as its footer has them.

    Raises:
        TableError: The file is damaged or nested.
    """
    try:
        return weigh(content).names
    except Malformed as fault:
        raise _damaged(name) from fault


def _text_bytes(table: pl.DataFrame) -> int:
    """Bytes of all texts written out: a long text that a million rows point to is stored once."""
    import polars as pl

    texts = [pl.String, pl.Categorical, pl.Enum]
    columns = [column for column in table if column.dtype in texts]
    return sum(
        int(column.cast(pl.String).str.len_bytes().cast(pl.Int64).sum()) for column in columns
    )


def weigh(content: bytes) -> Weight:
    """What the file announces, once footer and pages agree.

    Raises:
        Malformed: They do not, or the file is cut, nested, or points outside itself.
    """
    footer = _footer(content)
    names = _names(_list(footer, 2))
    rows, groups = _number(footer, 3), _list(footer, 4)
    if sum(_number(group, 3) for group in groups) != rows:
        raise Malformed("the row groups do not sum to the rows")
    unpacked = 0
    for group in groups:
        chunks = _list(group, 1)
        if len(chunks) != len(names):
            raise Malformed("a row group without all columns")
        unpacked += sum(_chunk_bytes(content, chunk, _number(group, 3)) for chunk in chunks)
    return Weight(names, rows, unpacked)


def _footer(content: bytes) -> Struct:
    if len(content) < 12 or content[-4:] != b"PAR1":
        raise Malformed("cut short")
    length = int.from_bytes(content[-8:-4], "little")
    if length > min(len(content) - 12, _LONGEST_FOOTER):
        raise Malformed("a footer longer than the file or the limit")
    return Reader(content[-8 - length : -8]).structure()


def _names(schema: list[Struct]) -> list[str]:
    """The names of a flat schema: a root and its columns."""
    if not schema or _number(schema[0], 5) != len(schema) - 1:
        raise Malformed("nested columns")
    columns = schema[1:]
    if any(each.get(5) or each.get(3) == _REPEATED for each in columns):
        raise Malformed("nested columns")
    try:
        return [bytes(each.get(4, b"")).decode() for each in columns]
    except UnicodeDecodeError as fault:
        raise Malformed("a column name that is no UTF-8") from fault


def _chunk_bytes(content: bytes, chunk: Struct, rows: int) -> int:
    """Bytes that one column of one row group unpacks to."""
    about = chunk.get(3)
    if 1 in chunk or not isinstance(about, dict):
        raise Malformed("a column that lies in another file")
    unpacked = values = 0
    for page in _pages(content, about):
        unpacked += _number(page, 2)
        values += _values(page)
    if values != rows or _number(about, 5) != rows:
        raise Malformed("the pages do not sum to the rows")
    return unpacked


def _pages(content: bytes, about: Struct) -> Iterator[Struct]:
    """The page headers of a column chunk, walked from its first byte to its last."""
    starts = [_number(about, field) for field in (9, 11) if about.get(field)]
    if not starts:
        raise Malformed("a column without pages")
    reader = Reader(content, min(starts))
    end = reader.position + _number(about, 7)
    if not 4 <= reader.position <= end <= len(content) - 8:
        raise Malformed("pages outside the file")
    while reader.position < end:
        page = reader.structure()
        reader.position += _number(page, 3)
        yield page
    if reader.position != end:
        raise Malformed("a page that leaves its column")


def _values(page: Struct) -> int:
    """How many rows a data page holds."""
    for kind, field in ((_DATA, 5), (_DATA_V2, 8)):
        if page.get(1) == kind and isinstance(page.get(field), dict):
            return _number(page[field], 1)
    if page.get(1) != _DICTIONARY:
        raise Malformed("a page of unknown kind")
    return 0


def _number(fields: Struct, field: int) -> int:
    """A count or size: there, and not negative."""
    value = fields.get(field)
    if not isinstance(value, int) or value < 0:
        raise Malformed(f"no size in field {field}")
    return value


def _list(fields: Struct, field: int) -> list[Struct]:
    value = fields.get(field)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Malformed(f"no list in field {field}")
    return value


def _row(row: int) -> Words:
    return words(f"{row + 1}번째 행", f"row {row + 1}")


def _damaged(name: str) -> TableError:
    return TableError(
        words(
            f"손상되었거나 지원하지 않는 Parquet 파일 {name}",
            f"a Parquet file that is damaged or of a kind not supported ({name})",
        ),
        words("중첩되지 않은 열로 된 온전한 Parquet 파일", "a whole Parquet file of flat columns"),
        words("파일을 다시 저장하거나 CSV로 제출하십시오.", "Write it again, or hand in CSV."),
    )


def _too_heavy(count: int, most: int, name: str) -> TableError:
    return TableError(
        words(f"펼치면 {size(count)}가 되는 {name}", f"{name}, which unpacks to {size(count)}"),
        words(f"{size(most)} 이하", f"at most {size(most)}"),
        words("필요한 행과 열만 제출하십시오.", "Hand in only the rows and columns needed."),
    )
