"""What may come, as a page shows it: scenarios side by side, and the fan of one of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.fund.engine.planning import paths, scenarios
from madang.kernel.report.charts import Curve, curves
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import date

    from madang.fund.engine.book import Book
    from madang.fund.engine.planning.paths import Start
    from madang.fund.engine.planning.scenarios import Row
    from madang.kernel.report.drawing import Chart

PATHS = 2_000
"""On a page; the command takes as many as one likes."""
_EOK = 100_000_000
_LOW, _MIDDLE, _HIGH = 0, 2, 4


class Plan(NamedTuple):
    """Everything that the page shows."""

    rows: tuple[Row, ...]
    chart: Chart
    title: Words
    alt: Words
    headers: tuple[Words, ...]
    table: tuple[tuple[Any, ...], ...]


def plan(book: Book, on: date) -> Plan:
    """The plan of a fund from a day on.

    Raises:
        TermsRefused: No quarter of the fund's life is left.
    """
    start = paths.start_of(book, on)
    return _plan(_frozen(start), on)


def _frozen(start: Start) -> tuple[tuple[str, Any], ...]:
    """The start as a key: the same books give the same plan without another run."""
    return tuple(
        (name, tuple(sorted(value.items())) if isinstance(value, dict) else value)
        for name, value in vars(start).items()
    )


@lru_cache(maxsize=16)
def _plan(frozen: tuple[tuple[str, Any], ...], on: date) -> Plan:
    given = dict(frozen)
    start = paths.Start(**{**given, "purposes": dict(given["purposes"])})
    rows = scenarios.compared(start, paths=PATHS)
    fan = paths.play(start, paths=PATHS).fan("nav") / _EOK
    x = tuple((place + 1) / 4 for place in range(start.quarters))
    low, middle, high = (tuple(map(float, fan[each])) for each in (_LOW, _MIDDLE, _HIGH))
    top = max(range(len(middle)), key=middle.__getitem__)
    return Plan(
        rows=rows,
        chart=curves(
            (Curve(label=words("순자산", "Net assets"), x=x, y=middle, low=low, high=high),),
            x_title=words(f"{on}부터 지난 해", f"Years from {on}"),
            y_title=words("억원", "100 million won"),
            decimals=0,
            zero=True,
        ),
        title=words(
            f"보유 자산은 {x[top]:.0f}년 뒤 {middle[top]:,.0f}억원 안팎에서 가장 많습니다",
            f"Holdings are largest after {x[top]:.0f} years, at about {middle[top]:,.0f}",
        ),
        alt=words(
            "가운데 선과, 경로의 90%가 놓이는 띠가 기간 끝까지 이어집니다.",
            "A middle line with the band that holds 90 % of the paths, to the end of the fund.",
        ),
        headers=(
            words("분기", "Quarter"),
            words("하위 5%(억원)", "Lowest 5 %"),
            words("가운데(억원)", "Middle"),
            words("상위 5%(억원)", "Highest 5 %"),
        ),
        table=tuple(
            (place + 1, f"{a:,.0f}", f"{b:,.0f}", f"{c:,.0f}")
            for place, (a, b, c) in enumerate(zip(low, middle, high, strict=True))
        ),
    )
