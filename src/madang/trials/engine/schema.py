"""Does plain data obey its JSON Schema? If not: where, what was found and what belongs there.

The schema library speaks English only, and quotes whatever it met at any length; these sentences
are short and in both languages.

Source: JSON Schema, draft 2020-12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.errors import MadangError


class Fault(NamedTuple):
    """Something that is wrong with a demand, and where."""

    place: str
    """Steps joined by dots, such as `data.inputs.2.kind`; empty for the whole."""
    error: MadangError


_KINDS: Mapping[str, Words] = {
    "object": words("항목: 값", "a mapping"),
    "array": words("목록", "a list"),
    "string": words("문자열", "a text"),
    "integer": words("정수", "a whole number"),
    "number": words("수", "a number"),
    "boolean": words("true 또는 false", "true or false"),
    "null": words("빈 값", "nothing"),
}
_BOUNDS: Mapping[str, Words] = {
    "minimum": words("{} 이상", "at least {}"),
    "maximum": words("{} 이하", "at most {}"),
    "exclusiveMinimum": words("{} 초과", "more than {}"),
    "exclusiveMaximum": words("{} 미만", "less than {}"),
    "minLength": words("{}자 이상", "at least {} characters"),
    "maxLength": words("{}자 이하", "at most {} characters"),
    "minItems": words("{}개 이상", "at least {} of them"),
    "maxItems": words("{}개 이하", "at most {} of them"),
    "minProperties": words("{}개 이상", "at least {} of them"),
    "maxProperties": words("{}개 이하", "at most {} of them"),
    "multipleOf": words("{}의 배수", "a multiple of {}"),
    "pattern": words("형식 {}", "the form {}"),
    "const": words("{}", "{}"),
}
_LONGEST = 60


def check_schema(plain: Any, schema: Mapping[str, Any], place: str) -> None:
    """Does the data obey the JSON Schema?

    Args:
        plain: Plain data.
        schema: The schema.
        place: Where the data stand in the demand, such as `task.options`; empty for all of it.

    Raises:
        DemandError: They do not; the sentence names the place and what was expected there.
    """
    import jsonschema
    from jsonschema.exceptions import best_match

    fault = best_match(jsonschema.Draft202012Validator(schema).iter_errors(plain))
    if fault is not None:
        raise _told(fault, place).error


def schema_faults(plain: Any, schema: Mapping[str, Any], place: str) -> list[Fault]:
    """Everything in which the data break the JSON Schema.

    Args:
        plain: Plain data.
        schema: The schema.
        place: As for `check_schema`.
    """
    import jsonschema

    found = jsonschema.Draft202012Validator(schema).iter_errors(plain)
    return [_told(fault, place) for fault in found]


def _told(fault: Any, place: str) -> Fault:
    where = ".".join([*([place] if place else []), *(str(step) for step in fault.absolute_path)])
    found, expected = _found(fault), _expected(fault)
    error = DemandError(
        words(f"{where} 항목의 {found.ko}", f"{found.en} in {where}") if where else found,
        expected,
        words("수요 문서를 고쳐 다시 등록하십시오.", "Mend the demand and register it again."),
    )
    return Fault(where, error)


def _found(fault: Any) -> Words:
    if fault.validator == "required":
        missing = ", ".join(_missing(fault))
        return words(f"빠진 항목 {missing}", f"no {missing}")
    if fault.validator == "additionalProperties" and isinstance(fault.instance, dict):
        known = fault.schema.get("properties", {})
        extra = ", ".join(_short(name) for name in fault.instance if name not in known)
        return words(f"알 수 없는 항목 {extra}", f"the unknown item {extra}")
    if fault.validator == "uniqueItems":
        return words("두 번 나온 값", "a value twice")
    value = _value(fault.instance)
    return words(f"값 {value.ko}", f"the value {value.en}")


def _expected(fault: Any) -> Words:
    wanted: Any = fault.validator_value
    if fault.validator == "required":
        return words(f"{', '.join(wanted)} 항목", f"the items {', '.join(wanted)}")
    if fault.validator == "additionalProperties":
        known = ", ".join(fault.schema.get("properties", {})) or "–"
        return words(f"다음 항목만: {known}", f"only these items: {known}")
    if fault.validator == "type":
        kinds = [_KINDS[each] for each in ([wanted] if isinstance(wanted, str) else wanted)]
        return words(
            " 또는 ".join(each.ko for each in kinds), " or ".join(each.en for each in kinds)
        )
    if fault.validator == "enum":
        known = ", ".join(str(each) for each in wanted)
        return words(f"{known} 가운데 하나", f"one of {known}")
    if fault.validator == "uniqueItems":
        return words("서로 다른 값", "values that differ")
    bound = _BOUNDS.get(str(fault.validator), words("스키마에 맞는 값", "a value by the schema"))
    return words(bound.ko.format(wanted), bound.en.format(wanted))


def _missing(fault: Any) -> list[str]:
    return [name for name in fault.validator_value if name not in fault.instance]


def _value(instance: Any) -> Words:
    """A scalar as it was written; of anything larger, its kind alone."""
    if isinstance(instance, dict):
        return _KINDS["object"]
    if isinstance(instance, list):
        return _KINDS["array"]
    if instance is None:
        return _KINDS["null"]
    shown = _short(str(instance).lower() if isinstance(instance, bool) else str(instance))
    return words(shown, shown)


def _short(text: str) -> str:
    # Quoted where it is odd: a line break in a value must not break the sentence.
    shown = text if text.isprintable() and text.strip() == text else repr(text)
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
