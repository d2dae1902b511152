"""Of which postings does a number consist? A question to the ledger that can be asked again.

Every figure of a report that is no ratio is a `Query`; what it adds up can be listed, entry by
entry, from the same words (`Query.read(str(query))`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlencode

from madang.fund.engine.errors import PostingRefused
from madang.fund.engine.ledger.accounts import CHART
from madang.fund.engine.ledger.entry import Kind
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.fund.engine.ledger.accounts import Account
    from madang.fund.engine.ledger.entry import Entry, Posting
    from madang.fund.engine.ledger.journal import Journal


class Found(NamedTuple):
    """One posting that counts, and how many won it adds."""

    entry: Entry
    posting: Posting
    amount_krw: int


@dataclass(frozen=True, kw_only=True)
class Query:
    """The sum of what was posted to accounts, within days."""

    names: tuple[str, ...]
    """Names of accounts."""
    partner: int | None = None
    """Of this partner only."""
    company: str | None = None
    """Of this company only."""
    since: date | None = None
    """The first day that counts."""
    until: date | None = None
    """The last day that counts."""
    sign: int = 1
    """-1 turns credits into positive numbers."""
    kind: str = ""
    """Of entries of this kind only, such as `investment`; empty for all."""
    tag: str | None = None
    """Of postings with this tag only; None for all."""

    def _covers(self, account: Account) -> bool:
        return (
            account.name in self.names
            and self.partner in (None, account.partner)
            and self.company in (None, account.company)
        )

    def within(self, since: date | None, until: date | None) -> Query:
        """The same question of other days."""
        return replace(self, since=since, until=until)

    def of(self, journal: Journal) -> int:
        """The sum, in won."""
        if self.kind or self.tag is not None:
            # Balances know neither kinds nor tags: each posting is looked at.
            return sum(found.amount_krw for found in self.postings(journal))
        before = date.fromordinal(self.since.toordinal() - 1) if self.since else None
        total = 0
        for name in self.names:
            for account in journal.accounts_of(name, self.partner):
                if self._covers(account):
                    total += journal.balance(account, self.until)
                    if before:
                        total -= journal.balance(account, before)
        return self.sign * total

    def postings(self, journal: Journal) -> Iterator[Found]:
        """What it adds up, in the order of recording; a posting may count on both its sides."""
        for entry in journal.entries:
            if (self.since and entry.on < self.since) or (self.until and entry.on > self.until):
                continue
            if self.kind and entry.kind.value != self.kind:
                continue
            for posting in entry.postings:
                if self.tag is not None and posting.tag != self.tag:
                    continue
                sides = self._covers(posting.debit) - self._covers(posting.credit)
                if sides:
                    yield Found(entry, posting, self.sign * sides * posting.amount_krw)

    def __str__(self) -> str:
        """As an address writes it."""
        pairs = [
            ("accounts", ",".join(self.names)),
            ("partner", "" if self.partner is None else str(self.partner)),
            ("company", self.company or ""),
            ("since", self.since.isoformat() if self.since else ""),
            ("until", self.until.isoformat() if self.until else ""),
            ("sign", "-1" if self.sign < 0 else ""),
            ("kind", self.kind),
        ]
        # An empty tag is a question of its own: postings without one.
        tag = [] if self.tag is None else [("tag", self.tag)]
        return urlencode([(key, value) for key, value in pairs if value] + tag)

    @classmethod
    def read(cls, text: str) -> Query:
        """The question that `str` wrote.

        Raises:
            PostingRefused: It asks for accounts that there are not, or days that are none.
        """
        try:
            asked = parse_qs(text, keep_blank_values=True)
            found = {key: values[0] for key, values in asked.items()}
            names = tuple(found["accounts"].split(","))
            if not set(names) <= set(CHART):
                raise KeyError(names)
            return cls(
                names=names,
                partner=int(found["partner"]) if "partner" in found else None,
                company=found.get("company"),
                since=date.fromisoformat(found["since"]) if "since" in found else None,
                until=date.fromisoformat(found["until"]) if "until" in found else None,
                sign=-1 if found.get("sign") == "-1" else 1,
                kind=Kind(found["kind"]).value if "kind" in found else "",
                tag=found.get("tag"),
            )
        except (KeyError, ValueError) as fault:
            raise PostingRefused(
                words(f"주소의 조건 {text[:80]!r}", f"the question {text[:80]!r}"),
                words("보고서의 칸이 가리키는 주소", "the address behind a cell of a report"),
            ) from fault
