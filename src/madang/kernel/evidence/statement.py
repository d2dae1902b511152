"""What was measured, about which content? One fact as an in-toto Statement v1.

Source: in-toto Attestation Framework, Statement v1 (https://in-toto.io/Statement/v1).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

STATEMENT = "https://in-toto.io/Statement/v1"
BASE = "https://madang.kr/evidence/"
"""Where the house's own predicate types stand."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_LONGEST_SHOWN = 60
_SHORTEST_SALT = 16


def predicate_type(noun: str, *, version: int = 1) -> str:
    """The URI of one of the house's own predicates: `score` → `https://madang.kr/evidence/score/v1`."""
    return f"{BASE}{noun}/v{version}"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A predicate that holds for the named contents.

    Raises:
        ValueError: No subject, a digest that is no SHA-256, or a predicate type that is no URI.
    """

    subjects: Mapping[str, str]
    """Name → SHA-256 of the content, 64 lower-case hexadecimal digits. At least one."""
    predicate_type: str
    """A URI that says what the predicate means."""
    predicate: Mapping[str, Any]
    """The fact itself, as plain JSON."""

    def __post_init__(self) -> None:
        if not self.subjects or not all(self.subjects):
            raise ValueError("a statement needs at least one subject, each with a name")
        if not all(_SHA256.fullmatch(digest) for digest in self.subjects.values()):
            raise ValueError("a subject's digest is 64 lower-case hexadecimal digits")
        if not _URI.fullmatch(self.predicate_type):
            raise ValueError("a predicate type is a URI")

    def to_json(self) -> dict[str, Any]:
        """The statement as in-toto writes it, subjects in the order of their names."""
        return {
            "_type": STATEMENT,
            "subject": [
                {"name": name, "digest": {"sha256": digest}}
                for name, digest in sorted(self.subjects.items())
            ],
            "predicateType": self.predicate_type,
            "predicate": dict(self.predicate),
        }

    def canonical(self) -> bytes:
        """The bytes that are logged and signed (RFC 8785).

        Raises:
            ValueError: The predicate holds something that JSON cannot say.
        """
        return canonical.encode(self.to_json())

    def title(self) -> Words:
        """What to call it before a person, such as `score of cox`; names are made harmless."""
        noun = _shown(self.predicate_type.removeprefix(BASE).rpartition("/v")[0])
        noun = noun or _shown(self.predicate_type)
        subject = _shown(min(self.subjects))
        return words(f"{subject}의 {noun}", f"{noun} of {subject}")

    @classmethod
    def from_json(cls, value: Any) -> Statement:
        """The statement that `to_json` wrote.

        Raises:
            InputError: No Statement v1 whose every subject has one name and one SHA-256.
        """
        try:
            statement = cls(
                subjects={
                    _name(each["name"]): each["digest"]["sha256"] for each in value["subject"]
                },
                predicate_type=value["predicateType"],
                predicate=value["predicate"],
            )
            same = statement.to_json() == value
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise _no_statement() from fault
        if not same:
            raise _no_statement()
        return statement

    @classmethod
    def decode(cls, content: bytes) -> Statement:
        """The statement whose canonical bytes these are.

        Raises:
            InputError: They are not.
        """
        return cls.from_json(canonical.decode(content, what="in-toto Statement v1"))


def salted_digest(value: Any, salt: bytes) -> str:
    """A digest of a value that must stay erasable: HMAC-SHA-256 of its canonical bytes, salted.

    Log the digest; keep value and salt in a place that can be erased. Without the salt nobody can
    tell by trying which value it was.

    Args:
        value: Any JSON value.
        salt: At least 16 random bytes (`secrets.token_bytes`), another one for each value.

    Returns:
        64 hexadecimal digits.

    Raises:
        ValueError: The salt is too short to hide anything.
    """
    if len(salt) < _SHORTEST_SALT:
        raise ValueError(f"a salt has at least {_SHORTEST_SALT} bytes")
    return hmac.new(salt, canonical.encode(value), hashlib.sha256).hexdigest()


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a subject's name is text")
    return value


def _shown(name: str) -> str:
    """A name from outside, safe to print: no control characters, not endless."""
    harmless = "".join(sign if sign.isprintable() else "?" for sign in name)
    return harmless if len(harmless) <= _LONGEST_SHOWN else harmless[:_LONGEST_SHOWN] + "…"


def _no_statement() -> InputError:
    return InputError(
        words("다른 형식의 기록", "a record of another form"),
        words(
            "대상마다 이름과 SHA-256이 하나씩 있는 in-toto Statement v1",
            "an in-toto Statement v1 with one name and one SHA-256 for each subject",
        ),
    )
