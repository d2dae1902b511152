"""What holds a run's memory, processes and time together? A control group, or rlimits only.

A group is named `madang-<pid namespace>-<owner>-<its start time>-<number>`, so that whoever comes
later can see whether its owner still lives and remove what a killed owner left. The process of the
jail enters a group by itself, through a file that its owner opened: the kernel checks the opener's
rights.

Source: Linux `Documentation/admin-guide/cgroup-v1/` and `cgroup-v2.rst`.
"""

from __future__ import annotations

import errno
import itertools
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["v1", "v2", "rlimits"]
CONTROLLERS = ("memory", "pids", "cpuacct")
_numbers = itertools.count(1)
# A process number means something only inside its namespace: containers may share the hierarchy.
_OURS = f"madang-{os.stat('/proc/self/ns/pid').st_ino}"


class Usage(NamedTuple):
    """What the processes of a group have taken so far, together."""

    cpu_s: float | None
    memory_peak_bytes: int
    killed_for_memory: bool


class Group(Protocol):
    """The bounds around one jail."""

    @property
    def kind(self) -> Kind:
        """Version 1, version 2, or per-process limits only."""
        ...

    def doors(self) -> list[str]:
        """Files into which a process writes `0` to enter."""
        ...

    def tighten(self, *, memory_bytes: int, processes: int) -> None:
        """Set the ceilings; the jail may already be running."""
        ...

    def usage(self) -> Usage:
        """What was taken so far."""
        ...

    def remove(self) -> None:
        """Kill what is still inside and remove the group."""
        ...


@dataclass(frozen=True, kw_only=True)
class NoGroup:
    """No control group can be made here: the kernel's per-process limits must do.

    What they leave open: empty files in scratch cost the kernel memory that nobody counts, and the
    memory of several processes together is looked at twenty times a second, not at every page.
    """

    kind: Kind = "rlimits"

    def doors(self) -> list[str]:
        """None."""
        return []

    def tighten(self, *, memory_bytes: int, processes: int) -> None:
        """Nothing to set; the zygote sets the limits of each process."""

    def usage(self) -> Usage:
        """Nothing is counted here."""
        return Usage(None, 0, False)

    def remove(self) -> None:
        """Nothing to remove."""


@dataclass(frozen=True, kw_only=True)
class GroupV1:
    """One folder in each of three hierarchies."""

    memory: Path
    pids: Path
    cpuacct: Path
    kind: Kind = "v1"

    def doors(self) -> list[str]:
        """`tasks`, not `cgroup.procs`: a single thread enters without the lock of all forks."""
        return [str(folder / "tasks") for folder in self._folders()]

    def tighten(self, *, memory_bytes: int, processes: int) -> None:
        """Memory, memory with swap where the kernel counts it, and processes."""
        _write(self.memory / "memory.limit_in_bytes", memory_bytes)
        if (self.memory / "memory.memsw.limit_in_bytes").exists():
            _write(self.memory / "memory.memsw.limit_in_bytes", memory_bytes)
        _write(self.pids / "pids.max", processes)

    def usage(self) -> Usage:
        """Nanoseconds and bytes as the hierarchies count them."""
        events = _pairs(self.memory / "memory.oom_control")
        return Usage(
            int(_read(self.cpuacct / "cpuacct.usage") or 0) / 1e9,
            int(_read(self.memory / "memory.max_usage_in_bytes") or 0),
            events.get("oom_kill", 0) > 0,
        )

    def remove(self) -> None:
        """Kill what is still inside and remove the three folders."""
        for folder in self._folders():
            _empty_and_remove(folder)

    def _folders(self) -> tuple[Path, ...]:
        # Hierarchies may be mounted together: then two names mean one folder.
        return tuple(dict.fromkeys((self.memory, self.pids, self.cpuacct)))


@dataclass(frozen=True, kw_only=True)
class GroupV2:
    """One folder of the unified hierarchy."""

    folder: Path
    kind: Kind = "v2"

    def doors(self) -> list[str]:
        """The group's list of processes."""
        return [str(self.folder / "cgroup.procs")]

    def tighten(self, *, memory_bytes: int, processes: int) -> None:
        """Memory without swap, and processes."""
        _write(self.folder / "memory.max", memory_bytes)
        if (self.folder / "memory.swap.max").exists():
            _write(self.folder / "memory.swap.max", 0)
        _write(self.folder / "pids.max", processes)

    def usage(self) -> Usage:
        """Microseconds and bytes as the group counts them."""
        return Usage(
            _pairs(self.folder / "cpu.stat").get("usage_usec", 0) / 1e6,
            int(_read(self.folder / "memory.peak") or 0),
            _pairs(self.folder / "memory.events").get("oom_kill", 0) > 0,
        )

    def remove(self) -> None:
        """Kill what is still inside and remove the folder."""
        if (self.folder / "cgroup.kill").exists():
            _write(self.folder / "cgroup.kill", 1)
        _empty_and_remove(self.folder)


