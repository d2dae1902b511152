"""The items are those of the statement: 27, in 52 parts."""

from __future__ import annotations

import re

from madang.prognosis.engine.dossier.tripod import ITEMS, SECTIONS

# Table 2 of BMJ 2024;385:e078378.
NUMBERS = (
    "1 2 3a 3b 3c 4 5a 5b 6a 6b 6c 7 8a 8b 8c 9a 9b 9c 10 11 12a 12b 12c 12d 12e 12f 12g 13 14 15 "
    "16 17 18a 18b 18c 18d 18e 18f 19 20a 20b 20c 21 22 23a 23b 24 25 26 27a 27b 27c"
).split()


def test_every_item_stands_once_in_the_order_of_the_statement() -> None:
    numbers = [item.number for item in ITEMS]

    assert numbers == NUMBERS
    assert len(numbers) == 52
    assert len({re.match(r"\d+", number)[0] for number in numbers}) == 27


def test_items_of_evaluation_and_of_development_alone_are_those_of_the_statement() -> None:
    of = {kind: [each.number for each in ITEMS if each.applies == kind] for kind in ("D", "E")}

    assert of["E"] == ["12f", "12g", "20c", "24"]
    assert of["D"] == ["9a", "12a", "12b", "12c", "15", "22", "27a", "27b"]


def test_every_item_has_a_section_and_titles_in_both_languages() -> None:
    assert {item.section for item in ITEMS} == set(SECTIONS)
    for item in ITEMS:
        assert re.search("[가-힣]", item.title.ko)
        assert not re.search("[가-힣]", item.title.en)


def test_no_key_of_the_team_answers_two_items() -> None:
    keys = [item.about for item in ITEMS if item.about]

    assert len(keys) == len(set(keys))
