"""The facts of the programme are those of their source, and fit where they are written."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from madang.kernel import systems
from tools.programme import Room, rooms

ROOMS = {room.name: room for room in rooms()}


def test_there_are_thirteen_rooms() -> None:
    assert len(ROOMS) == 13


def test_the_lines_sum_to_what_the_article_itemises() -> None:
    """1,703.4억 of 1,793억; the shared line counts once (뉴스스텝, 2025-07-06)."""
    amounts = {room.lines: room.amount_krw for room in ROOMS.values() if room.lines}

    assert len(amounts) == 11
    assert sum(amounts.values()) == 170_340_000_000
    assert ROOMS["programme"].amount_krw - sum(amounts.values()) == 8_960_000_000


def test_the_first_pillar_is_the_subtotal_that_the_article_states() -> None:
    first = ("trials", "prognosis", "factory", "robotics")

    assert sum(ROOMS[name].amount_krw for name in first) == 65_600_000_000


@pytest.mark.parametrize("room", ROOMS.values(), ids=ROOMS)
def test_texts_fit_on_a_line_of_code(room: Room) -> None:
    for text in (room.sentence_ko, room.sentence_en, room.title_ko, room.title_en):
        width = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
        assert width <= 99 - len('    sentence_ko="",')
        assert '"' not in text
        assert "\\" not in text


def test_rooms_that_stand_have_a_command_and_a_proof_and_others_have_neither() -> None:
    for room in ROOMS.values():
        assert bool(room.command) == bool(room.proof) == (room.name in systems.NAMES)


@pytest.mark.shared
def test_amounts_and_lines_are_those_of_the_reference_data(shared: Path) -> None:
    import yaml

    stated = yaml.safe_load((shared / "programme/lines.yaml").read_text(encoding="utf-8"))
    amounts = {line["id"]: line["amount_krw"] for line in stated["lines"]}

    assert [line for room in ROOMS.values() for line in room.lines[:1] if room.name != "isms"] == [
        *amounts
    ]
    for room in ROOMS.values():
        assert all(amounts[line] == room.amount_krw for line in room.lines)
    assert ROOMS["programme"].amount_krw == stated["programme"]["total_krw"]
