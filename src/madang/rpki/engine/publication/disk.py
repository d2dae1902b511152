"""Which calls reach the disk? A narrow port, so that a crash at each of them can be tried."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Disk(Protocol):
    """The calls by which a repository is written."""

    def write(self, path: Path, content: bytes) -> None:
        """Write a new file and its folders; on the disk only after `settle`."""

    def link(self, present: Path, path: Path) -> None:
        """Give a file a second name, in folders made as needed."""

    def settle(self) -> None:
        """Wait until all that was written is on the disk."""

    def rename(self, present: Path, path: Path) -> None:
        """Move a file over another in one step, on the disk when this returns."""

    def point(self, path: Path, target: str) -> None:
        """Make a symbolic link that leads to `target`."""

    def remove(self, path: Path) -> None:
        """Remove a file or a folder with all in it; nothing happens where it is absent."""


class RealDisk:
    """The file system."""

    def write(self, path: Path, content: bytes) -> None:
        """Write a new file and its folders; on the disk only after `settle`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def link(self, present: Path, path: Path) -> None:
        """Give a file a second name, in folders made as needed."""
        try:
            os.link(present, path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(present, path)

    def settle(self) -> None:
        """Wait until all that was written is on the disk."""
        # One call for thousands of files: fsync of each would take minutes on a rotating disk.
        os.sync()

    def rename(self, present: Path, path: Path) -> None:
        """Move a file over another in one step, on the disk when this returns."""
        present.replace(path)
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def point(self, path: Path, target: str) -> None:
        """Make a symbolic link that leads to `target`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def remove(self, path: Path) -> None:
        """Remove a file or a folder with all in it; nothing happens where it is absent."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
