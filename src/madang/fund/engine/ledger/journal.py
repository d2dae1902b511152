"""May this be posted? Entries are appended all together or not at all.

Two persons stand behind an entry, none lies in a closed period, cash and what is left of a
commitment are never below 0 on any day, and each entry's digest covers all before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from madang.fund.engine import money
from madang.fund.engine.errors import FlowRefused, PeriodClosed, PostingRefused
from madang.fund.engine.ledger import accounts
from madang.fund.engine.ledger.accounts import CHART, Account
from madang.fund.engine.ledger.entry import GENESIS, KIND_NAMES, Entry, Kind, chained
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from madang.fund.engine.ledger.entry import Draft

_SHA256 = re.compile(r"[0-9a-f]{64}")
_EMPTY_ALLOWED = (Kind.CLOSE, Kind.TERMS, Kind.LIQUIDATION, Kind.CONVERSION, Kind.VALUATION)


class _Course:
    """The balance of one account at the end of each day on which it moved; it never changes."""

    __slots__ = ("days", "sums")

    def __init__(self, days: Sequence[int] = (), sums: Sequence[int] = ()) -> None:
        self.days = days
        self.sums = sums

    def at(self, day: int | None) -> int:
        """The balance at the end of a day, or now."""
        if day is None:
            return self.sums[-1] if self.sums else 0
        place = bisect_right(self.days, day)
        return self.sums[place - 1] if place else 0

    def moved(self, moves: Mapping[int, int]) -> tuple[int, list[int], list[int]]:
        """From which place on the course changes, and how it goes on then."""
        first = min(moves)
        place = bisect_right(self.days, first - 1)
        old = dict(zip(self.days[place:], self._steps(place), strict=True))
        for day, amount in moves.items():
            old[day] = old.get(day, 0) + amount
        days = sorted(old)
        sums, sum_krw = [], self.sums[place - 1] if place else 0
        for day in days:
            sum_krw += old[day]
            sums.append(sum_krw)
        return place, days, sums

    def _steps(self, place: int) -> list[int]:
        before = self.sums[place - 1] if place else 0
        found = []
        for each in self.sums[place:]:
            found.append(each - before)
            before = each
        return found

    def taken(self, place: int, days: list[int], sums: list[int]) -> _Course:
        """The course as it goes on."""
        return _Course([*self.days[:place], *days], [*self.sums[:place], *sums])


class Journal:
    """A fund's entries in the order of recording, with the balance of every account on every day.

    Args:
        entries: As `lines.decode` read them; their digests are computed again and compared.

    Raises:
        PostingRefused: An entry was changed, lost or put elsewhere, or does not hold.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: list[Entry] = []
        self.closed_through: date | None = None
        self.head = GENESIS
        self._courses: dict[Account, _Course] = {}
        self._names: dict[str, tuple[Account, ...]] = {}
        self._restore(list(entries))

    def __len__(self) -> int:
        return len(self.entries)

    def followed_by(self, entries: Iterable[Entry] = ()) -> Journal:
        """Another journal that begins with these entries and goes on by itself.

        Args:
            entries: Recorded behind these; their digests are computed and compared.

        Raises:
            PostingRefused: As for `Journal`.
        """
        found = Journal()
        found.entries, found.head = list(self.entries), self.head
        found.closed_through = self.closed_through
        # Courses and tuples of names are never changed, only replaced: both may hold them.
        found._courses, found._names = dict(self._courses), dict(self._names)
        found._restore(list(entries))
        return found

    def _restore(self, entries: list[Entry]) -> None:
        head = self.head
        for place, entry in enumerate(entries, start=len(self.entries) + 1):
            head = chained(head, entry)
            if head != entry.digest or entry.number != place:
                raise PostingRefused(
                    words(
                        f"{place}번째 자리에서 바뀐 기록", f"an entry that was changed at {place}"
                    ),
                    words("기록한 그대로의 장부", "the ledger as it was recorded"),
                    words("백업과 증거 로그를 대조하십시오.", "Compare it with a backup."),
                )
        self._take(self._admit(entries))
        self.entries += entries
        self.head = head
        for entry in entries:
            self._note_close(entry)

    # What it says ----------------------------------------------------------------------------

    def balance(self, account: Account, on: date | None = None) -> int:
        """Debits less credits up to the end of a day, in won; of all days if None."""
        course = self._courses.get(account)
        return course.at(on.toordinal() if on else None) if course else 0

    def total(self, name: str, on: date | None = None) -> int:
        """The balances of all accounts of a name together."""
        day = on.toordinal() if on else None
        return sum(self._courses[each].at(day) for each in self._names.get(name, ()))

    def accounts(self, name: str) -> Sequence[Account]:
        """The accounts of a name that were ever posted to, in the order of partner or company."""
        return sorted(self._names.get(name, ()))

    def accounts_of(self, name: str, partner: int | None) -> Sequence[Account]:
        """The accounts of a name, or the one of a partner, in no order."""
        if partner is None:
            return self._names.get(name, ())
        account = Account(name, partner)
        return (account,) if account in self._courses else ()

    @property
    def first_day(self) -> date | None:
        """The earliest day of any entry; None for an empty ledger."""
        return min((entry.on for entry in self.entries), default=None)

    @property
    def last_day(self) -> date | None:
        """The latest day of any entry; None for an empty ledger."""
        return max((entry.on for entry in self.entries), default=None)

    # What comes in ---------------------------------------------------------------------------

    def check(self, drafts: Sequence[Draft]) -> None:
        """Refuse what `append` would refuse, and post nothing.

        Raises:
            PostingRefused: As `append`.
        """
        for row, draft in enumerate(drafts, start=1):
            self._check_form(row, draft)
        self._admit(drafts)

    def append(
        self, drafts: Sequence[Draft], *, by: str, approved_by: str, at: datetime
    ) -> tuple[Entry, ...]:
        """Post drafts as entries behind those there are.

        Args:
            drafts: In the order in which they are to stand.
            by: Who put them forward.
            approved_by: Who approved them: somebody else.
            at: When, with its offset from UTC.

        Raises:
            PostingRefused: One may not be posted, so none is; the sentence names its row.
            PeriodClosed: As above; its day lies in a closed period.
            FlowRefused: As above; an account would fall below 0.
        """
        if not by or not approved_by or by == approved_by:
            raise PostingRefused(
                words(
                    f"올린 사람 {by!r}, 승인한 사람 {approved_by!r}",
                    f"proposed by {by!r}, approved by {approved_by!r}",
                ),
                words("서로 다른 두 사람", "two different persons"),
            )
        for row, draft in enumerate(drafts, start=1):
            self._check_form(row, draft)
        moment = at.astimezone(UTC)
        if self.entries and moment < self.entries[-1].recorded_at:
            raise PostingRefused(
                words(f"기록 시각 {moment}", f"the moment {moment}"),
                words(
                    f"{self.entries[-1].recorded_at} 이후",
                    f"{self.entries[-1].recorded_at} or later",
                ),
            )
        courses = self._admit(drafts)
        added = self._chain(drafts, by=by, approved_by=approved_by, moment=moment)
        self._take(courses)
        for entry in added:
            self.entries.append(entry)
            self.head = entry.digest
            self._note_close(entry)
        return tuple(added)

    def _chain(
        self, drafts: Sequence[Draft], *, by: str, approved_by: str, moment: datetime
    ) -> list[Entry]:
        head, found = self.head, []
        for number, draft in enumerate(drafts, start=len(self.entries) + 1):
            entry = Entry(
                on=draft.on,
                kind=draft.kind,
                memo=draft.memo,
                postings=draft.postings,
                facts=draft.facts,
                evidence=draft.evidence,
                corrects=draft.corrects,
                number=number,
                by=by,
                approved_by=approved_by,
                recorded_at=moment,
                digest="",
            )
            head = chained(head, entry)
            object.__setattr__(entry, "digest", head)
            found.append(entry)
        return found

    def _note_close(self, entry: Entry) -> None:
        if entry.kind in (Kind.CLOSE, Kind.LIQUIDATION):
            self.closed_through = max(self.closed_through or entry.on, entry.on)

    # What is refused -------------------------------------------------------------------------

    def _check_form(self, row: int, draft: Draft) -> None:
        if self.closed_through and draft.on <= self.closed_through:
            raise PeriodClosed(
                _row(row, words(f"마감된 날 {draft.on}", f"the closed day {draft.on}")),
                words(f"{self.closed_through} 다음 날부터", f"a day after {self.closed_through}"),
                words("정정은 열린 기간에 하십시오.", "Post a correction into an open period."),
            )
        if not draft.postings and draft.kind not in _EMPTY_ALLOWED:
            raise PostingRefused(
                _row(row, words("금액이 없는 기록", "an entry without postings")),
                words("한 건 이상의 금액", "one posting or more"),
            )
        for posting in draft.postings:
            where = _row(row, KIND_NAMES[draft.kind])
            money.whole_won(posting.amount_krw, where=where)
            accounts.check(posting.debit, row=row)
            accounts.check(posting.credit, row=row)
            if posting.debit == posting.credit:
                raise PostingRefused(
                    _row(row, words(f"{posting.debit}의 양변", f"{posting.debit} on both sides")),
                    words("서로 다른 두 계정", "two different accounts"),
                )
        self._check_papers(row, draft)

    def _check_papers(self, row: int, draft: Draft) -> None:
        bad = [each for each in draft.evidence if not _SHA256.fullmatch(each)]
        if bad:
            raise PostingRefused(
                _row(row, words(f"증빙 {bad[0]!r}", f"evidence {bad[0]!r}")),
                words("증빙 파일의 SHA-256", "the SHA-256 of a file that proves it"),
            )
        if draft.corrects and not 0 < draft.corrects <= len(self.entries):
            raise PostingRefused(
                _row(row, words(f"바로잡을 기록 {draft.corrects}", f"entry {draft.corrects}")),
                words("이미 있는 기록의 번호", "the number of an entry that stands"),
            )
        if (place := _float_in(draft.facts)) is not None:
            raise PostingRefused(
                _row(row, words(f"소수 {place!r}", f"the float {place!r}")),
                words("정수, 또는 글로 적은 비율", "whole numbers, or rates written as text"),
            )

    def _admit(self, drafts: Sequence[Draft]) -> dict[Account, tuple[int, list[int], list[int]]]:
        """The courses as they would go on; refused where one falls below its least."""
        moves: dict[Account, dict[int, int]] = {}
        for draft in drafts:
            day = draft.on.toordinal()
            for debit, credit, amount, _ in draft.postings:
                own = moves.setdefault(debit, {})
                own[day] = own.get(day, 0) + amount
                own = moves.setdefault(credit, {})
                own[day] = own.get(day, 0) - amount
        found = {}
        for account, by_day in moves.items():
            place, days, sums = self._courses.get(account, _Course()).moved(by_day)
            least = CHART[account.name].least
            if least is not None and sums and min(sums) < least:
                _refuse_below(account, days, sums, drafts)
            found[account] = (place, days, sums)
        return found

    def _take(self, courses: Mapping[Account, tuple[int, list[int], list[int]]]) -> None:
        for account, change in courses.items():
            before = self._courses.get(account)
            if before is None:
                self._names[account.name] = (*self._names.get(account.name, ()), account)
            self._courses[account] = (before or _Course()).taken(*change)


