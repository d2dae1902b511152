"""How are all repositories fetched, so that no bad one keeps another from being heard?

Each has a budget and a thread of its own. Repositories that did well last time have threads that
no others can take: those that failed, or are new, wait among themselves.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.words import Words, words
from madang.rpki.engine.errors import ExchangeRefused, SettingRefused, Unreachable
from madang.rpki.engine.fetch.budget import Budget
from madang.rpki.engine.fetch.fetched import Fetched, Repository
from madang.rpki.engine.fetch.following import Following
from madang.rpki.engine.fetch.http import Visit
from madang.rpki.engine.fetch.lane import Lane
from madang.rpki.engine.fetch.policy import Policy
from madang.rpki.engine.fetch.rsync import mirror, single
from madang.rpki.engine.fetch.uri import file_uri, folder_uri, https_uri
from madang.rpki.engine.store.naming import module
from madang.rpki.engine.store.sweep import UNNAMED_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from madang.rpki.engine.fetch.following import Followed
    from madang.rpki.engine.fetch.uri import HttpsUri
    from madang.rpki.engine.store.database import Database
    from madang.rpki.engine.store.state import State

_LARGE_FILES = 4
"""Taken over at the same time."""
_UNUSED = words("RRDP 사용 안 함", "RRDP is not used")
_FAULTS = (ExchangeRefused, Unavailable, OSError)


class Fetcher:
    """Brings repositories into a store.

    Args:
        database: The store.
        folder: For files that are being fetched; on the same disk as the store.
        policy: The limits and ways.
    """

    def __init__(self, database: Database, folder: Path, policy: Policy | None = None) -> None:
        self.database, self.policy = database, policy or Policy()
        self._stopped = threading.Event()
        self._turns = threading.Semaphore(_LARGE_FILES)
        self._spool, self._modules = Path(folder) / "spool", Path(folder) / "rsync"
        for place in (self._spool, self._modules):
            place.mkdir(parents=True, exist_ok=True)

    def refresh(self, repositories: Iterable[Repository]) -> tuple[Fetched, ...]:
        """One round over these repositories; what came of each, in the order they were named."""
        wanted = tuple(repositories)
        with self.round() as round_:
            came = {each.repository: each for each in round_.fetch(wanted)}
        self.tidy()
        return tuple(came[each] for each in dict.fromkeys(wanted))

    def tidy(self) -> None:
        """Remove what nobody needs any more, in the store and beside it."""
        self.database.sweep()
        for place in self._modules.iterdir():
            if place.stat().st_mtime < clock.epoch_s() - UNNAMED_S:
                shutil.rmtree(place, ignore_errors=True)

    def round(self) -> Round:
        """Begin a round, to which repositories may be added as validation finds them."""
        return Round(self)

    def stop(self) -> None:
        """Fetch nothing more: what runs ends within seconds, and what was committed stands."""
        self._stopped.set()

    def anchor(self, uris: tuple[str, ...], accept: Callable[[bytes], bool]) -> bytes:
        """Fetch the certificate of a trust anchor (RFC 8630) and keep it in the store.

        Args:
            uris: The addresses of its locator; those of the web are asked first.
            accept: Whether a certificate has the locator's key.

        Raises:
            Unreachable: None of the addresses gave an acceptable certificate.
        """
        told: list[str] = []
        ordered = sorted(uris, key=lambda uri: not uri.lower().startswith("https:"))
        for uri in ordered[:8]:
            try:
                content = self._certificate(uri)
            except _FAULTS as fault:
                told.append(f"{uri}: {fault}")
                continue
            if accept(content):
                self.database.put_anchor(uri, content)
                return content
            told.append(str(words(f"{uri}: 키가 다름", f"{uri}: another key")))
        raise Unreachable(
            words("신뢰 앵커 인증서", "the certificate of the trust anchor"),
            reason="; ".join(told)[:1000] or words("주소 없음", "no address"),
        )

    def one(self, repository: Repository, rsync: Callable[[str], Fetched]) -> Fetched:
        """Fetch one repository now, in this thread.

        Args:
            repository: Which.
            rsync: Gives what came of an rsync module, which several repositories may share.
        """
        if not repository.notify:
            return rsync(repository.rsync_base).told(repository=repository)
        source = repository.source
        if not self.policy.https:
            came = rsync(repository.rsync_base).told(repository=repository)
            # The points of this repository are those of the module from now on.
            self.database.missed(source, _UNUSED, took_s=0.0, fallen_back=came.failure is None)
            return came
        budget = self._budget(source)
        try:
            uri = https_uri(repository.notify)
        except ExchangeRefused as fault:
            # A name that nobody could bear is not remembered: there is no end of them.
            failed = _failed(repository, source, budget, _told(fault))
            return _rsync_instead(failed, rsync) if self.policy.rsync else failed
        state = self.database.state(source)
        try:
            way, counts, note = self._followed(uri, budget)
        except SettingRefused:
            raise
        except _FAULTS as fault:
            failed = _failed(repository, source, budget, _told(fault))
            return self._fall_back(failed, state, rsync)
        self.database.reached(source, took_s=budget.took_s, fall_back_s=self._fall_back_s())
        return Fetched(
            repository=repository,
            source=source,
            way=way,
            counts=counts,
            received=budget.received,
            took_s=budget.took_s,
            note=note,
        )

    def _followed(self, uri: HttpsUri, budget: Budget) -> Followed:
        following = Following(
            self.database,
            uri,
            budget=budget,
            policy=self.policy,
            spool=self._spool,
            turns=self._turns,
        )
        return following.follow()

    def _fall_back(
        self, failed: Fetched, state: State | None, rsync: Callable[[str], Fetched]
    ) -> Fetched:
        """Ask rsync in place of a repository whose RRDP failed, where the policy says so."""
        repository, why = failed.repository, failed.failure
        assert why is not None
        came = failed
        if self._may_fall_back(repository, state):
            came = _rsync_instead(failed, rsync)
        fallen = came.failure is None or (state is not None and state.fallen_back)
        self.database.missed(failed.source, why, took_s=failed.took_s, fallen_back=fallen)
        return came

    def _may_fall_back(self, repository: Repository, state: State | None) -> bool:
        policy = self.policy
        if not policy.rsync or not repository.rsync_base:
            return False
        if policy.fall_back == "never":
            return False
        if state is None or not state.mark.session:
            return True
        old = clock.epoch_s() >= (state.fall_back_s or 0.0)
        return policy.fall_back == "stale" and old

    def module(self, source: str) -> Fetched:
        """Fetch one rsync module now, in this thread."""
        repository = Repository(rsync_base=source)
        budget = self._budget(source)
        try:
            uri = folder_uri(source)
        except ExchangeRefused as fault:
            return _failed(repository, source, budget, _told(fault))
        try:
            if not self.policy.rsync:
                raise Unreachable(source, reason=words("rsync 사용 안 함", "rsync is not used"))
            counts = mirror(
                self.database, uri, budget=budget, policy=self.policy, folder=self._modules
            )
        except SettingRefused:
            raise
        except _FAULTS as fault:
            why = _told(fault)
            self.database.missed(source, why, took_s=budget.took_s)
            return _failed(repository, source, budget, why)
        self.database.reached(source, took_s=budget.took_s)
        return Fetched(
            repository=repository,
            source=source,
            way="rsync" if any(counts) else "unchanged",
            counts=counts,
            received=budget.received,
            took_s=budget.took_s,
        )

    def _budget(self, source: str) -> Budget:
        return Budget(source, self.policy, stopped=self._stopped)

    def _fall_back_s(self) -> float:
        """When rsync is asked if RRDP fails from now on, drawn so that not all ask at once."""
        least, most = self.policy.fall_back_s
        return clock.epoch_s() + least + (most - least) * secrets.randbelow(1 << 20) / (1 << 20)

    def _certificate(self, uri: str) -> bytes:
        budget = self._budget(uri)
        if not uri.lower().startswith("https:"):
            place = file_uri(uri)
            return single(place, budget=budget, policy=self.policy, folder=self._modules)
        content = bytearray()
        with Visit(budget, self.policy) as visit:
            visit.get(https_uri(uri), content.extend, largest=self.policy.object_size)
        return bytes(content)


class Round:
    """One round: each repository is fetched once, however often it is named.

    Args:
        fetcher: By whom.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._lanes = {name: Lane(name, fetcher.policy) for name in ("known", "others")}
        self._turn = threading.Lock()
        self._begun: dict[str, Future[Fetched]] = {}
        self._modules: dict[str, _Module] = {}
        self._of_anchor: dict[str, int] = {}

    def fetch(self, repositories: Iterable[Repository]) -> Iterator[Fetched]:
        """What came of each repository, as it comes.

        Raises:
            SettingRefused: The proxy or the file of certificates cannot be used.
        """
        waiting: dict[Future[Fetched], list[Repository]] = {}
        for repository in sorted(dict.fromkeys(repositories), key=self._urgency):
            waiting.setdefault(self._started(repository), []).append(repository)
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                for repository in waiting.pop(future):
                    came = future.result().told(repository=repository)
                    if _of_another_module(came):
                        own = Repository(
                            rsync_base=repository.rsync_base, anchor=repository.anchor
                        )
                        waiting.setdefault(self._started(own), []).append(repository)
                    else:
                        yield came

    def close(self) -> None:
        """Begin nothing more, and wait for what runs."""
        for lane in self._lanes.values():
            lane.close()

    def __enter__(self) -> Round:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _urgency(self, repository: Repository) -> float:
        """What did well comes first, what took long and failed last: others would wait for it."""
        state = self._fetcher.database.state(repository.source)
        if state is None:
            return 0.0
        return -1.0 if _well(state) else 1.0 + state.took_s

    def _module(self, base: str) -> Fetched:
        """What came of an rsync module, fetched by whoever asks for it first."""
        source = module(base)
        with self._turn:
            one = self._modules.setdefault(source, _Module())
        with one.turn:
            if one.came is None:
                one.came = self._fetcher.module(source)
            return one.came

    def _started(self, repository: Repository) -> Future[Fetched]:
        source = repository.source
        with self._turn:
            if source not in self._begun:
                self._begun[source] = self._start(repository, source)
            return self._begun[source]

    def _start(self, repository: Repository, source: str) -> Future[Fetched]:
        state = self._fetcher.database.state(source)
        lane: Literal["known", "others"] = "others"
        if state is not None and _well(state):
            lane = "known"
        count = self._of_anchor.get(repository.anchor, 0) + 1
        self._of_anchor[repository.anchor] = count
        # What did well before is never pushed out by what a child invents today.
        if count > self._fetcher.policy.repositories and lane != "known":
            return _settled(self._too_many(repository, source))
        return self._lanes[lane].submit(lambda: self._fetcher.one(repository, self._module))

    def _too_many(self, repository: Repository, source: str) -> Fetched:
        most = self._fetcher.policy.repositories
        why = words(
            f"신뢰 앵커 {repository.anchor}의 저장소 수 한도 {most}개를 모두 사용함",
            f"the {most} repositories of the trust anchor {repository.anchor} were used up",
        )
        return Fetched(repository=repository, source=source, way="refused", failure=why)


