"""Is an amount off by a unit? 천원 taken for 원 and the like, told from what else is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.sheets.amounts import unit_name
from madang.kernel.sheets.faults import CellFault, Fault
from madang.kernel.words import Words, words
from madang.programme.engine.ledger import KIND_NAMES

if TYPE_CHECKING:
    from madang.programme.engine.intake.headings import Headings
    from madang.programme.engine.ledger import Entry

MANY = 20
"""Records from which on the middle amount of a file says something."""
_TINY_KRW = 5_000
"""A middle voucher below the price of a meal, in a file that names no unit: likely not won."""
_OFF = (1_000, 1_000_000, 100_000_000)
"""By how much an amount is wrong where 천원, 백만원 or 억원 were confused with won."""
_DWARFS = 1_000


def against_file(headings: Headings, middle_krw: int) -> Fault | None:
    """What is wrong with a file that names no unit and whose amounts look like thousands.

    Args:
        headings: Of the file.
        middle_krw: The median amount, 0 where there are too few to tell.
    """
    unsaid = [each for each in headings.amounts if not each.unit_said]
    if not unsaid or not 0 < middle_krw < _TINY_KRW:
        return None
    return Fault(
        row=0,
        column=unsaid[0].heading,
        found=words(
            f"단위 표시 없이 중앙값 {middle_krw:,}인 금액",
            f"amounts around {middle_krw:,} and no unit",
        ),
        expected=words("단위가 적힌 금액", "amounts whose unit is said"),
        remedy=words(
            "천원 단위로 보입니다. '(단위: 천원)'이나 '(단위: 원)'을 표 위에 적으십시오.",
            "They look like thousands: write (단위: 천원) or (단위: 원) above the table.",
        ),
    )


def against_line(
    amount_krw: int, *, limit_krw: int, middle_krw: int, row: int, is_meant: bool
) -> CellFault | None:
    """What is wrong with an amount that its line cannot hold, or that dwarfs all others.

    Args:
        amount_krw: The amount.
        limit_krw: What was voted for the line.
        middle_krw: The median of the file, 0 where there are too few to tell.
        row: Where it stands, for the remedy.
        is_meant: A person has looked at the row; only the line's own limit holds then.
    """
    size = abs(amount_krw)
    if size > limit_krw:
        found = words(
            f"{amount_krw:,}원, 항목 예산 {limit_krw:,}원보다 큰 금액",
            f"{amount_krw:,} won, more than the line's {limit_krw:,}",
        )
        off = next((each for each in _OFF if size // each <= limit_krw), _OFF[-1])
        return _fault(found, amount_krw, off)
    if is_meant or not middle_krw or size < limit_krw // 2 or size < _DWARFS * middle_krw:
        return None
    found = words(
        f"{amount_krw:,}원, 이 파일의 중앙값 {middle_krw:,}원의 1,000배 이상",
        f"{amount_krw:,} won, 1,000 times the file's median {middle_krw:,}",
    )
    more = words(
        f" 맞는 금액이면 {row}행을 확인했다고 표시하십시오.",
        f" If it is right, say that row {row} was looked at.",
    )
    return _fault(found, amount_krw, _DWARFS, more)


def against_step(amount_krw: int, other: Entry) -> CellFault | None:
    """What is wrong with an amount that is a unit apart from another step of its voucher.

    교부, 집행 and 실집행 of one voucher may differ, but hardly by exactly a thousand.
    """
    large, small = sorted((abs(other.amount_krw), abs(amount_krw)), reverse=True)
    if not small or large % small or large // small not in _OFF:
        return None
    name = KIND_NAMES[other.kind]
    found = words(
        f"{amount_krw:,}원, 같은 전표의 {name.ko} {other.amount_krw:,}원",
        f"{amount_krw:,} won, where the {name.en} of the same voucher is {other.amount_krw:,}",
    )
    return _fault(found, amount_krw, large // small)


def _fault(found: Words, amount_krw: int, off: int, more: Words | None = None) -> CellFault:
    name, likely, more = unit_name(off), amount_krw // off, more or words("", "")
    return CellFault(
        found,
        words("항목 예산 안의, 단위가 맞는 금액", "an amount of the right unit, within the line"),
        words(
            f"{name}과 원을 혼동한 것 같습니다. {off:,}로 나누면 {likely:,}원입니다.{more.ko}",
            f"{name} and 원 seem confused: divided by {off:,} it is {likely:,} won.{more.en}",
        ),
        may_be_meant=bool(more.ko),
    )
