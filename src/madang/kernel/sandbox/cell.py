"""One jail, started and then used once: its pipes, its processes and its end."""

from __future__ import annotations

import json
import os
import select
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from madang.kernel.sandbox import profile, zygote
from madang.kernel.sandbox.ending import Detail
from madang.kernel.sandbox.seccomp import WITHOUT_GROUP, compose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.sandbox.groups import Group, Groups
    from madang.kernel.sandbox.limits import Limits
    from madang.kernel.sandbox.runtime import Runtime
    from madang.kernel.sandbox.warden import Warden

START_S = 60.0
DELIVER_S = 60.0
_HEADER_BYTES = 1 << 20


class Broken(Exception):
    """The jail cannot be used, through no fault of a run: it has no code yet.

    Args:
        detail: What went wrong.
        why: What bubblewrap or the kernel said; for the operator.
    """

    def __init__(self, detail: Detail, why: str = "") -> None:
        self.detail, self.why = detail, why
        super().__init__(detail, why)


@dataclass(kw_only=True)
class Cell:
    """A started jail. Close it whatever happens; then nothing of it is left.

    Args:
        bubblewrap_fd: A descriptor of the bubblewrap process.
        init_fd: A descriptor of process 1 inside.
        init_pid: Its number outside.
        outer_uid: The user that process 1 is outside, as its `uid_map` says.
        ready: What the zygote said of itself.
    """

    group: Group
    scratch_bytes: int
    inputs_bytes: int
    bubblewrap_fd: int
    control_in: int
    control_out: int
    channel_in: int
    channel_out: int
    stdout: int
    stderr: int
    info: int
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
        text = _read_until(self.info, b"}", time.monotonic() + START_S)
        try:
            self.init_pid = int(json.loads(text)["child-pid"])
            self.init_fd = os.pidfd_open(self.init_pid)
        except (ValueError, KeyError, OSError) as fault:
            raise Broken(Detail.START_FAILED, self._complaint()) from fault

    def wait_ready(self) -> None:
        """Wait until the zygote has loaded its libraries, and see who it is outside.

        Raises:
            Broken: The jail did not come up in time, or its outer user is root.
        """
        if self.ready:
            return
        self.meet()
        deadline = time.monotonic() + START_S
        try:
            size = int.from_bytes(_read_exactly(self.control_out, 8, deadline), "big")
            if size > _HEADER_BYTES:
                raise Broken(Detail.START_FAILED, "unreadable greeting")
            greeting = json.loads(_read_exactly(self.control_out, size, deadline))
            # Inside, the map names 65534 either way; outside it names the user who really runs.
            with open(f"/proc/{self.init_pid}/uid_map") as file:
                self.outer_uid = int(file.read().split()[1])
        except (EOFError, TimeoutError, ValueError, IndexError, OSError) as fault:
            raise Broken(Detail.START_FAILED, self._complaint()) from fault
        if self.outer_uid == 0:
            raise Broken(Detail.START_FAILED, "the jail's process is the superuser outside")
        self.ready = greeting

    def _complaint(self) -> str:
        """What bubblewrap wrote before it gave up."""
        os.set_blocking(self.stderr, False)
        try:
            select.select([self.stderr], [], [], 1.0)
            return os.read(self.stderr, 4096).decode("utf-8", "replace").strip()
        except BlockingIOError:
            return ""

    def deliver(
        self,
        script: bytes,
        *,
        files: Mapping[str, bytes],
        arguments: Sequence[str],
        limits: Limits,
        outputs: Sequence[str],
        converse: bool,
    ) -> None:
        """Hand over inputs and code; the code goes last.

        Raises:
            Broken: The jail died or did not take them in time.
        """
        sizes = [[name, len(content)] for name, content in files.items()]
        self.group.tighten(
            memory_bytes=limits.memory_bytes + sum(len(each) for each in files.values()),
            processes=limits.processes + 2,  # bubblewrap and the zygote
        )
        job = {
            "files": sizes,
            "script": len(script),
            "arguments": list(arguments),
            "limits": ceilings(limits, self.group.kind),
            "outputs": list(outputs),
            "output_bytes": limits.output_bytes,
            "converse": converse,
        }
        header = json.dumps(job).encode()
        deadline = time.monotonic() + DELIVER_S
        os.set_blocking(self.control_in, False)
        for piece in (len(header).to_bytes(8, "big"), header, *files.values(), script):
            self._write(piece, deadline)

    def _write(self, content: bytes, deadline: float) -> None:
        view = memoryview(content)
        while view:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [self.control_in], [], left)[1]:
                raise Broken(Detail.INPUT_REFUSED)
            try:
                view = view[os.write(self.control_in, view) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as fault:
                raise Broken(Detail.INPUT_REFUSED) from fault

    def kill(self) -> None:
        """End every process of the jail at once; returns when process 1 is dead."""
        for fd in (self.init_fd, self.bubblewrap_fd):
            if fd < 0:
                continue
            try:
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            except ProcessLookupError:
                continue
            select.select([fd], [], [], 10.0)

    def close(self) -> None:
        """End the jail, remove its group, close its pipes. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.kill()
        self.group.remove()
        for fd in (
            *(self.bubblewrap_fd, self.init_fd, self.control_in, self.control_out, self.info),
            *(self.channel_in, self.channel_out, self.stdout, self.stderr),
        ):
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
    group = groups.make()
    ours, theirs = _pipes(group.kind)
    doors = [os.open(path, os.O_WRONLY) for path in group.doors()]
    try:
        arguments = profile.arguments(
            runtime,
            sources={bind.source: warden.reached(bind.source) for bind in runtime.binds()},
            scratch_bytes=scratch_bytes,
            inputs_bytes=inputs_bytes,
            command=command or profile.zygote_command(runtime),
        )
        _, bubblewrap_fd = warden.start(arguments, [*theirs, *doors])
    except BaseException:
        group.remove()
        for fd in ours.values():
            os.close(fd)
        raise
    finally:
        for fd in (*theirs, *doors):
            os.close(fd)
    return Cell(
        group=group,
        scratch_bytes=scratch_bytes,
        inputs_bytes=inputs_bytes,
        bubblewrap_fd=bubblewrap_fd,
        **ours,
    )


def _pipes(kind: Literal["v1", "v2", "rlimits"]) -> tuple[dict[str, int], list[int]]:
    """Our ends by name, and their ends in the order of the descriptors 1 to 8."""
    out_r, out_w = os.pipe()
    err_r, err_w = os.pipe()
    in_r, in_w = os.pipe()
    reply_r, reply_w = os.pipe()
    to_r, to_w = os.pipe()
    from_r, from_w = os.pipe()
    info_r, info_w = os.pipe()
    rules = compose(also=WITHOUT_GROUP if kind == "rlimits" else ()).program
    seccomp = os.memfd_create("seccomp")
    os.write(seccomp, rules)
    os.lseek(seccomp, 0, os.SEEK_SET)
    ours = {
        "stdout": out_r,
        "stderr": err_r,
        "control_in": in_w,
        "control_out": reply_r,
        "channel_in": to_w,
        "channel_out": from_r,
        "info": info_r,
    }
    return ours, [out_w, err_w, in_r, reply_w, to_r, from_w, info_w, seccomp]


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
    # Counted for each user namespace since Linux 5.14, so for this jail alone.
    if _kernel() >= (5, 14):
        fixed["RLIMIT_NPROC"] = limits.processes + 2
    return fixed | ({"RLIMIT_AS": limits.memory_bytes} if kind == "rlimits" else {})


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(c for c in minor if c.isdigit()) or 0)


def _read_exactly(fd: int, size: int, deadline: float) -> bytes:
    content = b""
    while len(content) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            raise TimeoutError
        piece = os.read(fd, size - len(content))
        if not piece:
            raise EOFError
        content += piece
    return content


def _read_until(fd: int, mark: bytes, deadline: float) -> bytes:
    content = b""
    try:
        while mark not in content and len(content) < 4096:
            content += _read_exactly(fd, 1, deadline)
    except (EOFError, TimeoutError):
        pass
    return content
