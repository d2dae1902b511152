"""What would an import change, and how is it taken in or back as a whole?

A file becomes one batch of bookings, or nothing: the first look and the taking in are the same
reading, and only what was looked at without a fault lands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel import ids
from madang.kernel.sheets.amounts import unit_name
from madang.kernel.sheets.faults import Fault, FileRefused, ImportRefused
from madang.kernel.sheets.files import read_sheets
from madang.kernel.words import Words, words
from madang.programme.engine import balances, booking
from madang.programme.engine.errors import BookingRefused
from madang.programme.engine.intake import headings as heads
from madang.programme.engine.intake import records as rows
from madang.programme.engine.intake.checks import UNDO, Terms, check
from madang.programme.engine.intake.roles import TITLES
from madang.programme.engine.intake.running import below_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from madang.kernel.sheets.sheet import Sheet
    from madang.kernel.words import Language
    from madang.programme.engine.intake.headings import Given, Headings
    from madang.programme.engine.intake.records import Step
    from madang.programme.engine.ledger import Entry, Ledger


class Change(NamedTuple):
    """One line before and after an import, in won."""

    line: str
    rows: int
    granted_before_krw: int
    granted_after_krw: int
    disbursed_before_krw: int
    disbursed_after_krw: int
    spent_before_krw: int
    spent_after_krw: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a file was read as, and what it would change."""

    batch: str
    file: str
    sha256: str
    """Of the file."""
    sheet: str
    headings: Headings
    rows: int
    totals: int
    """Rows of totals that agree with the others and are not taken in."""
    notes: tuple[str, ...]
    """Rows without amounts, left out."""
    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]
    """Of the lines that the file names; empty where a row has a fault."""
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether every row may be booked."""
        return not self.faults and bool(self.entries)

    def plain(self, language: Language) -> dict[str, Any]:
        """The preview for a program or a page, in one language."""
        return {
            "batch": self.batch,
            "file": self.file,
            "sha256": self.sha256,
            "sheet": self.sheet,
            "columns": [
                {
                    "heading": each.heading,
                    "role": each.role,
                    "taken_for": TITLES[each.role].within(language),
                    "unit": unit_name(each.unit_krw) if each in self.headings.amounts else "",
                    "unit_said": each.unit_said,
                }
                for each in self.headings.columns
            ],
            "columns_unread": list(self.headings.unread),
            "rows": self.rows,
            "totals": self.totals,
            "notes": list(self.notes),
            "records": len(self.entries),
            "changes": [each._asdict() for each in self.changes],
            "faults": [each.plain(language) for each in self.faults],
            "holds": self.holds,
        }


def new_batch() -> str:
    """A name for an import."""
    return ids.new("import")


def preview(
    content: bytes,
    ledger: Ledger,
    *,
    name: str,
    terms: Terms,
    given: Given = heads.NOTHING_GIVEN,
    step: Step = "disbursed",
) -> Preview:
    """Read a file and say what it would change; nothing is booked.

    Args:
        content: The whole file: CSV or XLSX.
        ledger: What is booked already.
        name: What its owner calls the file.
        terms: The batch, who proposes and approves it, and when.
        given: What a mapping file says.
        step: What an amount is whose heading and row do not say it.

    Raises:
        FileRefused: It is no table, or no heading in it names a line, a day and an amount.
    """
    sheet, headings = _table(content, name, given)
    reading = rows.read_records(sheet, headings, given, step=step)
    checked = check(reading.records, ledger, headings, given, terms)
    faults = sorted([*reading.faults, *checked.faults], key=lambda each: each.row)
    changes: tuple[Change, ...] = ()
    if not faults and not checked.entries:
        faults = [_nothing()]
    if not faults:
        faults = below_nothing(ledger, checked.entries, checked.rows) or [
            _of_row(checked.rows[each.row - 1], each.reason)
            for each in booking.refusals(ledger, checked.entries)
        ]
    if not faults:
        changes = _changes(ledger, checked.entries)
    return Preview(
        batch=terms.batch,
        file=name,
        sha256=ids.digest(content),
        sheet=sheet.name,
        headings=headings,
        rows=reading.rows,
        totals=reading.totals,
        notes=tuple(reading.notes),
        entries=tuple(checked.entries),
        changes=changes,
        faults=tuple(faults),
    )


def take_in(ledger: Ledger, looked_at: Preview) -> Ledger:
    """The ledger with all bookings of a preview.

    Raises:
        ImportRefused: A row of it has a fault; nothing is taken in.
        BookingRefused: The ledger has changed since, and one may no longer be booked.
    """
    if not looked_at.holds:
        raise ImportRefused(looked_at.faults or [_nothing()])
    return booking.append(ledger, looked_at.entries)


def entries_of(ledger: Ledger, batch: str) -> tuple[Entry, ...]:
    """The bookings of an import."""
    start = f"{batch}-"
    return tuple(each for each in ledger.entries if each.id.startswith(start))


def undoing(
    ledger: Ledger, batch: str, *, by: str, approved_by: str, recorded_at: datetime
) -> tuple[Entry, ...]:
    """The bookings that take an import back as a whole: each of its own, with the sign turned.

    They count for the days of what they take back, or for the first open day where the month is
    closed. Nothing is removed: both stay readable.

    Raises:
        BookingRefused: There is no such import, or it was taken back before.
    """
    own = entries_of(ledger, batch)
    undone = {each.corrects for each in ledger.entries if each.id.startswith(f"{UNDO}{batch}-")}
    if not own or undone & {each.id for each in own}:
        raise BookingRefused(
            words(f"가져오기 {batch!r}", f"import {batch!r}")
            if not own
            else words(f"이미 취소한 가져오기 {batch!r}", f"import {batch!r}, taken back before"),
            words("반영되어 있는 가져오기의 번호", "the number of an import that stands"),
        )
    closed = ledger.closed_through
    return tuple(
        replace(
            each,
            id=f"{UNDO}{each.id}",
            amount_krw=-each.amount_krw,
            booked_on=_open_day(each.booked_on, closed),
            recorded_at=recorded_at,
            by=by,
            approved_by=approved_by,
            corrects=each.id,
            note=f"가져오기 취소 · import taken back: {batch}",
        )
        for each in own
    )


def _open_day(day: date, closed: date | None) -> date:
    return day if closed is None or day > closed else type(day).fromordinal(closed.toordinal() + 1)


def _table(content: bytes, name: str, given: Given) -> tuple[Sheet, Headings]:
    """The sheet whose headings say most."""
    sheets = read_sheets(content, name=name)
    if given.sheet:
        sheets = [each for each in sheets if each.name == given.sheet]
    found = [(each, headings) for each in sheets if (headings := heads.find(each, given))]
    if found:
        return max(found, key=lambda each: (len(each[1].columns), len(each[0].rows)))
    if not sheets or not sheets[0].rows:
        raise FileRefused(
            words(f"{name}에 없는 시트 '{given.sheet}'", f"no sheet '{given.sheet}' in {name}"),
            words("통합문서에 있는 시트", "a sheet of the workbook"),
        )
    seen, lacking = heads.missing(sheets[0], given)
    titles = [TITLES[each] for each in lacking]
    raise FileRefused(
        words(f"{name}의 제목 행 '{seen}'", f"the headings '{seen}' in {name}"),
        words(
            f"{', '.join(each.ko for each in titles)} 열",
            f"columns for {', '.join(each.en for each in titles)}",
        ),
        words(
            "제목을 고치거나, 어느 열이 무엇인지 매핑 파일로 알려 주십시오.",
            "Mend the headings, or say in a mapping file which column is what.",
        ),
    )


def _nothing() -> Fault:
    return Fault(
        row=0,
        column="",
        found=words("집행 기록 없음", "no execution record"),
        expected=words("제목 아래 한 행 이상", "a row or more below the headings"),
    )


def _of_row(row: int, reason: BookingRefused) -> Fault:
    """A limit of the ledger as a fault of the file's row; the ledger counts records."""
    return Fault(
        row=row,
        column="",
        found=_without_place(reason.found),
        expected=reason.expected,
        remedy=reason.remedy,
    )


def _without_place(found: Words | str) -> Words | str:
    if isinstance(found, str):
        return found
    return words(found.ko.partition(", ")[2] or found.ko, found.en.partition(", ")[2] or found.en)


def _changes(ledger: Ledger, entries: Sequence[Entry]) -> tuple[Change, ...]:
    """Each line that the entries name, before and after them."""
    count: dict[str, int] = {}
    for entry in entries:
        count[entry.line] = count.get(entry.line, 0) + 1
    before = balances.balances(ledger)
    after = balances.balances(replace(ledger, entries=(*ledger.entries, *entries)))
    return tuple(
        Change(
            line=was.line,
            rows=count[was.line],
            granted_before_krw=was.granted_krw,
            granted_after_krw=now.granted_krw,
            disbursed_before_krw=was.disbursed_krw,
            disbursed_after_krw=now.disbursed_krw,
            spent_before_krw=was.spent_krw,
            spent_after_krw=now.spent_krw,
        )
        for was, now in zip(before, after, strict=True)
        if was.line in count
    )
