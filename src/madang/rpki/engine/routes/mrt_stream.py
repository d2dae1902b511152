"""How is a dump unpacked without trusting its size? In pieces, up to a limit (gzip, bzip2)."""

from __future__ import annotations

import bz2
import gzip
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

from madang.kernel.words import words
from madang.rpki.engine.errors import RoutesRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_PIECE: Final = 1 << 20


class Stream:
    """Bytes in their order, read ahead in pieces."""

    def __init__(self, source: BinaryIO, most_bytes: int) -> None:
        self.offset = 0
        """How many bytes were taken."""
        self.fault = ""
        """Why it ended before its time, as a code of `malformed.WHAT`; empty where it did not."""
        self._source, self._left = source, most_bytes
        self._held, self._at = b"", 0

    def take(self, count: int) -> bytes:
        """The next bytes; fewer only at the end."""
        self._fill(count)
        found = self._held[self._at : self._at + count]
        self._at += len(found)
        self.offset += len(found)
        return found

    def peek(self, count: int) -> bytes:
        """The next bytes, which stay where they are."""
        self._fill(count)
        return self._held[self._at : self._at + count]

    def _fill(self, count: int) -> None:
        while len(self._held) - self._at < count and not self.fault:
            piece = self._piece()
            if not piece:
                return
            self._held = self._held[self._at :] + piece
            self._at = 0

    def _piece(self) -> bytes:
        if self._left <= 0:
            self.fault = "large"
            return b""
        try:
            piece = self._source.read(min(_PIECE, self._left))
        except (EOFError, OSError, zlib.error, ValueError):
            self.fault = "stream"
            return b""
        self._left -= len(piece)
        return piece


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The unpacked bytes of a file, by the signature it begins with.

    Raises:
        RoutesRefused: It cannot be opened.
    """
    try:
        file = path.open("rb")
    except OSError as fault:
        raise RoutesRefused(
            words(f"열 수 없는 파일 {path}", f"the file {path}, which cannot be opened"),
            words("MRT 덤프 (gzip, bzip2 가능)", "an MRT dump, maybe in gzip or bzip2"),
        ) from fault
    with file:
        start = file.peek(3)[:3]
        if start[:2] == b"\x1f\x8b":
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb"))
        elif start == b"BZh":
            yield cast("BinaryIO", bz2.BZ2File(file, "rb"))
        else:
            yield file
