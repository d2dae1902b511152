"""Jobs for tests, and what remembers their ends: named like those of a system."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.portal.log import remember

if TYPE_CHECKING:
    from madang.kernel.jobs.record import JobRun

HERE = "tests.portal.chores"
JOBS = {name: f"{HERE}:{name}" for name in ("echo", "telling", "kill_me")}
SETTLE = {"echo": f"{HERE}:note", "telling": f"{HERE}:fail", "kill_me": f"{HERE}:die"}


def echo(parameters: dict[str, Any], *, progress: Any) -> dict[str, Any]:
    """Give back what was given."""
    return {"given": parameters.get("n")}


def telling(parameters: dict[str, Any], *, progress: Any) -> dict[str, Any]:
    """Say how far it is."""
    progress(0.25, words("첫\0째", "first"))
    progress(1.5, "마지막" * 200)
    return {}


def kill_me(parameters: dict[str, Any], *, progress: Any) -> dict[str, Any]:
    """Be harmless; what remembers its end is not."""
    return {}


def note(run: JobRun) -> None:
    """Remember the end in the log."""
    remember("echoed", f"run/{run.id}", by=None, state=run.state)


def fail(run: JobRun) -> None:
    """Fail, after having written something."""
    note(run)
    raise ZeroDivisionError(f"secret of {run.id}")


def die(run: JobRun) -> None:
    """Write, and be killed before it counts; do nothing where the killing is over."""
    note(run)
    if os.environ.get("MADANG_TEST_DIE"):
        os.kill(os.getpid(), signal.SIGKILL)
