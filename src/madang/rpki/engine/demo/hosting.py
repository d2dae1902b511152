"""Who hands the repository out on this machine? A web server and an rsync daemon on loopback."""

from __future__ import annotations

import datetime
import functools
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel import clock, process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HOST = "127.0.0.1"


class Places(NamedTuple):
    """Where the repository is handed out."""

    web: str
    """`https://127.0.0.1:…/`."""
    module: str
    """`rsync://127.0.0.1:…/repo/`."""
    certificates: Path
    """The file by which the web server is known."""
    web_socket: socket.socket
    rsync_port: int


def places(folder: Path) -> Places:
    """Free places on this machine, and a certificate for its web server."""
    folder.mkdir(parents=True, exist_ok=True)
    web = socket.create_server((_HOST, 0))
    rsync_port = _free_port()
    certificates = _certificate(folder)
    return Places(
        f"https://{_HOST}:{web.getsockname()[1]}/",
        f"rsync://{_HOST}:{rsync_port}/repo/",
        certificates,
        web,
        rsync_port,
    )


@contextmanager
def handed_out(where: Places, published: Path) -> Iterator[None]:
    """Serve a published repository while the block runs.

    Raises:
        Unavailable: The program rsync is not installed, or does not start.
    """
    with web_served(where, published), _rsync(where, published):
        yield


@contextmanager
def web_served(where: Places, published: Path) -> Iterator[None]:
    """Serve the RRDP half alone, over HTTPS."""
    handler = functools.partial(_Quiet, directory=str(published / "rrdp"))
    server = ThreadingHTTPServer(where.web_socket.getsockname(), handler, bind_and_activate=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(where.certificates, where.certificates.with_suffix(".key"))
    server.socket.close()
    server.socket = context.wrap_socket(where.web_socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _rsync(where: Places, published: Path) -> Iterator[None]:
    settings = published.parent / "rsyncd.conf"
    settings.write_text(
        f"use chroot = no\nread only = yes\naddress = {_HOST}\n"
        f"[repo]\n    path = {published}/rsync/current\n",
        encoding="utf-8",
    )
    command = ["rsync", "--daemon", "--no-detach", f"--port={where.rsync_port}"]
    command += [f"--config={settings}", "--log-file=/dev/null"]
    with process.beside(command, ready=lambda: _answers(where.rsync_port), timeout_s=10):
        yield


class _Quiet(SimpleHTTPRequestHandler):
    """Hands files out and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the demonstration speaks for itself."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_HOST, port)) == 0


def _certificate(folder: Path) -> Path:
    """A certificate of this machine's own for a day, its key beside it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Madang demonstration")])
    now = clock.now()
    address = x509.IPAddress(ipaddress.ip_address(_HOST))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    place = folder / "web.pem"
    place.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    place.with_suffix(".key").write_bytes(secret)
    place.with_suffix(".key").chmod(0o600)
    return place
