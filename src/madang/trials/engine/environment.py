"""In which fixed environment did a solution run? Named versions, one digest."""

from __future__ import annotations

import platform
from importlib import metadata

import rfc8785

from madang.kernel import ids
from madang.trials.engine.jailed import DISTRIBUTIONS


def environment_versions() -> dict[str, str]:
    """Interpreter and packages that a solution could import, with their versions."""
    versions = {name: metadata.version(name) for name in DISTRIBUTIONS}
    return {"python": platform.python_version(), "machine": platform.machine(), **versions}


def environment_digest() -> str:
    """SHA-256 of the canonical list of versions."""
    return ids.digest(rfc8785.dumps(dict(sorted(environment_versions().items()))))
