"""A file comes whole or not at all, and no server keeps its client longer than it may."""

from __future__ import annotations

import gzip
import http.server
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from madang.rpki.engine.errors import ExchangeRefused, SettingRefused, Unreachable
from madang.rpki.engine.fetch.budget import Budget, BudgetSpent
from madang.rpki.engine.fetch.http import Answer, Visit
from madang.rpki.engine.fetch.policy import Policy
from madang.rpki.engine.fetch.uri import https_uri
from tests.rpki.engine.fetch.publisher import (
    Answerer,
    Authority,
    Site,
    broken_off,
    listening,
    send,
)

Handler = http.server.BaseHTTPRequestHandler
Get = Callable[..., tuple[Answer, bytes]]


@pytest.fixture
def get(policy: Callable[..., Policy]) -> Get:
    def fetched(uri: str, *, largest: int = 1 << 20, etag: str = "", **limits: object):  # noqa: ANN202
        chosen = policy(**limits)
        content = bytearray()
        with Visit(Budget("the repository", chosen), chosen) as visit:
            answer = visit.get(https_uri(uri), content.extend, largest=largest, etag=etag)
        return answer, bytes(content)

    return fetched


def answering(**headers: str) -> Answerer:
    return lambda handler: send(handler, b"body", **headers)


def test_a_file_comes_with_the_marks_that_ask_for_it_again(site: Site, get: Get) -> None:
    site.files["/f"] = b"content"

    answer, content = get(site.uri("/f"))
    again, nothing = get(site.uri("/f"), etag=answer.etag)

    assert (content, answer.changed, answer.size) == (b"content", True, 7)
    assert (nothing, again.changed) == (b"", False)


def test_a_packed_file_is_unpacked(site: Site, get: Get) -> None:
    content = bytes(range(256)) * 3000
    site.files["/f"] = lambda handler: send(
        handler, gzip.compress(content), Content_Encoding="gzip"
    )

    assert get(site.uri("/f"))[1] == content


def test_several_files_come_over_one_connection(site: Site, policy: Callable[..., Policy]) -> None:
    connections = set()

    def answer(handler: Handler) -> None:
        connections.add(handler.client_address)
        send(handler, b"x")

    site.files |= {"/1": answer, "/2": answer}
    with Visit(Budget("r", policy()), policy()) as visit:
        for path in ("/1", "/2", "/1"):
            visit.get(https_uri(site.uri(path)), bytearray().extend, largest=9)

    assert len(connections) == 1


def test_a_kept_connection_that_the_server_closed_is_made_anew(
    site: Site, policy: Callable[..., Policy]
) -> None:
    def last(handler: Handler) -> None:
        send(handler, b"x")
        handler.close_connection = True  # without saying so

    site.files["/f"] = last
    content = bytearray()
    with Visit(Budget("r", policy()), policy()) as visit:
        for _ in range(3):
            visit.get(https_uri(site.uri("/f")), content.extend, largest=9)

    assert content == b"xxx"


@pytest.mark.parametrize(
    "body", [b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nx: y\r\n\r\n", b"B\nhello world\n0\n\n"]
)
def test_a_body_may_come_in_chunks(site: Site, get: Get, body: bytes) -> None:
    head = b"HTTP/1.1 103 Wait\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
    site.files["/f"] = lambda handler: handler.connection.sendall(head + body)

    assert get(site.uri("/f"))[1] == b"hello world"


def test_a_redirect_within_the_origin_is_followed(site: Site, get: Get) -> None:
    site.files |= {"/a": answering(), "/b": b"there"}
    site.files["/a"] = lambda handler: send(handler, b"", status=302, Location="/b")

    assert get(site.uri("/a"))[1] == b"there"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://localhost:1/b", "a redirect of"),
        ("http://localhost/b", "the address"),
        ("//other.example/b", "the address"),
        ("/../b", "the address"),
        ("file:///etc/passwd", "the address"),
        ("", "the address"),
    ],
)
def test_a_redirect_elsewhere_is_refused(site: Site, get: Get, location: str, reason: str) -> None:
    site.files["/a"] = lambda handler: send(handler, b"", status=301, Location=location)

    with pytest.raises(ExchangeRefused, match=reason):
        get(site.uri("/a"))


def test_a_loop_of_redirects_ends(site: Site, get: Get) -> None:
    site.files["/a"] = lambda handler: send(handler, b"", status=307, Location="/a")

    with pytest.raises(ExchangeRefused, match="more than 5 redirects"):
        get(site.uri("/a"))
    assert len(site.asked) == 6


