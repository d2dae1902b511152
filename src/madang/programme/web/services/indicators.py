"""How does each indicator stand, as the statements and files that hold say it?

Workers look every minute: at new entries of the log, and at what was looked at longest ago, so
that everything is read again in its turn. The page of an indicator looks at what it shows. Where a
standing changes, the pages that show it are renewed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Min, Q
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.portal.models import LogEntry, LogHead
from madang.programme.engine import indicators, lines
from madang.programme.engine.indicators import STATES
from madang.programme.web.models import Act, CountedStatement, IndicatorLook, IndicatorStanding
from madang.programme.web.services import acts, book, counted, papers
from madang.programme.web.services.counted import Files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from madang.programme.engine.indicators import Indicator, State

EVERY = timedelta(minutes=1)
"""How often workers look."""
SHARED_LOOK = timedelta(seconds=5)
"""What was read within this time is not read again because somebody opens a page."""
TAKEN_BY_A_PAGE = 50
"""New entries that a look for a page takes in."""
NAMED = 20
"""Faults that a standing names."""
ACTS_AT_ONCE = 20
BOOKINGS_AT_ONCE = 2000
"""Bookings of acts that a minute has time for: an act of more is looked at less often."""
WORKER_S, PAGE_S = 10.0, 2.0
"""How long a look of a worker, or one for a page, goes on reading files."""
_TOLD = ("value", "state", "last_entry", "last_at", "broken", "broken_count")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One indicator as pages show it."""

    id: str
    line: str
    title: Words
    unit: Words
    """What is counted, for many."""
    one: Words
    """The same for one."""
    value: int
    target: int
    is_first_proof: bool
    """Whether the source names no target, so that the first proof is it."""
    is_reached: bool
    direction: str
    state: State
    last_at: datetime | None
    last_entry: int | None
    looked_at: datetime | None
    broken: tuple[Words, ...]
    """What does not hold, named without what is a firm's own."""
    broken_count: int

    @property
    def value_words(self) -> Words:
        """Its value with its unit."""
        return _with_unit(self.value, self.unit, self.one)

    @property
    def target_words(self) -> Words:
        """Its target with its unit."""
        return _with_unit(self.target, self.unit, self.one)

    @property
    def state_words(self) -> Words:
        """Its state in words."""
        return STATES[self.state]

    @property
    def kind(self) -> str:
        """Its state as the part `state` draws it: what is not proved is grey and dashed."""
        return "good" if self.state == "proved" else "unproved"

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("programme:indicator", args=[self.id])


def _with_unit(value: int, unit: Words, one: Words) -> Words:
    return words(f"{value:,}{unit.ko}", f"{value:,} {one.en if value == 1 else unit.en}")


def tick() -> None:
    """Look at what is new and at what was looked at longest ago; at most once a minute."""
    if not _is_due():
        return
    look()
    changed = [bool(papers.look_at_oldest()), _look_at_acts()]
    if any(changed):
        with book.writing():
            pass  # pages that show a paper or an act are renewed


def _is_due() -> bool:
    """Whether this worker is the one that looks now."""
    now = clock.now()
    if IndicatorLook.objects.filter(pk=1, looked_at__gt=now - EVERY).exists():
        return False
    long_ago = now - timedelta(days=1)
    IndicatorLook.objects.bulk_create(
        [IndicatorLook(pk=1, looked_at=long_ago)], ignore_conflicts=True
    )
    rows = IndicatorLook.objects.filter(pk=1, looked_at__lte=now - EVERY)
    return rows.update(looked_at=now) == 1


