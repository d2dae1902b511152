"""Which moment is this second? Seconds since 1970 as a moment in UTC, however far off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = 253_402_300_799


def moment(second: int) -> datetime:
    """The moment of this second; what lies beyond the year 9999 is its last second."""
    return _EPOCH + timedelta(seconds=max(0, min(second, _LAST)))
