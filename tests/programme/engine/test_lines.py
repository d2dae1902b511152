"""The budget is carried in as it was published, to the won.

Source of every figure: 뉴스스텝, 2025-07-06, named in the facts themselves.
"""

from __future__ import annotations

import pytest

from madang.kernel import systems
from madang.programme.engine.errors import BookingRefused, FactsError
from madang.programme.engine.lines import FACTS, load, read
from tests.house import ROOT
from tools.programme import rooms

EOK = 100_000_000
FILE = (FACTS / "2025-2.yaml").read_text(encoding="utf-8")


def test_the_lines_add_up_to_179_300_000_000_won() -> None:
    assert sum(line.amount_krw for line in load().lines) == 179_300_000_000


def test_what_no_project_is_named_for_is_a_line_of_its_own() -> None:
    rest = load().line("not-itemised")

    assert rest.amount_krw == load().not_itemised_krw == 8_960_000_000
    assert not rest.itemised
    assert rest.systems == rest.deliverables == ()


def test_the_first_pillar_is_65_6_billion_as_the_source_states() -> None:
    own = [line.amount_krw for line in load().lines if line.pillar == "first"]

    assert own == [150 * EOK, 40 * EOK, 40 * EOK, 426 * EOK]
    assert sum(own) == load().pillars[0].stated_krw == 656 * EOK


def test_one_amount_for_two_deliverables_stays_one_amount() -> None:
    shared = load().line("vulnerability-and-isms")

    assert shared.amount_krw == 6_740_000_000
    assert [each.id for each in shared.deliverables] == [
        "vulnerability-management",
        "isms-sector-items",
    ]


def test_earlier_money_stands_beside_the_line_and_not_in_the_sum() -> None:
    earlier = {line.id: line.earlier_krw for line in load().lines if line.earlier}

    assert earlier == {"ai-fund": 1_000 * EOK, "npu": 494 * EOK}


def test_each_line_names_the_rooms_that_the_programme_gives_it() -> None:
    promised: dict[str, tuple[str, ...]] = {}
    for room in rooms():
        for line in room.lines:
            promised[line] = (*promised.get(line, ()), room.name)

    assert {line.id: line.systems for line in load().lines if line.itemised} == promised


def test_amounts_are_those_by_which_the_house_names_its_rooms() -> None:
    amounts = {line: room.amount_krw for room in rooms() for line in room.lines}

    assert {line.id: line.amount_krw for line in load().lines if line.itemised} == amounts


def test_a_line_whose_room_does_not_stand_says_so() -> None:
    for line in load().lines:
        assert set(line.not_built) == {
            name for name in line.systems if not (ROOT / "src/madang" / name).exists()
        }
    assert load().line("public-ax").not_built == ()
    assert "trials" in systems.NAMES


def test_the_source_and_its_day_go_with_the_facts() -> None:
    source = load().source

    assert source.publisher == "뉴스스텝"
    assert source.published_on.isoformat() == load().approved_on.isoformat() == "2025-07-06"


def test_the_remark_on_urgency_belongs_to_the_line_that_the_source_makes_it_of() -> None:
    urgent = {line.id for line in load().lines if line.urgency}

    assert urgent == {"physical-ai", "npu", "incident-response", "rpki"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("amount_krw: 3000000000\n", "amount_krw: 3000000001\n", "179,300,000,001"),
        ("stated_krw: 65600000000", "stated_krw: 65500000000", "65,500,000,000"),
        ("amount_krw: 3000000000\n", "amount_krw: 30억\n", "no whole number"),
        ("amount_krw: 3000000000\n", "amount_krw: 3000000000.0\n", "no whole number"),
        ("approved_on: 2025-07-06", "approved_on: 칠월", "no date"),
        ("id: youth-education", "id: rpki", "line 'rpki' twice"),
        ("pillar: second\n    title_ko: AI혁신펀드", "pillar: sixth\n    title_ko: 가", "'sixth'"),
        ("    title_en: AI innovation fund\n", "", "title_en"),
    ],
)
def test_facts_that_do_not_hold_are_refused(old: str, new: str, said: str) -> None:
    assert old in FILE

    with pytest.raises(FactsError) as refusal:
        read(FILE.replace(old, new, 1).encode())

    assert said in refusal.value.sentence("en")


def test_a_negative_line_cannot_make_the_sum_right() -> None:
    text = FILE.replace("amount_krw: 3000000000\n", "amount_krw: -3000000000\n", 1)
    text = text.replace("amount_krw: 6600000000", "amount_krw: 12600000000", 1)

    with pytest.raises(FactsError) as refusal:
        read(text.encode())

    assert "-3,000,000,000 won for line 'rpki'" in refusal.value.sentence("en")


def test_bytes_that_are_no_facts_are_refused() -> None:
    for content in (b"\xff\xfe", b"a: [", b"", b"[]"):
        with pytest.raises(FactsError):
            read(content)


def test_unknown_names_are_refused_with_those_that_exist() -> None:
    with pytest.raises(FactsError, match="2025-2"):
        load("1999-1")
    with pytest.raises(BookingRefused, match="public-ax"):
        load().line("no-such-line")
