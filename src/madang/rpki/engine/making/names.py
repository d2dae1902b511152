"""How are issuers and subjects named? A common name, perhaps a serial number (RFC 6487, 4.4)."""

from __future__ import annotations

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import printable_string, sequence, set_of


def name(common_name: str, serial_number: str = "") -> bytes:
    """A distinguished name of one RDN, in DER.

    Args:
        common_name: Characters of a PrintableString.
        serial_number: Told apart by it where a common name is used twice; empty for none.
    """
    parts = [sequence(oids.COMMON_NAME, printable_string(common_name))]
    if serial_number:
        parts.append(sequence(oids.SERIAL_NUMBER, printable_string(serial_number)))
    return sequence(set_of(parts))


def key_name(key_identifier: bytes) -> bytes:
    """The name that a key has where nobody gave it another: its identifier, in hexadecimal."""
    return name(key_identifier.hex().upper())


def router_name(asn: int, router_id: int) -> bytes:
    """The subject of a router's certificate (RFC 8209, section 3.1.1)."""
    return name(f"ROUTER-{asn:08X}", f"{router_id:08X}")
