"""A FHIR server of another maker (npm `@medplum/fhir-router`), in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("fhir_server")


def node() -> str | None:
    """Node.js, of this machine or of this environment."""
    beside = Path(sys.executable).with_name("node")
    return shutil.which("node") or (str(beside) if beside.exists() else None)


def why_not() -> str:
    """Why it cannot run here; empty where it can."""
    if node() is None:
        return "Node.js is not installed, which runs the other FHIR server"
    if not (FOLDER / "node_modules/@medplum/fhir-router").is_dir():
        return "the other FHIR server is missing (make fhir-server)"
    return ""


@contextmanager
def running() -> Iterator[str]:
    """The address of a server of one's own; it ends with its input."""
    command = [str(node()), "--no-warnings", "--experimental-websocket", "server.mjs"]
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None and started.stdin is not None
        port = started.stdout.readline().strip()
        assert port.isdigit(), "the other FHIR server did not start"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            started.stdin.close()
