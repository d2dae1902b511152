"""Where untrusted code runs: a jail for one run, and a pool of jails started ahead.

Nothing runs without the jail: where the machine refuses it, `Unavailable` says why and what to do.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from madang.kernel.sandbox.cage import Cage, begin
from madang.kernel.sandbox.cell import Broken
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.probe import working
from madang.kernel.sandbox.warden import Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from madang.kernel.sandbox.cell import Cell, Order
    from madang.kernel.sandbox.channel import Channel
    from madang.kernel.sandbox.ending import Result

POOL_INPUTS_BYTES = 64 * MIB

_log = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class Jail(Cage):
    """Runs untrusted Python source, each run in a jail of its own.

    Args:
        runtime: What the jails see.
        bubblewrap: The program that builds them; default the one that `probe` found to work.
        bounds: Where control groups are made; default the best that this machine offers.

    Raises:
        Unavailable: This machine refuses the jail; the message says why and what to do.
    """

    def __post_init__(self) -> None:
        if self.bubblewrap is None:
            self.bubblewrap = working()


@dataclass(kw_only=True, eq=False)
class WarmPool(Jail):
    """A jail that keeps some jails started ahead, their libraries loaded and no data inside.

    Each of them serves exactly one run and is destroyed with its namespaces, so that no run can
    leave anything to the next: no module global, no patched builtin, no file, no process. A run
    whose scratch size or inputs do not fit the jails at hand gets a fresh one.

    Args:
        size: How many jails wait.
        scratch_bytes: Their scratch size.
    """

    size: int = 2
    scratch_bytes: int = Limits.scratch_bytes
    _waiting: deque[Cell] = field(default_factory=deque, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fill()

    def fill(self) -> None:
        """Start jails until enough wait; a failure shows when one is needed."""
        try:
            while len(self._waiting) < self.size:
                self._waiting.append(
                    self.start(scratch_bytes=self.scratch_bytes, inputs_bytes=POOL_INPUTS_BYTES)
                )
        except (Lost, OSError) as fault:
            _log.warning("no jail started ahead: %r", fault)

    def wait_ready(self) -> None:
        """Wait until every waiting jail has loaded its libraries.

        Raises:
            Broken: One of them did not come up.
        """
        for waiting in list(self._waiting):
            waiting.wait_ready()

    def run(
        self,
        script: bytes,
        *,
        files: Mapping[str, bytes] | None = None,
        arguments: Sequence[str] = (),
        limits: Limits | None = None,
        outputs: Collection[str] = (),
        optional: Collection[str] = (),
        converse: Callable[[Channel], None] | None = None,
    ) -> Result:
        """As `Jail.run`, in a jail that waits; its successor is started when the run is over."""
        try:
            return super().run(
                script,
                files=files,
                arguments=arguments,
                limits=limits,
                outputs=outputs,
                optional=optional,
                converse=converse,
            )
        finally:
            self.fill()

    def close(self) -> None:
        """Destroy the waiting jails and end the gate."""
        while self._waiting:
            self._waiting.pop().close()
        super().close()

    def _delivered(self, order: Order, converse: bool) -> tuple[bool, Cell]:
        """Begin the order in a waiting jail; one that died meanwhile is passed over."""
        fits = (
            order.limits.scratch_bytes == self.scratch_bytes
            and order.inputs_bytes() <= POOL_INPUTS_BYTES
        )
        while fits and (cell := self._take()):
            try:
                begin(cell, order, converse)
            except Broken as fault:
                _log.warning("a waiting jail could not be used: %r", fault)
            else:
                return True, cell
        return super()._delivered(order, converse)

    def _take(self) -> Cell | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None
