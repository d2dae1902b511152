"""Where does a validator keep what is its own? One folder with everything in it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from madang.kernel.words import words
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.objects.tal import read_tal, read_tal_file
from madang.rpki.engine.slurm.merging import merged
from madang.rpki.engine.slurm.reading import read_slurm

if TYPE_CHECKING:
    from pathlib import Path

    from madang.rpki.engine.objects.tal import Tal
    from madang.rpki.engine.slurm.exceptions import Slurm

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_LARGEST_TAL: Final = 65_536


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one validator."""

    folder: Path

    @property
    def store(self) -> Path:
        """The file of what was fetched."""
        return self.folder / "store.sqlite3"

    @property
    def fetching(self) -> Path:
        """For files that are on their way."""
        return self.folder / "fetching"

    @property
    def feed(self) -> Path:
        """What the router feed remembers over a restart."""
        return self.folder / "feed.sqlite3"

    @property
    def history(self) -> Path:
        """What came and went, and why."""
        return self.folder / "history.sqlite3"

    @property
    def picture(self) -> Path:
        """What the last round saw, for other processes."""
        return self.folder / "picture.sqlite3"

    @property
    def locators(self) -> Path:
        """The trust-anchor locators, a file each."""
        return self.folder / "tals"

    @property
    def exceptions(self) -> Path:
        """The SLURM files (RFC 8416)."""
        return self.folder / "slurm"

    def prepare(self) -> Workspace:
        """Make the folders that are not there yet."""
        for folder in (self.locators, self.exceptions, self.fetching):
            folder.mkdir(parents=True, exist_ok=True)
        return self

    def tals(self) -> tuple[Tal, ...]:
        """The locators, by name.

        Raises:
            SettingRefused: A file is none.
        """
        return tuple(read_tal_file(path) for path in sorted(self.locators.glob("*.tal")))

    def slurm(self) -> Slurm | None:
        """The local exceptions of all files together; None where there is no file.

        Raises:
            SettingRefused: A file cannot be read, or two speak of the same numbers.
        """
        files = sorted(self.exceptions.glob("*.json"))
        if not files:
            return None
        return merged([read_slurm(path.read_bytes(), name=path.name) for path in files])

    def add_tal(self, name: str, content: bytes) -> Tal:
        """Take a locator in; one of the same name is replaced.

        Raises:
            SettingRefused: It is none, or the name cannot be a file's.
        """
        if not _NAME.fullmatch(name) or len(content) > _LARGEST_TAL:
            raise SettingRefused(
                words(f"신뢰 앵커 이름 {name[:70]!r}", f"the trust anchor's name {name[:70]!r}"),
                words("영문자, 숫자, -와 _만 63자까지", "letters, digits, - and _, at most 63"),
            )
        tal = read_tal(content, name)
        self.locators.mkdir(parents=True, exist_ok=True)
        place = self.locators / f"{name}.tal"
        draft = place.with_suffix(".new")
        draft.write_bytes(content)
        os.replace(draft, place)
        return tal

    def remove_tal(self, name: str) -> None:
        """Trust this anchor no more, from the next round on.

        Raises:
            SettingRefused: There is none of this name.
        """
        place = self.locators / f"{name}.tal"
        if not _NAME.fullmatch(name) or not place.is_file():
            names = ", ".join(each.stem for each in sorted(self.locators.glob("*.tal"))) or "-"
            raise SettingRefused(
                words(f"신뢰 앵커 {name[:70]!r}", f"the trust anchor {name[:70]!r}"),
                words(f"있는 이름: {names}", f"one that is there: {names}"),
            )
        place.unlink()
