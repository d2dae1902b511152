"""What stands in the site's ledger? Rows as the engine's value, read anew only where they grew."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.db.models import Sum

from madang.kernel import clock, ids
from madang.programme.engine import lines
from madang.programme.engine.awards import Award, Nature, Recipient
from madang.programme.engine.booked_year import booked
from madang.programme.engine.histories import invent
from madang.programme.engine.law import year_ends
from madang.programme.engine.ledger import KOREA, Close, Entry, Kind, Ledger
from madang.programme.web import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from madang.programme.engine.lines import Programme

EXAMPLE_SEED, EXAMPLE_DAY = 2025, date(2025, 10, 31)
"""The invented year that fills a site without records, and the day that it is first shown at."""
_FIELDS = (
    *("id", "line", "kind", "amount_krw", "booked_on", "recorded_at", "by", "approved_by"),
    *("to_line", "voucher", "award", "recipient", "evidence", "corrects", "note"),
)


class _Held(NamedTuple):
    """What this process has read of the ledger."""

    token: str
    ledger: Ledger
    last: int
    """The number of the last booking that was read."""


_NOTHING = _Held("?", Ledger(programme=lines.load()), 0)
_held = _NOTHING
_reading = Lock()


def programme() -> Programme:
    """What was voted."""
    return lines.load()


def token() -> str:
    """Another text after every change of what pages show; empty on a new site."""
    row = models.Book.objects.filter(pk=1).values_list("token", flat=True).first()
    return row or ""


@contextmanager
def writing() -> Iterator[None]:
    """Change what pages show, alone until the outermost transaction ends."""
    with transaction.atomic():
        models.Book.objects.bulk_create([models.Book(pk=1)], ignore_conflicts=True)
        row = models.Book.objects.select_for_update().get(pk=1)
        yield
        row.before, row.token = row.token, ids.new("book")
        row.save()


def has_records() -> bool:
    """Whether anything was ever booked; until then pages show an example year."""
    return models.Booking.objects.exists()


def ledger() -> Ledger:
    """The whole ledger: what a new booking is held against."""
    global _held
    row = models.Book.objects.filter(pk=1).first()
    now, before = (row.token, row.before) if row else ("", "")
    with _reading:
        held = _held
        if held.token == now:
            return held.ledger
        # Bookings are only ever added, so what was read before the last change still stands.
        start = held if held.token == before and row else _NOTHING
        rows = models.Booking.objects.filter(number__gt=start.last).order_by("number")
        added = list(rows.values_list("number", *_FIELDS))
        found = Ledger(
            programme=programme(),
            entries=(*start.ledger.entries, *(_entry(each[1:]) for each in added)),
            closes=closes(),
            **_promised()._asdict(),
        )
        _held = _Held(now, found, added[-1][0] if added else start.last)
        return found


def _entry(row: tuple[object, ...]) -> Entry:
    plain = dict(zip(_FIELDS, row, strict=True))
    return Entry(**{**plain, "kind": Kind(plain["kind"]), "evidence": tuple(plain["evidence"])})  # type: ignore[arg-type]


def entry_of(row: models.Booking) -> Entry:
    """A row as the engine's value."""
    return _entry(tuple(getattr(row, name) for name in _FIELDS))


def insert(act: models.Act, entries: Iterable[Entry]) -> None:
    """Put entries into the book as bookings of an act, in their order.

    One statement for all of them: a model's `bulk_create` adapts every value by itself, which of
    a hundred thousand entries takes five times as long.
    """
    table, quoted = models.Booking._meta.db_table, connection.ops.quote_name
    names = ", ".join(quoted(name) for name in ("act_id", *_FIELDS))
    marks = ", ".join(["%s"] * (len(_FIELDS) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})",  # noqa: S608 - our names
            [(act.pk, *_values(each)) for each in entries],
        )


def _values(entry: Entry) -> Iterator[Any]:
    """What the database keeps of an entry."""
    for name in _FIELDS:
        value = getattr(entry, name)
        if name == "booked_on":
            yield connection.ops.adapt_datefield_value(value)
        elif name == "recorded_at":
            yield connection.ops.adapt_datetimefield_value(value)
        elif name == "evidence":
            yield connection.ops.adapt_json_value(list(value), None)
        else:
            yield value if isinstance(value, int) else str(value)


def closes() -> tuple[Close, ...]:
    """The closed months."""
    return tuple(
        Close(
            month=each.month,
            recorded_at=each.recorded_at,
            by=each.by,
            approved_by=each.approved_by,
        )
        for each in models.Close.objects.order_by("month")
    )


class _Promised(NamedTuple):
    """Sub-awards and whom they reach."""

    awards: tuple[Award, ...]
    recipients: tuple[Recipient, ...]


def _promised() -> _Promised:
    recipients = tuple(
        Recipient(id=each.id, name=each.name, nature=Nature(each.nature), region=each.region)
        for each in models.Recipient.objects.order_by("pk")
    )
    awards = tuple(
        Award(
            id=each.id,
            line=each.line,
            recipient=each.recipient_id,
            amount_krw=each.amount_krw,
            signed_on=each.signed_on,
            title=each.title,
            announced_on=each.announced_on,
            spendable_by=each.spendable_by,
            people=each.people,
        )
        for each in models.Award.objects.order_by("pk")
    )
    return _Promised(awards, recipients)


def summed(*, on: date, known_at: datetime | None = None) -> Ledger:
    """The ledger with one entry a line, kind and day: enough for every sum, quick at any size.

    Args:
        on: The last day whose bookings count.
        known_at: Only what had been recorded by this moment; all that is known now if None.
    """
    rows: QuerySet[models.Booking] = models.Booking.objects.filter(booked_on__lte=on)
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    sums = (
        rows.order_by()
        .values_list("line", "kind", "booked_on", "to_line")
        .annotate(sum=Sum("amount_krw"))
        .order_by("booked_on", "line", "kind", "to_line")
    )
    entries = tuple(_of_day(number, *row) for number, row in enumerate(sums.iterator()))
    found = Ledger(
        programme=programme(), entries=entries, closes=closes(), **_promised()._asdict()
    )
    return found.as_of(on)


def _of_day(number: int, line: str, kind: str, on: date, to_line: str, sum_krw: int) -> Entry:
    return Entry(
        id=f"day-{number}",
        line=line,
        kind=Kind(kind),
        amount_krw=int(sum_krw),
        booked_on=on,
        recorded_at=datetime.combine(on, time(), tzinfo=UTC),
        by="sum",
        approved_by="of bookings",
        to_line=to_line,
    )


@cache
def example() -> Ledger:
    """An invented year of the programme, whole: for a site without records, and marked there."""
    year = invent(programme(), np.random.default_rng(EXAMPLE_SEED))
    return booked(programme(), year, until=year_ends(programme().fiscal_year))


def day_of(moment: datetime) -> date:
    """The day in Korea on which a moment lies."""
    return moment.astimezone(KOREA).date()


def today() -> date:
    """The day in Korea."""
    return day_of(clock.now())


def day_shown(asked: date | None, *, is_example: bool) -> date:
    """The day whose state pages show: the one asked for, within the programme's year.

    Args:
        asked: A day, or None for the latest that there is something to say of.
        is_example: Whether the invented year is shown, which is first shown in its autumn.
    """
    first, last = programme().approved_on, year_ends(programme().fiscal_year)
    if asked is None:
        asked = EXAMPLE_DAY if is_example and today() > last else today()
    return min(max(asked, first), last)
