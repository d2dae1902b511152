"""What did the jail say of a run? One strict, bounded form; anything else is nonsense.

The zygote is ours, but it lives beside hostile code: every value is checked before it is believed,
and nothing that is said here can turn the run's own fault into the platform's.
"""

from __future__ import annotations

import json
import math
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.kernel.sandbox import zygote
from madang.kernel.sandbox.ending import Detail, Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

HEADER_BYTES = 1 << 18

_EXITS = {
    zygote.FORBIDDEN_EXIT: (Ending.FORBIDDEN, Detail.PERMISSION),
    zygote.MEMORY_EXIT: (Ending.MEMORY, Detail.ALLOCATION_REFUSED),
    zygote.FILE_EXIT: (Ending.OUTPUT_TOO_LARGE, Detail.FILE_LIMIT),
    zygote.FULL_EXIT: (Ending.OUTPUT_TOO_LARGE, Detail.SCRATCH_FULL),
    zygote.EXCEPTION_EXIT: (Ending.CRASH, Detail.EXCEPTION),
}

_REFUSALS = {
    "name": (Ending.OUTPUT_INVALID, Detail.NAME),
    "not_regular": (Ending.OUTPUT_INVALID, Detail.NOT_REGULAR),
    "count": (Ending.OUTPUT_INVALID, Detail.COUNT),
    "total": (Ending.OUTPUT_TOO_LARGE, Detail.TOTAL),
}


class Nonsense(Exception):
    """The jail said something that the zygote never says."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the zygote said of the run, checked for form alone."""

    code: int | None
    number: int | None
    cpu_s: float
    peak: int
    refused: str
    report: bytes
    files: Mapping[str, bytes] = field(repr=False)


def verdict(outcome: Outcome, needed: Collection[str]) -> tuple[Ending, Detail]:
    """How a run ended that no limit cut short."""
    if outcome.number == signal.SIGSYS:
        return Ending.FORBIDDEN, Detail.SYSTEM_CALL
    if outcome.number == signal.SIGXCPU:
        return Ending.TIMEOUT, Detail.CPU
    if outcome.number == signal.SIGXFSZ:
        return Ending.OUTPUT_TOO_LARGE, Detail.FILE_LIMIT
    if outcome.number is not None:
        return Ending.CRASH, Detail.SIGNAL
    if outcome.code:
        return _EXITS.get(outcome.code, (Ending.CRASH, Detail.EXIT_CODE))
    if outcome.refused:
        return _REFUSALS[outcome.refused]
    if not set(needed) <= set(outcome.files):
        return Ending.OUTPUT_MISSING, Detail.NONE
    return Ending.DONE, Detail.NONE


@dataclass(kw_only=True)
class Answer:
    """The zygote's answer as it comes in, piece by piece.

    Args:
        declared: Names of the files that it may bring.
        output_bytes: How much these may be together.
    """

    declared: Collection[str]
    output_bytes: int
    _said: bytearray = field(default_factory=bytearray, init=False, repr=False)
    _header: dict[str, Any] | None = field(default=None, init=False, repr=False)
    _length: int | None = field(default=None, init=False, repr=False)
    """Bytes of the header, and once that is read, of all that follows."""

    def hear(self, piece: bytes) -> Outcome | None:
        """Take the next piece; once all of the answer is there, the outcome.

        Raises:
            Nonsense: It is not of the one form that a zygote uses.
        """
        self._said += piece
        if self._length is None and len(self._said) >= 8:
            self._length = int.from_bytes(self._taken(8), "big")
            if self._length > HEADER_BYTES:
                raise Nonsense
        if self._length is None or len(self._said) < self._length:
            return None
        if self._header is None:
            self._header = _header(self._taken(self._length), self.declared)
            self._length = sum(self._sizes())
        return self._outcome(self._header) if len(self._said) >= self._length else None

    def _taken(self, size: int) -> bytes:
        """Take bytes from what was said."""
        taken = bytes(self._said[:size])
        del self._said[:size]
        return taken

    def _sizes(self) -> list[int]:
        """Bytes of the report and of each file."""
        assert self._header is not None
        report, files = self._header["report"], [size for _, size in self._header["files"]]
        if report > zygote.REPORT_BYTES or sum(files) > self.output_bytes:
            raise Nonsense
        return [report, *files]

    def _outcome(self, header: dict[str, Any]) -> Outcome:
        view, pieces = memoryview(self._said), []
        for size in self._sizes():
            pieces.append(bytes(view[:size]))
            view = view[size:]
        names = [name for name, _ in header["files"]]
        return Outcome(
            code=header["code"],
            number=header["signal"],
            cpu_s=header["cpu_s"],
            peak=header["peak"],
            refused=header["refused"],
            report=pieces[0],
            files=dict(zip(names, pieces[1:], strict=True)),
        )


def _header(text: bytes, declared: Collection[str]) -> dict[str, Any]:
    """The header with every value of its right kind."""
    try:
        header: dict[str, Any] = json.loads(text)
        right = all(fits(header[name]) for name, fits in _FORM.items()) and all(
            name in declared and _is_whole(size) for name, size in header["files"]
        )
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise Nonsense from fault
    if not right:
        raise Nonsense
    return header


def _is_whole(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_whole_or_none(value: object) -> bool:
    return value is None or _is_whole(value)


def _is_seconds(value: object) -> bool:
    return type(value) is float and 0 <= value < math.inf


_FORM: dict[str, Callable[[Any], bool]] = {
    "code": _is_whole_or_none,
    "signal": _is_whole_or_none,
    "cpu_s": _is_seconds,
    "peak": _is_whole,
    "refused": lambda value: value in ("", *_REFUSALS),
    "report": _is_whole,
}


def readable_report(text: bytes) -> dict[str, Any]:
    """The run's own small report; empty where it is no JSON object."""
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}
