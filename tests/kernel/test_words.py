"""A sentence is told in the reader's language, and the nearest choice wins."""

from __future__ import annotations

import pickle
import threading

import pytest

from madang.kernel.words import language, speaking, within, words

GREETING = words("안녕하십니까", "Good day")


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("MADANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)


def test_english_is_spoken_where_nothing_is_known() -> None:
    assert str(GREETING) == "Good day"


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "KO_KR"}, "ko"),
        ({"LC_ALL": "en_US", "MADANG_LANG": "ko"}, "ko"),
        ({"LANG": "ko_KR", "MADANG_LANG": "en"}, "en"),
        ({"LANG": "ko_KR", "LC_ALL": ""}, "ko"),
    ],
)
def test_the_first_variable_that_is_set_decides(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], spoken: str
) -> None:
    """The order of POSIX (LC_ALL, LC_MESSAGES, LANG), with the product's own in front."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert language() == spoken


def test_speaking_beats_every_variable_and_ends_with_its_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MADANG_LANG", "en")

    with speaking("ko"):
        assert str(GREETING) == "안녕하십니까"
        with speaking("en"):
            assert str(GREETING) == "Good day"
        assert language() == "ko"
    assert language() == "en"


def test_a_failure_inside_the_block_ends_the_speaking_too() -> None:
    with pytest.raises(RuntimeError), speaking("ko"):
        raise RuntimeError

    assert language() == "en"


def test_two_threads_speak_two_languages() -> None:
    heard: list[str] = []

    with speaking("ko"):
        thread = threading.Thread(target=lambda: heard.append(language()))
        thread.start()
        thread.join()

    assert heard == ["en"]


def test_a_plain_string_is_the_same_in_both_languages() -> None:
    assert (within("GBSG-2", "ko"), within("GBSG-2", "en")) == ("GBSG-2", "GBSG-2")
    assert (within(GREETING, "ko"), within(GREETING, "en")) == ("안녕하십니까", "Good day")


def test_words_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(GREETING)) == GREETING
