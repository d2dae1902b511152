"""What does a Thrift structure in compact form hold? Enough of it to weigh a Parquet file unread.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

import struct
from typing import Any, TypeAlias

Struct: TypeAlias = dict[int, Any]
"""Field number → value: int, float or bool, bytes for text, list, Struct."""

_DEEPEST = 12
_BOOLEANS = {1: True, 2: False}


class Malformed(ValueError):
    """The bytes are no such structure."""


class Reader:
    """Reads structures one after another.

    Args:
        content: The bytes.
        position: Where the first structure starts.
    """

    def __init__(self, content: bytes | memoryview, position: int = 0) -> None:
        self._content, self.position = content, position

    def structure(self, depth: int = 0) -> Struct:
        """The structure that starts here.

        Raises:
            Malformed: The bytes are no structure, end early, or nest too deep.
        """
        fields: Struct = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._signed()
            fields[number] = self._value(kind, depth, boolean=_BOOLEANS.get(kind))
        return fields

    def _value(self, kind: int, depth: int, *, boolean: bool | None) -> Any:
        if depth > _DEEPEST:
            raise Malformed("nested too deep")
        if kind in (1, 2):
            return boolean if boolean is not None else self._byte() == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._signed()
        if kind == 7:
            return struct.unpack("<d", self._take(8))[0]
        if kind == 8:
            return bytes(self._take(self._unsigned()))
        if kind in (9, 10):
            return self._list(depth)
        if kind == 12:
            return self.structure(depth + 1)
        raise Malformed(f"type {kind}")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size, kind = head >> 4, head & 15
        if size == 15:
            size = self._unsigned()
        if size > len(self._content) - self.position:
            raise Malformed("a list longer than the file")
        return [self._value(kind, depth + 1, boolean=None) for _ in range(size)]

    def _signed(self) -> int:
        number = self._unsigned()
        return (number >> 1) ^ -(number & 1)

    def _unsigned(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
        raise Malformed("a number longer than 64 bits")

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, count: int) -> bytes | memoryview:
        end = self.position + count
        if end > len(self._content):
            raise Malformed("the bytes end early")
        taken = self._content[self.position : end]
        self.position = end
        return taken
