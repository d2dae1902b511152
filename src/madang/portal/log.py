"""How does the evidence log stand in the database, with the same bytes and proofs as in a folder?

`DatabaseStore` is the log's place: entries, tree nodes and the signed checkpoint in rows.
Appending happens inside the caller's transaction, so that what a service changes and what the log
says of it become true together, or not at all. From the first append to the end of its transaction
nobody else can append: change the rows first, remember last, and no two wait for each other.
"""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle
from madang.kernel.evidence.keys import SigningKey
from madang.kernel.evidence.log import Log
from madang.kernel.evidence.statement import Statement, predicate_type, salted_digest
from madang.kernel.evidence.store import Leaf
from madang.kernel.words import words
from madang.portal import acting
from madang.portal.models import ErasableValue, LogEntry, LogHead, LogNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from madang.kernel.evidence.log import Entry
    from madang.portal.models import User

KEY_NAME = "madang-site"
KEY_FILE = "evidence.key"


class DatabaseStore:
    """A `kernel.evidence.store.LogStore` in the site's database."""

    def __init__(self) -> None:
        self._size = 0
        # A complete node never changes, and no store outlives the transaction it was made for.
        self._nodes: dict[int, bytes] = {}
        self._held: bytes | None = None
        """The checkpoint, while nobody else can change it."""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the row of the checkpoint until the outermost transaction ends."""
        if self._held is not None:
            yield
            return
        with transaction.atomic(savepoint=False):
            held = LogHead.objects.select_for_update().filter(pk=1)
            if (head := held.first()) is None:
                # Whoever comes first makes the row; who comes at the same time waits for it here.
                LogHead.objects.bulk_create([LogHead(pk=1, checkpoint=b"")], ignore_conflicts=True)
                head = held.get()
            self._held, self._size = bytes(head.checkpoint), head.size
            try:
                yield
            finally:
                self._held = None

    def checkpoint(self) -> bytes:
        """The last committed checkpoint; empty where nothing was ever recorded."""
        if self._held is not None:
            return self._held
        head = LogHead.objects.filter(pk=1).first()
        if head is None:
            return b""
        self._size = head.size
        return bytes(head.checkpoint)

    def leaves(self, start: int, stop: int) -> Iterator[bytes]:
        """The entries [start, stop), in order.

        Raises:
            InputError: An entry that a checkpoint had covered is missing.
        """
        found = LogEntry.objects.filter(index__gte=start, index__lt=stop).order_by("index")
        expected = start
        for index, content in found.values_list("index", "content").iterator(chunk_size=2000):
            if index != expected:
                raise _missing(expected)
            expected += 1
            yield bytes(content)
        if expected < stop:
            raise _missing(expected)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete node.

        Raises:
            InputError: It is missing.
        """
        position = merkle.position(level, index)
        if position not in self._nodes:
            # All peaks are asked for together: each append begins with them.
            peaks = merkle.peaks(self._size)
            wanted = peaks if (level, index) in peaks else [(level, index)]
            self._read(merkle.position(*each) for each in wanted)
        if position not in self._nodes:
            raise _missing(index << level)
        return self._nodes[position]

    def _read(self, positions: Iterable[int]) -> None:
        found = LogNode.objects.filter(pk__in=list(positions)).values_list("position", "hash")
        self._nodes |= {position: bytes(hash_) for position, hash_ in found}

    def commit(self, size: int, leaves: Sequence[Leaf], checkpoint: bytes) -> None:
        """Put entries and nodes after the first `size`, then the checkpoint: all or nothing."""
        LogEntry.objects.bulk_create(
            [_entry(index, leaf) for index, leaf in enumerate(leaves, start=size)]
        )
        new = [hash_ for leaf in leaves for hash_ in leaf.nodes]
        placed = dict(enumerate(new, start=merkle.node_count(size)))
        LogNode.objects.bulk_create(
            [LogNode(position=place, hash=hash_) for place, hash_ in placed.items()]
        )
        LogHead.objects.filter(pk=1).update(checkpoint=checkpoint, size=size + len(leaves))
        self._nodes |= placed
        self._held, self._size = checkpoint, size + len(leaves)


def _entry(index: int, leaf: Leaf) -> LogEntry:
    kind, subject = found_by(Statement.decode(leaf.content))
    return LogEntry(
        index=index,
        content=leaf.content,
        predicate_type=kind,
        subject=subject,
        by_id=acting.user_id(),
    )


def found_by(statement: Statement) -> tuple[str, str]:
    """Type and subject by which an entry is found."""
    return statement.predicate_type[:200], min(statement.subjects)[:200]


def _missing(index: int) -> InputError:
    return InputError(
        words(f"증거 로그에 없는 {index}번째 항목", f"no entry {index} in the evidence log"),
        words("덧붙이기만 한 로그", "a log that was only ever added to"),
        words("백업에서 복구하십시오.", "Restore the log from a backup."),
    )


@cache
def _key(folder: Path) -> SigningKey:
    file = folder / KEY_FILE
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o700)
        # Of several processes that are the first at the same moment, one makes the key.
        with suppress(InputError):
            SigningKey.generate(KEY_NAME).save(file)
    return SigningKey.load(file)


def signing_key() -> SigningKey:
    """The key that signs the site's log; made at its first use."""
    return _key(settings.DATA / "keys")


def forget_key() -> None:
    """Look for the key anew: another one took its place."""
    _key.cache_clear()


def log() -> Log:
    """The site's log.

    A new one at each call: a log remembers the checkpoint it has seen, and a transaction that was
    rolled back must not be remembered.
    """
    return Log(DatabaseStore(), signing_key())


def append(statements: Sequence[Statement]) -> tuple[Entry, ...]:
    """Record statements within the caller's transaction."""
    if not statements:
        return ()
    store, key = DatabaseStore(), signing_key()
    with store.alone():
        return Log(store, key).append(statements)


def remember(
    noun: str,
    thing: str,
    *,
    by: User | None,
    before: Any = None,
    after: Any = None,
    person: User | None = None,
    **facts: Any,
) -> Entry:
    """Record that somebody changed something: salted digests in the log, the values beside it.

    Args:
        noun: What happened, such as `question-asked`; the predicate's type.
        thing: What it happened to, such as `demand/heart-prognosis`.
        by: The acting user; None for the site itself.
        before: The old value as plain JSON, or None.
        after: The new value as plain JSON, or None.
        person: Whom the values speak of: erasing that person erases them.
        facts: What may stand in the log in the open, as plain JSON.

    Returns:
        The entry with its place in the log.
    """
    with transaction.atomic():
        marks = {
            name: _mark(value, person)
            for name, value in (("before", before), ("after", after))
            if value is not None
        }
        who = _mark({"user": by.pk}, by) if by else ""
        statement = Statement(
            subjects={thing: marks.get("after") or marks.get("before") or _of_name(thing)},
            predicate_type=predicate_type(noun),
            predicate={"thing": thing, "by": who, **marks, **facts},
        )
        (entry,) = append([statement])
    return entry


def _mark(value: Any, person: User | None) -> str:
    """A salted digest; value and salt stand in the erasable table."""
    salt = secrets.token_bytes(32)
    digest = salted_digest(value, salt)
    ErasableValue.objects.create(digest=digest, salt=salt, value=value, person=person)
    return digest


def _of_name(thing: str) -> str:
    from madang.kernel import ids

    return ids.digest(thing.encode())


def text_of(hash_: bytes) -> str:
    """A root as readers compare it."""
    return base64.b64encode(hash_).decode()
