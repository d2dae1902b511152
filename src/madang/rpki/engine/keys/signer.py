"""Who can sign? Whoever holds an RSA key of 2048 bits, wherever it is kept (RFC 7935)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

KEY_BITS: Final = 2048
EXPONENT: Final = 65537
"""RFC 7935, section 3."""


class Signer(Protocol):
    """A private key that signs and never shows itself."""

    def public_key_der(self) -> bytes:
        """Its SubjectPublicKeyInfo in DER."""

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: RSA, PKCS #1 v1.5, SHA-256 (RFC 7935, section 2)."""


class MemoryKey:
    """A private key in this process's memory: for one-time keys, and keys just deciphered."""

    def __init__(self, key: RSAPrivateKey) -> None:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._key = key
        self._padding, self._digest = PKCS1v15(), SHA256()
        self._public = key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )

    def public_key_der(self) -> bytes:
        """Its SubjectPublicKeyInfo in DER."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` (RFC 7935, section 2)."""
        return self._key.sign(data, self._padding, self._digest)


def new_key() -> MemoryKey:
    """A new key that lives as long as this value: for the one signature of a signed object."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    return MemoryKey(generate_private_key(EXPONENT, KEY_BITS))


def key_identifier(public_key_der: bytes) -> bytes:
    """The name of a key in the RPKI: the SHA-1 of its bit string (RFC 6487, section 4.8.2).

    Args:
        public_key_der: A SubjectPublicKeyInfo in DER, as a `Signer` gives it.
    """
    at, _ = _content(public_key_der, 0)
    _, at = _content(public_key_der, at)
    start, end = _content(public_key_der, at)
    # The byte in front counts unused bits: a key has none.
    return hashlib.sha1(public_key_der[start + 1 : end], usedforsecurity=False).digest()


def _content(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length = int.from_bytes(der[start : start + octets], "big")
        start += octets
    return start, start + length
