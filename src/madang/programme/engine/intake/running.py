"""Does a correction take a line below nothing, on any day?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from madang.kernel.sheets.faults import Fault
from madang.kernel.words import words
from madang.programme.engine.ledger import KIND_NAMES, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from madang.programme.engine.ledger import Entry, Ledger

_SUMMED = (Kind.GRANT, Kind.DISBURSEMENT, Kind.SPENDING)


def below_nothing(ledger: Ledger, entries: Sequence[Entry], rows: Sequence[int]) -> list[Fault]:
    """The first day of each line and kind that corrections take below 0, with the last of them.

    Args:
        ledger: What is booked already.
        entries: What would be booked.
        rows: The file's row of each.
    """
    last: dict[tuple[str, Kind], list[tuple[date, int]]] = defaultdict(list)
    for entry, row in zip(entries, rows, strict=True):
        if entry.amount_krw < 0:
            last[entry.line, entry.kind].append((entry.booked_on, row))
    changes: dict[tuple[str, Kind], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for entry in (*ledger.entries, *entries):
        key = (entry.line, entry.kind)
        if key in last and entry.kind in _SUMMED:
            changes[key][entry.booked_on] += entry.amount_krw
    found = []
    for (line, kind), of_day in changes.items():
        total = 0
        for on in sorted(of_day):
            total += of_day[on]
            if total < 0:
                row = max(row for day, row in last[line, kind] if day <= on)
                found.append(_fault(line, kind, on, total, row))
                break
    return found


def _fault(line: str, kind: Kind, on: date, total_krw: int, row: int) -> Fault:
    name = KIND_NAMES[kind]
    return Fault(
        row=row,
        column="",
        found=words(
            f"{on} '{line}'의 {name.ko} 합계 {total_krw:,}원",
            f"a {name.en} of {total_krw:,} won in all on '{line}', {on}",
        ),
        expected=words("0원 이상", "0 won or more"),
        remedy=words(
            "바로잡을 지출이 먼저 반영되어 있는지, 날짜가 맞는지 확인하십시오.",
            "Check that what it corrects is booked, and on an earlier day.",
        ),
    )