class _Module:
    """A module in one round."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.came: Fetched | None = None


def _well(state: State) -> bool:
    return state.succeeded_s is not None and state.failure is None


def _of_another_module(came: Fetched) -> bool:
    """Whether rsync was asked in place of RRDP, for a module in which the repository is not."""
    fell = came.source.startswith("rsync:") and bool(came.repository.notify)
    return fell and module(came.repository.rsync_base) != came.source


def _settled(value: Fetched) -> Future[Fetched]:
    future: Future[Fetched] = Future()
    future.set_result(value)
    return future


def _told(fault: BaseException) -> Words:
    if isinstance(fault, (ExchangeRefused, Unavailable)):
        return words(fault.sentence("ko"), fault.sentence("en"))
    text = str(fault)[:200]
    return words(f"디스크 오류: {text}", f"a fault of the disk: {text}")


def _rsync_instead(failed: Fetched, rsync: Callable[[str], Fetched]) -> Fetched:
    """What came of asking rsync where RRDP failed; where both do, both are told."""
    why = failed.failure
    came = rsync(failed.repository.rsync_base).told(repository=failed.repository)
    assert why is not None
    if came.failure is None:
        return came.told(note=why)
    both = words(f"{why.ko} {came.failure.ko}", f"{why.en} {came.failure.en}")
    return came.told(failure=both)


def _failed(repository: Repository, source: str, budget: Budget, why: Words) -> Fetched:
    return Fetched(
        repository=repository,
        source=source,
        way="failed",
        received=budget.received,
        took_s=budget.took_s,
        failure=why,
    )
