"""Which invariants hold of a Bundle and its entries? Each takes the Bundle, or one entry."""

from __future__ import annotations

from typing import Any

from madang.prognosis.engine.fhir.invariants_of_types import has

_ASKING = frozenset({"batch", "transaction", "history"})
_ANSWERING = frozenset({"batch-response", "transaction-response", "history"})


def _entries(value: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = value.get("entry", [])
    return found


def _first(value: dict[str, Any]) -> str:
    entries = _entries(value)
    return str(entries[0].get("resource", {}).get("resourceType")) if entries else ""


def bdl_1(value: dict[str, Any]) -> bool:
    """A total is for searches and histories."""
    return not has(value, "total") or value["type"] in {"searchset", "history"}


def bdl_2(value: dict[str, Any]) -> bool:
    """How an entry was found is for searches."""
    return value["type"] == "searchset" or not any("search" in each for each in _entries(value))


def bdl_3(value: dict[str, Any]) -> bool:
    """Every entry has a request, or none."""
    asking = value["type"] in _ASKING
    return all(("request" in each) == asking for each in _entries(value))


def bdl_4(value: dict[str, Any]) -> bool:
    """Every entry has a response, or none."""
    answering = value["type"] in _ANSWERING
    return all(("response" in each) == answering for each in _entries(value))


def bdl_5(entry: dict[str, Any]) -> bool:
    """An entry has a resource, a request or a response."""
    return "resource" in entry or "request" in entry or "response" in entry


def bdl_7(value: dict[str, Any]) -> bool:
    """One address with one version stands once, but in a history."""
    if value["type"] == "history":
        return True
    named = [
        (each["fullUrl"], each.get("resource", {}).get("meta", {}).get("versionId"))
        for each in _entries(value)
        if "fullUrl" in each
    ]
    return len(named) == len(set(named))


def bdl_8(entry: dict[str, Any]) -> bool:
    """An address names no version."""
    return "/_history/" not in entry.get("fullUrl", "")


def bdl_9(value: dict[str, Any]) -> bool:
    """A document has an identifier with system and value."""
    own = value.get("identifier", {})
    return value["type"] != "document" or (has(own, "system") and has(own, "value"))


def bdl_10(value: dict[str, Any]) -> bool:
    """A document has a time."""
    return value["type"] != "document" or "timestamp" in value


def bdl_11(value: dict[str, Any]) -> bool:
    """A document begins with a Composition."""
    return value["type"] != "document" or _first(value) == "Composition"


def bdl_12(value: dict[str, Any]) -> bool:
    """A message begins with a MessageHeader."""
    return value["type"] != "message" or _first(value) == "MessageHeader"
