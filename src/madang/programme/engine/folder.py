"""Where does a ledger lie on one machine? In a folder that only grows.

    programme.yaml         what was voted, where it is not the one that comes along
    entries/000001.jsonl   one file an act: bookings, in the order of recording
    awards.json            sub-awards and recipients
    closes.json            closed months
    interest.json          interest that grants have earned, each with its paper
    receipts.jsonl         names of evidence files; their contents lie in objects/

Each act is one file, written beside its place and then linked there: it lands whole or not at all,
and of two that come at once the second is refused.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.words import words
from madang.programme.engine import booking, entry_lines, lines
from madang.programme.engine.awards import Award, Nature, Recipient
from madang.programme.engine.ledger import Close, Ledger
from madang.programme.engine.receipts import FileIndex, Receipts
from madang.programme.engine.settlement import Interest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from madang.programme.engine.ledger import Entry

_ACT = re.compile(r"\d{6}\.jsonl")


class Folder:
    """A programme's ledger in a folder.

    Args:
        path: The folder; made with the first act.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def ledger(self) -> Ledger:
        """The ledger as it stands.

        Raises:
            InputError: A file of the folder cannot be read; the sentence names it.
        """
        own = self.path / "programme.yaml"
        programme = lines.read(own.read_bytes()) if own.exists() else lines.load()
        held = self._json("awards.json", {"awards": [], "recipients": []})
        with _named(self.path / "awards.json"):
            recipients = tuple(
                Recipient(**{**each, "nature": Nature(each["nature"])})
                for each in held["recipients"]
            )
            awards = tuple(Award(**_dated(each, _AWARD_DAYS)) for each in held["awards"])
        with _named(self.path / "closes.json"):
            closes = tuple(
                Close(**{**_dated(each, ("month",)), "recorded_at": _moment(each)})
                for each in self._json("closes.json", [])
            )
        return Ledger(
            programme=programme,
            entries=tuple(entry for act in self.acts() for entry in _read(act)),
            closes=closes,
            awards=awards,
            recipients=recipients,
        )

    def acts(self) -> list[Path]:
        """The files of bookings, in the order of recording."""
        folder = self.path / "entries"
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if _ACT.fullmatch(path.name))

    def book(self, entries: Sequence[Entry]) -> Ledger:
        """Book entries as one act, all together.

        Raises:
            BookingRefused: One may not be booked, so none is.
            Unavailable: Somebody else booked at the same moment.
        """
        before = self.acts()
        ledger = booking.append(self.ledger(), entries)
        number = int(before[-1].name[:6]) + 1 if before else 1
        folder = self.path / "entries"
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{number:06d}.{os.getpid()}.partial"
        partial.write_bytes(entry_lines.encode(entries))
        try:
            os.link(partial, folder / f"{number:06d}.jsonl")
        except FileExistsError as fault:
            raise Unavailable(
                words(f"장부 {self.path}", f"the ledger {self.path}"),
                reason=words(
                    "다른 사람이 동시에 기록함", "somebody else booked at the same moment"
                ),
                remedy=words("다시 실행하십시오.", "Run it again."),
            ) from fault
        finally:
            partial.unlink()
        return ledger

    def interest(self) -> tuple[Interest, ...]:
        """Interest that granted money has earned, for the settlement.

        Raises:
            InputError: The file cannot be read; the sentence names it.
        """
        held = self._json("interest.json", [])
        with _named(self.path / "interest.json"):
            return tuple(Interest(**each) for each in held)

    def receipts(self) -> Receipts:
        """The evidence files of the programme."""
        from madang.kernel.store.objects import Objects

        self.path.mkdir(parents=True, exist_ok=True)
        return Receipts(Objects(self.path / "objects"), FileIndex(self.path / "receipts.jsonl"))

    def _json(self, name: str, default: Any) -> Any:
        path = self.path / name
        if not path.exists():
            return default
        with _named(path):
            return json.loads(path.read_text(encoding="utf-8"))


_AWARD_DAYS = ("signed_on", "announced_on", "spendable_by")


@contextmanager
def _named(path: Path, line: int = 0) -> Iterator[None]:
    """What cannot be read inside is told with the name of the file."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as fault:
        at = f"{path}:{line}" if line else str(path)
        raise InputError(
            words(f"읽을 수 없는 {at}", f"{at}, unreadable"),
            words("이 명령이 쓴 그대로의 파일", "the file as this command wrote it"),
            words("백업에서 복원하십시오.", "Restore it from a backup."),
        ) from fault


def _read(act: Path) -> list[Entry]:
    found = []
    for number, line in enumerate(act.read_text(encoding="utf-8").splitlines(), start=1):
        with _named(act, number):
            found.append(entry_lines.decode(line))
    return found


def _moment(plain: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(plain["recorded_at"])


def _dated(plain: dict[str, Any], days: Sequence[str]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name in days and value else value
        for name, value in plain.items()
    }
