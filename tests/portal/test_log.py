"""The evidence log in the database: the same bytes, roots and proofs as in a folder."""

from __future__ import annotations

import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import transaction

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.evidence import merkle
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.kernel.evidence.store import CHECKPOINT, ENTRIES, TREE
from madang.kernel.evidence.verify import verify_path
from madang.portal import log_folder
from madang.portal.log import log, remember, signing_key, text_of
from madang.portal.models import ErasableValue, LogEntry, LogHead, LogNode
from tests.portal import elsewhere
from tests.portal.people import somebody

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


def statements(number: int) -> list[Statement]:
    return [
        Statement(
            subjects={f"thing/{index}": ids.digest(str(index).encode())},
            predicate_type=predicate_type("tried"),
            predicate={"index": index},
        )
        for index in range(number)
    ]


@pytest.mark.parametrize("sizes", [(1,), (3, 4), (1, 1, 5, 8)])
def test_the_database_holds_the_same_log_as_a_folder(
    tmp_path: Path, sizes: tuple[int, ...]
) -> None:
    folder = FileLog(tmp_path / "log", signing_key())
    for size in sizes:
        folder.append(statements(size))
        log().append(statements(size))

    total = sum(sizes)
    assert log().checkpoint() == folder.checkpoint()
    assert [bytes(each.content) for each in LogEntry.objects.all()] == [
        entry.statement.canonical() for entry in folder.entries()
    ]
    assert all(
        log().inclusion(index, total) == folder.inclusion(index, total) for index in range(total)
    )
    assert log().consistency(sizes[0], total) == folder.consistency(sizes[0], total)


def test_what_is_rolled_back_was_never_recorded() -> None:
    log().append(statements(2))
    before = log().checkpoint()
    with pytest.raises(RuntimeError), transaction.atomic():
        remember("tried", "thing/1", by=None, after={"a": 1})
        raise RuntimeError

    assert log().checkpoint() == before
    assert not ErasableValue.objects.exists()
    log().append(statements(1))
    assert len(log()) == 3


def test_a_value_is_erased_without_breaking_the_log() -> None:
    person = somebody("company")
    entry = remember("told", "thing/1", by=person, after={"secret": "이름"}, person=person)
    root = log().head().root
    ErasableValue.objects.filter(person=person).delete()

    assert log().head().root == root
    assert "이름" not in entry.statement.canonical().decode()
    leaf = merkle.leaf_hash(bytes(LogEntry.objects.get(index=0).content))
    assert leaf == root


def test_an_exported_log_is_checked_like_any_other(tmp_path: Path) -> None:
    twin = FileLog(tmp_path / "twin", signing_key())
    for size in (3, 5):
        twin.append(statements(size))
        log().append(statements(size))
    folder = tmp_path / "exported"
    folder.mkdir()
    call_command("export_log", folder, stdout=(said := io.StringIO()))

    for name in (ENTRIES, TREE, CHECKPOINT):
        assert (folder / name).read_bytes() == (tmp_path / "twin" / name).read_bytes()
    assert verify_path(folder, key=signing_key().verifier).ok
    assert text_of(log().head().root) in said.getvalue()
    assert signing_key().verifier.text in said.getvalue()


def test_a_log_is_exported_only_into_an_empty_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="empty evidence log"):
        log_folder.export(tmp_path / "none")
    log().append(statements(1))
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "kept").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        log_folder.export(folder)

    assert [each.name for each in folder.iterdir()] == ["kept"]


def alter_entry() -> None:
    row = LogEntry.objects.get(index=4)
    content = bytes(row.content).replace(b'"index":4', b'"index":9')
    LogEntry.objects.filter(index=4).update(content=content)


def take_entry() -> None:
    LogEntry.objects.filter(index=4).delete()


def alter_node() -> None:
    LogNode.objects.filter(position=merkle.position(0, 4)).update(hash=bytes(32))


def take_node() -> None:
    LogNode.objects.filter(position=merkle.position(1, 1)).delete()


def alter_checkpoint() -> None:
    head = LogHead.objects.get()
    LogHead.objects.update(checkpoint=bytes(head.checkpoint).replace(b"\n9\n", b"\n8\n"))


@pytest.mark.parametrize(
    ("damage", "broken"),
    [
        (alter_entry, "entry 4"),
        (take_entry, "entry 4"),
        (alter_node, "tree"),
        (take_node, "tree"),
        (alter_checkpoint, "checkpoint"),
    ],
)
def test_damage_in_the_rows_is_found_and_named(damage: Callable[[], None], broken: str) -> None:
    log().append(statements(9))
    whole = log_folder.verdict()
    damage()
    found = log_folder.verdict().first_broken

    assert whole.ok
    assert found
    assert found.name == broken


@pytest.mark.django_db(transaction=True)
def test_processes_that_append_at_once_share_one_order() -> None:
    code = (
        "import sys\nfrom django.db import transaction\nfrom madang.portal.log import remember\n"
        "for n in range(15):\n"
        "    with transaction.atomic():\n"
        "        remember('tried', f'{sys.argv[1]}/{n}', by=None, n=n)\n"
        "        remember('tried-again', f'{sys.argv[1]}/{n}', by=None, n=n)\n"
    )
    processes = [elsewhere.start(code, name) for name in "abc"]
    for process in processes:
        _, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint

    things = [entry.statement.predicate["thing"] for entry in log().entries()]
    assert things[::2] == things[1::2], "what one transaction says stands in one piece"
    for name in "abc":
        own = [thing for thing in things[::2] if thing.startswith(name)]
        assert own == [f"{name}/{n}" for n in range(15)]
    assert log_folder.verdict().ok


@pytest.mark.django_db(transaction=True)
def test_of_an_append_that_is_killed_nothing_stays() -> None:
    log().append(statements(3))
    before = log().checkpoint(), LogEntry.objects.count(), LogNode.objects.count()
    code = (
        "import os, signal\nfrom django.db import transaction\n"
        "from madang.portal.log import remember\n"
        "with transaction.atomic():\n"
        "    for n in range(5): remember('tried', 'thing/x', by=None, after=n)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = elsewhere.start(code)
    killed.communicate(timeout=60)

    assert killed.returncode == -9
    assert (log().checkpoint(), LogEntry.objects.count(), LogNode.objects.count()) == before
    assert not ErasableValue.objects.exists()
    log().append(statements(1))
    assert log_folder.verdict().ok


def test_an_append_asks_as_much_of_a_long_log_as_of_a_short_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    log().append(statements(511))
    with django_assert_max_num_queries(12):
        log().append(statements(1))


def test_of_those_that_are_the_first_at_the_same_moment_one_makes_the_key(
    site_folder: Path,
) -> None:
    from madang.portal import log as logs

    logs.forget_key()
    keys = site_folder / "keys"
    shutil.rmtree(keys, ignore_errors=True)

    def made() -> str:
        return logs._key.__wrapped__(keys).verifier.text

    with ThreadPoolExecutor(8) as pool:
        found = [each.result() for each in [pool.submit(made) for _ in range(8)]]

    assert len(set(found)) == 1
    assert [path.name for path in keys.iterdir()] == ["evidence.key"]
