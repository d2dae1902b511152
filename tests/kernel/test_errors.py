"""Every foreseen failure is one sentence in the reader's language, and survives a journey."""

from __future__ import annotations

import copy
import pickle

import pytest

from madang.kernel.errors import InputError, MadangError, MissingExtra, Unavailable
from madang.kernel.jobs.errors import Fenced, WorkerLost
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing, TableError
from madang.kernel.words import speaking, words

ALL = [
    InputError("two rows", words("세 행", "three rows"), words("추가하십시오.", "Add one.")),
    MissingExtra(system="trials", extra="trials"),
    Unavailable("bwrap", reason=words("거부됨", "refused"), remedy="Ask."),
    Fenced("run-1", 3),
    WorkerLost("m:f", -9),
    ObjectMissing("ab" * 32, "/data"),
    ObjectCorrupt("ab" * 32, "/data/ab"),
    TableError("a gap", "none"),
]
each_error = pytest.mark.parametrize("fault", ALL, ids=lambda fault: type(fault).__name__)


def test_bad_input_says_what_was_found_what_was_expected_and_what_to_do() -> None:
    fault = InputError(
        words("나이가 없는 행 3개", "3 rows without age"),
        words("모든 행의 나이", "an age in every row"),
        words("값을 채우십시오.", "Fill them in."),
    )

    assert fault.sentence("en") == (
        "Found 3 rows without age; expected an age in every row. Fill them in."
    )
    assert fault.sentence("ko") == (
        "확인된 내용: 나이가 없는 행 3개. 필요한 내용: 모든 행의 나이. 값을 채우십시오."
    )


def test_no_blank_stands_at_the_end_where_nothing_more_can_be_done() -> None:
    assert InputError("x", "y").sentence("en") == "Found x; expected y."
    assert InputError("x", "y").sentence("ko") == "확인된 내용: x. 필요한 내용: y."
    assert Unavailable("x", reason="y").sentence("en") == "x is unavailable: y."
    assert Unavailable("x", reason="y").sentence("ko") == "사용할 수 없음: x. 사유: y."


def test_a_missing_extra_names_the_command_that_installs_it() -> None:
    fault = MissingExtra(system="prognosis", extra="prognosis")

    assert "pip install 'madang[prognosis]'" in fault.sentence("en")
    assert "pip install 'madang[prognosis]'" in fault.sentence("ko")


def test_a_missing_extra_is_an_import_error_for_who_asks_so() -> None:
    with pytest.raises(ImportError):
        raise MissingExtra(system="s", extra="e")


def test_the_class_says_who_must_act() -> None:
    assert {type(fault): (isinstance(fault, InputError), isinstance(fault, Unavailable))
            for fault in ALL} == {
        InputError: (True, False),
        MissingExtra: (False, False),
        Unavailable: (False, True),
        Fenced: (False, False),
        WorkerLost: (False, True),
        ObjectMissing: (False, True),
        ObjectCorrupt: (False, True),
        TableError: (True, False),
    }  # fmt: skip


@each_error
def test_an_error_is_the_same_after_a_journey_between_processes(fault: MadangError) -> None:
    """A keyword-only constructor made `pickle.loads` fail, which looked like a dead worker."""
    fault.add_note("a note")
    for came in (pickle.loads(pickle.dumps(fault)), copy.copy(fault)):
        assert type(came) is type(fault)
        assert vars(came) == vars(fault)
        assert [came.sentence(each) for each in ("ko", "en")] == [
            fault.sentence(each) for each in ("ko", "en")
        ]


@each_error
def test_str_speaks_the_readers_language(fault: MadangError) -> None:
    with speaking("ko"):
        assert str(fault) == fault.sentence("ko")
    with speaking("en"):
        assert str(fault) == fault.sentence("en")
    assert fault.sentence("ko") != fault.sentence("en")
