"""Who has to pay how much, by when, and what if a partner does not?"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.fund.engine import day_count, money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.flows import commitments
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Entry, Kind, Posting
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.book import Book

PURPOSES = ("investment", "fee", "expense", "credit-line")
"""What a call is for; in a deal-by-deal fund also `deal:` and the company."""


def call(
    book: Book,
    *,
    on: date,
    due: date,
    purposes: Mapping[str, int],
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Call capital of all partners, in proportion to their commitments.

    Args:
        book: The fund.
        on: The day of the notice.
        due: By when it is to be paid.
        purposes: Won by purpose, each one of `PURPOSES` or `deal:` and a company.
        evidence: SHA-256 of the papers.

    Raises:
        FlowRefused: More than a partner has left, a purpose that is none, or a due day that has
            passed.
        AmountRefused: An amount is no whole won.
    """
    book.refuse_ended()
    total = _total(purposes)
    if due < on:
        raise FlowRefused(
            words(f"납입 기한 {due}", f"the due day {due}"),
            words(f"통지일 {on} 이후", f"a day from {on} on"),
        )
    committed = {
        number: amount for number in book.partners() if (amount := book.committed(number)) > 0
    }
    unfunded = sum(book.unfunded(number) for number in committed)
    if total > unfunded:
        raise FlowRefused(
            words(f"출자 요청 {total:,d}원", f"a call of {total:,d} won"),
            words(f"출자 잔액 {unfunded:,d}원 이하", f"at most the unfunded {unfunded:,d} won"),
        )
    shares = _shares(book, total, committed)
    number = 1 + max(open_calls(book, settled=True), default=0)
    facts: dict[str, Any] = {
        "number": number,
        "due": due.isoformat(),
        "purposes": dict(purposes),
        "partners": {str(partner): amount for partner, amount in shares.items()},
    }
    postings = tuple(
        Posting(Account("called", partner), Account("unfunded", partner), amount)
        for partner, amount in shares.items()
        if amount
    )
    memo = ", ".join(f"{name} {amount:,d}" for name, amount in purposes.items())
    return (
        Draft(on=on, kind=Kind.CALL, memo=memo, postings=postings, facts=facts, evidence=evidence),
    )


def _total(purposes: Mapping[str, int]) -> int:
    total = 0
    for name, amount in purposes.items():
        if name not in PURPOSES and not (name.startswith("deal:") and name[5:]):
            raise FlowRefused(
                words(f"출자 목적 {name!r}", f"the purpose {name!r}"),
                words(
                    f"{', '.join(PURPOSES)}, deal:투자기업", f"{', '.join(PURPOSES)}, deal:company"
                ),
            )
        total += money.whole_won(amount, where=words(f"출자 목적 {name}", f"purpose {name}"))
    return total


def _shares(book: Book, total: int, committed: Mapping[int, int]) -> dict[int, int]:
    """Each partner's part by commitment; what one has not left is called of the others.

    Nobody is called for more than is left: partners whose part would be larger give all that is
    left, and the rest is divided anew among the others, until it holds.
    """
    left = {number: book.unfunded(number) for number in committed}
    found = dict.fromkeys(committed, 0)
    weights = dict(committed)
    while total and weights:
        parts = money.apportioned(total, weights)
        full = [number for number, part in parts.items() if part >= left[number]]
        if not full:
            return found | parts
        for number in full:
            found[number] = left[number]
            total -= left[number]
            del weights[number]
    return found


class Call(NamedTuple):
    """A call and what of it was paid."""

    entry: Entry
    number: int
    due: date
    purposes: Mapping[str, int]
    partners: Mapping[int, int]
    """Won by partner."""
    unpaid: dict[int, int]
    """Won by partner, of those who have not paid all."""


def open_calls(book: Book, *, settled: bool = False) -> dict[int, Call]:
    """The calls of which something is unpaid, by number; all of them with `settled`."""
    from datetime import date as day

    entries = book.journal.entries
    # A payment that was taken back as a whole did not pay anything.
    undone = {entry.corrects for entry in entries if "undoes" in entry.facts}
    found: dict[int, Call] = {}
    for entry in entries:
        if entry.number in undone:
            continue
        if entry.kind is Kind.CALL:
            partners = {int(key): value for key, value in entry.facts["partners"].items()}
            found[entry.facts["number"]] = Call(
                entry=entry,
                number=entry.facts["number"],
                due=day.fromisoformat(entry.facts["due"]),
                purposes=entry.facts["purposes"],
                partners=partners,
                unpaid={key: value for key, value in partners.items() if value},
            )
        elif entry.kind in (Kind.PAYMENT, Kind.DEFAULT) and "paid" in entry.facts:
            for number, paid in entry.facts["paid"].items():
                unpaid = found[int(number)].unpaid
                for key, amount in paid.items():
                    unpaid[int(key)] -= amount
                    if not unpaid[int(key)]:
                        del unpaid[int(key)]
    return found if settled else {key: each for key, each in found.items() if each.unpaid}


