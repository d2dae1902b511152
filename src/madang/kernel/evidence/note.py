"""Which list was signed, and by whom? Signed notes and the checkpoints of a log.

Source: C2SP signed-note (https://c2sp.org/signed-note) and tlog-checkpoint
(https://c2sp.org/tlog-checkpoint).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical
from madang.kernel.evidence.keys import unbase64
from madang.kernel.evidence.merkle import HASH_BYTES
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.evidence.keys import SigningKey, VerifyingKey

LARGEST = 1_000_000
"""Bytes of the longest note that is read."""
_LARGEST_SIZE = 2**63
_DASH = "\N{EM DASH} "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_NO_NOTE = (
    words("서명된 노트의 형식이 아닌 글", "text that has not the form of a signed note"),
    words(
        "본문, 빈 줄, 서명 줄 (C2SP signed-note)",
        "a text, a blank line and signature lines (C2SP signed-note)",
    ),
    canonical.ALTERED,
)


class Signature(NamedTuple):
    """One signature line: whose it claims to be, and the bytes."""

    name: str
    hint: bytes
    value: bytes


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note, read but not believed: its text means nothing until a trusted key accepts it."""

    text: str
    signatures: tuple[Signature, ...]

    def signed_by(self, key: VerifyingKey) -> bool:
        """Is there a line of this key, and does the key accept all lines that claim to be its?"""
        claimed = [
            each.value
            for each in self.signatures
            if each.name == key.name and each.hint == key.hint
        ]
        message = self.text.encode()
        return bool(claimed) and all(key.accepts(value, message) for value in claimed)


def sign(text: str, key: SigningKey) -> bytes:
    """The text as a note signed by the key.

    Args:
        text: Non-empty, ends with a newline; no other control characters.
        key: Signs, and gives its name.

    Raises:
        ValueError: The text cannot stand in a note.
    """
    if not text.endswith("\n") or _has_controls(text):
        raise ValueError("a note's text ends with a newline and has no other control characters")
    signature = base64.b64encode(key.verifier.hint + key.sign(text.encode())).decode("ascii")
    return f"{text}\n{_DASH}{key.name} {signature}\n".encode()


def read(content: bytes) -> Note:
    """The parts of a note. Nothing is verified yet.

    Raises:
        InputError: The bytes are no signed note.
    """
    if len(content) > LARGEST:
        raise InputError(*_NO_NOTE)
    try:
        whole = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InputError(*_NO_NOTE) from fault
    before, blank, lines = whole.rpartition("\n\n")
    if not blank or _has_controls(whole) or not lines.endswith("\n"):
        raise InputError(*_NO_NOTE)
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    return Note(text=before + "\n", signatures=signatures)


def open_signed(content: bytes, key: VerifyingKey) -> str:
    """The text of a note that this key signed.

    Raises:
        InputError: The bytes are no note, or the key did not sign it.
    """
    note = read(content)
    if not note.signed_by(key):
        raise InputError(
            words(
                f"{key.name}의 서명이 없거나 맞지 않는 노트",
                f"a note without a valid signature of {key.name}",
            ),
            words("이 키로 서명된 노트", "a note signed by this key"),
        )
    return note.text


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The state of a log: how many entries, under which root."""

    origin: str
    """The log's name; that of the key that signs for it."""
    size: int
    root: bytes

    def text(self) -> str:
        """The checkpoint as the text of a note."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint that a note's text states.

        Raises:
            InputError: The text is not origin, size and root, each on its line. Extension lines
                are refused: nobody could say what they mean.
        """
        lines = text.split("\n")
        root = unbase64(lines[2]) if len(lines) == 4 and not lines[3] else None
        if (
            root is None
            or len(root) != HASH_BYTES
            or not lines[0]
            or not _SIZE.fullmatch(lines[1])
            or int(lines[1]) >= _LARGEST_SIZE
        ):
            raise InputError(
                words("체크포인트가 아닌 노트", "a note that is no checkpoint"),
                words(
                    "로그 이름, 항목 수, 루트 해시 (C2SP tlog-checkpoint)",
                    "the log's name, its size and its root hash (C2SP tlog-checkpoint)",
                ),
            )
        return cls(origin=lines[0], size=int(lines[1]), root=root)


def _signature(line: str) -> Signature:
    dash, name, encoded = line[:2], *_two(line[2:])
    value = unbase64(encoded)
    if dash != _DASH or not name or "+" in name or value is None or len(value) <= 4:
        raise InputError(*_NO_NOTE)
    return Signature(name, value[:4], value[4:])


def _two(text: str) -> tuple[str, str]:
    name, _, rest = text.partition(" ")
    return name, rest


def _has_controls(text: str) -> bool:
    return any(sign < " " and sign != "\n" for sign in text)
