"""How do messages write resources? As lists between commas, apart by kind (RFC 6492, 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.errors import ExchangeRefused, ResourcesRefused
from madang.rpki.engine.resources.blocks import Resources, read_resources

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = (("as", "asn"), ("ipv4", "v4"), ("ipv6", "v6"))


def attributes(resources: Resources, *, head: str = "resource_set_") -> dict[str, str]:
    """The three attributes that name these resources."""
    found = {}
    for kind, field in KINDS:
        text = str(Resources(**{field: getattr(resources, field)}))
        found[head + kind] = text.replace(" ", "").replace("AS", "")
    return found


def read(found: Mapping[str, str], *, head: str = "resource_set_") -> Resources:
    """The resources that the attributes of an element name; one that is absent names none.

    Raises:
        ExchangeRefused: An attribute is no list of its kind.
    """
    resources = Resources()
    for kind, field in KINDS:
        parts = [part.strip() for part in found.get(head + kind, "").split(",") if part.strip()]
        if kind == "as":
            parts = ["AS" + part for part in parts]
        try:
            read_here = read_resources(",".join(parts))
        except ResourcesRefused as fault:
            raise ExchangeRefused(fault.found, fault.expected) from fault
        resources = resources | Resources(**{field: getattr(read_here, field)})
    return resources
