"""Is this value a `date`, a `code`, a `decimal` …? (FHIR R4, 2.24.0.1 Primitive types)."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.fhir import moments
from madang.prognosis.engine.fhir.faults import Fault, shown, wrong_type
from madang.prognosis.engine.fhir.narrative import narrative

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from madang.prognosis.engine.fhir.faults import Rule

_LONGEST = 1_048_576
"""Characters of a string; R4: not more than 1 MB."""
_HUGE = 10**300
"""Beyond, a decimal is infinite for every program that reckons with doubles."""

_id = re.compile(r"[A-Za-z0-9\-.]{1,64}").fullmatch
_oid = re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+").fullmatch
_uuid = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_code = re.compile(r"[^\s]+( [^\s]+)*").fullmatch
_base64 = re.compile(r"(\s*[0-9a-zA-Z+/=]){4,}\s*").fullmatch
_white = frozenset("\t\n\r")


def _string(text: str) -> bool:
    if text.isprintable():
        return text != "" and len(text) <= _LONGEST
    kept = (sign in _white or sign >= " " for sign in text)
    surrogate = any("\ud800" <= sign <= "\udfff" for sign in text)
    return all(kept) and not surrogate and len(text) <= _LONGEST and text.strip() != ""


def _uri(text: str) -> bool:
    return text != "" and text.isprintable() and " " not in text


def _coded(text: str) -> bool:
    return text.isprintable() and _code(text) is not None


def _base64_binary(text: str) -> bool:
    return _base64(text) is not None and len("".join(text.split())) % 4 == 0


TEXTS: dict[str, Callable[[str], Any]] = {
    "string": _string,
    "markdown": _string,
    "uri": _uri,
    "url": _uri,
    "canonical": _uri,
    "oid": _oid,
    "uuid": _uuid,
    "id": _id,
    "code": _coded,
    "date": moments.is_date,
    "dateTime": moments.is_date_time,
    "instant": moments.is_instant,
    "time": moments.is_time,
    "base64Binary": _base64_binary,
}
"""The types that JSON writes as strings → whether a string is one of theirs."""

INTEGERS = {
    "integer": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
}
"""Whole numbers → least and greatest."""


_REMEMBERED = 4096
_SHORT = 200

ACCEPTED: dict[Rule, AbstractSet[str]] = {}
"""The rule of a string → strings that it surely accepts: a holder need not ask it of these."""
_KEPT_IN_MIND = frozenset({"uri", "url", "canonical", "code"})
"""A record repeats a few systems, codes and units without end. Names and texts are not kept."""


def _text_rule(name: str, holds: Callable[[str], Any]) -> Rule:
    limit = _REMEMBERED if name in _KEPT_IN_MIND else 0
    seen: set[str] = set()

    def rule(value: Any) -> list[Fault] | None:
        if type(value) is not str:
            return wrong_type(value, name)
        if not holds(value):
            return [_malformed(value, name)]
        if len(seen) < limit and len(value) < _SHORT:
            seen.add(value)
        return None

    ACCEPTED[rule] = seen
    return rule


def _malformed(value: Any, name: str) -> Fault:
    quoted = shown(value)
    said = words(f"'{quoted}': {name} 형식에 맞지 않습니다.", f"'{quoted}' is not a valid {name}.")
    return Fault("value", "madang-format", said)


def _integer_rule(name: str, least: int, greatest: int) -> Rule:
    def rule(value: Any) -> list[Fault] | None:
        if type(value) is not int:
            return wrong_type(value, name)
        return None if least <= value <= greatest else [_malformed(value, name)]

    return rule


def _decimal(value: Any) -> list[Fault] | None:
    kind = type(value)
    if kind is Decimal or kind is int or (kind is float and isfinite(value)):
        return None if -_HUGE < value < _HUGE else [_malformed(value, "decimal")]
    return wrong_type(value, "decimal")


def _boolean(value: Any) -> list[Fault] | None:
    return None if value is True or value is False else wrong_type(value, "boolean")


RULES: dict[str, Rule] = (
    {name: _text_rule(name, holds) for name, holds in TEXTS.items()}
    | {name: _integer_rule(name, *ends) for name, ends in INTEGERS.items()}
    | {"decimal": _decimal, "boolean": _boolean, "xhtml": narrative}
)
"""The rule of every primitive type."""


_FORMS: dict[str, Callable[[str], Any]] = {
    # The value sets that nobody lists: RFC 6838 and ISO 4217.
    "mimetypes": re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^*-]+( ?; ?[\w-]+=\S+)*", re.ASCII).fullmatch,
    "currencies": re.compile(r"[A-Z]{3}").fullmatch,
}


def form_rule(binding: str) -> Rule | None:
    """The rule of a `code` whose value set has a form and no list; None for all others."""
    holds = _FORMS.get(binding)
    return None if holds is None else _text_rule(binding, holds)


def code_rule(codes: frozenset[str], binding: str) -> Rule:
    """The rule of a `code` that must be one of these."""

    def rule(value: Any) -> list[Fault] | None:
        if type(value) is str and value in codes:
            return None
        if type(value) is not str:
            return wrong_type(value, "code")
        known = ", ".join(sorted(codes)[:12])
        said = words(
            f"'{shown(value)}': {binding}에 없는 코드입니다. 쓸 수 있는 코드: {known}.",
            f"'{shown(value)}' is no code of {binding}: {known}.",
        )
        return [Fault("code-invalid", "madang-required-binding", said)]

    ACCEPTED[rule] = codes
    return rule
