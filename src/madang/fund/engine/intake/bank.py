"""What moved on the fund's account, and does the bank's own running balance agree?

Read as Korean banks export it: titles above the table, newest or oldest first, totals below.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from madang.fund.engine.intake.columns import Layout, find
from madang.kernel.sheets.amounts import amount_krw
from madang.kernel.sheets.days import day
from madang.kernel.sheets.faults import CellFault, Fault, ImportRefused
from madang.kernel.sheets.files import read_sheets
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from madang.fund.engine.intake.columns import Found

LAYOUT = Layout(
    title="거래내역",
    title_en="a bank statement",
    synonyms={
        "on": ("거래일시", "거래일자", "거래일", "일자", "날짜", "거래날짜", "date"),
        "out": ("출금액", "출금금액", "출금", "찾으신금액", "지급금액", "지급액", "withdrawal"),
        "in": ("입금액", "입금금액", "입금", "맡기신금액", "deposit"),
        "balance": ("잔액", "거래후잔액", "잔고", "거래후잔고", "balance"),
        "text": ("적요", "거래구분", "거래종류", "구분", "description"),
        "payer": (
            "거래처",
            "내용",
            "거래내용",
            "기재내용",
            "의뢰인수취인",
            "보낸분받는분",
            "거래기록사항",
            "상대계좌예금주명",
            "입금인",
            "payer",
        ),
        "memo": ("메모", "송금메모", "비고", "memo"),
    },
    needed=("on", "out", "in"),
)
_ACCOUNT = re.compile(r"계좌\s*번호\s*[:：]?\s*([0-9][0-9\-]{5,30})")
_TOTAL = re.compile(r"합\s*계|총\s*계|소\s*계|total", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One movement; exactly one of the two amounts is not 0."""

    row: int
    on: date
    text: str
    payer: str
    memo: str
    in_krw: int
    out_krw: int
    balance_krw: int | None
    """After the movement, as the bank says; None where the statement has no such column."""
    digest: str
    """The same for the same movement in any other statement of the account."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Movements of one account, the oldest first."""

    name: str
    account: str
    """Its number as the statement has it; empty where it has none."""
    lines: tuple[Line, ...]
    digest: str
    """Of all movements: the batch."""

    @property
    def has_balances(self) -> bool:
        """Whether the running balance could be checked at all."""
        return all(each.balance_krw is not None for each in self.lines)


def read(content: bytes, *, name: str) -> Statement:
    """The movements of a statement.

    Args:
        content: The whole file, CSV or XLSX.
        name: What its owner calls it.

    Raises:
        FileRefused: It holds no table of movements.
        ImportRefused: A row cannot be read, or the running balance or a total does not agree.
    """
    found = find(read_sheets(content, name=name), LAYOUT)
    faults: list[Fault] = []
    raw: list[Line] = []
    numbers = found.sheet.numbers[found.first :]
    for row, number in zip(found.sheet.rows[found.first :], numbers, strict=True):
        try:
            if (line := _line(found, row, number, raw)) is not None:
                raw.append(line)
        except _Misread as fault:
            faults.append(fault.fault)
    if not raw and not faults:
        faults.append(
            Fault(
                row=0,
                column="",
                found=words("입출금이 없는 거래내역", "a statement without movements"),
                expected=words("한 건 이상의 입출금", "one movement or more"),
            )
        )
    ordered = raw if faults else _ordered(raw, faults)
    if faults:
        raise ImportRefused(faults)
    account = next((hit[1] for note in found.notes if (hit := _ACCOUNT.search(note))), "")
    lines = _identified(ordered, re.sub(r"\D", "", account))
    batch = sha256("\n".join(each.digest for each in lines).encode()).hexdigest()
    return Statement(name=name, account=account, lines=lines, digest=batch)


class _Misread(ValueError):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault)