def pay(
    book: Book,
    *,
    on: date,
    call: int,
    amounts: Mapping[int, int],
    late_interest: Mapping[int, int] | None = None,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Partners pay what was called.

    Args:
        book: The fund.
        on: The day on which the money came.
        call: The call's number.
        amounts: Won by partner.
        late_interest: Won by partner, beside what was called.
        evidence: SHA-256 of the papers.

    Raises:
        FlowRefused: There is no such call, or a partner pays more than is unpaid.
        AmountRefused: An amount is no whole won.
    """
    found = _open(book, call)
    postings: list[Posting] = []
    for partner, amount in sorted(amounts.items()):
        where = words(f"조합원 {partner}", f"partner {partner}")
        money.whole_won(amount, where=where)
        unpaid = found.unpaid.get(partner, 0)
        if amount > unpaid:
            raise FlowRefused(
                words(
                    f"조합원 {partner}의 납입 {amount:,d}원",
                    f"{amount:,d} won paid by partner {partner}",
                ),
                words(
                    f"{call}차 요청의 남은 {unpaid:,d}원 이하",
                    f"at most the {unpaid:,d} won open of call {call}",
                ),
            )
        postings.append(Posting(Account("drawn", partner), Account("called", partner), amount))
        postings.extend(_paid_in(found, partner, amount))
    for partner, amount in sorted((late_interest or {}).items()):
        postings.append(Posting(Account("cash"), Account("late-interest", partner), amount))
    facts = {"paid": {str(call): {str(key): value for key, value in amounts.items()}}}
    return (
        Draft(
            on=on,
            kind=Kind.PAYMENT,
            memo=f"{call}",
            postings=tuple(postings),
            facts=facts,
            evidence=evidence,
        ),
    )


def _open(book: Book, number: int) -> Call:
    calls = open_calls(book)
    if number not in calls:
        raise FlowRefused(
            words(f"{number}차 출자 요청", f"call {number}"),
            words(
                f"납입이 남은 요청({', '.join(map(str, calls)) or '없음'})",
                f"a call with something open ({', '.join(map(str, calls)) or 'none'})",
            ),
        )
    return calls[number]


def _paid_in(found: Call, partner: int, amount: int) -> list[Posting]:
    """What was paid, with the deal for which it was called."""
    deals = {name[5:]: won for name, won in found.purposes.items() if name.startswith("deal:")}
    other = sum(won for name, won in found.purposes.items() if not name.startswith("deal:"))
    parts = money.apportioned(amount, deals | ({"": other} if other else {}))
    return [
        Posting(Account("cash"), Account("paid-in", partner), part, deal)
        for deal, part in sorted(parts.items())
        if part
    ]


def late_interest(book: Book, *, on: date, call: int, partner: int) -> int:
    """Interest on what a partner has not paid by the due day, in won.

    Raises:
        FlowRefused: There is no such call.
    """
    found = _open(book, call)
    terms = book.terms(on)
    if on <= found.due:
        return 0
    part = day_count.year_fraction(terms.day_count, found.due, on)
    return money.rounded(found.unpaid.get(partner, 0) * terms.late.rate * part)


def default(
    book: Book, *, on: date, call: int, partner: int, evidence: tuple[str, ...] = ()
) -> tuple[Draft, ...]:
    """Declare a partner's default: what is open is cancelled, and a part of the interest is lost.

    The other partners get the forfeited part in proportion to their commitments; the defaulting
    partner keeps the rest and is never called again.

    Raises:
        FlowRefused: The partner has paid, or the days of grace have not passed.
    """
    found = _open(book, call)
    terms = book.terms(on)
    unpaid = found.unpaid.get(partner, 0)
    days = (on - found.due).days
    if not unpaid or days < terms.late.default_after_days:
        raise FlowRefused(
            words(
                f"조합원 {partner}의 미납 {unpaid:,d}원, 기한 뒤 {days}일",
                f"{unpaid:,d} won of partner {partner} open for {days} days",
            ),
            words(
                f"기한 뒤 {terms.late.default_after_days}일 넘은 미납",
                f"something open for {terms.late.default_after_days} days or more",
            ),
        )
    drafts = [_cancelled(book, on, found, partner, evidence)]
    others = {
        number: book.committed(number)
        for number in book.partners()
        if number != partner and book.committed(number) > 0
    }
    paid = -book.journal.balance(Account("paid-in", partner))
    if terms.late.forfeit and paid:
        drafts.append(_forfeited(book, on, partner, others, terms.late.forfeit))
    return tuple(drafts)


def _cancelled(
    book: Book, on: date, found: Call, partner: int, evidence: tuple[str, ...]
) -> Draft:
    unpaid, unfunded = found.unpaid[partner], book.unfunded(partner)
    committed = Account("committed", partner)
    postings = [Posting(committed, Account("called", partner), unpaid)]
    if unfunded:
        postings.append(Posting(committed, Account("unfunded", partner), unfunded))
    return Draft(
        on=on,
        kind=Kind.DEFAULT,
        memo=f"{partner}",
        postings=tuple(postings),
        facts={"paid": {str(found.number): {str(partner): unpaid}}, "partner": partner},
        evidence=evidence,
    )


def _forfeited(
    book: Book, on: date, partner: int, others: Mapping[int, int], forfeit: Fraction
) -> Draft:
    """The forfeited part goes to the others; each share is of what those before it left."""
    whole, gone = sum(others.values()), Fraction(0)
    shares: dict[int, Fraction] = {}
    for number, commitment in sorted(others.items()):
        part = forfeit * Fraction(commitment, whole)
        shares[number] = part / (1 - gone)
        gone += part
    keep = ("unfunded", "called", "committed", "drawn", "recallable")
    postings = [
        each for each in commitments.moved(book, partner, shares) if each.debit.name not in keep
    ]
    return Draft(
        on=on,
        kind=Kind.DEFAULT,
        memo=f"{partner} · {forfeit}",
        postings=tuple(postings),
        facts={
            "giver": partner,
            "share": {str(key): str(value) for key, value in shares.items()},
        },
    )
