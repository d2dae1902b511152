"""The leak guard lets a phase, a known exception and an own line pass: no more."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.trials.engine.cause import Cause
from madang.trials.engine.guard import PHASES, TOKENS, scrubbed, telltale, telltale_bits
from madang.trials.engine.harness import KNOWN

CODE = {"solution.py": b"import numpy\n\nx = 1\n", "more.py": b"y = 2"}
LINES = {"solution.py": 4, "more.py": 1}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NEARLY = st.one_of(
    ANYTHING,
    st.sampled_from([*PHASES, *TOKENS, *KNOWN, "Exception", *CODE, "../solution.py", "jail.py"]),
    st.integers(-2, 6),
)
REPORTS = st.dictionaries(
    st.sampled_from(["phase", "exception", "file", "line", "disobedient", "message"]), NEARLY
)


@given(REPORTS | st.dictionaries(st.text(), ANYTHING))
def test_nothing_outside_the_closed_lists_passes_even_if_the_firm_forges_the_report(report):
    seen = telltale(report, CODE).plain()

    assert set(seen) <= {"phase", "exception", "file", "line", "token"}
    assert seen.get("phase", "start") in PHASES
    assert seen.get("exception", "Exception") in (*KNOWN, "Exception")
    assert seen.get("token", "shape") in TOKENS
    assert ("file" in seen) == ("line" in seen)
    if "file" in seen:
        assert type(seen["line"]) is int
        assert 1 <= seen["line"] <= LINES[seen["file"]]


def test_an_honest_report_passes_whole():
    report = {"phase": "predict", "exception": "KeyError", "file": "solution.py", "line": 3}

    assert telltale(report, CODE).plain() == report
    assert telltale({"phase": "write", "disobedient": "shape"}, CODE).plain() == {
        "phase": "write",
        "token": "shape",
    }
    assert telltale({}, CODE).plain() == {}


@pytest.mark.parametrize("line", [0, -1, 5, 2**70, 1.0, True, "1", None])
def test_a_line_that_the_firms_file_does_not_have_is_hidden_with_its_file(line):
    assert telltale({"file": "solution.py", "line": line}, CODE).plain() == {}


def test_a_platforms_file_is_never_named():
    assert telltale({"file": "/job/script.py", "line": 1}, CODE).plain() == {}


def test_the_bits_cover_everything_that_a_forged_report_can_say():
    causes = [cause for cause in Cause if cause.is_firms]
    places = [("", 0), *((name, n) for name, most in LINES.items() for n in range(1, most + 1))]
    said = {
        (cause, *telltale(report, CODE).plain().items())
        for cause, phase, exception, token, (file, line) in itertools.product(
            causes, ["", *PHASES], ["", *KNOWN, "Exception"], ["", *TOKENS], places
        )
        for report in [
            {
                "phase": phase,
                "exception": exception,
                "disobedient": token,
                "file": file,
                "line": line,
            }
        ]
    }

    assert math.log2(len(said)) == pytest.approx(telltale_bits(CODE), abs=1e-9)


def test_secrets_are_looked_for_letter_by_letter():
    assert scrubbed("nothing here", ["3.25", "a.c"])
    assert not scrubbed("it was 3.25", ["7", "3.25"])
    assert scrubbed("abc", ["a.c"])