@pytest.mark.parametrize("status", [204, 206, 403, 404, 500, 503])
def test_another_status_is_a_failure(site: Site, get: Get, status: int) -> None:
    site.files["/f"] = lambda handler: send(handler, b"", status=status)

    with pytest.raises(Unreachable, match=f"status {status}"):
        get(site.uri("/f"))


def test_a_bomb_ends_where_the_file_may_end(site: Site, get: Get) -> None:
    bomb = gzip.compress(bytes(200 << 20), 1)
    site.files["/f"] = lambda handler: send(handler, bomb, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(ExchangeRefused, match="more than 1,048,576 bytes"):
            get(site.uri("/f"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 << 20  # a piece of 64 KiB holds 64 MiB of it


def test_an_endless_body_ends_where_the_file_may_end(site: Site, get: Get) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(1 << 16))
            handler.wfile.flush()

    site.files["/f"] = endless

    with pytest.raises(ExchangeRefused, match="more than 1,048,576 bytes"):
        get(site.uri("/f"))
    with pytest.raises(BudgetSpent, match=r"the size of 2\.0 MiB was used up after"):
        get(site.uri("/f"), largest=1 << 30, size=2 << 20)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_an_unknown_coding_is_refused(site: Site, get: Get, coding: str) -> None:
    site.files["/f"] = answering(Content_Encoding=coding)

    with pytest.raises(ExchangeRefused, match="content coding"):
        get(site.uri("/f"))


@pytest.mark.parametrize(
    "body", [b"no gzip at all", gzip.compress(b"x" * 999)[:-4], gzip.compress(b"x") + b"more"]
)
def test_a_broken_packing_is_a_failure(site: Site, get: Get, body: bytes) -> None:
    site.files["/f"] = lambda handler: send(handler, body, Content_Encoding="gzip")

    with pytest.raises(Unreachable, match="the connection broke"):
        get(site.uri("/f"))


def test_a_body_shorter_than_announced_is_a_failure(site: Site, get: Get) -> None:
    def short(handler: Handler) -> None:
        send(handler, b"half", Content_Length="100")
        handler.close_connection = True

    site.files["/f"] = short

    with pytest.raises(Unreachable, match="the connection broke"):
        get(site.uri("/f"))


def dripping(*, before: bytes) -> Answerer:
    """One byte at a time, for as long as anybody listens."""

    def drip(handler: Handler) -> None:
        handler.connection.sendall(before)
        while True:
            handler.connection.sendall(b"a")
            time.sleep(0.02)

    return drip


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nX-", HEAD])
def test_a_server_that_drips_is_cut_off_for_its_slowness(
    site: Site, get: Get, before: bytes
) -> None:
    site.files["/f"] = dripping(before=before)

    with pytest.raises(Unreachable, match="bytes came in") as caught:
        get(site.uri("/f"), slow_s=0.3)
    assert "only" in str(caught.value)


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nX-", HEAD])
def test_a_server_that_drips_is_cut_off_when_its_time_is_up(
    site: Site, get: Get, before: bytes
) -> None:
    site.files["/f"] = dripping(before=before)
    began = time.monotonic()

    with pytest.raises(BudgetSpent, match=r"the time of 0\.4 s was used up after"):
        get(site.uri("/f"), time_s=0.4)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nX-", HEAD, HEAD + b"some"])
def test_a_server_that_falls_silent_is_cut_off(site: Site, get: Get, before: bytes) -> None:
    def silent(handler: Handler) -> None:
        handler.connection.sendall(before)
        handler.connection.recv(1)

    site.files["/f"] = silent

    with pytest.raises(Unreachable, match=r"nothing came for 0\.2 s"):
        get(site.uri("/f"), silent_s=0.2)


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-", HEAD, HEAD + b"some"]
)
def test_a_connection_that_breaks_anywhere_is_a_failure(site: Site, get: Get, sent: bytes) -> None:
    def broken(handler: Handler) -> None:
        handler.connection.sendall(sent)
        broken_off(handler)

    site.files["/f"] = broken

    with pytest.raises(Unreachable, match="the connection broke"):
        get(site.uri("/f"))


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 70_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefg\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 200,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 9,
        b"HTTP/1.1 99999999999 OK\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_failure(site: Site, get: Get, sent: bytes) -> None:
    def strange(handler: Handler) -> None:
        handler.connection.sendall(sent)
        broken_off(handler)

    site.files["/f"] = strange

    with pytest.raises(Unreachable):
        get(site.uri("/f"))


def reset(wire: socket.socket) -> None:
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def garbage(wire: socket.socket) -> None:
    wire.recv(4096)
    wire.sendall(b"HTTP/1.1 400 speak plainly\r\n\r\n")


@pytest.mark.parametrize("behave", [reset, garbage, lambda wire: wire.recv(1)])
def test_a_server_that_does_not_speak_tls_is_a_failure(
    get: Get, behave: Callable[[socket.socket], None]
) -> None:
    with listening(behave) as port, pytest.raises(Unreachable, match="no connection"):
        get(f"https://localhost:{port}/f")


def test_a_handshake_that_never_ends_is_cut_off(get: Get) -> None:
    with listening(lambda wire: wire.recv(1 << 16) and wire.recv(1)) as port:
        with pytest.raises(Unreachable, match="no connection"):
            get(f"https://localhost:{port}/f", connect_s=0.2)


def test_nobody_at_the_address_is_a_failure(get: Get) -> None:
    with listening(reset) as port:
        pass

    with pytest.raises(Unreachable, match="no connection"):
        get(f"https://localhost:{port}/f")


def test_a_server_whose_authority_is_unknown_is_not_believed(
    site: Site, get: Get, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from tests.rpki.engine.fetch.publisher import authority

    stranger = authority(tmp_path_factory.mktemp("stranger"))

    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        get(site.uri("/f"), authorities=stranger.ca)


def test_authorities_that_cannot_be_read_are_the_operators_concern(
    site: Site, get: Get, trusted: Authority
) -> None:
    for file in (trusted.ca.with_name("none"), trusted.ca.parent):
        with pytest.raises(SettingRefused, match="certificates"):
            get(site.uri("/f"), authorities=file)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "router", "db.internal", "2130706433"])
