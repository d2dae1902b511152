"""Whom to call about these objects? A contact card that nothing is decided by (RFC 6493)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from madang.rpki.engine.faults import Fault

if TYPE_CHECKING:
    from madang.rpki.engine.objects.cms import SignedObject

GHOSTBUSTERS_TYPE: Final = bytes.fromhex("2a864886f70d0109100123")
_PROPERTIES: Final = frozenset({"FN", "ORG", "ADR", "TEL", "EMAIL"})
_REACHABLE: Final = frozenset({"ADR", "TEL", "EMAIL"})


def read_ghostbusters(signed: SignedObject) -> dict[str, str]:
    """The card's properties by their names; of several alike, the first.

    Raises:
        Fault: It is no such card, has other properties or none to reach anybody by, or its
            certificate does not inherit its resources.
    """
    if signed.content_type != GHOSTBUSTERS_TYPE:
        raise Fault("content-type", 0, signed.content_type.hex())
    if not signed.certificate.inherits:
        raise Fault("ghostbusters-resources")
    start, stop = signed.content
    try:
        text = signed.data[start:stop].decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Fault("ghostbusters-card", start + fault.start, "no UTF-8") from fault
    lines = text.replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")
    if lines[:2] != ["BEGIN:VCARD", "VERSION:4.0"] or lines[-2:] != ["END:VCARD", ""]:
        raise Fault("ghostbusters-card", start, "no vCard of version 4.0")
    return _properties(lines[2:-2], start)


def _properties(lines: list[str], at: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        plain = name.partition(";")[0].upper()
        if plain not in _PROPERTIES:
            raise Fault("ghostbusters-card", at, f"the property {plain[:40]!r}")
        found.setdefault(plain, value)
    if "FN" not in found or not _REACHABLE & found.keys():
        raise Fault("ghostbusters-card", at, "no name, or nothing to reach anybody by")
    return found
