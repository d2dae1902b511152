"""How does money go into a company and come out of it?

An investment stands at cost; `unrealised` holds what its fair value differs from it by. When a
part is sold, the same part of both leaves the books and the difference to cost is realised.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from madang.fund.engine import money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.portfolio.valuation import METHODS
from madang.fund.engine.terms.agreement import Nature
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.book import Book

_CASH = Account("cash")


def invest(
    book: Book,
    *,
    on: date,
    company: str,
    amount_krw: int,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Pay an investment; each won is tagged by whose money it is.

    Args:
        book: The fund.
        on: The day of payment.
        company: Its name in the books.
        amount_krw: In won.
        facts: Instrument, round, shares, co-investors, tags for quotas.
        evidence: SHA-256 of the contract and the proof of payment.

    Raises:
        FlowRefused: The investment period is over and nothing is held of the company.
        AmountRefused: The amount is no whole won.
    """
    book.refuse_ended()
    money.whole_won(amount_krw, where=words(company, company))
    terms = book.terms(on)
    end = terms.life.day(terms.life.investment_years)
    if on >= end and not book.cost(company, on):
        raise FlowRefused(
            words(f"{on}의 새 투자", f"a new investment on {on}"),
            words(
                f"투자 기간이 끝나는 {end} 전, 또는 보유 기업의 후속 투자",
                f"a day before {end}, or a follow-on into what is held",
            ),
        )
    holding = Account("investments", company=company)
    postings = tuple(
        Posting(holding, _CASH, won, nature)
        for nature, won in sources(book, on, amount_krw).items()
        if won
    )
    return (
        Draft(
            on=on,
            kind=Kind.INVESTMENT,
            memo=company,
            postings=postings,
            facts={**(facts or {}), "company": company},
            evidence=evidence,
        ),
    )


def sources(book: Book, on: date, amount_krw: int) -> dict[str, int]:
    """Whose money an amount is, in won by nature: by what each nature has committed on the day."""
    committed: dict[str, int] = {}
    for partner in book.terms(on).partners:
        nature = "public" if partner.nature is Nature.PUBLIC else "private"
        committed[nature] = committed.get(nature, 0) + max(book.committed(partner.number, on), 0)
    return money.apportioned(amount_krw, committed)


