"""Which stretch of time does a FHIR date name, and is it a day of the calendar?

A FHIR date may be a year, a month, a day or an instant. `2024-05` names all moments of that month;
a day without an offset lies anywhere between UTC+14 and UTC-12. Two dates are out of order only
where no choice of moments puts them in order.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

_DATE = r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])"
_CLOCK = (
    r"T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)"
)
_date = re.compile(rf"{_DATE})?)?", re.ASCII)
_date_time = re.compile(rf"{_DATE}(?:{_CLOCK})?)?)?", re.ASCII)
_time = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?", re.ASCII)

EAST, WEST = timedelta(hours=14), timedelta(hours=12)


class Span(NamedTuple):
    """The first and the last moment that a date may mean, in UTC."""

    first: datetime
    last: datetime


@lru_cache(maxsize=65536)
def is_date(text: str) -> bool:
    """Whether this is a FHIR `date`: a year, a month or a day that exists."""
    found = _date.fullmatch(text)
    return found is not None and _exists(found)


@lru_cache(maxsize=65536)
def is_date_time(text: str) -> bool:
    """Whether this is a FHIR `dateTime`: a date, or a day with clock and offset."""
    found = _date_time.fullmatch(text)
    return found is not None and _exists(found)


@lru_cache(maxsize=65536)
def is_instant(text: str) -> bool:
    """Whether this is a FHIR `instant`: a day with clock and offset."""
    return len(text) > 10 and is_date_time(text)


def is_time(text: str) -> bool:
    """Whether this is a FHIR `time`: a clock without an offset."""
    return _time.fullmatch(text) is not None


def _exists(found: re.Match[str]) -> bool:
    year, month, day = found.group(1, 2, 3)
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=65536)
def day_of(text: str) -> date | None:
    """The day that a date names as the clinic wrote it; None for a year or a month."""
    return date.fromisoformat(text[:10]) if len(text) >= 10 else None


@lru_cache(maxsize=65536)
def span(text: str) -> Span:
    """The moments that a valid FHIR date or dateTime may mean."""
    if len(text) > 10:
        moment = _moment(text)
        return Span(moment, moment)
    numbers = [int(part) for part in text.split("-")]
    year, month, day = (*numbers, 0, 0)[:3]
    begin = datetime(year, month or 1, day or 1, tzinfo=UTC)
    return Span(_shifted(begin, -EAST), _shifted(_end(year, month, day), WEST))


def _end(year: int, month: int, day: int) -> datetime:
    if day:
        return _shifted(datetime(year, month, day, tzinfo=UTC), timedelta(days=1))
    if month in {0, 12}:
        year, month = year + 1, 0
    if year > 9999:
        return datetime.max.replace(tzinfo=UTC)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _moment(text: str) -> datetime:
    # A leap second and more digits than six are legal in FHIR, and unknown to Python.
    head, clock, offset = text[:11], text[11:19], text[19:]
    fraction = re.match(r"\.\d+", offset)
    zone = offset[fraction.end() :] if fraction else offset
    digits = fraction.group()[:7] if fraction else ""
    late = clock.endswith("60")
    clock = f"{clock[:-2]}59" if late else clock
    moment = datetime.fromisoformat(f"{head}{clock}{digits}{zone}")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = moment.replace(tzinfo=UTC)
    return _shifted(moment, timedelta(seconds=1)) if late else moment


def surely_after(one: str, other: str) -> bool:
    """Whether one date lies after the other, whatever moments they mean."""
    return span(one).first > span(other).last
