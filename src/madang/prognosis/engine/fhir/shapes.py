"""Is a list, the companion of a primitive, or a bound concept shaped as R4's JSON wants it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.fhir.faults import Fault, shown, stepped, wrong_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.fhir.faults import Rule


def list_rule(rule: Rule, *, primitive: bool) -> Rule:
    """The rule of an element that repeats: a list with at least one item, each as `rule` asks.

    A null stands for an item of which only the companion says something; the holder looks there.
    """

    def rules(value: Any) -> list[Fault] | None:
        if type(value) is not list:
            return wrong_type(value, "list")
        if not value:
            return [_empty_list()]
        found: list[Fault] | None = None
        for index, each in enumerate(value):
            faults = [_null()] if each is None and primitive else rule(each)
            if faults:
                found = (found or []) + stepped(faults, f"[{index}]")
        return found

    return rules


def companions_rule(element: Rule) -> Rule:
    """The rule of `_name` beside a list of primitives: Elements, null where there is none."""

    def rule(value: Any) -> list[Fault] | None:
        if type(value) is not list:
            return wrong_type(value, "list")
        if not value:
            return [_empty_list()]
        found: list[Fault] = []
        for index, each in enumerate(value):
            faults = None if each is None else element(each)
            found += stepped(faults, f"[{index}]") if faults else []
        return found or None

    return rule


def _empty_list() -> Fault:
    said = words("빈 목록은 쓸 수 없습니다.", "A list must not be empty.")
    return Fault("structure", "madang-empty-list", said)


def _null() -> Fault:
    said = words(
        "null은 부가 항목(_)이 있을 때만 쓸 수 있습니다.",
        "A null needs an extension at the same index of its companion.",
    )
    return Fault("structure", "madang-null-item", said)


def concept_rule(concept: Rule, codes: Mapping[str, frozenset[str]], binding: str) -> Rule:
    """The rule of a CodeableConcept of which one coding must be in the value set."""

    def rule(value: Any) -> list[Fault] | None:
        found = concept(value)
        if found:
            return found
        for coding in value.get("coding", ()):
            if coding.get("code") in codes.get(coding.get("system"), ()):
                return None
        known = ", ".join(sorted(frozenset().union(*codes.values())))
        said = words(
            f"{binding} 값 집합의 코드가 필요합니다: {known}.",
            f"A code of {binding} is needed: {known}.",
        )
        return [Fault("code-invalid", "madang-required-binding", said)]

    return rule


def sound(value: Any) -> list[Fault] | None:
    """What holds of any resource of any type: keys once, nothing empty, nothing infinite."""
    kind = type(value)
    if kind is dict:
        items = [(f".{shown(key)}", each) for key, each in value.items()]
    elif kind is list:
        items = [(f"[{index}]", each) for index, each in enumerate(value) if each is not None]
    elif value == "" or value is None or hasattr(value, "key") or hasattr(value, "text"):
        return wrong_type(value, "value")
    else:
        return None
    if not items:
        return [_empty_list()]
    found: list[Fault] = []
    for step, each in items:
        faults = sound(each)
        found += stepped(faults, step) if faults else []
    return found or None
