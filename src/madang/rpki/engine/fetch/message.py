"""What does a web server answer? Its head, and a body whose end is beyond doubt (RFC 9112).

Read by hand, since the standard library takes a chunk of size −1 for "all that comes".
"""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

_CHUNK = 1 << 16
_LONGEST_LINE = 8192
_MOST_INTERIM = 8
"""Answers of status 1xx before the answer."""
_MOST_FIELDS = 100
_LONGEST_VALUE = 2048
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
_FIELD = re.compile(rb"([!#-'*+.0-9A-Z^-z|~-]+):([\t -~\x80-\xff]*)\r?\n")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LENGTH = re.compile(r"[0-9]{1,15}")
_BODILESS = (204, 304)


class Message:
    """An answer whose body is read piece by piece.

    Args:
        stream: What comes from the server, from the answer's first byte on.

    Raises:
        http.client.HTTPException: It is no answer by RFC 9112.
    """

    def __init__(self, stream: io.BufferedReader[Any]) -> None:
        self._stream = stream
        version, self.status = self._head()
        self._headers = self._fields()
        for _ in range(_MOST_INTERIM):
            if self.status >= 200:
                break
            version, self.status = self._head()
            self._headers = self._fields()
        if self.status < 200:
            raise http.client.UnknownProtocol("only interim answers")
        self._chunked, self._length = self._framing(version)
        self.ended = self._length == 0 and not self._chunked
        """Whether the body was read to its end."""
        closing = self.header("Connection").lower() == "close" or version == b"0"
        self.lasting = not closing and (self._chunked or self._length is not None)
        """Whether the connection may serve for another question."""

    def header(self, name: str) -> str:
        """A header's value where it is one that can be sent back: printable and short."""
        value = (self._headers.get(name.lower()) or [""])[0]
        sound = len(value) <= _LONGEST_VALUE and value.isascii() and value.isprintable()
        return value if sound else ""

    def pieces(self) -> Iterator[bytes]:
        """The body in pieces of at most 64 KiB.

        Raises:
            http.client.HTTPException: It breaks off, or is not framed by RFC 9112.
        """
        if self._chunked:
            yield from self._chunks()
        elif self._length is not None:
            yield from self._counted(self._length)
        else:
            while piece := self._stream.read(_CHUNK):
                yield piece
        self.ended = True

    def _head(self) -> tuple[bytes, int]:
        line = self._line()
        if not line:
            raise http.client.RemoteDisconnected("no answer")
        found = _STATUS.fullmatch(line)
        if found is None:
            raise http.client.BadStatusLine(repr(line[:80]))
        return found[1], int(found[2])

    def _fields(self) -> dict[str, list[str]]:
        """The headers by their names in lower case."""
        fields: dict[str, list[str]] = {}
        for _ in range(_MOST_FIELDS):
            line = self._line()
            if line in (b"\r\n", b"\n"):
                return fields
            found = _FIELD.fullmatch(line)
            if found is None:
                raise http.client.HTTPException("malformed header")
            name, value = (part.decode("latin-1") for part in found.groups())
            fields.setdefault(name.lower(), []).append(value.strip(" \t"))
        raise http.client.HTTPException("too many headers")

    def _framing(self, version: bytes) -> tuple[bool, int | None]:
        """How the body ends: by chunks, by its length, or with the connection."""
        codings = self._headers.get("transfer-encoding", [])
        lengths = set(self._headers.get("content-length", []))
        if self.status in _BODILESS:
            return False, 0
        if codings:
            # Both at once is how answers are smuggled (section 6.3).
            if [each.strip().lower() for each in codings] != ["chunked"] or lengths:
                raise http.client.UnknownTransferEncoding
            if version == b"0":
                raise http.client.UnknownProtocol("chunks in HTTP/1.0")
            return True, None
        if not lengths:
            return False, None
        text = lengths.pop().strip()
        if lengths or not _LENGTH.fullmatch(text):
            raise http.client.HTTPException("malformed Content-Length")
        return False, int(text)

    def _chunks(self) -> Iterator[bytes]:
        while size := self._size():
            yield from self._counted(size)
            if self._line() not in (b"\r\n", b"\n"):
                raise http.client.HTTPException("a chunk without its end")
        for _ in range(_MOST_FIELDS):
            if self._line() in (b"\r\n", b"\n"):
                return
        raise http.client.HTTPException("too many trailers")

    def _size(self) -> int:
        found = _SIZE.fullmatch(self._line())
        if found is None:
            raise http.client.HTTPException("malformed chunk")
        return int(found[1], 16)

    def _counted(self, left: int) -> Iterator[bytes]:
        while left:
            piece = self._stream.read(min(left, _CHUNK))
            if not piece:
                raise http.client.IncompleteRead(b"", left)
            left -= len(piece)
            yield piece

    def _line(self) -> bytes:
        line = self._stream.readline(_LONGEST_LINE)
        if len(line) >= _LONGEST_LINE:
            raise http.client.LineTooLong("header")
        return line
