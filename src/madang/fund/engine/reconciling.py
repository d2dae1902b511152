"""Does everything agree, to the won? Checks that look at a fund's books from two sides each."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine.book import Book
from madang.fund.engine.ledger.accounts import CHART, DISTRIBUTED, MEMO, Account
from madang.fund.engine.ledger.entry import GENESIS, Kind, chained
from madang.fund.engine.waterfall import history
from madang.fund.engine.waterfall.standing import Standing
from madang.fund.engine.waterfall.tiers import Part, settled
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.fund.engine.ledger.entry import Entry


class Check(NamedTuple):
    """One thing seen from two sides."""

    title: Words
    one: int
    other: int

    @property
    def agrees(self) -> bool:
        """Whether both sides are the same to the won."""
        return self.one == self.other


def reconcile(book: Book) -> tuple[Check, ...]:
    """Every check of one fund.

    The two sides of a check come from different places: balances from postings, sums of facts,
    and a replay of every distribution from nothing but the payments before it.
    """
    return (
        *_sums(book),
        *_partners(book),
        *_replayed(book),
        Check(words("기록의 연결", "Chain of entries"), *_chain(book)),
    )


def _sums(book: Book) -> Iterator[Check]:
    journal = book.journal
    money_krw = sum(journal.total(name) for name in CHART if name not in MEMO)
    yield Check(words("차변과 대변", "Debits and credits"), money_krw, 0)
    promises = sum(journal.total(name) for name in MEMO)
    yield Check(words("약정 계정의 차변과 대변", "Debits and credits of promises"), promises, 0)
    into = out = 0
    for entry in journal.entries:
        for posting in entry.postings:
            if posting.debit.name == "cash":
                into += posting.amount_krw
            if posting.credit.name == "cash":
                out += posting.amount_krw
    yield Check(words("현금 입금과 출금의 차", "Cash in less cash out"), into - out, book.cash())
    called = sum(
        sum(entry.facts["partners"].values())
        for entry in journal.entries
        if entry.kind is Kind.CALL
    )
    noted = sum(
        posting.amount_krw
        for entry in journal.entries
        if entry.kind is Kind.CALL
        for posting in entry.postings
    )
    yield Check(words("통지한 금액과 기록한 금액", "Calls told and posted"), called, noted)


def _partners(book: Book) -> Iterator[Check]:
    journal = book.journal
    for number in book.partners():
        kept = sum(
            journal.balance(Account(name, number)) for name in ("unfunded", "called", "lapsed")
        )
        drawn = journal.balance(Account("drawn", number))
        recalled = journal.balance(Account("recallable", number))
        yield Check(
            words(f"조합원 {number}의 약정", f"Commitment of partner {number}"),
            kept + drawn + recalled,
            book.committed(number),
        )
    yield Check(
        words("납입액과 약정 사용액", "Paid in and drawn"),
        -journal.total("paid-in"),
        journal.total("drawn"),
    )
    closed = journal.closed_through
    if closed is not None:
        total = sum(book.capital_account(number, closed) for number in book.partners())
        yield Check(
            words("조합원 몫의 합과 순자산", "Capital accounts and net assets"),
            total,
            book.nav(closed),
        )


def _replayed(book: Book) -> Iterator[Check]:
    """Every distribution divided anew, from the flows before it."""
    paid = [
        entry
        for entry in sorted(book.journal.entries, key=lambda each: (each.on, each.number))
        if entry.kind in (Kind.DISTRIBUTION, Kind.IN_KIND)
    ]
    got: dict[str, int] = {}
    again: dict[str, int] = {}
    for entry in paid:
        for taker, won in received(entry).items():
            got[taker] = got.get(taker, 0) + won
        for taker, won in _divided(entry).items():
            again[taker] = again.get(taker, 0) + won
    for taker in sorted(got | again):
        yield Check(
            words(f"분배의 재계산 {taker}", f"Distributions computed anew, {taker}"),
            got.get(taker, 0),
            again.get(taker, 0),
        )
    distributed = sum(entry.facts["amount"] for entry in paid)
    yield Check(
        words("조합원과 운용사가 받은 합", "Partners and manager together"),
        sum(got.values()),
        distributed,
    )


def received(entry: Entry) -> dict[str, int]:
    """What a distribution's postings gave, in won by partner; `carry` for carried interest."""
    found: dict[str, int] = {}
    for posting in entry.postings:
        if posting.debit.name in DISTRIBUTED:
            taker = str(posting.debit.partner)
        elif posting.debit.name == "carried-interest":
            taker = "carry"
        else:
            continue
        found[taker] = found.get(taker, 0) + posting.amount_krw
    return found