def _line(found: Found, row: Sequence[str], number: int, before: Sequence[Line]) -> Line | None:
    """The movement of a row; None for a row of totals that agrees."""
    said = found.text(row, "on")
    if _TOTAL.search(said) or (not said and any(map(_TOTAL.search, row))):
        _check_totals(found, row, number, before)
        return None
    try:
        on = day(said, from_1904=found.sheet.from_1904)
    except CellFault as fault:
        raise _misread(found, number, "on", fault) from fault
    into, out = _won(found, row, number, "in"), _won(found, row, number, "out")
    if into < 0 or out < 0 or bool(into) == bool(out):
        raise _Misread(
            Fault(
                row=number,
                column="",
                found=words(
                    f"입금 {into:,}원, 출금 {out:,}원", f"{into:,} won in and {out:,} won out"
                ),
                expected=words("둘 가운데 하나만 0보다 큰 금액", "one of them above 0"),
            )
        )
    balance = (
        _won(found, row, number, "balance") if found.text(row, "balance").strip("-") else None
    )
    return Line(
        row=number,
        on=on,
        text=found.text(row, "text"),
        payer=found.text(row, "payer"),
        memo=found.text(row, "memo"),
        in_krw=into,
        out_krw=out,
        balance_krw=balance,
        digest="",
    )


def _won(found: Found, row: Sequence[str], number: int, role: str) -> int:
    try:
        return amount_krw(found.text(row, role), unit_krw=found.units_krw.get(role, 1)) or 0
    except CellFault as fault:
        raise _misread(found, number, role, fault) from fault


def _misread(found: Found, number: int, role: str, fault: CellFault) -> _Misread:
    return _Misread(
        Fault(
            row=number,
            column=found.headings.get(role, ""),
            found=fault.found,
            expected=fault.expected,
            remedy=fault.remedy,
        )
    )


def _check_totals(found: Found, row: Sequence[str], number: int, before: Sequence[Line]) -> None:
    """Refuse totals that are not the sum of the rows above."""
    for role in ("in", "out"):
        said = _won(found, row, number, role)
        real = sum(each.in_krw if role == "in" else each.out_krw for each in before)
        if said and said != real:
            raise _Misread(
                Fault(
                    row=number,
                    column=found.headings[role],
                    found=words(f"합계 {said:,}원", f"a total of {said:,} won"),
                    expected=words(f"위 행의 합 {real:,}원", f"the rows' sum of {real:,} won"),
                    remedy=words("빠진 행이 없는지 확인하십시오.", "Check for missing rows."),
                )
            )


def _ordered(lines: Sequence[Line], faults: list[Fault]) -> list[Line]:
    """The oldest first; which way the bank wrote is seen from days and balances."""
    forth, back = list(lines), list(reversed(lines))

    def breaks(order: Sequence[Line]) -> list[Fault]:
        pairs = zip(order, order[1:], strict=False)
        return [fault for old, new in pairs if (fault := _break(old, new))]

    def is_rising(order: Sequence[Line]) -> bool:
        return all(old.on <= new.on for old, new in zip(order, order[1:], strict=False))

    ways = [way for way in (forth, back) if is_rising(way)] or [forth, back]
    best = min(ways, key=lambda way: len(breaks(way)))
    faults += breaks(best)
    return best


def _break(old: Line, new: Line) -> Fault | None:
    """What is wrong with a balance, after the movement before it."""
    if old.balance_krw is None or new.balance_krw is None:
        return None
    expected = old.balance_krw + new.in_krw - new.out_krw
    if new.balance_krw == expected:
        return None
    return Fault(
        row=new.row,
        column="잔액",
        found=words(f"잔액 {new.balance_krw:,}원", f"a balance of {new.balance_krw:,} won"),
        expected=words(
            f"{old.row}행의 잔액에서 이어지는 {expected:,}원",
            f"{expected:,} won after row {old.row}",
        ),
        remedy=words(
            "빠지거나 바뀐 행이 없는지 은행 원본과 대조하십시오.",
            "Compare it with the bank's own file: a row is missing or was changed.",
        ),
    )


def _identified(lines: Sequence[Line], account: str) -> tuple[Line, ...]:
    """Each movement with a digest that another export of the same movement has as well."""
    seen: Counter[str] = Counter()
    found = []
    for each in lines:
        parts = [
            account,
            each.on.isoformat(),
            "".join((each.payer or each.text).split()),
            each.in_krw,
            each.out_krw,
            each.balance_krw,
        ]
        text = json.dumps(parts, ensure_ascii=False)
        seen[text] += 1
        digest = sha256(f"{text}#{seen[text]}".encode()).hexdigest()
        found.append(replace(each, digest=digest))
    return tuple(found)
