"""How does a copy follow its RRDP repository? By deltas where they lead on, else by the snapshot.

Each delta is one step of the store, so that an interrupted refresh goes on where it was. What was
announced once must stay as it was announced: a delta whose digest changes shows that repository
and copy are out of step (RFC 8182 section 3.4, RFC 9697).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.errors import ExchangeRefused, Unreachable
from madang.rpki.engine.fetch.budget import BudgetSpent
from madang.rpki.engine.fetch.http import Visit
from madang.rpki.engine.fetch.rrdp import (
    NotificationReader,
    delta_reader,
    snapshot_reader,
    way,
)
from madang.rpki.engine.store.state import Mark
from madang.rpki.engine.store.update import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from madang.kernel.words import Words
    from madang.rpki.engine.fetch.budget import Budget
    from madang.rpki.engine.fetch.elements import Elements
    from madang.rpki.engine.fetch.policy import Policy
    from madang.rpki.engine.fetch.rrdp import Notification, Reference
    from madang.rpki.engine.fetch.uri import HttpsUri
    from madang.rpki.engine.store.database import Database
    from madang.rpki.engine.store.state import State

_CHUNK = 1 << 18
_SMALL = 1 << 20
"""Bytes of a file that is taken over at once."""


class Followed(NamedTuple):
    """How a copy came to the present state."""

    way: Literal["unchanged", "delta", "snapshot"]
    counts: Counts
    note: Words | None
    """Why the snapshot was taken although there was a copy."""


class Following:
    """One refresh of one repository over RRDP.

    Args:
        database: Where the copy is.
        uri: The notification.
        budget: What it may cost.
        policy: The limits, and how servers are reached.
        spool: A folder for files that are not proved yet.
        turns: How many large files may be taken over at the same time, all repositories together.
    """

    def __init__(
        self,
        database: Database,
        uri: HttpsUri,
        *,
        budget: Budget,
        policy: Policy,
        spool: Path,
        turns: threading.Semaphore | None = None,
    ) -> None:
        self._database, self._uri, self._source = database, uri, str(uri)
        self._budget, self._policy, self._spool = budget, policy, spool
        self._turns = turns or threading.Semaphore()
        self._size = 0

    def follow(self) -> Followed:
        """Bring the copy to the present state.

        Raises:
            BudgetSpent: The repository costs more than it may.
            ExchangeRefused: What it sent is not to be accepted.
            Unreachable: It cannot be reached.
        """
        state = self._database.state(self._source)
        held = Mark() if state is None else state.mark
        with Visit(self._budget, self._policy) as visit:
            reader = NotificationReader(self._uri)
            answer = visit.get(
                self._uri,
                reader.feed,
                largest=self._policy.notification_size,
                etag=held.etag,
                modified=held.modified,
            )
            if not answer.changed:
                return _unchanged()
            told = reader.finish()
            mark = Mark(
                session=told.session,
                serial=told.serial,
                etag=answer.etag,
                modified=answer.modified,
                deltas=_newest(told, self._policy.deltas),
            )
            return self._reach(visit, told, mark, state)

    def _reach(
        self, visit: Visit, told: Notification, mark: Mark, state: State | None
    ) -> Followed:
        held = Mark() if state is None else state.mark
        if state is None or not held.session:
            return self._snapshot(visit, told, mark, note=None)
        why = _why_not(told, held, most=self._policy.deltas)
        if why is None:
            try:
                return self._deltas(visit, told, mark, state)
            except BudgetSpent:
                raise
            except (ExchangeRefused, Unreachable) as fault:
                why = words(fault.sentence("ko"), fault.sentence("en"))
        return self._snapshot(visit, told, mark, note=why)

    def _deltas(self, visit: Visit, told: Notification, mark: Mark, state: State) -> Followed:
        held = state.mark
        steps = way(told, held.serial, most=self._policy.deltas)
        assert steps is not None
        counts, objects = Counts(0, 0, 0), state.objects
        for step in steps:
            # Until the last one the copy is of no notification that the server knows.
            passed = Mark(session=held.session, serial=step.serial, deltas=mark.deltas)
            moved = self._delta(visit, step, mark if step is steps[-1] else passed, objects)
            objects += moved.added - moved.withdrawn
            counts = Counts(*map(sum, zip(counts, moved, strict=True)))
        if steps:
            return Followed("delta", counts, None)
        if mark != held:
            with self._database.update(self._source, whole=False) as update:
                update.commit(mark)
        return _unchanged()

    def _delta(self, visit: Visit, step: Reference, mark: Mark, objects: int) -> Counts:
        changes = 0
        with (
            self._proved(visit, step) as file,
            self._turn(file),
            self._database.update(self._source, whole=False) as update,
        ):

            def change(uri: str, content: bytes | None, over: bytes | None) -> None:
                nonlocal changes
                changes += 1
                if changes > self._policy.delta_changes:
                    raise _too_many(step, self._policy.delta_changes)
                if content is None:
                    assert over is not None
                    update.withdraw(uri, over=over)
                else:
                    self._budget.hold(objects + changes)
                    update.publish(uri, content, over=over)

            largest = self._policy.object_size
            self._read(file, delta_reader(step, mark.session, change=change, largest=largest))
            return update.commit(mark)

    def _snapshot(
        self, visit: Visit, told: Notification, mark: Mark, *, note: Words | None
    ) -> Followed:
        held = 0
        with (
            self._proved(visit, told.snapshot) as file,
            self._turn(file),
            self._database.update(self._source, whole=True) as update,
        ):

            def publish(uri: str, content: bytes) -> None:
                nonlocal held
                held += 1
                self._budget.hold(held)
                update.put(uri, content)

            largest = self._policy.object_size
            reader = snapshot_reader(told.snapshot, told.session, publish=publish, largest=largest)
            self._read(file, reader)
            return Followed("snapshot", update.commit(mark), note)

    def _proved(self, visit: Visit, reference: Reference) -> IO[bytes]:
        """The file, whole on the disk, with the digest that was announced.

        Nothing of it is read before: what a parser meets was at least what the repository meant.
        """
        digest = hashlib.sha256()
        # No name leads to it, so that a crash leaves nothing behind.
        file: IO[bytes] = tempfile.TemporaryFile(dir=self._spool)
        try:

            def sink(part: bytes) -> None:
                digest.update(part)
                self._size += len(part)
                if self._size > 2 * self._policy.size:  # as Base64, unpacked
                    raise self._budget.too_large()
                file.write(part)

            visit.get(reference.uri, sink, largest=2 * self._policy.size)
            if digest.digest() != reference.digest:
                raise _other_digest(reference, digest.hexdigest())
        except BaseException:
            file.close()
            raise
        return file

    @contextmanager
    def _turn(self, file: IO[bytes]) -> Iterator[None]:
        """Wait until a large file may be taken over.

        The objects in it may be large too. Many repositories that send such files at the same
        moment must not fill the memory; small ones pass them by.
        """
        if file.seek(0, os.SEEK_END) <= _SMALL:
            file.seek(0)
            yield
            return
        file.seek(0)
        while not self._turns.acquire(timeout=0.5):
            self._budget.left_s()
        try:
            yield
        finally:
            self._turns.release()

    def _read(self, file: IO[bytes], reader: Elements) -> None:
        while part := file.read(_CHUNK):
            self._budget.left_s()
            reader.feed(part)
        reader.finish()


def _unchanged() -> Followed:
    return Followed("unchanged", Counts(0, 0, 0), None)


def _newest(told: Notification, most: int) -> dict[int, str]:
    newest = sorted(told.deltas, reverse=True)[:most]
    return {serial: told.deltas[serial].digest.hex() for serial in newest}


def _why_not(told: Notification, held: Mark, *, most: int) -> Words | None:
    """Why deltas do not lead from the copy to the present state; None where they do."""
    if told.session != held.session:
        return words("새 세션이 시작됨", "a new session began")
    if told.serial < held.serial:
        return words(
            f"일련번호가 {held.serial}에서 {told.serial}(으)로 줄어듦",
            f"the serial fell from {held.serial} to {told.serial}",
        )
    for serial, digest in held.deltas.items():
        now = told.deltas.get(serial)
        if now is not None and now.digest.hex() != digest:
            return words(
                f"델타 {serial}의 해시가 바뀜 (RFC 9697)",
                f"the digest of delta {serial} has changed (RFC 9697)",
            )
    if way(told, held.serial, most=most) is None:
        return words(
            f"델타가 {held.serial}에서 {told.serial}까지 이어지지 않음",
            f"the deltas do not lead from {held.serial} to {told.serial}",
        )
    return None


def _other_digest(reference: Reference, found: str) -> ExchangeRefused:
    return ExchangeRefused(
        words(f"{reference.uri}의 해시 {found}", f"the digest {found} of {reference.uri}"),
        words(
            f"알림에 적힌 {reference.digest.hex()}",
            f"{reference.digest.hex()}, as the notification has it",
        ),
    )


def _too_many(step: Reference, most: int) -> ExchangeRefused:
    return ExchangeRefused(
        words(f"{step.uri}의 변경 {most:,}개 초과", f"more than {most:,} changes in {step.uri}"),
        words(f"{most:,}개 이하", f"at most {most:,}"),
    )
