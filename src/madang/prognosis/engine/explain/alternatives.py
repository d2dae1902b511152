"""What would the model say if a value were another? Only of values that can be changed.

One column at a time and all together, for columns that somebody has declared modifiable with a
source to cite. What comes out is what the model associates with the other value, not what a
treatment would do: nothing here was randomised. An alternative that the model would refuse to
answer is told with its refusal and without a number.

Source: Hernán and Robins (2020), chapter 1, for the difference of association and effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.models.encoding import MISSING, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from madang.kernel.words import Words

    Floats: TypeAlias = NDArray[np.float64]
    Table: TypeAlias = Mapping[str, Any]

MEANING = words(
    "이 차이는 모형이 배운 연관성입니다. 치료의 효과가 아니며, 값을 바꾸면 위험이 이만큼 "
    "달라진다는 뜻이 아닙니다.",
    "The difference is an association that the model has learnt. It is not the effect of a "
    "treatment, and does not mean that changing the value changes the risk by so much.",
)
"""Stands beside every alternative that is shown."""

_ALREADY = words("이미 이 값에 이르렀습니다.", "The patient is there already.")
_UNKNOWN = words(
    "환자의 값이 없어 다른 값과 비교하지 않습니다.",
    "The patient's own value is missing: there is nothing to compare with.",
)


@dataclass(frozen=True, kw_only=True)
class Modifiable:
    """A column that can be changed, towards `to`.

    Of a number, `to` is what is aimed at, `direction` where it lies (a patient already beyond it
    has nothing to change), `low` and `high` what may be asked. Of a category, `levels` are those
    that may be asked. `source` cites the evidence that the value can be changed; `caution` is
    what a reader must know.

    Raises:
        InputError: There is no source, or `to` is not allowed by the declaration itself.
    """

    column: str
    to: float | str
    source: str
    caution: Words
    direction: Literal["lower", "higher"] | None = None
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what nobody can answer for."""
        if not self.source.strip():
            raise InputError(
                words(
                    f"출처 없이 바꿀 수 있다고 한 열 {self.column!r}",
                    f"the column {self.column!r}, said to be modifiable without a source",
                ),
                words("인용할 출처", "a source to cite"),
            )
        number = not isinstance(self.to, str)
        whole = (
            (self.direction is not None and self.low is not None and self.high is not None)
            if number
            else bool(self.levels)
        )
        if not whole:
            raise InputError(
                words(f"범위 없는 열 {self.column!r}", f"the column {self.column!r}, no limits"),
                words(
                    "숫자는 방향과 low·high, 분류는 levels",
                    "a direction, low and high for a number; levels for a category",
                ),
            )
        self.check(self.to)

    def check(self, value: float | str) -> None:
        """Raise unless the value may be asked.

        Raises:
            InputError: It lies outside `low` to `high`, or is none of `levels`.
        """
        if self.low is not None and self.high is not None:
            allowed = not isinstance(value, str) and self.low <= value <= self.high
            limits = f"{self.low:g}–{self.high:g}"
        else:
            allowed, limits = str(value) in self.levels, ", ".join(self.levels)
        if not allowed:
            raise InputError(
                words(f"{self.column!r}의 다른 값 {value!r}", f"{value!r} for {self.column!r}"),
                words(f"{limits} 안의 값", f"a value within {limits}"),
            )

    def reached(self, own: float, wanted: float) -> bool:
        """Whether a patient of this number is at or beyond what is wanted."""
        return own <= wanted if self.direction == "lower" else own >= wanted


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """What the model says with other values: (k) risks and their difference, or why not.

    `difference` is this risk − the patient's; both are None where `refusal` says why.
    """

    values: Mapping[str, Any]
    risk: Floats | None
    difference: Floats | None
    refusal: Words | None
    declared: tuple[Modifiable, ...]
    """With their sources and cautions, which are shown beside."""


@dataclass(frozen=True, kw_only=True)
class Alternatives:
    """The patient's own (k) risk, and each alternative; none if the patient is refused.

    `together` changes all of them at once, where more than one can be changed.
    """

    risk: Floats | None
    refusal: Words | None
    each: tuple[Alternative, ...]
    together: Alternative | None
    meaning: Words = MEANING


