"""Which values drive this patient's risk, in words? The largest first, the rest in one line.

Numbers are points of a hundred with one decimal, and add up as shown: the reference's risk and all
lines give the patient's risk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from madang.kernel.words import Words, words
from madang.prognosis.engine.models.encoding import MISSING, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.explain.contributions import Contributions

MOST = 6
"""Lines with a column of their own."""

_TENTHS = 1000  # tenths of a point in a probability of 1


@dataclass(frozen=True, kw_only=True)
class Named:
    """What people call a column: its name, its unit, and the names of its levels."""

    name: Words
    unit: str = ""
    levels: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One line: `tenths` of a point of risk, as rounded for the sentence.

    `column` is None for the rest together. `certain` says whether the sign holds beyond two
    standard errors of the sampling.
    """

    column: str | None
    tenths: int
    sentence: Words
    certain: bool


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """The lines; `reference` and `risk` in tenths of a point: reference + all lines = risk."""

    reference: int
    risk: int
    lines: tuple[Driver, ...]


def drivers(
    found: Contributions,
    patient: Mapping[str, Any],
    *,
    horizon: Words,
    at: int = -1,
    named: Mapping[str, Named] | None = None,
    most: int = MOST,
) -> Drivers:
    """Tell the contributions at one time.

    Args:
        found: Of this patient.
        patient: Column → value.
        horizon: The time in words that stand before "risk": `words("5년", "5-year")`.
        at: Which of the times.
        named: Names, units and levels by column (or group); others are called as in the table.
        most: Lines before the rest is summed; columns that add nothing are not told.
    """
    points = found.points[:, at]
    order = [row for row in np.argsort(-np.abs(points), kind="stable") if points[row] != 0]
    alone, others = order[:most], order[most:]
    sizes = [float(points[row]) for row in alone]
    sizes += [float(points[others].sum())] if others else []
    start, end = (round(float(risk[at]) * _TENTHS) for risk in (found.reference_risk, found.risk))
    tenths = _adding_up([size * _TENTHS for size in sizes], end - start)
    lines = []
    for row, size in zip(alone, tenths, strict=False):
        column = found.columns[row]
        lines.append(
            Driver(
                column=column,
                tenths=size,
                sentence=_sentence(_valued(column, patient, (named or {})), size, horizon),
                certain=bool(abs(points[row]) > 2 * found.error[row, at]),
            )
        )
    if others:
        # Errors of columns that share their orders may add up fully.
        doubt = 2 * float(found.error[others, at].sum())
        subject = words(
            f"그 밖의 항목 {len(others)}개",
            "1 other" if len(others) == 1 else f"{len(others)} others",
        )
        lines.append(
            Driver(
                column=None,
                tenths=tenths[-1],
                sentence=_sentence(subject, tenths[-1], horizon),
                certain=abs(sizes[-1]) > doubt,
            )
        )
    return Drivers(reference=start, risk=end, lines=tuple(lines))


def _adding_up(sizes: list[float], total: int) -> list[int]:
    """Whole numbers near the sizes with the given sum: by largest remainder, the first of equals.

    Ends that lie on the half may ask for one less than there is: the largest size takes it.
    """
    found = [int(np.floor(size)) for size in sizes]
    order = sorted(range(len(sizes)), key=lambda row: found[row] - sizes[row])
    rest = total - sum(found)
    for row in order[: max(min(rest, len(sizes)), 0)]:
        found[row] += 1
    if sizes:
        found[0] += total - sum(found)
    return found


def _valued(column: str, patient: Mapping[str, Any], named: Mapping[str, Named]) -> Words:
    """What is told of: the column's name and the patient's value."""
    known = named.get(column, Named(name=words(column, column)))
    if column not in patient:  # a group
        return known.name
    value = patient[column]
    shown = str(texts(np.array([value], dtype=object))[0])
    if shown == MISSING:
        return words(f"{known.name.ko} 값 없음", f"{known.name.en} without a value")
    if isinstance(value, (float, np.floating)):
        shown = f"{value:.10g}"
    level = known.levels.get(shown, words(shown, shown))
    unit = f" {known.unit}" if known.unit else ""
    return words(f"{known.name.ko} {level.ko}{unit}", f"{known.name.en} {level.en}{unit}")


def _sentence(subject: Words, tenths: int, horizon: Words) -> Words:
    sign = "+" if tenths > 0 else "−" if tenths < 0 else ""
    size = f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"
    return words(
        f"{subject.ko}: {horizon.ko} 위험 {size}%p",
        f"{subject.en}: {size} points of {horizon.en} risk",
    )
