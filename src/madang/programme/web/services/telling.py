"""What do pages say of the programme's day? The picture with its bars, rooms and proofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from madang.kernel import systems
from madang.kernel.words import Words, words
from madang.programme.engine.forecast.said import NOT_FORESEEN, NOT_FORESEEN_TITLE
from madang.programme.engine.law import year_ends
from madang.programme.web.services import bars, book, indicators
from madang.programme.web.services.year_chart import year_chart

if TYPE_CHECKING:
    from datetime import date

    from django.utils.safestring import SafeString

    from madang.programme.web.services.picture import Picture, Row


MOST_LATE = 5
"""Lines behind their plan that stand beside the chart."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room that answers for a line."""

    title: Words
    url: str
    """Empty where the room is not built, or has no pages here."""


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """One line as a list shows it."""

    row: Row
    bar: SafeString
    rooms: tuple[Room, ...]
    is_unbuilt: bool
    """Whether a room that should answer for the line does not stand yet."""
    indicators: tuple[Any, ...]
    url: str


def context(picture: Picture) -> dict[str, Any]:
    """What the front page and the overview show of a day."""
    proofs = indicators.of_lines()
    rows = [_shown(row, proofs.get(row.line.id, ())) for row in picture.rows]
    every = [each for one in rows for each in one.indicators]
    return {
        "picture": picture,
        "programme": book.programme(),
        "rows": rows,
        "bar": bars.bar(picture.whole, picture.planned_krw),
        "proved": sum(each.state == "proved" for each in every),
        "broken": [each for each in every if each.state == "broken"],
        "indicator_count": len(every),
        "itemised_krw": sum(row.line.amount_krw for row in picture.itemised),
        "not_itemised_krw": book.programme().not_itemised_krw,
        "late": sorted(
            (one for one in rows if one.row.is_behind), key=lambda one: -one.row.behind_krw
        )[:MOST_LATE],
        "deadline": next(
            (
                (each, left)
                for each in picture.deadlines
                if (left := each.days_left(counted_from(picture))) >= 0
            ),
            None,
        ),
        "not_foreseen": (NOT_FORESEEN_TITLE, NOT_FORESEEN),
        "year": year_chart(picture),
    }


def counted_from(picture: Picture) -> date:
    """The day from which deadlines are counted down: today, once the real year is over."""
    is_over = picture.on == year_ends(book.programme().fiscal_year)
    return max(book.today(), picture.on) if is_over and not picture.is_example else picture.on


def shown(row: Row) -> ShownRow:
    """One line with its bar, rooms and proofs."""
    return _shown(row, indicators.of_lines().get(row.line.id, ()))


def _shown(row: Row, proofs: Any) -> ShownRow:
    return ShownRow(
        row=row,
        bar=bars.bar(row.balance, row.planned_krw),
        rooms=rooms(row),
        is_unbuilt=bool(row.line.not_built),
        indicators=tuple(proofs),
        url=reverse("programme:line", args=[row.line.id]),
    )


def rooms(row: Row) -> tuple[Room, ...]:
    """The rooms that answer for a line and stand in this house."""
    standing = {each.name: each for each in systems.installed()}
    return tuple(
        Room(
            title=words(standing[name].title_ko, standing[name].title_en),
            url=reverse(f"{name}:index") if standing[name].urls else "",
        )
        for name in row.line.systems
        if name in standing
    )
