"""What a jail may have left behind: processes and control groups."""

from __future__ import annotations

import os
from pathlib import Path


def leftovers() -> list[str]:
    """Processes and groups that a jail of this process has left behind."""
    groups = Path("/sys/fs/cgroup").glob(f"**/madang-*-{os.getpid()}-*")
    return [*map(str, groups), *(f"process {pid}" for pid in jailed())]


def jailed() -> list[int]:
    """The processes of this process's jails, inside and outside."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if is_jailed(pid) and descends(pid, os.getpid())]


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
