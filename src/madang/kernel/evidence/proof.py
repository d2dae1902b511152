"""Does one statement stand in the log? The statement, its place and its proof, in a file of JSON.

The bundle's smaller sister: it rests on nothing and seals no document.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical, note
from madang.kernel.evidence.bundle import Proven
from madang.kernel.evidence.keys import VerifyingKey, unbase64
from madang.kernel.evidence.statement import BASE, Statement
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.evidence.log import Log

FORM = f"{BASE}proof/v1"
_LONGEST = 64


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One entry under one signed checkpoint."""

    checkpoint: bytes
    """The signed note."""
    signer: VerifyingKey
    """The key that signed, as the file says; only a pinned key makes it known."""
    entry: Proven

    def to_json(self) -> dict[str, Any]:
        """The proof as plain JSON."""
        return {
            "_type": FORM,
            "checkpoint": self.checkpoint.decode("utf-8"),
            "signer": self.signer.text,
            "index": self.entry.index,
            "statement": self.entry.statement.to_json(),
            "proof": [base64.b64encode(step).decode("ascii") for step in self.entry.proof],
        }

    def encode(self) -> bytes:
        """The proof's canonical bytes: the whole file."""
        return canonical.encode(self.to_json())

    @classmethod
    def decode(cls, content: bytes) -> Proof:
        """The proof with these bytes; nothing is verified yet.

        Raises:
            InputError: They are not those of a proof, or have another spelling.
        """
        value = canonical.decode(content, what=_WHAT)
        try:
            found = cls(
                checkpoint=value["checkpoint"].encode("utf-8"),
                signer=VerifyingKey.parse(value["signer"]),
                entry=Proven(
                    index=value["index"],
                    statement=Statement.from_json(value["statement"]),
                    proof=tuple(unbase64(step) or b"" for step in value["proof"][:_LONGEST]),
                ),
            )
            note.Checkpoint.parse(note.read(found.checkpoint).text)
            same = type(found.entry.index) is int and found.to_json() == value
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise _no_proof() from fault
        if not same:
            raise _no_proof()
        return found


def prove(log: Log, index: int) -> Proof:
    """The proof that an entry stands in the log, under its last checkpoint.

    Raises:
        ValueError: The log has no such entry.
    """
    checkpoint = log.checkpoint()
    head = note.Checkpoint.parse(note.read(checkpoint).text)
    proof = log.inclusion(index, head.size)
    (entry,) = log.entries(index, index + 1)
    return Proof(
        checkpoint=checkpoint,
        signer=log.signer,
        entry=Proven(index=index, statement=entry.statement, proof=proof),
    )


def claims(content: bytes) -> bool:
    """Whether a file of JSON says of itself that it is a proof."""
    try:
        value = canonical.decode(content, what=_WHAT, exact=False)
    except InputError:
        return False
    return isinstance(value, dict) and value.get("_type") == FORM


_WHAT = words("로그 항목의 증명", "the proof of a log entry")


def _no_proof() -> InputError:
    return InputError(
        words("로그 항목의 증명이 아닌 파일", "a file that is no proof of a log entry"),
        words(
            "체크포인트, 서명자, 번호, 기록, 증명",
            "a checkpoint, a signer, an index, a statement and its proof",
        ),
        canonical.ALTERED,
    )
