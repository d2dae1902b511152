"""What has each partner promised? The commitments of an agreement, and interests that move."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.ledger.accounts import CHART, Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.book import Book


def commit(book: Book, *, on: date, evidence: tuple[str, ...] = ()) -> tuple[Draft, ...]:
    """Partners commit what the agreement says, as far as they have not.

    Raises:
        FlowRefused: All of it stands in the ledger, or a partner has committed more.
    """
    terms = book.terms(on)
    postings = []
    for partner in terms.partners:
        missing = partner.commitment_krw - book.committed(partner.number)
        if missing < 0:
            raise FlowRefused(
                words(
                    f"조합원 {partner.number}의 약정 {book.committed(partner.number):,d}원",
                    f"{book.committed(partner.number):,d} won by partner {partner.number}",
                ),
                words(
                    f"규약의 {partner.commitment_krw:,d}원 이하",
                    f"at most the agreement's {partner.commitment_krw:,d} won",
                ),
            )
        if missing:
            unfunded, committed = (
                Account(name, partner.number) for name in ("unfunded", "committed")
            )
            postings.append(Posting(unfunded, committed, missing))
    if not postings:
        raise FlowRefused(
            words("새로 약정할 금액 0원", "nothing left to commit"),
            words("장부에 없는 약정", "a commitment that the ledger has not"),
        )
    facts = {"version": terms.version, "terms": terms.digest}
    return (
        Draft(
            on=on,
            kind=Kind.COMMITMENT,
            memo=f"{terms.title.ko} · {terms.title.en}",
            postings=tuple(postings),
            facts=facts,
            evidence=evidence,
        ),
    )


def transfer(
    book: Book,
    *,
    on: date,
    giver: int,
    taker: int,
    share: Fraction = Fraction(1),
    evidence: tuple[str, ...] = (),
) -> tuple[Draft, ...]:
    """A partner's interest, or a part of it, goes to another partner with its whole history.

    Raises:
        FlowRefused: There is nothing to transfer, or a call of the giver is unpaid.
    """
    book.terms(on).partner(giver)
    book.terms(on).partner(taker)
    if giver == taker or not 0 < share <= 1:
        raise FlowRefused(
            words(f"조합원 {giver}에서 {taker}로 {share}", f"{share} from {giver} to {taker}"),
            words(
                "다른 조합원에게 0보다 크고 1 이하의 지분",
                "a share above 0 and up to 1, to another partner",
            ),
        )
    called = book.journal.balance(Account("called", giver))
    if called:
        raise FlowRefused(
            words(f"납입하지 않은 {called:,d}원", f"{called:,d} won called and not paid"),
            words("납입을 마친 조합원의 지분", "the interest of a partner who has paid"),
            words(
                "납입이나 불이행 처리를 먼저 하십시오.", "Take the payment or the default first."
            ),
        )
    postings = moved(book, giver, {taker: share})
    facts = {"giver": giver, "share": {str(taker): str(share)}}
    return (
        Draft(
            on=on,
            kind=Kind.TRANSFER,
            memo=f"{giver} → {taker} · {share}",
            postings=tuple(postings),
            facts=facts,
            evidence=evidence,
        ),
    )


def moved(book: Book, giver: int, shares: Mapping[int, Fraction]) -> list[Posting]:
    """Postings that give parts of all accounts of a partner to others, in whole won.

    Each part is taken of what the ones before it left, as the waterfall's standing does.
    """
    left = _balances(book, giver)
    if not any(left.values()):
        raise FlowRefused(
            words(f"조합원 {giver}의 지분 없음", f"no interest of partner {giver}"),
            words("장부에 있는 지분", "an interest that the ledger has"),
        )
    postings = []
    for taker, share in shares.items():
        for (name, tag), balance in left.items():
            amount = int(balance * share)
            if amount:
                mine, theirs = Account(name, giver), Account(name, taker)
                pair = (theirs, mine) if amount > 0 else (mine, theirs)
                postings.append(Posting(*pair, abs(amount), tag))
                left[name, tag] -= amount
    return postings


def _balances(book: Book, partner: int) -> dict[tuple[str, str], int]:
    """The balances of a partner's accounts, those of different deals apart."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for entry in book.journal.entries:
        for debit, credit, amount, tag in entry.postings:
            if debit.partner == partner:
                found[debit.name, tag] += amount
            if credit.partner == partner:
                found[credit.name, tag] -= amount
    order = list(CHART)
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))
