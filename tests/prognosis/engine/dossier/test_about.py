"""The team's own words are read strictly: a misspelt key would be a missing answer."""

from __future__ import annotations

import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.dossier import tripod
from madang.prognosis.engine.dossier.about import keys, read_about
from tests.house import ROOT


def test_both_languages_of_a_text_are_read() -> None:
    found = read_about("ethics:\n  ko: 심의함\n  en: ' Approved '\n".encode())

    assert found["ethics"].ko == "심의함"
    assert found["ethics"].en == "Approved"


def test_an_empty_file_says_nothing() -> None:
    assert read_about(b"") == {}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("etics:\n  ko: a\n  en: b\n", "'etics'"),
        ("ethics:\n  ko: a\n", "'ethics'"),
        ("ethics:\n  ko: a\n  en: b\n  fr: c\n", "'ethics'"),
        ("ethics: approved\n", "'ethics'"),
        ("ethics:\n  ko: a\n  en: ' '\n", "ethics.en"),
        ("ethics:\n  ko: 3\n  en: b\n", "ethics.ko"),
        ("ethics:\n  ko: " + "a" * 4001 + "\n  en: b\n", "ethics.ko"),
        ("- ethics\n", "about.yaml"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(content, place) -> None:
    with pytest.raises(InputError) as refused:
        read_about(content.encode())

    for language in ("ko", "en"):
        assert place in refused.value.sentence(language)


def test_every_item_that_a_person_must_answer_has_a_key() -> None:
    told = {item.number for item in tripod.ITEMS if item.about}

    assert {"1", "3b", "6b", "17", "18a", "18b", "18c", "18e", "18f", "19", "27b"} <= told
    assert len(set(keys())) == len(keys())


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_room_s_page_names_every_key(language) -> None:
    page = (ROOT / f"docs/{language}/rooms/prognosis.md").read_text(encoding="utf-8")

    assert [key for key in keys() if f"`{key}`" not in page] == []
