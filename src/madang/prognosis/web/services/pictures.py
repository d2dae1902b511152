"""Which pictures show a prognosis? The curve with its band, and a hundred people."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from madang.kernel.report import charts
from madang.kernel.report.charts import CalibrationCurve, CalibrationPoint, Curve
from madang.kernel.words import Words, words
from madang.prognosis.engine.frequencies import of_people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.kernel.report.drawing import Chart
    from madang.prognosis.web.models import Registered

    Floats: TypeAlias = tuple[float, ...]

YEAR = 365.25
PERCENT = words("누적 위험(%)", "Cumulative risk (%)")
ROW = 10


class People(NamedTuple):
    """Of a hundred: how many of each, and one mark a person, row by row."""

    event: int
    other: int
    free: int
    low: int
    high: int
    rows: list[list[str]]


def people(answer: Mapping[str, Any], window_days: float) -> People:
    """A hundred people like this one, at the end of the window."""
    place = min(
        range(len(answer["days"])), key=lambda each: abs(answer["days"][each] - window_days)
    )
    others = sum(cause[place] for cause in answer["causes"][1:])
    found = of_people(
        {"event": answer["risk"][place], "other": others, "free": answer["free"][place]}
    )
    marks = [name for name in ("event", "other", "free") for _ in range(found[name])]
    return People(
        **found,
        low=round(100 * answer["low"][place]),
        high=round(100 * answer["high"][place]),
        rows=[marks[start : start + ROW] for start in range(0, 100, ROW)],
    )


def curve(answer: Mapping[str, Any], row: Registered) -> Chart:
    """Risk over the years from today, with the band of its interval."""
    lines = ("risk", "low", "high")
    others = [_percent(each) for each in answer["causes"][1:2]]
    return _drawn(
        (0.0, *(day / YEAR for day in answer["days"])),
        tuple(_percent(answer[name]) for name in lines),
        tuple(others),
        row.outcome,
        row.other,
    )


@lru_cache(maxsize=256)
def _drawn(
    years: Floats, ends: tuple[Floats, ...], others: tuple[Floats, ...], event: Words, other: Words
) -> Chart:
    """The same answer is the same chart, so that it is drawn once by a process."""
    risk, low, high = ends
    lines = [Curve(label=event, x=years, y=risk, low=low, high=high)]
    lines += [Curve(label=other, x=years, y=each) for each in others]
    return charts.curves(
        lines,
        x_title=words("오늘부터 지난 햇수(년)", "Years from today"),
        y_title=PERCENT,
        decimals=0,
        zero=True,
    )


def _percent(shares: Sequence[float]) -> tuple[float, ...]:
    return (0.0, *(100 * each for each in shares))


def rows(answer: Mapping[str, Any], years: Sequence[float] = (0.5, 1, 2, 3, 4, 5)) -> list[Any]:
    """The curve as a table: years, risk, its interval, and what competes."""
    found = []
    for year in years:
        if year * YEAR > answer["days"][-1] + 1:
            continue
        place = min(
            range(len(answer["days"])), key=lambda each: abs(answer["days"][each] - year * YEAR)
        )
        others = sum(cause[place] for cause in answer["causes"][1:])
        found.append(
            (
                f"{year:g}",
                f"{100 * answer['risk'][place]:.1f}",
                f"{100 * answer['low'][place]:.1f}–{100 * answer['high'][place]:.1f}",
                f"{100 * others:.1f}",
                f"{100 * answer['free'][place]:.1f}",
            )
        )
    return found


def calibration(tenths: Sequence[Mapping[str, Any]], label: Words) -> Chart:
    """What was told and what came true, by tenth of the answers."""
    names = ("predicted", "observed", "low", "high")
    return _calibrated(tuple(tuple(each.get(name) for name in names) for each in tenths), label)


@lru_cache(maxsize=64)
def _calibrated(tenths: tuple[tuple[float, ...], ...], label: Words) -> Chart:
    points = tuple(
        CalibrationPoint(predicted=predicted, observed=observed, low=low, high=high)
        for predicted, observed, low, high in tenths
    )
    return charts.calibration([CalibrationCurve(label=label, points=points)])
