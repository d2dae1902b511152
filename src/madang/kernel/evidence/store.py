"""Where do a log's bytes stand, so that no lost write breaks it and no two writers fork it?

A store keeps three things: the *leaves* (canonical statements), the complete *nodes* of the tree
over them (`merkle.position`), and the last signed *checkpoint*. The checkpoint rules: whatever
stands beyond the size it states was never part of the log. `FileStore` keeps them in a folder; a
database keeps the same bytes in rows.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.evidence import merkle
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

ENTRIES = "entries.jsonl"
"""One leaf a line; canonical JSON has no line break within."""
TREE = "tree.bin"
"""The complete nodes, a record each: hash (32 bytes), end of its last line (8, big-endian)."""
CHECKPOINT = "checkpoint"
_NEW_CHECKPOINT = "checkpoint.new"
_LOCK = "lock"
RECORD_BYTES = merkle.HASH_BYTES + 8


class Leaf(NamedTuple):
    """A new leaf: its content, and the hashes of the nodes that it completes, its own first."""

    content: bytes
    nodes: Sequence[bytes]


class LogStore(Protocol):
    """What a log needs of the place where it stands."""

    def alone(self) -> AbstractContextManager[None]:
        """Hold the only right to commit, over all processes; wait for it."""
        ...

    def checkpoint(self) -> bytes:
        """The last committed signed checkpoint; empty where nothing was ever committed."""
        ...

    def leaves(self, start: int, stop: int) -> Iterator[bytes]:
        """The committed leaves [start, stop), in order."""
        ...

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete node (`merkle.Node`)."""
        ...

    def commit(self, size: int, leaves: Sequence[Leaf], checkpoint: bytes) -> None:
        """Put leaves and nodes after the first `size` leaves, then the checkpoint: all or nothing.

        Whatever stood after `size` leaves is dropped. When this returns, a loss of power loses
        nothing of it. Call it only while `alone`.
        """
        ...


def record(nodes: Sequence[bytes], end: int) -> bytes:
    """The records of the nodes that one leaf completes.

    Args:
        nodes: Their hashes, the leaf's own first.
        end: Where the leaf's line ends in the file of entries, in bytes.
    """
    return b"".join(node + end.to_bytes(8, "big") for node in nodes)


class FileStore:
    """A log in a folder of its own.

    Args:
        folder: Made where it does not exist.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the only right to commit (flock on a file in the folder; a crash releases it)."""
        with _writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / _LOCK).open("ab")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def checkpoint(self) -> bytes:
        """The last committed checkpoint; empty where the folder holds no log yet.

        Raises:
            InputError: There are entries but no checkpoint: somebody took it away.
        """
        try:
            return (self.folder / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            # The first commit writes a checkpoint before any entry: this is no unfinished start.
            if self._length(ENTRIES):
                raise _damaged(self.folder / CHECKPOINT) from None
            return b""

    def leaves(self, start: int, stop: int) -> Iterator[bytes]:
        """The leaves [start, stop).

        Raises:
            InputError: Entries that a checkpoint had covered are missing.
        """
        if start >= stop:
            return
        begin = self._end(start)
        with self._opened(ENTRIES) as file:
            file.seek(begin)
            for _ in range(start, stop):
                line = file.readline()
                if not line.endswith(b"\n"):
                    raise _damaged(self.folder / ENTRIES)
                yield line[:-1]

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete node.

        Raises:
            InputError: The file of nodes is damaged.
        """
        return self._record(level, index)[: merkle.HASH_BYTES]

    def commit(self, size: int, leaves: Sequence[Leaf], checkpoint: bytes) -> None:
        """Write entries, nodes, then the checkpoint, each safe on disk before the next begins.

        Raises:
            InputError: The folder does not hold the `size` leaves it should; nothing was written.
        """
        end = self._checked_end(size)
        lines, nodes = _tail(leaves, end)
        new = self.folder / _NEW_CHECKPOINT
        with _writing(self.folder):
            # The first commit makes both files, so that their names are safe before any entry is.
            if leaves or not size:
                _put(self.folder / ENTRIES, end, lines)
                _put(self.folder / TREE, merkle.node_count(size) * RECORD_BYTES, nodes)
            _put(new, 0, checkpoint)
            new.replace(self.folder / CHECKPOINT)
            _sync_folder(self.folder)

    def _checked_end(self, size: int) -> int:
        """Where the first `size` leaves end: a cut at a wrong place would lose covered entries."""
        if not size:
            return 0
        (last,) = self.leaves(size - 1, size)
        end = self._end(size)
        if (
            merkle.leaf_hash(last) != self.node(0, size - 1)
            or end != self._end(size - 1) + len(last) + 1
        ):
            raise _damaged(self.folder / ENTRIES)
        return end

    def _end(self, size: int) -> int:
        """Where the first `size` leaves end in the file of entries, in bytes."""
        return int.from_bytes(self._record(0, size - 1)[merkle.HASH_BYTES :]) if size else 0

    def _record(self, level: int, index: int) -> bytes:
        with self._opened(TREE) as file:
            start = merkle.position(level, index) * RECORD_BYTES
            found = os.pread(file.fileno(), RECORD_BYTES, start)
        if len(found) != RECORD_BYTES:
            raise _damaged(self.folder / TREE)
        return found

    def _opened(self, name: str) -> BinaryIO:
        try:
            return (self.folder / name).open("rb")
        except OSError as fault:
            raise _damaged(self.folder / name) from fault

    def _length(self, name: str) -> int:
        path = self.folder / name
        return path.stat().st_size if path.exists() else 0


def _tail(leaves: Sequence[Leaf], end: int) -> tuple[bytes, bytes]:
    """The lines and the records of new leaves, where the lines before end at `end`."""
    lines, nodes = [], []
    for leaf in leaves:
        lines.append(leaf.content + b"\n")
        end += len(lines[-1])
        nodes.append(record(leaf.nodes, end))
    return b"".join(lines), b"".join(nodes)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say whose business it is when the folder cannot be written."""
    try:
        yield
    except OSError as fault:
        raise Unavailable(
            words(f"증거 로그 폴더 {folder}", f"the evidence log's folder {folder}"),
            reason=fault.strerror or str(fault),
            remedy=words(
                "디스크 공간과 쓰기 권한을 확인하십시오. 기록된 항목은 그대로입니다.",
                "Check disk space and permissions; what was recorded is intact.",
            ),
        ) from fault


def _put(path: Path, start: int, content: bytes) -> None:
    """Let the content stand at `start` as the file's end, and on disk."""
    with open(path, "r+b" if path.exists() else "xb") as file:
        file.truncate(start)
        file.seek(start)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(path: Path) -> InputError:
    return InputError(
        words(f"손상된 증거 로그 파일 {path}", f"a damaged file of the evidence log: {path}"),
        words("마지막 체크포인트까지의 모든 항목", "everything that the last checkpoint covers"),
        words(
            "'madang evidence verify 폴더'로 위치를 확인하고 백업에서 복구하십시오.",
            "Find the place with `madang evidence verify FOLDER` and restore it from a backup.",
        ),
    )
