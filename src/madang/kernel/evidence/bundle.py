"""On which facts does a document rest, and how is each shown to stand in the log?

A bundle carries statements with their inclusion proofs to one signed checkpoint. One of them, the
*document statement*, names the document's own contents by digest and lists by digest every other
statement of the bundle: none can be left out or slipped in.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical, merkle, note
from madang.kernel.evidence.keys import VerifyingKey, unbase64
from madang.kernel.evidence.statement import BASE, Statement, predicate_type
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.kernel.evidence.log import Entry, Log
    from madang.kernel.evidence.note import Checkpoint

FORM = f"{BASE}bundle/v1"
DOCUMENT = predicate_type("document")
RESTS_ON = "rests_on"
"""The member of the document statement's predicate that lists what the document rests on."""
_LONGEST_PROOF = 64


@dataclass(frozen=True, kw_only=True)
class Proven:
    """A statement, its place in the log, and the hashes from it to the checkpoint's root."""

    index: int
    statement: Statement
    proof: tuple[bytes, ...]

    def stands_in(self, checkpoint: Checkpoint) -> bool:
        """Does the proof lead to the checkpoint's root?"""
        return merkle.verify_inclusion(
            merkle.leaf_hash(self.statement.canonical()),
            index=self.index,
            size=checkpoint.size,
            proof=self.proof,
            root=checkpoint.root,
        )


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What a document carries so that a stranger can check it without a network."""

    checkpoint: bytes
    """The signed note."""
    signer: VerifyingKey
    """The key that signed, as the document says; only a pinned key makes it known."""
    document: int
    """Index in the log of the document statement."""
    entries: tuple[Proven, ...]
    """In the order of the log, each once."""

    def document_statement(self) -> Statement:
        """The statement whose subjects are the document itself.

        Raises:
            InputError: The bundle does not carry it.
        """
        for each in self.entries:
            if each.index == self.document:
                return each.statement
        raise _no_bundle()

    def lists_all(self) -> bool:
        """Does the document statement list exactly the bundle's other statements?"""
        others = [
            _reference(each.index, each.statement)
            for each in self.entries
            if each.index != self.document
        ]
        statement = self.document_statement()
        return statement.predicate_type == DOCUMENT and statement.predicate.get(RESTS_ON) == others

    def to_json(self) -> dict[str, Any]:
        """The bundle as plain JSON."""
        return {
            "_type": FORM,
            "checkpoint": self.checkpoint.decode("utf-8"),
            "signer": self.signer.text,
            "document": self.document,
            "entries": [
                {
                    "index": each.index,
                    "statement": each.statement.to_json(),
                    "proof": [base64.b64encode(step).decode("ascii") for step in each.proof],
                }
                for each in self.entries
            ],
        }

    def encode(self) -> bytes:
        """The bundle's canonical bytes."""
        return canonical.encode(self.to_json())

    @classmethod
    def from_json(cls, value: Any) -> Bundle:
        """The bundle that `to_json` wrote; nothing is verified yet.

        Raises:
            InputError: The value is no bundle, or has another spelling than `to_json` gives it.
        """
        try:
            bundle = cls(
                checkpoint=value["checkpoint"].encode("utf-8"),
                signer=VerifyingKey.parse(value["signer"]),
                document=value["document"],
                entries=tuple(_proven(*each) for each in enumerate(value["entries"], start=1)),
            )
            note.Checkpoint.parse(note.read(bundle.checkpoint).text)
            bundle.document_statement()
            same = bundle.to_json() == value and bundle._in_order()
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise _no_bundle() from fault
        if not same:
            raise _no_bundle()
        return bundle

    @classmethod
    def decode(cls, content: bytes) -> Bundle:
        """The bundle with these canonical bytes.

        Raises:
            InputError: They are not those of a bundle.
        """
        return cls.from_json(canonical.decode(content, what=_WHAT))

    def _in_order(self) -> bool:
        """Each entry once, in the log's order, under a note with one signature alone."""
        places = [each.index for each in self.entries]
        return (
            all(type(place) is int for place in [*places, self.document])
            and places == sorted(set(places))
            and len(note.read(self.checkpoint).signatures) == 1
        )


def document_statement(
    subjects: Mapping[str, str], entries: Iterable[Entry], **facts: Any
) -> Statement:
    """The statement of a document: its contents, and the logged facts on which it rests.

    Args:
        subjects: Name of each rendering (`report.html` …) → SHA-256 of its body before sealing.
        entries: What the document rests on.
        **facts: What else the statement says of the document, plain JSON.
    """
    rests_on = [
        _reference(each.index, each.statement) for each in sorted(entries, key=lambda e: e.index)
    ]
    return Statement(
        subjects=subjects, predicate_type=DOCUMENT, predicate={**facts, RESTS_ON: rests_on}
    )


def collect(log: Log, document: Entry, entries: Iterable[Entry]) -> Bundle:
    """The bundle of a document, proven under the log's last checkpoint.

    Args:
        log: Holds all of them.
        document: The entry of `document_statement(subjects, entries)`.
        entries: What the document rests on.

    Raises:
        ValueError: The document statement does not list exactly these entries.
    """
    checkpoint = log.checkpoint()
    head = note.Checkpoint.parse(note.read(checkpoint).text)
    chosen = {each.index: each for each in [*entries, document]}
    bundle = Bundle(
        checkpoint=checkpoint,
        signer=log.signer,
        document=document.index,
        entries=tuple(
            Proven(
                index=index,
                statement=chosen[index].statement,
                proof=log.inclusion(index, head.size),
            )
            for index in sorted(chosen)
        ),
    )
    if not bundle.lists_all():
        raise ValueError("the document statement must list exactly the bundle's other entries")
    return bundle


def _reference(index: int, statement: Statement) -> dict[str, Any]:
    return {"index": index, "leaf": merkle.leaf_hash(statement.canonical()).hex()}


def _proven(number: int, value: Any) -> Proven:
    """The number-th entry of a bundle, counted from 1."""
    try:
        proof = tuple(unbase64(step) or b"" for step in value["proof"][:_LONGEST_PROOF])
        if any(len(step) != merkle.HASH_BYTES for step in proof):
            raise ValueError("a proof is made of hashes")
        statement = Statement.from_json(value["statement"])
        return Proven(index=value["index"], statement=statement, proof=proof)
    except (KeyError, TypeError, ValueError, AttributeError, InputError) as fault:
        raise InputError(
            words(
                f"증거 묶음에서 {number}번째 항목의 다른 형식",
                f"another form of the bundle's entry number {number}",
            ),
            words(
                "번호, 기록(in-toto Statement v1), 증명",
                "an index, an in-toto Statement v1 and a proof",
            ),
            canonical.ALTERED,
        ) from fault


_WHAT = words("증거 묶음", "an evidence bundle")


def _no_bundle() -> InputError:
    return InputError(
        words(
            "증거 묶음의 형식이 아닌 내용", "content that has not the form of an evidence bundle"
        ),
        words(f"{FORM} 형식", f"the form {FORM}"),
        canonical.ALTERED,
    )
