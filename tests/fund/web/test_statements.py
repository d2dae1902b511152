"""What the evidence log hears of funds is what the programme counts: proved, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from madang.fund.web.services import roster
from madang.kernel.evidence.statement import Statement
from madang.portal.models import LogEntry
from madang.programme.web.services import indicators
from tests.fund.web import hands

if TYPE_CHECKING:
    from madang.programme.web.services.indicators import Shown

pytestmark = pytest.mark.django_db
NUMBER = "1248100998"
"""A business number whose check digit is right."""


def told(word: str) -> list[dict[str, object]]:
    """What the evidence log says with a word in it."""
    rows = [Statement.decode(bytes(row.content)).predicate for row in LogEntry.objects.all()]
    return [dict(each) for each in rows if word in each]


def invested(found: hands.House, code: str, *evidence: str, won: int = 5_000_000) -> None:
    """A fund invests in a company of its books, with the papers of these digests."""
    asked = {"act": "invest", "on": "2025-02-01", "company": code, "amount_krw": won}
    hands.done(found, asked | ({"evidence": list(evidence)} if evidence else {}))


def deed(found: hands.House, text: str = "contract") -> str:
    """A paper that the fund keeps."""
    return roster.paper(found.fund, text.encode(), name="계약서.pdf", by=found.maker)


def counted() -> Shown:
    """The programme's indicator of companies invested in."""
    indicators.look()
    (found,) = [
        each
        for line in indicators.of_lines().values()
        for each in line
        if each.id == "investments-made"
    ]
    return found


def test_an_investment_counts_once_it_is_proved() -> None:
    house = hands.house()
    hands.funded(house)
    for code in ("acme", "other", "bare"):
        hands.company(house, code)
    invested(house, "acme", deed(house, "a"))
    invested(house, "other", deed(house, "b"))
    invested(house, "acme", won=1_000_000)
    invested(house, "bare", won=1_000_000)

    assert (counted().value, counted().state) == (2, "proved")


def test_an_investment_whose_papers_are_not_kept_does_not_count() -> None:
    house = hands.house()
    hands.funded(house)
    hands.company(house)
    hands.company(house, "half")
    invested(house, "acme", "ab" * 32)
    invested(house, "half", deed(house), "cd" * 32)

    assert told("public_krw") == []
    assert counted().state == "unproved"


def test_a_company_of_two_funds_counts_once_by_its_business_number() -> None:
    houses = [hands.house("one"), hands.house("two")]
    for house, code in zip(houses, ("acme", "acme-ai"), strict=True):
        hands.funded(house)
        hands.company(house, code, business_number=NUMBER)
        hands.company(house, "namesake")
        invested(house, code, deed(house, code))
        invested(house, "namesake", deed(house, "namesake"), won=1_000_000)
    names = [each["company"] for each in told("public_krw")]

    assert names == ["one/acme", "one/namesake", "one/acme", "two/namesake"]
    assert counted().value == 3
    assert all(NUMBER not in str(each) for each in told("public_krw"))


def test_a_close_tells_the_log_what_stands_beside_public_money() -> None:
    house = hands.house()
    hands.funded(house)
    hands.company(house)
    asked = {"act": "invest", "on": "2025-02-01", "company": "acme", "amount_krw": 10_000_000}
    hands.done(house, asked | {"facts": {"co_invested_krw": 5_000_000}})
    hands.done(house, {"act": "close", "through": "2025-03-31"})
    (found,) = told("private_per_public")

    assert found["private_per_public"] == "3/2"
    assert found["krw"] == {
        "public": 6_000_000,
        "private": 4_000_000,
        "co_invested": 5_000_000,
        "follow_on": 0,
    }
