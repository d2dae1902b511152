"""How much of a patient's risk comes from which column? Shapley values over time.

A column's contribution is what the risk 1 − S(t) gains when the column goes from the reference's
value to the patient's, averaged over all orders in which the columns may go. With few columns all
coalitions are asked and the average is exact; otherwise orders are drawn, each with its reverse.
The model is any callable, asked once. A contribution says how the model reckons, not what would
become of the patient if the value were changed.

Sources: Shapley (1953); Castro, Gómez and Tejada (2009) for sampled orders; Mitchell, Cooper,
Frank and Holmes (2022) for each order with its reverse; Krzyziński et al. (2023) for one value at
each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.models.encoding import MISSING, Category, Number, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.models.encoding import Encoding

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]
    Integers: TypeAlias = NDArray[np.int64]
    Survival: TypeAlias = Callable[[Mapping[str, Any], Floats], Floats]

EXACT = 10
"""Up to so many moving columns all coalitions are asked, 1 024 of them."""

PERMUTATIONS = 160
"""Orders drawn where there are more."""


@dataclass(frozen=True, kw_only=True)
class Contributions:
    """What each column adds to the risk of one patient against a reference patient.

    `points` (columns, k) add up to `risk` (k) − `reference_risk` (k) at every time; all are
    probabilities, so that 0.12 is 12 points of a hundred. `error` (columns, k) is the standard
    error of drawing orders, 0 where all coalitions were asked. `columns` names columns or groups.
    """

    columns: tuple[str, ...]
    risk: Floats
    reference_risk: Floats
    points: Floats
    error: Floats


def contributions(
    survival: Survival,
    patient: Mapping[str, Any],
    reference: Mapping[str, Any],
    times: ArrayLike,
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    permutations: int = PERMUTATIONS,
    exact: int = EXACT,
    seed: int = 0,
) -> Contributions:
    """Share out the difference between the patient's risk and the reference's.

    Args:
        survival: Table (column → (n) values, gaps as NaN in numbers, else None) and (k) times to
            (n, k) probabilities of being free of the event; a model that refuses nobody.
        patient: Column → value; None is a gap. Columns that the reference lacks play no part.
        reference: Column → value for all columns of the model, as `reference_of` gives it.
        times: (k) in the model's unit.
        groups: Name → columns that move together, and whose contribution is told as one.
        permutations: Even, at least 4.
        exact: Most moving columns for which all coalitions are asked.
        seed: Draws the orders: the same seed gives the same bits.

    Raises:
        InputError: The patient lacks a column of the reference.
        ValueError: A group names a column that is unknown or taken, the number of permutations
            does not serve, or the model's answers are no (n, k) finite numbers.
    """
    if permutations < 4 or permutations % 2:
        raise ValueError(f"{permutations} permutations: an even number from 4 on is needed")
    lacking = [name for name in reference if name not in patient]
    if lacking:
        raise InputError(
            words(
                f"{', '.join(lacking)} 값이 없는 환자", f"a patient without {', '.join(lacking)}"
            ),
            words("모든 열의 값(빈칸은 None)", "a value, or None for a gap, in every column"),
        )
    members = _members(tuple(reference), groups or {})
    differing = {name for name in reference if _shown(patient[name]) != _shown(reference[name])}
    moving = [at for at, each in enumerate(members.values()) if differing & set(each)]
    asked, orders = _coalitions(len(moving), exact, permutations, seed)
    together = [tuple(members.values())[at] for at in moving]
    risk = _risks(survival, _table(patient, reference, together, asked), times, len(asked))
    points = np.zeros((len(members), risk.shape[1]))
    error = np.zeros_like(points)
    if orders is None:
        points[moving] = _averaged(risk, len(moving))
    else:
        points[moving], error[moving] = _sampled(risk, orders)
    return Contributions(
        columns=tuple(members),
        risk=risk[-1],
        reference_risk=risk[0],
        points=points,
        error=error,
    )


def _shown(value: Any) -> str:
    return str(texts(np.array([value], dtype=object))[0])


def _members(
    columns: tuple[str, ...], groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Name → its columns, a group standing where its first column stood."""
    group = {column: name for name, inside in groups.items() for column in inside}
    if sum(map(len, groups.values())) != len(group) or not set(group) <= set(columns):
        raise ValueError(f"the groups {dict(groups)} overlap or name unknown columns")
    if any(name in columns and group.get(name) != name for name in groups):
        raise ValueError(f"one of the groups {list(groups)} has the name of a column outside it")
    names = dict.fromkeys(group.get(column, column) for column in columns)
    return {name: tuple(groups.get(name, (name,))) for name in names}


