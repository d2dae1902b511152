"""What does a file of payloads say now? Read again when it changes, with local exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from madang.kernel.words import words
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.routes.vrp_files import VrpFile, read_vrps
from madang.rpki.engine.slurm.applying import apply
from madang.rpki.engine.slurm.merging import merged
from madang.rpki.engine.slurm.reading import read_slurm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_Stamp: TypeAlias = tuple[tuple[int, int, int], ...]


class PayloadFile:
    """A file of payloads, and files of local exceptions to it.

    Args:
        file: CSV or JSON, as rpki-client and Routinator write them.
        exceptions: SLURM files.
    """

    def __init__(self, file: Path, exceptions: Sequence[Path] = ()) -> None:
        self._file, self._exceptions = file, tuple(exceptions)
        self._seen: _Stamp = ()

    def read(self) -> VrpFile:
        """What the files say together.

        Raises:
            SettingRefused: One cannot be read, or the exceptions contradict each other.
        """
        # Taken before reading: what is written meanwhile is read once more, never missed.
        self._seen = self._stamp()
        slurm = merged([read_slurm(_content(each), name=each.name) for each in self._exceptions])
        found = read_vrps(self._file)
        if not slurm:
            return found
        return VrpFile(apply(found.payloads, slurm).payloads, found.anchors)

    def has_changed(self) -> bool:
        """Whether a file is another than when it was last read."""
        return self._stamp() != self._seen

    def _stamp(self) -> _Stamp:
        found = []
        for file in (self._file, *self._exceptions):
            try:
                state = file.stat()
            except OSError:
                # Between a removal and its successor; reading will say so if it stays away.
                found.append((0, 0, 0))
                continue
            found.append((state.st_ino, state.st_size, state.st_mtime_ns))
        return tuple(found)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise SettingRefused(
            words(f"읽을 수 없는 파일 {file}", f"the unreadable file {file}"),
            words("읽을 수 있는 SLURM 파일", "a SLURM file that can be read"),
        ) from fault
