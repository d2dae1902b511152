"""Is this signature made with this key? RSA keys of the RPKI's one size (RFC 7935)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from madang.rpki.engine.faults import Fault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_HEAD: Final = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
_TAIL: Final = b"\x02\x03\x01\x00\x01"
RSA_KEY_BYTES: Final = 294
"""A SubjectPublicKeyInfo of RSA with 2,048 bits and the exponent 65,537 has this length."""
EC_HEAD: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
EC_KEY_BYTES: Final = 91
"""A SubjectPublicKeyInfo of the curve P-256 with an uncompressed point (RFC 8608)."""

_PADDING: Final = padding.PKCS1v15()
_SHA256: Final = hashes.SHA256()


def check_rsa_key(data: bytes, at: int, end: int) -> bytes:
    """The SubjectPublicKeyInfo from `at` to `end`, as RFC 7935 section 3 wants it.

    Raises:
        Fault: It is no RSA key with 2,048 bits and the exponent 65,537.
    """
    key = data[at:end]
    if (
        len(key) != RSA_KEY_BYTES
        or not key.startswith(_HEAD)
        or not key.endswith(_TAIL)
        or key[33] < 128
    ):
        raise Fault("key-form", at, f"{len(key)} bytes")
    return key


def check_router_key(data: bytes, at: int, end: int) -> bytes:
    """The SubjectPublicKeyInfo from `at` to `end`, as RFC 8608 section 3 wants a router's.

    Raises:
        Fault: It is no uncompressed point of the curve P-256.
    """
    key = data[at:end]
    if len(key) != EC_KEY_BYTES or not key.startswith(EC_HEAD):
        raise Fault("router-key", at, f"{len(key)} bytes")
    try:
        load_der_public_key(key)
    except ValueError as fault:
        raise Fault("router-key", at, "no point of the curve") from fault
    return key


def identifier(key: bytes) -> bytes:
    """The key identifier of a SubjectPublicKeyInfo: SHA-1 of its bits (RFC 6487, 4.8.2)."""
    bits = key[24:] if len(key) == RSA_KEY_BYTES else key[26:]
    return hashlib.sha1(bits, usedforsecurity=False).digest()


def load(key: bytes) -> RSAPublicKey:
    """A checked key, ready to verify."""
    return load_der_public_key(key)  # type: ignore[return-value] # check_rsa_key saw to it


def verifies(key: RSAPublicKey, signature: bytes, content: bytes) -> bool:
    """Whether the signature over the content is the key's (RSASSA-PKCS1-v1_5 with SHA-256)."""
    try:
        key.verify(signature, content, _PADDING, _SHA256)
    except InvalidSignature:
        return False
    return True