def _refuse_below(
    account: Account, days: Sequence[int], sums: Sequence[int], drafts: Sequence[Draft]
) -> None:
    """Raise the refusal of the first day on which an account would be below 0."""
    place = next(place for place, each in enumerate(sums) if each < 0)
    day = date.fromordinal(days[place])
    row = max(
        (row for row, draft in enumerate(drafts, start=1) if draft.on <= day),
        key=lambda row: _taken(drafts[row - 1], account),
        default=len(drafts),
    )
    title = CHART[account.name].title
    raise FlowRefused(
        _row(
            row,
            words(
                f"{day}의 {title.ko}({account}) {sums[place]:,d}원",
                f"{title.en} ({account}) of {sums[place]:,d} won on {day}",
            ),
        ),
        words("0원 이상", "0 or more"),
        words("금액이나 날짜를 확인하십시오.", "Check the amount or the day."),
    )


def _taken(draft: Draft, account: Account) -> int:
    """How much an entry lowers an account, in won."""
    return sum(
        each.amount_krw * ((each.credit == account) - (each.debit == account))
        for each in draft.postings
    )


def _row(row: int, what: Words) -> Words:
    return words(f"{row}행: {what.ko}", f"{what.en} in row {row}")


def _float_in(value: Any) -> float | None:
    """The first float in JSON data; None where there is none."""
    if isinstance(value, float):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return next((found for each in value if (found := _float_in(each)) is not None), None)
    return None
