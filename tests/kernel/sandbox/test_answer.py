"""What the jail says is read as an enemy's word: one strict form, bounded, or nonsense."""

from __future__ import annotations

import json
import signal

import pytest

from madang.kernel.sandbox.answer import (
    Answer,
    Nonsense,
    Outcome,
    readable_report,
    verdict,
)
from madang.kernel.sandbox.ending import Detail, Ending
from madang.kernel.sandbox.zygote import (
    EXCEPTION_EXIT,
    FILE_EXIT,
    FORBIDDEN_EXIT,
    FULL_EXIT,
    MEMORY_EXIT,
)

HEADER = {
    "code": 0,
    "signal": None,
    "cpu_s": 0.5,
    "peak": 7,
    "refused": "",
    "report": 2,
    "files": [["a", 3]],
}


def said(header: object, body: bytes = b"{}abc") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "big") + text + body


def heard(stream: bytes, declared: set[str], output_bytes: int) -> Outcome | None:
    return Answer(declared=declared, output_bytes=output_bytes).hear(stream)


def test_an_answer_is_understood_only_when_all_of_it_is_there():
    whole = said(HEADER)
    answer = Answer(declared={"a"}, output_bytes=3)

    assert all(heard(whole[:end], {"a"}, 3) is None for end in range(len(whole)))
    assert not any(answer.hear(bytes([byte])) for byte in whole[:-1])
    outcome = answer.hear(whole[-1:])
    assert outcome == heard(whole, {"a"}, 3)
    assert outcome is not None
    assert (outcome.code, outcome.report, outcome.files) == (0, b"{}", {"a": b"abc"})


def test_an_answer_of_any_length_is_understood_in_any_pieces():
    for size in range(40):
        whole = said(HEADER | {"report": 0, "files": [["a", size]]}, b"x" * size)
        for step in (1, 7, 8, 9, 1000):
            answer = Answer(declared={"a"}, output_bytes=40)
            pieces = [whole[at : at + step] for at in range(0, len(whole), step)]
            outcomes = [answer.hear(piece) for piece in pieces]

            assert not any(outcomes[:-1])
            assert outcomes[-1] is not None
            assert outcomes[-1].files == {"a": b"x" * size}


@pytest.mark.parametrize(
    "change",
    [
        {"files": [["b", 3]]},
        {"files": [["a", -1]]},
        {"files": [["a", True]]},
        {"files": [["a", 2.0]]},
        {"files": [["a", 101]]},
        {"files": [["a", 3], ["a", 99]]},
        {"files": ["a"]},
        {"files": 3},
        {"report": 5000},
        {"report": -1},
        {"report": "2"},
        {"code": "0"},
        {"code": 1.5},
        {"code": True},
        {"signal": "9"},
        {"cpu_s": "fast"},
        {"cpu_s": float("nan")},
        {"peak": None},
        {"refused": "because"},
        {"refused": ["name"]},
    ],
    ids=str,
)
def test_any_other_form_is_nonsense(change):
    with pytest.raises(Nonsense):
        heard(said(HEADER | change), {"a"}, 100)


@pytest.mark.parametrize("missing", sorted(HEADER))
def test_nothing_may_be_missing(missing):
    with pytest.raises(Nonsense):
        heard(said({name: value for name, value in HEADER.items() if name != missing}), {"a"}, 100)


@pytest.mark.parametrize(
    "stream",
    [
        (1 << 40).to_bytes(8, "big"),
        (2).to_bytes(8, "big") + b"[]",
        (2).to_bytes(8, "big") + b"{x",
        (2).to_bytes(8, "big") + b"\xff\xff",
        (200_000).to_bytes(8, "big") + b"[" * 200_000,
    ],
    ids=["long", "list", "not json", "not text", "deep"],
)
def test_a_stream_of_another_kind_is_nonsense(stream):
    with pytest.raises(Nonsense):
        heard(stream, set(), 100)


def outcome(**changes) -> Outcome:
    usual = {
        "code": 0,
        "number": None,
        "cpu_s": 0.0,
        "peak": 0,
        "refused": "",
        "report": b"",
        "files": {},
    }
    return Outcome(**usual | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (Ending.DONE, Detail.NONE)),
        ({"code": 3}, (Ending.CRASH, Detail.EXIT_CODE)),
        ({"code": EXCEPTION_EXIT}, (Ending.CRASH, Detail.EXCEPTION)),
        ({"code": FORBIDDEN_EXIT}, (Ending.FORBIDDEN, Detail.PERMISSION)),
        ({"code": MEMORY_EXIT}, (Ending.MEMORY, Detail.ALLOCATION_REFUSED)),
        ({"code": FILE_EXIT}, (Ending.OUTPUT_TOO_LARGE, Detail.FILE_LIMIT)),
        ({"code": FULL_EXIT}, (Ending.OUTPUT_TOO_LARGE, Detail.SCRATCH_FULL)),
        ({"code": None, "number": signal.SIGSYS}, (Ending.FORBIDDEN, Detail.SYSTEM_CALL)),
        ({"code": None, "number": signal.SIGXCPU}, (Ending.TIMEOUT, Detail.CPU)),
        ({"code": None, "number": signal.SIGXFSZ}, (Ending.OUTPUT_TOO_LARGE, Detail.FILE_LIMIT)),
        ({"code": None, "number": signal.SIGSEGV}, (Ending.CRASH, Detail.SIGNAL)),
        ({"refused": "name"}, (Ending.OUTPUT_INVALID, Detail.NAME)),
        ({"refused": "not_regular"}, (Ending.OUTPUT_INVALID, Detail.NOT_REGULAR)),
        ({"refused": "count"}, (Ending.OUTPUT_INVALID, Detail.COUNT)),
        ({"refused": "total"}, (Ending.OUTPUT_TOO_LARGE, Detail.TOTAL)),
    ],
)
def test_every_end_has_its_word(changes, expected):
    assert verdict(outcome(**changes), []) == expected


def test_an_output_that_must_exist_must():
    assert verdict(outcome(files={"b": b""}), ["a"]) == (Ending.OUTPUT_MISSING, Detail.NONE)
    assert verdict(outcome(files={"a": b""}), ["a"]) == (Ending.DONE, Detail.NONE)


@pytest.mark.parametrize("text", [b"", b"[1]", b"{", b"\xff", b"[" * 4000, b'"x"'])
def test_a_report_that_is_no_object_is_none(text):
    assert readable_report(text) == {}


def test_a_report_is_read():
    assert readable_report(b'{"line": 3}') == {"line": 3}
