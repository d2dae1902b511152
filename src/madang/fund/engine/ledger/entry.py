"""What is one entry of the ledger? Postings of one act, each from one account to another.

A posting debits one account and credits another with the same whole won: so debits and credits
agree by the form of the data, in memory, in a file and in a row of a database alike, and no
sequence of entries can make the sum of all balances other than 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from madang.fund.engine.ledger.accounts import Account
from madang.kernel.words import Words, words


class Kind(StrEnum):
    """What an entry is about."""

    COMMITMENT = "commitment"
    TRANSFER = "transfer"
    CALL = "call"
    PAYMENT = "payment"
    DEFAULT = "default"
    FEE = "fee"
    EXPENSE = "expense"
    DRAW = "draw"
    REPAYMENT = "repayment"
    INVESTMENT = "investment"
    INCOME = "income"
    CONVERSION = "conversion"
    VALUATION = "valuation"
    EXIT = "exit"
    WRITE_OFF = "write-off"
    DISTRIBUTION = "distribution"
    IN_KIND = "in-kind"
    CLAWBACK = "clawback"
    OPENING = "opening"
    CORRECTION = "correction"
    CLOSE = "close"
    TERMS = "terms"
    LIQUIDATION = "liquidation"


KIND_NAMES: dict[Kind, Words] = {
    Kind.COMMITMENT: words("출자 약정", "Commitment"),
    Kind.TRANSFER: words("지분 양도", "Transfer of an interest"),
    Kind.CALL: words("출자 요청", "Capital call"),
    Kind.PAYMENT: words("출자금 납입", "Payment of a call"),
    Kind.DEFAULT: words("출자 불이행", "Default"),
    Kind.FEE: words("관리보수", "Management fee"),
    Kind.EXPENSE: words("비용", "Expense"),
    Kind.DRAW: words("차입", "Draw on the line"),
    Kind.REPAYMENT: words("차입 상환", "Repayment of the line"),
    Kind.INVESTMENT: words("투자", "Investment"),
    Kind.INCOME: words("이자·배당", "Income"),
    Kind.CONVERSION: words("전환", "Conversion"),
    Kind.VALUATION: words("평가", "Valuation"),
    Kind.EXIT: words("회수", "Exit"),
    Kind.WRITE_OFF: words("감액·상각", "Write-off"),
    Kind.DISTRIBUTION: words("분배", "Distribution"),
    Kind.IN_KIND: words("현물 분배", "Distribution in kind"),
    Kind.CLAWBACK: words("성과보수 환수", "Clawback"),
    Kind.OPENING: words("이월 장부", "Opening balances"),
    Kind.CORRECTION: words("정정", "Correction"),
    Kind.CLOSE: words("기간 마감", "Close of a period"),
    Kind.TERMS: words("규약", "Terms"),
    Kind.LIQUIDATION: words("청산", "Liquidation"),
}


class Posting(NamedTuple):
    """So many won from one account to another."""

    debit: Account
    credit: Account
    amount_krw: int
    """Above 0."""
    tag: str = ""
    """Of which kind the won are, such as `public`; empty where it does not matter."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An entry before two persons stand behind it."""

    on: date
    """The day for which it counts."""
    kind: Kind
    memo: str
    postings: tuple[Posting, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the act consisted of, as JSON: due days, instruments, rates with their sources."""
    evidence: tuple[str, ...] = ()
    """SHA-256 of the papers that prove it."""
    corrects: int = 0
    """The number of the entry that it sets right."""


@dataclass(frozen=True, kw_only=True)
class Entry(Draft):
    """A draft that was approved, at its place in the chain. It is never changed."""

    number: int
    """From 1, without gaps."""
    by: str
    approved_by: str
    recorded_at: datetime
    """With its offset from UTC."""
    digest: str
    """SHA-256 over the digest before it and this entry: whoever knows the last knows them all."""


GENESIS = sha256(b"madang fund ledger 1").hexdigest()
"""Before the first entry."""


def plain(entry: Draft) -> dict[str, Any]:
    """An entry as JSON writes it, its digest left out."""
    found: dict[str, Any] = {
        "on": entry.on.isoformat(),
        "kind": entry.kind.value,
        "memo": entry.memo,
        "postings": [
            [str(each.debit), str(each.credit), each.amount_krw, each.tag]
            for each in entry.postings
        ],
        "facts": dict(entry.facts),
        "evidence": list(entry.evidence),
        "corrects": entry.corrects,
    }
    if isinstance(entry, Entry):
        found |= {
            "number": entry.number,
            "by": entry.by,
            "approved_by": entry.approved_by,
            "recorded_at": entry.recorded_at.isoformat(),
        }
    return found


def line(value: Mapping[str, Any]) -> str:
    """One line of JSON that is the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def chained(before: str, entry: Draft) -> str:
    """The digest of an entry behind the digest of the one before it."""
    return sha256(f"{before}\n{line(plain(entry))}".encode()).hexdigest()
