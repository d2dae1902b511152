"""Which entries of a ledger does somebody ask for, and how do their postings leave as rows?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.accounts import Account
    from madang.fund.engine.ledger.entry import Entry, Posting

COLUMNS = (
    *("number", "on", "kind", "debit", "credit", "amount_krw", "tag", "memo", "evidence"),
    *("corrects", "by", "approved_by", "recorded_at", "digest"),
)
"""What a row says of a posting and its entry."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What narrows a list of entries; what is empty narrows nothing."""

    kind: str = ""
    account: str = ""
    """The name of an account."""
    partner: int = 0
    company: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves anything out."""
        return self != Asked()

    def covers(self, entry: Entry) -> bool:
        """Whether an entry's own facts fit."""
        return (
            self.kind in ("", entry.kind.value)
            and (self.since is None or entry.on >= self.since)
            and (self.until is None or entry.on <= self.until)
        )

    def moves(self, posting: Posting) -> bool:
        """Whether one of a posting's accounts fits."""
        return self._fits(posting.debit) or self._fits(posting.credit)

    def _fits(self, account: Account) -> bool:
        return (
            self.account in ("", account.name)
            and self.partner in (0, account.partner)
            and self.company in ("", account.company)
        )


def postings(held: Book, asked: Asked) -> Iterator[tuple[Entry, Posting]]:
    """The postings that fit, each with its entry, in the order of recording."""
    for entry in held.journal.entries:
        if asked.covers(entry):
            for posting in entry.postings:
                if asked.moves(posting):
                    yield entry, posting


def entries(held: Book, asked: Asked) -> list[int]:
    """The numbers of the entries that fit; of those without postings only if no account is asked.

    Args:
        held: The books.
        asked: What narrows the list.
    """
    names_account = bool(asked.account or asked.partner or asked.company)
    return [
        entry.number
        for entry in held.journal.entries
        if asked.covers(entry)
        and (not names_account or any(asked.moves(each) for each in entry.postings))
    ]


def plain(found: Iterable[tuple[Entry, Posting]]) -> Iterator[dict[str, Any]]:
    """Postings as rows of `COLUMNS`."""
    for entry, posting in found:
        yield {
            "number": entry.number,
            "on": entry.on.isoformat(),
            "kind": entry.kind.value,
            "debit": str(posting.debit),
            "credit": str(posting.credit),
            "amount_krw": posting.amount_krw,
            "tag": posting.tag,
            "memo": entry.memo,
            "evidence": " ".join(entry.evidence),
            "corrects": entry.corrects or "",
            "by": entry.by,
            "approved_by": entry.approved_by,
            "recorded_at": clock.stamp(entry.recorded_at),
            "digest": entry.digest,
        }
