"""Which statements count for an indicator here, and does each hold down to its files?

What was found is kept in rows, so that a look reads what is new and what was looked at longest
ago. A row is no source: each look reads the entries of the log and the files themselves, and
overwrites or removes what does not follow from them.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from madang.kernel import clock, ids
from madang.kernel.errors import Unavailable
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing
from madang.portal import objects
from madang.programme.engine import counting, indicators
from madang.programme.engine.counting import Gathered, Logged
from madang.programme.web.models import CountedStatement, IndicatorStanding
from madang.programme.web.services.statements import SiteStatements, proving

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from madang.kernel.evidence.statement import Statement
    from madang.programme.engine.counting import Counted, Leaning
    from madang.programme.engine.indicators import Indicator

TAKEN_AT_ONCE = 500
"""New entries that one look takes in for an indicator."""
FILES_AT_ONCE = 300
ROWS_AT_ONCE = 200
"""What one look in turn reads at most."""


class FileState(NamedTuple):
    """How a file stands in the object store."""

    state: str
    """`whole`, `changed`, `missing` or `unreadable`."""
    found: str = ""
    """The digest that it has now, where it was changed."""


class Files:
    """Files of the object store, each read once however many lean on it.

    Args:
        within_s: After so long no further statement is begun, so that large files hold nobody up;
            their turn comes with the next look.
    """

    def __init__(self, within_s: float = math.inf) -> None:
        self._states: dict[str, FileState] = {}
        self._until_s = time.monotonic() + within_s

    @property
    def is_spent(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self._until_s

    def state(self, digest: str) -> FileState:
        """How a file stands; its whole content is read and compared."""
        if digest not in self._states:
            self._states[digest] = self._looked(digest)
        return self._states[digest]

    @staticmethod
    def _looked(digest: str) -> FileState:
        if not digest:
            return FileState("missing")
        try:
            objects.objects().open(digest).close()
        except ObjectMissing:
            return FileState("missing")
        except ObjectCorrupt as fault:
            return FileState("changed", fault.found)
        except Unavailable:
            return FileState("unreadable")
        return FileState("whole")


def standing_of(indicator: Indicator) -> IndicatorStanding:
    """The row of an indicator; one that was counted by another rule begins anew."""
    rule = ids.digest(repr(indicator.rule).encode())
    row, _ = IndicatorStanding.objects.get_or_create(pk=indicator.id, defaults={"rule": rule})
    if row.rule != rule:
        CountedStatement.objects.filter(indicator=indicator.id).delete()
        row.rule, row.upto = rule, 0
        row.save(update_fields=["rule", "upto"])
    return row


def take_in(indicator: Indicator, size: int, files: Files, *, most: int = TAKEN_AT_ONCE) -> int:
    """Take in what the log has that was not looked at yet.

    Args:
        indicator: For which one.
        size: How many entries the log has.
        files: Read once for a whole look.
        most: New entries that are taken in; the next look goes on from there.

    Returns:
        How many rows were added.
    """
    row = standing_of(indicator)
    if row.upto >= size:
        return 0
    statements = SiteStatements(row.upto, size, most=most)
    entries = statements.entries_of(indicator.rule.counted.noun)
    proved = proving(entries)
    new = []
    for entry in entries:
        if entry not in proved:
            new.append(_unreadable(indicator, entry))
        elif found := counting.counts(indicator, Logged(entry, proved[entry]), statements):
            new.append(_row(indicator, found))
    rested = proving(entry for each in new for entry in each.rests_on)
    upto = entries[-1] + 1 if len(entries) == most else size
    for number, each in enumerate(new):
        if number and files.is_spent:
            new, upto = new[:number], each.entry
            break
        if each.counts_for:
            _judge(each, proved | rested, files)
    with transaction.atomic():
        CountedStatement.objects.bulk_create(new, ignore_conflicts=True)
        IndicatorStanding.objects.filter(pk=row.pk, upto=row.upto).update(upto=upto)
    return len(new)


def _row(indicator: Indicator, found: Counted) -> CountedStatement:
    return CountedStatement(
        indicator=indicator.id,
        entry=found.entry,
        counts_for=ids.digest(found.value.encode()),
        rests_on=[each.entry for each in found.rests_on],
        files=[_plain(each) for each in found.files],
    )


def _plain(leaning: Leaning) -> dict[str, Any]:
    return {"digest": leaning.digest, "name": leaning.name, "entry": leaning.entry}


def _unreadable(indicator: Indicator, entry: int) -> CountedStatement:
    return CountedStatement(indicator=indicator.id, entry=entry, faults=[_entry_fault(entry)])


def _entry_fault(entry: int) -> dict[str, Any]:
    return {"kind": "entry", "entry": entry, "state": "unproved"}


def look(rows: Sequence[CountedStatement], files: Files | None = None) -> None:
    """Read anew what rows lean on, down to the files, and keep what was found.

    Args:
        rows: Which; those that no longer follow from the log are removed.
        files: Read once for a whole look.
    """
    files = files or Files()
    proved = proving(entry for row in rows for entry in (row.entry, *row.rests_on))
    kept: list[CountedStatement] = []
    gone: list[CountedStatement] = []
    for row in rows:
        (kept if _follows(row, proved) else gone).append(row)
    # Where a row rested on other entries than it said, those are read too.
    proved |= proving({entry for row in kept for entry in row.rests_on} - proved.keys())
    for number, row in enumerate(kept):
        if number and files.is_spent:
            kept = kept[:number]
            break
        _judge(row, proved, files)
    CountedStatement.objects.filter(pk__in=[row.pk for row in gone]).delete()
    CountedStatement.objects.bulk_update(
        kept, ["counts_for", "rests_on", "files", "holds", "faults", "looked_at"]
    )


def _follows(row: CountedStatement, proved: dict[int, Statement]) -> bool:
    """Whether a row still follows from the log, made right where it said something else.

    Where an entry does not prove itself, nothing can be said from it: the row stays, and says so.
    """
    indicator = indicators.of(row.indicator)
    if indicator is None:
        return False
    if not {row.entry, *row.rests_on} <= proved.keys():
        return True
    at_hand = Gathered(sorted((entry, proved[entry]) for entry in {row.entry, *row.rests_on}))
    logged = Logged(row.entry, proved[row.entry])
    found = counting.counts(indicator, logged, at_hand) or counting.counts(
        indicator, logged, SiteStatements()
    )
    if found is None:
        return False
    fresh = _row(indicator, found)
    row.counts_for, row.rests_on, row.files = fresh.counts_for, fresh.rests_on, fresh.files
    return True


def _judge(row: CountedStatement, proved: dict[int, Statement], files: Files) -> None:
    entries = sorted({row.entry, *row.rests_on} - proved.keys())
    faults = [_entry_fault(entry) for entry in entries]
    for number, each in enumerate(row.files, start=1):
        seen = files.state(each["digest"])
        if seen.state != "whole":
            faults.append(
                {
                    "kind": "file",
                    "entry": row.entry,
                    **{"digest": each["digest"], "found": seen.found, "name": each["name"]},
                    **{"number": number, "of": len(row.files), "state": seen.state},
                }
            )
    row.faults, row.holds, row.looked_at = faults, not faults, clock.now()


def longest_ago() -> list[CountedStatement]:
    """The rows that were looked at longest ago: as many as one look reads."""
    rows: list[CountedStatement] = []
    count = 0
    for row in CountedStatement.objects.order_by("looked_at", "pk")[:ROWS_AT_ONCE]:
        count += len(row.files)
        if rows and count > FILES_AT_ONCE:
            break
        rows.append(row)
    return rows


def at(entries: Iterable[int]) -> list[CountedStatement]:
    """The rows at these places of the log, for whichever indicator they count.

    What was looked at longest ago comes first.
    """
    # By the names too, for the rows are found by name and place together.
    names = [each.id for each in indicators.load()]
    found = CountedStatement.objects.filter(indicator__in=names, entry__in=list(entries))
    return list(found.order_by("looked_at"))