def _look_at_acts() -> bool:
    """Look at the booked acts that were looked at longest ago; whether one stands otherwise."""
    rows = Act.objects.filter(state="booked").order_by(F("looked_at").asc(nulls_first=True), "at")
    changed, count = False, 0
    for act in rows[:ACTS_AT_ONCE]:
        due = clock.now() - EVERY * (act.count // BOOKINGS_AT_ONCE)
        if count < BOOKINGS_AT_ONCE and (act.looked_at is None or act.looked_at <= due):
            before, count = act.state_of_rows, count + act.count
            changed |= acts.look(act) != before
    return changed


def built() -> tuple[Indicator, ...]:
    """The indicators whose room stands."""
    return tuple(each for each in indicators.load() if each.is_built)


def look() -> None:
    """Take in what is new, look at what was looked at longest ago, and renew what changed."""
    files, size = Files(WORKER_S), log_size()
    for each in built():
        counted.take_in(each, size, files)
    counted.look(counted.longest_ago(), files)
    renew(built())


def look_now(indicator: Indicator, entries: Iterable[int]) -> IndicatorStanding:
    """How an indicator stands after a look at some of what it counts, for whoever opens its page.

    Args:
        indicator: Which one; its room stands.
        entries: Places of counted statements that are to be looked at.
    """
    files = Files(PAGE_S)
    counted.take_in(indicator, log_size(), files, most=TAKEN_BY_A_PAGE)
    before = clock.now() - SHARED_LOOK
    # What is found here holds for every indicator that counts the same statement.
    rows = counted.at(entries)
    counted.look([row for row in rows if row.looked_at <= before], files)
    renew(built())
    return IndicatorStanding.objects.get(pk=indicator.id)


def log_size() -> int:
    """How many entries the evidence log has."""
    return LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def renew(which: Sequence[Indicator]) -> list[str]:
    """Set standings to what the counted statements say; pages renew where one changed.

    Returns:
        The indicators that stand otherwise than before.
    """
    if not _changed(which):
        return []
    with book.writing():
        changed = _changed(which)
        for row in changed:
            row.save()
    return [row.pk for row in changed]


def _changed(which: Sequence[Indicator]) -> list[IndicatorStanding]:
    """The standings that differ from what the counted statements say, set right but not saved."""
    names = [each.id for each in which]
    sums = {each["indicator"]: each for each in _sums(names)}
    changed = []
    for row in IndicatorStanding.objects.filter(pk__in=names):
        told = _told(row.pk, sums.get(row.pk))
        looked_at = told.pop("looked_at")
        if {name: getattr(row, name) for name in _TOLD} != told:
            for name, value in told.items():
                setattr(row, name, value)
            row.looked_at = looked_at
            changed.append(row)
        elif row.looked_at != looked_at:
            IndicatorStanding.objects.filter(pk=row.pk).update(looked_at=looked_at)
    return changed


def _sums(names: list[str]) -> Iterable[Any]:
    rows = CountedStatement.objects.filter(indicator__in=names)
    hold = Q(holds=True)
    return (
        rows.order_by()
        .values("indicator")
        .annotate(
            value=Count("counts_for", distinct=True, filter=hold),
            last_entry=Max("entry", filter=hold),
            broken_count=Count("pk", filter=~hold),
            looked_at=Min("looked_at"),
        )
    )


def _told(name: str, sums: dict[str, Any] | None) -> dict[str, Any]:
    """What a standing has to say."""
    if sums is None:
        nothing = dict.fromkeys(("last_entry", "last_at"))
        empty: dict[str, Any] = {"value": 0, "state": "unproved", "broken": [], "broken_count": 0}
        return {**empty, **nothing, "looked_at": clock.now()}
    state = "broken" if sums["broken_count"] else "proved" if sums["value"] else "unproved"
    faults: list[Any] = []
    if sums["broken_count"]:
        bad = CountedStatement.objects.filter(indicator=name, holds=False).order_by("-entry")
        faults = [fault for row in bad[:NAMED] for fault in row.faults][:NAMED]
    last = LogEntry.objects.filter(index=sums["last_entry"]).values_list("at", flat=True).first()
    told = {each: sums[each] for each in ("value", "last_entry", "broken_count", "looked_at")}
    return {**told, "state": state, "broken": faults, "last_at": last}


def of_lines() -> dict[str, list[Shown]]:
    """How every indicator stood at the last look, by its line; every line has its place."""
    rows = IndicatorStanding.objects.in_bulk()
    found: dict[str, list[Shown]] = {line.id: [] for line in lines.load().lines}
    for each in indicators.load():
        found[each.line].append(shown(each, rows.get(each.id)))
    return found


def shown(indicator: Indicator, row: IndicatorStanding | None) -> Shown:
    """One indicator as pages show it.

    Args:
        indicator: Which one.
        row: How it stood at the last look; None where nobody has looked yet.
    """
    here = row or IndicatorStanding(pk=indicator.id)
    state: State = "not_built" if not indicator.is_built else here.state  # type: ignore[assignment]
    return Shown(
        id=indicator.id,
        line=indicator.line,
        title=indicator.title,
        unit=indicator.unit,
        one=indicator.one,
        value=here.value if indicator.is_built else 0,
        target=indicator.target,
        is_first_proof=indicator.is_first_proof,
        is_reached=indicator.is_built and indicator.is_reached(here.value),
        direction=indicator.direction,
        state=state,
        last_at=here.last_at,
        last_entry=here.last_entry,
        looked_at=row.looked_at if row else None,
        broken=tuple(named(fault, sees=False) for fault in here.broken),
        broken_count=here.broken_count,
    )


_HOW = {
    "changed": words("내용이 바뀜", "its content was changed"),
    "missing": words("파일 없음", "it is missing"),
    "unreadable": words("읽을 수 없음", "it cannot be read"),
}


def named(fault: dict[str, Any], *, sees: bool) -> Words:
    """What does not hold, by its name and how it stands.

    Args:
        fault: One of a row's faults.
        sees: Whether the reader may know the name that its owner gave a file.
    """
    entry = fault["entry"]
    if fault["kind"] == "entry":
        return words(
            f"증거 로그 {entry}번 항목: 서명된 체크포인트로 증명되지 않음",
            f"Entry {entry} of the evidence log: not proved by the signed checkpoint",
        )
    how = _HOW[fault["state"]]
    part = words(
        f"로그 {entry}번 항목의 파일 {fault['of']}개 가운데 {fault['number']}번째",
        f"file {fault['number']} of {fault['of']} of log entry {entry}",
    )
    if sees and fault["name"]:
        part = words(f"'{fault['name']}'({part.ko})", f"'{fault['name']}' ({part.en})")
    mark = fault["digest"][:12] or "–"
    return words(f"{part.ko}, SHA-256 {mark}…: {how.ko}", f"{part.en}, SHA-256 {mark}…: {how.en}")
