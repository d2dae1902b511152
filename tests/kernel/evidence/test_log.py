"""A log only ever grows, in one line, and proves it."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle, note
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.logcheck import verify_log
from tests.kernel.evidence import appender

if TYPE_CHECKING:
    from madang.kernel.evidence.keys import SigningKey

SEED = bytes(range(32))


def facts(count: int, *, start: int = 0) -> list[appender.Statement]:
    return [appender.fact("w", start + number) for number in range(count)]


def numbers(log: FileLog) -> list[int]:
    return [entry.statement.predicate["number"] for entry in log.entries()]


def test_a_new_log_is_empty_and_signed(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path / "deep" / "log", key)

    assert len(log) == 0
    assert log.head().root == merkle.EMPTY_ROOT
    assert note.open_signed(log.checkpoint(), key.verifier) == log.head().text()
    assert verify_log(tmp_path / "deep" / "log", key=key.verifier).ok


def test_entries_come_back_in_the_order_of_their_places(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    first = log.append(facts(3))
    second = log.append(facts(2, start=3))

    assert [entry.index for entry in (*first, *second)] == [0, 1, 2, 3, 4]
    assert list(log.entries()) == [*first, *second]
    assert list(log.entries(3)) == list(second)
    assert list(log.entries(1, 3)) == list(first[1:])
    assert list(log.entries(5)) == []
    assert list(log.entries(4, 99)) == [second[1]]


def test_the_root_is_that_over_the_canonical_statements(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    statements = facts(13)
    for size, statement in enumerate(statements, start=1):
        log.append([statement])

        assert log.head().size == len(log) == size
        assert log.head().root == merkle.root(each.canonical() for each in statements[:size])


def test_appending_nothing_signs_nothing(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    before = log.checkpoint()

    assert log.append([]) == ()
    assert log.checkpoint() == before


def test_a_statement_that_is_no_json_leaves_nothing_behind(
    tmp_path: Path, key: SigningKey
) -> None:
    log = FileLog(tmp_path, key)
    odd = appender.Statement(
        subjects={"a": "0" * 64}, predicate_type="a:b", predicate={"x": float("nan")}
    )

    with pytest.raises(ValueError, match="nan"):
        log.append([*facts(1), odd])
    assert len(log) == 0
    assert (tmp_path / "entries.jsonl").read_bytes() == b""


def test_every_entry_is_proven_under_every_later_checkpoint(
    tmp_path: Path, key: SigningKey
) -> None:
    log = FileLog(tmp_path, key)
    heads = []
    for statement in facts(20):
        log.append([statement])
        heads.append(log.head())
    for entry in log.entries():
        for head in heads[entry.index :]:
            assert merkle.verify_inclusion(
                merkle.leaf_hash(entry.statement.canonical()),
                index=entry.index,
                size=head.size,
                proof=log.inclusion(entry.index, head.size),
                root=head.root,
            )
    for old, new in pairwise(heads):
        assert merkle.verify_consistency(
            old=old.size,
            old_root=old.root,
            new=new.size,
            new_root=new.root,
            proof=log.consistency(old.size, new.size),
        )


def test_nothing_is_proven_beyond_the_end(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    log.append(facts(3))

    with pytest.raises(ValueError, match="3 entries"):
        log.inclusion(0, 4)
    with pytest.raises(ValueError, match="3 entries"):
        log.consistency(2, 4)


def test_a_log_goes_on_where_it_was_left(tmp_path: Path, key: SigningKey) -> None:
    FileLog(tmp_path, key).append(facts(5))
    log = FileLog(tmp_path, key)
    log.append(facts(3, start=5))

    assert numbers(log) == list(range(8))
    assert verify_log(tmp_path, key=key.verifier).ok


def test_two_open_logs_of_one_folder_take_turns(tmp_path: Path, key: SigningKey) -> None:
    one, two = FileLog(tmp_path, key), FileLog(tmp_path, key)
    for number in range(6):
        (one, two)[number % 2].append([appender.fact("w", number)])

    assert numbers(one) == numbers(two) == list(range(6))
    assert verify_log(tmp_path, key=key.verifier).ok


def test_a_log_of_another_key_is_not_continued(
    tmp_path: Path, key: SigningKey, other: SigningKey
) -> None:
    FileLog(tmp_path, key).append(facts(2))

    with pytest.raises(InputError, match="signature"):
        FileLog(tmp_path, other)
    assert verify_log(tmp_path, key=key.verifier).ok


def _restored(copy: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)


def test_a_log_that_was_rolled_back_is_not_continued(tmp_path: Path, key: SigningKey) -> None:
    folder, copy = tmp_path / "log", tmp_path / "copy"
    log = FileLog(folder, key)
    log.append(facts(3))
    shutil.copytree(folder, copy)
    log.append(facts(2))
    _restored(copy, folder)

    with pytest.raises(InputError, match="rolled back or forked"):
        log.append(facts(1))


def test_a_log_that_was_forked_is_not_continued(tmp_path: Path, key: SigningKey) -> None:
    folder, copy = tmp_path / "log", tmp_path / "copy"
    log = FileLog(folder, key)
    log.append(facts(3))
    shutil.copytree(folder, copy)
    FileLog(copy, key).append(facts(4, start=50))
    log.append(facts(2))
    _restored(copy, folder)

    with pytest.raises(InputError, match="rolled back or forked"):
        log.append(facts(1))


def test_threads_of_one_process_take_turns(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    threads = [
        threading.Thread(target=lambda w=w: [log.append([appender.fact(w, n)]) for n in range(10)])
        for w in "abc"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = [(min(e.statement.subjects), e.statement.predicate["number"]) for e in log.entries()]
    assert sorted(found) == [(w, n) for w in "abc" for n in range(10)]
    assert verify_log(tmp_path, key=key.verifier).ok


@pytest.mark.parametrize("writers", [2, 4])
def test_processes_that_append_at_once_never_fork_the_log(tmp_path: Path, writers: int) -> None:
    """They even race to make it."""
    context = multiprocessing.get_context("spawn")
    names = "abcd"[:writers]
    crowd = [
        context.Process(target=appender.append_pairs, args=(str(tmp_path), SEED, name, 12))
        for name in names
    ]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join(60)

    assert [each.exitcode for each in crowd] == [0] * writers
    key = appender.SigningKey(name="shared", seed=SEED)
    verdict = verify_log(tmp_path, key=key.verifier)
    assert verdict.ok
    assert verdict.size == writers * 24
    found = [
        (min(entry.statement.subjects), entry.statement.predicate["number"])
        for entry in FileLog(tmp_path, key).entries()
    ]
    for name in names:
        assert [number for writer, number in found if writer == name] == list(range(24))
    for first, second in zip(found[::2], found[1::2], strict=True):
        assert second == (first[0], first[1] + 1)


def _killed_after(folder: Path, writer: str, delay_s: float) -> int:
    """Run an appender, kill it, and give the number of facts that it was told are safe."""
    command = [sys.executable, appender.__file__, str(folder), SEED.hex(), writer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        threading.Timer(delay_s, child.kill).start()
        said = child.stdout.read().split()
    return int(said[-1]) if said else 2


def test_an_appender_that_is_killed_leaves_a_log_that_verifies(tmp_path: Path) -> None:
    key = appender.SigningKey(name="shared", seed=SEED)
    rng = random.Random(7)
    safe = {}
    for attempt in range(8):
        safe[f"w{attempt}"] = _killed_after(tmp_path, f"w{attempt}", rng.uniform(0.0, 0.06))

        assert verify_log(tmp_path, key=key.verifier).ok
    found: dict[str, list[int]] = {}
    for entry in FileLog(tmp_path, key).entries():
        found.setdefault(min(entry.statement.subjects), []).append(
            entry.statement.predicate["number"]
        )
    for writer, count in safe.items():
        assert found[writer] == list(range(len(found[writer])))
        assert len(found[writer]) - count in (0, 2)
