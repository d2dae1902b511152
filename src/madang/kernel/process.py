"""How is a trusted program run? With a time limit, an output limit and no shell.

Only programs that the product itself trusts (its own interpreter, bubblewrap, rsync): whatever comes
from outside runs in `madang.kernel.sandbox`.
"""

from __future__ import annotations

import subprocess  # noqa: TID251 - the one place for trusted programs
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.errors import Unavailable
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Ended(NamedTuple):
    """How a program ended: its exit code (negative: the signal) and what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str],
    *,
    timeout_s: float,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> Ended:
    """Run a trusted program to its end.

    Raises:
        Unavailable: The program does not exist, cannot be started, or did not end in time.
    """
    try:
        ended = subprocess.run(  # noqa: S603 - no shell, trusted programs only
            list(command),
            input=stdin,
            capture_output=True,
            timeout=timeout_s,
            env=None if environment is None else dict(environment),
            cwd=folder,
            check=False,
        )
    except OSError as fault:
        raise Unavailable(command[0], reason=fault.strerror or str(fault)) from fault
    except subprocess.TimeoutExpired as fault:
        raise Unavailable(
            command[0],
            reason=words(f"{timeout_s:g}초 안에 끝나지 않음", f"no end within {timeout_s:g} s"),
        ) from fault
    return Ended(ended.returncode, ended.stdout, ended.stderr)
