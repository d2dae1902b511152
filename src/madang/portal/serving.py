"""How does the site run on one machine? A server and its workers, started and stopped together.

Each is a process of its own; one that dies is started again, so that a run whose worker was killed
is taken up by the next.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess  # noqa: TID251 - children that live as long as the site, of its own program
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

    Child = subprocess.Popen[bytes]

READY_S = 60.0
"""How long the server may take to answer for the first time."""
STOP_S = 15.0
"""How long a child may take to finish what it has at hand."""
PAUSE_S = 1.0
"""Before one that died is started again."""


def check_address(host: str, port: int) -> None:
    """Is the address free, and fit for a site of development?

    Raises:
        InputError: Somebody listens there already, or it is no loopback address.
    """
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise InputError(
            words(f"주소 {host}", f"the address {host}"),
            words("이 컴퓨터 안의 주소 127.0.0.1", "a loopback address, 127.0.0.1"),
            words(
                "밖에 여는 사이트는 운영 설정으로 실행하십시오 (docs/ko/operating.md).",
                "A site for others runs with the production settings (docs/en/operating.md).",
            ),
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise InputError(
                words(f"이미 쓰이는 포트 {port}", f"port {port}, which is in use"),
                words("비어 있는 포트", "a free port"),
                words("예: make run PORT=8001", "For example: make run PORT=8001"),
            ) from fault


class Household:
    """The processes of one site.

    Args:
        commands: Name → what starts it; `server` is one of them.
        address: Where the server answers.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]], *, address: str) -> None:
        self._commands, self._address = commands, address
        self._children: dict[str, Child] = {}
        self._is_stopping = False

    def start(self) -> None:
        """Start all and wait until the server answers.

        Raises:
            Unavailable: It ended, or did not answer in time.
        """
        for name, command in self._commands.items():
            self._children[name] = _started(command)
        deadline = time.monotonic() + READY_S
        while not self._answers():
            if self._children["server"].poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Unavailable(
                    words("사이트 서버", "the site's server"),
                    reason=words("시작하지 못함", "it did not start"),
                    remedy=words(
                        "위의 기록에서 까닭을 확인하십시오.", "Its own words above say why."
                    ),
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address}/healthz", timeout=5):  # noqa: S310 - ours
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def keep(self) -> None:
        """Start again whoever dies, until SIGINT or SIGTERM; then stop all."""
        before = {
            number: signal.signal(number, self._stop_asked)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            while not self._is_stopping:
                self.revive()
                time.sleep(0.2)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.stop()

    def _stop_asked(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def revive(self) -> None:
        """Start again whoever has died."""
        for name, child in self._children.items():
            if child.poll() is not None and not self._is_stopping:
                time.sleep(PAUSE_S)
                self._children[name] = _started(self._commands[name])

    def stop(self) -> None:
        """Ask all to finish what they have at hand; end those that do not."""
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_S
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _started(command: Sequence[str]) -> Child:
    # A session of its own: a Ctrl-C at the terminal reaches this process alone, which then asks
    # its children to finish in order.
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603


def commands(host: str, port: int, *, workers: int) -> dict[str, list[str]]:
    """What starts the server and each worker."""
    worker = [sys.executable, "-m", "madang", "manage", "worker"]
    return {"server": _server(host, port)} | {f"worker {n + 1}": worker for n in range(workers)}


def _server(host: str, port: int) -> list[str]:
    options = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1"]
    threads = str(max(4, 2 * (os.cpu_count() or 1)))
    quiet = ["--blocking-threads", threads, "--log-level", "warning", "--no-ws"]
    return [sys.executable, "-m", "granian", *options, *quiet, "madang.portal.wsgi:application"]
