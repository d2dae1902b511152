"""Messages go to the public internet alone, and to the very address that was checked."""

from __future__ import annotations

import datetime
import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import override_settings

from madang.kernel.errors import InputError
from madang.portal import receiver
from tests.portal.receivers import receiving

if TYPE_CHECKING:
    from pathlib import Path

in_production = override_settings(WEBHOOKS_TO_ANYWHERE=False)


def resolving_to(monkeypatch, *addresses: str) -> list[str]:
    """Every name has these addresses; the names that were asked for."""
    asked: list[str] = []

    def fake(host, port, *_, **__):
        asked.append(host)
        return [
            (
                socket.AF_INET6 if ":" in each else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (each, port),
            )
            for each in addresses
        ]

    monkeypatch.setattr(receiver.socket, "getaddrinfo", fake)
    return asked


@in_production
@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://",
        "https:///path",
        "example.org",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://:@example.org/",
        "https://example.org/#part",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://example.org:x/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://[::/",
        "https://exam ple.org/",
        "https://example.org/\r\nHost: other",
        "https://예.kr/",
        "https://example.org/" + "x" * 500,
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_may_not_be_written_to_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        receiver.check_url(url)


@in_production
@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://example.org:8443/a?b=c",
        "https://8.8.8.8/",
        "https://[2606:4700::1]/x",
    ],
)
def test_a_public_https_address_may_be(url: str) -> None:
    assert receiver.check_url(url).scheme == "https"


@in_production
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff0e::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "64:ff9b::a9fe:a9fe",  # NAT64 of 169.254.169.254
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    ],
)
def test_a_name_that_leads_inside_is_not_written_to(monkeypatch, address: str) -> None:
    resolving_to(monkeypatch, address)
    monkeypatch.setattr(receiver.socket, "create_connection", None)

    assert receiver.send("https://hook.example/", b"", {}) == (0, "address")


@in_production
def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch) -> None:
    resolving_to(monkeypatch, "93.184.216.34", "127.0.0.1")

    assert receiver.send("https://hook.example/", b"", {}) == (0, "address")


@in_production
def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch) -> None:
    """A name that answers differently the second time leads nowhere else."""
    asked, gone_to = resolving_to(monkeypatch, "93.184.216.34"), []

    def fake(address, **_):
        gone_to.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(receiver.socket, "create_connection", fake)
    assert receiver.send("https://hook.example:8443/", b"", {}) == (0, "connection")
    assert (asked, gone_to) == (["hook.example"], [("93.184.216.34", 8443)])


def test_the_message_arrives_under_the_name_it_was_sent_to(monkeypatch) -> None:
    resolving_to(monkeypatch, "127.0.0.1")
    with receiving() as other:
        url = f"http://hook.example:{other.port}/a/b?c=d"
        assert receiver.send(url, b"body", {"X-A": "b"}) == (200, "")

    ((path, headers, body),) = other.heard
    assert (path, body) == ("/a/b?c=d", b"body")
    assert headers["Host"] == f"hook.example:{other.port}"
    assert headers["X-A"] == "b"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nothing_follows_a_redirection(status: int) -> None:
    with receiving() as other:
        other.statuses = [status]
        assert receiver.send(other.url, b"", {}) == (status, "")

    assert len(other.heard) == 1


def test_no_proxy_of_the_environment_is_asked(monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with receiving() as other:
        assert receiver.send(other.url, b"", {}).status == 200


def test_a_receiver_that_is_slow_on_purpose_is_left(monkeypatch) -> None:
    monkeypatch.setattr(receiver, "DEADLINE_S", 0.3)
    done = threading.Event()
    with receiving(slowly=lambda: done.wait(20)) as other:
        assert receiver.send(other.url, b"", {}) == (0, "connection")
        done.set()


def test_one_that_drips_is_left_too(monkeypatch) -> None:
    """Each byte arrives in time; the whole never does."""
    monkeypatch.setattr(receiver, "DEADLINE_S", 0.5)
    over = threading.Event()

    def drip() -> None:
        peer, _ = server.accept()
        with closing(peer):
            peer.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.1):
                try:
                    peer.sendall(b"X-Drip: 1\r\n")
                except OSError:
                    return

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert receiver.send(url, b"", {}).status in (0, 200), "its first line had come"
        over.set()
        thread.join()


def test_what_speaks_no_http_is_no_receiver() -> None:
    def babble() -> None:
        peer, _ = server.accept()
        with closing(peer):
            peer.recv(1000)
            peer.sendall(b"220 mail.example ESMTP\r\n")

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=babble, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert receiver.send(url, b"", {}) == (0, "connection")
        thread.join()


def test_a_name_that_nobody_knows_is_told() -> None:
    assert receiver.send("http://no-such-host.invalid/", b"", {}) == (0, "name")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "receiver.pem"
    plain = serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(encoding)
    )
    with receiving(certificate=file) as other:
        url = f"https://localhost:{other.port}/"
        assert receiver.send(url, b"secret", {}) == (0, "certificate")

    assert not other.heard
