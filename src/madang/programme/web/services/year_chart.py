"""How is the year of a line drawn? Three amounts as curves, and what the end may bring."""

from __future__ import annotations

from calendar import monthrange
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.report.charts import Curve, curves
from madang.kernel.units import money, percent, won
from madang.kernel.words import Words, words
from madang.programme.engine.forecast.fan import LEVEL
from madang.programme.engine.money import EOK_KRW

if TYPE_CHECKING:
    from datetime import date

    from madang.kernel.report.drawing import Chart
    from madang.programme.engine.balances import Balance
    from madang.programme.engine.forecast.fan import Fan
    from madang.programme.engine.forecast.outlook import Outlook
    from madang.programme.web.services.picture import Month, Picture

_GRANTED = words("교부", "Granted")
_DISBURSED = words("집행", "Disbursed")
_SPENT = words("실집행", "Confirmed")
_PLANNED = words("실집행 계획", "Planned")
_EXPECTED = words("실집행 전망", "Expected")


class Point(NamedTuple):
    """Amounts at one moment of the year, in 억원, beside where it lies in months."""

    month: float
    granted: float
    disbursed: float
    spent: float
    planned: float


class Ahead(NamedTuple):
    """What is expected at one moment to come, in 억원."""

    month: float
    low: float
    middle: float
    high: float


class YearChart(NamedTuple):
    """A chart with everything that a page says around it."""

    chart: Chart
    title: Words
    alt: Words
    headers: tuple[Words, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: Words


_HEADERS = (
    words("기준일", "Day"),
    words("교부(원)", "Granted (won)"),
    words("집행(원)", "Disbursed (won)"),
    words("실집행(원)", "Confirmed (won)"),
    words("실집행 계획(원)", "Planned (won)"),
)
_ALT = words(
    "가로는 월, 세로는 억원입니다. 교부, 집행, 실집행의 누계와 실집행 전망을 선으로, "
    "전망의 구간을 띠로 그렸습니다.",
    "Months across, 100 million won upwards: granted, disbursed and confirmed amounts "
    "as lines, the expected end with its interval as a band.",
)
_NOTE = words(
    "실집행은 증빙이 확인된 금액입니다. 전망은 항목의 속도, 계약, 절차에서 모의실험으로 "
    "구했습니다.",
    "Confirmed: spending proved by evidence. The forecast is simulated from each line's "
    "own pace, contracts and procedures.",
)


def year_chart(picture: Picture, line: str = "") -> YearChart:
    """The year of a line, or of all together.

    Args:
        picture: The programme on a day.
        line: The line; empty for all together.
    """
    row = picture.row(line)
    months = picture.months[line]
    start = Point(_month(_vote()), 0.0, 0.0, 0.0, 0.0)
    return YearChart(
        chart=_drawn((start, *map(_point, months)), _ahead(row.fan if row else picture.fan)),
        title=_finding(
            picture.on,
            row.balance if row else picture.whole,
            row.outlook if row else picture.outlook,
        ),
        alt=_ALT,
        headers=_HEADERS,
        rows=tuple(
            (
                each.on.isoformat(),
                won(each.granted_krw),
                won(each.disbursed_krw),
                won(each.spent_krw),
                won(each.planned_krw),
            )
            for each in months
        ),
        note=_NOTE,
    )


def _point(month: Month) -> Point:
    return Point(
        _month(month.on),
        month.granted_krw / EOK_KRW,
        month.disbursed_krw / EOK_KRW,
        month.spent_krw / EOK_KRW,
        month.planned_krw / EOK_KRW,
    )


def _ahead(fan: Fan | None) -> tuple[Ahead, ...]:
    if fan is None:
        return ()
    edges = zip(fan.days, fan.low_krw, fan.middle_krw, fan.high_krw, strict=True)
    return tuple(
        Ahead(_month(day), low / EOK_KRW, middle / EOK_KRW, high / EOK_KRW)
        for day, low, middle, high in edges
    )


def _finding(on: date, balance: Balance, outlook: Outlook | None) -> Words:
    """What the chart shows, as one sentence, or two where there is a forecast."""
    spent, rate = money(balance.spent_krw), percent(balance.spent_share)
    title = words(
        f"{on:%Y-%m-%d}까지 예산의 {rate}인 {spent.ko}을 증빙으로 확인했습니다.",
        f"By {on}, {rate} of the money was confirmed by evidence: {spent.en}.",
    )
    if outlook is None:
        return title
    low, middle, high = map(money, (outlook.low_krw, outlook.middle_krw, outlook.high_krw))
    return words(
        f"{title.ko} 연말에는 {middle.ko}({LEVEL:.0%} 구간 {low.ko}~{high.ko})으로 예상합니다.",
        f"{title.en} At the year's end {middle.en} is expected "
        f"({LEVEL:.0%} interval {low.en} to {high.en}).",
    )


def _vote() -> date:
    """The day of the vote, where every curve begins."""
    from madang.programme.web.services.book import programme

    return programme().approved_on


def _month(day: date) -> float:
    """Where a day lies among the months: 1 July is 7.0, the end of July almost 8."""
    return day.month + (day.day - 1) / monthrange(day.year, day.month)[1]


@lru_cache(maxsize=128)
def _drawn(points: tuple[Point, ...], ahead: tuple[Ahead, ...]) -> Chart:
    """The same numbers give the same chart, which is drawn once by a process."""
    x = tuple(each.month for each in points)
    lines = [
        # In the order of the hues: 실집행 and 집행 have those of the bars.
        Curve(label=_SPENT, x=x, y=tuple(each.spent for each in points)),
        Curve(label=_PLANNED, x=x, y=tuple(each.planned for each in points)),
        Curve(label=_DISBURSED, x=x, y=tuple(each.disbursed for each in points)),
        Curve(label=_GRANTED, x=x, y=tuple(each.granted for each in points)),
    ]
    if ahead:
        lines.append(
            Curve(
                label=_EXPECTED,
                x=tuple(each.month for each in ahead),
                y=tuple(each.middle for each in ahead),
                low=tuple(each.low for each in ahead),
                high=tuple(each.high for each in ahead),
            )
        )
    return curves(
        lines,
        x_title=words("월", "month"),
        y_title=words("억원", "100 million won"),
        decimals=1,
        zero=True,
    )
