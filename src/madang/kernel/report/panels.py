"""How are curves laid out? One small panel a solution, or one picture with named ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.report import colours, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

_AXIS_PX = 34
_GAP_PX = 18
DASHES: tuple[tuple[int, ...], ...] = (
    (1, 0),
    (7, 3),
    (2, 2),
    (9, 3, 2, 3),
    (14, 4),
    (4, 2, 1, 2),
)
"""One pattern a hue, for who does not see the hue."""


class Group(NamedTuple):
    """One point of a calibration panel."""

    predicted: float
    observed: float
    low: float | None
    high: float | None


class Panel(NamedTuple):
    """One solution's calibration, its words written already."""

    name: str
    note: str
    groups: tuple[Group, ...]


class Line(NamedTuple):
    """One curve, its words written already."""

    name: str
    last: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def calibration(panels: Sequence[Panel], width_px: int, *, key: Sequence[str]) -> Any:
    """Observed against predicted, one square panel a solution, all on one scale.

    Args:
        panels: In the order in which they are drawn.
        width_px: Width of the whole picture.
        key: What the axes and the dashed line mean.
    """
    import altair as alt

    columns = 3 if width_px >= marks.WIDE_PX else 2
    side = (width_px - columns * _AXIS_PX - (columns - 1) * _GAP_PX) / columns
    top = 1.05 * max(max(_heights(group)) for panel in panels for group in panel.groups)
    squares = [_square(panel, side, top) for panel in panels]
    title = alt.TitleParams(
        text=marks.packed(key, width_px),
        color=colours.SOFT_INK.light,
        fontSize=marks.SMALL_PX,
        fontWeight="normal",
        offset=12,
    )
    return alt.concat(
        *squares, columns=columns, spacing=_GAP_PX, title=title, config=marks.config()
    )


def _heights(group: Group) -> tuple[float, float, float]:
    return group.predicted, group.observed, group.observed if group.high is None else group.high


def _square(panel: Panel, side: float, top: float) -> Any:
    import altair as alt

    scale = alt.Scale(domain=[0, top], nice=False, zero=True)
    axis = alt.Axis(title=None, tickCount=4)
    x, y = alt.X("x:Q", scale=scale, axis=axis), alt.Y("y:Q", scale=scale, axis=axis)
    points = [{"x": group.predicted, "y": group.observed} for group in panel.groups]
    ranged = [
        {"x": group.predicted, "y": group.low, "high": group.high}
        for group in panel.groups
        if group.low is not None and group.high is not None
    ]
    blue = colours.ACCENT.light
    exact = marks.chart([{"x": 0, "y": 0}, {"x": top, "y": top}]).mark_line(
        stroke=colours.INK.light, strokeWidth=1, strokeDash=[2, 3]
    )
    whisker = marks.chart(ranged).mark_rule(stroke=blue, strokeWidth=1.5)
    line = marks.chart(points).mark_line(stroke=blue, strokeWidth=1.5)
    dot = marks.chart(points).mark_point(size=40, filled=True, fill=blue, opacity=1)
    layers = [
        exact.encode(x=x, y=y),
        whisker.encode(x=x, y=y, y2=alt.Y2("high")),
        line.encode(x=x, y=y),
        dot.encode(x=x, y=y),
    ]
    under = marks.packed([panel.note], side) if panel.note else []
    title = alt.TitleParams(text=marks.name_lines(panel.name, side), subtitle=under)
    return alt.layer(*layers, width=side, height=side, title=title)


