"""Who signed it? Ed25519 keys with a name, written as signed notes write them.

Source: C2SP signed-note (https://c2sp.org/signed-note), RFC 8032; the private text form is that of
Go's `golang.org/x/mod/sumdb/note`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words

_ED25519 = b"\x01"
"""The signature type of Ed25519 in signed notes."""
_SEED_BYTES = 32
_LARGEST_FILE = 10_000
_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True, kw_only=True)
class VerifyingKey:
    """A named public key: what a reader pins. Its text is `name+hash+base64`."""

    name: str
    public: bytes
    """32 bytes (RFC 8032)."""

    @property
    def hint(self) -> bytes:
        """Four bytes that say which key signed; a hint, never a proof."""
        text = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(text).digest()[:4]

    @property
    def text(self) -> str:
        """The key in one line, as it is published."""
        return f"{self.name}+{self.hint.hex()}+{_base64(_ED25519 + self.public)}"

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """Did the owner of this key sign the message?"""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def save(self, path: Path | str) -> None:
        """Publish the key at this path, for everybody to read."""
        Path(path).write_text(self.text + "\n", encoding="utf-8")

    @classmethod
    def parse(cls, text: str) -> VerifyingKey:
        """The key of this text.

        Raises:
            InputError: The text is no Ed25519 key of a signed note, or its parts disagree.
        """
        name, hint, material = _parts(text, expected=_PUBLIC_FORM)
        key = cls(name=name, public=material)
        if key.hint != hint:
            raise InputError(
                words("이름과 맞지 않는 공개 키", "a public key that does not fit its name"),
                _PUBLIC_FORM,
                _ASK_AGAIN,
            )
        return key

    @classmethod
    def read(cls, path: Path | str) -> VerifyingKey:
        """The key published at this path.

        Raises:
            InputError: There is no such file, or it holds no key.
        """
        return cls.parse(_line(Path(path)))

    @classmethod
    def given(cls, text: str) -> VerifyingKey:
        """The key as a person gives it: the path of its file, or its text itself.

        Raises:
            InputError: It is neither.
        """
        return cls.parse(text) if "+" in text and not Path(text).exists() else cls.read(text)


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A named private key. Whoever holds it speaks in this name."""

    name: str
    seed: bytes = field(repr=False)
    """32 secret bytes (RFC 8032)."""

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """A new key.

        Args:
            name: Who signs, best a URL without scheme (`agency.go.kr/trials`); no spaces, no plus.

        Raises:
            InputError: The name could not stand in a signed note.
        """
        _check_name(name)
        return cls(name=name, seed=os.urandom(_SEED_BYTES))

    @cached_property
    def verifier(self) -> VerifyingKey:
        """The public half."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifyingKey(name=self.name, public=public)

    def sign(self, message: bytes) -> bytes:
        """The signature of the message, 64 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def save(self, path: Path | str) -> None:
        """Write the key for its owner alone (0600).

        Raises:
            InputError: Something already stands there; a key is never overwritten.
        """
        text = (
            f"{_PRIVATE}{self.name}+{self.verifier.hint.hex()}+{_base64(_ED25519 + self.seed)}\n"
        )
        # Written beside its place and linked there: whoever reads it finds the whole key.
        partial = f"{path}.{os.getpid()}.{threading.get_ident()}.partial"
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(partial, path)
        except FileExistsError as fault:
            raise InputError(
                words(f"이미 있는 파일 {path}", f"a file that already stands at {path}"),
                words("새 키를 쓸 빈 경로", "a free path for the new key"),
                words(
                    "키는 덮어쓰지 않습니다. 다른 경로를 지정하십시오.",
                    "A key is never overwritten; choose another path.",
                ),
            ) from fault
        finally:
            os.unlink(partial)

    @classmethod
    def load(cls, path: Path | str) -> SigningKey:
        """The key saved at this path.

        Raises:
            InputError: No such file, not a key, or others than its owner may read it.
        """
        line = _line(Path(path))
        if stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
            raise InputError(
                words(
                    f"다른 사용자도 읽을 수 있는 서명 키 {path}",
                    f"a signing key at {path} that others may read",
                ),
                words("소유자만 읽는 파일(0600)", "a file that only its owner reads (0600)"),
                words(f"chmod 600 {path}", f"Run chmod 600 {path}."),
            )
        if not line.startswith(_PRIVATE):
            raise InputError(words("서명 키가 아닌 파일", "no signing key"), _PRIVATE_FORM)
        name, hint, seed = _parts(line.removeprefix(_PRIVATE), expected=_PRIVATE_FORM)
        key = cls(name=name, seed=seed)
        if key.verifier.hint != hint:
            raise InputError(
                words("이름과 맞지 않는 서명 키", "a signing key that does not fit its name"),
                _PRIVATE_FORM,
            )
        return key


_PUBLIC_FORM = words(
    "공개 키 한 줄: 이름+해시+base64", "one line with the public key: name+hash+base64"
)
_PRIVATE_FORM = words(
    "서명 키 한 줄: PRIVATE+KEY+이름+해시+base64",
    "one line with the signing key: PRIVATE+KEY+name+hash+base64",
)
_ASK_AGAIN = words("발행 기관에서 키를 다시 받으십시오.", "Get the key from its issuer again.")


def unbase64(text: str) -> bytes | None:
    """The bytes of standard base64 in its one canonical spelling; None for anything else."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if _base64(content) == text else None


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _check_name(name: str) -> None:
    if not name or "+" in name or not name.isprintable() or any(sign.isspace() for sign in name):
        raise InputError(
            words("서명에 쓸 수 없는 키 이름", "a key name that cannot stand in a signature"),
            words("공백과 + 가 없는 이름", "a name without spaces and plus signs"),
        )


def _parts(text: str, *, expected: Words) -> tuple[str, bytes, bytes]:
    """Name, hint and the 32 bytes of key material of a key's text."""
    name, _, rest = text.partition("+")
    hint, _, material = rest.partition("+")
    content = unbase64(material)
    if content is None or len(content) != 1 + _SEED_BYTES or content[:1] != _ED25519:
        raise InputError(words("Ed25519 키가 아닌 글", "text that is no Ed25519 key"), expected)
    _check_name(name)
    if len(hint) != 8 or hint.strip("0123456789abcdef"):
        raise InputError(words("잘못된 키 해시", "a malformed key hash"), expected, _ASK_AGAIN)
    return name, bytes.fromhex(hint), content[1:]


def _line(path: Path) -> str:
    """The only line of a small file."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_FILE).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(
            words(f"읽을 수 없는 키 파일 {path}", f"a key file that cannot be read: {path}"),
            words("키 한 줄이 있는 파일", "a file with one line, the key"),
        ) from fault
