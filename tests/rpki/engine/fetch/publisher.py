"""A repository on loopback, honest or hostile: what it says is written here, byte by byte."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

SESSION = "9df4b597-af9e-4dca-bdda-719cce2c4e28"
SPACE = 'xmlns="http://www.ripe.net/rpki/rrdp" version="1"'
Answerer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Authority(NamedTuple):
    """A certificate authority of the tests' own, and a server's certificate by it."""

    ca: Path
    server: Path
    """The server's certificate and its key."""


def authority(folder: Path) -> Authority:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def signed(name: str, issuer: str, key, by, *extensions):  # noqa: ANN001, ANN002, ANN202
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=2))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(by, hashes.SHA256())

    own, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = signed("ca", "ca", own, own, x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    )
    leaf = signed("localhost", "ca", server, own, names)
    pem = serialization.Encoding.PEM
    found = Authority(folder / "ca.pem", folder / "server.pem")
    found.ca.write_bytes(ca.public_bytes(pem))
    key = server.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    found.server.write_bytes(leaf.public_bytes(pem) + key)
    return found


class Site:
    """A web server over TLS: paths that are bytes, or that a test answers itself."""

    def __init__(self, by: Authority) -> None:
        self.files: dict[str, bytes | Answerer] = {}
        self.asked: list[str] = []
        """Paths in the order in which they were asked for."""
        self.unchanged = 0
        """Answers that a file is still as it was."""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet for head and body, else the kernel waits for an echo

            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.answer(self)

            def log_message(self, *_: object) -> None:
                """Tests are silent."""

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Clients break off: that is what is tested."""

            def get_request(self):  # noqa: ANN202
                wire, place = super().get_request()
                wire.settimeout(20)
                return context.wrap_socket(
                    wire, server_side=True, do_handshake_on_connect=False
                ), place

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(by.server)
        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        found = self.files.get(handler.path)
        if callable(found):
            found(handler)
        elif found is None:
            send(handler, b"", status=404)
        else:
            etag = '"' + hashlib.sha256(found).hexdigest() + '"'
            if handler.headers["If-None-Match"] == etag:
                self.unchanged += 1
                send(handler, b"", status=304, ETag=etag)
            else:
                send(handler, found, ETag=etag)

    def uri(self, path: str) -> str:
        return f"https://localhost:{self.port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def send(
    handler: http.server.BaseHTTPRequestHandler,
    content: bytes,
    *,
    status: int = 200,
    **headers: str,
) -> None:
    handler.send_response(status)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in ({"Content-Length": str(len(content))} | told).items():
        handler.send_header(name, value)
    handler.end_headers()
    if status not in (304,):
        handler.wfile.write(content)


def broken_off(handler: http.server.BaseHTTPRequestHandler) -> None:
    """End the connection without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def publish(uri: str, content: bytes, over: bytes | None = None) -> str:
    told = "" if over is None else f' hash="{digest(over)}"'
    return f'<publish uri="{uri}"{told}>{base64.b64encode(content).decode()}</publish>'


def withdraw(uri: str, over: bytes) -> str:
    return f'<withdraw uri="{uri}" hash="{digest(over)}"/>'


def document(kind: str, serial: int | str, inner: str, *, session: str = SESSION) -> bytes:
    head = f'<{kind} {SPACE} session_id="{session}" serial="{serial}">'
    return f"{head}\n{inner}\n</{kind}>".encode()


class Publisher:
    """A repository that publishes as RFC 8182 has it.

    Args:
        site: Where.
        path: The folder of its files there.
        base: The rsync address of its objects.
    """

    def __init__(
        self, site: Site, path: str = "/rrdp", base: str = "rsync://localhost/repo/"
    ) -> None:
        self.site, self.path, self.base = site, path, base
        self.session, self.serial = SESSION, 0
        self.objects: dict[str, bytes] = {}
        self.deltas: dict[int, bytes] = {}

    @property
    def notify(self) -> str:
        return self.site.uri(f"{self.path}/notification.xml")

    def change(self, came: dict[str, bytes], gone: tuple[str, ...] = ()) -> None:
        """The next serial: objects by name that came or changed, and names that went."""
        inner = [
            publish(self.base + name, content, self.objects.get(name))
            for name, content in came.items()
        ]
        inner += [withdraw(self.base + name, self.objects[name]) for name in gone]
        self.serial += 1
        self.objects.update(came)
        for name in gone:
            del self.objects[name]
        self.deltas[self.serial] = document(
            "delta", self.serial, "\n".join(inner), session=self.session
        )
        self.announce()

    def announce(self, *, snapshot: bytes | None = None, first: int = 2) -> None:
        """Write notification, snapshot and deltas."""
        if snapshot is None:
            inner = "\n".join(publish(self.base + n, c) for n, c in self.objects.items())
            snapshot = document("snapshot", self.serial, inner, session=self.session)
        at = f"{self.path}/{self.serial}"
        self.site.files[f"{at}/snapshot.xml"] = snapshot
        lines = [f'<snapshot uri="{self.site.uri(at)}/snapshot.xml" hash="{digest(snapshot)}"/>']
        for serial, content in sorted(self.deltas.items()):
            if serial >= first:
                file = f"{self.path}/{serial}/delta.xml"
                self.site.files[file] = content
                lines.append(
                    f'<delta serial="{serial}" uri="{self.site.uri(file)}"'
                    f' hash="{digest(content)}"/>'
                )
        self.notify_with("\n".join(lines))

    def notify_with(self, inner: str) -> None:
        """Write a notification of any content."""
        self.site.files[f"{self.path}/notification.xml"] = document(
            "notification", self.serial, inner, session=self.session
        )


@contextlib.contextmanager
def listening(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of raw bytes: `behave` has each connection; gives the port."""
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def one(wire: socket.socket) -> None:
        with wire, contextlib.suppress(OSError):
            wire.settimeout(20)
            behave(wire)

    def accept() -> None:
        while not done.is_set():
            try:
                wire, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(wire,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        done.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)