def alternatives(
    survival: Callable[[Table, Floats], Floats],
    refusals: Callable[[Table], Sequence[Words | None]],
    *,
    patient: Mapping[str, Any],
    times: ArrayLike,
    modifiable: Sequence[Modifiable],
    wanted: Mapping[str, float | str] | None = None,
) -> Alternatives:
    """Ask the model about other values of the columns that can be changed.

    Args:
        survival: Table and (k) times to (n, k) probabilities of being free of the event; it is
            asked only about rows that are not refused.
        refusals: Table to (n) sentences, None where the model may answer.
        patient: Column → value; None is a gap.
        times: (k) in the model's unit.
        modifiable: What can be changed.
        wanted: Column → value to ask instead of the declared `to`; what is not named is asked as
            declared.

    Raises:
        InputError: A wanted column is not declared modifiable, a wanted value is not allowed, or
            the model has no such column.
    """
    asked = _asked(patient, modifiable, wanted or {})
    reasons = [_idle(patient, each, asked[each.column]) for each in modifiable]
    live = [each for each, reason in zip(modifiable, reasons, strict=True) if reason is None]
    changes: list[dict[str, Any]] = [{}]
    changes += [{each.column: asked[each.column]} for each in live]
    if len(live) > 1:
        changes.append({each.column: asked[each.column] for each in live})
    risks, refused = _answers(survival, refusals, patient, changes, times)
    own = risks[0]
    if own is None:
        return Alternatives(risk=None, refusal=refused[0], each=(), together=None)

    def told(row: int, declared: tuple[Modifiable, ...]) -> Alternative:
        risk = risks[row]
        return Alternative(
            values=changes[row],
            risk=risk,
            difference=None if risk is None else risk - own,
            refusal=refused[row],
            declared=declared,
        )

    at = {each.column: row for row, each in enumerate(live, 1)}
    return Alternatives(
        risk=own,
        refusal=None,
        each=tuple(
            told(at[each.column], (each,))
            if reason is None
            else _untold({each.column: asked[each.column]}, each, reason)
            for each, reason in zip(modifiable, reasons, strict=True)
        ),
        together=told(len(changes) - 1, tuple(live)) if len(live) > 1 else None,
    )


def _untold(values: Mapping[str, Any], declared: Modifiable, reason: Words) -> Alternative:
    return Alternative(
        values=values, risk=None, difference=None, refusal=reason, declared=(declared,)
    )


def _asked(
    patient: Mapping[str, Any],
    modifiable: Sequence[Modifiable],
    wanted: Mapping[str, float | str],
) -> dict[str, float | str]:
    """Column → the value to ask, all of them allowed."""
    declared = {each.column: each for each in modifiable}
    for name, value in wanted.items():
        if name not in declared:
            raise InputError(
                words(f"열 {name!r}의 다른 값", f"another value for {name!r}"),
                words(
                    f"바꿀 수 있다고 선언한 열({', '.join(declared) or '없음'})",
                    f"a column declared modifiable ({', '.join(declared) or 'there is none'})",
                ),
            )
        declared[name].check(value)
    lacking = [name for name in declared if name not in patient]
    if lacking or len(declared) < len(modifiable):
        raise InputError(
            words(
                f"바꿀 수 있다고 선언한 열 {', '.join(lacking or declared)}",
                f"columns declared modifiable: {', '.join(lacking or declared)}",
            ),
            words("모형에 있는 열을 한 번씩", "columns of the model, each once"),
        )
    return {name: wanted.get(name, each.to) for name, each in declared.items()}


def _idle(patient: Mapping[str, Any], declared: Modifiable, wanted: float | str) -> Words | None:
    """Why there is nothing to ask; None where there is."""
    value = patient[declared.column]
    own = str(texts(np.array([value], dtype=object))[0])
    if own == MISSING:
        return _UNKNOWN
    if isinstance(wanted, str):
        return _ALREADY if own == wanted else None
    return _ALREADY if declared.reached(float(value), wanted) else None


def _answers(
    survival: Callable[[Table, Floats], Floats],
    refusals: Callable[[Table], Sequence[Words | None]],
    patient: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]],
    times: ArrayLike,
) -> tuple[list[Floats | None], list[Words | None]]:
    """For each change the (k) risks, or the sentence of refusal."""
    rows = [{**patient, **change} for change in changes]
    table = {name: np.array([row[name] for row in rows], dtype=object) for name in patient}
    refused = list(refusals(table))
    kept = [row for row, reason in enumerate(refused) if reason is None]
    risks: list[Floats | None] = [None] * len(rows)
    if kept:
        answered = {name: values[kept] for name, values in table.items()}
        found = 1 - np.asarray(survival(answered, np.asarray(times, dtype=np.float64)))
        for row, risk in zip(kept, found, strict=True):
            risks[row] = risk
    return risks, refused
