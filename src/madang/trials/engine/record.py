"""How does a value of a trial become plain JSON and come back as the same value?

A `Record` is a frozen dataclass whose annotations say everything: text, numbers, moments, days,
both-language words, closed lists, other records. `plain()` writes what a row or a log keeps,
`from_plain` reads it back and refuses whatever is not of that form. Moments carry whole seconds
in UTC, so that a value is the same before and after its journey.
"""

from __future__ import annotations

import functools
import math
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Literal, Self, Union, get_args, get_origin, get_type_hints

import rfc8785

from madang.kernel import clock, ids
from madang.kernel.words import Words, words
from madang.trials.engine.errors import RecordError


@dataclass(frozen=True, kw_only=True)
class Record:
    """Base of the values that rows and logs keep."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, datetime):
                object.__setattr__(self, each.name, whole_second(value))

    def plain(self) -> dict[str, Any]:
        """The value as plain JSON."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_plain(cls, plain: Any) -> Self:
        """The value that `plain()` wrote; fields with a default may be absent.

        Raises:
            RecordError: Not of this form; the sentence names the place.
            InputError: Of this form, but at odds with itself.
        """
        value: Self = _record(cls, plain, cls.__name__)
        return value

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785), for the log and for signatures."""
        return ids.digest(rfc8785.dumps(self.plain()))


def whole_second(moment: datetime) -> datetime:
    """The moment in UTC without its fraction of a second, as records carry it.

    Raises:
        ValueError: It has no offset from UTC.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no offset from UTC")
    return moment.astimezone(UTC).replace(microsecond=0)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.plain()
    if isinstance(value, Words):
        return {"ko": value.ko, "en": value.en}
    if isinstance(value, datetime):
        return clock.stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, StrEnum) else value


@functools.cache
def _hints(kind: type[Record]) -> dict[str, Any]:
    return get_type_hints(kind)


def _record(kind: Any, plain: Any, place: str) -> Any:
    if not isinstance(plain, Mapping):
        raise _unlike(place, words("항목: 값", "a mapping"))
    known = {each.name: each for each in fields(kind)}
    strange = sorted(str(name) for name in plain if name not in known)
    if strange:
        raise _unlike(
            f"{place}.{strange[0]}",
            words(f"{', '.join(known)} 가운데 하나", f"one of {', '.join(known)}"),
        )
    given = {}
    for name, each in known.items():
        if name in plain:
            given[name] = _read(_hints(kind)[name], plain[name], f"{place}.{name}")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise _unlike(f"{place}.{name}", words("빠짐없이 적은 항목", "a value there"))
    return kind(**given)


def _read(hint: Any, plain: Any, place: str) -> Any:
    if hint is Any:
        return plain
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _read_optional(inner, plain, place)
    if origin is Literal:
        if plain not in inner or type(plain) is not type(inner[0]):
            raise _unlike(place, words(f"{inner} 가운데 하나", f"one of {inner}"))
        return plain
    if origin is tuple:
        if not isinstance(plain, list):
            raise _unlike(place, words("목록", "a list"))
        return tuple(_read(inner[0], each, f"{place}[{n}]") for n, each in enumerate(plain))
    if origin is Mapping:
        if not isinstance(plain, Mapping) or not all(isinstance(key, str) for key in plain):
            raise _unlike(place, words("항목: 값", "a mapping"))
        return {key: _read(inner[1], each, f"{place}.{key}") for key, each in plain.items()}
    return _read_single(hint, plain, place)


def _read_optional(inner: tuple[Any, ...], plain: Any, place: str) -> Any:
    if plain is None and type(None) in inner:
        return None
    (wanted,) = [each for each in inner if each is not type(None)]
    return _read(wanted, plain, place)


def _read_single(kind: Any, plain: Any, place: str) -> Any:
    if issubclass(kind, Record):
        return _record(kind, plain, place)
    if kind is Words:
        if not isinstance(plain, Mapping) or set(plain) != {"ko", "en"}:
            raise _unlike(place, words("ko와 en", "ko and en"))
        return words(*(_read(str, plain[key], f"{place}.{key}") for key in ("ko", "en")))
    if kind is float and type(plain) is int:
        return float(plain)
    if kind in (str, int, bool, float):
        if type(plain) is not kind or (kind is float and not math.isfinite(plain)):
            raise _unlike(place, _KINDS[kind])
        return plain
    try:
        if kind is datetime:
            return clock.read_stamp(plain)
        return date.fromisoformat(plain) if kind is date else kind(plain)
    except (TypeError, ValueError) as fault:
        raise _unlike(place, _KINDS.get(kind, words("정해진 값", "one of the listed"))) from fault


_KINDS: Mapping[Any, Words] = {
    str: words("문자열", "a text"),
    int: words("정수", "a whole number"),
    float: words("유한한 수", "a finite number"),
    bool: words("true 또는 false", "true or false"),
    datetime: words("2026-11-22T09:00:00Z 꼴의 시각", "a time such as 2026-11-22T09:00:00Z"),
    date: words("2026-11-22 꼴의 날짜", "a date such as 2026-11-22"),
}


def _unlike(place: str, expected: Words) -> RecordError:
    return RecordError(
        words(f"기록의 {place}에 있는 다른 형식", f"another form at {place} of the record"),
        expected,
    )
