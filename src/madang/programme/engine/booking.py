"""May this be booked? Rows are appended all together or not at all.

On every day and for every line: 실집행 ≤ 집행 ≤ 교부 ≤ appropriation. Two persons stand behind an
entry, none lies in a closed month or outside the fiscal year, and 실집행 has evidence.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.kernel.words import Words, words
from madang.programme.engine import columns
from madang.programme.engine.awards import unknown_recipient
from madang.programme.engine.errors import BookingRefused, MonthClosed
from madang.programme.engine.law import year_begins, year_ends
from madang.programme.engine.ledger import KIND_NAMES, KOREA, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.programme.engine.awards import Award, Recipient
    from madang.programme.engine.ledger import Entry, Ledger
    from madang.programme.engine.lines import Programme

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Refusal(NamedTuple):
    """Why one row may not be booked."""

    row: int
    """Counted from 1 in what was handed in."""
    reason: BookingRefused


def append(ledger: Ledger, entries: Sequence[Entry]) -> Ledger:
    """The ledger with the entries behind those it has.

    Raises:
        BookingRefused: One may not be booked, so none is; the sentence names the row.
        MonthClosed: As above; its month is closed.
    """
    found = refusals(ledger, entries)
    if found:
        raise found[0].reason
    return replace(ledger, entries=(*ledger.entries, *entries))


def refusals(ledger: Ledger, entries: Sequence[Entry]) -> tuple[Refusal, ...]:
    """Every row that may not be booked, in order; none where all may.

    Limits of lines are looked at only where each row is good in itself.
    """
    own = tuple(_own_faults(ledger, entries))
    return own or tuple(_limit_faults(ledger, entries))


def with_awards(
    ledger: Ledger, awards: Sequence[Award], recipients: Sequence[Recipient] = ()
) -> Ledger:
    """The ledger with further sub-awards and recipients.

    Raises:
        BookingRefused: A name is taken or unknown, an amount is not above 0, or a line's awards
            together exceed its appropriation.
    """
    known = (*ledger.recipients, *recipients)
    every = (*ledger.awards, *awards)
    for noun, names in (
        (words("수령자", "recipient"), [each.id for each in known]),
        (words("협약", "award"), [each.id for each in every]),
    ):
        twice = [name for name, times in Counter(names).items() if times > 1]
        if twice:
            raise BookingRefused(
                words(f"두 번 나오는 {noun.ko} {twice[0]!r}", f"{noun.en} {twice[0]!r} twice"),
                words("저마다 다른 이름", "a name of its own"),
            )
    there = {each.id for each in known}
    for award in awards:
        if award.recipient not in there:
            raise unknown_recipient(award)
        ledger.programme.line(award.line)
    result = replace(ledger, awards=every, recipients=known)
    _check_awards(result)
    return result


def _check_awards(ledger: Ledger) -> None:
    may = columns.totals(ledger.programme, ledger.entries)[:, 0].tolist()
    for line, limit in zip(ledger.programme.lines, may, strict=True):
        own = [award for award in ledger.awards if award.line == line.id]
        promised = sum(award.amount_krw for award in own)
        if promised > limit or any(award.amount_krw <= 0 for award in own):
            raise BookingRefused(
                words(
                    f"항목 {line.id!r}의 협약 합계 {promised:,d}원",
                    f"awards of {promised:,d} won in line {line.id!r}",
                ),
                words(f"0원보다 크고 {limit:,d}원 이하", f"above 0 and up to {limit:,d} won"),
            )


def _own_faults(ledger: Ledger, entries: Sequence[Entry]) -> list[Refusal]:
    """Faults that a row has in itself, beside those before it."""
    check = _Check(ledger)
    found = []
    for row, entry in enumerate(entries, start=1):
        try:
            check.entry(row, entry)
        except BookingRefused as reason:
            found.append(Refusal(row, reason))
    return found


class _Check:
    """What rows are held against, one after the other."""

    def __init__(self, ledger: Ledger) -> None:
        self.programme = ledger.programme
        self.lines = {line.id for line in ledger.programme.lines}
        self.awards = {award.id: award for award in ledger.awards}
        self.known = {entry.id: entry for entry in ledger.entries}
        self.vouchers = {_voucher(entry) for entry in ledger.entries if entry.voucher}
        self.closed = ledger.closed_through
        self.latest = ledger.entries[-1].recorded_at if ledger.entries else None

    def entry(self, row: int, entry: Entry) -> None:
        """Look at one row, and remember it for those that follow."""
        self._place(row, entry)
        self._amount(row, entry)
        self._days(row, entry)
        self._hands(row, entry)
        self._papers(row, entry)
        self.known[entry.id] = entry
        self.latest = entry.recorded_at
        if entry.voucher:
            self.vouchers.add(_voucher(entry))

    def _place(self, row: int, entry: Entry) -> None:
        if not entry.id or entry.id in self.known:
            raise _refused(
                row,
                words(f"이미 쓰인 이름 {entry.id!r}", f"the name {entry.id!r} again"),
                words("저마다 다른 이름", "a name of its own"),
            )
        for line in (entry.line, entry.to_line) if entry.to_line else (entry.line,):
            if line not in self.lines:
                names = ", ".join(each.id for each in self.programme.lines)
                raise _refused(
                    row,
                    words(f"없는 항목 {line!r}", f"line {line!r}"),
                    words(f"{names} 가운데 하나", f"one of {names}"),
                )
        if (entry.kind is Kind.TRANSFER) != bool(entry.to_line) or entry.to_line == entry.line:
            raise _refused(
                row,
                words(f"옮길 곳 {entry.to_line!r}", f"target line {entry.to_line!r}"),
                words("전용에만, 다른 항목 하나", "another line, and only for a transfer"),
            )

    def _amount(self, row: int, entry: Entry) -> None:
        limit = self.programme.total_krw
        if type(entry.amount_krw) is not int or not 0 < abs(entry.amount_krw) <= limit:
            raise _refused(
                row,
                words(f"금액 {entry.amount_krw!r}원", f"an amount of {entry.amount_krw!r} won"),
                words(
                    f"0이 아니고 {limit:,d}원 이하인 정수",
                    f"a whole number other than 0, up to {limit:,d}",
                ),
                words("단위(원, 천원)를 확인하십시오.", "Check the unit (won, thousand won)."),
            )
        if entry.amount_krw < 0 and not (entry.corrects or entry.note):
            raise _refused(
                row,
                words(
                    f"이유 없는 {entry.amount_krw:,d}원", f"{entry.amount_krw:,d} won, no reason"
                ),
                words("바로잡는 기록이나 사유", "the entry that it corrects, or a reason"),
            )
        right = self.known.get(entry.corrects)
        if entry.corrects and (right is None or (right.line, right.kind) != _what(entry)):
            raise _refused(
                row,
                words(f"바로잡을 기록 {entry.corrects!r}", f"{entry.corrects!r} to be corrected"),
                words("같은 항목·같은 종류의 기록", "an entry of the same line and kind"),
            )

    def _days(self, row: int, entry: Entry) -> None:
        year = self.programme.fiscal_year
        first = max(year_begins(year), self.programme.approved_on)
        if not first <= entry.booked_on <= year_ends(year):
            raise _refused(
                row,
                words(f"회계일 {entry.booked_on}", f"the day {entry.booked_on}"),
                words(f"{first}부터 {year_ends(year)}까지", f"{first} to {year_ends(year)}"),
            )
        at_end = entry.kind in (Kind.CARRY_OVER, Kind.LAPSE)
        if at_end and entry.booked_on != year_ends(year):
            raise _refused(
                row,
                words(
                    f"{entry.booked_on}의 {KIND_NAMES[entry.kind].ko}",
                    f"a {KIND_NAMES[entry.kind].en} on {entry.booked_on}",
                ),
                words(
                    f"회계연도 말일 {year_ends(year)}", f"the year's last day {year_ends(year)}"
                ),
            )
        if self.closed and entry.booked_on <= self.closed:
            opens = columns.day_of(self.closed.toordinal() + 1)
            raise MonthClosed(
                _row(row, words(f"마감된 날 {entry.booked_on}", f"closed day {entry.booked_on}")),
                words(f"{opens}부터", f"{opens} or later"),
                words("정정은 열린 달에 하십시오.", "Book a correction into the open month."),
            )
        self._moments(row, entry)

    def _moments(self, row: int, entry: Entry) -> None:
        moment = entry.recorded_at
        aware = moment.tzinfo is not None
        if not aware or entry.booked_on > moment.astimezone(KOREA).date():
            raise _refused(
                row,
                words(
                    f"{moment}에 기록한 {entry.booked_on}의 일",
                    f"the day {entry.booked_on} recorded at {moment}",
                ),
                words("회계일이 지난 뒤의 시각(UTC 차이 포함)", "a moment, with offset, after it"),
            )
        if self.latest is not None and moment < self.latest:
            raise _refused(
                row,
                words(f"기록 시각 {moment}", f"the moment {moment}"),
                words(f"{self.latest} 이후", f"{self.latest} or later"),
            )

    def _hands(self, row: int, entry: Entry) -> None:
        if not entry.by or not entry.approved_by or entry.by == entry.approved_by:
            raise _refused(
                row,
                words(
                    f"올린 사람 {entry.by!r}, 승인한 사람 {entry.approved_by!r}",
                    f"proposed by {entry.by!r}, approved by {entry.approved_by!r}",
                ),
                words("서로 다른 두 사람", "two different persons"),
            )

    def _papers(self, row: int, entry: Entry) -> None:
        bad = [each for each in entry.evidence if not _SHA256.fullmatch(each)]
        lacks = entry.kind is Kind.SPENDING and entry.amount_krw > 0 and not entry.evidence
        if bad or lacks:
            raise _refused(
                row,
                words(f"증빙 {bad or '없음'}", f"evidence {bad or 'none'}"),
                words("증빙 파일의 SHA-256", "the SHA-256 of a file that proves it"),
            )
        if entry.voucher and not entry.corrects and _voucher(entry) in self.vouchers:
            raise _refused(
                row,
                words(f"이미 있는 전표 {entry.voucher!r}", f"the voucher {entry.voucher!r} again"),
                words("한 번만 기록한 전표", "a voucher that is booked once"),
            )
        award = self.awards.get(entry.award)
        if entry.award and (award is None or award.line != entry.line):
            raise _refused(
                row,
                words(f"협약 {entry.award!r}", f"award {entry.award!r}"),
                words(f"항목 {entry.line!r}의 협약", f"an award of line {entry.line!r}"),
            )


def _what(entry: Entry) -> tuple[str, Kind]:
    return entry.line, entry.kind


def _voucher(entry: Entry) -> tuple[str, Kind, str, str]:
    return entry.line, entry.kind, entry.voucher, entry.recipient


class _Limit(NamedTuple):
    """`low` may not exceed `high`: columns of `columns.FLOWS`, several are added."""

    low: tuple[int, ...]
    high: tuple[int, ...]
    low_name: Words
    high_name: Words
    kinds: tuple[Kind, ...]


_ZERO = words("0원", "0")
_VOTED = words("예산", "appropriation")
_LIMITS = (
    _Limit((), (3,), _ZERO, KIND_NAMES[Kind.SPENDING], (Kind.SPENDING,)),
    _Limit(
        (3,),
        (2,),
        KIND_NAMES[Kind.SPENDING],
        KIND_NAMES[Kind.DISBURSEMENT],
        (Kind.SPENDING, Kind.DISBURSEMENT),
    ),
    _Limit(
        (2,),
        (1,),
        KIND_NAMES[Kind.DISBURSEMENT],
        KIND_NAMES[Kind.GRANT],
        (Kind.DISBURSEMENT, Kind.GRANT),
    ),
    _Limit((1,), (0,), KIND_NAMES[Kind.GRANT], _VOTED, (Kind.GRANT, Kind.TRANSFER)),
    _Limit((), (4,), _ZERO, KIND_NAMES[Kind.CARRY_OVER], (Kind.CARRY_OVER,)),
    _Limit((), (5,), _ZERO, KIND_NAMES[Kind.LAPSE], (Kind.LAPSE,)),
    _Limit(
        (3, 4, 5),
        (0,),
        words("실집행·이월·불용의 합", "spending, carry-over and lapse together"),
        _VOTED,
        (Kind.CARRY_OVER, Kind.LAPSE, Kind.SPENDING, Kind.TRANSFER),
    ),
)


def _limit_faults(ledger: Ledger, entries: Sequence[Entry]) -> list[Refusal]:
    """The first day of each line on which a limit would be passed."""
    days = columns.day_ends(columns.steps(ledger.programme, (*ledger.entries, *entries)))
    found: dict[int, tuple[int, Refusal]] = {}
    for limit in _LIMITS:
        low = days.amount[:, list(limit.low)].sum(axis=1)
        high = days.amount[:, list(limit.high)].sum(axis=1)
        for at in np.flatnonzero(low > high):
            line, day = int(days.line[at]), int(days.day[at])
            if line not in found or day < found[line][0]:
                row = _blamed(ledger.programme, entries, line, day, limit)
                found[line] = (
                    day,
                    _over(row, ledger.programme, line, day, limit, int(low[at]), int(high[at])),
                )
    return sorted((refusal for _, refusal in found.values()), key=lambda each: each.row)


def _blamed(
    programme: Programme, entries: Sequence[Entry], line: int, day: int, limit: _Limit
) -> int:
    """The last new row on that line up to that day which the limit is about."""
    name = programme.lines[line].id
    last, last_of_kind = len(entries), 0
    for row, entry in enumerate(entries, start=1):
        if name in (entry.line, entry.to_line) and entry.booked_on.toordinal() <= day:
            last = row
            if entry.kind in limit.kinds:
                last_of_kind = row
    return last_of_kind or last


def _over(
    row: int, programme: Programme, line: int, day: int, limit: _Limit, low: int, high: int
) -> Refusal:
    name, on = programme.lines[line].id, columns.day_of(day)
    if not limit.low:
        found = words(
            f"{on} {name!r}의 {limit.high_name.ko} {high:,d}원",
            f"{limit.high_name.en} of {high:,d} won in {name!r} on {on}",
        )
        expected = words("0원 이상", "0 or more")
    else:
        found = words(
            f"{on} {name!r}의 {limit.low_name.ko} {low:,d}원",
            f"{limit.low_name.en} of {low:,d} won in {name!r} on {on}",
        )
        expected = words(
            f"{limit.high_name.ko} {high:,d}원 이하",
            f"no more than the {limit.high_name.en} of {high:,d} won",
        )
    return Refusal(row, _refused(row, found, expected))


def _row(row: int, found: Words) -> Words:
    return words(f"{row}번째 기록, {found.ko}", f"row {row}, {found.en}")


def _refused(row: int, found: Words, expected: Words, remedy: Words | str = "") -> BookingRefused:
    return BookingRefused(_row(row, found), expected, remedy)
