"""Real routers on loopback: FRR with a neighbour of our own making, and BIRD."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.resources.prefix import read_prefix
from tests.rpki.engine.routes import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator

V4 = read_prefix("10.1.0.0/16")
V6 = read_prefix("2001:db8:7::/48")
BGPD = Path("/usr/lib/frr/bgpd")
BIRD = shutil.which("bird", path="/usr/sbin:/sbin:/usr/bin")

_BGP = """
{before}
router bgp 64500
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 127.0.0.1 remote-as 64501
 neighbor 127.0.0.1 passive
 neighbor 127.0.0.1 disable-connected-check
 address-family ipv4 unicast
  neighbor 127.0.0.1 soft-reconfiguration inbound
 exit-address-family
 address-family ipv6 unicast
  neighbor 127.0.0.1 activate
  neighbor 127.0.0.1 soft-reconfiguration inbound
 exit-address-family
{within}
"""


class Neighbour:
    """A BGP speaker of a few messages: opens, announces, and stays until told to leave."""

    def __init__(self, port: int, *updates: bytes) -> None:
        self._port, self._updates = port, updates
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._leave.set()
        self._thread.join(10)

    def _speak(self) -> None:
        families = b"".join(bytes([1, 4, 0, family, 0, 1]) for family in (1, 2))
        capabilities = families + bytes([65, 4]) + struct.pack(">I", 64501)
        offered = bytes([2, len(capabilities)]) + capabilities
        hello = struct.pack(">BHHIB", 4, 64501, 90, 0xC0000202, len(offered)) + offered
        while not self._leave.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), 5) as line:
                    line.sendall(dumps.bgp(hello, 1) + dumps.bgp(b"", 4))
                    assert line.recv(19, socket.MSG_WAITALL)[18] == 1
                    line.sendall(b"".join(self._updates))
                    line.settimeout(0.1)
                    self._stay(line)
            except OSError:
                self._leave.wait(0.1)

    def _stay(self, line: socket.socket) -> None:
        while not self._leave.is_set():
            try:
                if not line.recv(4096):
                    return
            except TimeoutError:
                continue


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        found: int = line.getsockname()[1]
        return found


def announced() -> tuple[bytes, ...]:
    """V4 of AS 64777 and V6 of AS 64888, as AS 64501 tells them."""
    # FRR ends a session whose next hop is a loopback address.
    hop = read_prefix("2001:db8::1/128").address.to_bytes(16, "big")
    four = dumps.ORIGIN_IGP + dumps.attribute(2, dumps.segment([64501, 64777])) + dumps.NEXT_HOP
    six = dumps.ORIGIN_IGP + dumps.attribute(2, dumps.segment([64501, 64888]))
    six += dumps.mp_reach(dumps.nlri(V6)).replace(bytes(16), hop, 1)
    return (
        dumps.bgp(dumps.update_body(b"", four, dumps.nlri(V4))),
        dumps.bgp(dumps.update_body(b"", six)),
    )


@contextmanager
def frr(folder: Path, *, before: str = "", within: str = "") -> Iterator[Neighbour]:
    """FRR's bgpd with a neighbour that announces two prefixes; gives the neighbour."""
    if not BGPD.exists() or os.geteuid():
        pytest.skip("FRR's bgpd is missing, or tests do not run as root")
    (folder / "bgpd.conf").write_text(_BGP.format(before=before, within=within))
    port = free_port()
    daemon = subprocess.Popen(
        [str(BGPD), "-M", "bmp", "-f", str(folder / "bgpd.conf"), "-Z", "-S"]
        + ["-z", str(folder / "zserv"), "--vty_socket", str(folder), "-P", "0"]
        + ["-p", str(port), "-l", "127.0.0.1", "-i", str(folder / "pid")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    neighbour = Neighbour(port, *announced())
    try:
        yield neighbour
    finally:
        neighbour.leave()
        daemon.terminate()
        daemon.wait(10)


@contextmanager
def bird(folder: Path, configuration: str) -> Iterator[None]:
    """BIRD with a configuration."""
    if BIRD is None:
        pytest.skip("BIRD is missing")
    (folder / "bird.conf").write_text(configuration)
    daemon = subprocess.Popen(
        [BIRD, "-f", "-c", str(folder / "bird.conf"), "-s", str(folder / "bird.ctl")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        daemon.terminate()
        daemon.wait(10)
