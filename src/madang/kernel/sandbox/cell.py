"""One jail, started and then used once: its pipes, its processes and its end."""

from __future__ import annotations

import json
import os
import select
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.kernel.sandbox import profile
from madang.kernel.sandbox.ending import Detail
from madang.kernel.sandbox.pipes import Pipes, read_exactly, wait, write_all

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from madang.kernel.sandbox.groups import Group, Groups
    from madang.kernel.sandbox.limits import Limits
    from madang.kernel.sandbox.runtime import Runtime
    from madang.kernel.sandbox.warden import Warden

START_S = 60.0
DELIVER_S = 60.0
_HEADER_BYTES = 1 << 20
_FILE_COST = 4096


class Broken(Exception):
    """The jail cannot be used, through no fault of a run: no code was executed in it.

    Args:
        detail: What went wrong.
        why: What bubblewrap or the kernel said; for the operator.
    """

    def __init__(self, detail: Detail, why: str = "") -> None:
        self.detail, self.why = detail, why
        super().__init__(detail, why)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a jail is to do: the arguments of `Jail.run`."""

    script: bytes
    files: Mapping[str, bytes]
    arguments: Sequence[str]
    limits: Limits
    outputs: Collection[str]
    optional: Collection[str]

    def declared(self) -> list[str]:
        """Names of the files that may leave."""
        return sorted({*self.outputs, *self.optional})

    def inputs_bytes(self) -> int:
        """What the inputs take in memory, where a file takes whole pages."""
        return sum(_FILE_COST + len(content) for content in self.files.values())


@dataclass(kw_only=True)
class Cell:
    """A started jail. Close it whatever happens; then nothing of it is left.

    Args:
        warden: Who started it, and with whom it dies.
        group: The bounds around it.
        pipes: Our ends of its pipes.
        bubblewrap_fd: A descriptor of the bubblewrap process.
        init_fd: A descriptor of process 1 inside, once it is known.
        init_pid: Its number outside.
        outer_uid: The user that process 1 is outside, as its `uid_map` says.
        ready: What the zygote said of itself.
    """

    warden: Warden
    group: Group
    pipes: Pipes
    bubblewrap_fd: int
    init_fd: int = -1
    init_pid: int = 0
    outer_uid: int = -1
    ready: Mapping[str, Any] = field(default_factory=dict)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def meet(self) -> None:
        """Learn which process is process 1 inside.

        Raises:
            Broken: The jail did not come up.
        """
        if self.init_fd >= 0:
            return
        text = b""
        try:
            while b"}" not in text:
                text += read_exactly(self.pipes.information, 1, time.monotonic() + START_S)
            self.init_pid = int(json.loads(text)["child-pid"])
            self.init_fd = os.pidfd_open(self.init_pid)
        except (EOFError, TimeoutError, ValueError, KeyError, OSError) as fault:
            raise Broken(Detail.START_FAILED, self._complaint()) from fault

    def wait_ready(self) -> None:
        """Wait until the zygote has loaded its libraries, and see who it is outside.

        Raises:
            Broken: The jail did not come up in time, or its outer user is root.
        """
        if self.ready:
            return
        self.meet()
        try:
            greeting = self._frame(time.monotonic() + START_S)
            # Inside, the map names 65534 either way; outside it names the user who really runs.
            with open(f"/proc/{self.init_pid}/uid_map") as file:
                self.outer_uid = int(file.read().split()[1])
        except (EOFError, TimeoutError, ValueError, IndexError, OSError) as fault:
            raise Broken(Detail.START_FAILED, self._complaint()) from fault
        if self.outer_uid == 0:
            raise Broken(Detail.START_FAILED, "the jail's process is the superuser outside")
        self.ready = greeting

    def alive(self) -> bool:
        """Whether process 1 lives."""
        return self.init_fd >= 0 and not wait(self.init_fd, select.POLLIN, 0.0)

    def _frame(self, deadline: float) -> dict[str, Any]:
        """A header of the zygote, before any untrusted code runs."""
        size = int.from_bytes(read_exactly(self.pipes.control_out, 8, deadline), "big")
        if size > _HEADER_BYTES:
            raise ValueError(size)
        header: dict[str, Any] = json.loads(read_exactly(self.pipes.control_out, size, deadline))
        return header

    def _complaint(self) -> str:
        """What was written to standard error by whatever gave up."""
        said = b""
        try:
            while True:
                said += read_exactly(self.pipes.stderr, 1, time.monotonic() + 1.0)
        except (EOFError, TimeoutError):
            return said.decode("utf-8", "replace").strip()

    def deliver(self, order: Order, *, converse: bool) -> None:
        """Hand over inputs and code; when this returns, the run has begun.

        Raises:
            Broken: The jail died, had no room, or did not take them in time; nothing was executed.
        """
        limits, deadline = order.limits, time.monotonic() + DELIVER_S
        header = json.dumps(
            {
                "files": [[name, len(content)] for name, content in order.files.items()],
                "script": len(order.script),
                "arguments": list(order.arguments),
                "limits": ceilings(limits, self.group.kind),
                "outputs": order.declared(),
                "output_bytes": limits.output_bytes,
                "converse": converse,
            }
        ).encode()
        pieces = (len(header).to_bytes(8, "big"), header, *order.files.values(), order.script)
        try:
            # Bubblewrap and the zygote are in the group beside the run's own processes.
            self.group.tighten(
                memory_bytes=limits.memory_bytes + order.inputs_bytes(),
                processes=limits.processes + 2,
            )
            for piece in pieces:
                write_all(self.pipes.control_in, piece, deadline)
            refused = self._frame(deadline)["refused"]
        except (EOFError, TimeoutError, ValueError, KeyError, OSError) as fault:
            raise Broken(Detail.INPUT_REFUSED, self._complaint()) from fault
        if refused:
            raise Broken(Detail.INPUT_REFUSED, str(refused))

    def kill(self) -> None:
        """End every process of the jail at once; returns when they are dead."""
        for fd in (self.init_fd, self.bubblewrap_fd):
            if fd < 0:
                continue
            try:
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            except ProcessLookupError:
                continue
            wait(fd, select.POLLIN, time.monotonic() + 10.0)

    def close(self) -> None:
        """End the jail, remove its group, close its pipes. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.kill()
        self.group.remove()
        self.pipes.close()
        for fd in (self.bubblewrap_fd, self.init_fd):
            if fd >= 0:
                os.close(fd)


