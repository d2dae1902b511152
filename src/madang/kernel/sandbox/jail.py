"""Where untrusted code runs: a jail for one run, and a pool of jails started ahead.

Nothing runs without the jail: where the machine refuses it, `Unavailable` says why and what to do.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from madang.kernel.sandbox import cell as cells
from madang.kernel.sandbox.channel import Channel, Over, Overlong, Silent
from madang.kernel.sandbox.ending import Detail, Ending, Result
from madang.kernel.sandbox.groups import Groups, find
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.runtime import Runtime
from madang.kernel.sandbox.warden import Lost, Warden
from madang.kernel.sandbox.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from madang.kernel.sandbox.cell import Cell
    from madang.kernel.sandbox.warden import Bubblewrap

POOL_INPUTS_BYTES = 64 * MIB
_NAME_BYTES = 200


@cache
def groups() -> Groups:
    """Where this process can make control groups; looked up once."""
    return find()


@dataclass(kw_only=True)
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

    def __enter__(self) -> Jail:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the gate and with it every jail."""
        with self._lock:
            if self._warden and self._owner == os.getpid():
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
            script: Python source. Inside, `import jail` offers `INPUTS`, `CODE`, `OUTPUTS` (folders),
                `receive()`, `send(bytes)` and `report(dict)`.
            files: Name → content, found below `/job/in`; names that begin with `code/` stand below
                `/job/code`, from where they can be imported.
            arguments: `sys.argv[1:]`.
            limits: The ceilings.
            outputs: Names of files that the script must leave in `/job/out`.
            optional: Names of files that it may leave there; others are ignored.
            converse: Called in this thread to speak with the running script. What it raises is
                raised here, after the jail is dead; `Over`, `Silent` and `Overlong` become endings.

        Raises:
            ValueError: A name is not a plain relative path.
        """
        files, limits = files or {}, limits or Limits()
        for name in (*files, *outputs, *optional):
            check_name(name)
        try:
            with _Closing(self._cell(limits, files)) as closing:
                return _use(
                    closing.cell,
                    script,
                    files=files,
                    arguments=arguments,
                    limits=limits,
                    outputs=outputs,
                    optional=optional,
                    converse=converse,
                    warm=closing.cell.ready != {},
                    alive=self.warden().alive,
                )
        except Lost:
            return self._unavailable(Detail.LOST)
        except (cells.Broken, OSError) as fault:
            return self._unavailable(getattr(fault, "detail", Detail.START_FAILED))

    def _unavailable(self, detail: Detail) -> Result:
        return Result(ending=Ending.UNAVAILABLE, detail=detail, cgroup=self.bounds.kind)

    def _cell(self, limits: Limits, files: Mapping[str, bytes]) -> Cell:
        return self.start(
            scratch_bytes=limits.scratch_bytes,
            inputs_bytes=sum(4096 + len(content) for content in files.values()),
        )

    def start(
        self, *, scratch_bytes: int, inputs_bytes: int, command: list[str] | None = None
    ) -> Cell:
        """Start a jail and do not wait for it. Whoever starts one closes it."""
        return cells.start(
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


@dataclass(kw_only=True)
class WarmPool(Jail):
    """A jail that keeps some jails started ahead, their libraries loaded and no data inside.

    Each of them serves exactly one run and is destroyed with its namespaces, so that no run can leave
    anything to the next: no module global, no patched builtin, no file, no process. A run whose
    scratch size or inputs do not fit the jails at hand gets a fresh one.

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
        """Start jails until enough wait."""
        while len(self._waiting) < self.size:
            self._waiting.append(
                self.start(scratch_bytes=self.scratch_bytes, inputs_bytes=POOL_INPUTS_BYTES)
            )

    def wait_ready(self) -> None:
        """Wait until every waiting jail has loaded its libraries.

        Raises:
            Broken: One of them did not come up.
        """
        for waiting in list(self._waiting):
            waiting.wait_ready()

    def close(self) -> None:
        """Destroy the waiting jails and end the gate."""
        while self._waiting:
            self._waiting.pop().close()
        super().close()

    def _cell(self, limits: Limits, files: Mapping[str, bytes]) -> Cell:
        needed = sum(4096 + len(content) for content in files.values())
        if limits.scratch_bytes == self.scratch_bytes and needed <= POOL_INPUTS_BYTES:
            while self._waiting:
                cell = self._waiting.popleft()
                try:
                    cell.wait_ready()
                except cells.Broken:
                    cell.close()
                    continue
                return cell
        return super()._cell(limits, files)

    def run(self, script: bytes, **options: object) -> Result:  # type: ignore[override]
        """As `Jail.run`, in a jail that waits; its successor is started when the run is over."""
        try:
            return super().run(script, **options)  # type: ignore[arg-type]
        finally:
            self.fill()


@dataclass(kw_only=True)
class _Closing:
    cell: Cell

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    def __enter__(self) -> _Closing:
        return self

    def __exit__(self, *_: object) -> None:
        self.cell.close()


def check_name(name: str) -> None:
    """Refuse a name that is not a plain relative path.

    Raises:
        ValueError: The name is empty, absolute, too long, or climbs.
    """
    parts = name.split("/")
    if (
        len(name.encode()) > _NAME_BYTES
        or "\0" in name
        or not set(parts).isdisjoint({"", ".", ".."})
    ):
        raise ValueError(f"{name!r} is not a plain relative path")


def _use(
    cell: Cell,
    script: bytes,
    *,
    files: Mapping[str, bytes],
    arguments: Sequence[str],
    limits: Limits,
    outputs: Collection[str],
    optional: Collection[str],
    converse: Callable[[Channel], None] | None,
    warm: bool,
    alive: Callable[[], bool],
) -> Result:
    """Deliver a run to a jail and watch it."""
    declared = sorted({*outputs, *optional})
    cell.wait_ready()
    cell.deliver(
        script,
        files=files,
        arguments=arguments,
        limits=limits,
        outputs=declared,
        converse=converse is not None,
    )
    watch = Watch(cell=cell, limits=limits, declared=frozenset(declared))
    if converse is None:
        watch.to_the_end(time.monotonic())
    else:
        _converse(watch, converse)
    if watch.outcome is None and not alive():
        raise Lost
    return watch.result(needed=outputs, warm=warm)


def _converse(watch: Watch, converse: Callable[[Channel], None]) -> None:
    """Let the caller speak in this thread while another one watches."""
    cell = watch.cell
    channel = Channel(to_run=cell.channel_in, from_run=cell.channel_out, ended=cell.init_fd)
    watcher = threading.Thread(target=watch.to_the_end, args=(time.monotonic(),))
    watcher.start()
    try:
        converse(channel)
    except Over:
        pass
    except Silent:
        watch.cut = watch.cut or (Ending.TIMEOUT, Detail.CONVERSATION)
    except Overlong:
        watch.cut = watch.cut or (Ending.OUTPUT_INVALID, Detail.MESSAGE)
    except BaseException:
        watch.cut = (Ending.CRASH, Detail.CONVERSATION)
        raise
    finally:
        watcher.join()
