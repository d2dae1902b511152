"""How do outcomes stay sealed? Encrypted at rest, one key for each kind of reader.

Three keys, so that a process holds only what it needs:

* `outcomes` opens the outcomes of the board and the final part. The scorer alone has it.
* `develop` opens the outcomes of the development part, which a firm's `fit` sees inside the jail.
* `inputs` opens the inputs of the sealed parts. The runner has it, to hand them to the jail.

A key comes from a variable (`MADANG_TRIALS_OUTCOMES_KEY` …, 64 hexadecimal digits) or a file that
only its owner may read. Sealed files are AES-256-GCM with the demand, part and kind as associated
data, so that no sealed file can stand in for another.
"""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from madang.kernel.words import words
from madang.trials.engine.errors import SealBroken
from madang.trials.engine.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.trial import Part

Kind = Literal["inputs", "outcomes"]
KeyName = Literal["inputs", "develop", "outcomes", "marks"]

_MAGIC = b"madang-sealed-1\n"
_NONCE_BYTES = 12


def key_name(part: Part, kind: Kind) -> KeyName:
    """Which key opens this file?"""
    if kind == "inputs":
        return "inputs"
    return "develop" if part == "develop" else "outcomes"


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """Where the keys lie."""

    folder: Path

    def create(self, *names: KeyName) -> None:
        """Make the named keys where neither a variable nor a file provides them yet."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in names:
            if not os.environ.get(self.variable(name)) and not self.file(name).exists():
                _write_once(self.file(name), secrets.token_hex(32))

    def file(self, name: KeyName) -> Path:
        """The file that holds a key where no variable does."""
        return self.folder / f"{name}.key"

    @staticmethod
    def variable(name: KeyName) -> str:
        """The environment variable that may hold a key."""
        return f"MADANG_TRIALS_{name.upper()}_KEY"

    def key(self, name: KeyName) -> bytes:
        """The 32 bytes of a key.

        Raises:
            SealBroken: There is none, or it is not 64 hexadecimal digits.
        """
        text = os.environ.get(self.variable(name), "")
        if not text and self.file(name).exists():
            text = self.file(name).read_text("ascii", errors="replace")
        try:
            key = bytes.fromhex(text.strip())
        except ValueError:
            key = b""
        if len(key) != 32:
            raise SealBroken(
                words(f"쓸 수 있는 {name} 열쇠가 없음", f"no usable key {name}"),
                words(
                    f"변수 {self.variable(name)} 또는 파일 {self.file(name)}에 둔 16진수 64자리",
                    f"64 hexadecimal digits in {self.variable(name)} or in {self.file(name)}",
                ),
            )
        return key


def _write_once(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole; where another process was first, its file stays."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    with suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()


@dataclass(frozen=True, kw_only=True)
class Vault:
    """The sealed files of one demand."""

    demand: str
    folder: Path
    keys: KeyRing

    def seal(self, part: Part, kind: Kind, content: bytes) -> None:
        """Encrypt and write, whole or not at all."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(self.keys.key(key_name(part, kind)))
        sealed = _MAGIC + nonce + cipher.encrypt(nonce, content, self._about(part, kind))
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self.path(part, kind), sealed)

    def open(self, part: Part, kind: Kind) -> bytes:
        """Decrypt.

        Raises:
            SealBroken: The key is another one, or the file is missing or altered.
        """
        path = self.path(part, kind)
        sealed = path.read_bytes() if path.exists() else b""
        return self._decrypted(sealed, key_name(part, kind), self._about(part, kind), path.name)

    def _decrypted(self, sealed: bytes, key: KeyName, about: bytes, name: str) -> bytes:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        start = len(_MAGIC)
        nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            if not sealed.startswith(_MAGIC) or len(body) < 16:
                raise InvalidTag
            return AESGCM(self.keys.key(key)).decrypt(nonce, body, about)
        except InvalidTag as fault:
            raise SealBroken(
                words(f"열리지 않는 봉인 파일 {name}", f"the sealed file {name} does not open"),
                words(
                    "등록 때의 열쇠와 바뀌지 않은 파일",
                    "the key of registration and an unaltered file",
                ),
            ) from fault

    def wrap(self, content: bytes) -> bytes:
        """Encrypt what a replay recorded, since a record tells of the outcome.

        The nonce is a keyed digest of the demand and the content: the same record gives the same
        bytes, so that a run that is repeated can be compared, and no nonce serves two messages.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self.keys.key("outcomes")
        about = self._about_answers
        nonce = hmac.digest(key, about + b"\0" + content, "sha256")[:_NONCE_BYTES]
        return _MAGIC + nonce + AESGCM(key).encrypt(nonce, content, about)

    def unwrap(self, wrapped: bytes) -> bytes:
        """What `wrap` encrypted.

        Raises:
            SealBroken: The key is another one, or the content was altered.
        """
        return self._decrypted(wrapped, "outcomes", self._about_answers, "answers")

    @staticmethod
    def is_wrapped(content: bytes) -> bool:
        """Did `wrap` write this?"""
        return content.startswith(_MAGIC)

    def path(self, part: Part, kind: Kind) -> Path:
        """Where a sealed file lies."""
        return self.folder / f"{part}.{kind}.sealed"

    @property
    def _about_answers(self) -> bytes:
        return f"{self.demand}|answers".encode()

    def _about(self, part: Part, kind: Kind) -> bytes:
        return f"{self.demand}|{part}|{kind}".encode()