def curves(
    lines: Sequence[Line], width_px: int, *, titles: tuple[str, str], step: bool, zero: bool
) -> Any:
    """Curves with bands; each is named at its end, where its last value stands.

    Args:
        lines: At most as many as there are hues.
        width_px: Width of the whole picture.
        titles: Names of the x and of the y axis.
        step: Values hold until the next x (survival) instead of changing evenly.
        zero: The y axis begins at zero.
    """
    import altair as alt

    wide = width_px >= marks.WIDE_PX
    room = width_px * (0.27 if wide else 0.34)
    frame = _Frame(
        width=width_px - room - _AXIS_PX,
        height=300.0 if wide else 240.0,
        domain=_domain(lines, zero=zero),
    )
    xs = [x for line in lines for x in line.x]
    x_scale = alt.Scale(domain=[min(xs), max(xs)], nice=False, zero=False)
    y_scale = alt.Scale(domain=list(frame.domain), nice=False, zero=False)
    x = alt.X("x:Q", scale=x_scale, axis=alt.Axis(title=None, tickCount=6 if wide else 4))
    y = alt.Y("y:Q", scale=y_scale, axis=alt.Axis(title=None, tickCount=5))
    layers = [
        layer for place, line in enumerate(lines) for layer in _curve(line, place, x, y, step)
    ]
    layers += _names(lines, frame, room - 18, y)
    soft, top = colours.SOFT_INK.light, frame.value(-14)
    for at, height, text in (
        (-_AXIS_PX, top, titles[1]),
        (0, frame.value(frame.height + 34), titles[0]),
    ):
        layers += marks.words_at(at, [(height, text)], colour=soft, size=marks.SMALL_PX, y=y)
    return alt.layer(*layers, width=frame.width, height=frame.height, config=marks.config())


class _Frame(NamedTuple):
    width: float
    height: float
    domain: tuple[float, float]

    def value(self, height_px: float) -> float:
        """The value at a height from the top."""
        low, high = self.domain
        return low + (high - low) * (1 - height_px / self.height)

    def height_px(self, value: float) -> float:
        """The height from the top of a value."""
        low, high = self.domain
        return self.height * (1 - (value - low) / (high - low))


def _domain(lines: Sequence[Line], *, zero: bool) -> tuple[float, float]:
    low, high = marks.padded([n for line in lines for n in (*line.y, *line.low, *line.high)])
    return (0.0, high) if zero else (low, high)


def _curve(line: Line, place: int, x: Any, y: Any, step: bool) -> list[Any]:
    import altair as alt

    hue, way = colours.HUES[place].light, "step-after" if step else "linear"
    points = [{"x": at, "y": value} for at, value in zip(line.x, line.y, strict=True)]
    drawn = marks.chart(points).mark_line(
        stroke=hue, strokeWidth=2, strokeDash=list(DASHES[place]), interpolate=way
    )
    layers = [drawn.encode(x=x, y=y)]
    if line.low and line.high:
        rows = [
            {"x": at, "y": low, "high": high}
            for at, low, high in zip(line.x, line.low, line.high, strict=True)
        ]
        band = marks.chart(rows).mark_area(
            fill=hue, fillOpacity=0.14, strokeOpacity=0, interpolate=way
        )
        layers.insert(0, band.encode(x=x, y=y, y2=alt.Y2("high")))
    return layers


def _names(lines: Sequence[Line], frame: _Frame, room_px: float, y: Any) -> list[Any]:
    """Each curve's name and last value, right of its end; a short line joins them."""
    import altair as alt

    texts = ["\n".join([*marks.name_lines(line.name, room_px), line.last]) for line in lines]
    ends = [frame.height_px(line.y[-1]) for line in lines]
    gap = marks.LINE_PX * max(text.count("\n") + 1 for text in texts) + 4
    places = marks.spread(ends, gap=gap, top=8, bottom=frame.height - 8)
    layers: list[Any] = []
    for number, (text, end, place) in enumerate(zip(texts, ends, places, strict=True)):
        data = [{"y": frame.value(end), "to": frame.value(place)}]
        joint = marks.chart(data).mark_rule(stroke=colours.HUES[number].light, strokeWidth=1.5)
        start = alt.XValue(frame.width + 1)  # type: ignore[no-untyped-call]
        stop = alt.X2Value(frame.width + 14)  # type: ignore[no-untyped-call]
        layers.append(joint.encode(x=start, x2=stop, y=y, y2=alt.Y2("to")))
        first = place - text.count("\n") * marks.LINE_PX / 2
        layers += marks.words_at(frame.width + 18, [(frame.value(first), text)], y=y)
    return layers
