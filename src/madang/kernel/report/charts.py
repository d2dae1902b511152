"""Which pictures does a report need? Intervals, scores, calibration, curves and bars.

Names stand beside what they name, uncertainty is drawn as whiskers or bands, bars begin at zero,
and shape or dash repeats what colour says. Each function returns a `Chart`, which is drawn in a
language and at a width when a page or a printer asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from madang.kernel.report import colours, marks, panels
from madang.kernel.report.document import Interval
from madang.kernel.report.drawing import Chart
from madang.kernel.report.lanes import Lane, Lanes, Look
from madang.kernel.report.written import interval, number, said
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.kernel.report.document import Said
    from madang.kernel.words import Language

Kind: TypeAlias = Literal["solution", "baseline", "failed"]
Better: TypeAlias = Literal["lower", "higher"]

PREDICTED = words("예측 위험", "predicted risk")
OBSERVED = words("관찰 위험", "observed risk")

_BETTER = {
    "lower": words("낮을수록 좋음", "lower is better"),
    "higher": words("높을수록 좋음", "higher is better"),
}
_SIDES = {
    "lower": (words("◀ 기준보다 좋음", "◀ better"), words("기준보다 나쁨 ▶", "worse ▶")),
    "higher": (words("◀ 기준보다 나쁨", "◀ worse"), words("기준보다 좋음 ▶", "better ▶")),
}
_KEY = {
    "apart": words("● 구간이 기준을 벗어남", "● interval clear of the reference"),
    "unproved": words("○ 구간이 기준을 포함함", "○ interval includes the reference"),
    "solution": words("● 솔루션", "● solution"),
    "baseline": words("◆ 기준 모형", "◆ baseline"),
}
_BEST = words("가장 좋음", "best")
_AXES = words("가로: {x}", "across: {x}"), words("세로: {y}", "up: {y}")
_EXACT = words("점선: 예측과 관찰이 같음", "dashed: predicted equals observed")


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One solution's estimate with its interval; a failed one has no numbers but a note."""

    label: Said
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    kind: Kind = "solution"
    note: Said = ""
    """Stands under the name; where there is no estimate, in its place."""


@dataclass(frozen=True, kw_only=True)
class BarRow:
    """One quantity."""

    label: Said
    value: float
    kind: Kind = "solution"


