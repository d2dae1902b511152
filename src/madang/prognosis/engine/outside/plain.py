"""Does plain data have the form that was asked for? Every fault in one sentence, with its place.

Source: RFC 6901 in spirit: a place is written as keys and positions, `columns[2].unit`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Sequence


LARGEST = 1e9
"""No number of a model or of a patient is larger."""

YEAR = re.compile(r"\b(19|20)\d\d\b")


def fault(place: str, found: Words, expected: Words) -> InputError:
    """The error at a place of the written model."""
    return InputError(words(f"{place}: {found.ko}", f"{found.en} at {place}"), expected)


def mapping(value: Any, place: str) -> dict[str, Any]:
    """A mapping with text keys.

    Raises:
        InputError: It is something else.
    """
    if not isinstance(value, dict):
        raise fault(place, _shown(value), words("키와 값의 묶음", "a mapping of keys to values"))
    return value


def keys(value: dict[str, Any], place: str, needed: Sequence[str], allowed: Sequence[str]) -> None:
    """Refuse a mapping that lacks a needed key or has an unknown one.

    Raises:
        InputError: So it is; the first such key is named.
    """
    listed = ", ".join((*needed, *allowed))
    for name in value:
        if name not in (*needed, *allowed):
            raise fault(
                place,
                words(f"알 수 없는 항목 {name!r}", f"the unknown key {name!r}"),
                words(f"{listed} 가운데 하나", f"one of {listed}"),
            )
    for name in needed:
        if name not in value:
            raise fault(
                place,
                words(f"{name!r} 없음", f"no {name!r}"),
                words(f"{name!r} 항목", f"{name!r}"),
            )


def text(value: Any, place: str) -> str:
    """Text that is not empty.

    Raises:
        InputError: It is something else.
    """
    if not isinstance(value, str) or not value.strip():
        raise fault(place, _shown(value), words("비어 있지 않은 글", "text that is not empty"))
    return value.strip()


def number(value: Any, place: str, *, above: float = -math.inf) -> float:
    """A finite number, above a limit; one beyond a thousand millions is a slip of the pen.

    Raises:
        InputError: It is something else.
    """
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not real or not math.isfinite(value) or value <= above or abs(value) > LARGEST:
        wanted = words(f"±{LARGEST:g} 안의 유한한 숫자", f"a finite number between ±{LARGEST:g}")
        if above > -math.inf:
            wanted = words(f"{above:g}보다 큰 유한한 숫자", f"a finite number above {above:g}")
        raise fault(place, _shown(value), wanted)
    return float(value)


def numbers(value: Any, place: str, *, least: int = 1) -> tuple[float, ...]:
    """A list of finite numbers.

    Raises:
        InputError: It is something else, or shorter.
    """
    return tuple(
        number(each, f"{place}[{n}]") for n, each in enumerate(listed(value, place, least))
    )


def texts(value: Any, place: str, *, least: int = 1) -> tuple[str, ...]:
    """A list of different texts; a number in it is taken as it is written.

    Raises:
        InputError: It is something else, shorter, or says a text twice.
    """
    found = []
    for place_of, each in enumerate(listed(value, place, least)):
        plain = isinstance(each, (int, float)) and not isinstance(each, bool)
        found.append(text(f"{each}" if plain else each, f"{place}[{place_of}]"))
    twice = sorted({each for each in found if found.count(each) > 1})
    if twice:
        raise fault(
            place,
            words(f"{twice[0]!r} 두 번", f"{twice[0]!r} twice"),
            words("서로 다른 값", "different values"),
        )
    return tuple(found)


def rising(values: Sequence[float], place: str) -> None:
    """Refuse numbers that do not rise.

    Raises:
        InputError: One is not above the one before.
    """
    for before, after in zip(values, values[1:], strict=False):
        if after <= before:
            raise fault(
                place,
                words(f"{before:g} 다음에 {after:g}", f"{after:g} after {before:g}"),
                words("커지는 순서의 숫자", "numbers in rising order"),
            )


def listed(value: Any, place: str, least: int = 1) -> list[Any]:
    """A list.

    Raises:
        InputError: It is something else, or shorter.
    """
    if not isinstance(value, list):
        raise fault(place, _shown(value), words("목록", "a list"))
    if len(value) < least:
        raise fault(
            place,
            words(f"{len(value)}개", f"{len(value)} entries"),
            words(f"{least}개 이상", f"at least {least}"),
        )
    return value


def _shown(value: Any) -> Words:
    if value is None:
        return words("빈 값", "nothing")
    return words(f"{value!r:.60}", f"{value!r:.60}")


def refuse_uncited(source: str) -> None:
    """Refuse a source without a year: programs put names of their own where a citation belongs.

    Raises:
        InputError: It names no year.
    """
    if not YEAR.search(source):
        raise fault(
            "source",
            words(f"연도 없는 {source!r:.60}", f"{source!r:.60} without a year"),
            words(
                "연도가 있는 출처(PMML에서는 Header의 description)",
                "a citation with its year (in PMML the description of the Header)",
            ),
        )
