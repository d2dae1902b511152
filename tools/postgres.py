"""Where does a PostgreSQL for tests and measurements come from? A server of one's own, then gone.

    python -m tools.postgres COMMAND …      run a command with MADANG_TEST_DATABASE set

The server lies in a temporary folder, listens on loopback alone, on a free port and with a random
password, and ends with whoever started it, killed or not.
"""

from __future__ import annotations

import ctypes
import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

USER = "madang"
_INSTALLED = Path("/usr/lib/postgresql")
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_PARENT_DIED = 1  # PR_SET_PDEATHSIG of prctl(2)
_START_S = 30.0


class NoPostgres(RuntimeError):
    """No server can be started here."""


@functools.cache
def programs() -> Path:
    """The folder of the newest `initdb` and `postgres`.

    Raises:
        NoPostgres: None is installed.
    """
    found = shutil.which("initdb")
    if found and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent
    versions = [each for each in _INSTALLED.glob("*/bin") if (each / "initdb").exists()]
    if not versions:
        raise NoPostgres("no PostgreSQL server is installed (apt install postgresql)")
    return max(versions, key=lambda each: float(each.parent.name))


def why_not() -> str:
    """Why no server can be started here; empty where one can."""
    try:
        programs()
        _servant()
    except NoPostgres as fault:
        return str(fault)
    return ""


class Server:
    """A running server; use it as a context.

    Args:
        durable: As in production. Without it nothing waits for the disk.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="madang-postgres-"))
        self.port = _free_port()

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> Server:
        self._lay_out()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it answers."""
        given = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
        given += ["max_connections=300", "log_min_messages=fatal"]
        given += [] if self._durable else _QUICK
        options = [word for each in given for word in ("-c", each)]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [programs() / "postgres", "-D", self.folder / "data", *options],
                stdout=log,
                stderr=log,
                preexec_fn=_end_with_parent,
                **_servant(),
            )
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends every connection, SIGQUIT is as good as a crash."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=60)

    def create(self, database: str) -> str:
        """A new, empty database; its address."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def _lay_out(self) -> None:
        servant = _servant()
        if servant:
            shutil.chown(self.folder, servant["user"], servant["group"])
        secret = self.folder / "password"
        secret.write_text(self._password, encoding="utf-8")
        made = subprocess.run(
            [
                *(programs() / "initdb", "-D", self.folder / "data", "-U", USER, "-E", "UTF8"),
                *("--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync"),
                f"--pwfile={secret}",
            ],
            capture_output=True,
            text=True,
            check=False,
            **servant,
        )
        secret.unlink()
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stderr.strip()[-300:]}")

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + _START_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
                return
            except psycopg.OperationalError as fault:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text("utf-8", "replace")
                    raise NoPostgres(f"the server did not start: {log[-300:]}") from fault
                time.sleep(0.05)


@functools.cache
def _servant() -> dict[str, Any]:
    """Who runs the server: it refuses to run as root.

    Raises:
        NoPostgres: We are root, and nobody else is here.
    """
    if os.getuid():
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}
    raise NoPostgres("PostgreSQL refuses to run as root, and no other user is here")


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def main(command: Sequence[str]) -> int:
    """Run a command beside a server."""
    try:
        with Server() as server:
            given = os.environ | {"MADANG_TEST_DATABASE": server.url()}
            return subprocess.run(command, env=given, check=False).returncode
    except NoPostgres as fault:
        print(f"postgres: {fault}", file=sys.stderr)
        return 4


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
