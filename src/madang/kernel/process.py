"""How is a trusted program run? With a time limit and no shell: to its end, or as a companion.

Only programs that the product itself trusts (its own interpreter, bubblewrap, rsync): whatever
comes from outside runs in `madang.kernel.sandbox`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import subprocess  # noqa: TID251 - the one place for trusted programs
import threading
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from madang.kernel.errors import Unavailable
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from madang.kernel.words import Words


class Ended(NamedTuple):
    """How a program ended: its exit code (negative: the signal) and what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str],
    *,
    timeout_s: float,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> Ended:
    """Run a trusted program to its end.

    Raises:
        Unavailable: The program does not exist, cannot be started, or did not end in time.
    """
    try:
        ended = subprocess.run(  # noqa: S603 - no shell, trusted programs only
            list(command),
            input=stdin,
            capture_output=True,
            timeout=timeout_s,
            env=None if environment is None else dict(environment),
            cwd=folder,
            check=False,
        )
    except OSError as fault:
        raise Unavailable(command[0], reason=fault.strerror or str(fault)) from fault
    except subprocess.TimeoutExpired as fault:
        raise Unavailable(
            command[0],
            reason=_no_end_within(timeout_s),
        ) from fault
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def run_watched(
    command: Sequence[str],
    *,
    timeout_s: float,
    check: Callable[[], float],
    limits: Mapping[int, int] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a trusted program on a stranger's data; it and its children are killed on going too far.

    Args:
        command: The program; it reads nothing, and what it prints is dropped.
        timeout_s: Seconds until it is killed.
        check: Asked again and again while it runs. It raises what shall end the program, or gives
            the seconds until it wants to be asked again.
        limits: What the kernel holds it to, by `resource.RLIMIT_…`.
        environment: Its environment.

    Returns:
        How it ended; of its messages the first 8 KiB.

    Raises:
        Unavailable: The program does not exist, cannot be started, or did not end in time.
    """
    try:
        program = subprocess.Popen(  # noqa: S603 - no shell, trusted programs only
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )
    except OSError as fault:
        raise Unavailable(command[0], reason=fault.strerror or str(fault)) from fault
    told = bytearray()
    listener = threading.Thread(target=_listen, args=(program, told), daemon=True)
    listener.start()
    try:
        _hold_to(program.pid, limits or {})
        if not _ends_within(program, timeout_s, check):
            raise Unavailable(command[0], reason=_no_end_within(timeout_s))
    finally:
        _kill_all(program)
        listener.join()
    return Ended(program.returncode, b"", bytes(told))


_HEARD = 8192


def _listen(program: subprocess.Popen[bytes], told: bytearray) -> None:
    """Hear the program out, so that it never waits for us, and remember the beginning."""
    assert program.stderr is not None
    with program.stderr as stream:
        while part := os.read(stream.fileno(), _HEARD):
            told += part[: _HEARD - len(told)]


def _hold_to(number: int, limits: Mapping[int, int]) -> None:
    for limit, amount in limits.items():
        try:
            resource.prlimit(number, limit, (amount, amount))
        except ProcessLookupError:
            return  # it has ended already


def _ends_within(
    program: subprocess.Popen[bytes], timeout_s: float, check: Callable[[], float]
) -> bool:
    until = time.monotonic() + timeout_s
    while (pause_s := min(check(), until - time.monotonic())) > 0:
        try:
            program.wait(pause_s)
        except subprocess.TimeoutExpired:
            continue
        return True
    return False


def _kill_all(program: subprocess.Popen[bytes]) -> None:
    """End the program and whatever it started, which has its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


_LARGEST_FRAME = 1 << 30


def write_frame(stream: IO[bytes], value: Any) -> None:
    """Write one JSON value with its length in front (four bytes, big-endian)."""
    content = json.dumps(value).encode()
    stream.write(struct.pack(">I", len(content)) + content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Any | None:
    """The next JSON value, or None where the stream has ended.

    Raises:
        ValueError: The stream broke off inside a value.
    """
    head = stream.read(4)
    if not head:
        return None
    length = struct.unpack(">I", head)[0] if len(head) == 4 else _LARGEST_FRAME
    content = stream.read(length) if length < _LARGEST_FRAME else b""
    if len(content) != length:
        raise ValueError("the stream broke off inside a frame")
    return json.loads(content)


_SILENT = words("답하지 않고 끝남", "it ended without an answer")


def _no_end_within(timeout_s: float) -> Words:
    return words(f"{timeout_s:g}초 안에 끝나지 않음", f"no end within {timeout_s:g} s")


@contextmanager
def _killed_after(
    process: subprocess.Popen[bytes], timeout_s: float
) -> Iterator[Callable[[], bool]]:
    """Kill the process if the block takes longer, so that no pipe can hold us; tells if it did."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(timeout_s, end)
    timer.daemon = True
    timer.start()
    try:
        yield late.is_set
    finally:
        timer.cancel()


class Companion:
    """A trusted process of our own that answers one JSON question after another.

    It is started at the first question and again after it died, so that a crash costs one answer.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = list(command)
        self._environment = None if environment is None else dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: Mapping[str, Any], *, timeout_s: float) -> Any:
        """The answer to one question.

        Raises:
            Unavailable: The process cannot be started, died, or did not answer in time.
        """
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        answer, broken = None, None
        with _killed_after(process, timeout_s) as was_late:
            try:
                write_frame(process.stdin, question)
                answer = read_frame(process.stdout)
            except (OSError, ValueError) as fault:
                broken = fault
        if answer is None:
            self.close()
            reason: Words | str = str(broken or "") or _SILENT
            if was_late():
                reason = _no_end_within(timeout_s)
            raise Unavailable(self._command[-1], reason=reason) from broken
        return answer

    @property
    def pid(self) -> int | None:
        """The process number while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def close(self) -> None:
        """End the process and wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # it died with a question unread; nothing is owed to it
        process.wait()

    def __enter__(self) -> Companion:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=self._environment,
                )
            except OSError as fault:
                raise Unavailable(self._command[0], reason=str(fault)) from fault
        return self._process


@contextmanager
def beside(
    command: Sequence[str],
    *,
    ready: Callable[[], bool],
    timeout_s: float,
    folder: str | None = None,
) -> Iterator[int]:
    """Run a trusted program that serves while the block runs; gives its process number.

    Args:
        command: The program and its arguments; what it writes goes nowhere.
        ready: Asked again and again until it serves, such as: does it answer on its port?
        timeout_s: How long to wait for that.
        folder: Where it runs.

    Raises:
        Unavailable: The program does not exist, ended before it served, or was not ready in time.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, trusted programs only
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
    except OSError as fault:
        raise Unavailable(command[0], reason=fault.strerror or str(fault)) from fault
    try:
        end = time.monotonic() + timeout_s
        while not ready():
            if process.poll() is not None:
                raise Unavailable(command[0], reason=_SILENT)
            if time.monotonic() > end:
                raise Unavailable(command[0], reason=_no_end_within(timeout_s))
            time.sleep(0.02)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
