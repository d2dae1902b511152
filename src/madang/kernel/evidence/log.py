"""What was recorded, in which order? An append-only log of statements under signed checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle, note
from madang.kernel.evidence.note import Checkpoint
from madang.kernel.evidence.statement import Statement
from madang.kernel.evidence.store import FileStore, Leaf
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from madang.kernel.evidence.keys import SigningKey, VerifyingKey
    from madang.kernel.evidence.store import LogStore


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A statement and its place in the log, counted from 0."""

    index: int
    statement: Statement


class _Seen(NamedTuple):
    """A checkpoint this log has seen, and the peaks of its tree."""

    note: bytes
    head: Checkpoint
    stack: list[bytes]


class Log:
    """A log that this key signs. A store without a log gets an empty one.

    Several processes may append to one store; what one call of `append` records stands in the log
    whole and in one piece, in an order that all of them share.

    Raises:
        InputError: The store's log is signed by another key, or is damaged.
    """

    def __init__(self, store: LogStore, key: SigningKey) -> None:
        self._store, self._key = store, key
        self._seen: _Seen | None = None
        if not store.checkpoint():
            with store.alone():
                if not store.checkpoint():
                    store.commit(0, (), self._signed(0, merkle.EMPTY_ROOT))
        self._look()

    def append(self, statements: Sequence[Statement]) -> tuple[Entry, ...]:
        """Record statements together: all or, if power fails, none. Safe on disk on return.

        Returns:
            The statements with their places.

        Raises:
            InputError: The log was damaged, rolled back or forked; nothing was written.
            ValueError: A statement cannot be written as JSON; nothing was written.
        """
        contents = [statement.canonical() for statement in statements]
        if not contents:
            return ()
        with self._store.alone():
            _, head, stack = self._look()
            leaves = []
            for size, content in enumerate(contents, start=head.size):
                nodes, stack = merkle.grow(stack, size, merkle.leaf_hash(content))
                leaves.append(Leaf(content, nodes))
            signed = self._signed(head.size + len(leaves), merkle.root_of(stack))
            self._store.commit(head.size, leaves, signed)
            self._look(stack)
        return tuple(
            Entry(index=index, statement=statement)
            for index, statement in enumerate(statements, start=head.size)
        )

    @property
    def signer(self) -> VerifyingKey:
        """The key that a reader pins."""
        return self._key.verifier

    def checkpoint(self) -> bytes:
        """The last checkpoint, as the signed note that readers verify."""
        return self._look().note

    def head(self) -> Checkpoint:
        """Size and root that the last checkpoint states."""
        return self._look().head

    def __len__(self) -> int:
        return self.head().size

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """The entries [start, stop), to the end where `stop` is None."""
        size = len(self)
        leaves = self._store.leaves(start, size if stop is None else min(stop, size))
        for index, leaf in enumerate(leaves, start=start):
            yield Entry(index=index, statement=Statement.decode(leaf))

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that entry `index` stands in the log of `size` entries.

        Raises:
            ValueError: Not 0 ≤ index < size ≤ len(log).
        """
        self._check_size(size)
        return merkle.inclusion_proof(index, size, self._store.node)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the log of `new` entries only adds to the log of `old` entries.

        Raises:
            ValueError: Not 0 ≤ old ≤ new ≤ len(log).
        """
        self._check_size(new)
        return merkle.consistency_proof(old, new, self._store.node)

    def _check_size(self, size: int) -> None:
        if size > len(self):
            raise ValueError(f"the log has {len(self)} entries, not {size}")

    def _signed(self, size: int, root: bytes) -> bytes:
        return note.sign(Checkpoint(origin=self._key.name, size=size, root=root).text(), self._key)

    def _look(self, stack: list[bytes] | None = None) -> _Seen:
        """The last checkpoint, verified, and shown to continue the one seen before."""
        content, before = self._store.checkpoint(), self._seen
        if before and before.note == content:
            return before
        head = Checkpoint.parse(note.open_signed(content, self._key.verifier))
        if stack is None:
            stack = [self._store.node(*peak) for peak in merkle.peaks(head.size)]
        if merkle.root_of(stack) != head.root:
            raise _broken(
                words("체크포인트와 다른 트리", "a tree that differs from its checkpoint")
            )
        if before and not self._continues(before.head, head):
            raise _broken(
                words("되돌려졌거나 갈라진 로그", "a log that was rolled back or forked")
            )
        self._seen = _Seen(content, head, stack)
        return self._seen

    def _continues(self, before: Checkpoint, head: Checkpoint) -> bool:
        if head.size < before.size:
            return False
        proof = merkle.consistency_proof(before.size, head.size, self._store.node)
        return merkle.verify_consistency(
            old=before.size,
            old_root=before.root,
            new=head.size,
            new_root=head.root,
            proof=proof,
        )


class FileLog(Log):
    """A log in a folder of its own."""

    def __init__(self, folder: Path | str, key: SigningKey) -> None:
        super().__init__(FileStore(folder), key)


def _broken(found: Words) -> InputError:
    return InputError(
        found,
        words("덧붙이기만 한 로그", "a log that was only ever added to"),
        words(
            "'madang evidence verify 폴더'로 위치를 확인하고 백업에서 복구하십시오.",
            "Find the place with `madang evidence verify FOLDER` and restore it from a backup.",
        ),
    )
