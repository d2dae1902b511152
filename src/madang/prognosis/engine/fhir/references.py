"""To what does a reference point, and may it point there? (ref-1, dom-2 to dom-5, targets)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.fhir.definitions import resource_types
from madang.prognosis.engine.fhir.faults import Fault, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from madang.prognosis.engine.fhir.faults import Rule

_of_resource = re.compile(
    r"(?:.*/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?"
).fullmatch


@lru_cache(maxsize=65536)
def target_type(reference: str) -> str:
    """The resource type that a reference names; empty where its text does not tell.

    `Patient/1`, `https://x/fhir/Patient/1/_history/2` → `Patient`; `#a` → `#`;
    `urn:uuid:…` and `urn:oid:…` → `urn`.
    """
    if reference.startswith("#"):
        return "#"
    if reference.startswith("urn:"):
        return "urn"
    found = _of_resource(reference)
    if found is None:
        return ""
    known = found[1] in resource_types()
    # A relative reference must name a type of R4; any other address may end in anything.
    return found[1] if known or not reference.startswith(("http://", "https://")) else ""


def reference_rule(reference: Rule, targets: frozenset[str]) -> Rule:
    """The rule of a Reference that may point to these types only; to any where empty."""

    def rule(value: Any) -> list[Fault] | None:
        found = reference(value)
        if found:
            return found
        text = value.get("reference")
        told = value.get("type")
        kind = target_type(text) if text is not None else ""
        if kind in targets and told is None:
            return None
        if kind in {"#", "urn"}:
            return [_pending(text, targets)]
        return _aimed(kind, told, targets)

    return rule


def _aimed(kind: str, told: str | None, targets: frozenset[str]) -> list[Fault] | None:
    if kind and kind not in resource_types():
        said = words(f"R4에 없는 자원 종류입니다: '{kind}'.", f"R4 knows no '{kind}'.")
        return [Fault("value", "madang-reference-type", said, path=".reference")]
    for each, step in ((kind, ".reference"), (told, ".type")):
        if each and targets and each not in targets:
            return [_foreign(each, targets, step)]
    if kind and told and kind != told:
        said = words(
            f"type은 {shown(told)}인데 reference는 {kind}입니다.",
            f"The type is {shown(told)}, the reference a {kind}.",
        )
        return [Fault("value", "madang-reference-type", said, path=".type")]
    return None


def _foreign(kind: str, targets: frozenset[str], step: str) -> Fault:
    allowed = ", ".join(sorted(targets))
    said = words(
        f"{shown(kind)}을(를) 가리킬 수 없습니다. 가리킬 수 있는 종류: {allowed}.",
        f"This must not point to {shown(kind)}, only to {allowed}.",
    )
    return Fault("value", "madang-reference-target", said, path=step)


def _pending(text: str, targets: frozenset[str]) -> Fault:
    said = words(
        f"'{shown(text)}'에 해당하는 자원이 없습니다.",
        f"Nothing here answers to '{shown(text)}'.",
    )
    local = text.startswith("#")
    fault = Fault("not-found", "ref-1" if local else "madang-urn", said, path=".reference")
    fault.pending, fault.targets = text, targets
    fault.severity = "error" if local else "warning"
    return fault


def settled(faults: list[Fault], known: Mapping[str, str], *, local: bool) -> list[Fault]:
    """The faults with the pending ones resolved: kept where the target is missing or foreign.

    Args:
        faults: Breaches and pending references.
        known: Reference text → type of the resource that answers to it.
        local: Whether to settle references to contained resources, else those to `urn:`.
    """
    found = []
    for fault in faults:
        if not fault.pending or fault.pending.startswith("#") != local:
            found.append(fault)
            continue
        kind = known.get(fault.pending)
        if kind is None:
            fault.pending = ""
            found.append(fault)
        elif fault.targets and kind not in fault.targets:
            aimed = _foreign(kind, fault.targets, "")
            aimed.path = fault.path
            found.append(aimed)
    return found


def resolved_inside(resource: Any, faults: list[Fault]) -> list[Fault] | None:
    """The faults of a resource, its references to contained resources resolved."""
    if type(resource) is not dict:
        return faults
    contained = resource.get("contained")
    listed = contained if type(contained) is list else ()
    inside = [each for each in listed if type(each) is dict]
    known = {f"#{each.get('id')}": str(each.get("resourceType")) for each in inside}
    known["#"] = str(resource.get("resourceType"))
    found = settled(faults, known, local=True)
    if inside:
        found += _of_contained(resource, inside)
    return found or None


def _of_contained(resource: dict[str, Any], inside: list[dict[str, Any]]) -> list[Fault]:
    """dom-2 to dom-5: what may be contained, and that it is used."""
    named = set(_texts(resource))
    found = []
    for index, each in enumerate(inside):
        meta = each.get("meta")
        meta = meta if type(meta) is dict else {}
        used = f"#{each.get('id')}" in named or "#" in set(_texts(each))
        breaches = (
            ("dom-2", "contained" in each, "안에 또 넣을 수 없습니다", "must contain no other"),
            ("dom-3", not used, "아무도 가리키지 않습니다", "is referred to by nothing"),
            (
                "dom-4",
                "versionId" in meta or "lastUpdated" in meta,
                "판이나 갱신 시각을 적을 수 없습니다",
                "must have no version or time of update",
            ),
            (
                "dom-5",
                "security" in meta,
                "보안 표시를 적을 수 없습니다",
                "must have no security label",
            ),
        )
        found += [
            Fault(
                "invariant",
                rule,
                words(f"포함된 자원: {korean}.", f"A contained resource {english}."),
                path=f".contained[{index}]",
            )
            for rule, broken, korean, english in breaches
            if broken
        ]
    return found


def _texts(value: Any) -> Iterator[str]:
    """Every text of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
