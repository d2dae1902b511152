"""Which accounts does a fund have? The chart of accounts, small enough to know by heart.

An account is a name, and, where the name asks for it, the partner or the company that it is kept
for. Memorandum accounts hold promises, all others hold money.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine.errors import PostingRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable


class Side(StrEnum):
    """In which part of the statements an account stands."""

    ASSET = "asset"
    LIABILITY = "liability"
    CAPITAL = "capital"
    INCOME = "income"
    EXPENSE = "expense"
    MEMO = "memo"
    """Outside the balance sheet: commitments and what is left of them."""


class Account(NamedTuple):
    """One account: all that was ever posted to it makes its balance."""

    name: str
    partner: int = 0
    """The partner's number; 0 where the account is the fund's own."""
    company: str = ""

    def __str__(self) -> str:
        """As commands, files and addresses write it."""
        parts = [self.name]
        if self.partner:
            parts.append(str(self.partner))
        if self.company:
            parts.append(self.company)
        return ":".join(parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What stands behind the name of an account."""

    title: Words
    side: Side
    of: str = ""
    """`partner` or `company` where the account is kept for each; empty for the fund's own."""
    least: int | None = None
    """0 where the balance may never be below it on any day."""


def _named(side: Side, ko: str, en: str, of: str = "", least: int | None = None) -> Named:
    return Named(title=words(ko, en), side=side, of=of, least=least)


CHART: dict[str, Named] = {
    "unfunded": _named(Side.MEMO, "출자 잔액", "Unfunded commitment", "partner", 0),
    "called": _named(Side.MEMO, "납입 요청액", "Called, not yet paid", "partner", 0),
    "drawn": _named(Side.MEMO, "납입 완료액", "Commitment drawn", "partner"),
    "committed": _named(Side.MEMO, "출자 약정액", "Commitment", "partner"),
    "recallable": _named(Side.MEMO, "재출자 대상 분배액", "Recallable distributions", "partner"),
    "lapsed": _named(Side.MEMO, "청산으로 소멸한 약정", "Lapsed commitment", "partner"),
    "cash": _named(Side.ASSET, "현금", "Cash", least=0),
    "investments": _named(Side.ASSET, "투자자산(취득원가)", "Investments at cost", "company", 0),
    "unrealised": _named(Side.ASSET, "평가 조정", "Unrealised valuation", "company"),
    "receivable": _named(Side.ASSET, "미수금", "Receivables", least=0),
    "credit-line": _named(Side.LIABILITY, "출자금 담보 차입", "Subscription line"),
    "payable": _named(Side.LIABILITY, "미지급금", "Payables"),
    "paid-in": _named(Side.CAPITAL, "납입 출자금", "Paid-in capital", "partner"),
    "distributed-capital": _named(
        Side.CAPITAL, "원금 분배", "Distributions: return of capital", "partner"
    ),
    "distributed-preferred": _named(
        Side.CAPITAL, "기준수익 분배", "Distributions: preferred return", "partner"
    ),
    "distributed-catch-up": _named(
        Side.CAPITAL, "캐치업 구간 분배", "Distributions: catch-up tier", "partner"
    ),
    "distributed-residual": _named(
        Side.CAPITAL, "초과수익 분배", "Distributions: residual", "partner"
    ),
    "carried-interest": _named(Side.CAPITAL, "성과보수 지급", "Carried interest paid", "partner"),
    "clawback": _named(Side.CAPITAL, "성과보수 환수", "Clawback", "partner"),
    "share-fee": _named(Side.CAPITAL, "관리보수 부담", "Share of management fee", "partner"),
    "share-expense": _named(Side.CAPITAL, "비용 부담", "Share of expenses", "partner"),
    "share-income": _named(Side.CAPITAL, "이자·배당 몫", "Share of income", "partner"),
    "share-realised": _named(Side.CAPITAL, "실현손익 몫", "Share of realised result", "partner"),
    "share-unrealised": _named(
        Side.CAPITAL, "평가손익 몫", "Share of unrealised result", "partner"
    ),
    "share-carry": _named(
        Side.CAPITAL, "손익 배분 조정(성과보수 포함)", "Incentive allocation", "partner"
    ),
    "allocated": _named(Side.CAPITAL, "배분한 손익", "Result allocated to partners"),
    "realised": _named(Side.INCOME, "처분손익", "Realised result", "company"),
    "unrealised-change": _named(Side.INCOME, "평가손익", "Unrealised result", "company"),
    "dividends": _named(Side.INCOME, "배당·투자이자", "Dividends and coupons", "company"),
    "interest": _named(Side.INCOME, "예금이자", "Interest on deposits"),
    "late-interest": _named(Side.INCOME, "연체이자", "Late interest", "partner"),
    "management-fee": _named(Side.EXPENSE, "관리보수", "Management fee"),
    "audit": _named(Side.EXPENSE, "회계감사 비용", "Audit and tax"),
    "legal": _named(Side.EXPENSE, "법률 비용", "Legal"),
    "administration": _named(Side.EXPENSE, "수탁·사무관리 비용", "Custody and administration"),
    "organisation": _named(Side.EXPENSE, "조합 설립 비용", "Organisation costs"),
    "due-diligence": _named(Side.EXPENSE, "투자 실사 비용", "Due diligence"),
    "broken-deal": _named(Side.EXPENSE, "무산된 투자 비용", "Broken deals"),
    "placement": _named(Side.EXPENSE, "출자자 모집 비용", "Placement fees"),
    "credit-interest": _named(Side.EXPENSE, "차입 이자", "Interest of the subscription line"),
    "chargeback": _named(Side.EXPENSE, "운용사 내부 청구", "Internal chargebacks"),
    "other-expense": _named(Side.EXPENSE, "그 밖의 비용", "Other partnership expenses"),
}
"""Every account by name, in the order of the statements."""

