"""What a jail may have left behind: processes and control groups."""

from __future__ import annotations

import os
import re
from pathlib import Path

STANDING: set[int | str] = set()
"""Processes and groups of jails that stood when the test began: other tests keep some warm."""


def remember_standing() -> None:
    """From now on tell of new ones alone."""
    STANDING.clear()
    STANDING.update([*groups(), *jailed()])


def leftovers() -> list[str]:
    """Processes and groups that a jail of this process has left behind since the test began."""
    return [*groups(), *(f"process {pid}" for pid in jailed())]


def groups() -> list[str]:
    """The control groups of this process's jails."""
    own = re.compile(rf"madang-.*-{os.getpid()}-.*")
    # Walked and not globbed: a group that ends while it is looked at is no fault.
    found = [
        os.path.join(folder, name)
        for folder, names, _ in os.walk("/sys/fs/cgroup")
        for name in names
        if own.fullmatch(name)
    ]
    return [each for each in found if each not in STANDING]


def jailed() -> list[int]:
    """The processes of this process's jails, inside and outside."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    new = [pid for pid in pids if pid not in STANDING]
    return [pid for pid in new if is_jailed(pid) and descends(pid, os.getpid())]


def is_jailed(pid: int) -> bool:
    """Whether it is bubblewrap, or runs the zygote's text."""
    command = read(Path(f"/proc/{pid}/cmdline"))
    return b"\0--as-pid-1\0" in command or b"CONTROL_IN, CONTROL_OUT" in command


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    return b") Z" not in (read(Path(f"/proc/{pid}/stat")) or b") Z")


def descends(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        stat = read(Path(f"/proc/{pid}/stat"))
        pid = int(stat.rpartition(b")")[2].split()[1]) if stat else 0
    return False
