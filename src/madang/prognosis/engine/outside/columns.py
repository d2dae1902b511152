"""What does a published model make of a column? Terms: logarithms, powers, splines, indicators.

A number is divided, shaped and centred, in this order. Powers follow the convention of fractional
polynomials: 0 is the logarithm, and a power said again is multiplied by the logarithm once more.

Sources: Royston and Altman (1994) for fractional polynomials; Harrell, Regression Modeling
Strategies (2015), section 2.4.5, for restricted cubic splines and their scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.kernel.words import words
from madang.prognosis.engine.models.encoding import MISSING, texts
from madang.prognosis.engine.outside.plain import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from madang.kernel.words import Words

    Floats: TypeAlias = NDArray[np.float64]

IDENTITY = (1.0,)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A number with its unit: `powers` of it, or with `knots` a spline; `centre` one a term."""

    name: str
    unit: str
    powers: tuple[float, ...] = IDENTITY
    knots: tuple[float, ...] = ()
    divide: float = 1.0
    centre: tuple[float, ...] = (0.0,)
    low: float = -LARGEST
    high: float = LARGEST

    @property
    def terms(self) -> tuple[str, ...]:
        """The column's name; with several terms, the name with `:1`, `:2` and so on."""
        count = len(self.knots) - 1 if self.knots else len(self.powers)
        if count == 1:
            return (self.name,)
        return tuple(f"{self.name}:{place + 1}" for place in range(count))

    @property
    def above_zero(self) -> bool:
        """Whether only numbers above 0 have these terms."""
        whole = all(power > 0 and float(power).is_integer() for power in self.powers)
        return not self.knots and (not whole or len(set(self.powers)) < len(self.powers))

    @property
    def declared(self) -> dict[str, Any]:
        """Name and kind, as files of patients are read."""
        return {"name": self.name, "kind": "number"}

    def values(self, cells: Any) -> Floats:
        """(n, terms) the column's terms; a gap, or what has no logarithm, is NaN."""
        number = self._numbers(cells) / self.divide
        if self.above_zero:
            number = np.where(number > 0, number, np.nan)
        with np.errstate(over="ignore", invalid="ignore"):  # such a patient is refused
            shaped = spline(number, self.knots) if self.knots else polynomial(number, self.powers)
        found: Floats = shaped - np.array(self.centre)
        return found

    def refusals(self, cells: Any) -> Iterator[tuple[int, Words]]:
        """Rows outside of what the model allows, each with its sentence."""
        number = self._numbers(cells)
        for row in np.flatnonzero(~np.isfinite(number)).tolist():
            yield row, _without(self.name)
        outside = (number < self.low) | (number > self.high)
        if self.above_zero:
            outside |= number <= 0
        for row in np.flatnonzero(outside).tolist():
            yield row, self._beyond(float(number[row]))

    def codes(self, cells: Any) -> Floats:
        """(n,) as a graph takes it: the number itself."""
        return self._numbers(cells)

    @property
    def is_plain(self) -> bool:
        """Whether it is neither divided, shaped nor centred: a graph does that itself."""
        shaped = self.powers != IDENTITY or self.knots
        return not shaped and self.divide == 1.0 and self.centre == (0.0,)

    def _beyond(self, value: float) -> Words:
        if self.above_zero and value <= 0:
            return words(
                f"{self.name!r}의 값 {value:g}이(가) 0보다 크지 않아 예측하지 않습니다.",
                f"No prediction: {self.name!r} is {value:g}, which is not above 0.",
            )
        return words(
            f"{self.name!r}의 값 {value:g}이(가) 모형이 정한 범위 {self.low:g}–{self.high:g}를 "
            "벗어나 예측하지 않습니다.",
            f"No prediction: {self.name!r} is {value:g}, outside {self.low:g} to {self.high:g}, "
            "for which the model was published.",
        )

    def _numbers(self, cells: Any) -> Floats:
        array = np.asarray(cells)
        if array.dtype == object:
            array = np.array([np.nan if cell is None else cell for cell in array.tolist()])
        return array.astype(np.float64)


@dataclass(frozen=True, kw_only=True)
class Levels:
    """A category; `reference` is the level that adds nothing."""

    name: str
    levels: tuple[str, ...]
    reference: str

    @property
    def terms(self) -> tuple[str, ...]:
        """`name=level` of every level but the reference."""
        return tuple(f"{self.name}={level}" for level in self._shown)

    @property
    def _shown(self) -> tuple[str, ...]:
        return tuple(level for level in self.levels if level != self.reference)

    @property
    def declared(self) -> dict[str, Any]:
        """Name and kind, as files of patients are read."""
        return {"name": self.name, "kind": "category"}

    def values(self, cells: Any) -> Floats:
        """(n, terms) an indicator each."""
        found = texts(cells)
        return np.column_stack([found == level for level in self._shown]).astype(np.float64)

    def codes(self, cells: Any) -> Floats:
        """(n,) as a graph takes it: the number of the level, from 0 in the order written."""
        place = {level: float(number) for number, level in enumerate(self.levels)}
        return np.array([place[text] for text in texts(cells).tolist()])

    @property
    def is_plain(self) -> bool:
        """Nothing is done to a level."""
        return True

    def refusals(self, cells: Any) -> Iterator[tuple[int, Words]]:
        """Rows with a gap or a level that the model does not know."""
        found = texts(cells)
        for row in np.flatnonzero(~np.isin(found, self.levels)).tolist():
            if found[row] == MISSING:
                yield row, _without(self.name)
            else:
                yield row, _unknown(self.name, str(found[row]))


def _without(name: str) -> Words:
    return words(
        f"항목 {name!r}의 값이 없어 예측하지 않습니다.",
        f"No prediction: the column {name!r} has no value.",
    )


def _unknown(name: str, level: str) -> Words:
    return words(
        f"{name!r}의 값 {level!r}은(는) 모형에 없어 예측하지 않습니다.",
        f"No prediction: {name!r} is {level!r}, which the model does not know.",
    )


def polynomial(number: Floats, powers: tuple[float, ...]) -> Floats:
    """(n, powers) a fractional polynomial's terms."""
    logarithm = np.log(number) if 0 in powers or len(set(powers)) < len(powers) else number
    found: list[Floats] = []
    for place, power in enumerate(powers):
        shaped = logarithm if power == 0 else number**power
        found.append(shaped * logarithm ** powers[:place].count(power))
    return np.column_stack(found)


def spline(number: Floats, knots: tuple[float, ...]) -> Floats:
    """(n, knots − 1) the number, and cubics that are straight beyond the outer knots."""
    first, before, last = knots[0], knots[-2], knots[-1]

    def cubed(knot: float) -> Floats:
        above: Floats = np.maximum(number - knot, 0.0) ** 3
        return above

    bends = [
        cubed(knot)
        - cubed(before) * (last - knot) / (last - before)
        + cubed(last) * (before - knot) / (last - before)
        for knot in knots[:-2]
    ]
    return np.column_stack([number, *(bend / (last - first) ** 2 for bend in bends)])
