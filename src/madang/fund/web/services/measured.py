"""How has a fund done, as a page shows it: figures side by side, groups, and the J-curve?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.fund.engine.measures import in_book
from madang.fund.engine.reports import tags
from madang.kernel.report.charts import Curve, curves
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import date

    from madang.fund.engine.book import Book
    from madang.fund.engine.measures.in_book import Performance
    from madang.kernel.report.drawing import Chart

_EOK = 100_000_000
_OTHERS = {"-": words("구분 없음(자펀드 등)", "Without a tag, such as sub-funds")}


class Line(NamedTuple):
    """One row of figures, written."""

    title: Words
    tvpi: str
    dpi: str
    rvpi: str
    rate: str
    note: Words | None


class Picture(NamedTuple):
    """A chart with everything that a page says around it."""

    chart: Chart
    title: Words
    alt: Words
    headers: tuple[Words, ...]
    rows: tuple[tuple[Any, ...], ...]


class Measured(NamedTuple):
    """Everything that the page of measures shows."""

    lines: list[Line]
    groups: list[tuple[Words, list[Line]]]
    curve: Picture | None


def measured(book: Book, on: date) -> Measured:
    """What the page shows, computed once for a state of the books."""
    return _measured(book, book.journal.head, on)


@lru_cache(maxsize=32)
def _measured(book: Book, _head: str, on: date) -> Measured:
    return Measured(lines(book, on), groups(book, on), j_curve(book, on))


def line(title: Words, found: Performance) -> Line:
    """A performance in one row; a rate only where it is the only one."""

    def times(value: Any) -> str:
        return "–" if value is None else f"{float(value):.2f}×"

    own = found.multiples
    value = found.rates.value
    # A rate that is 0 to two digits has no sign.
    rate = "–" if value is None else f"{round(value, 4) + 0.0:.2%}"
    return Line(title, times(own.tvpi), times(own.dpi), times(own.rvpi), rate, found.rates.note)


def lines(book: Book, on: date) -> list[Line]:
    """Net and gross, with and without the line of credit."""
    return [
        line(
            words("출자자 기준(성과보수·보수 차감 후)", "Net, to the partners"),
            in_book.net(book, on),
        ),
        line(
            words("출자자 기준, 차입이 없었다면", "Net, without the line of credit"),
            in_book.net(book, on, line=False),
        ),
        line(words("투자 기준(보수 차감 전)", "Gross, of the companies"), in_book.gross(book, on)),
    ]


def groups(book: Book, on: date) -> list[tuple[Words, list[Line]]]:
    """By year of the first investment, by field and by region."""
    known: dict[str, dict[str, Words]] = {
        "vintage": {},
        "field": tags.FIELDS,
        "region": tags.REGIONS,
    }
    titles = {
        "vintage": words("첫 투자 연도별", "By year of first investment"),
        "field": words("분야별", "By field"),
        "region": words("지역별", "By region"),
    }
    return [
        (
            titles[name],
            [
                line(words_of.get(key) or _OTHERS.get(key) or words(key, key), found)
                for key, found in in_book.by_group(book, on, group=name).items()
            ],
        )
        for name, words_of in known.items()
    ]


@lru_cache(maxsize=16)
def _drawn(points: tuple[tuple[int, float, float], ...], first: str) -> Chart:
    x = tuple(float(place) / 4 for place, _, _ in points)
    return curves(
        (
            Curve(
                label=words("받은 돈 - 낸 돈", "Received less paid"),
                x=x,
                y=tuple(flow for _, flow, _ in points),
            ),
            Curve(
                label=words("순자산을 더하면", "With net assets"),
                x=x,
                y=tuple(value for _, _, value in points),
            ),
        ),
        x_title=words(f"{first}부터 지난 해", f"Years from {first}"),
        y_title=words("억원", "100 million won"),
        decimals=0,
    )


def j_curve(book: Book, on: date) -> Picture | None:
    """The partners' J-curve at each close; None before the third one."""
    points = in_book.curve(book, on)
    if len(points) < 3:
        return None
    plain = tuple(
        (place, each.net_flow / _EOK, each.value / _EOK) for place, each in enumerate(points)
    )
    low = min(points, key=lambda each: each.net_flow)
    last = points[-1]
    deepest = f"{-low.net_flow / _EOK:,.0f}"
    return Picture(
        chart=_drawn(plain, points[0].on.isoformat()),
        title=words(
            f"출자자는 {low.on}까지 {deepest}억원을 더 냈습니다",
            f"By {low.on} partners had paid {deepest} × 100 million won more than received",
        ),
        alt=words(
            f"두 선이 분기마다 이어집니다. 마지막 {last.on}에는 {last.net_flow / _EOK:,.0f}억원과 "
            f"{last.value / _EOK:,.0f}억원입니다.",
            f"Two lines by quarter; on {last.on} they stand at {last.net_flow / _EOK:,.0f} and "
            f"{last.value / _EOK:,.0f}.",
        ),
        headers=(
            words("마감일", "Close"),
            words("받은 돈 - 낸 돈(원)", "Received less paid (won)"),
            words("순자산(원)", "Net assets (won)"),
        ),
        rows=tuple((each.on.isoformat(), each.net_flow, each.nav) for each in points),
    )
