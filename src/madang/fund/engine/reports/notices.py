"""What is a partner told when capital is called, and when money is paid out? One sheet each.

A notice is made from one entry of the ledger and prints its digest: whoever holds the paper can
have the entry shown and compare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.fund.engine import money
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.ledger.accounts import CHART, DISTRIBUTED, Account
from madang.fund.engine.ledger.entry import KIND_NAMES, Kind
from madang.fund.engine.ledger.query import Query
from madang.kernel.report.document import (
    Block,
    Document,
    Fact,
    Paragraph,
    Table,
    TableColumn,
)
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.fund.engine.ledger.entry import Entry
    from madang.fund.engine.ledger.journal import Journal
    from madang.fund.engine.terms.agreement import Agreement

PURPOSES: dict[str, Words] = {
    "investment": words("투자", "Investments"),
    "fee": words("관리보수", "Management fee"),
    "expense": words("조합 비용", "Partnership expenses"),
    "credit-line": words("차입금 상환", "Repayment of the subscription line"),
}
_RECEIVED = (*DISTRIBUTED, "carried-interest")
_ASK = words("운용사가 따로 안내한 계좌", "The account that the manager has told you separately")
_WARNING = words(
    "계좌가 바뀌었다는 연락을 받으면 납입하기 전에 아는 전화번호로 운용사에 확인하십시오.",
    "If you are told that the account has changed, call the manager on a number you know before "
    "you pay.",
)


def purpose_name(purpose: str) -> Words:
    """What a call is for, in words."""
    if purpose.startswith("deal:"):
        return words(f"투자: {purpose[5:]}", f"Investment: {purpose[5:]}")
    return PURPOSES.get(purpose) or words(purpose, purpose)


def call(
    agreement: Agreement, journal: Journal, entry: Entry, partner: int, *, account: str = ""
) -> Document:
    """The notice of a capital call to one partner.

    Args:
        agreement: The fund's terms on the day.
        journal: Its ledger.
        entry: The call.
        partner: Whom it asks.
        account: Where to pay; without one, the partner is referred to the manager.

    Raises:
        FlowRefused: The entry is no call, or asks nothing of the partner.
        TermsRefused: There is no such partner.
    """
    who = agreement.partner(partner)
    asked = sum(
        each.amount_krw for each in entry.postings if each.debit == Account("called", partner)
    )
    _refuse_foreign(entry, (Kind.CALL,), asked, partner)
    purposes: Mapping[str, int] = entry.facts.get("purposes") or {"investment": 1}
    parts = money.apportioned(asked, purposes)
    rate = f"{float(agreement.late.rate) * 100:.4g}%"
    days = agreement.late.default_after_days
    due = str(entry.facts.get("due", ""))
    return _sheet(
        agreement,
        journal,
        entry,
        title=words("출자금 납입 요청서", "Capital call notice"),
        who=who.name,
        facts=(
            Fact(label=words("통지일", "Date of notice"), value=entry.on.isoformat()),
            Fact(label=words("납입 기한", "Due date"), value=due),
            Fact(label=words("납입할 금액", "Amount due"), value=_won(asked)),
            Fact(label=words("납입 계좌", "Account"), value=account or _ASK),
        ),
        blocks=(
            _table(
                words("목적별 금액(원)", "Amount by purpose (won)"),
                words("목적", "Purpose"),
                [(purpose_name(name), won) for name, won in parts.items() if won],
                asked,
            ),
            _standing(journal, entry, partner),
            Paragraph(
                words(
                    f"기한을 넘기면 미납액에 연 {rate}의 연체이자가 붙고, {days}일이 지나면 "
                    f"규약에 따라 불이행으로 처리할 수 있습니다. {_WARNING.ko}",
                    f"What is late bears interest of {rate} a year; after {days} days it may be "
                    f"treated as a default under the agreement. {_WARNING.en}",
                )
            ),
        ),
    )


def distribution(agreement: Agreement, journal: Journal, entry: Entry, partner: int) -> Document:
    """The notice of a distribution to one partner.

    Args:
        agreement: The fund's terms on the day.
        journal: Its ledger.
        entry: The distribution.
        partner: Who receives it.

    Raises:
        FlowRefused: The entry is no distribution, or gives nothing to the partner.
        TermsRefused: There is no such partner.
    """
    who = agreement.partner(partner)
    tiers: dict[str, int] = {}
    recallable = 0
    for posting in entry.postings:
        if posting.debit.partner == partner and posting.debit.name in _RECEIVED:
            name = posting.debit.name
            tiers[name] = tiers.get(name, 0) + posting.amount_krw
        if posting.credit == Account("recallable", partner):
            recallable += posting.amount_krw
    paid = sum(tiers.values())
    _refuse_foreign(entry, (Kind.DISTRIBUTION, Kind.IN_KIND), paid, partner)
    how = words("현물(공정가액)", "in kind, at fair value")
    if entry.kind is Kind.DISTRIBUTION:
        how = words("현금", "cash")
    return _sheet(
        agreement,
        journal,
        entry,
        title=words("분배 통지서", "Distribution notice"),
        who=who.name,
        facts=(
            Fact(label=words("분배일", "Date of distribution"), value=entry.on.isoformat()),
            Fact(label=words("분배 금액", "Amount"), value=_won(paid)),
            Fact(label=words("방법", "Made in"), value=how),
            Fact(
                label=words("다시 출자를 요청할 수 있는 금액", "Of which recallable"),
                value=_won(recallable),
            ),
        ),
        blocks=(
            _table(
                words("구간별 금액(원)", "Amount by tier (won)"),
                words("구간", "Tier"),
                [(CHART[name].title, tiers[name]) for name in _RECEIVED if tiers.get(name)],
                paid,
            ),
            _standing(journal, entry, partner),
        ),
    )


def _refuse_foreign(entry: Entry, kinds: Sequence[Kind], amount: int, partner: int) -> None:
    if entry.kind in kinds and amount:
        return
    name = KIND_NAMES[entry.kind]
    wanted = KIND_NAMES[kinds[0]]
    raise FlowRefused(
        words(
            f"{entry.number}번 기록({name.ko}), 조합원 {partner}의 금액 {amount:,}원",
            f"entry {entry.number} ({name.en}) with {amount:,} won of partner {partner}",
        ),
        words(
            f"이 조합원의 금액이 있는 {wanted.ko} 기록",
            f"an entry ({wanted.en}) with an amount of this partner",
        ),
    )


def _won(amount_krw: int) -> Words:
    return words(f"{amount_krw:,}원", f"KRW {amount_krw:,}")


def _table(caption: Words, of: Words, lines: Sequence[tuple[Words, int]], whole: int) -> Table:
    return Table(
        caption=caption,
        columns=(
            TableColumn(title=of),
            TableColumn(title=words("금액", "Amount"), kind="number", decimals=0),
        ),
        rows=(*lines, (words("합계", "Total"), whole)),
        highlighted=frozenset({len(lines)}),
    )


def _standing(journal: Journal, entry: Entry, partner: int) -> Table:
    """The partner's commitment at the end of the day."""

    def balance(*names: str, sign: int = 1) -> int:
        return Query(names=names, partner=partner, until=entry.on, sign=sign).of(journal)

    return Table(
        caption=words(f"{entry.on} 현재 약정(원)", f"Commitment on {entry.on} (won)"),
        columns=(
            TableColumn(title=words("구분", "Item")),
            TableColumn(title=words("금액", "Amount"), kind="number", decimals=0),
        ),
        rows=(
            (words("총 약정액", "Commitment"), balance("committed", sign=-1)),
            (words("누적 납입액", "Paid in so far"), balance("paid-in", sign=-1)),
            (words("누적 분배액", "Distributed so far"), balance(*DISTRIBUTED)),
            (words("납입 요청 중인 금액", "Called, not yet paid"), balance("called")),
            (words("남은 약정액", "Unfunded after this"), balance("unfunded")),
        ),
    )


def _sheet(
    agreement: Agreement,
    journal: Journal,
    entry: Entry,
    *,
    title: Words,
    who: Words,
    facts: Sequence[Fact],
    blocks: tuple[Block, ...],
) -> Document:
    return Document(
        title=title,
        subtitle=words(f"{agreement.title.ko} · {who.ko}", f"{agreement.title.en} · {who.en}"),
        facts=tuple(facts),
        summary=blocks,
        footer=(
            Fact(
                label=words("장부 기록", "Entry of the ledger"),
                value=words(
                    f"{entry.number}번, {entry.approved_by} 승인",
                    f"No. {entry.number}, approved by {entry.approved_by}",
                ),
            ),
            Fact(label=words("기록 지문", "Digest of the entry"), value=entry.digest, kind="code"),
        ),
        made_at=entry.recorded_at,
        is_sheet=True,
    )
