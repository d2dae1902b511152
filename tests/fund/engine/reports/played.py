"""A small fund whose whole life is posted by hand, for the reports to be held against."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from madang.fund.engine import money
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.ledger.journal import Journal
from madang.fund.engine.terms.agreement import (
    Agreement,
    Base,
    Life,
    Nature,
    Partner,
    QuotaTerm,
)
from madang.kernel.words import words
from tests.fund import terms as small_fund

NAMES = (
    ("한국성장금융투자운용", "Korea Growth Investment", Nature.PUBLIC),
    ("주식회사 한빛은행", "Hanbit Bank", Nature.PRIVATE),
    ("마당벤처스 유한회사", "Madang Ventures", Nature.MANAGER),
    ("새벽생명보험", "Saebyeok Life", Nature.PRIVATE),
    ("새벽생명보험연금계정", "Saebyeok Life Pension Account", Nature.PRIVATE),
)
CASH = Account("cash")
AT = datetime(2040, 1, 2, tzinfo=UTC)


def agreement(partners: int = 5, commitment_krw: int = 10_000_000_000) -> Agreement:
    """A fund of partners that committed 100억 each."""
    rows = [
        NAMES[place]
        if place < len(NAMES)
        else (f"조합원{place}", f"Partner {place}", Nature.PRIVATE)
        for place in range(partners)
    ]
    return replace(
        small_fund.small(),
        id="ai-1",
        title=words("AI혁신펀드 1호", "AI Innovation Fund 1"),
        life=Life(first_close=date(2025, 9, 1), investment_years=4, years=8),
        partners=tuple(
            Partner(
                number=number, name=words(ko, en), nature=nature, commitment_krw=commitment_krw
            )
            for number, (ko, en, nature) in enumerate(rows, start=1)
        ),
        quotas=(
            QuotaTerm(
                id="early",
                title=words("초기기업 투자", "Early-stage companies"),
                measure="early-stage",
                values=(),
                least_share=Fraction(60, 100),
                base=Base.COMMITTED,
                by_year=4,
            ),
        ),
    )


def commitments(terms: Agreement) -> Draft:
    """What the partners promised."""
    return Draft(
        on=terms.life.first_close,
        kind=Kind.COMMITMENT,
        memo="출자 약정",
        postings=tuple(
            Posting(
                Account("unfunded", each.number),
                Account("committed", each.number),
                each.commitment_krw,
                each.nature.value,
            )
            for each in terms.partners
        ),
    )


def call(terms: Agreement, on: date, amount_krw: int, **facts: object) -> Draft:
    """An amount called from all partners in proportion to their commitments."""
    shares = split(terms, amount_krw)
    return Draft(
        on=on,
        kind=Kind.CALL,
        memo="출자 요청",
        postings=tuple(
            Posting(Account("called", number), Account("unfunded", number), part)
            for number, part in shares.items()
            if part
        ),
        facts=facts,
    )


def payments(terms: Agreement, on: date, amount_krw: int) -> list[Draft]:
    """Every partner pays its part of a call."""
    return [
        Draft(
            on=on,
            kind=Kind.PAYMENT,
            memo="출자금 납입",
            postings=(
                Posting(Account("drawn", number), Account("called", number), part),
                Posting(CASH, Account("paid-in", number), part),
            ),
        )
        for number, part in split(terms, amount_krw).items()
        if part
    ]


def result(
    terms: Agreement,
    on: date,
    kind: Kind,
    name: str,
    share: str,
    amount_krw: int,
    company: str = "",
) -> Draft:
    """Income above 0 or an expense below 0, in cash, with every partner's share of it."""
    own = Account(name, 0, company)
    other = Account("unrealised", 0, company) if name == "unrealised-change" else CASH
    size = abs(amount_krw)
    gains = amount_krw > 0
    postings = [Posting(other, own, size) if gains else Posting(own, other, size)]
    for number, part in split(terms, size).items():
        mine, all_ = Account(share, number), Account("allocated")
        if part:
            postings.append(Posting(all_, mine, part) if gains else Posting(mine, all_, part))
    return Draft(on=on, kind=kind, memo=name, postings=tuple(postings))


def invest(on: date, name: str, amount_krw: int, **facts: object) -> Draft:
    """Money that goes into a company."""
    return Draft(
        on=on,
        kind=Kind.INVESTMENT,
        memo=f"{name} 투자",
        postings=(Posting(Account("investments", 0, name), CASH, amount_krw),),
        facts=facts,
    )


def exit_at_cost(on: date, company: str, amount_krw: int) -> Draft:
    """Money that comes back for what was paid."""
    posting = Posting(CASH, Account("investments", 0, company), amount_krw)
    return Draft(on=on, kind=Kind.EXIT, memo=f"{company} 회수", postings=(posting,))


def distribute(
    terms: Agreement, on: date, amount_krw: int, name: str, *, recallable: bool = False
) -> Draft:
    """Cash to all partners in one tier."""
    postings = []
    for number, part in split(terms, amount_krw).items():
        if part:
            postings.append(Posting(Account(name, number), CASH, part))
        if part and recallable:
            unfunded, memo = Account("unfunded", number), Account("recallable", number)
            postings.append(Posting(unfunded, memo, part))
    return Draft(on=on, kind=Kind.DISTRIBUTION, memo="분배", postings=tuple(postings))


def split(terms: Agreement, amount_krw: int) -> dict[int, int]:
    """An amount in proportion to the commitments."""
    return money.apportioned(amount_krw, {p.number: p.commitment_krw for p in terms.partners})


def posted(drafts: list[Draft]) -> Journal:
    """A journal with these drafts."""
    journal = Journal()
    journal.append(drafts, by="maker", approved_by="checker", at=AT)
    return journal


def life(terms: Agreement, seed: int = 1, years: int = 3) -> list[Draft]:
    """Calls, investments, fees, valuations, exits and distributions of some years."""
    rng = random.Random(seed)
    drafts = [commitments(terms)]
    for year in range(2025, 2025 + years):
        amount = rng.randrange(1_000_000_001, 2_000_000_000)
        drafts.append(call(terms, date(year, 10, 1), amount, due=f"{year}-10-15"))
        drafts += payments(terms, date(year, 10, 15), amount)
        fee, cost = rng.randrange(1_000_000, 9_999_999), rng.randrange(100_000, 999_999)
        shares = ("share-fee", "share-expense", "share-unrealised", "share-realised")
        drafts += [
            invest(date(year, 10, 20), f"c{year}", amount // 2),
            result(terms, date(year, 12, 1), Kind.FEE, "management-fee", shares[0], -fee),
            result(terms, date(year, 12, 2), Kind.EXPENSE, "audit", shares[1], -cost),
            result(terms, date(year, 12, 3), Kind.EXPENSE, "legal", shares[1], -2 * cost),
            result(
                terms,
                date(year, 12, 31),
                Kind.VALUATION,
                "unrealised-change",
                shares[2],
                rng.randrange(1_000, 99_999_999),
                f"c{year}",
            ),
        ]
        if year > 2025:
            back = amount // 8
            drafts += [
                exit_at_cost(date(year, 12, 10), f"c{year}", back),
                result(
                    terms,
                    date(year, 12, 10),
                    Kind.EXIT,
                    "realised",
                    shares[3],
                    back // 3 + 1,
                    f"c{year}",
                ),
                distribute(
                    terms, date(year, 12, 20), back, "distributed-capital", recallable=True
                ),
                distribute(terms, date(year, 12, 20), back // 3, "distributed-preferred"),
            ]
    return drafts
