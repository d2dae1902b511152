"""No lost write breaks a log, and no damage is written over."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.kernel.errors import InputError, Unavailable
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.logcheck import verify_log
from madang.kernel.evidence.store import CHECKPOINT, ENTRIES, TREE, FileStore
from tests.kernel.evidence import appender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.kernel.evidence.keys import SigningKey

FILES = (ENTRIES, TREE, "checkpoint.new")


def facts(start: int, stop: int) -> list[appender.Statement]:
    return [appender.fact("w", number) for number in range(start, stop)]


def numbers(log: FileLog) -> list[int]:
    return [entry.statement.predicate["number"] for entry in log.entries()]


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name != "lock"}


def stand(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder with exactly these files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def before_and_after(tmp_path: Path, key: SigningKey) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of a log of three entries, and those after two more."""
    log = FileLog(tmp_path / "log", key)
    log.append(facts(0, 3))
    before = contents(tmp_path / "log")
    log.append(facts(3, 5))
    after = contents(tmp_path / "log")
    return before, {**after, "checkpoint.new": after[CHECKPOINT]}


def torn(before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Every state that a crash can leave, byte by byte in the order of the writes."""
    state = dict(before)
    for name in FILES:
        start = len(before.get(name, b""))
        for stop in range(start, len(after[name]) + 1):
            yield {**state, name: after[name][:stop]}
        state[name] = after[name]


def goes_on(folder: Path, key: SigningKey, size: int) -> None:
    """The log verifies as it stands, and takes a new entry after the covered ones."""
    verdict = verify_log(folder, key=key.verifier)
    assert verdict.ok
    assert verdict.size == size
    log = FileLog(folder, key)
    log.append([appender.fact("w", 99)])
    assert numbers(log) == [*range(size), 99]
    verdict = verify_log(folder, key=key.verifier)
    assert verdict.ok
    assert "tail" not in [link.name for link in verdict.links]
    assert not (folder / "checkpoint.new").exists()


def test_a_write_torn_at_any_byte_leaves_the_covered_log(
    tmp_path: Path,
    key: SigningKey,
    before_and_after: tuple[dict[str, bytes], dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # another test looks after the order
    states = list(torn(*before_and_after))

    assert len(states) > 800
    for state in states:
        goes_on(stand(tmp_path / "torn", state), key, 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_tails_that_came_to_disk_in_any_order_or_as_zeros_are_no_part_of_the_log(
    data: st.DataObject,
    tmp_path: Path,
    key: SigningKey,
    before_and_after: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    before, after = before_and_after
    state = dict(before)
    for name in FILES:
        tail = after[name][len(before.get(name, b"")) :]
        kept = data.draw(st.integers(0, len(tail)), label=name)
        zeros = data.draw(st.booleans(), label=f"{name} as zeros")
        state[name] = before.get(name, b"") + (bytes(kept) if zeros else tail[:kept])

    goes_on(stand(tmp_path / "torn", state), key, 3)


def test_an_unfinished_write_is_spoken_of(
    tmp_path: Path, key: SigningKey, before_and_after: tuple[dict[str, bytes], dict[str, bytes]]
) -> None:
    before, after = before_and_after
    state = {**before, ENTRIES: after[ENTRIES][:-7]}
    links = verify_log(stand(tmp_path / "torn", state), key=key.verifier).links
    beyond = len(state[ENTRIES]) - len(before[ENTRIES])

    assert [link.sentence.en for link in links if link.name == "tail"] == [
        f"{beyond} bytes after the checkpoint are an unfinished write and no part of the log."
    ]


class Disk:
    """A disk that keeps only what was synced: contents by fsync, names by fsync of the folder.

    At each step two disks are possible: names as last synced, or as they are now.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content: dict[int, bytes] = {}
        self.names: dict[str, int] = {}
        self.sync_names()

    def now(self) -> dict[str, int]:
        return {each.name: each.stat().st_ino for each in self.folder.iterdir()}

    def sync_names(self) -> None:
        self.names = self.now()

    def sync(self, handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if path.is_dir():
            self.sync_names()
        else:
            self.content[path.stat().st_ino] = path.read_bytes()

    def states(self) -> Iterator[dict[str, bytes]]:
        for names in (self.names, self.now()):
            yield {name: self.content.get(inode, b"") for name, inode in names.items()}


def test_whenever_power_fails_what_the_disk_kept_is_a_whole_log(
    tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    disk, states = Disk(folder), []
    really_sync, really_replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        really_sync(handle)
        disk.sync(handle)
        states.extend(disk.states())

    def replace(*names: str) -> None:
        really_replace(*names)
        states.extend(disk.states())

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    log = FileLog(folder, key)
    for size in (1, 2, 4, 7):
        log.append(facts(len(log), size))
        last = list(disk.states())
        states.extend(last)
        for state in last:
            assert verify_log(stand(tmp_path / "disk", state), key=key.verifier).size == size
    monkeypatch.undo()

    assert len(states) > 40
    for state in states:
        kept = stand(tmp_path / "disk", state)
        size = verify_log(kept, key=key.verifier).size if (kept / CHECKPOINT).exists() else 0
        assert size is not None
        log = FileLog(kept, key)
        assert numbers(log) == list(range(size))
        goes_on(kept, key, size)


def test_the_store_does_not_begin_anew_where_a_checkpoint_was_taken_away(
    tmp_path: Path, key: SigningKey
) -> None:
    FileLog(tmp_path, key).append(facts(0, 3))
    (tmp_path / CHECKPOINT).unlink()
    before = contents(tmp_path)

    with pytest.raises(InputError, match="checkpoint"):
        FileLog(tmp_path, key)
    assert contents(tmp_path) == before


def _damages(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Damages in what the checkpoint covers that an append comes across."""
    yield ENTRIES, files[ENTRIES][:-1]
    yield ENTRIES, files[ENTRIES][:-9] + b"X" + files[ENTRIES][-8:]
    yield ENTRIES, b""
    yield TREE, files[TREE][:-40]
    yield TREE, b""
    for place in range(1, 41):  # the last leaf's record: hash and end
        yield TREE, files[TREE][:-place] + b"\xff" + files[TREE][len(files[TREE]) - place + 1 :]


def test_damage_is_never_written_over(tmp_path: Path, key: SigningKey) -> None:
    FileLog(tmp_path / "log", key).append(facts(0, 3))
    files = contents(tmp_path / "log")
    for name, content in _damages(files):
        folder = stand(tmp_path / "odd", {**files, name: content})
        before = contents(folder)

        with pytest.raises(InputError):
            FileLog(folder, key).append(facts(3, 4))
        assert contents(folder) == before


def test_a_log_whose_stored_tree_is_not_the_signed_one_is_not_opened(
    tmp_path: Path, key: SigningKey
) -> None:
    FileLog(tmp_path, key).append(facts(0, 5))
    tree = bytearray((tmp_path / TREE).read_bytes())
    tree[6 * 40] ^= 1  # the node above the first four leaves
    (tmp_path / TREE).write_bytes(tree)

    with pytest.raises(InputError, match="differs from its checkpoint"):
        FileLog(tmp_path, key)


@pytest.mark.parametrize("name", [ENTRIES, TREE])
def test_a_missing_file_is_not_made_anew(tmp_path: Path, key: SigningKey, name: str) -> None:
    FileLog(tmp_path, key).append(facts(0, 3))
    (tmp_path / name).unlink()

    with pytest.raises(InputError, match="damaged"):
        FileLog(tmp_path, key).append(facts(3, 4))
    assert not (tmp_path / name).exists()


def test_a_full_disk_is_the_operators_business_and_costs_nothing(
    tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FileLog(tmp_path, key)
    log.append(facts(0, 3))
    for step in range(1, 5):
        calls = itertools.count(1)

        def full(handle: int, step: int = step, calls: itertools.count[int] = calls) -> None:
            if next(calls) == step:
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(Unavailable, match="No space left"):
            log.append(facts(3, 4))
        monkeypatch.undo()
        # The fourth step is the folder's: the entry is written, only not yet known to be safe.
        assert verify_log(tmp_path, key=key.verifier).ok
        assert len(FileLog(tmp_path, key)) == (4 if step == 4 else 3)


def test_the_bytes_on_disk_are_the_documented_ones(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    log.append(facts(0, 2))
    lines = b"".join(each.canonical() + b"\n" for each in facts(0, 2))
    store = FileStore(tmp_path)

    assert (tmp_path / ENTRIES).read_bytes() == lines
    assert (tmp_path / CHECKPOINT).read_bytes() == log.checkpoint() == store.checkpoint()
    assert (tmp_path / TREE).read_bytes() == (
        store.node(0, 0)
        + lines.index(b"\n").__add__(1).to_bytes(8, "big")
        + store.node(0, 1)
        + len(lines).to_bytes(8, "big")
        + store.node(1, 0)
        + len(lines).to_bytes(8, "big")
    )
