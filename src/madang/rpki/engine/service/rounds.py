"""How does the world's state become the routers'? Fetch, judge, apply exceptions, publish, note.

What one repository delivered is judged as soon as it is there: a slow one delays nobody else.
"""

from __future__ import annotations

import queue
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from madang.kernel import clock
from madang.kernel.errors import MadangError
from madang.kernel.words import words
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.fetch.fetched import Fetched, Repository
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.slurm.applying import Applied, apply
from madang.rpki.engine.store.naming import module
from madang.rpki.engine.validation.validator import Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from madang.kernel.words import Words
    from madang.rpki.engine.fetch.fetcher import Fetcher
    from madang.rpki.engine.fetch.fetcher import Round as FetchRound
    from madang.rpki.engine.objects.tal import Tal
    from madang.rpki.engine.payloads import Payloads
    from madang.rpki.engine.rtr.feed import Feed
    from madang.rpki.engine.service.history import History
    from madang.rpki.engine.slurm.exceptions import Slurm
    from madang.rpki.engine.validation.outcome import Outcome
    from madang.rpki.engine.validation.policy import Policy

_LONGEST_GATHER_S: Final = 1.0
"""What arrives within this time is judged together."""
_MOST_WAVES: Final = 64
"""Waves of repositories under way at once; later ones wait."""
_QUIET_S: Final = 0.2
"""Judging begins when nothing has arrived for so long, or the time above is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a round has found so far, or at its end."""

    outcome: Outcome
    applied: Applied
    """What routers are told: the outcome's payloads, with the local exceptions applied."""
    fetched: tuple[Fetched, ...] = ()
    anchors: dict[str, Words] = field(default_factory=dict)
    """Trust anchor → why its certificate could not be fetched."""
    serial: int | None = None
    """The feed's serial number after it."""
    took_s: float = 0.0

    @property
    def payloads(self) -> Payloads:
        """What routers are told."""
        return self.applied.payloads


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What rounds work with."""

    fetcher: Fetcher
    tals: Sequence[Tal]
    policy: Policy
    feed: Feed | None = None
    history: History | None = None
    exceptions: Callable[[], Slurm | None] | None = None
    """Gives the local exceptions (RFC 8416), asked before each wave; none where None."""
    told: Callable[[Round], None] | None = None
    """Hears of every wave of a round."""
    workers: int = 1


class Rounds:
    """Goes round after round, judging only what changed."""

    def __init__(self, equipment: Equipment) -> None:
        self._with = equipment
        self._validator = Validator(
            equipment.fetcher.database, equipment.tals, equipment.policy, workers=equipment.workers
        )
        self._is_baseline = False

    def run(self) -> Round:
        """One round over every trust anchor and every repository below it."""
        began = time.monotonic()
        # Until one round has ended, what comes was only not heard of before.
        self._is_baseline = self._with.history is not None and not self._with.history.totals(
            limit=1
        )
        anchors = self._anchors()
        gathering = _Gathering()
        with self._with.fetcher.round() as fetching, closing(gathering):
            last = self._wave(gathering, anchors, began)
            while gathering.ask(fetching, _named(last.outcome)):
                gathering.wait()
                last = self._wave(gathering, anchors, began)
        self._with.fetcher.tidy()
        return last

    def _anchors(self) -> dict[str, Words]:
        """Fetch the trust anchors' certificates; what failed stays as the store has it."""
        found = {}
        for tal in self._with.tals:
            try:
                self._with.fetcher.anchor(tal.uris, partial(_has_key, tal))
            except MadangError as fault:
                found[tal.name] = words(fault.sentence("ko"), fault.sentence("en"))
        return found

    def _wave(self, gathering: _Gathering, anchors: dict[str, Words], began: float) -> Round:
        """Judge what is there now, and publish what that changed."""
        outcome = self._validator.run(int(clock.epoch_s()))
        use = self._with
        slurm = use.exceptions() if use.exceptions else None
        applied = apply(outcome.payloads, slurm) if slurm else Applied(outcome.payloads)
        serial = None
        # Without a trust anchor nothing is known: routers keep what they have.
        if use.feed is not None and outcome.is_usable:
            # With exceptions, the way from the last set is not the outcome's own.
            change = None if use.exceptions else outcome.change
            serial = use.feed.publish(applied.payloads, change)
        if use.history is not None and (len(outcome.change) or not gathering.asked):
            use.history.record(outcome, serial=serial, baseline=self._is_baseline)
        found = Round(
            outcome=outcome,
            applied=applied,
            fetched=tuple(gathering.came),
            anchors=anchors,
            serial=serial,
            took_s=time.monotonic() - began,
        )
        if use.told:
            use.told(found)
        return found


class _Gathering:
    """Collects what came of repositories while others are still under way."""

    def __init__(self) -> None:
        self.came: list[Fetched] = []
        self.asked: set[Repository] = set()
        self._queue: queue.SimpleQueue[Fetched | Future[None]] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(_MOST_WAVES)
        self._running = 0

    def ask(self, fetching: FetchRound, repositories: Iterable[Repository]) -> bool:
        """Begin to fetch those not asked for in this round; whether anything is under way."""
        # A source is fetched once, however many modules of it fall back to rsync.
        new = [each for each in dict.fromkeys(repositories) if each not in self.asked]
        if new:
            self.asked |= set(new)
            self._running += 1
            wave = self._pool.submit(self._fetch, fetching, tuple(new))
            wave.add_done_callback(self._queue.put)
        return self._running > 0

    def wait(self) -> None:
        """Wait until something came, and a moment longer for what comes with it."""
        self._take(self._queue.get())
        end = time.monotonic() + _LONGEST_GATHER_S
        while self._running and (left := end - time.monotonic()) > 0:
            try:
                self._take(self._queue.get(timeout=min(left, _QUIET_S)))
            except queue.Empty:
                return

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _fetch(self, fetching: FetchRound, repositories: tuple[Repository, ...]) -> None:
        for fetched in fetching.fetch(repositories):
            self._queue.put(fetched)

    def _take(self, came: Fetched | Future[None]) -> None:
        if isinstance(came, Fetched):
            self.came.append(came)
            return
        self._running -= 1
        came.result()  # raises what the wave raised


def _named(outcome: Outcome) -> list[Repository]:
    """Every repository that a CA names, in the order of the visits."""
    return [
        Repository(notify=notify, rsync_base=base, anchor=anchor)
        for notify, base, anchor in dict.fromkeys(
            (notify, module(folder), anchor) for notify, folder, anchor in outcome.repositories()
        )
    ]


def _has_key(tal: Tal, content: bytes) -> bool:
    try:
        return read_certificate(content).key == tal.key
    except Fault:
        return False
