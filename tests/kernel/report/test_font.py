"""The Korean font, found and read without its carrier's code."""

from __future__ import annotations

import importlib.metadata
import sys

import pytest
from fontTools.ttLib import TTFont

from madang.kernel.errors import Unavailable
from madang.kernel.report import edition, font


@pytest.fixture
def uncached():
    font.files.cache_clear()
    yield
    font.files.cache_clear()


def test_the_font_is_found_without_importing_its_carrier():
    assert font.files().regular.is_file()
    assert (font.files().folder / "NanumGothicBold.ttf").is_file()
    assert "koreanize_matplotlib" not in sys.modules


def test_the_characters_are_those_that_a_font_library_reads():
    judge = TTFont(font.files().regular).getBestCmap()

    assert font._characters() == {code for code in judge if code <= 0xFFFF}


def test_a_character_without_a_shape_becomes_its_code():
    assert font.printable("가 😀 a\u2212b\n") == "가 [U+1F600] a[U+2212]b\n"


def test_all_that_the_house_itself_says_can_be_printed():
    said = [*edition.CHROME.values(), *edition.CALLOUTS.values()]

    for text in said:
        assert font.printable(text.ko + text.en) == text.ko + text.en
    assert font.printable("●○◆◀▶–…·±~≤≥") == "●○◆◀▶–…·±~≤≥"


def test_a_missing_carrier_names_the_command_that_mends_it(monkeypatch, uncached):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", missing)

    with pytest.raises(Unavailable) as caught:
        font.files()
    assert "pip install koreanize-matplotlib" in caught.value.sentence("ko")
    assert "not installed" in caught.value.sentence("en")


def test_a_carrier_without_fonts_is_said_to_be_empty(monkeypatch, uncached):
    monkeypatch.setattr(importlib.metadata, "files", lambda name: [])

    with pytest.raises(Unavailable, match="holds no font"):
        font.files()
