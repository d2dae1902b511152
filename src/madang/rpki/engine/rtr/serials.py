"""Which of two serial numbers is newer (RFC 1982), though they wrap round?"""

from __future__ import annotations

from typing import Final

BITS: Final = 32
_ALL: Final = (1 << BITS) - 1
_HALF: Final = 1 << (BITS - 1)


def following(serial: int) -> int:
    """The serial number after this one; 0 follows the largest (RFC 1982, 3.1)."""
    return (serial + 1) & _ALL


def is_newer(serial: int, than: int) -> bool:
    """Whether a serial number comes after another (RFC 1982, 3.2).

    Two numbers exactly half the circle apart have no order: neither is newer.
    """
    return 0 < (serial - than) & _ALL < _HALF
