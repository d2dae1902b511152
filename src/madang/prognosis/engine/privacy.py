"""How is a patient found again without anybody knowing who it is? Keyed pseudonyms, sealed names.

A pseudonym is HMAC-SHA-256 of the hospital's number under a key of the site: the same number gives
the same pseudonym, and without the key no list of numbers can be tried against it. Who the patient
is stands apart, encrypted (AES-256-GCM) with the patient's own identifier as associated data, so
that one patient's name cannot be put beside another's record. Both keys come from one secret by
HKDF-SHA-256.

Source: RFC 2104, RFC 5869, NIST SP 800-38D.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "MADANG_PROGNOSIS_KEY"
"""Holds the secret where no file does: 64 hexadecimal digits."""
_NONCE_BYTES = 12


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Both keys of a site."""

    secret: bytes = field(repr=False)
    """32 bytes."""

    def pseudonym(self, owner: str, system: str, number: str) -> str:
        """Of a patient's number in a hospital: 64 hexadecimal digits.

        Args:
            owner: The organisation: the same number in another is another patient.
            system: Who gives out such numbers.
            number: As written; spaces around it and case do not matter.
        """
        told = "\0".join((owner, system, number.strip().upper()))
        return hmac.new(self._key("pseudonym"), told.encode(), hashlib.sha256).hexdigest()

    def seal(self, patient: str, identity: dict[str, Any]) -> bytes:
        """Encrypt who a patient is."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = json.dumps(identity, ensure_ascii=False).encode()
        return nonce + AESGCM(self._key("identity")).encrypt(nonce, content, patient.encode())

    def unseal(self, patient: str, sealed: bytes) -> dict[str, Any]:
        """Who a patient is.

        Raises:
            InputError: It was sealed for another patient, with another key, or altered.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            content = AESGCM(self._key("identity")).decrypt(nonce, body, patient.encode())
        except (InvalidTag, ValueError) as fault:
            raise InputError(
                words("열리지 않는 환자 신원 정보", "an identity that does not open"),
                words("이 사이트의 열쇠로 봉인한 정보", "one that this site's key sealed"),
            ) from fault
        found: dict[str, Any] = json.loads(content)
        return found

    def _key(self, purpose: str) -> bytes:
        """A key of its own for each purpose: HKDF with an empty salt, one block."""
        drawn = hmac.new(b"\0" * 32, self.secret, hashlib.sha256).digest()
        about = f"madang-prognosis/{purpose}\x01".encode()
        return hmac.new(drawn, about, hashlib.sha256).digest()


def read_keys(file: Path) -> Keys:
    """The keys of a site; its file is made at the first use where no variable holds the secret.

    Raises:
        InputError: The variable or the file holds no 64 hexadecimal digits.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        if not file.exists():
            _write_once(file, secrets.token_hex(32))
        text = file.read_text(encoding="ascii")
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise InputError(
            words("예후관리 열쇠가 아닌 값", "what is no key of the prognosis system"),
            words(
                f"변수 {VARIABLE} 또는 파일 {file.name}에 둔 16진수 64자리",
                f"64 hexadecimal digits in {VARIABLE} or in {file.name}",
            ),
        )
    return Keys(secret=secret)


def _write_once(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole; where another process was first, its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    with suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()
