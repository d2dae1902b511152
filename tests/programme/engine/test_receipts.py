"""An evidence file is kept by its digest, and one that was changed is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from madang.kernel import ids
from madang.kernel.store.objects import Objects
from madang.programme.engine.receipts import FileIndex, ReceiptBroken, Receipts

PAPER = "영수증".encode()
DIGEST = ids.digest(PAPER)


@pytest.fixture
def receipts(tmp_path: Path) -> Receipts:
    return Receipts(Objects(tmp_path / "objects"), FileIndex(tmp_path / "receipts.jsonl"))


def kept(tmp_path: Path) -> Path:
    return next(path for path in (tmp_path / "objects").rglob(DIGEST))


def test_a_receipt_comes_back_as_it_was(receipts: Receipts, tmp_path: Path) -> None:
    receipt = receipts.attach(PAPER, name="가.pdf", by="maker", sha256=DIGEST.upper())

    again = Receipts(Objects(tmp_path / "objects"), FileIndex(tmp_path / "receipts.jsonl"))
    assert receipt.sha256 == DIGEST
    assert again.read(DIGEST) == PAPER
    assert again.standing(DIGEST) == (DIGEST, "가.pdf", "whole")


def test_the_same_content_twice_is_one_receipt(receipts: Receipts) -> None:
    first = receipts.attach(PAPER, name="가.pdf", by="maker")

    assert receipts.attach(PAPER, name="나.pdf", by="checker") == first


def test_a_file_of_another_digest_is_refused_by_name(receipts: Receipts) -> None:
    with pytest.raises(ReceiptBroken, match="가.pdf"):
        receipts.attach(b"other", name="가.pdf", by="maker", sha256=DIGEST)

    assert not receipts.knows(DIGEST)


def test_a_changed_file_is_named(receipts: Receipts, tmp_path: Path) -> None:
    receipts.attach(PAPER, name="가.pdf", by="maker")
    path = kept(tmp_path)
    path.chmod(0o600)
    path.write_bytes(b"tampered")

    assert receipts.standing(DIGEST).state == "changed"
    with pytest.raises(ReceiptBroken, match="가.pdf"):
        receipts.read(DIGEST)


def test_the_original_mends_a_changed_file(receipts: Receipts, tmp_path: Path) -> None:
    receipts.attach(PAPER, name="가.pdf", by="maker")
    path = kept(tmp_path)
    path.chmod(0o600)
    path.write_bytes(b"tampered")

    receipts.attach(PAPER, name="가.pdf", by="maker")

    assert receipts.read(DIGEST) == PAPER


def test_a_missing_file_is_named(receipts: Receipts, tmp_path: Path) -> None:
    receipts.attach(PAPER, name="가.pdf", by="maker")
    kept(tmp_path).unlink()

    assert receipts.standings([DIGEST, DIGEST]) == {DIGEST: (DIGEST, "가.pdf", "missing")}


def test_an_empty_file_proves_nothing(receipts: Receipts) -> None:
    with pytest.raises(ReceiptBroken):
        receipts.attach(b"", name="가.pdf", by="maker")
