"""How are keys kept in files? Each enciphered with AES-256-GCM under one passphrase (scrypt)."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Final

from madang.kernel import ids
from madang.kernel.words import words
from madang.rpki.engine.errors import SettingRefused
from madang.rpki.engine.keys.signer import EXPONENT, KEY_BITS, MemoryKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PASSPHRASE_VARIABLE: Final = "MADANG_RPKI_PASSPHRASE"  # noqa: S105 - a name, no secret
SHORTEST_PASSPHRASE: Final = 12
_COST: Final = 1 << 15
"""scrypt's n with r = 8, p = 1: 32 MiB and about 0.1 s for each guess (RFC 7914)."""
_CHECK: Final = b"madang rpki keys"
_NONCE_BYTES: Final = 12


def passphrase(environment: Mapping[str, str] = os.environ) -> bytes:
    """The passphrase that the environment holds.

    Raises:
        SettingRefused: There is none.
    """
    found = environment.get(PASSPHRASE_VARIABLE, "")
    if not found:
        raise SettingRefused(
            words("개인키의 암호가 주어지지 않음", "no passphrase for the private keys"),
            words(
                f"환경 변수 {PASSPHRASE_VARIABLE}에 담긴 암호",
                f"one in the environment variable {PASSPHRASE_VARIABLE}",
            ),
        )
    return found.encode()


class KeyFolder:
    """Keys as files of one folder.

    Args:
        folder: Made where it is absent, for its owner alone.
        secret: The passphrase: the same as when the folder was made.

    Raises:
        SettingRefused: The passphrase is another one, or too short for a new folder.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder = folder
        head = folder / "store.json"
        if not head.exists():
            _found(folder, secret)
        try:
            stored = json.loads(head.read_text())
            salt, check = bytes.fromhex(stored["salt"]), bytes.fromhex(stored["check"])
        except (ValueError, KeyError, TypeError) as fault:
            raise _broken(head.name) from fault
        self._cipher = _cipher(secret, salt)
        self._open(check, b"store.json")

    def create(self) -> str:
        """Make a new key and keep it; its handle."""
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        key = generate_private_key(EXPONENT, KEY_BITS)
        content = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        handle = ids.new("key")
        _write(self._path(handle), _sealed(self._cipher, content, handle.encode()))
        return handle

    def signer(self, handle: str) -> MemoryKey:
        """The key of this handle, deciphered into memory.

        Raises:
            SettingRefused: There is no such key, or its file was changed.
        """
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_der_private_key

        try:
            sealed = self._path(handle).read_bytes()
        except FileNotFoundError as fault:
            raise _broken(handle) from fault
        key = load_der_private_key(self._open(sealed, handle.encode()), None)
        if not isinstance(key, RSAPrivateKey):
            raise _broken(handle)
        return MemoryKey(key)

    def destroy(self, handle: str) -> None:
        """Remove the key's file; nothing happens where there is none."""
        self._path(handle).unlink(missing_ok=True)

    def _path(self, handle: str) -> Path:
        if not handle.replace("-", "").isalnum():
            raise _broken(handle)
        return self._folder / f"{handle}.key"

    def _open(self, sealed: bytes, bound: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
        except (InvalidTag, ValueError) as fault:
            raise _broken(bound.decode()) from fault


def _found(folder: Path, secret: bytes) -> None:
    if len(secret) < SHORTEST_PASSPHRASE:
        raise SettingRefused(
            words(f"{len(secret)}바이트 암호", f"a passphrase of {len(secret)} bytes"),
            words(f"{SHORTEST_PASSPHRASE}바이트 이상", f"{SHORTEST_PASSPHRASE} bytes at least"),
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    salt = secrets.token_bytes(16)
    check = _sealed(_cipher(secret, salt), _CHECK, b"store.json")
    _write(
        folder / "store.json",
        json.dumps({"kdf": "scrypt", "salt": salt.hex(), "check": check.hex()}).encode(),
    )


def _cipher(secret: bytes, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return AESGCM(Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(secret))


def _sealed(cipher: AESGCM, content: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, bound)


def _write(path: Path, content: bytes) -> None:
    """A file for its owner alone that is there wholly or not at all."""
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def _broken(name: str) -> SettingRefused:
    return SettingRefused(
        words(
            f"열 수 없는 개인키 {name[:60]!r}", f"the private key {name[:60]!r}, which stays shut"
        ),
        words(
            "저장소를 만들 때의 암호와 변경되지 않은 파일",
            "the passphrase that the store was made with, and files that nobody changed",
        ),
    )
