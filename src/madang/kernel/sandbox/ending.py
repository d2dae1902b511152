"""How did a run end? One word from a closed list, and what may be said about it.

Who is at fault: `UNAVAILABLE` is the platform's; every other ending but `DONE` is the run's own.
The order below is the order of precedence where several hold.

`FORBIDDEN` is decided by two signs only: a process of the run was killed by SIGSYS (the filter
kills where a foreign system call table is used), or the script ended by an exception in whose
chain stands an OSError with EPERM, EACCES or EROFS (its wrapper then leaves with a reserved exit
code). A script that catches the refusal and goes on has done nothing and is not punished. A script
may of course leave with the reserved code by itself: it then only accuses itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ending(StrEnum):
    """How a run ended."""

    UNAVAILABLE = "unavailable"
    FORBIDDEN = "forbidden"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"
    OUTPUT_TOO_LARGE = "output_too_large"
    OUTPUT_INVALID = "output_invalid"
    OUTPUT_MISSING = "output_missing"
    DONE = "done"


class Detail(StrEnum):
    """What may be said beyond the ending. Never a word from inside the jail."""

    NONE = ""
    START_FAILED = "start_failed"
    """The jail did not come up."""
    LOST = "lost"
    """The process that starts jails died."""
    INPUT_REFUSED = "input_refused"
    """The jail could not store the inputs."""
    SYSTEM_CALL = "system_call"
    PERMISSION = "permission"
    WALL = "wall"
    CPU = "cpu"
    CONVERSATION = "conversation"
    """The script did not answer in the time that the conversation allowed."""
    KILLED_FOR_MEMORY = "killed_for_memory"
    ALLOCATION_REFUSED = "allocation_refused"
    EXIT_CODE = "exit_code"
    SIGNAL = "signal"
    EXCEPTION = "exception"
    JAIL_BROKEN = "jail_broken"
    """The jail's first process died, or said something unreadable, after it had the code."""
    FILE_LIMIT = "file_limit"
    SCRATCH_FULL = "scratch_full"
    TOTAL = "total"
    """The output files together exceed the limit."""
    NOT_REGULAR = "not_regular"
    NAME = "name"
    COUNT = "count"
    """More entries in the output folder than anybody looks through."""
    MESSAGE = "message"
    """A message of the conversation was longer than allowed."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one run left behind. Everything but the ending and the figures is untrusted.

    Args:
        exit_code: The script's exit code; None where a signal or the jail ended it.
        signal: The signal that ended the script.
        wall_s: Seconds from the handing over of the code to the end.
        cpu_s: Processor seconds of the run, as the control group (else the jail) counted.
        memory_peak_bytes: Highest memory of the control group, runtime and inputs included;
            without a group the largest process.
        stdout: The beginning of the script's standard output.
        stderr: The beginning of its standard error.
        files: Name → content of the declared outputs that exist.
        cgroup: What held the limits.
        warm: Whether the jail had been started ahead.
        report: What the script wrote to its report file: a small JSON object; empty where it is
            missing or unreadable.
    """

    ending: Ending
    detail: Detail = Detail.NONE
    exit_code: int | None = None
    signal: int | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    memory_peak_bytes: int = 0
    stdout: bytes = field(default=b"", repr=False)
    stderr: bytes = field(default=b"", repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    cgroup: Literal["v1", "v2", "rlimits"]
    warm: bool = False
    report: Mapping[str, Any] = field(default_factory=dict, repr=False)
