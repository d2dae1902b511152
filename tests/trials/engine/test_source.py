"""Compiling a stranger's source costs the asking process nothing."""

from __future__ import annotations

import pytest

from madang.trials.engine import source
from madang.trials.engine.errors import SubmissionError
from madang.trials.engine.source import check_source


def test_source_that_compiles_passes_and_other_files_are_not_looked_at():
    check_source({"solution.py": "x = '가'\n".encode(), "table.csv": b"x = (", "more.py": b""})
    check_source({})


def test_a_file_that_no_hand_wrote_is_refused_unread():
    with pytest.raises(SubmissionError, match="2.0 MiB"):
        check_source({"solution.py": b"#" * (source.LARGEST_BYTES + 1)})


def test_source_that_would_take_gigabytes_to_compile_is_refused(monkeypatch):
    # A condition of 10^5 terms needs about 200 bytes for each term: measured 250 MB for 2 * 10^5.
    small = source._CHILD.replace(str(source._MEMORY_BYTES), str(64 << 20))
    monkeypatch.setattr(source, "_CHILD", small)

    with pytest.raises(SubmissionError):
        check_source({"solution.py": b"x = " + b"a and " * 200_000 + b"b"})


def test_source_that_would_take_minutes_to_compile_is_refused(monkeypatch):
    # Nested f-strings are parsed in quadratic time: 10^5 of them take half a minute.
    quick = source._CHILD.replace(f"({source._TIME_S}, {source._TIME_S})", "(1, 1)")
    monkeypatch.setattr(source, "_CHILD", quick)

    with pytest.raises(SubmissionError, match="costs too much"):
        check_source({"solution.py": b"x = f'" + b'{f"{1}"}' * 100_000 + b"'"})
