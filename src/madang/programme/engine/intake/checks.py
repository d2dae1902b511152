"""May these records be booked on this ledger? Every row that may not is named, with the reason."""

from __future__ import annotations

import difflib
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from madang.kernel.sheets.faults import MOST_FAULTS, Fault
from madang.kernel.sheets.headings import bare
from madang.kernel.words import Words, particle, words
from madang.programme.engine.intake import scale
from madang.programme.engine.law import year_begins, year_ends
from madang.programme.engine.ledger import KOREA, Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from madang.programme.engine.intake.headings import Given, Headings
    from madang.programme.engine.intake.papers import Papers
    from madang.programme.engine.intake.records import Record, Step
    from madang.programme.engine.intake.roles import Role
    from madang.programme.engine.ledger import Ledger

UNDO = "undo-"
"""With what the name of a booking begins that takes an import back."""
KINDS: Mapping[Step, Kind] = {
    "granted": Kind.GRANT,
    "disbursed": Kind.DISBURSEMENT,
    "confirmed": Kind.SPENDING,
}

_Key: TypeAlias = tuple[str, str, str, str]
"""Line, kind, voucher and recipient: what is booked once."""


class Terms(NamedTuple):
    """Under what a file is taken in."""

    batch: str
    by: str
    approved_by: str
    recorded_at: datetime
    looked_at: frozenset[int] = frozenset()
    """Rows whose unusual amount a person has looked at and means."""
    papers: Papers | None = None
    """Evidence that came along; None: digests are taken as the rows have them."""


class Checked(NamedTuple):
    """The bookings of a file, and what is wrong with its rows."""

    entries: list[Entry]
    rows: list[int]
    """The file's row of each entry."""
    faults: list[Fault]


def check(
    records: Sequence[Record], ledger: Ledger, headings: Headings, given: Given, terms: Terms
) -> Checked:
    """Turn records into bookings, naming every row that cannot be one.

    Limits of lines and days (실집행 ≤ 집행 ≤ 교부 ≤ appropriation) are not looked at here but by
    `booking`, once every row is good in itself.
    """
    checker = _Checker(records, ledger, headings, given, terms)
    for record in records:
        checker.take(record)
        if len(checker.faults) >= MOST_FAULTS:
            break
    return Checked(checker.entries, checker.rows, checker.faults)