@dataclass(frozen=True, kw_only=True)
class CalibrationPoint:
    """One group of cases: what was predicted on average, and what was observed."""

    predicted: float
    observed: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class CalibrationCurve:
    """One solution's groups, from the lowest prediction to the highest."""

    label: Said
    points: tuple[CalibrationPoint, ...]
    note: Said = ""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line, with the band of its uncertainty if `low` and `high` are given.

    All sequences have one length; x does not fall.
    """

    label: Said
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


def forest(
    rows: Sequence[ForestRow],
    *,
    reference: float | None,
    axis_title: Said,
    better: Better,
    decimals: int = 3,
) -> Chart:
    """Estimates with intervals beside a reference, one row a solution.

    Args:
        rows: In the order in which they are drawn; at least one.
        reference: Where there is no difference, such as 0; None if nothing is compared.
        axis_title: What is estimated, with its unit.
        better: Which way is better.
        decimals: Digits of the written estimates.

    Raises:
        ValueError: There is no row.
    """
    frozen = _some(rows)

    def build(language: Language, width_px: int) -> Any:
        lanes = _lanes(frozen, language, width_px, decimals, signed=reference == 0.0)
        return _intervals(lanes, axis_title, language, better=better, reference=reference)

    return Chart(build)


def dots(
    rows: Sequence[ForestRow], *, axis_title: Said, better: Better, decimals: int = 3
) -> Chart:
    """Scores with intervals, one row a solution; the best is named.

    Args:
        rows: In the order in which they are drawn; at least one.
        axis_title: What is scored, with its unit.
        better: Which way is better.
        decimals: Digits of the written scores.

    Raises:
        ValueError: There is no row.
    """
    frozen = _some(rows)

    def build(language: Language, width_px: int) -> Any:
        lanes = _lanes(frozen, language, width_px, decimals, best=better)
        return _intervals(lanes, axis_title, language, better=better)

    return Chart(build)


def bars(rows: Sequence[BarRow], *, axis_title: Said, decimals: int = 0) -> Chart:
    """Quantities as bars from zero, one row each.

    Raises:
        ValueError: There is no row.
    """
    frozen = tuple(
        ForestRow(label=row.label, estimate=row.value, kind=row.kind) for row in _some(rows)
    )

    def build(language: Language, width_px: int) -> Any:
        return _bars(_lanes(frozen, language, width_px, decimals), axis_title, language)

    return Chart(build)


def calibration(
    curves: Sequence[CalibrationCurve],
    *,
    predicted_title: Said = PREDICTED,
    observed_title: Said = OBSERVED,
) -> Chart:
    """Observed against predicted, one small panel a solution, all on one scale from zero.

    Raises:
        ValueError: There is no curve.
    """
    frozen: tuple[CalibrationCurve, ...] = _some(curves)

    def build(language: Language, width_px: int) -> Any:
        drawn = [_panel(curve, language) for curve in frozen]
        across, up = (axis.within(language) for axis in _AXES)
        across = across.format(x=said(predicted_title, language))
        up = up.format(y=said(observed_title, language))
        return panels.calibration(drawn, width_px, key=(across, up, _EXACT.within(language)))

    return Chart(build)


def _panel(curve: CalibrationCurve, language: Language) -> panels.Panel:
    groups = tuple(
        panels.Group(point.predicted, point.observed, point.low, point.high)
        for point in curve.points
    )
    return panels.Panel(said(curve.label, language), said(curve.note, language), groups)


def curves(
    lines: Sequence[Curve],
    *,
    x_title: Said,
    y_title: Said,
    decimals: int = 2,
    step: bool = False,
    zero: bool = False,
) -> Chart:
    """Curves with bands; each is named at its end, where its last value stands.

    Args:
        lines: At most six.
        x_title: What lies along the axis below.
        y_title: What the heights mean.
        decimals: Digits of the last values.
        step: Values hold until the next x, as in survival curves.
        zero: The axis of heights begins at zero.

    Raises:
        ValueError: There is no curve, or there are more than six.
    """
    frozen: tuple[Curve, ...] = _some(lines)
    if len(frozen) > len(colours.HUES):
        raise ValueError(f"{len(frozen)} curves cannot be told apart; show at most six")

    def build(language: Language, width_px: int) -> Any:
        drawn = [
            panels.Line(
                said(line.label, language),
                number(line.y[-1], decimals=decimals),
                line.x,
                line.y,
                line.low,
                line.high,
            )
            for line in frozen
        ]
        titles = said(x_title, language), said(y_title, language)
        return panels.curves(drawn, width_px, titles=titles, step=step, zero=zero)

    return Chart(build)


def _some(rows: Sequence[Any]) -> tuple[Any, ...]:
    if not rows:
        raise ValueError("a chart needs a row")
    return tuple(rows)


def _lanes(
    rows: tuple[ForestRow, ...],
    language: Language,
    width_px: int,
    decimals: int,
    *,
    signed: bool = False,
    best: Better | None = None,
) -> Lanes:
    lanes = [_lane(row, language, decimals, signed) for row in rows]
    first = _best(rows, best)
    if first is not None:
        note = ", ".join(filter(None, (lanes[first].note, _BEST.within(language))))
        lanes[first] = lanes[first]._replace(note=note)
    return Lanes(lanes, width_px, bold=first)


def _lane(row: ForestRow, language: Language, decimals: int, signed: bool) -> Lane:
    value = ""
    if row.estimate is not None:
        value = number(row.estimate, decimals=decimals, signed=signed)
    if row.estimate is not None and row.low is not None and row.high is not None:
        limits = Interval(row.low, row.high)
        value += f" ({interval(limits, language, decimals=decimals, signed=signed)})"
    name, note = said(row.label, language), said(row.note, language)
    return Lane(name, note, value, row.estimate, row.low, row.high, row.kind)


def _best(rows: tuple[ForestRow, ...], better: Better | None) -> int | None:
    """The row with the best estimate; None where nothing is to be named or nothing was scored."""
    scored = [place for place, row in enumerate(rows) if row.estimate is not None]
    if not better or not scored:
        return None
    sign = 1 if better == "lower" else -1
    return min(scored, key=lambda place: sign * (rows[place].estimate or 0.0))


def _intervals(
    lanes: Lanes,
    axis_title: Said,
    language: Language,
    *,
    better: Better,
    reference: float | None = None,
) -> Any:

    numbers = [n for row in lanes.rows for n in (row.estimate, row.low, row.high) if n is not None]
    if reference is not None:
        numbers.append(reference)
    domain = marks.padded(numbers or [0.0, 1.0])
    looks = lanes.sorted_by_look(lambda row: _look(row, reference))
    title = f"{said(axis_title, language)} ({_BETTER[better].within(language)})"
    x = partial(marks.value_axis, domain=domain, span=lanes.span)
    y = marks.pixel_axis(lanes.tops[-1])
    layers = [layer for look, points in looks.items() for layer in _whiskers(look, points, x, y)]
    if reference is not None:
        layers = [*_reference(reference, lanes, better, language, x, y), *layers]
    if not looks:
        layers.append(marks.chart([]).mark_point().encode(x=x("x"), y=y))
    return lanes.picture(layers, title=title, key=_key(looks, reference, language))


def _look(row: Lane, reference: float | None) -> Look:
    """A reference inside the interval makes the mark hollow and grey: nothing was shown."""
    grey, blue = colours.EDGE.light, colours.ACCENT.light
    if row.kind == "baseline":
        return Look("diamond", colours.INK.light, colours.INK.light, (1, 0))
    if reference is not None and row.low is not None and row.high is not None:
        if row.low <= reference <= row.high:
            return Look("circle", grey, colours.PAPER.light, (4, 3))
    return Look("circle", blue, blue, (1, 0))


def _key(looks: dict[Look, Any], reference: float | None, language: Language) -> list[str]:
    """What each shape means, for the shapes that are there."""
    names = []
    for look in looks:
        if look.shape == "diamond":
            names.append("baseline")
        elif reference is None:
            names.append("solution")
        else:
            names.append("unproved" if look.fill == colours.PAPER.light else "apart")
    found = [_KEY[name].within(language) for name in _KEY if name in names]
    return found if len(found) > 1 or reference is not None else []


def _whiskers(look: Look, points: list[dict[str, float]], x: Any, y: Any) -> list[Any]:
    import altair as alt

    ranged = [point for point in points if "low" in point]
    rule = marks.chart(ranged).mark_rule(
        stroke=look.stroke, strokeWidth=2, strokeDash=list(look.dash)
    )
    point = marks.chart(points).mark_point(
        shape=look.shape,
        size=90,
        filled=False,
        fill=look.fill,
        stroke=look.stroke,
        strokeWidth=2,
        opacity=1,
    )
    return [
        rule.encode(x=x("low"), x2=alt.X2("high"), y=y),
        point.encode(x=x("x"), y=y),
    ]


def _reference(
    reference: float, lanes: Lanes, better: Better, language: Language, x: Any, y: Any
) -> list[Any]:
    """The line of no difference, and which side of it is better."""
    import altair as alt

    data = [{"at": reference, "y": top, "bottom": end} for top, end in lanes.verticals()]
    line = marks.chart(data).mark_rule(stroke=colours.INK.light, strokeWidth=1, strokeDash=[2, 3])
    left, right = (side.within(language) for side in _SIDES[better])
    soft, (start, end) = colours.SOFT_INK.light, lanes.span
    return [
        line.encode(x=x("at"), y=y, y2=alt.Y2("bottom")),
        *marks.words_at(start, [(-10.0, left)], colour=soft, size=marks.SMALL_PX),
        *marks.words_at(end, [(-10.0, right)], align="right", colour=soft, size=marks.SMALL_PX),
    ]


def _bars(lanes: Lanes, axis_title: Said, language: Language) -> Any:
    import altair as alt

    values = [row.estimate or 0.0 for row in lanes.rows]
    low, high = min(0.0, *values), max(0.0, *values)
    x = marks.value_axis("x", (low, high if high > low else 1.0), lanes.span)
    y = marks.pixel_axis(lanes.tops[-1])
    layers = []
    for look, points in lanes.sorted_by_look(lambda row: _look(row, None)).items():
        data = [{"zero": 0.0, **point} for point in points]
        bar = marks.chart(data).mark_bar(
            height=14, fill=look.fill if look.shape == "circle" else colours.EDGE.light
        )
        layers.append(bar.encode(x=x, x2=alt.X2("zero"), y=y))
    return lanes.picture(layers, title=said(axis_title, language))
