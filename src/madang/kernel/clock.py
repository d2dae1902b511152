"""What time is it? One clock for the whole house, in UTC, that a test may stop."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_stopped: ContextVar[datetime | None] = ContextVar("stopped_clock", default=None)


_ahead = timedelta()


def now() -> datetime:
    """The present moment in UTC, or the moment at which the clock was stopped."""
    return _stopped.get() or datetime.now(UTC) + _ahead  # noqa: TID251 - the one place


def go_ahead(days: float) -> None:
    """Let this process's clock go ahead by so many days from now on; 0 sets it right.

    For a site of development, where a trial of weeks is to be seen in an hour. Whatever is
    recorded meanwhile carries the moments that this clock shows.
    """
    global _ahead  # noqa: PLW0603 - a process has one clock
    _ahead = timedelta(days=days)


def stamp(moment: datetime | None = None) -> str:
    """A moment as RFC 3339 in UTC with whole seconds, as records carry it: `2026-11-22T09:00:00Z`.

    Raises:
        ValueError: The moment has no offset from UTC.
    """
    moment = moment or now()
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no offset from UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_stamp(text: str) -> datetime:
    """The moment that `stamp` wrote.

    Raises:
        ValueError: The text is not an RFC 3339 time with an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return moment


def epoch_s() -> float:
    """Seconds since 1970 in UTC, for leases that several processes compare."""
    stopped = _stopped.get()
    if stopped:
        return stopped.timestamp()
    return time.time() + _ahead.total_seconds()  # noqa: TID251 - the one place


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Stop the clock at `moment` inside the block (this thread and its tasks only).

    Raises:
        ValueError: The moment has no offset from UTC.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no offset from UTC")
    token = _stopped.set(moment)
    try:
        yield
    finally:
        _stopped.reset(token)
