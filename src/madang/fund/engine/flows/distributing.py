"""How does money go back to the partners? By the waterfall, each won with its tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.fund.engine import money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.flows import investing
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.terms.agreement import Pay
from madang.fund.engine.waterfall.tiers import Allotment, allot
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.book import Book

ACCOUNT_OF = {
    Pay.CAPITAL: "distributed-capital",
    Pay.FIRST_LOSS: "distributed-capital",
    Pay.PREFERRED: "distributed-preferred",
    Pay.CATCH_UP: "distributed-catch-up",
    Pay.RESIDUAL: "distributed-residual",
}
"""The account that each tier's payments are posted to."""


def preview(book: Book, *, on: date, amount_krw: int) -> Allotment:
    """How an amount would be divided on a day; nothing is posted."""
    return allot(book.standing(on), amount_krw)


def distribute(
    book: Book,
    *,
    on: date,
    amount_krw: int,
    recallable_krw: int = 0,
    quotas_reached: bool = True,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Pay cash to the partners.

    Args:
        book: The fund.
        on: The day of payment.
        amount_krw: In won.
        recallable_krw: The part, of capital returned, that may be called again.
        quotas_reached: Whether the fund's quotas are (`purpose.in_book.are_met`); terms may forbid
            paying before.
        evidence: SHA-256 of the papers.

    Raises:
        FlowRefused: More than there is in cash, recallable beyond the terms, or before a quota.
        AmountRefused: The amount is no whole won.
    """
    book.refuse_ended()
    money.whole_won(amount_krw, where=words("분배", "a distribution"))
    _refuse_beyond_cash(book, on, amount_krw)
    if not book.terms(on).interim_principal:
        _refuse_before_quota(reached=quotas_reached)
    found = preview(book, on=on, amount_krw=amount_krw)
    postings = posted(book, on, found, Account("cash"))
    recalled = _recalled(book, on, found, recallable_krw)
    return (
        Draft(
            on=on,
            kind=Kind.DISTRIBUTION,
            memo=f"{amount_krw:,d}",
            postings=(*postings, *recalled),
            facts=_facts(book, on, found) | {"recallable": recallable_krw},
            evidence=evidence,
        ),
    )


def _refuse_beyond_cash(book: Book, on: date, amount_krw: int) -> None:
    if amount_krw > book.cash(on):
        raise FlowRefused(
            words(f"분배 {amount_krw:,d}원", f"a distribution of {amount_krw:,d} won"),
            words(
                f"현금 {book.cash(on):,d}원 이하", f"at most the {book.cash(on):,d} won in cash"
            ),
        )


def _refuse_before_quota(*, reached: bool) -> None:
    if not reached:
        raise FlowRefused(
            words("의무투자비율을 채우기 전의 분배", "a distribution before the quotas"),
            words("의무투자비율을 채운 뒤", "quotas that are reached"),
            words(
                "규약의 interim_principal에 중간 분배를 정할 수 있습니다.",
                "The terms' interim_principal may allow it.",
            ),
        )


def posted(book: Book, on: date, found: Allotment, source: Account) -> tuple[Posting, ...]:
    """The postings of an allotment, out of an account."""
    tiers = book.standing(on).agreement.distribution.tiers
    sums: dict[tuple[Account, str], int] = {}
    for part, won in sorted(found.won.items()):
        name = "carried-interest" if part.carry else ACCOUNT_OF[tiers[part.tier].pay]
        key = (Account(name, part.lot.partner), part.lot.deal)
        sums[key] = sums.get(key, 0) + won
    return tuple(Posting(account, source, won, tag) for (account, tag), won in sums.items() if won)


def _facts(book: Book, on: date, found: Allotment) -> dict[str, Any]:
    """The exact parts behind the won, as text: tier, partner, deal, carry, exact amount."""
    return {
        "amount": found.amount_krw,
        "version": book.terms(on).version,
        "exact": [
            [part.tier, part.lot.partner, part.lot.deal, part.carry, str(exact)]
            for part, exact in sorted(found.exact.items())
        ],
    }


def _recalled(book: Book, on: date, found: Allotment, recallable: int) -> tuple[Posting, ...]:
    """What goes back to the unfunded commitments, by what each gets as capital."""
    if not recallable:
        return ()
    terms = book.terms(on)
    rule = terms.recycling
    tiers = terms.distribution.tiers
    capital: dict[int, int] = {}
    for part, won in found.won.items():
        if tiers[part.tier].pay in (Pay.CAPITAL, Pay.FIRST_LOSS):
            capital[part.lot.partner] = capital.get(part.lot.partner, 0) + won
    before = -book.journal.total("recallable", on)
    most = 0
    if rule is not None and terms.year_of(on) <= rule.until_year:
        most = max(int(rule.share * terms.commitment_krw) - before, 0)
    most = min(most, sum(capital.values()))
    if recallable > most:
        raise FlowRefused(
            words(f"재출자 대상 {recallable:,d}원", f"{recallable:,d} won recallable"),
            words(
                f"규약과 원금 분배로 정한 {most:,d}원 이하",
                f"at most {most:,d} won by the terms and the capital returned",
            ),
        )
    return tuple(
        Posting(Account("unfunded", partner), Account("recallable", partner), won)
        for partner, won in money.apportioned(recallable, capital).items()
        if won
    )


def in_kind(
    book: Book,
    *,
    on: date,
    company: str,
    fair_value_krw: int,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Hand a holding out to the partners at its fair value, as if it had been sold for it.

    Raises:
        FlowRefused: Nothing is held of it.
        AmountRefused: The value is no whole won.
    """
    book.refuse_ended()
    money.whole_won(fair_value_krw, where=words(company, company))
    through = Account("receivable")
    (sold,) = investing.exit(
        book, on=on, company=company, proceeds_krw=fair_value_krw, facts=facts, into=through
    )
    standing = book.standing(on)
    standing.release((company,))
    found = allot(standing, fair_value_krw)
    paid = Draft(
        on=on,
        kind=Kind.IN_KIND,
        memo=company,
        postings=posted(book, on, found, through),
        facts=_facts(book, on, found) | {"company": company},
        evidence=evidence,
    )
    return sold, paid
