"""In which fixed environment did a solution run? Named versions, one digest."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

import rfc8785

from madang.kernel import ids
from madang.kernel.sandbox.runtime import DISTRIBUTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from madang.trials.engine.wheels import Wheel


def environment_versions(wheels: Iterable[Wheel] = ()) -> dict[str, str]:
    """Interpreter and packages that a solution could import, with their versions.

    Args:
        wheels: What the demand declares beside the fixed environment; told with their digests.
    """
    versions = {name: metadata.version(name) for name in DISTRIBUTIONS}
    extra = {each.canonical: f"{each.version} sha256:{each.sha256}" for each in wheels}
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        **versions,
        **extra,
    }


def environment_digest(wheels: Iterable[Wheel] = ()) -> str:
    """SHA-256 of the canonical list of versions, wheels of the demand included."""
    return ids.digest(rfc8785.dumps(dict(sorted(environment_versions(wheels).items()))))
