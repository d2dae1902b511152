"""Which execution records does a table hold, and do its own totals agree with them?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from madang.kernel.sheets.amounts import amount_krw
from madang.kernel.sheets.days import day
from madang.kernel.sheets.faults import MOST_FAULTS, CellFault, Fault
from madang.kernel.sheets.headings import bare
from madang.kernel.words import words
from madang.programme.engine.intake.roles import AMOUNTS, Role

if TYPE_CHECKING:
    from madang.kernel.sheets.sheet import Sheet
    from madang.kernel.words import Words
    from madang.programme.engine.intake.headings import Column, Given, Headings

Step: TypeAlias = Literal["granted", "disbursed", "confirmed"]
_CALLED: Mapping[Step, str] = {
    "granted": "교부 보조금교부 교부결정 granted grant",
    "disbursed": "집행 지출 지급 사용 disbursed disbursement spent payment",
    "confirmed": "실집행 확인 집행확정 정산확정 정산 confirmed",
}
_STEPS = {name: step for step, names in _CALLED.items() for name in names.split()}
_TOTAL = re.compile(r"(?:총|소|합|누|월)?계|합산|총액|총합계?|total|subtotal|grandtotal|sum")
_NOTE = "※*주)"
_DIGEST = re.compile(r"(?:sha-?256[:=])?([0-9a-f]{64})")


class Record(NamedTuple):
    """One amount of one voucher, as the file has it."""

    row: int
    line: str
    """As the file calls it."""
    step: Step
    day: date
    amount_krw: int
    voucher: str = ""
    recipient: str = ""
    recipient_number: str = ""
    evidence: str = ""
    """SHA-256 of the evidence file, in small letters; empty where the file gives none."""
    evidence_file: str = ""
    corrects: str = ""
    memo: str = ""


@dataclass(kw_only=True)
class Reading:
    """What was read from a table."""

    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    totals: int = 0
    """Rows of totals, checked against the rows and not taken in."""
    notes: list[str] = field(default_factory=list)
    rows: int = 0
    """Rows below the headings that are neither totals nor notes."""


def read_records(
    sheet: Sheet, headings: Headings, given: Given, *, step: Step = "disbursed"
) -> Reading:
    """The records of a table, and everything that keeps rows from being records.

    Args:
        sheet: The table.
        headings: Where it begins, and what its columns are for.
        given: What a mapping file adds.
        step: What an amount is whose column and row do not say it.

    Returns:
        The records in the order of the rows. Rows with a fault give none; after `MOST_FAULTS` the
        reading stops.
    """
    reader = _Reader(sheet, headings, given, step)
    repeated = tuple(sheet.rows[headings.first - 1])
    for place in range(headings.first, len(sheet.rows)):
        row = sheet.rows[place]
        if tuple(row) != repeated:
            reader.take(sheet.numbers[place], row)
        if len(reader.reading.faults) >= MOST_FAULTS:
            break
    return reader.reading


class _Reader:
    """Goes down a table, remembering what totals will be compared with."""

    def __init__(self, sheet: Sheet, headings: Headings, given: Given, step: Step) -> None:
        self.reading, self.step = Reading(), step
        self.from_1904, self.repeats = sheet.from_1904, frozenset(given.repeats)
        self.places: dict[Role, Column] = {each.role: each for each in headings.columns}
        self.amounts = headings.amounts
        self.above: dict[Role, str] = {}
        self.so_far: dict[int, int] = {each.at: 0 for each in self.amounts}
        self.since: dict[int, int] = dict(self.so_far)
        kinds = self.places.get("kind")
        self.kind_at = kinds.at if kinds else -1
        self.day_at = self.places["day"].at
        named = {*AMOUNTS, "line", "day", "kind"}
        self.rest = tuple(
            (role, each.at) for role, each in self.places.items() if role not in named
        )

    def take(self, number: int, row: Sequence[str]) -> None:
        """One row: records, a total, or a note."""
        if not self._cell(row, self.day_at):
            if self._is_total(row):
                self._compare(number, row)
                return
            if self._is_note(row):
                self.reading.notes.append(" ".join(filter(None, row)))
                return
        self.reading.rows += 1
        before = len(self.reading.faults)
        line, on = self._line(number, row), self._day(number, row)
        amounts = self._amounts(number, row)
        step = self._step(number, row)
        rest = {role: self._cell(row, at) for role, at in self.rest}
        self._check_digest(number, rest)
        if len(self.reading.faults) > before or on is None:
            return
        for column, amount in amounts:
            taken = step if column.role == "amount" else _STEPS[column.role]
            self.reading.records.append(Record(number, line, taken, on, amount, **rest))
            self.so_far[column.at] += amount
            self.since[column.at] += amount

    def _cell(self, row: Sequence[str], at: int) -> str:
        return row[at].strip() if at < len(row) else ""

    def _line(self, number: int, row: Sequence[str]) -> str:
        column = self.places["line"]
        said = self._cell(row, column.at)
        if not said and "line" in self.repeats:
            said = self.above.get("line", "")
        if said:
            self.above["line"] = said
        else:
            self._fault(number, column, words("빈 칸", "an empty cell"), words("항목", "a line"))
        return said

    def _day(self, number: int, row: Sequence[str]) -> date | None:
        column = self.places["day"]
        said = self._cell(row, column.at)
        if not said and "day" in self.repeats:
            said = self.above.get("day", "")
        self.above["day"] = said
        try:
            return day(said, from_1904=self.from_1904)
        except CellFault as fault:
            found = fault.found if said else words("빈 칸", "an empty cell")
            self._fault(number, column, found, fault.expected, fault.remedy)
            return None

    def _amounts(self, number: int, row: Sequence[str]) -> list[tuple[Column, int]]:
        found = []
        for column in self.amounts:
            try:
                amount = amount_krw(self._cell(row, column.at), unit_krw=column.unit_krw)
            except CellFault as fault:
                self._fault(number, column, fault.found, fault.expected, fault.remedy)
                return []
            if amount:
                found.append((column, amount))
        if not found:
            column = self.amounts[0]
            said = self._cell(row, column.at)
            self._fault(
                number,
                column,
                words(f"'{said}'", f"'{said}'") if said else words("빈 칸", "an empty cell"),
                words("0이 아닌 금액", "an amount other than 0"),
                words("쓰지 않은 행이면 지우십시오.", "Remove the row if nothing was spent."),
            )
        return found

    def _step(self, number: int, row: Sequence[str]) -> Step:
        said = self._cell(row, self.kind_at) if self.kind_at >= 0 else ""
        if not said:
            return self.step
        found = _STEPS.get(bare(said))
        if found is None and any(each.role == "amount" for each in self.amounts):
            self._fault(
                number,
                self.places["kind"],
                f"'{said[:40]}'",
                words("교부, 집행, 실집행 가운데 하나", "one of 교부, 집행, 실집행"),
            )
        return found or self.step

    def _check_digest(self, number: int, rest: dict[Role, str]) -> None:
        said = rest.get("evidence", "")
        if not said:
            return
        found = _DIGEST.fullmatch(said.lower())
        if found:
            rest["evidence"] = found[1]
            return
        self._fault(
            number,
            self.places["evidence"],
            f"'{said[:40]}'",
            words("SHA-256 지문(16진수 64자)", "a SHA-256 digest of 64 hexadecimal digits"),
        )

    def _is_total(self, row: Sequence[str]) -> bool:
        at = {each.at for each in self.amounts}
        return any(
            _TOTAL.fullmatch(bare(cell))
            for place, cell in enumerate(row)
            if cell and place not in at
        )

    def _is_note(self, row: Sequence[str]) -> bool:
        filled = [cell.strip() for cell in dict.fromkeys(row) if cell.strip()]
        return len(filled) == 1 and not any(
            self._cell(row, each.at) == filled[0] and filled[0][0] not in _NOTE
            for each in self.amounts
        )

    def _compare(self, number: int, row: Sequence[str]) -> None:
        """A total is that of all rows so far, or of those since the last one."""
        self.reading.totals += 1
        for column in self.amounts:
            try:
                said = amount_krw(self._cell(row, column.at), unit_krw=column.unit_krw)
            except CellFault as fault:
                self._fault(number, column, fault.found, fault.expected, fault.remedy)
                continue
            sums = (self.so_far[column.at], self.since[column.at])
            if said is not None and said not in sums and not self.reading.faults:
                self._fault(
                    number,
                    column,
                    words(f"합계 {said:,}원", f"the total {said:,} won"),
                    words(f"행들의 합 {sums[0]:,}원", f"the sum of the rows, {sums[0]:,} won"),
                    words(
                        "빠지거나 바뀐 행이 없는지 확인하십시오.",
                        "Look for rows that are missing or were changed.",
                    ),
                )
        self.since = dict.fromkeys(self.since, 0)

    def _fault(
        self,
        number: int,
        column: Column,
        found: Words | str,
        expected: Words | str,
        remedy: Words | str = "",
    ) -> None:
        self.reading.faults.append(
            Fault(row=number, column=column.heading, found=found, expected=expected, remedy=remedy)
        )
