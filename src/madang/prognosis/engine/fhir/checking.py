"""Does this resource keep every rule of R4 that the engine knows, and where does it not?

Each type is turned once into one function that walks a value; a value that holds costs no path
and no object. What FHIR calls invariants stand in `invariants`, its tables in `definitions`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.fhir import definitions, references
from madang.prognosis.engine.fhir.faults import Fault, shown, wrong_type
from madang.prognosis.engine.fhir.invariants import of_type
from madang.prognosis.engine.fhir.issues import Issue
from madang.prognosis.engine.fhir.objects import object_rule
from madang.prognosis.engine.fhir.primitives import RULES, code_rule, form_rule
from madang.prognosis.engine.fhir.shapes import (
    companions_rule,
    concept_rule,
    list_rule,
    sound,
)

if TYPE_CHECKING:
    from madang.prognosis.engine.fhir.definitions import Element
    from madang.prognosis.engine.fhir.faults import Rule


def check(resource: Any) -> list[Issue]:
    """Every breach in a resource, as the strict reader gave it; an empty list where none.

    Of a type that the engine does not read, only the JSON is checked.

    Args:
        resource: A dict as of `strict_json.read_json`, or one built in Python.

    Returns:
        Issues whose `path` begins with the resource's type.
    """
    try:
        found = _resource(resource)
    except RecursionError:
        said = words("너무 깊이 겹쳐 있습니다.", "This nests too deeply.")
        found = [Fault("too-long", "madang-depth", said)]
    if not found:
        return []
    name = resource.get("resourceType") if type(resource) is dict else None
    if name == "Bundle":
        found = references.settled(found, _addresses(resource), local=False)
    return issues(found, name if type(name) is str else "Resource")


def _addresses(bundle: dict[str, Any]) -> dict[str, str]:
    """The address of each entry → the type of its resource."""
    entries = bundle.get("entry")
    found = {}
    for each in entries if type(entries) is list else ():
        resource = each.get("resource") if type(each) is dict else None
        kind = resource.get("resourceType") if type(resource) is dict else None
        if type(kind) is str and type(each.get("fullUrl")) is str:
            found[each["fullUrl"]] = kind
    return found


def issues(faults: list[Fault], root: str) -> list[Issue]:
    """The faults as issues; references that nobody could resolve say nothing."""
    return [
        Issue(
            severity=each.severity,  # type: ignore[arg-type]
            code=each.code,
            path=shown_path(root + each.path),
            rule=each.rule,
            said=each.said,
        )
        for each in faults
        if not each.pending
    ]


def shown_path(path: str) -> str:
    """A path that any output can carry, whatever keys a sender has made up."""
    plain = path.encode("ascii", "backslashreplace").decode()
    return "".join(sign if sign.isprintable() else "?" for sign in plain)[:300]


def _resource(value: Any) -> list[Fault] | None:
    """The rule of a resource that stands alone or in a Bundle."""
    found = _any_resource(value)
    if found or (type(value) is dict and "contained" in value):
        return references.resolved_inside(value, found or [])
    return None


def _any_resource(value: Any) -> list[Fault] | None:
    """The rule of a resource, with references to contained ones still pending."""
    if type(value) is not dict:
        return wrong_type(value, "resource")
    name = value.get("resourceType")
    if type(name) is not str or name not in definitions.resource_types():
        said = words(
            f"R4에 없는 자원 종류입니다: '{shown(name)}'.",
            f"R4 knows no resource type '{shown(name)}'.",
        )
        return [Fault("structure", "madang-resource-type", said, path=".resourceType")]
    if name not in definitions.READ:
        return sound(value)
    return _type_rule(name)(value)


@cache
def _type_rule(name: str) -> Rule:
    """The rule of a data type, an inner block or a resource type."""
    if name in RULES:
        return RULES[name]
    if name == "Resource":
        return _any_resource
    rows = definitions.elements()["Quantity" if name == "SimpleQuantity" else name]
    rules: dict[str, tuple[Rule, str]] = {}
    for row in rows:
        for kind in row.types:
            rules |= _keys(name, row, kind)
    if name in definitions.READ:
        rules["resourceType"] = (_nothing, "resourceType")
    return object_rule(name, rows, rules, of_type(name))


def _nothing(value: Any) -> list[Fault] | None:
    del value
    return None


def _keys(owner: str, row: Element, kind: str) -> dict[str, tuple[Rule, str]]:
    """The JSON keys of an element in one of its types → rule, and its step in FHIRPath."""
    spoken = "Quantity" if kind == "SimpleQuantity" else kind
    key = row.name + (spoken[0].upper() + spoken[1:] if row.choice else "")
    step = f"{row.name}.ofType({spoken})" if row.choice else row.name
    rule = _bound(row, kind)
    if (owner, row.name) == ("Bundle.entry", "resource"):
        rule = _resource
    found = {key: (list_rule(rule, primitive=kind in RULES) if row.many else rule, step)}
    # The `id` of an element or resource and `Extension.url` are attributes: no companion.
    if kind in RULES and row.name != "id" and (owner, key) != ("Extension", "url"):
        element = _of_type("Element")
        beside = companions_rule(element) if row.many else element
        found[f"_{key}"] = (beside, step)
    return found


def _bound(row: Element, kind: str) -> Rule:
    """The rule of one value of an element: its type, binding and targets."""
    codes = definitions.codes().get(row.binding)
    if codes is not None and kind == "code":
        return code_rule(frozenset().union(*codes.values()), row.binding)
    formed = form_rule(row.binding)
    if formed is not None:
        return formed
    if codes is not None and kind == "CodeableConcept":
        return concept_rule(_of_type(kind), codes, row.binding)
    if kind == "Reference":
        return references.reference_rule(_of_type(kind), row.targets)
    return RULES[kind] if kind in RULES else _of_type(kind)


_in_work: set[str] = set()


def _of_type(name: str) -> Rule:
    """The rule of a type; where the type is just being made, a rule that finds it when asked."""
    if name not in _in_work:
        _in_work.add(name)
        try:
            return _type_rule(name)
        finally:
            _in_work.discard(name)
    made: list[Rule] = []

    def rule(value: Any) -> list[Fault] | None:
        if made:
            return made[0](value)
        made.append(_type_rule(name))
        return made[0](value)

    return rule
