"""A receiver of webhooks on this machine, which answers as it is told and keeps what it heard."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass
class Receiver:
    """What it answers, and what it heard."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    """The next answers; 200 once there is none left."""
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"


@contextmanager
def receiving(
    *, certificate: Path | None = None, slowly: Callable[[], None] | None = None
) -> Iterator[Receiver]:
    """A receiver that listens within the block.

    Args:
        certificate: A file with key and certificate: it speaks TLS.
        slowly: Called before it answers.
    """
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.heard.append((self.path, dict(self.headers), body))
            if slowly:
                slowly()
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """A sender that hangs up is expected here."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