class _Checker:
    """Holds each record against the programme, the ledger and the records before it."""

    def __init__(
        self,
        records: Sequence[Record],
        ledger: Ledger,
        headings: Headings,
        given: Given,
        terms: Terms,
    ) -> None:
        self.programme, self.headings, self.terms = ledger.programme, headings, terms
        self.lines = {line.id: line for line in ledger.programme.lines}
        self.names = _names(ledger, given)
        self.entries: list[Entry] = []
        self.rows: list[int] = []
        self.faults: list[Fault] = []
        year = ledger.programme.fiscal_year
        self.first = max(year_begins(year), ledger.programme.approved_on)
        self.last = min(year_ends(year), terms.recorded_at.astimezone(KOREA).date())
        self.closed = ledger.closed_through
        self.booked: dict[_Key, Entry] = {}
        self.undone: dict[str, str] = {}
        self.net: dict[str, int] = defaultdict(int)
        self.seen_at: dict[str, int] = {}
        self.recipients = {bare(each.name): each.id for each in ledger.recipients}
        for entry in ledger.entries:
            self._remember(entry)
        self.nameless = {
            (each.line, each.kind.value, each.booked_on, each.amount_krw, each.recipient)
            for each in ledger.entries
            if not each.voucher and each.id not in self.undone
        }
        sizes = [abs(each.amount_krw) for each in records]
        self.middle = int(statistics.median(sizes)) if len(sizes) >= scale.MANY else 0
        fault = scale.against_file(headings, self.middle)
        self.faults += [fault] if fault else []

    def take(self, record: Record) -> None:
        """One record: a booking, or one fault and more."""
        before = len(self.faults)
        line = self._line(record)
        self._day(record)
        kind = KINDS[record.step]
        key = (line, kind.value, record.voucher, record.recipient)
        original = self._original(record, key) if line else None
        if line:
            self._amount(record, key)
            self._voucher(record, key, original)
        evidence = self._evidence(record, kind)
        if len(self.faults) > before:
            return
        entry = Entry(
            id=f"{self.terms.batch}-{record.row}-{kind.value}",
            line=line,
            kind=kind,
            amount_krw=record.amount_krw,
            booked_on=record.day,
            recorded_at=self.terms.recorded_at,
            by=self.terms.by,
            approved_by=self.terms.approved_by,
            voucher=record.voucher,
            recipient=self.recipients.get(bare(record.recipient), record.recipient),
            evidence=(evidence,) if evidence else (),
            corrects=original.id if original else self._taken_back(key),
            note=record.memo,
        )
        self.entries.append(entry)
        self.rows.append(record.row)
        self.seen_at[entry.id] = record.row
        self._remember(entry, record.recipient)

    def _remember(self, entry: Entry, recipient: str | None = None) -> None:
        who = entry.recipient if recipient is None else recipient
        if entry.id.startswith(UNDO):
            self.undone[entry.corrects] = entry.id
        is_new = not entry.corrects or entry.corrects.startswith(UNDO)
        self.net[entry.id if is_new else entry.corrects] += entry.amount_krw
        if entry.voucher and is_new:
            self.booked[(entry.line, entry.kind.value, entry.voucher, who)] = entry

    def _taken_back(self, key: _Key) -> str:
        """The booking that took this voucher back with its import, where one did."""
        before = self.booked.get(key) if key[2] else None
        return self.undone.get(before.id, "") if before else ""

    def _line(self, record: Record) -> str:
        line = self.names.get(record.line) or self.names.get(bare(record.line))
        if line:
            self.names[record.line] = line
            return line
        near = difflib.get_close_matches(bare(record.line), self.names, n=3, cutoff=0.5)
        likely = list(dict.fromkeys(self.names[each] for each in near))
        listed = ", ".join(likely or self.lines)
        self._fault(
            record,
            "line",
            words(f"없는 항목 '{record.line[:60]}'", f"the unknown line '{record.line[:60]}'"),
            words(f"{listed} 가운데 하나", f"one of {listed}"),
            words(
                f"'{particle(likely[0], '을', '를')}' 뜻했는지 확인하십시오."
                if likely
                else "매핑 파일의 lines에 적을 수도 있습니다.",
                f"Did you mean '{likely[0]}'?" if likely else "A mapping file may name it.",
            ),
        )
        return ""

    def _day(self, record: Record) -> None:
        if self.first <= record.day <= self.last and not (
            self.closed and record.day <= self.closed
        ):
            return
        first = self.first
        if self.closed and record.day <= self.closed:
            found = words(f"마감된 달의 {record.day}", f"{record.day}, in a closed month")
        else:
            found = words(f"{record.day}", f"{record.day}")
        self._fault(
            record,
            "day",
            found,
            words(f"{first}부터 {self.last}까지의 날", f"a day from {first} to {self.last}"),
            words(
                "연도와 날짜를 확인하십시오. 마감된 달의 정정은 열린 달에 합니다.",
                "Check year and day; a correction of a closed month goes into an open one.",
            ),
        )

    def _amount(self, record: Record, key: _Key) -> None:
        fault = scale.against_line(
            record.amount_krw,
            limit_krw=self.lines[key[0]].amount_krw,
            middle_krw=self.middle,
            row=record.row,
            is_meant=record.row in self.terms.looked_at,
        )
        if record.voucher and not fault:
            for kind in KINDS.values():
                other = self.booked.get((key[0], kind.value, key[2], key[3]))
                if other and kind.value != key[1] and not fault:
                    fault = scale.against_step(record.amount_krw, other)
        if fault:
            self._fault(
                record,
                record.step,
                fault.found,
                fault.expected,
                fault.remedy,
                may_be_meant=fault.may_be_meant,
            )

    def _original(self, record: Record, key: _Key) -> Entry | None:
        """The booking that a correction sets right: of the same voucher, or of the one named."""
        if record.amount_krw > 0 and not record.corrects:
            return None
        return self.booked.get((key[0], key[1], record.corrects or record.voucher, key[3]))

    def _voucher(self, record: Record, key: _Key, original: Entry | None) -> None:
        if original:
            left = self.net[original.id] + record.amount_krw
            if left < 0:
                self._fault(
                    record,
                    "voucher",
                    words(
                        f"전표 '{original.voucher}'의 남은 금액 {left:,}원",
                        f"{left:,} won left of the voucher '{original.voucher}'",
                    ),
                    words("0원 이상", "0 or more"),
                    words(
                        "같은 정정이 두 번 있는지 확인하십시오.",
                        "Look for a correction that stands there twice.",
                    ),
                )
        elif record.corrects:
            self._fault(
                record,
                "corrects",
                words(
                    f"없는 전표 '{record.corrects[:40]}'", f"no voucher '{record.corrects[:40]}'"
                ),
                words("같은 항목과 지급처의 전표", "a voucher of the same line and recipient"),
            )
        elif record.amount_krw < 0:
            self._lone_correction(record)
        elif record.voucher and key in self.booked and not self._taken_back(key):
            self._duplicate(record, self.booked[key])
        elif not record.voucher and record.row not in self.terms.looked_at:
            self._nameless(record, key)

    def _nameless(self, record: Record, key: _Key) -> None:
        """Without a number, an equal booking of an earlier file is most likely the same one."""
        who = self.recipients.get(bare(record.recipient), record.recipient)
        if (key[0], key[1], record.day, record.amount_krw, who) not in self.nameless:
            return
        self._fault(
            record,
            "voucher",
            words(
                f"번호 없이, 이미 반영된 {record.day}의 {record.amount_krw:,}원과 같은 행",
                f"a row without number, equal to {record.amount_krw:,} won booked before",
            ),
            words("전표번호나 아직 반영되지 않은 행", "a voucher number, or a row not booked yet"),
            words(
                f"다른 지출이면 {record.row}행을 확인했다고 표시하십시오.",
                f"If it is another payment, say that row {record.row} was looked at.",
            ),
            may_be_meant=True,
        )

    def _lone_correction(self, record: Record) -> None:
        if record.memo:
            return
        self._fault(
            record,
            "voucher",
            words(f"이유 없는 {record.amount_krw:,}원", f"{record.amount_krw:,} won, no reason"),
            words(
                "바로잡을 전표의 번호나 적요", "the number of the voucher it corrects, or a memo"
            ),
        )

    def _duplicate(self, record: Record, before: Entry) -> None:
        at = self.seen_at.get(before.id)
        place = words(f"{at}행", f"row {at}") if at else words("이미 반영됨", "booked before")
        self._fault(
            record,
            "voucher",
            words(
                f"중복 전표 '{record.voucher[:40]}'({place.ko}, {before.amount_krw:,}원)",
                f"voucher '{record.voucher[:40]}' again ({place.en}, {before.amount_krw:,} won)",
            ),
            words("한 번만 나오는 전표", "a voucher that stands there once"),
            words(
                "중복이면 지우고, 한 전표를 나눈 것이면 번호에 -1, -2를 붙이십시오.",
                "Remove it; if one voucher was split, number its parts -1, -2.",
            ),
        )

    def _evidence(self, record: Record, kind: Kind) -> str:
        """The digest of the paper that proves it, after a look at the paper itself."""
        papers, said = self.terms.papers, record.evidence
        if papers and record.evidence_file:
            found = papers.named(record.evidence_file)
            if found is None and not (said and papers.has(said)):
                self._fault(
                    record,
                    "evidence_file",
                    words(
                        f"함께 오지 않은 파일 '{record.evidence_file[:60]}'",
                        f"no file '{record.evidence_file[:60]}' came along",
                    ),
                    words("함께 올린 증빙 파일", "an evidence file that was handed in"),
                )
            elif found and said and found != said:
                self._mismatch(record, found)
            said = said or found or ""
        elif papers and said and not papers.has(said):
            self._fault(
                record,
                "evidence",
                words(f"지문이 {said}인 파일 없음", f"no file of digest {said}"),
                words("함께 올린 증빙 파일", "an evidence file that was handed in"),
            )
        elif kind is Kind.SPENDING and record.amount_krw > 0 and not said:
            self._fault(
                record,
                "evidence",
                words("증빙 없는 실집행", "confirmed spending without evidence"),
                words("증빙 파일이나 그 SHA-256", "an evidence file or its SHA-256"),
                words("증빙이 없으면 집행으로 올리십시오.", "Without evidence it is 집행."),
            )
        return said

    def _mismatch(self, record: Record, found: str) -> None:
        name, said = record.evidence_file[:60], record.evidence
        self._fault(
            record,
            "evidence_file",
            words(f"'{name}'의 지문 {found}", f"'{name}' of digest {found}"),
            words(f"행에 적힌 지문 {said}", f"the digest in the row, {said}"),
            words("파일이나 지문이 바뀌지 않았는지 확인하십시오.", "One of them changed."),
        )

    def _fault(
        self,
        record: Record,
        role: Role,
        found: Words | str,
        expected: Words | str,
        remedy: Words | str = "",
        *,
        may_be_meant: bool = False,
    ) -> None:
        column = self.headings.of(role) or (
            self.headings.of("amount") if role in ("granted", "disbursed", "confirmed") else None
        )
        heading = column.heading if column else ""
        self.faults.append(
            Fault(
                row=record.row,
                column=heading,
                found=found,
                expected=expected,
                remedy=remedy,
                may_be_meant=may_be_meant,
            )
        )


def _names(ledger: Ledger, given: Given) -> dict[str, str]:
    """What a line may be called → its identifier."""
    found: dict[str, str] = {}
    for line in ledger.programme.lines:
        for name in (line.id, line.title.ko, line.title.en):
            found[bare(name)] = line.id
        found[line.id] = line.id
    own = {line.id for line in ledger.programme.lines}
    return found | {name: line for name, line in given.lines.items() if line in own}
