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


def understood(said: bytearray, declared: Collection[str], output_bytes: int) -> Outcome | None:
    """The zygote's answer, once all of it is there.

    Raises:
        Nonsense: It is not of the one form that a zygote uses.
    """
    if len(said) < 8:
        return None
    size = int.from_bytes(said[:8], "big")
    if size > HEADER_BYTES:
        raise Nonsense
    if len(said) < 8 + size:
        return None
    header = _header(bytes(said[8 : 8 + size]), declared)
    sizes = [header["report"], *(length for _, length in header["files"])]
    if sum(sizes[1:]) > output_bytes or sizes[0] > zygote.REPORT_BYTES:
        raise Nonsense
    body = said[8 + size :]
    if len(body) < sum(sizes):
        return None
    pieces, start = [], 0
    for length in sizes:
        pieces.append(bytes(body[start : start + length]))
        start += length
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
