"""The dossier on paper: the first page tells the most, in one language, the same each time."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache

import pypdf
import pytest

from madang.kernel.words import words
from madang.prognosis.engine.dossier import paper
from madang.prognosis.engine.dossier.answers import counted
from madang.prognosis.engine.dossier.dossier import LABEL, dossier
from madang.prognosis.engine.dossier.record import Hint
from tests.prognosis.engine.dossier.records import bare, tried

ABOUT = {"title": words("심장 모형", "A heart model"), "time_unit": words("일", "days")}


@cache
def pages(language: str, *, outside: bool) -> list[str]:
    made = dossier(tried() if outside else bare(), ABOUT)
    reader = pypdf.PdfReader(io.BytesIO(paper.pdf(made, language)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("outside", [True, False])
def test_the_first_page_tells_label_figures_and_counts(language, outside) -> None:
    made = dossier(tried() if outside else bare(), ABOUT)
    first = pages(language, outside=outside)[0]

    assert ABOUT["title"].within(language) in first
    assert LABEL.within(language) in first
    for label, value in made.key_figures:
        assert label.within(language) in first
        assert value.within(language) in first
    for status, count in counted(made.tripod).items():
        assert re.search(rf"{count}", first), status
    assert "TRIPOD+AI" in first
    assert "PROBAST+AI" in first


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_item_and_every_question_is_printed(language) -> None:
    text = " ".join(pages(language, outside=True))
    made = dossier(tried(), ABOUT)

    for item in made.tripod:
        assert f"{item.number} {item.title.within(language)}" in text
    for each in made.probast:
        assert each.number in text
    assert "BMJ 2024;385:e078378" in text
    assert "BMJ 2025;388:e082505" in text


def test_a_part_in_english_holds_no_korean() -> None:
    text = " ".join(pages("en", outside=True))

    assert not re.search("[가-힣]", text)


def test_without_a_trial_the_first_page_says_so() -> None:
    assert "Not evaluated on other patients" in pages("en", outside=False)[0]
    assert "Not evaluated on other patients" not in pages("en", outside=True)[0]


def test_a_column_that_knows_the_outcome_stands_on_the_first_page() -> None:
    hint = Hint(column="late", sentence=words("알림", "It tells"), is_outcome=True)
    made = dossier(replace(bare(), hints=(hint,)), {})

    assert any("late" in str(block) for block in paper.document(made).summary)


def test_the_same_dossier_gives_the_same_paper() -> None:
    made = dossier(tried(), ABOUT)

    assert paper.pdf(made, "en") == paper.pdf(made, "en")


def test_the_page_holds_both_languages() -> None:
    text = paper.html(dossier(tried(), ABOUT)).decode()

    assert LABEL.ko in text
    assert LABEL.en in text
    assert text.count("<svg") == 4  # a wide and a narrow picture in each language