DISTRIBUTED = (
    "distributed-capital",
    "distributed-preferred",
    "distributed-catch-up",
    "distributed-residual",
)
"""What partners received, by tier."""
EXPENSES = tuple(name for name, each in CHART.items() if each.side is Side.EXPENSE)
SHARES = tuple(name for name in CHART if name.startswith("share-"))
NAV = ("paid-in", *DISTRIBUTED, "carried-interest", "clawback", *SHARES)
"""A partner's capital account: what these hold, with the sign turned, is the partner's NAV."""
MEMO = frozenset(name for name, each in CHART.items() if each.side is Side.MEMO)


def check(account: Account, *, row: int = 0) -> None:
    """Refuse an account that the chart does not have, or that lacks its partner or company.

    Args:
        account: What was named.
        row: Its place in what was handed in, which a refusal names; 0 where it has none.

    Raises:
        PostingRefused: With what was found and what the chart asks for.
    """
    named = CHART.get(account.name)
    at = words(f"{row}행의 ", f" in row {row}") if row else words("", "")
    if named is None:
        raise PostingRefused(
            words(f"{at.ko}계정 {account.name!r}", f"the account {account.name!r}{at.en}"),
            words("계정 과목표에 있는 계정", "an account of the chart"),
            words(f"{'·'.join(CHART)} 가운데에서 고르십시오.", f"One of {_listed(CHART)}."),
        )
    has = (("partner",) if account.partner else ()) + (("company",) if account.company else ())
    if has != ((named.of,) if named.of else ()):
        what = {"partner": "조합원 번호", "company": "투자기업"}.get(named.of, "")
        raise PostingRefused(
            words(f"{at.ko}계정 {account}", f"the account {account}{at.en}"),
            words(
                f"{named.title.ko} 계정에는 {what or '조합원이나 투자기업 없음'}",
                f"{named.of or 'neither partner nor company'} for {account.name}",
            ),
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def read(text: str) -> Account:
    """The account that `str(account)` writes.

    Raises:
        PostingRefused: It is none of the chart.
    """
    name, _, rest = text.partition(":")
    of = CHART[name].of if name in CHART else ""
    try:
        partner = int(rest) if of == "partner" and rest else 0
    except ValueError:
        partner = 0
    account = Account(name, partner, rest if of == "company" else "")
    check(account)
    return account
