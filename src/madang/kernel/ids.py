"""How is a thing named for ever? By time and chance, or by the digest of its content."""

from __future__ import annotations

import hashlib
import secrets

from madang.kernel import clock

# Crockford's base 32: no I, L, O or U, so that nobody misreads an identifier on paper.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new(kind: str) -> str:
    """A new identifier such as `run-06ew3kq0x5m2…`: 48 bits of milliseconds, then 72 random bits.

    Args:
        kind: The noun in front, lower-case letters.
    """
    number = (int(clock.epoch_s() * 1000) << 72) | secrets.randbits(72)
    digits = []
    for _ in range(24):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{kind}-{''.join(reversed(digits))}"


def digest(content: bytes) -> str:
    """SHA-256 of the content, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
