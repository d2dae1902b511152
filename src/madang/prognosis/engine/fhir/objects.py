"""Does an object have the elements that its type asks for, and no others?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.fhir.faults import Fault, shown, stepped, wrong_type
from madang.prognosis.engine.fhir.primitives import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.prognosis.engine.fhir.definitions import Element
    from madang.prognosis.engine.fhir.faults import Rule
    from madang.prognosis.engine.fhir.invariants import Invariant


_NONE: frozenset[str] = frozenset()
_UNKNOWN = (None, _NONE)


def object_rule(
    name: str,
    rows: Iterable[Element],
    rules: Mapping[str, tuple[Rule, str]],
    invariants: Iterable[Invariant],
) -> Rule:
    """The rule of one type: its keys, what must be there, and what must hold.

    Args:
        name: The type, for sentences.
        rows: Its elements.
        rules: JSON key → the rule of its value and its step in FHIRPath.
        invariants: What must hold between its elements.
    """
    by_key = {key: (rule, ACCEPTED.get(rule, _NONE)) for key, (rule, _) in rules.items()}
    steps = {key: f".{step}" for key, (_, step) in rules.items()}
    needed = tuple(_needed(row, rules) for row in rows if row.least)
    choices = tuple(
        (row.name, frozenset(key for key in rules if _is_of(key, row)))
        for row in rows
        if row.choice
    )
    checks = tuple((each.holds, each) for each in invariants)
    get: Any = by_key.get

    def rule(value: Any) -> list[Fault] | None:
        if type(value) is not dict:
            return wrong_type(value, f"object of {name}")
        found: list[Fault] | None = None
        for key, each in value.items():
            one, accepted = get(key, _UNKNOWN)
            # Most values are a few strings over and over; a call for each would be half the work.
            if type(each) is str and each in accepted:
                continue
            faults = _unknown(key, name) if one is None else one(each)
            if faults and (faults := _unexplained(faults, key, value)):
                faults = stepped(faults, steps.get(key) or f".{shown(key)}")
                found = faults if found is None else found + faults
        if len(value) <= 1 and (not value or "id" in value):
            found = [*(found or ()), _empty(value)]
        for element, keys in needed:
            if keys.isdisjoint(value):
                found = [*(found or ()), _missing(element, name)]
        for element, keys in choices:
            if len(keys.intersection(value)) > 1:
                found = _two(found, element, keys.intersection(value))
        if found is None:
            return [each.fault() for holds, each in checks if not holds(value)] or None
        return found + [each.fault() for holds, each in checks if not _still(holds, value)]

    return rule


def _still(holds: Any, value: dict[str, Any]) -> bool:
    """Whether an invariant holds of a value that is malformed elsewhere.

    Invariants read elements as their types promise; where a type is already broken they may not
    be able to, and that breach is told anyway.
    """
    try:
        return bool(holds(value))
    except (AttributeError, TypeError, KeyError, ValueError, IndexError, ArithmeticError):
        return True


def _needed(row: Element, rules: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    keys = {key for key in rules if _is_of(key, row)} if row.choice else {row.name}
    return row.name, frozenset(keys | {f"_{key}" for key in keys})


def _is_of(key: str, row: Element) -> bool:
    """Whether a JSON key carries this choice: its name and one of its types."""
    kinds = ("Quantity" if kind == "SimpleQuantity" else kind for kind in row.types)
    return key in {row.name + kind[0].upper() + kind[1:] for kind in kinds}


def _unknown(key: str, name: str) -> list[Fault]:
    said = words(
        f"{name}에 없는 항목입니다: '{shown(key)}'.", f"{name} has no element '{shown(key)}'."
    )
    return [Fault("structure", "madang-unknown-element", said)]


def _empty(value: dict[str, Any]) -> Fault:
    said = words("값도 하위 항목도 없습니다.", "This has neither a value nor children.")
    return Fault("invariant" if value else "structure", "ele-1", said)


def _missing(element: str, name: str) -> Fault:
    said = words(f"{name}에는 {element}이(가) 있어야 합니다.", f"{name} needs {element}.")
    return Fault("required", "min", said, path=f".{element}")


def _two(found: list[Fault] | None, element: str, keys: frozenset[str]) -> list[Fault]:
    told = ", ".join(sorted(keys))
    said = words(
        f"{element}[x]는 하나만 적을 수 있습니다: {told}.",
        f"Only one {element}[x] may be there: {told}.",
    )
    return [*(found or ()), Fault("structure", "max", said, path=f".{element}")]


def _unexplained(faults: list[Fault], key: str, holder: dict[str, Any]) -> list[Fault]:
    """The faults of a primitive or its companion that the other of the two does not explain.

    A null item stands for what its companion says; an id alone belongs to the value beside it.
    """
    beside = holder.get(key[1:] if key.startswith("_") else f"_{key}")
    if beside is None:
        return faults
    return [each for each in faults if not _explained(each, beside)]


def _explained(fault: Fault, beside: Any) -> bool:
    if fault.rule != "madang-null-item" and (fault.rule, fault.code) != ("ele-1", "invariant"):
        return False
    if not fault.path:
        return type(beside) is not list and type(beside) is not dict
    index = fault.path[1:-1]
    inside = type(beside) is list and index.isdigit() and int(index) < len(beside)
    return inside and beside[int(index)] is not None
