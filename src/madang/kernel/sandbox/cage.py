"""How is one run jailed by a given bubblewrap? Started, fed, watched, and left without a trace.

The probe tries bubblewraps with it; everybody else takes a `Jail`, which knows the one that works.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Self

from madang.kernel.sandbox.cell import Broken, Order, start
from madang.kernel.sandbox.ending import Detail, Ending, Result
from madang.kernel.sandbox.groups import Groups, find
from madang.kernel.sandbox.limits import Limits
from madang.kernel.sandbox.runtime import Runtime
from madang.kernel.sandbox.warden import Lost, Warden
from madang.kernel.sandbox.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from madang.kernel.sandbox.cell import Cell
    from madang.kernel.sandbox.channel import Channel
    from madang.kernel.sandbox.warden import Bubblewrap

_NAME_BYTES = 200

_log = logging.getLogger(__name__)


@cache
def groups() -> Groups:
    """Where this process can make control groups; looked up once."""
    return find()


@dataclass(kw_only=True, eq=False)
class Cage:
    """Runs untrusted Python source, each run in a jail of its own.

    Args:
        runtime: What the jails see.
        bubblewrap: The program that builds them; needed before the first jail is started.
        bounds: Where control groups are made; default the best that this machine offers.
    """

    runtime: Runtime = field(default_factory=Runtime)
    bubblewrap: Bubblewrap | None = None
    bounds: Groups = field(default_factory=groups)
    _warden: Warden | None = field(default=None, init=False, repr=False)
    _owner: int = field(default=0, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the gate and with it every jail."""
        with self._lock:
            if self._warden:
                self._warden.close()
            self._warden = None

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
        """Run a script to its end, and leave nothing running.

        Args:
            script: Python source. Inside, `import jail` offers the folders `INPUTS`, `CODE` and
                `OUTPUTS`, and `receive()`, `send(bytes)` and `report(dict)`.
            files: Name → content, found below `/job/in`; names that begin with `code/` stand below
                `/job/code`, from where they can be imported.
            arguments: `sys.argv[1:]`.
            limits: The ceilings.
            outputs: Names of files that the script must leave in `/job/out`.
            optional: Names of files that it may leave there; others are ignored.
            converse: Called in this thread to speak with the running script. What it raises is
                raised here once the jail is dead; the channel's own exceptions become endings.

        Raises:
            ValueError: A name is not a plain relative path.
        """
        order = Order(
            script=script,
            files=files or {},
            arguments=arguments,
            limits=limits or Limits(),
            outputs=outputs,
            optional=optional,
        )
        for name in (*order.files, *outputs, *optional):
            check_name(name)
        try:
            warm, cell = self._delivered(order, converse is not None)
            with closing(cell):
                watch = Watch(cell=cell, order=order)
                watch.run(converse)
            if watch.broken() and not cell.warden.alive():
                return self._unavailable(Lost())
            return watch.result(warm=warm)
        except (Lost, Broken, OSError) as fault:
            return self._unavailable(fault)

    def _delivered(self, order: Order, converse: bool) -> tuple[bool, Cell]:
        """A jail in which the order has begun, and whether it had been started ahead."""
        cell = self.start(
            scratch_bytes=order.limits.scratch_bytes, inputs_bytes=order.inputs_bytes()
        )
        begin(cell, order, converse)
        return False, cell

    def _unavailable(self, fault: Exception) -> Result:
        """The platform's own failure: said to the operator's log, and typed for the caller."""
        _log.warning("no jail: %r", fault)
        detail = Detail.LOST if isinstance(fault, Lost) else Detail.START_FAILED
        if isinstance(fault, Broken):
            detail = fault.detail
        return Result(ending=Ending.UNAVAILABLE, detail=detail, cgroup=self.bounds.kind)

    def start(
        self, *, scratch_bytes: int, inputs_bytes: int, command: list[str] | None = None
    ) -> Cell:
        """Start a jail and do not wait for it. Whoever starts one closes it."""
        return start(
            self.warden(),
            self.bounds,
            self.runtime,
            scratch_bytes=scratch_bytes,
            inputs_bytes=inputs_bytes,
            command=command,
        )

    def warden(self) -> Warden:
        """The living warden; a new one after a fork of this process or a death of the gate."""
        with self._lock:
            if self._warden and self._owner == os.getpid() and self._warden.alive():
                return self._warden
            assert self.bubblewrap is not None
            sources = tuple(dict.fromkeys(bind.source for bind in self.runtime.binds()))
            self._warden = Warden(bubblewrap=self.bubblewrap, sources=sources)
            self._owner = os.getpid()
            return self._warden


def check_name(name: str) -> None:
    """Refuse a name that is not a plain relative path.

    Raises:
        ValueError: The name is empty, absolute, too long, or climbs.
    """
    parts = name.split("/")
    if len(name.encode()) > _NAME_BYTES or "\0" in name or {"", ".", ".."} & set(parts):
        raise ValueError(f"{name!r} is not a plain relative path")


def begin(cell: Cell, order: Order, converse: bool) -> None:
    """Begin the order in this jail; close the jail where that fails."""
    try:
        cell.wait_ready()
        cell.deliver(order, converse=converse)
    except BaseException:
        cell.close()
        raise
