"""How does an entry of the ledger stand in a file? One line of JSON each, everywhere alike."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING

from madang.programme.engine.ledger import Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = tuple(each.name for each in fields(Entry))


def encode(entries: Iterable[Entry]) -> bytes:
    """Entries as JSON lines in UTF-8, in their order; the same entries give the same bytes."""
    return "".join(map(_line, entries)).encode()


def _line(entry: Entry) -> str:
    # `asdict` copies every value as deep as it goes, which takes six times as long.
    plain = {name: getattr(entry, name) for name in _NAMES}
    plain["booked_on"] = entry.booked_on.isoformat()
    plain["recorded_at"] = entry.recorded_at.isoformat()
    return json.dumps(plain, ensure_ascii=False) + "\n"


def decode(line: str) -> Entry:
    """The entry that one line holds.

    Raises:
        ValueError, TypeError, KeyError: It is no line that `encode` wrote.
    """
    plain = json.loads(line)
    plain["kind"] = Kind(plain["kind"])
    plain["booked_on"] = date.fromisoformat(plain["booked_on"])
    plain["recorded_at"] = datetime.fromisoformat(plain["recorded_at"])
    plain["evidence"] = tuple(plain["evidence"])
    return Entry(**plain)
