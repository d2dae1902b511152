"""A jail for the tests: the standard library alone, so that each run costs a few milliseconds."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from madang.kernel.sandbox.jail import Jail
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.runtime import Runtime
from tests.kernel.sandbox import jail_traces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.kernel.sandbox.ending import Result

SMALL = {
    "wall_s": 20,
    "cpu_s": 10,
    "memory_bytes": 256 * MIB,
    "processes": 16,
    "file_bytes": 4 * MIB,
    "scratch_bytes": 16 * MIB,
    "output_bytes": 1 * MIB,
    "log_bytes": 4096,
}


@pytest.fixture(autouse=True)
def _standing() -> None:
    """Jails that other tests of this process keep warm are no leftovers of this one."""
    jail_traces.remember_standing()


@pytest.fixture(scope="session")
def jail() -> Iterator[Jail]:
    """A jail with Python's standard library and nothing else."""
    with Jail(runtime=Runtime(distributions=(), preload=())) as made:
        yield made


@pytest.fixture
def attempt(jail: Jail):
    """attempt(script, limit=…, outputs=…): run a script in small limits."""

    def run(script: str, *, outputs=(), optional=(), files=None, arguments=(), **limits) -> Result:
        return jail.run(
            textwrap.dedent(script).encode(),
            limits=Limits(**SMALL | limits),
            outputs=outputs,
            optional=optional,
            files=files,
            arguments=arguments,
        )

    return run
