"""What does the dashboard draw? Coverage by member, states and payloads over time.

Drawing takes a tenth of a second and more, so a chart is kept until its numbers change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache

from madang.kernel import ids
from madang.kernel.report import charts
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from madang.kernel.report.drawing import Chart
    from madang.kernel.words import Language
    from madang.rpki.engine.service.history import Totals
    from madang.rpki.web.models import Member, RoutesDay

_KEPT_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A chart that is drawn at its first need."""

    numbers: Any
    """What it shows, as JSON: the same numbers give the same picture."""
    chart: Callable[[], Chart]

    def svg(self, spoken: Language, *, width_px: int) -> str:
        """The picture in a language, at a width."""
        told = json.dumps([self.numbers, spoken, width_px], ensure_ascii=False)
        key = f"rpki-chart-{ids.digest(told.encode())}"
        found: str | None = cache.get(key)
        if found is None:
            found = self.chart().svg(spoken, width_px=width_px)
            cache.set(key, found, _KEPT_S)
        return found


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart with its finding, its words and its table."""

    chart: Kept
    title: Words
    alt: Words
    headers: tuple[Words, ...]
    rows: list[tuple[Any, ...]]
    note: Words


def coverage(rows: Sequence[RoutesDay], known: dict[str, Member]) -> Figure | None:
    """How much of each member's IPv4 addresses a payload covers; None where nobody is counted."""
    if not rows:
        return None
    named = [(known[each.name].organisation.name, each) for each in rows if each.name in known]
    named.sort(key=lambda pair: pair[1].v4_share or 0.0)
    if not named:
        return None
    whole = sum(each.v4_held for _, each in named) or 1
    share = sum(each.v4_covered for _, each in named) / whole
    return Figure(
        chart=_covered(named),
        title=words(
            f"회원이 보유한 IPv4 주소의 {share:.1%}가 인가되었습니다.",
            f"{share:.1%} of the members' IPv4 addresses are authorised.",
        ),
        alt=words(
            "회원마다 인가된 IPv4 주소의 비율을 나타낸 막대그래프",
            "Bars: the share of authorised IPv4 addresses of each member",
        ),
        headers=(
            words("회원", "Member"),
            words("인가된 IPv4(%)", "IPv4 (%)"),
            words("인가된 IPv6(%)", "IPv6 (%)"),
            words("유효 경로", "Valid routes"),
            words("무효 경로", "Invalid routes"),
            words("미확인 경로", "Not found"),
        ),
        rows=[
            (name, _percent(each.v4_share), _percent(each.v6_share), each.valid, each.invalid,
             each.not_found)
            for name, each in named
        ],
        note=words(f"{rows[0].day} 집계", f"Counted on {rows[0].day}"),
    )  # fmt: skip


def _covered(named: Sequence[tuple[Words, RoutesDay]]) -> Kept:
    bars = [
        charts.BarRow(label=name, value=round(100 * (each.v4_share or 0.0), 1))
        for name, each in named
    ]
    return Kept(
        numbers=["coverage", [(str(row.label), row.value) for row in bars]],
        chart=lambda: charts.bars(
            bars, axis_title=words("인가된 IPv4 주소(%)", "IPv4 addresses authorised (%)")
        ),
    )


def states(rows: Sequence[RoutesDay]) -> Figure | None:
    """Valid, invalid and not-found routes day by day; None below two days."""
    if len(rows) < 2:
        return None
    first, last = rows[0].day, rows[-1]
    x = tuple(float((each.day - first).days) for each in rows)
    names = (
        ("valid", words("유효", "valid")),
        ("invalid", words("무효", "invalid")),
        ("not_found", words("미확인", "not found")),
    )
    lines = [
        charts.Curve(label=label, x=x, y=tuple(float(getattr(each, name)) for each in rows))
        for name, label in names
    ]
    return Figure(
        chart=Kept(
            numbers=["states", str(first), [line.y for line in lines]],
            chart=lambda: charts.curves(
                lines,
                x_title=words(f"{first}부터 지난 날", f"days since {first}"),
                y_title=words("경로 수", "routes"),
                decimals=0,
                zero=True,
            ),
        ),
        title=words(
            f"관측된 경로 {last.announced:,d}개 가운데 {last.valid:,d}개가 유효합니다.",
            f"{last.valid:,d} of {last.announced:,d} seen routes are valid.",
        ),
        alt=words(
            "유효, 무효, 미확인 경로의 수를 날마다 나타낸 선그래프",
            "Lines: valid, invalid and not-found routes day by day",
        ),
        headers=(words("날짜", "Day"), *(label for _, label in names)),
        rows=[(each.day.isoformat(), each.valid, each.invalid, each.not_found) for each in rows],
        note=words("회원의 주소에서 관측된 경로", "Routes within the members' addresses"),
    )  # fmt: skip


def payloads(totals: Sequence[Totals], at: Callable[[int], Any]) -> Figure | None:
    """Payloads that are believed, run by run; None below two runs."""
    # Of runs within one second, the last one tells how it ended.
    rows = list({each.at: each for each in reversed(totals)}.values())
    if len(rows) < 2:
        return None
    first = rows[0].at
    x = tuple((each.at - first) / 3600 for each in rows)
    lines = [
        charts.Curve(label="VRP", x=x, y=tuple(float(each.vrps) for each in rows)),
        charts.Curve(label="ASPA", x=x, y=tuple(float(each.aspas) for each in rows)),
    ]
    return Figure(
        chart=Kept(
            numbers=["payloads", x, [line.y for line in lines]],
            chart=lambda: charts.curves(
                lines,
                x_title=words("첫 검증부터 지난 시간", "hours since the first round"),
                y_title=words("인가 정보 수", "payloads"),
                decimals=0,
                step=True,
                zero=True,
            ),
        ),
        title=words(
            f"검증된 인가 정보는 VRP {rows[-1].vrps:,d}건, ASPA {rows[-1].aspas:,d}건입니다.",
            f"{rows[-1].vrps:,d} VRPs and {rows[-1].aspas:,d} ASPAs are believed.",
        ),
        alt=words(
            "검증할 때마다의 VRP와 ASPA 수를 나타낸 계단 그래프",
            "Steps: VRPs and ASPAs at each round",
        ),
        headers=(
            words("검증", "Round"),
            words("VRP", "VRPs"),
            words("ASPA", "ASPAs"),
            words("믿지 않은 객체", "Refused objects"),
        ),
        rows=[(at(each.at), each.vrps, each.aspas, each.refused) for each in rows[-40:]],
        note=words("검증기의 기록", "From the validator's log"),
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"
