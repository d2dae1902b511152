"""When is each case of a forecast, and how many steps after the known past?

A time is a number, or a text in ISO 8601 (`2025-07`, `2025-07-04`, `2025-07-04 13:00`). Texts that
all name the same day of a month at midnight count in months, all others in seconds; a text without
an offset is taken as UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from madang.kernel.errors import InputError
from madang.kernel.trial import PARTS
from madang.kernel.words import words
from madang.trials.engine.tasks.columns import check_filled, finite_numbers, take, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats, Options, Part

Unit: TypeAlias = Literal["number", "second", "month"]

KINDS = ("number", "integer", "text")
"""Kinds of columns that may hold a time."""
_YEAR_AND_MONTH = re.compile(r"\d{4}-\d{2}")


def time_unit(times: pl.Series) -> Unit:
    """In which unit the times of this column count.

    Raises:
        InputError: Texts that are no times, or empty cells.
    """
    if times.dtype.is_numeric():
        return "number"
    moments = set(_moments(times))
    days = {(moment.day, moment.hour, moment.minute, moment.second) for moment in moments}
    monthly = len(days) == 1 and next(iter(days))[1:] == (0, 0, 0) and len(moments) > 1
    return "month" if monthly else "second"


def times_in(times: pl.Series, unit: Unit) -> Floats:
    """(n,) times as numbers of the unit.

    Raises:
        InputError: Empty cells, no finite numbers, or texts that are no times.
    """
    import numpy as np

    if unit == "number":
        return finite_numbers(times)
    if unit == "month":
        return np.array([12.0 * at.year + at.month - 1 for at in _moments(times)])
    return np.array([at.timestamp() for at in _moments(times)])


def _moments(times: pl.Series) -> list[datetime]:
    check_filled(times)
    texts = texts_of(times)
    known = {text: _moment(text) for text in set(texts)}
    moments = [moment for text in texts if (moment := known[text]) is not None]
    wrong = len(texts) - len(moments)
    if wrong:
        raise InputError(
            words(
                f"열 {times.name!r}에 시각이 아닌 사례 {wrong}건",
                f"{wrong} cases without a readable time in {times.name!r}",
            ),
            words(
                "ISO 8601 시각(예: 2025-07-04 13:00)", "ISO 8601 times such as 2025-07-04 13:00"
            ),
        )
    return moments


def _moment(text: str) -> datetime | None:
    text = text.strip()
    try:
        at = datetime.fromisoformat(f"{text}-01" if _YEAR_AND_MONTH.fullmatch(text) else text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def series_names(table: pl.DataFrame, options: Options) -> NDArray[Any]:
    """(n,) name of each case's series; one empty name where the options name no column.

    Raises:
        InputError: The column is missing or has empty cells.
    """
    import numpy as np
    import polars as pl

    if "series" not in options:
        return np.full(table.height, "", dtype=object)
    column = take(table, options["series"])
    check_filled(column)
    return np.array(column.cast(pl.String).to_list(), dtype=object)


def rows_by_series(names: NDArray[Any]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each series with its rows."""
    import numpy as np

    found, places = np.unique(names.astype(str), return_inverse=True)
    order = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[order], np.arange(len(found) + 1))
    for place, name in enumerate(found):
        yield str(name), order[starts[place] : starts[place + 1]]


def check_once(names: NDArray[Any], times: Floats) -> None:
    """Has each series at most one case at any time?

    Raises:
        InputError: Some times occur twice in a series.
    """
    import numpy as np

    twice = sum(len(rows) - len(np.unique(times[rows])) for _, rows in rows_by_series(names))
    if twice:
        raise InputError(
            words(
                f"같은 계열에 같은 시각인 사례 {twice}건",
                f"{twice} cases at a time that their series already has",
            ),
            words("계열마다 시각이 서로 다른 사례", "one case for each time of a series"),
            words("series에 계열을 가르는 열을 적으십시오.", "Name the column of the series."),
        )


def usual_step(names: NDArray[Any], times: Floats) -> float:
    """The commonest distance between neighbouring times of a series; the least of equals.

    Raises:
        InputError: No series has two times.
    """
    import numpy as np

    gaps = [np.diff(np.sort(times[rows])) for _, rows in rows_by_series(names)]
    found, counts = np.unique(np.concatenate(gaps), return_counts=True)
    if not len(found):
        raise InputError(
            words("시각이 하나뿐인 계열", "series of a single time"),
            words("계열마다 두 시각 이상", "two times or more in each series"),
        )
    return float(found[np.argmax(counts)])


def parts_in_time(times: Floats, shares: Mapping[Part, float]) -> NDArray[np.int64]:
    """(n,) parts by rank in time; cases of one time stay together, on the side of their middle."""
    import numpy as np

    _, places, counts = np.unique(times, return_inverse=True, return_counts=True)
    middles = (np.cumsum(counts) - counts / 2) / len(times)
    ends = np.cumsum([shares.get(part, 0.0) for part in PARTS])
    # The last end may fall short of 1 by rounding; no case lies behind the final part.
    return np.asarray(np.searchsorted(ends[:-1], middles, side="left")[places], dtype=np.int64)
