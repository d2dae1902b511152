"""The pipes between the outside and a jail, and reading and writing them by a deadline."""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass, fields
from functools import cache

from madang.kernel.sandbox.seccomp import WITHOUT_GROUP, compose


@dataclass(frozen=True, kw_only=True)
class Pipes:
    """Our ends, none of which ever blocks us."""

    stdout: int
    stderr: int
    control_in: int
    control_out: int
    channel_in: int
    channel_out: int
    information: int

    @classmethod
    def open(cls, *, without_group: bool) -> tuple[Pipes, list[int]]:
        """New pipes and the filter.

        Args:
            without_group: Whether the filter must also refuse memory that belongs to no process.

        Returns:
            Our ends, and the jail's descriptors 1 to 8, which the caller closes.
        """
        ours, theirs = {}, []
        for each in fields(cls):
            reading, writing = os.pipe()
            mine, other = (writing, reading) if each.name.endswith("_in") else (reading, writing)
            os.set_blocking(mine, False)
            ours[each.name] = mine
            theirs.append(other)
        return cls(**ours), [*theirs, _filter_file(without_group)]

    def close(self) -> None:
        """Close our ends."""
        for each in fields(self):
            os.close(getattr(self, each.name))


def wait(fd: int, what: int, deadline: float) -> bool:
    """Wait until a descriptor is ready; False at the deadline."""
    poll = select.poll()
    poll.register(fd, what)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def read_exactly(fd: int, size: int, deadline: float) -> bytes:
    """Read that many bytes.

    Raises:
        EOFError: The other side closed before.
        TimeoutError: The deadline passed before.
    """
    content = bytearray()
    while len(content) < size:
        if not wait(fd, select.POLLIN, deadline):
            raise TimeoutError
        piece = os.read(fd, min(size - len(content), 1 << 20))
        if not piece:
            raise EOFError
        content += piece
    return bytes(content)


def write_all(fd: int, content: bytes, deadline: float) -> None:
    """Write every byte.

    Raises:
        BrokenPipeError: The other side closed before.
        TimeoutError: The deadline passed before.
    """
    view = memoryview(content)
    while view:
        if not wait(fd, select.POLLOUT, deadline):
            raise TimeoutError
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            continue


def _filter_file(without_group: bool) -> int:
    """The filter as a file in memory, as bubblewrap reads it."""
    fd = os.memfd_create("filter")
    os.write(fd, _filter(without_group))
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


@cache
def _filter(without_group: bool) -> bytes:
    return compose(also=WITHOUT_GROUP if without_group else ()).program
