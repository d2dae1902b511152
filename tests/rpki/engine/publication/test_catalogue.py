"""A publisher writes in its own folder alone, and only over what it knows (RFC 8181)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.rpki.engine.publication.catalogue import LARGEST_FILE, PublisherEntry
from madang.rpki.engine.publication.changes import FileChange, QueryRefused, digest
from tests.rpki.engine.publication import worlds

if TYPE_CHECKING:
    from pathlib import Path

ONE = f"{worlds.MODULE}one/"


@pytest.fixture
def catalogue(tmp_path: Path) -> worlds.Catalogue:
    made = worlds.server(tmp_path).catalogue
    made.apply("one", [FileChange(ONE + "a.roa", b"first")])
    return made


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (FileChange(ONE + "a.roa", b"x"), "object_already_present"),
        (FileChange(ONE + "a.roa", b"x", digest(b"other")), "no_object_matching_hash"),
        (FileChange(ONE + "b.roa", b"x", digest(b"first")), "no_object_present"),
        (FileChange(ONE + "b.roa", None), "no_object_present"),
        (FileChange(ONE + "b.roa", None, digest(b"first")), "no_object_present"),
        (FileChange(ONE + "b.roa", b""), "other_error"),
        (FileChange(ONE + "b.roa", bytes(LARGEST_FILE + 1)), "other_error"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_by_its_name(
    catalogue: worlds.Catalogue, change: FileChange, code: str
) -> None:
    before = catalogue.digests(), catalogue.state()

    with pytest.raises(QueryRefused) as refused:
        catalogue.apply("one", [FileChange(ONE + "z.roa", b"z"), change])

    assert refused.value.code == code
    assert (catalogue.digests(), catalogue.state()) == before  # all or nothing


@pytest.mark.parametrize(
    "uri",
    [
        "rsync://localhost/repo/two/a.roa",
        "rsync://localhost/repo/a.roa",
        "rsync://evil/repo/one/a.roa",
        ONE + "../two/a.roa",
        ONE + "x/../../a.roa",
        ONE + "./a.roa",
        ONE + ".hidden/a.roa",
        ONE + "/a.roa",
        ONE + "a.roa\n",
        ONE + "a b.roa",
        ONE + 'a".roa',
        ONE + "a.roa/b.cer",
        ONE + "a",
        ONE,
        ONE + "%2e%2e/a.roa",
        ONE + "é.roa",
        ONE + "a" * 5000 + ".roa",
    ],
)
def test_no_address_leads_out_of_the_publishers_folder(
    catalogue: worlds.Catalogue, uri: str
) -> None:
    with pytest.raises(QueryRefused) as refused:
        catalogue.apply("one", [FileChange(uri, b"x")])

    assert refused.value.code == "permission_failure"


def test_a_file_cannot_take_the_name_of_a_folder(catalogue: worlds.Catalogue) -> None:
    catalogue.apply("one", [FileChange(ONE + "x.dir/b.roa", b"x")])

    with pytest.raises(QueryRefused):
        catalogue.apply("one", [FileChange(ONE + "x.dir", b"x")])


def test_folders_of_publishers_do_not_cross(catalogue: worlds.Catalogue) -> None:
    for base in (worlds.MODULE, ONE + "below/", ONE):
        with pytest.raises(QueryRefused):
            catalogue.admit(PublisherEntry("two", base, b""))
    catalogue.admit(PublisherEntry("one", ONE, b"renewed"))

    assert catalogue.publisher("one").identity == b"renewed"
    with pytest.raises(QueryRefused):
        catalogue.publisher("two")