def test_this_machines_own_network_is_not_asked(site: Site, get: Get, host: str) -> None:
    with pytest.raises(Unreachable, match="no address of a public server"):
        get(f"https://{host}:{site.port}/f", dubious=False)
    assert site.asked == []


def test_a_public_name_for_this_machines_own_network_is_not_asked(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside)

    with pytest.raises(Unreachable, match="no address of a public server"):
        get("https://rrdp.registry.net/f", dubious=False)


def relay(asked: list[bytes]) -> Callable[[socket.socket], None]:
    """A proxy that lets one connection through."""

    def through(wire: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += wire.recv(1)
        asked.append(head.partition(b"\r\n")[0])
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        with socket.create_connection(("127.0.0.1", int(port))) as server:
            wire.sendall(b"HTTP/1.1 200 Connection established\r\nVia: here\r\n\r\n")
            wire.setblocking(False)
            server.setblocking(False)
            import select

            while True:
                for one in select.select([wire, server], [], [], 10)[0]:
                    if not (part := one.recv(1 << 16)):
                        return
                    other = server if one is wire else wire
                    other.setblocking(True)
                    other.sendall(part)
                    other.setblocking(False)

    return through


def test_a_file_comes_through_a_proxy(site: Site, get: Get) -> None:
    site.files["/f"] = b"content"
    asked: list[bytes] = []

    with listening(relay(asked)) as port:
        _, content = get(site.uri("/f"), proxy=f"http://127.0.0.1:{port}")

    assert content == b"content"
    assert asked == [f"CONNECT localhost:{site.port} HTTP/1.1".encode()]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy refused it"),
        (b"", "the proxy refused it"),
        (b"HTTP/1.1 200 OK\r\n" + b"X" * 10_000, "no connection"),
    ],
)
def test_a_proxy_that_does_not_let_through_is_told(
    site: Site, get: Get, answer: bytes, reason: str
) -> None:
    def refuse(wire: socket.socket) -> None:
        wire.recv(4096)
        wire.sendall(answer)

    with listening(refuse) as port, pytest.raises(Unreachable, match=reason):
        get(site.uri("/f"), proxy=f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "proxy", ["localhost:3128", "socks5://localhost:1", "http://", "http://u:p@h:1", "http://h:x"]
)
def test_a_proxy_that_is_none_is_the_operators_concern(site: Site, get: Get, proxy: str) -> None:
    with pytest.raises(SettingRefused, match="the proxy"):
        get(site.uri("/f"), proxy=proxy)


def test_old_tls_is_not_spoken(trusted: Authority, get: Get) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted.server)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1

    with listening(lambda wire: context.wrap_socket(wire, server_side=True)) as port:
        with pytest.raises(Unreachable, match="no connection"):
            get(f"https://localhost:{port}/f")


def test_zlib_is_what_unpacks_in_bounded_pieces() -> None:
    """The bound stands on `max_length`, which zlib keeps."""
    packed = zlib.compress(bytes(1 << 24))

    assert len(zlib.decompressobj().decompress(packed, 1 << 16)) == 1 << 16
