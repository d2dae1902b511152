"""How does the site send a message to an address that somebody else wrote down?

The address is looked up once, every answer to the look-up must lie in the public internet, and the
connection goes to the very address that was checked: a name that answers differently the second
time leads nowhere else. Nothing follows a redirection, no proxy is asked, and a receiver that is
slow on purpose is left after a few seconds.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DEADLINE_S = 8.0
"""Looking up aside, a receiver has this long for everything."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Reached(NamedTuple):
    """What came of a message: the receiver's status, or 0 and why none was reached."""

    status: int
    reason: str = ""


def check_url(url: str) -> SplitResult:
    """Is this an address to which the site may send at all?

    Raises:
        InputError: No https address of a public host.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as fault:
        raise _refused(url) from fault
    schemes = ("https", "http") if settings.WEBHOOKS_TO_ANYWHERE else ("https",)
    if (
        not url.isascii()
        or not url.isprintable()
        or " " in url
        or len(url) > 500
        or parts.scheme not in schemes
        or not host
        or port == 0
        or parts.username is not None
        or parts.password is not None
        or parts.fragment
    ):
        raise _refused(url)
    literal = _literal(host)
    if literal is not None and not _is_open(literal):
        raise _refused(url)
    return parts


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Reached:
    """Post a body; nothing of what the receiver says is kept but its status."""
    try:
        parts = check_url(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = _look_up(parts.hostname or "", port)
        if address is None:
            return Reached(0, "address")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with _connected(parts, str(address), port) as connection:
            connection.request("POST", target, body=body, headers=dict(headers))
            return Reached(connection.getresponse().status)
    except InputError:
        return Reached(0, "address")
    except socket.gaierror:
        return Reached(0, "name")
    except ssl.SSLError:
        return Reached(0, "certificate")
    except (OSError, HTTPException, ValueError):
        return Reached(0, "connection")


def _look_up(host: str, port: int) -> Address | None:
    """The address to send to; None where any answer does not lie in the public internet."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not addresses or not all(_is_open(each) for each in addresses):
        return None
    return addresses[0]


def _is_open(address: Address) -> bool:
    """Whether anybody's messages may go there."""
    if settings.WEBHOOKS_TO_ANYWHERE:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        # Addresses that carry another one: what counts is where the message ends up.
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_open(inner)
        if address.teredo:
            return False
    return address.is_global and not address.is_multicast


@contextmanager
def _connected(parts: SplitResult, address: str, port: int) -> Iterator[HTTPConnection]:
    """A connection to this very address, cut at the deadline."""
    host = parts.hostname or ""
    live: list[socket.socket] = [socket.create_connection((address, port), timeout=DEADLINE_S)]
    timer = threading.Timer(DEADLINE_S, _cut, [live])
    timer.daemon = True
    timer.start()
    try:
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection: HTTPConnection = HTTPSConnection(host, parts.port, context=context)
            wrapped = context.wrap_socket(
                live[0], server_hostname=host, do_handshake_on_connect=False
            )
            live[0] = wrapped  # the plain socket has given its connection away
            wrapped.do_handshake()
        else:
            connection = HTTPConnection(host, parts.port)
        connection.sock = live[0]
        yield connection
    finally:
        timer.cancel()
        live[0].close()


def _cut(live: list[socket.socket]) -> None:
    """End the connection under whoever waits for it."""
    try:
        socket.socket.shutdown(live[0], socket.SHUT_RDWR)
    except OSError:
        return  # it had ended by itself


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _refused(url: str) -> InputError:
    shown = ascii(url)[:120]
    return InputError(
        words(f"받는 주소 {shown}", f"the receiver's address {shown}"),
        words(
            "인터넷에 공개된 https 주소 (계정과 # 없음)",
            "an https address in the public internet, without an account and without #",
        ),
    )
