"""A log's folder is checked byte by byte, and what was altered is named."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle, note
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.logcheck import verify_log
from madang.kernel.evidence.note import Checkpoint
from madang.kernel.evidence.store import CHECKPOINT, ENTRIES, TREE
from tests.kernel.evidence.samples import score

if TYPE_CHECKING:
    from pathlib import Path

    from madang.kernel.evidence.keys import SigningKey
    from madang.kernel.evidence.verdict import Link

SOLUTIONS = ("km", "cox", "boosting", "onnx", "cheat")


@pytest.fixture
def folder(tmp_path: Path, key: SigningKey) -> Path:
    """The folder of a log with five entries."""
    log = FileLog(tmp_path / "log", key)
    log.append([score(name, 0.5) for name in SOLUTIONS[:3]])
    log.append([score(name, 0.5) for name in SOLUTIONS[3:]])
    return tmp_path / "log"


def broken(folder: Path, key: SigningKey) -> Link:
    verdict = verify_log(folder, key=key.verifier)
    assert not verdict.ok
    assert verdict.first_broken is not None
    return verdict.first_broken


def test_a_whole_log_is_verified(folder: Path, key: SigningKey) -> None:
    verdict = verify_log(folder, key=key.verifier)

    assert verdict.ok
    assert [link.name for link in verdict.links] == ["form", "checkpoint", "entries", "signer"]
    assert (verdict.kind, verdict.size) == ("log", 5)
    leaves = (score(name, 0.5).canonical() for name in SOLUTIONS)
    assert verdict.root == merkle.root(leaves).hex()


def test_without_a_pinned_key_the_signer_is_unknown(folder: Path) -> None:
    verdict = verify_log(folder, key=None)

    assert not verdict.ok
    assert verdict.first_broken is not None
    assert verdict.first_broken.name == "signer"


def test_every_altered_bit_of_an_entry_is_named_with_the_entry(
    folder: Path, key: SigningKey
) -> None:
    whole = (folder / ENTRIES).read_bytes()
    for place in range(len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 1 << place % 8
        (folder / ENTRIES).write_bytes(altered)

        assert broken(folder, key).name == f"entry {whole[:place].count(10)}"


def test_every_altered_byte_of_the_stored_hashes_is_named(folder: Path, key: SigningKey) -> None:
    whole = (folder / TREE).read_bytes()
    counts = [merkle.node_count(size) * 40 for size in range(1, 6)]
    for place in range(len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 1 << place % 8
        (folder / TREE).write_bytes(altered)
        link = broken(folder, key)

        entry = sum(place >= count for count in counts)
        assert link.name == "tree"
        assert f"hashes of entry {entry} in tree.bin" in link.sentence.en


def test_every_altered_bit_of_the_checkpoint_is_named(folder: Path, key: SigningKey) -> None:
    whole = (folder / CHECKPOINT).read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            altered = bytearray(whole)
            altered[place] ^= 1 << bit
            (folder / CHECKPOINT).write_bytes(altered)

            assert broken(folder, key).name == "checkpoint"


def test_an_altered_value_is_named_with_its_subject(folder: Path, key: SigningKey) -> None:
    better = (folder / ENTRIES).read_bytes().replace(b"0.5", b"0.9", 2).replace(b"0.9", b"0.5", 1)
    (folder / ENTRIES).write_bytes(better)
    link = broken(folder, key)

    assert link.sentence.en.startswith("Entry 1 (score of cox) is not what was recorded: line 2")
    assert link.sentence.ko.startswith("항목 1(cox의 score): 기록된 내용과 다릅니다.")


def test_entries_that_are_missing_at_the_end_are_named(folder: Path, key: SigningKey) -> None:
    lines = (folder / ENTRIES).read_bytes().splitlines(keepends=True)
    (folder / ENTRIES).write_bytes(b"".join(lines[:3]))

    assert (
        broken(folder, key).sentence.en == "Entry 3 is missing; the checkpoint covers 5 entries."
    )


@pytest.mark.parametrize(("name", "link"), [(ENTRIES, "entries"), (TREE, "tree")])
def test_a_missing_file_is_named(folder: Path, key: SigningKey, name: str, link: str) -> None:
    (folder / name).unlink()

    assert broken(folder, key).name == link
    assert name in broken(folder, key).sentence.en


def test_entries_and_hashes_made_anew_do_not_fit_the_checkpoint(
    folder: Path, tmp_path: Path, key: SigningKey
) -> None:
    """Whoever forges without the key can make everything anew but the checkpoint."""
    forged = FileLog(tmp_path / "forged", key)
    forged.append([score(name, 0.9) for name in SOLUTIONS])
    for name in (ENTRIES, TREE):
        shutil.copy(tmp_path / "forged" / name, folder / name)
    link = broken(folder, key)

    assert link.name == "checkpoint"
    assert "another log" in link.sentence.en


def test_a_log_made_anew_with_another_key_is_refused(
    tmp_path: Path, key: SigningKey, other: SigningKey
) -> None:
    FileLog(tmp_path, other).append([score("cox", 0.9)])
    verdict = verify_log(tmp_path, key=key.verifier)

    assert verify_log(tmp_path, key=other.verifier).ok
    assert [link.name for link in verdict.links if not link.ok] == ["checkpoint", "signer"]
    assert verdict.signer == ""


def test_a_checkpoint_of_another_log_of_the_same_signer_is_refused(
    folder: Path, key: SigningKey
) -> None:
    head = Checkpoint.parse(note.read((folder / CHECKPOINT).read_bytes()).text)
    text = Checkpoint(origin="elsewhere", size=head.size, root=head.root).text()
    (folder / CHECKPOINT).write_bytes(note.sign(text, key))

    assert broken(folder, key).name == "checkpoint"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mangled_log_makes_the_check_stumble(
    data: st.DataObject, folder: Path, key: SigningKey, tmp_path: Path
) -> None:
    odd = tmp_path / "odd"
    shutil.rmtree(odd, ignore_errors=True)
    shutil.copytree(folder, odd)
    name = data.draw(st.sampled_from([ENTRIES, TREE, CHECKPOINT]))
    content = bytearray((odd / name).read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    content[start : start + data.draw(st.integers(1, 80))] = data.draw(st.binary(max_size=40))
    (odd / name).write_bytes(content)
    covered = content.startswith((folder / name).read_bytes())

    assert verify_log(odd, key=key.verifier).ok == (covered and name != CHECKPOINT) or (
        bytes(content) == (folder / name).read_bytes()
    )


def test_a_folder_that_is_no_log_is_refused(tmp_path: Path, key: SigningKey) -> None:
    with pytest.raises(InputError, match="without a checkpoint"):
        verify_log(tmp_path, key=key.verifier)


def test_a_last_line_without_its_break_is_named(folder: Path, key: SigningKey) -> None:
    whole = (folder / ENTRIES).read_bytes()
    for odd in (whole[:-1], whole[:-1] + b"X", whole[:-1] + b"\r\n"):
        (folder / ENTRIES).write_bytes(odd)

        assert broken(folder, key).name == "entry 4"


def test_a_checkpoint_over_endless_entries_does_not_keep_the_check_busy(
    folder: Path, key: SigningKey
) -> None:
    text = Checkpoint(origin=key.name, size=10**18, root=bytes(32)).text()
    (folder / CHECKPOINT).write_bytes(note.sign(text, key))

    assert broken(folder, key).name == "entry 5"
