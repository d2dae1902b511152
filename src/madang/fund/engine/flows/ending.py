"""How does a fund end? All is sold, the last cash goes out, the carry is looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.flows import closing
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.waterfall.clawback import Clawback, owed
from madang.kernel.words import words

if TYPE_CHECKING:
    from datetime import date

    from madang.fund.engine.book import Book


def entitlement(book: Book, on: date) -> Clawback:
    """What the manager owes if the fund ends on a day with what has been paid by then."""
    return owed(book.standing(on), on)


def clawback(book: Book, *, on: date, evidence: tuple[str, ...] = ()) -> tuple[Draft, ...]:
    """The manager pays back carry, and the partners receive it.

    Raises:
        FlowRefused: Nothing is owed.
    """
    found = entitlement(book, on)
    if not found.owed_krw:
        raise FlowRefused(
            words("환수할 성과보수 0원", "no carry to give back"),
            words("초과 지급된 성과보수", "carry that was paid beyond the entitlement"),
        )
    manager = Account("clawback", book.latest.manager.number)
    paid = Posting(Account("cash"), manager, found.owed_krw)
    given = tuple(
        Posting(Account("clawback", partner), Account("cash"), won)
        for partner, won in sorted(found.to.items())
        if won
    )
    facts = {
        "shortfall": str(found.shortfall),
        "excess": str(found.excess),
        "most": found.most_krw,
    }
    return (
        Draft(
            on=on,
            kind=Kind.CLAWBACK,
            memo=f"{found.owed_krw:,d}",
            postings=(paid, *given),
            facts=facts,
            evidence=evidence,
        ),
    )


def liquidate(book: Book, *, on: date, evidence: tuple[str, ...] = ()) -> tuple[Draft, ...]:
    """Close the books for good.

    Nothing may be left: no holding, no debt, no cash, no call unpaid, no carry to give back. What
    partners had promised and were not called lapses.

    Raises:
        FlowRefused: Something is left; the sentence says what.
    """
    book.refuse_ended()
    left = {
        words("보유 자산", "holdings"): book.journal.total("investments"),
        words("차입금", "debt"): book.journal.total("credit-line"),
        words("미지급금", "payables"): book.journal.total("payable"),
        words("미수금", "receivables"): book.journal.total("receivable"),
        words("현금", "cash"): book.cash(),
        words("납입하지 않은 출자 요청", "calls not paid"): book.journal.total("called"),
        words("환수할 성과보수", "carry to give back"): entitlement(book, on).owed_krw,
    }
    for what, amount in left.items():
        if amount:
            raise FlowRefused(
                words(f"{what.ko} {abs(amount):,d}원", f"{what.en} of {abs(amount):,d} won"),
                words("남은 것이 없는 장부", "books in which nothing is left"),
            )
    lapsed = tuple(
        Posting(Account("lapsed", number), Account("unfunded", number), unfunded)
        for number in book.partners()
        if (unfunded := book.unfunded(number))
    )
    return (
        Draft(
            on=on,
            kind=Kind.LIQUIDATION,
            memo="",
            postings=(*closing.allocation(book, on), *lapsed),
            facts={"nav": book.nav(on)},
            evidence=evidence,
        ),
    )
