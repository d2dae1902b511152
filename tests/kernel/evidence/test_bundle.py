"""A bundle carries exactly what its document rests on, in exactly one spelling."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from madang.kernel.errors import InputError
from madang.kernel.evidence import canonical, note
from madang.kernel.evidence.bundle import Bundle, collect, document_statement
from madang.kernel.evidence.log import FileLog
from tests.kernel.evidence.samples import score

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from madang.kernel.evidence.keys import SigningKey


def test_a_bundle_holds_the_document_and_what_it_rests_on(bundle: Bundle) -> None:
    head = note.Checkpoint.parse(note.read(bundle.checkpoint).text)

    assert [each.index for each in bundle.entries] == [1, 2, 4]
    assert bundle.document == 4
    assert head.size == 6
    assert all(each.stands_in(head) for each in bundle.entries)
    assert bundle.lists_all()
    assert set(bundle.document_statement().subjects) == {
        "report.html",
        "report.json",
        "report.pdf",
    }


def test_a_bundle_is_read_back(bundle: Bundle) -> None:
    assert Bundle.decode(bundle.encode()) == bundle
    assert canonical.encode(json.loads(bundle.encode())) == bundle.encode()


def test_an_entry_left_out_or_slipped_in_is_noticed(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    facts = log.append([score(name, 0.5) for name in "abc"])
    (document,) = log.append([document_statement({"r": "0" * 64}, facts[:2])])
    whole = collect(log, document, facts[:2])

    for chosen in (facts[:1], facts[1:2], facts, (facts[0], facts[2])):
        with pytest.raises(ValueError, match="exactly"):
            collect(log, document, chosen)
    cut = dataclasses.replace(whole, entries=whole.entries[1:])
    assert whole.lists_all()
    assert not cut.lists_all()


def test_only_a_document_statement_makes_a_document(tmp_path: Path, key: SigningKey) -> None:
    log = FileLog(tmp_path, key)
    (fact,) = log.append([score("a", 0.5)])

    with pytest.raises(ValueError, match="exactly"):
        collect(log, fact, [])


def test_another_predicate_does_not_make_a_document_by_its_list(
    tmp_path: Path, key: SigningKey
) -> None:
    log = FileLog(tmp_path, key)
    facts = log.append([score("a", 0.5)])
    listing = document_statement({"r": "0" * 64}, facts)
    (fact,) = log.append([dataclasses.replace(listing, predicate_type="https://x.kr/other/v1")])

    with pytest.raises(ValueError, match="exactly"):
        collect(log, fact, facts)


def test_a_document_may_say_more_of_itself() -> None:
    statement = document_statement({"r": "0" * 64}, [], title="trial", version=2)

    assert statement.predicate == {"title": "trial", "version": 2, "rests_on": []}


def _entry(value: dict[str, Any], **changes: Any) -> dict[str, Any]:
    first, *rest = value["entries"]
    return {**value, "entries": [{**first, **changes}, *rest]}


CHANGES: list[Callable[[dict[str, Any]], Any]] = [
    lambda value: None,
    lambda value: [value],
    lambda value: {},
    lambda value: {**value, "more": 1},
    lambda value: {**value, "_type": "https://madang.kr/evidence/bundle/v2"},
    lambda value: {**value, "document": 3},
    lambda value: {**value, "document": 4.0},
    lambda value: {**value, "document": "4"},
    lambda value: {**value, "document": None},
    lambda value: {**value, "entries": []},
    lambda value: {**value, "entries": {}},
    lambda value: {**value, "entries": 5},
    lambda value: {**value, "entries": value["entries"][::-1]},
    lambda value: {**value, "entries": value["entries"] * 2},
    lambda value: _entry(value, index=True),
    lambda value: _entry(value, index=1.0),
    lambda value: _entry(value, index="1"),
    lambda value: _entry(value, index=[1]),
    lambda value: _entry(value, index=None),
    lambda value: _entry(value, more=1),
    lambda value: _entry(value, proof="AAAA"),
    lambda value: _entry(value, proof=[5]),
    lambda value: _entry(value, proof=["AAAA"]),
    lambda value: _entry(value, proof=["AA AA"]),
    lambda value: _entry(value, proof=5),
    lambda value: _entry(value, proof=value["entries"][0]["proof"] * 50),
    lambda value: _entry(value, statement={}),
    lambda value: {**value, "signer": "x"},
    lambda value: {**value, "signer": 5},
    lambda value: {**value, "checkpoint": "x"},
    lambda value: {**value, "checkpoint": 5},
    lambda value: {**value, "checkpoint": value["checkpoint"] + "— other AAAAAAAA\n"},
    lambda value: {**value, "checkpoint": "a\n\n— other AAAAAAAA\n"},
]


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_value_of_another_form_is_refused(
    bundle: Bundle, change: Callable[[dict[str, Any]], Any]
) -> None:
    with pytest.raises(InputError):
        Bundle.from_json(change(bundle.to_json()))
