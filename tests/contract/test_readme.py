"""What the front page points to is there."""

from __future__ import annotations

import re

from tests.house import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
HANGUL = re.compile("[가-힣]")


def test_every_link_and_picture_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)", README)

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_tree_names_what_stands() -> None:
    tree = README.split("```\nsrc/madang/\n")[1].split("```")[0]
    for line in tree.splitlines():
        inner, name = re.findall(r"^([├└]── )?([\w.]+)/? ", line)[0]
        assert (ROOT / ("src/madang" if inner else "") / name).exists(), name


def test_it_says_in_three_sentences_what_this_is() -> None:
    paragraphs = README.split("\n## ")[0].split("\n\n")[1:]
    korean, english = (" ".join(text.split()) for text in paragraphs[:2])

    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    assert len(re.findall(r"\.(?= |$)", korean)) == len(re.findall(r"\.(?= |$)", english)) == 3
