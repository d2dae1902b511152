"""The intake: a table for its owner alone, whole or not at all, under a name that says nothing."""

from __future__ import annotations

import hashlib

import pytest

from madang.kernel.errors import InputError
from madang.trials.jobs import TABLE
from madang.trials.web.services import intake


def files() -> set[str]:
    return {file.name for file in intake.folder().iterdir()}


def test_a_table_lies_there_whole_for_its_owner_alone() -> None:
    taken = intake.take([b"id,x\n", b"1,2\n"], name="우리 자료.CSV")
    file = intake.folder() / taken["file"]

    assert file.read_bytes() == b"id,x\n1,2\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert intake.folder().stat().st_mode & 0o777 == 0o700
    assert TABLE.fullmatch(taken["file"])  # the name by which jobs find it
    assert (taken["name"], taken["size"]) == ("우리 자료.CSV", 9)
    assert taken["digest"] == hashlib.sha256(b"id,x\n1,2\n").hexdigest()
    intake.erase(taken)
    assert not file.exists()
    intake.erase(taken)  # gone already


@pytest.mark.parametrize(
    ("chunks", "name"),
    [
        ([], "a.csv"),
        ([b""], "a.parquet"),
        ([b"x"], "a.xlsx"),
        ([b"x"], "csv"),
        ([b"x" * 99], "a.csv"),
    ],
)
def test_nothing_is_kept_of_what_is_refused(
    monkeypatch: pytest.MonkeyPatch, chunks: list[bytes], name: str
) -> None:
    monkeypatch.setattr(intake, "MOST_BYTES", 98)
    before = files()

    with pytest.raises(InputError):
        intake.take(chunks, name=name)
    assert files() == before


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\자료\\표.csv", "표.csv"),
        ("표\r\nSet-Cookie: x.csv", "표__Set-Cookie_ x.csv"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
        ("<b>.csv", "_b_.csv"),
    ],
)
def test_a_name_is_shown_without_what_it_could_do(name: str, shown: str) -> None:
    assert intake.shown_name(name) == shown


def test_no_other_file_is_erased_by_a_name() -> None:
    outside = intake.folder().parent / "kept.txt"
    outside.write_text("kept")
    intake.erase({"file": "../kept.txt"})
    intake.erase({})

    assert outside.read_text() == "kept"
