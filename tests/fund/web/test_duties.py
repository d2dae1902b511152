"""What is due stands on the desk, what is late in the worklist, and a partner sees its calls."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.web import menu
from madang.fund.web.services import book, desk
from madang.portal.access import Access
from madang.portal.models import User
from tests.fund.web import hands

pytestmark = pytest.mark.django_db


def duties(found: hands.House, on: date) -> list[tuple[str, bool]]:
    """What is due on a day, with whether it is late."""
    held = book.book(found.fund)
    return [(each.what.en, each.is_late) for each in desk.duties(found.fund, held, on)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 3, 31), []),
        (date(2025, 4, 1), [("Close the quarter to 2025-03-31", False)]),
        (date(2025, 6, 30), [("Close the quarter to 2025-03-31", False)]),
        (date(2025, 7, 1), [("Close the quarter to 2025-03-31", True)]),
    ],
)
def test_a_quarter_that_ended_is_to_be_closed(on: date, expected: list[tuple[str, bool]]) -> None:
    house = hands.house()
    hands.funded(house)

    assert [each for each in duties(house, on) if "quarter" in each[0]] == expected


def test_after_a_close_the_next_quarter_is_due() -> None:
    house = hands.house()
    hands.funded(house)
    hands.done(house, {"act": "close", "through": "2025-12-31"})

    assert [each for each in duties(house, date(2026, 4, 1)) if "quarter" in each[0]] == [
        ("Close the quarter to 2026-03-31", False)
    ]


def waiting(user: User) -> list[str]:
    """What the worklist says to somebody."""
    return [each.title.en for each in menu.worklist(Access(user=user))]


def test_late_duties_and_open_calls_stand_in_the_worklist() -> None:
    house = hands.house()
    call = {"act": "call", "on": "2025-01-02", "due": "2025-01-16"}
    hands.done(house, call | {"purposes": {"investment": 1_000}})

    assert "Small fund: Call 1: 1,000 won" in waiting(house.maker)
    assert waiting(house.partner) == ["Small fund: a call of 390 won"]
    entries = book.book(house.fund).journal.entries
    (called,) = [each for each in entries if each.kind == "call"]
    paid = {key: won for key, won in called.facts["partners"].items() if won}
    hands.done(house, {"act": "pay", "on": "2025-01-16", "call": 1, "amounts": paid})

    assert waiting(house.partner) == []
    # What is due and not late stands on the desk alone.
    day = book.today()
    call |= {"on": day.isoformat(), "due": day.isoformat()}
    hands.done(house, call | {"purposes": {"investment": 1_000}})
    assert "Call 2: 1,000 won" in [name for name, _ in duties(house, day)]
    assert not any("Call 2" in each for each in waiting(house.maker))
    assert not any("Call 1" in each for each in waiting(house.maker))
