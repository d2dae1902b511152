"""How does the world reach the doors? By a small web server, behind the house's TLS proxy."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.authority.doors import Doors

LARGEST: Final = 128 << 20
MOST_AT_ONCE: Final = 16
"""Connections: a slow sender holds one of these, and no thread more."""
_WAIT_S: Final = 30.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], doors: Doors) -> None:
        self.doors = doors
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: object, client_address: object) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)  # type: ignore[arg-type] # a socket, as always
            return
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that went away is nothing to tell of."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _WAIT_S
    server: _Server

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server asks for
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 12):
            self.send_error(411)
            return
        if int(length) > LARGEST:
            self.send_error(413)
            return
        message = self.rfile.read(int(length))
        status, media_type, body = self.server.doors.answer(self.path, message)
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002
        """Nothing: acts stand in the history."""


@contextmanager
def listening(doors: Doors, host: str, *, port: int) -> Iterator[int]:
    """Answer messages while the block runs; the port that was taken.

    Args:
        doors: Who answers.
        host: The address to listen on.
        port: 0 for any that is free.
    """
    server = _Server((host, port), doors)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
