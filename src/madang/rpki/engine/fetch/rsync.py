"""How is a repository without a working RRDP fetched? By Debian's rsync, held to its budget.

The program works in a folder of the module's own, which stays, so that the next time only what
changed is sent. What it wrote is then taken over into the store in one step: ordinary files with
proper names, and nothing else.

Source: rsync(1); RFC 6481 section 3 (a repository is an rsync module).
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from madang.kernel import process
from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused, Unreachable
from madang.rpki.engine.fetch.budget import BudgetSpent
from madang.rpki.engine.fetch.line import addresses, permitted, proxy_of
from madang.rpki.engine.fetch.uri import object_uri
from madang.rpki.engine.store.state import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.engine.fetch.budget import Budget
    from madang.rpki.engine.fetch.policy import Policy
    from madang.rpki.engine.fetch.uri import RsyncUri
    from madang.rpki.engine.store.database import Database
    from madang.rpki.engine.store.update import Counts

_MEMORY = 512 << 20
"""Bytes of address space; the list of a module's files is the server's to choose."""
_VANISHED = 24
"""Exit code: a file was gone before it could be sent, as happens while others publish."""
_DEEPEST = 32


def mirror(
    database: Database, base: RsyncUri, *, budget: Budget, policy: Policy, folder: Path
) -> Counts:
    """Bring the copy of a module to its present state.

    Args:
        database: Where the copy is.
        base: The module, ending in `/`.
        budget: What it may cost.
        policy: The limits, and how servers are reached.
        folder: Where modules are worked on.

    Raises:
        BudgetSpent: The module costs more than it may; what was fetched is removed.
        Unreachable: It cannot be fetched.
    """
    source = str(base)
    place = folder / hashlib.sha256(source.encode()).hexdigest()[:32]
    place.mkdir(parents=True, exist_ok=True)
    os.utime(place)  # by which it is seen that the module is still asked for
    flags = ("--recursive", "--delete", "--no-links", "--no-devices", "--no-specials")
    try:
        _run((*flags, "--", source, f"{place}/"), base, place, budget=budget, policy=policy)
    except BudgetSpent:
        shutil.rmtree(place, ignore_errors=True)
        raise
    except Unreachable:
        with suppress(OSError):  # there is something in it, which the next run can use
            place.rmdir()
        raise
    with database.update(source, whole=True) as update:
        for held, (uri, file) in enumerate(_files(place, source), start=1):
            budget.left_s()
            budget.hold(held)
            update.put(uri, file.read_bytes())
        return update.commit(Mark())


def single(uri: RsyncUri, *, budget: Budget, policy: Policy, folder: Path) -> bytes:
    """The bytes of one file.

    Raises:
        BudgetSpent: It costs more than it may.
        Unreachable: It cannot be fetched.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        _run(("--", str(uri), f"{place}/file"), uri, place, budget=budget, policy=policy)
        file = place / "file"
        if file.is_symlink() or not file.is_file():
            raise Unreachable(str(uri), reason=words("파일이 전송되지 않음", "no file was sent"))
        return file.read_bytes()


def _run(
    arguments: tuple[str, ...], uri: RsyncUri, place: Path, *, budget: Budget, policy: Policy
) -> None:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    if policy.proxy:
        permitted(uri.host, policy)
        environment["RSYNC_PROXY"] = ":".join(map(str, proxy_of(policy)))
    else:
        addresses(uri.host, uri.port, policy)
    limits = {resource.RLIMIT_AS: _MEMORY, resource.RLIMIT_FSIZE: policy.object_size + 1024}
    watch = _Watch(place, budget, policy)
    watch.look()
    left_s = budget.left_s()
    try:
        ended = process.run_watched(
            [policy.rsync_program, *_flags(policy), *arguments],
            timeout_s=left_s + 1.0,  # the watch ends it before, and says what it had cost
            check=watch.look,
            limits=limits,
            environment=environment,
        )
    except BudgetSpent:
        raise
    except Unavailable as fault:
        raise Unreachable(str(uri), reason=words(*_both(fault))) from fault
    watch.look()
    if ended.code not in (0, _VANISHED):
        lines = ended.stderr.decode("ascii", "replace").strip().splitlines()
        told = (lines[0] if lines else f"exit code {ended.code}")[:200]
        raise Unreachable(
            str(uri), reason=words(f"rsync가 실패함 ({told})", f"rsync failed ({told})")
        )


def _flags(policy: Policy) -> tuple[str, ...]:
    return (
        *("--times", "--no-motd", "--chmod=D700,F600"),
        f"--max-size={policy.object_size}",
        f"--timeout={max(1, round(policy.silent_s))}",
        f"--contimeout={max(1, round(policy.connect_s))}",
    )


def _both(fault: Unavailable) -> tuple[str, str]:
    return fault.sentence("ko"), fault.sentence("en")


class _Watch:
    """Counts what rsync has written so far."""

    def __init__(self, place: Path, budget: Budget, policy: Policy) -> None:
        self._place, self._budget, self._policy = place, budget, policy
        self._counted: int | None = None

    def look(self) -> float:
        """Whether all is within the budget; gives the seconds until the next look."""
        began = time.monotonic()
        self._budget.left_s()
        files = size = 0
        for found in _walked(self._place):
            files += 1
            try:
                size += found.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue  # rsync renames what it has finished
            self._budget.hold(files)
            if size > self._policy.size:
                raise self._budget.too_large()
        # What is there before rsync has begun was received in another round.
        before = size if self._counted is None else self._counted
        self._budget.receive(max(0, size - before))
        self._counted = max(size, before)
        # A look at a large module takes long itself.
        return min(max(0.05, 10 * (time.monotonic() - began)), self._budget.left_s() + 0.01)


def _files(place: Path, source: str) -> Iterator[tuple[str, Path]]:
    """Ordinary files with proper names, and the addresses they stand for."""
    for found in _walked(place):
        path = Path(found.path)
        if found.is_file(follow_symlinks=False):
            try:
                yield object_uri(source + path.relative_to(place).as_posix()), path
            except ExchangeRefused:
                continue  # nobody can refer to a file by such a name


def _walked(place: Path, depth: int = 0) -> Iterator[os.DirEntry[str]]:
    """All below a folder that is no folder; links are not followed."""
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield entry
                elif depth < _DEEPEST:
                    yield from _walked(Path(entry.path), depth + 1)
    except FileNotFoundError:
        return  # removed meanwhile