def value(
    book: Book,
    *,
    on: date,
    company: str,
    fair_value_krw: int,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Take a company to its fair value of a day.

    Raises:
        FlowRefused: Nothing is held of it, the method is unknown, or its evidence is missing.
        AmountRefused: The value is no whole won, or below 0.
    """
    _refuse_unheld(book, on, company)
    _refuse_unfounded((facts or {}).get("method"), evidence)
    money.whole_won(fair_value_krw, where=words(company, company), least=0)
    change = fair_value_krw - book.fair_value(company, on)
    adjusted, result = (
        Account(name, company=company) for name in ("unrealised", "unrealised-change")
    )
    return (
        Draft(
            on=on,
            kind=Kind.VALUATION,
            memo=company,
            postings=_signed(adjusted, result, change),
            facts={**(facts or {}), "company": company, "fair_value": fair_value_krw},
            evidence=evidence,
        ),
    )


def _refuse_unfounded(name: object, evidence: tuple[str, ...]) -> None:
    """A fair value is measured by a method that is known, and shown by a paper where it asks."""
    method = METHODS.get(str(name)) if name is not None else None
    if name is not None and method is None:
        raise FlowRefused(
            words(f"평가 방법 {name!r}", f"the method {name!r}"),
            words(", ".join(METHODS), f"one of {', '.join(METHODS)}"),
        )
    if method is not None and method.needs_evidence and not evidence:
        raise FlowRefused(
            words(f"증빙 없는 평가({method.title.ko})", f"no evidence ({method.title.en})"),
            words("평가의 근거 자료 하나 이상", "one document or more that shows it"),
        )


def _signed(debit: Account, credit: Account, amount: int) -> tuple[Posting, ...]:
    if not amount:
        return ()
    if amount < 0:
        debit, credit = credit, debit
    return (Posting(debit, credit, abs(amount)),)


def _refuse_unheld(book: Book, on: date, company: str) -> None:
    if book.cost(company, on) <= 0:
        held = ", ".join(book.held(on)) or "-"
        raise FlowRefused(
            words(f"{on}에 보유하지 않은 {company!r}", f"{company!r}, not held on {on}"),
            words(f"보유 기업({held})", f"a company that is held ({held})"),
        )


def exit(
    book: Book,
    *,
    on: date,
    company: str,
    proceeds_krw: int,
    part: Fraction = Fraction(1),
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
    into: Account = _CASH,
) -> tuple[Draft, ...]:
    """Sell a holding or a part of it.

    Args:
        book: The fund.
        on: The day of payment.
        company: Its name in the books.
        proceeds_krw: What came in, in won.
        part: Of what is held, by cost.
        facts: Buyer, kind of exit, shares.
        evidence: SHA-256 of the papers.
        into: The account that takes the proceeds.

    Raises:
        FlowRefused: Nothing is held of it, or the part is none.
        AmountRefused: The proceeds are no whole won.
    """
    _refuse_unheld(book, on, company)
    money.whole_won(proceeds_krw, where=words(company, company), least=0)
    _refuse_part(part)
    kind = Kind.EXIT if proceeds_krw else Kind.WRITE_OFF
    return (
        Draft(
            on=on,
            kind=kind,
            memo=company,
            postings=tuple(_sold(book, on, company, proceeds_krw, part, into)),
            facts={
                **(facts or {}),
                "company": company,
                "part": str(part),
                "proceeds": proceeds_krw,
                "ended": True,
            },
            evidence=evidence,
        ),
    )


def _refuse_part(part: Fraction) -> None:
    if not 0 < part <= 1:
        raise FlowRefused(
            words(f"보유분의 {part}", f"{part} of the holding"),
            words("0보다 크고 1 이하", "above 0 and up to 1"),
        )


def _sold(
    book: Book, on: date, company: str, proceeds: int, part: Fraction, into: Account
) -> list[Posting]:
    holding, adjusted, realised, changed = (
        Account(name, company=company)
        for name in ("investments", "unrealised", "realised", "unrealised-change")
    )
    cost = book.cost(company, on) if part == 1 else money.rounded(book.cost(company, on) * part)
    unrealised = book.journal.balance(adjusted, on)
    if part != 1:
        unrealised = money.rounded(unrealised * part)
    back = min(cost, proceeds)
    postings = []
    if back:
        postings.append(Posting(into, holding, back))
    if proceeds > cost:
        postings.append(Posting(into, realised, proceeds - cost))
    if cost > proceeds:
        postings.append(Posting(realised, holding, cost - proceeds))
    postings.extend(_signed(changed, adjusted, unrealised))
    return postings


def write_off(
    book: Book,
    *,
    on: date,
    company: str,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Take a holding out of the books as lost.

    Raises:
        FlowRefused: Nothing is held of it.
    """
    return exit(book, on=on, company=company, proceeds_krw=0, facts=facts, evidence=evidence)


def convert(
    book: Book,
    *,
    on: date,
    company: str,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """A holding becomes another instrument: cost and value stay, so nothing is posted.

    Args:
        book: The fund.
        on: The day of conversion.
        company: Its name in the books.
        facts: From which instrument into which, shares and ratio.
        evidence: SHA-256 of the papers.

    Raises:
        FlowRefused: Nothing is held of it.
    """
    _refuse_unheld(book, on, company)
    return (
        Draft(
            on=on,
            kind=Kind.CONVERSION,
            memo=company,
            postings=(),
            facts={**(facts or {}), "company": company},
            evidence=evidence,
        ),
    )


def income(
    book: Book,
    *,
    on: date,
    company: str,
    amount_krw: int,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """Dividends or coupons of a company; without one, interest on the fund's deposits.

    Raises:
        AmountRefused: The amount is no whole won.
    """
    where: Words = words(company or "예금이자", company or "interest")
    money.whole_won(amount_krw, where=where)
    source = Account("dividends", company=company) if company else Account("interest")
    return (
        Draft(
            on=on,
            kind=Kind.INCOME,
            memo=company,
            postings=(Posting(_CASH, source, amount_krw),),
            facts={**(facts or {}), "company": company},
            evidence=evidence,
        ),
    )
