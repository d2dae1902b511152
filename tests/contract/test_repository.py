"""The repository speaks of the product alone, and of no machine on which it was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house import ROOT, tracked

HANGUL = re.compile("[가-힣]")
KINDS = ("added", "changed", "fixed", "removed", "security")
FRAGMENTS = sorted(p for p in (ROOT / "news").glob("*.md") if p.name != "README.md")


def texts() -> dict[str, str]:
    """Every file of the repository that is text."""
    found = {}
    for path in tracked():
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_no_path_of_a_machine_stands_in_a_file() -> None:
    # A home folder as people have them, and wherever this very checkout stands.
    home = re.compile(r"(?<![\w./-])/(home|Users)/[a-z][\w-]*/|[A-Z]:\\Users\\")
    here = re.compile(rf"(?<![\w./-]){re.escape(str(ROOT))}(?![\w-])")
    told = [
        f"{name}: {match[0]}"
        for name, text in texts().items()
        for match in [home.search(text) or (len(ROOT.parts) > 2 and here.search(text))]
        if match
    ]

    assert told == []


def test_no_address_of_a_package_registry_stands_in_a_file() -> None:
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org")
    told = [name for name, text in texts().items() if any(host in text for host in hosts)]

    assert told == []


def test_no_private_key_lies_in_a_file() -> None:
    begin = re.compile("BEGIN (RSA |EC |OPENSSH )?PRIVATE" + " KEY")

    assert [name for name, text in texts().items() if begin.search(text)] == []


def test_no_file_waits_for_somebody() -> None:
    """What is missing stands in the issue tracker, not in the code."""
    marks = re.compile(r"\b(TO" + "DO|FIX" + r"ME|X" + r"XX)\b")
    # Lock files, fonts and standards carry digests and other people's words.
    told = [
        name
        for name, text in texts().items()
        if not name.endswith((".txt", ".svg", ".css"))
        and "/schemas/" not in name
        and marks.search(text)
    ]

    assert told == []


def test_text_ends_with_one_line_break_and_knows_no_carriage_return() -> None:
    for name, text in texts().items():
        if name.endswith((".py", ".md", ".toml", ".in", ".yaml", ".sh")) and text:
            assert text.endswith("\n"), name
            assert not text.endswith("\n\n"), name
            assert "\r" not in text, name


def test_no_large_file_is_kept() -> None:
    large = [path for path in tracked() if path.stat().st_size > 2_000_000]

    assert large == []


def test_the_tree_of_the_repository_is_the_one_that_is_drawn() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}

    assert top - {".gitignore", ".gitattributes", ".ci"} <= {
        *("README.md", "LICENSE", "Makefile", "pyproject.toml"),
        *("package.json", "package-lock.json", ".npmrc"),
        *("requirements", "src", "tests", "bench", "docs", "news", "tools"),
    }


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.stem)
def test_a_news_fragment_tells_a_user_what_changed_in_both_languages(fragment: Path) -> None:
    subject, kind = fragment.stem.split(".")
    korean, english = fragment.read_text(encoding="utf-8").strip().split("\n\n")

    assert re.fullmatch(r"[a-z][a-z0-9-]*", subject)
    assert kind in KINDS
    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    for paragraph in (korean, english):
        assert paragraph.endswith(".")
        assert len(paragraph) <= 500


def test_news_holds_nothing_but_fragments_and_its_rules() -> None:
    others = {p.name for p in (ROOT / "news").iterdir()} - {p.name for p in FRAGMENTS}

    assert others == {"README.md"}
