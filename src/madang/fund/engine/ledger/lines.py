"""How do entries travel? One JSON object a line: files can be read, joined and compared."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from madang.fund.engine.errors import PostingRefused
from madang.fund.engine.ledger import accounts
from madang.fund.engine.ledger.entry import Draft, Entry, Kind, Posting, line, plain
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable


def encode(entries: Iterable[Draft]) -> bytes:
    """Entries or drafts as JSON lines in UTF-8."""
    return "".join(line(_whole(each)) + "\n" for each in entries).encode()


def _whole(entry: Draft) -> dict[str, Any]:
    return plain(entry) | ({"digest": entry.digest} if isinstance(entry, Entry) else {})


def decode(text: str, *, number: int = 0) -> Draft:
    """The draft or entry of one line.

    Args:
        text: The line.
        number: Its place in the file, which a refusal names.

    Raises:
        PostingRefused: It is no entry as `encode` writes it.
    """
    try:
        return _read(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise PostingRefused(
            words(f"{number}행: 기록이 아닌 내용", f"no entry in line {number}"),
            words("장부가 쓴 그대로의 행", "a line as the ledger wrote it"),
            words("백업에서 복원하십시오.", "Restore it from a backup."),
        ) from fault


def _read(found: dict[str, Any]) -> Draft:
    common: dict[str, Any] = {
        "on": date.fromisoformat(found["on"]),
        "kind": Kind(found["kind"]),
        "memo": found["memo"],
        "postings": tuple(
            Posting(accounts.read(debit), accounts.read(credit), amount, tag)
            for debit, credit, amount, tag in found["postings"]
        ),
        "facts": found["facts"],
        "evidence": tuple(found["evidence"]),
        "corrects": found["corrects"],
    }
    if "number" not in found:
        return Draft(**common)
    return Entry(
        **common,
        number=found["number"],
        by=found["by"],
        approved_by=found["approved_by"],
        recorded_at=datetime.fromisoformat(found["recorded_at"]),
        digest=found["digest"],
    )
