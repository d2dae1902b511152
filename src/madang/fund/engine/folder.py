"""Where do a fund's books lie on one machine? In a folder that only grows.

    terms/0001.yaml        the agreement, one file a version
    entries/000001.jsonl   one file an act: entries, in the order of recording

Each file is written beside its place and then linked there: it lands whole or not at all, and of
two that come at once the second is refused.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from madang.fund.engine.book import Book
from madang.fund.engine.errors import PostingRefused
from madang.fund.engine.ledger import lines
from madang.fund.engine.ledger.entry import Entry
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.terms import reading
from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from madang.fund.engine.ledger.entry import Draft

_TERMS = re.compile(r"\d{4}\.yaml")
_ACT = re.compile(r"\d{6}\.jsonl")


class Folder:
    """A fund's books in a folder.

    Args:
        path: The folder; made by `open`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, terms: bytes) -> Book:
        """Begin the books of a fund with its agreement.

        Raises:
            InputError: The terms cannot be read, or the folder holds a fund.
        """
        agreement = reading.read(terms)
        if self._files("terms", _TERMS):
            raise InputError(
                words(f"이미 펀드가 있는 폴더 {self.path}", f"a fund in the folder {self.path}"),
                words("비었거나 없는 폴더", "a folder that is empty or not there"),
            )
        self._land("terms", "0001.yaml", terms)
        return Book(agreements=(agreement,), journal=Journal())

    def book(self) -> Book:
        """The books as they stand, every digest computed again.

        Raises:
            InputError: There is no fund, or a file was changed; the sentence names it.
        """
        files = self._files("terms", _TERMS)
        if not files:
            raise InputError(
                words(f"펀드가 없는 폴더 {self.path}", f"no fund in the folder {self.path}"),
                words("펀드의 장부가 있는 폴더", "a folder with a fund's books"),
                words("madang fund open으로 시작하십시오.", "Begin with `madang fund open`."),
            )
        agreements = tuple(reading.read(path.read_bytes()) for path in files)
        entries = [entry for path in self._files("entries", _ACT) for entry in self._entries(path)]
        return Book(agreements=agreements, journal=Journal(entries))

    def add_terms(self, terms: bytes) -> Book:
        """Add the next version of the agreement.

        Raises:
            InputError: It cannot be read, or is not the next version.
        """
        found = self.book().with_terms(reading.read(terms))
        self._land("terms", f"{len(found.agreements):04d}.yaml", terms)
        return found

    def post(
        self, book: Book, drafts: Sequence[Draft], *, by: str, approved_by: str, at: datetime
    ) -> tuple[Entry, ...]:
        """Post drafts to a book of this folder, as one act.

        Raises:
            PostingRefused: They may not be posted; nothing is kept.
            Unavailable: Somebody else posted at the same moment.
        """
        number = len(self._files("entries", _ACT)) + 1
        added = book.journal.append(drafts, by=by, approved_by=approved_by, at=at)
        self._land("entries", f"{number:06d}.jsonl", lines.encode(added))
        return added

    def _files(self, name: str, form: re.Pattern[str]) -> list[Path]:
        folder = self.path / name
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if form.fullmatch(path.name))

    def _entries(self, path: Path) -> list[Entry]:
        found = []
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            entry = lines.decode(text, number=number)
            if not isinstance(entry, Entry):
                raise PostingRefused(
                    words(f"{path} {number}행의 승인 전 기록", f"a draft in {path}:{number}"),
                    words("승인된 기록", "an entry that was approved"),
                )
            found.append(entry)
        return found

    def _land(self, folder: str, name: str, content: bytes) -> None:
        place = self.path / folder
        place.mkdir(parents=True, exist_ok=True)
        partial = place / f".{name}.{os.getpid()}.partial"
        partial.write_bytes(content)
        try:
            os.link(partial, place / name)
        except FileExistsError as fault:
            raise Unavailable(
                words(f"장부 {self.path}", f"the books {self.path}"),
                reason=words(
                    "다른 사람이 동시에 기록함", "somebody else wrote at the same moment"
                ),
                remedy=words("다시 실행하십시오.", "Run it again."),
            ) from fault
        finally:
            partial.unlink()
