"""How does a settlement read on paper? One document, in Korean and English, for page and print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.report.document import (
    Block,
    Callout,
    Document,
    Fact,
    Section,
    Table,
    TableColumn,
)
from madang.kernel.units import won
from madang.kernel.words import Words, words
from madang.programme.engine.ledger import KIND_NAMES, Kind
from madang.programme.engine.receipts import STATES, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from madang.kernel.report.document import Cell
    from madang.programme.engine.settlement import Account, LineSettlement, Settlement, Voucher

MOST_VOUCHERS = 300
"""Of one line on paper; the data file has them all."""
_AMOUNTS = (
    words("받은 금액", "Received"),
    words("집행", "Disbursed"),
    words("실집행", "Confirmed"),
    words("증빙 없음", "Unproved"),
    words("이자", "Interest"),
    words("이월", "Carried over"),
    words("반납할 금액", "To be returned"),
)


def document(settlement: Settlement, *, made_at: datetime | None = None) -> Document:
    """The settlement as a document; `kernel.report` writes it as a page or a PDF.

    Args:
        settlement: What it tells.
        made_at: When, for the file's own properties.
    """
    state = (
        words("확정(마감됨)", "final (closed)")
        if settlement.is_final
        else words("중간(마감 전)", "interim (not closed)")
    )
    return Document(
        title=words("정산 보고서", "Settlement"),
        subtitle=words(settlement.title_ko, settlement.title_en),
        facts=(
            Fact(label=words("회계연도", "Fiscal year"), value=str(settlement.fiscal_year)),
            Fact(label=words("기준일", "As of"), value=settlement.on.isoformat()),
            Fact(label=words("상태", "State"), value=state),
            Fact(label=words("예산", "Appropriation"), value=_won(settlement.appropriation_krw)),
            Fact(
                label=words("반납할 금액", "To be returned"),
                value=_won(settlement.whole.to_return_krw),
            ),
        ),
        summary=(*_broken(settlement.lines), _overview(settlement)),
        sections=tuple(_section(each) for each in settlement.lines if each.vouchers),
        footer=(
            Fact(
                label=words("출처", "Source"),
                value=words(
                    "모든 금액은 장부의 기록에서, 모든 증빙은 파일의 SHA-256에서 옮겼습니다.",
                    "Every amount is from the ledger, every paper from the SHA-256 of its file.",
                ),
            ),
        ),
        made_at=made_at,
    )


def _won(amount_krw: int) -> Words:
    return words(f"{won(amount_krw)}원", f"KRW {won(amount_krw)}")


def _cells(account: Account) -> tuple[Cell, ...]:
    return (
        account.received_krw,
        account.disbursed_krw,
        account.confirmed_krw,
        account.unproved_krw,
        account.interest_krw,
        account.carried_over_krw,
        account.to_return_krw,
    )


def _columns(first: Words) -> tuple[TableColumn, ...]:
    numbers = (TableColumn(title=each, kind="number", decimals=0) for each in _AMOUNTS)
    return (TableColumn(title=first), *numbers)


def _overview(settlement: Settlement) -> Block:
    rows = [
        (words(each.title_ko, each.title_en), *_cells(each.whole)) for each in settlement.lines
    ]
    return Table(
        caption=words("항목별 정산(원)", "Settlement by line (won)"),
        columns=_columns(words("항목", "Line")),
        rows=(*rows, (words("합계", "Sum"), *_cells(settlement.whole))),
        highlighted=frozenset({len(rows)}),
    )


def _broken(lines: Sequence[LineSettlement]) -> tuple[Block, ...]:
    found = [(line, paper) for line in lines for paper in line.broken]
    if not found:
        return ()
    told = ", ".join(f"{paper.name or paper.sha256} ({line.line})" for line, paper in found[:20])
    return (
        Callout(
            kind="unproved",
            title=words(
                f"확인되지 않는 증빙 {len(found):,}건", f"{len(found):,} papers do not hold"
            ),
            text=told,
        ),
    )


def _section(line: LineSettlement) -> Section:
    blocks: list[Block] = [
        Table(
            caption=words("받은 곳별(원)", "By recipient (won)"),
            columns=_columns(words("받은 곳", "Recipient")),
            rows=tuple(
                (each.recipient or words("(없음)", "(none)"), *_cells(each))
                for each in line.recipients
            ),
        ),
        _vouchers(line),
    ]
    return Section(title=words(line.title_ko, line.title_en), blocks=tuple(blocks))


def _vouchers(line: LineSettlement) -> Table:
    shown = line.vouchers[:MOST_VOUCHERS]
    left = len(line.vouchers) - len(shown)
    note = words(
        f"그 밖의 {left:,}건은 자료 파일에 있습니다.", f"{left:,} more are in the data file."
    )
    return Table(
        caption=words("전표와 증빙", "Vouchers and evidence"),
        columns=(
            TableColumn(title=words("전표", "Voucher")),
            TableColumn(title=words("일자", "Day")),
            TableColumn(title=words("구분", "Kind")),
            TableColumn(title=words("받은 곳", "Recipient")),
            TableColumn(title=words("금액(원)", "Amount (won)"), kind="number", decimals=0),
            TableColumn(title=words("증빙 SHA-256", "Evidence SHA-256"), kind="code"),
            TableColumn(title=words("증빙 상태", "State")),
        ),
        rows=tuple(_row(each) for each in shown),
        note=note if left else None,
    )


def _row(voucher: Voucher) -> tuple[Cell, ...]:
    papers = voucher.papers
    states: list[Words] = [STATES[_state(each.state)] for each in papers if each.state]
    return (
        voucher.voucher or voucher.entry,
        voucher.booked_on.isoformat(),
        KIND_NAMES[Kind(voucher.kind)],
        voucher.recipient,
        voucher.amount_krw,
        " ".join(each.sha256[:16] for each in papers),
        words(
            ", ".join(dict.fromkeys(each.ko for each in states)),
            ", ".join(dict.fromkeys(each.en for each in states)),
        ),
    )


def _state(text: str) -> State:
    return "whole" if text == "whole" else "changed" if text == "changed" else "missing"
