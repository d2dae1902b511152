"""What does a run do while it runs, and how did it end? Every byte from inside is hostile.

The watcher drains both streams, keeps their beginnings, counts time, and reads at most one outcome
of a strict form. It kills the jail at the wall limit, at the processor limit and (where no group
does so) at the memory limit; the run's own opinion is not asked.
"""

from __future__ import annotations

import os
import select
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from madang.kernel.sandbox.answer import (
    Answer,
    Nonsense,
    Outcome,
    readable_report,
    verdict,
)
from madang.kernel.sandbox.channel import Channel, Over, Overlong, Silent
from madang.kernel.sandbox.ending import Detail, Ending, Result
from madang.kernel.sandbox.groups import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.sandbox.cell import Cell, Order

_TICK_S = 0.05
_PIECE = 1 << 16


@dataclass(kw_only=True)
class Watch:
    """Watches one run to its end.

    Args:
        cell: The jail, after the code was delivered.
        order: What it does.
    """

    cell: Cell
    order: Order
    cut: tuple[Ending, Detail] | None = None
    """Set when the run was, or must be, cut short."""
    outcome: Outcome | None = None
    wall_s: float = 0.0
    usage: Usage | None = None
    _before: Usage = Usage(None, 0, False)
    _count_at: float = 0.0
    _logs: dict[int, bytearray] = field(default_factory=dict, repr=False)
    _answer: Answer = field(init=False, repr=False)

    def run(self, converse: Callable[[Channel], None] | None) -> None:
        """Watch to the end; the caller's side of a conversation runs in this thread."""
        started = time.monotonic()
        if converse is None:
            self.to_the_end(started)
            return
        watcher = threading.Thread(target=self.to_the_end, args=(started,), name="watch")
        watcher.start()
        try:
            converse(self._channel())
        except Over:
            pass
        except Silent:
            self.cut = self.cut or (Ending.TIMEOUT, Detail.CONVERSATION)
        except Overlong:
            self.cut = self.cut or (Ending.OUTPUT_INVALID, Detail.MESSAGE)
        except BaseException:
            self.cut = self.cut or (Ending.CRASH, Detail.CONVERSATION)
            raise
        finally:
            watcher.join()

    def broken(self) -> bool:
        """Whether the jail died before it could say how the run had ended."""
        return self.cut == (Ending.CRASH, Detail.JAIL_BROKEN)

    def _channel(self) -> Channel:
        pipes = self.cell.pipes
        return Channel(
            to_run=pipes.channel_in, from_run=pipes.channel_out, ended=self.cell.init_fd
        )

    def to_the_end(self, started: float) -> None:
        """Watch until the zygote has answered, the jail is dead or a limit is reached.

        The jail is dead when this returns.

        Args:
            started: `time.monotonic()` when the code was handed over.
        """
        poll = select.poll()
        for fd in (self.cell.pipes.stdout, self.cell.pipes.stderr, self.cell.pipes.control_out):
            poll.register(fd, select.POLLIN)
            self._logs[fd] = bytearray()
        self._before = self.cell.group.usage()
        self._answer = Answer(
            declared=self.order.declared(), output_bytes=self.order.limits.output_bytes
        )
        try:
            while self.outcome is None and self.cut is None:
                self._tick(poll, started)
        except (EOFError, Nonsense):
            self.cut = (Ending.CRASH, Detail.JAIL_BROKEN)
        self.wall_s = time.monotonic() - started
        self.cell.kill()
        self._drain()
        self.usage = self.cell.group.usage()

    def _tick(self, poll: select.poll, started: float) -> None:
        left = started + self.order.limits.wall_s - time.monotonic()
        if left <= 0:
            self.cut = (Ending.TIMEOUT, Detail.WALL)
            return
        for fd, _ in poll.poll(min(left, _TICK_S) * 1000):
            if fd == self.cell.pipes.control_out:
                self._listen()
            elif not self._read(fd):
                poll.unregister(fd)
        if time.monotonic() >= self._count_at:
            self._count()
            self._count_at = time.monotonic() + _TICK_S

    def _count(self) -> None:
        """Cut the run where its processes together took too much."""
        taken = taken_between(self._before, self.cell.group.usage())
        if taken is not None:
            if taken > self.order.limits.cpu_s:
                self.cut = (Ending.TIMEOUT, Detail.CPU)
            return
        cpu_s, resident = counted_by_hand(self.cell.init_pid)
        if cpu_s > self.order.limits.cpu_s:
            self.cut = (Ending.TIMEOUT, Detail.CPU)
        if resident > self.order.limits.memory_bytes:
            self.cut = (Ending.MEMORY, Detail.KILLED_FOR_MEMORY)

    def _read(self, fd: int) -> bool:
        """Take what a stream has; keep its beginning. False at its end."""
        try:
            piece = os.read(fd, _PIECE)
        except BlockingIOError:
            return True
        room = self.order.limits.log_bytes - len(self._logs[fd])
        self._logs[fd] += piece[: max(room, 0)]
        return bool(piece)

    def _drain(self) -> None:
        """Take what the streams still hold after everybody inside is dead."""
        for fd in (self.cell.pipes.stdout, self.cell.pipes.stderr):
            for _ in range(64):  # a pipe holds at most 1 MiB unless root enlarged it
                poll = select.poll()
                poll.register(fd, select.POLLIN)
                if not poll.poll(0) or not self._read(fd):
                    break

    def _listen(self) -> None:
        """Take what the zygote says; complete answers become the outcome."""
        try:
            piece = os.read(self.cell.pipes.control_out, 1 << 20)
        except BlockingIOError:
            return
        if not piece:
            raise EOFError
        self.outcome = self._answer.hear(piece)

    def result(self, *, warm: bool) -> Result:
        """The typed result of the run that was watched.

        Args:
            warm: Whether the jail had been started ahead.
        """
        outcome, usage = self.outcome, self.usage
        assert usage is not None
        ending, detail = self._verdict()
        counted = taken_between(self._before, usage)
        return Result(
            ending=ending,
            detail=detail,
            exit_code=outcome.code if outcome else None,
            signal=outcome.number if outcome else None,
            wall_s=self.wall_s,
            cpu_s=counted if counted is not None else outcome.cpu_s if outcome else 0.0,
            memory_peak_bytes=usage.memory_peak_bytes or (outcome.peak if outcome else 0),
            stdout=bytes(self._logs[self.cell.pipes.stdout]),
            stderr=bytes(self._logs[self.cell.pipes.stderr]),
            files=outcome.files if outcome and ending is Ending.DONE else {},
            cgroup=self.cell.group.kind,
            warm=warm,
            report=readable_report(outcome.report) if outcome else {},
        )

    def _verdict(self) -> tuple[Ending, Detail]:
        outcome = self.outcome
        if self.cut and self.cut[0] is not Ending.CRASH:
            return self.cut
        assert self.usage is not None
        failed = outcome is None or outcome.code != 0
        if failed and self.usage.killed_for_memory:
            return Ending.MEMORY, Detail.KILLED_FOR_MEMORY
        if outcome is None:
            return self.cut or (Ending.CRASH, Detail.JAIL_BROKEN)
        return verdict(outcome, self.order.outputs)


def taken_between(before: Usage, after: Usage) -> float | None:
    """Processor seconds of the run itself: the zygote had loaded its libraries before."""
    if before.cpu_s is None or after.cpu_s is None:
        return None
    return after.cpu_s - before.cpu_s


def counted_by_hand(pid: int) -> tuple[float, int]:
    """Processor seconds and resident bytes of process 1 and all below it, from /proc.

    Source: proc(5): `stat` fields 14 and 15 in clock ticks, `statm` fields 2 and 3 in pages.
    """
    ticks, pages, waiting = 0, 0, [pid]
    while waiting:
        folder = Path("/proc") / str(waiting.pop())
        try:
            times = (folder / "stat").read_text().rpartition(")")[2].split()
            memory = (folder / "statm").read_text().split()
            for task in (folder / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
        ticks += sum(int(value) for value in times[11:15])
        pages += int(memory[1]) - int(memory[2])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE")
