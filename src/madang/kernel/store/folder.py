"""How is a content written to a local folder whole or not at all, power cuts included?

Written to a temporary name, flushed to the disk, renamed, and the folder flushed: after a crash
the name holds the old content, the new one, or nothing, never half of one.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_UNFINISHED = "unfinished"


class Folder:
    """A local folder that holds contents under names such as `ab/<digest>`.

    Args:
        path: The folder; made, open to its owner alone, where it does not exist.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path).absolute()
        with _telling(self._path):
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._unfinished.mkdir(mode=0o700, exist_ok=True)

    @property
    def _unfinished(self) -> Path:
        return self._path / _UNFINISHED

    def address(self, name: str) -> str:
        """The path of this name."""
        return str(self._path / name)

    def open(self, name: str) -> BinaryIO:
        """See `objects.Place.open`."""
        with _telling(self._path, unless=FileNotFoundError):
            return (self._path / name).open("rb")

    def has(self, name: str) -> bool:
        """See `objects.Place.has`."""
        with _telling(self._path):
            return (self._path / name).is_file()

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """See `objects.Place.write`."""
        target = self._path / name
        written = self._unfinished / secrets.token_hex(16)
        with _telling(self._path):
            try:
                _write_durably(written, pieces)
                target.parent.mkdir(mode=0o700, exist_ok=True)
                written.replace(target)
            finally:
                written.unlink(missing_ok=True)
        self.settle(name)

    def settle(self, name: str) -> None:
        """See `objects.Place.settle`."""
        with _telling(self._path):
            _flush_folder((self._path / name).parent)
            _flush_folder(self._path)

    def names(self) -> Iterator[str]:
        """See `objects.Place.names`."""
        with _telling(self._path):
            folders = sorted(each for each in self._path.iterdir() if each.is_dir())
        for folder in folders:
            with _telling(self._path):
                found = sorted(each.name for each in folder.iterdir())
            yield from (f"{folder.name}/{name}" for name in found)

    def sweep(self, *, older_than_s: float = 86_400.0) -> int:
        """Remove what killed writers left behind.

        Args:
            older_than_s: Spare younger files: their writers may be at work.

        Returns:
            How many files were removed.
        """
        count = 0
        for file in self._unfinished.iterdir():
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < clock.epoch_s() - older_than_s:
                    file.unlink()
                    count += 1
        return count


def _write_durably(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _telling(path: Path, *, unless: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """What the disk refused, told to the operator; `unless` passes to who knows its meaning."""
    try:
        yield
    except unless:
        raise
    except OSError as fault:
        raise Unavailable(
            words(f"저장 폴더 {path}", f"object folder {path}"),
            reason=fault.strerror or type(fault).__name__,
            remedy=words(
                "디스크 여유 공간과 쓰기 권한을 확인하십시오.",
                "Check the free space and the right to write.",
            ),
        ) from fault
