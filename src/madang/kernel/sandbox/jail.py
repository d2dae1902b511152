"""Where untrusted code runs: a jail for one run, and a pool of jails started ahead.

Nothing runs without the jail: where the machine refuses it, `Unavailable` says why and what to do.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Self

from madang.kernel.sandbox.cell import Broken, Order, start
from madang.kernel.sandbox.ending import Detail, Ending, Result
from madang.kernel.sandbox.groups import Groups, find
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.runtime import Runtime
from madang.kernel.sandbox.warden import Lost, Warden
from madang.kernel.sandbox.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from madang.kernel.sandbox.cell import Cell
    from madang.kernel.sandbox.channel import Channel
    from madang.kernel.sandbox.warden import Bubblewrap

POOL_INPUTS_BYTES = 64 * MIB
_NAME_BYTES = 200

_log = logging.getLogger(__name__)


@cache
def groups() -> Groups:
    """Where this process can make control groups; looked up once."""
    return find()


@dataclass(kw_only=True, eq=False)
class Jail:
    """Runs untrusted Python source, each run in a jail of its own.

    Args:
        runtime: What the jails see.
        bubblewrap: The program that builds them; default the one that `probe` found to work.
        bounds: Where control groups are made; default the best that this machine offers.

    Raises:
        Unavailable: This machine refuses the jail; the message says why and what to do.
    """

    runtime: Runtime = field(default_factory=Runtime)
    bubblewrap: Bubblewrap | None = None
    bounds: Groups = field(default_factory=groups)
    _warden: Warden | None = field(default=None, init=False, repr=False)
    _owner: int = field(default=0, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.bubblewrap is None:
            from madang.kernel.sandbox.probe import working

            self.bubblewrap = working()

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
        _begin(cell, order, converse)
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
                _begin(cell, order, converse)
            except Broken as fault:
                _log.warning("a waiting jail could not be used: %r", fault)
            else:
                return True, cell
        return super()._delivered(order, converse)

    def _take(self) -> Cell | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None


def check_name(name: str) -> None:
    """Refuse a name that is not a plain relative path.

    Raises:
        ValueError: The name is empty, absolute, too long, or climbs.
    """
    parts = name.split("/")
    if len(name.encode()) > _NAME_BYTES or "\0" in name or {"", ".", ".."} & set(parts):
        raise ValueError(f"{name!r} is not a plain relative path")


def _begin(cell: Cell, order: Order, converse: bool) -> None:
    """Begin the order in this jail; close the jail where that fails."""
    try:
        cell.wait_ready()
        cell.deliver(order, converse=converse)
    except BaseException:
        cell.close()
        raise
