"""The documentation is complete, builds without a warning, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from madang.kernel import systems
from tests.house import ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize("name", systems.NAMES)
def test_every_room_has_its_page_in_both_languages(name: str) -> None:
    korean = (DOCS / f"ko/rooms/{name}.md").read_text(encoding="utf-8")
    english = (DOCS / f"en/rooms/{name}.md").read_text(encoding="utf-8")

    assert len(HANGUL.findall(korean)) > 100
    assert len(re.findall(r"\b[a-z]+\b", english)) > 60
    for page in (korean, english):
        assert not systems.manifest(name).commands or f"madang {name}" in page


def test_what_stands_in_one_language_stands_in_the_other() -> None:
    pages = {
        language: {p.relative_to(DOCS / language) for p in (DOCS / language).rglob("*.md")}
        for language in ("ko", "en")
    }

    assert pages["ko"] == pages["en"]


def test_pages_of_rooms_are_pages_of_rooms_that_stand() -> None:
    assert {path.stem for path in (DOCS / "ko/rooms").iterdir()} == set(systems.NAMES)


def terms() -> list[tuple[str, str, str, str]]:
    """The rows of the list of terms: Korean, English, meaning, name in the code."""
    page = (DOCS / "terms.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| `(\w+)` \|$", page, re.M)
    assert len(rows) == len(re.findall(r"^\| ", page, re.M)) - 1, "a row of another form"
    return rows


def test_terms_are_told_apart_in_both_languages() -> None:
    korean, english, meaning, _ = zip(*terms(), strict=True)

    assert len(korean) >= 30
    assert all(HANGUL.search(word) for word in korean)
    assert not any(HANGUL.search(word) for word in english)
    assert len(set(korean)) == len(korean)
    assert len(set(english)) == len(english)
    assert all(len(text) > 10 for text in meaning)


def test_terms_are_the_names_that_the_code_uses() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    names = set(re.findall(r"\w+", " ".join(sources)))

    assert {name for *_, name in terms()} - names == set()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation, built with warnings as errors."""
    folder = tmp_path_factory.mktemp("docs")
    built = run(
        *(sys.executable, "-m", "sphinx", "-W", "-q", "-E", "-b", "html"),
        *("-d", folder / "trees", DOCS, folder / "html"),
    )
    assert built.returncode == 0, built.stderr
    return folder / "html"


def test_every_page_is_built(site: Path) -> None:
    pages = [p.relative_to(DOCS) for p in DOCS.rglob("*.md") if "_build" not in p.parts]

    assert len(pages) >= 10
    for page in pages:
        assert (site / page.with_suffix(".html")).exists(), page


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loads = re.compile(r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["'](?:https?:)?//[^>]*>""")
    links = re.compile(
        r"""<link\b(?![^>]*rel=["']canonical)[^>]*\bhref=["'](?:https?:)?//[^>]*>"""
    )
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not loads.findall(text), page
        assert not links.findall(text), page
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.findall(r"""(?:@import|url\()\s*["']?(?:https?:)?//""", text), style


def test_a_link_to_nowhere_would_be_a_warning(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text((DOCS / "conf.py").read_text("utf-8"), encoding="utf-8")
    (tmp_path / "index.md").write_text("# A\n\n[to nowhere](nowhere.md)\n", encoding="utf-8")
    built = run(
        *(sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html"),
        *("-d", tmp_path / "trees", tmp_path, tmp_path / "html"),
    )

    assert built.returncode != 0
    assert "nowhere" in built.stderr