def start(
    warden: Warden,
    groups: Groups,
    runtime: Runtime,
    *,
    scratch_bytes: int,
    inputs_bytes: int,
    command: list[str] | None = None,
) -> Cell:
    """Start a jail; it loads its libraries while the caller does something else.

    Args:
        warden: Who starts it.
        groups: Where its group is made.
        runtime: What it sees.
        scratch_bytes: Size of its scratch folder.
        inputs_bytes: Size of its inputs folder.
        command: What process 1 runs instead of the zygote.

    Raises:
        Lost: The gate is gone.
        OSError: No group or pipe can be made.
    """
    arguments = profile.arguments(
        runtime,
        sources={bind.source: warden.reached(bind.source) for bind in runtime.binds()},
        scratch_bytes=scratch_bytes,
        inputs_bytes=inputs_bytes,
        command=command or profile.zygote_command(runtime),
    )
    group = groups.make()
    pipes, theirs = Pipes.open(without_group=group.kind == "rlimits")
    try:
        doors = [os.open(path, os.O_WRONLY) for path in group.doors()]
        theirs += doors
        bubblewrap_fd = warden.start(arguments, theirs)
    except BaseException:
        group.remove()
        pipes.close()
        raise
    finally:
        for fd in theirs:
            os.close(fd)
    return Cell(warden=warden, group=group, pipes=pipes, bubblewrap_fd=bubblewrap_fd)


def ceilings(limits: Limits, kind: str) -> dict[str, int]:
    """The kernel's per-process limits of a run, by the names of the module `resource`."""
    fixed = {
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_CPU": max(1, round(limits.cpu_s + 1)),
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_MEMLOCK": 65536,
        "RLIMIT_MSGQUEUE": 0,
    }
    # Counted for each user namespace since Linux 5.14; before, over all processes of the user.
    others = 0 if _kernel() >= (5, 14) else _tasks_of_the_machine()
    fixed["RLIMIT_NPROC"] = limits.processes + 1 + others
    return fixed | ({"RLIMIT_AS": limits.memory_bytes} if kind == "rlimits" else {})


def _tasks_of_the_machine() -> int:
    """How many processes and threads there are; proc(5), the fourth field of `loadavg`."""
    with open("/proc/loadavg") as file:
        return int(file.read().split()[3].split("/")[1])


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(sign for sign in minor if sign.isdigit()) or 0)
