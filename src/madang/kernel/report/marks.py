"""Which marks do the house's charts share? Words, axes and the air between them.

Charts of rows count heights in pixels from the top (`y` is a scale from pixels to pixels), so that
words and marks can be set as on paper; only measured values go through a scale of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.report import colours, font
from madang.kernel.report.written import width, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEXT_PX = 13
SMALL_PX = 12
WIDE_PX = 520
"""From this width on there is room for words beside the marks."""
LINE_PX = 17
CELL_PX = 6.9
"""Width of one narrow letter at `TEXT_PX`; a Hangul syllable takes two."""


def name_lines(text: str, room_px: float, *, most: int = 2) -> list[str]:
    """A name in at most so many lines; what does not fit ends in an ellipsis.

    The full name stands in the figure's table.
    """
    cells = max(6, int(room_px / CELL_PX))
    rows = wrapped(text, cells)
    if len(rows) <= most:
        return rows
    last = rows[most - 1]
    while width(last) > cells - 1:
        last = last[:-1]
    return [*rows[: most - 1], f"{last.rstrip()}…"]


def chart(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A chart of these rows, without marks as yet."""
    import altair as alt

    return alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]


def words_at(
    x: float,
    texts: Sequence[tuple[float, str]],
    *,
    align: str = "left",
    colour: str = colours.INK.light,
    size: int = TEXT_PX,
    bold: bool = False,
    y: Any = None,
) -> list[Any]:
    """Words at (height, text) below each other at x, in pixels; a line break starts a new line.

    Heights are in pixels too, unless `y` gives another scale.
    """
    import altair as alt

    if not texts:
        return []
    rows = [{"y": height, "text": text} for height, text in texts]
    mark = chart(rows).mark_text(
        align=align,
        baseline="middle",
        fontSize=size,
        fontWeight=600 if bold else "normal",
        fill=colour,
        lineBreak="\n",
        lineHeight=LINE_PX,
    )
    at = alt.XValue(x)  # type: ignore[no-untyped-call]
    height = alt.Y("y:Q", axis=None) if y is None else y
    return [mark.encode(x=at, y=height, text=alt.Text("text:N"))]


def pixel_axis(height_px: float) -> Any:
    """The scale on which heights are pixels from the top."""
    import altair as alt

    scale = alt.Scale(domain=[0, height_px], range=[0, height_px], nice=False, zero=False)
    return alt.Y("y:Q", scale=scale, axis=None)


def value_axis(
    field: str, domain: tuple[float, float], span: tuple[float, float], *, ticks: int = 6
) -> Any:
    """The scale on which measured values are drawn, with its axis below."""
    import altair as alt

    scale = alt.Scale(domain=list(domain), range=list(span), nice=False, zero=False)
    return alt.X(
        f"{field}:Q", scale=scale, axis=alt.Axis(title=None, tickCount=ticks, orient="bottom")
    )


def below(lines: Sequence[str], *, x: float, height_px: float) -> list[Any]:
    """What an axis measures and what its marks mean, under its numbers."""
    first = height_px + 34
    texts = [(first + LINE_PX * place, line) for place, line in enumerate(lines)]
    return words_at(x, texts, colour=colours.SOFT_INK.light, size=SMALL_PX)


def packed(pieces: Sequence[str], room_px: float) -> list[str]:
    """The pieces beside each other, in as many lines as they need; long ones are broken."""
    cells = max(6, int(room_px / CELL_PX))
    rows: list[str] = []
    for piece in pieces:
        if rows and width(rows[-1]) + width(piece) + 3 <= cells:
            rows[-1] += f" · {piece}"
        else:
            rows += wrapped(piece, cells)
    return rows


def padded(values: Sequence[float], *, share: float = 0.06) -> tuple[float, float]:
    """The range of the values with some air; a single value gets a range around it."""
    low, high = min(values), max(values)
    air = (high - low) * share or abs(high) * share or 1.0
    return low - air, high + air


def spread(heights: Sequence[float], *, gap: float, top: float, bottom: float) -> list[float]:
    """Heights moved apart as little as needed, so that words beside them do not overlap.

    Args:
        heights: Wanted heights, in any order.
        gap: Least distance between two.
        top: No height lies above.
        bottom: No height lies below, if all fit.
    """
    order = sorted(range(len(heights)), key=lambda each: heights[each])
    placed: list[float] = []
    for each in order:
        placed.append(max(heights[each], placed[-1] + gap if placed else top))
    limit = bottom
    for position in reversed(range(len(placed))):
        placed[position] = max(min(placed[position], limit), top + gap * position)
        limit = placed[position] - gap
    moved = [0.0] * len(heights)
    for each, height in zip(order, placed, strict=True):
        moved[each] = height
    return moved


def config(*, grid: bool = True) -> Any:
    """The house's font, lines and colours, without a frame around the picture."""
    import altair as alt

    axis = alt.AxisConfig(
        grid=grid,
        gridColor=colours.GRID.light,
        domainColor=colours.EDGE.light,
        ticks=False,
        labelColor=colours.SOFT_INK.light,
        labelFontSize=SMALL_PX,
        labelPadding=6,
    )
    return alt.Config(
        font=font.STACK,
        background="transparent",
        padding=2,
        aria=False,
        axis=axis,
        view=alt.ViewConfig(stroke=None),
        title=alt.TitleConfig(
            color=colours.INK.light,
            subtitleColor=colours.SOFT_INK.light,
            fontSize=TEXT_PX,
            subtitleFontSize=SMALL_PX,
            fontWeight=600,
            anchor="start",
            lineHeight=LINE_PX,
        ),
    )
