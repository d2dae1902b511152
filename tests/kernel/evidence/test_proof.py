"""A stranger checks one entry of the log with a file and the signer's key, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from madang.kernel.evidence import canonical, merkle, note
from madang.kernel.evidence.keys import SigningKey
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.proof import Proof, prove
from madang.kernel.evidence.verify import verify_file
from tests.kernel.evidence.samples import score

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path, key: SigningKey) -> FileLog:
    log = FileLog(tmp_path / "log", key)
    log.append([score(name, 0.5) for name in "abcdefg"])
    return log


def test_every_entry_is_proved_by_its_file(log: FileLog, key: SigningKey) -> None:
    for index in range(7):
        content = prove(log, index).encode()
        found = verify_file(content, key=key.verifier)

        assert Proof.decode(content) == prove(log, index)
        assert (found.ok, found.kind, found.size) == (True, "proof", 7)
        assert [link.name for link in found.links] == [
            "form",
            "checkpoint",
            f"entry {index}",
            "signer",
        ]


def test_no_proof_of_what_is_not_there(log: FileLog) -> None:
    with pytest.raises(ValueError):
        prove(log, 7)


def altered(content: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads(content)
    change(value)
    return canonical.encode(value)


CHANGES: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda v: v["statement"]["predicate"].update(value=0.9), "entry 3"),
    (lambda v: v.update(index=4), "entry 4"),
    (lambda v: v["proof"].reverse(), "entry 3"),
    (lambda v: v["proof"].pop(), "entry 3"),
    (lambda v: v.update(proof=["AAAA"]), "entry 3"),
    (lambda v: v.update(checkpoint=v["checkpoint"].replace("\n7\n", "\n8\n")), "checkpoint"),
    (lambda v: v.update(more=1), "form"),
    (lambda v: v.pop("index"), "form"),
    (lambda v: v.update(index=True), "form"),
    (lambda v: v.update(proof=[1]), "form"),
    (lambda v: v.update(signer="nobody"), "form"),
    (lambda v: v.update(checkpoint="none"), "form"),
]


@pytest.mark.parametrize(("change", "broken"), CHANGES)
def test_whatever_is_altered_is_named(
    log: FileLog, key: SigningKey, change: Callable[[dict[str, Any]], None], broken: str
) -> None:
    content = altered(prove(log, 3).encode(), change)
    found = verify_file(content, key=key.verifier)

    assert not found.ok
    assert found.first_broken
    assert found.first_broken.name == broken


def test_a_forgers_log_is_not_the_signers(
    tmp_path: Path, log: FileLog, key: SigningKey, other: SigningKey
) -> None:
    forged = FileLog(tmp_path / "forged", other)
    forged.append([score("x", 1.0)])
    content = prove(forged, 0).encode()

    assert not verify_file(content, key=key.verifier).ok
    assert not verify_file(content, key=None).ok
    swapped = altered(content, lambda v: v.update(signer=key.verifier.text))
    assert verify_file(swapped, key=key.verifier).first_broken


def test_a_proof_leads_to_the_root_that_was_signed(log: FileLog) -> None:
    found = prove(log, 5)
    head = note.Checkpoint.parse(note.read(found.checkpoint).text)

    assert merkle.verify_inclusion(
        merkle.leaf_hash(score("f", 0.5).canonical()),
        index=5,
        size=7,
        proof=found.entry.proof,
        root=head.root,
    )