@dataclass(kw_only=True)
class Groups:
    """Where this machine lets this process make groups.

    Args:
        kind: What was found.
        folders: The parent folders: three in the order of `CONTROLLERS`, one, or none.
        refused: Why nothing better was found, in the kernel's words; for the operator.
    """

    kind: Kind
    folders: tuple[Path, ...] = ()
    refused: str = ""
    _swept: bool = field(default=False, repr=False)

    def make(self) -> Group:
        """A new group without ceilings, after removing what dead owners left."""
        if not self._swept:
            self._swept = True
            self.sweep()
        if self.kind == "rlimits":
            return NoGroup()
        name = f"{_owner_name(os.getpid())}-{next(_numbers)}"
        made = [folder / name for folder in dict.fromkeys(self.folders)]
        for folder in made:
            folder.mkdir()
        if self.kind == "v2":
            return GroupV2(folder=made[0])
        memory, pids, cpuacct = (folder / name for folder in self.folders)
        return GroupV1(memory=memory, pids=pids, cpuacct=cpuacct)

    def sweep(self) -> int:
        """Remove the groups of owners that live no more; returns how many."""
        removed = 0
        # A dead owner may have been in a group beside ours: another session, an earlier service.
        for above in {parent.parent for parent in self.folders}:
            for folder in above.glob(f"*/{_OURS}-*"):
                owner = folder.name.removeprefix(f"{_OURS}-").split("-")[0]
                if owner.isdigit() and not folder.name.startswith(f"{_owner_name(int(owner))}-"):
                    _empty_and_remove(folder)
                    removed += 1
        return removed


def find(
    *, mounts: Path = Path("/proc/self/mountinfo"), own: Path = Path("/proc/self/cgroup")
) -> Groups:
    """The best kind of group that can really be made here: tried, not guessed."""
    refused = []
    for kind, folders in (
        ("v2", _unified(mounts, own)),
        ("v1", _separate(mounts, own)),
    ):
        for candidate in folders:
            groups = Groups(kind=kind, folders=candidate)  # type: ignore[arg-type]
            fault = _trial(groups)
            if not fault:
                return groups
            refused.append(f"{kind}: {fault}")
    return Groups(kind="rlimits", refused="; ".join(refused) or "no hierarchy is mounted")


def _trial(groups: Groups) -> str:
    """Make a group, set ceilings, let a process enter in thought, remove it; the fault, if any."""
    try:
        group = groups.make()
    except OSError as fault:
        return f"{fault.strerror}"
    try:
        group.tighten(memory_bytes=1 << 30, processes=16)
        for door in group.doors():
            os.close(os.open(door, os.O_WRONLY))
    except OSError as fault:
        return f"{fault.strerror}"
    finally:
        group.remove()
    return ""


def _separate(mounts: Path, own: Path) -> Iterator[tuple[Path, ...]]:
    """Version 1: this process's own group in each of the three hierarchies."""
    mounted = {
        controller: (point, root)
        for kind, point, root, options in _mounted(mounts)
        if kind == "cgroup"
        for controller in options
    }
    where = _own_groups(own)
    found = [
        _below(*mounted[name], where[name])
        for name in CONTROLLERS
        if name in mounted and name in where
    ]
    if len(found) == len(CONTROLLERS):
        yield tuple(found)


def _unified(mounts: Path, own: Path) -> Iterator[tuple[Path, ...]]:
    """Version 2: this process's group, the one above or the top, if it hands on controllers."""
    for kind, point, root, _ in _mounted(mounts):
        if kind != "cgroup2":
            continue
        folder = _below(point, root, _own_groups(own).get("", "/"))
        for candidate in dict.fromkeys((folder, folder.parent, point)):
            if candidate.is_relative_to(point) and _hands_on(candidate):
                yield (candidate,)


def _hands_on(folder: Path) -> bool:
    """Whether groups below this one can have the controllers, switching them on if need be."""
    needed = {"memory", "pids"}
    if not needed <= set(_read(folder / "cgroup.controllers").split()):
        return False
    if needed <= set(_read(folder / "cgroup.subtree_control").split()):
        return True
    try:
        _write(folder / "cgroup.subtree_control", "+memory +pids")
    except OSError:  # it holds processes itself, or belongs to somebody else
        return False
    return True


def _mounted(mounts: Path) -> Iterator[tuple[str, Path, str, list[str]]]:
    """Type, mount point, root inside the hierarchy and options of every control group mount."""
    for line in mounts.read_text().splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, _, options) = before.split(), after.split()[:3]
        if kind in ("cgroup", "cgroup2"):
            yield kind, Path(fields[4]), fields[3], options.split(",")


def _own_groups(own: Path) -> dict[str, str]:
    """Controller → this process's group; the unified hierarchy's controller is the empty name."""
    found = {}
    for line in own.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _below(point: Path, root: str, path: str) -> Path:
    """The folder of a group, where the mount shows only what is below `root`."""
    relative = os.path.relpath(path, root)
    return point if relative.startswith("..") else point / relative


def _owner_name(pid: int) -> str:
    """`madang-<pid namespace>-<pid>-<start time>`; a dead process has start time 0."""
    stat = _read(Path(f"/proc/{pid}/stat"))
    return f"{_OURS}-{pid}-{stat.rpartition(')')[2].split()[19] if stat else 0}"


def _empty_and_remove(folder: Path) -> None:
    """Kill every process in the group until it can be removed."""
    for attempt in range(200):
        for line in _read(folder / "cgroup.procs").split():
            if line == "0":  # a process of another namespace; to `kill`, 0 would mean ourselves
                continue
            try:
                os.kill(int(line), signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as fault:
            if fault.errno != errno.EBUSY:
                return
            # Still being left by dying processes.
            time.sleep(0.001 * min(attempt + 1, 20))
        else:
            return


def _write(path: Path, value: int | str) -> None:
    with path.open("w") as file:
        file.write(str(value))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _pairs(path: Path) -> dict[str, int]:
    """Lines of a name and a number."""
    lines = (line.split() for line in _read(path).splitlines())
    return {parts[0]: int(parts[1]) for parts in lines if len(parts) == 2}
