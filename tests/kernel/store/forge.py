"""Parquet files that lie: a real file with its footer or a page header rewritten.

The writer knows just enough of Thrift's compact form to write what the product's reader reads.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import polars as pl

from madang.kernel.store.thrift import Reader, Struct

if TYPE_CHECKING:
    from collections.abc import Callable


def unsigned(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def signed(number: int) -> bytes:
    return unsigned(number * 2 if number >= 0 else -number * 2 - 1)


def written(value: Any) -> tuple[int, bytes]:
    """The type number and the bytes of a value."""
    if isinstance(value, bool):
        return (1 if value else 2), b""
    if isinstance(value, int):
        return 6, signed(value)
    if isinstance(value, bytes):
        return 8, unsigned(len(value)) + value
    if isinstance(value, list):
        items = [written(each) for each in value]
        kind = items[0][0] if items else 6
        size = len(items)
        head = bytes([size << 4 | kind]) if size < 15 else bytes([240 | kind]) + unsigned(size)
        return 9, head + b"".join(content for _, content in items)
    return 12, struct(value)


def struct(fields: Struct) -> bytes:
    out, last = b"", 0
    for number, value in sorted(fields.items()):
        kind, content = written(value)
        step = number - last
        out += bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + signed(number)
        out += content
        last = number
    return out + b"\x00"


def parquet(table: pl.DataFrame, **options: Any) -> bytes:
    file = io.BytesIO()
    table.write_parquet(file, **{"compression": "zstd", "statistics": False} | options)
    return file.getvalue()


def refooted(content: bytes, change: Callable[[Struct], None]) -> bytes:
    """The file with its footer changed in place by `change`."""
    length = int.from_bytes(content[-8:-4], "little")
    footer = Reader(content[-8 - length : -8]).structure()
    change(footer)
    new = struct(footer)
    return content[: -8 - length] + new + len(new).to_bytes(4, "little") + b"PAR1"


def repaged(content: bytes, change: Callable[[Struct], None]) -> bytes:
    """The file, which has one row group, with the first page header of its last column changed."""
    moved = 0

    def follow(footer: Struct) -> None:
        nonlocal content, moved
        about = footer[4][0][1][-1][3]
        start = about[11] if about.get(11) else about[9]
        reader = Reader(content, start)
        page = reader.structure()
        change(page)
        new = struct(page)
        moved = len(new) - (reader.position - start)
        content = content[:start] + new + content[reader.position :]
        about[7] += moved
        if about.get(11):
            about[9] += moved

    length = int.from_bytes(content[-8:-4], "little")
    footer = Reader(content[-8 - length : -8]).structure()
    body_end = len(content) - 8 - length
    follow(footer)
    new = struct(footer)
    return content[: body_end + moved] + new + len(new).to_bytes(4, "little") + b"PAR1"
