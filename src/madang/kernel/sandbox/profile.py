"""How is bubblewrap told to build the jail? Its argument list, from a runtime and limits.

Every tmpfs has a size; what need not be written is remounted read-only: the root, `/dev` and above
all `/proc`, where `/proc/sys` would otherwise stay open to a program whose outer uid is 0. Three
places can be written: `/job` with `/tmp` as a link into it, `/job/in` and `/dev/shm`.
"""

from __future__ import annotations

import inspect
import json
import os
from functools import cache
from typing import TYPE_CHECKING

from madang.kernel.sandbox import zygote
from madang.kernel.sandbox.limits import MIB
from madang.kernel.sandbox.runtime import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from madang.kernel.sandbox.runtime import Runtime

INFO_FD, SECCOMP_FD = 7, 8
NOBODY = 65534
SHARED_MEMORY, SHARED_MEMORY_BYTES = "/dev/shm", 16 * MIB  # noqa: S108 - the jail's own
DEVICES = ("null", "zero", "random", "urandom")
"""All that programs need; bubblewrap's own `--dev` brings terminals too, and for their sake makes
a second user namespace."""


def environment() -> dict[str, str]:
    """The variables of the jail: one thread, one locale, one hash seed.

    `OPENBLAS_CORETYPE` is passed on where the machine sets it, for it decides which kernels
    compute and therefore the last bits of a result.
    """
    fixed = {
        "HOME": zygote.HOME,
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ORT_DISABLE_TELEMETRY": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }
    core = os.environ.get("OPENBLAS_CORETYPE")
    return fixed | ({"OPENBLAS_CORETYPE": core} if core else {})


@cache
def zygote_source() -> str:
    """The source of the jail's first process."""
    return inspect.getsource(zygote)


def zygote_command(runtime: Runtime) -> list[str]:
    """The command that starts the zygote, with no site folders and no folder of its own."""
    flags = ["-P", "-s", "-S", "-B"]
    return [program(), *flags, "-c", zygote_source(), json.dumps(list(runtime.preload))]


def arguments(
    runtime: Runtime,
    *,
    sources: Mapping[str, str],
    scratch_bytes: int,
    inputs_bytes: int,
    command: list[str],
) -> list[str]:
    """Bubblewrap's arguments, without the program itself.

    Args:
        runtime: What the jail sees.
        sources: Where each bound source is now reachable, where that differs from its own path.
        scratch_bytes: Size of the scratch folder.
        inputs_bytes: Size of the inputs folder.
        command: What process 1 runs.
    """
    return [
        *_isolation(),
        *_files(runtime, sources),
        *_writable(scratch_bytes, inputs_bytes),
        *("--remount-ro", "/", "--chdir", zygote.HOME),
        *("--seccomp", str(SECCOMP_FD), "--info-fd", str(INFO_FD), "--"),
        *command,
    ]


def _isolation() -> Iterator[str]:
    yield from ("--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1")
    yield from ("--hostname", "jail", "--uid", str(NOBODY), "--gid", str(NOBODY))
    yield from ("--cap-drop", "ALL", "--clearenv")
    for name, value in environment().items():
        yield from ("--setenv", name, value)


def _files(runtime: Runtime, sources: Mapping[str, str]) -> Iterator[str]:
    for source, target in runtime.binds():
        yield from ("--ro-bind", sources.get(source, source), target)
    for folder in runtime.masks():
        yield from ("--size", "4096", "--tmpfs", folder, "--remount-ro", folder)
    for text, path in runtime.links():
        yield from ("--symlink", text, path)
    yield from ("--proc", "/proc", "--remount-ro", "/proc")
    yield from ("--size", "4096", "--tmpfs", "/dev")
    for name in DEVICES:
        yield from ("--dev-bind", f"/dev/{name}", f"/dev/{name}")
    yield from ("--symlink", "/proc/self/fd", "/dev/fd")
    yield from ("--size", str(SHARED_MEMORY_BYTES), "--tmpfs", SHARED_MEMORY)
    yield from ("--remount-ro", "/dev")


def _writable(scratch_bytes: int, inputs_bytes: int) -> Iterator[str]:
    yield from ("--size", str(_pages(scratch_bytes)), "--tmpfs", zygote.HOME)
    yield from ("--size", str(_pages(inputs_bytes)), "--tmpfs", zygote.INPUTS)
    for folder in (zygote.CODE, zygote.OUTPUTS, "/job/tmp"):
        yield from ("--dir", folder)
    yield from ("--symlink", "job/tmp", "/tmp")  # noqa: S108 - the jail's own


def _pages(size: int) -> int:
    """The size in whole pages: a tmpfs of size 0 would be unlimited."""
    return max(4096, -(-size // 4096) * 4096)
