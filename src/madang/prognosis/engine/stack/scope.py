"""Does the model know patients like this one? If not it answers with a sentence, not a curve.

Refused are: a number outside what was seen in training, a level never seen, a gap in a column on
which the answer hangs, and a combination of values farther from all training patients than they
are from each other (Mahalanobis distance on standardised columns).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.kernel.words import Words, words
from madang.prognosis.engine.models.encoding import MISSING, Number, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from madang.prognosis.engine.models.columns import Columns

    Floats: TypeAlias = NDArray[np.float64]

BEYOND = 0.05
"""Share of the seen range by which a number may lie outside of it."""

KEY_CHANGE, KEY_GAPS = 0.03, 0.02
"""A column is a key if a gap moves the risk by so much on average and training had no more."""

_FAR, _FARTHEST = 0.999, 1.25  # quantile of the training distances, and how far beyond it
_SHRINK = 0.05  # of the covariance towards its diagonal: columns may be redundant
_ASKED = 300  # training patients on whom gaps are tried


@dataclass(frozen=True, kw_only=True)
class Range:
    """Lowest and highest value seen of a number."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What was seen in training.

    `ranges` of numbers and `levels` of categories by column; `keys` are columns that must have a
    value; a patient is too far where |(x − `centre`)·`whiten`| exceeds `farthest`.
    """

    ranges: Mapping[str, Range]
    levels: Mapping[str, tuple[str, ...]]
    keys: tuple[str, ...]
    centre: Floats
    whiten: Floats
    farthest: float

    def refusals(self, table: Any, columns: Columns) -> list[Words | None]:
        """(n) why a patient is refused, in one sentence; None where the model may answer."""
        found: list[Words | None] = [None] * len(columns.for_trees(table))
        for row, sentence in self._reasons(table, columns):
            found[row] = found[row] or sentence
        return found

    def _reasons(self, table: Any, columns: Columns) -> Iterator[tuple[int, Words]]:
        """Rows and reasons, the plainest reasons first."""
        for name in self.keys:
            for row in np.flatnonzero(texts(table[name]) == MISSING).tolist():
                yield row, _without(name)
        for column in columns.encoding.columns:
            if isinstance(column, Number):
                yield from self._outside(column, table)
                continue
            shown = texts(table[column.name])
            new = ~np.isin(shown, [*self.levels[column.name], MISSING])
            for row in np.flatnonzero(new).tolist():
                yield row, _unknown(column.name, str(shown[row]))
        matrix = columns.for_sums(table)
        far = np.linalg.norm((matrix - self.centre) @ self.whiten, axis=1) > self.farthest
        for row in np.flatnonzero(far).tolist():
            yield row, _STRANGE

    def _outside(self, column: Number, table: Any) -> Iterator[tuple[int, Words]]:
        seen = self.ranges[column.name]
        room = BEYOND * (seen.high - seen.low)
        values = column.numbers(table[column.name])
        outside = (values < seen.low - room) | (values > seen.high + room)
        for row in np.flatnonzero(outside).tolist():
            yield row, _beyond(column.name, float(values[row]), seen)


_STRANGE = words(
    "이 환자와 비슷한 값의 조합이 학습 자료에 없어 예측하지 않습니다.",
    "No prediction: no training patient had a combination of values like this patient's.",
)


def _without(name: str) -> Words:
    return words(
        f"중요한 항목 {name!r}의 값이 없어 예측하지 않습니다.",
        f"No prediction: the key column {name!r} has no value.",
    )


def _unknown(name: str, level: str) -> Words:
    return words(
        f"{name!r}의 값 {level!r}은(는) 학습 자료에 없어 예측하지 않습니다.",
        f"No prediction: {name!r} is {level!r}, which no training patient had.",
    )


def _beyond(name: str, value: float, seen: Range) -> Words:
    return words(
        f"{name!r}의 값 {value:g}이(가) 학습 범위 {seen.low:g}–{seen.high:g}를 벗어나 "
        "예측하지 않습니다.",
        f"No prediction: {name!r} is {value:g}, outside {seen.low:g} to {seen.high:g} as seen in "
        "training.",
    )


def fit_scope(table: Any, columns: Columns, risk: Callable[[Any], Floats]) -> Scope:
    """Learn what was seen.

    Args:
        table: Training rows; `table[name]` gives a column.
        columns: Fitted on them.
        risk: Table to (n,) risks at the horizon, by which keys are found.
    """
    ranges, levels = {}, {}
    for column in columns.encoding.columns:
        if isinstance(column, Number):
            values = column.numbers(table[column.name])
            known = values[np.isfinite(values)]
            ranges[column.name] = Range(
                low=float(known.min(initial=column.median)),
                high=float(known.max(initial=column.median)),
            )
        else:
            levels[column.name] = tuple(sorted(set(texts(table[column.name]).tolist())))
    matrix = columns.for_sums(table)
    centre = matrix.mean(axis=0)
    whiten = _whitening(matrix - centre)
    distance = np.linalg.norm((matrix - centre) @ whiten, axis=1)
    return Scope(
        ranges=ranges,
        levels=levels,
        keys=_keys(table, columns, risk),
        centre=centre,
        whiten=whiten,
        farthest=float(np.quantile(distance, _FAR)) * _FARTHEST,
    )


def _whitening(centred: Floats) -> Floats:
    """(p, p) W with |xW|² the squared Mahalanobis distance under the shrunk covariance."""
    covariance = centred.T @ centred / len(centred)
    diagonal = np.diag(np.diagonal(covariance) + 1e-6)
    values, vectors = np.linalg.eigh((1 - _SHRINK) * covariance + _SHRINK * diagonal)
    whiten: Floats = vectors / np.sqrt(values)
    return whiten


def _keys(table: Any, columns: Columns, risk: Callable[[Any], Floats]) -> tuple[str, ...]:
    names = [column.name for column in columns.encoding.columns]
    size = len(texts(table[names[0]]))
    asked = np.unique(np.linspace(0, size - 1, min(size, _ASKED)).astype(np.intp))
    rows = {name: np.asarray(table[name])[asked] for name in names}
    before, keys = risk(rows), []
    for name in names:
        if float((texts(table[name]) == MISSING).mean()) > KEY_GAPS:
            continue
        gap = np.full(len(asked), None, dtype=object)
        if float(np.abs(risk({**rows, name: gap}) - before).mean()) >= KEY_CHANGE:
            keys.append(name)
    return tuple(keys)