def _coalitions(
    count: int, exact: int, permutations: int, seed: int
) -> tuple[Bools, Integers | None]:
    """(n, count) which columns have moved, none first and all last; and the orders, if drawn.

    Without orders the rows are all coalitions, numbered by their bits. With orders (m, count) the
    m·(count − 1) rows between first and last are the steps of each order, one after the other.
    """
    if count <= exact:
        number = np.arange(2**count)
        return (number[:, None] >> np.arange(count)) % 2 == 1, None
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.tile(np.arange(count), (permutations // 2, 1)), axis=1)
    orders = np.concatenate([drawn, drawn[:, ::-1]])
    place = np.argsort(orders, axis=1)
    between = place[:, None, :] < np.arange(1, count)[:, None]
    none, everything = np.zeros((1, count), dtype=bool), np.ones((1, count), dtype=bool)
    return np.concatenate([none, between.reshape(-1, count), everything]), orders


def _table(
    patient: Mapping[str, Any],
    reference: Mapping[str, Any],
    together: Sequence[Sequence[str]],
    asked: Bools,
) -> dict[str, Any]:
    """A row for each coalition: the patient's values where a column has moved."""
    mover = {column: number for number, inside in enumerate(together) for column in inside}
    still = np.zeros(len(asked), dtype=np.intp)
    return {
        name: _pair(value, patient[name])[
            asked[:, mover[name]].astype(np.intp) if name in mover else still
        ]
        for name, value in reference.items()
    }


def _pair(theirs: Any, ours: Any) -> NDArray[Any]:
    """Both values as an array of two: numbers if they are numbers, else objects."""
    known = [each for each in (theirs, ours) if _shown(each) != MISSING]
    plain = known and all(
        isinstance(each, (int, float, np.number)) and not isinstance(each, bool) for each in known
    )
    if plain:
        return np.array([np.nan if _shown(v) == MISSING else v for v in (theirs, ours)], float)
    return np.array([theirs, ours], dtype=object)


def _risks(survival: Survival, table: Mapping[str, Any], times: ArrayLike, count: int) -> Floats:
    when = np.asarray(times, dtype=np.float64)
    found = np.asarray(survival(table, when), dtype=np.float64)
    if found.shape != (count, len(when)) or not np.isfinite(found).all():
        raise ValueError(f"answers of shape {found.shape} for {count} rows and {len(when)} times")
    return 1 - found


def _averaged(risk: Floats, count: int) -> Floats:
    """(count, k) exact Shapley values out of (2^count, k) risks by coalition."""
    number = np.arange(len(risk))
    size = ((number[:, None] >> np.arange(count)) % 2).sum(axis=1)
    found = np.empty((count, risk.shape[1]))
    for column in range(count):
        without = number[(number >> column) % 2 == 0]
        weight = np.array(
            [
                factorial(each) * factorial(count - each - 1) / factorial(count)
                for each in size[without].tolist()
            ]
        )
        found[column] = weight @ (risk[without | (1 << column)] - risk[without])
    return found


def _sampled(risk: Floats, orders: Integers) -> tuple[Floats, Floats]:
    """(count, k) mean over the orders, and its standard error from pairs of reverse orders."""
    drawn, count = orders.shape
    between = risk[1:-1].reshape(drawn, count - 1, -1)
    first, last = (np.broadcast_to(risk[end], (drawn, 1, risk.shape[1])) for end in (0, -1))
    steps = np.diff(np.concatenate([first, between, last], axis=1), axis=1)
    own = np.take_along_axis(steps, np.argsort(orders, axis=1)[:, :, None], axis=1)
    pairs = (own[: drawn // 2] + own[drawn // 2 :]) / 2
    error: Floats = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    return pairs.mean(axis=0), error


def reference_of(
    encoding: Encoding, means: Floats, *, logarithms: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The patient in the middle of the training patients: medians and most frequent levels.

    Args:
        encoding: Fitted in training: a stack's `parts.columns.encoding`, a landmark model's
            `encoding`.
        means: (p) of the encoded training rows, where an indicator's mean is its level's share:
            a model's `scope.centre`, a landmark model's `causes[0].centre`.
        logarithms: Columns that were encoded by their logarithm.
    """
    found: dict[str, Any] = {}
    start = 0
    for column in encoding.columns:
        if isinstance(column, Number):
            middle = column.median
            found[column.name] = float(np.exp(middle)) if column.name in logarithms else middle
            start += 1
            continue
        width = len(column.levels) - 1
        found[column.name] = _commonest(column, means[start : start + width])
        start += width
    return found


def _commonest(column: Category, shares: Floats) -> str | None:
    """The level with the largest share, the first of equals; a gap or a rare one if need be."""
    share = [1 - float(shares.sum()), *shares.tolist()]
    known = [
        (-part, number, level)
        for number, (level, part) in enumerate(zip(column.levels, share, strict=False))
        if not level.startswith("\0")
    ]
    if known:
        return min(known)[2]
    return next((level for level in column.rare if level != MISSING), None)