def _divided(entry: Entry) -> dict[str, int]:
    """The same from the exact parts that the entry remembers."""
    from madang.fund.engine.waterfall.standing import Lot

    exact = {
        Part(tier, Lot(partner, deal), carry): Fraction(text)
        for tier, partner, deal, carry, text in entry.facts["exact"]
    }
    found: dict[str, int] = {}
    for part, won in settled(exact).items():
        taker = "carry" if part.carry else str(part.lot.partner)
        found[taker] = found.get(taker, 0) + won
    return found


def replayed(book: Book) -> list[Check]:
    """Each distribution again from a standing that knows only the entries before it.

    Unlike `reconcile`, which trusts the exact parts that an entry remembers, this goes through
    the waterfall from the first payment on; it is the slower and the stricter one.
    """
    from madang.fund.engine.waterfall.tiers import allot

    found = []
    ordered = sorted(book.journal.entries, key=lambda each: (each.on, each.number))
    standing: Standing | None = None
    for entry in ordered:
        terms = book.terms(entry.on)
        if standing is None or standing.agreement.digest != terms.digest:
            standing = Standing(terms)
            history.tell(standing, ordered[: ordered.index(entry)])
        if entry.kind in (Kind.DISTRIBUTION, Kind.IN_KIND):
            standing.bring_to(entry.on)
            anew = allot(standing, entry.facts["amount"])
            got = received(entry)
            for number in sorted(standing.natures):
                found.append(
                    Check(
                        words(f"{entry.number}번 기록", f"Entry {entry.number}, {number}"),
                        got.get(str(number), 0),
                        anew.partner(number),
                    )
                )
            found.append(
                Check(
                    words(f"{entry.number}번 성과보수", f"Carry of entry {entry.number}"),
                    got.get("carry", 0),
                    anew.carry,
                )
            )
        history.tell(standing, (entry,))
    return found


def _chain(book: Book) -> tuple[int, int]:
    """How many entries there are, and up to which the digests follow one another."""
    head = GENESIS
    for place, entry in enumerate(book.journal.entries):
        head = chained(head, entry)
        if head != entry.digest:
            return place, len(book.journal.entries)
    return len(book.journal.entries), len(book.journal.entries)


def between(parent: Book, child: Book, *, partner: int) -> tuple[Check, ...]:
    """A fund and its sub-fund: what one paid in and got back, in the books of both.

    Args:
        parent: The fund that is a partner of the other.
        child: The sub-fund.
        partner: The parent's number in the sub-fund.
    """
    name = f"fund:{child.latest.id}"
    paid = got = 0
    for entry in parent.journal.entries:
        if entry.facts.get("company") != name:
            continue
        for posting in entry.postings:
            if posting.credit.name == "cash":
                paid += posting.amount_krw
            if posting.debit.name == "cash":
                got += posting.amount_krw
    journal = child.journal
    received_krw = sum(
        journal.balance(Account(each, partner)) for each in (*DISTRIBUTED, "clawback")
    )
    return (
        Check(
            words("자펀드에 낸 돈", "Paid into the sub-fund"),
            paid,
            -journal.balance(Account("paid-in", partner)),
        ),
        Check(words("자펀드에서 받은 돈", "Received from the sub-fund"), got, received_krw),
    )
