"""The evidence log in the database: the same bytes, roots and proofs as in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from madang.kernel import ids
from madang.kernel.evidence import merkle
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal.log import log, remember, signing_key
from madang.portal.models import ErasableValue, LogEntry
from tests.portal.people import somebody

if TYPE_CHECKING:
    from pathlib import Path

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
