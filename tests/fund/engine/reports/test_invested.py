"""Investments are told apart by company, by day and by whose money they are."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.engine.errors import PostingRefused
from madang.fund.engine.ledger.query import Query
from madang.fund.engine.reports.cell import Period
from madang.fund.engine.reports.invested import Invested
from madang.kernel.words import words
from tests.fund.engine.reports import played

TERMS = played.agreement()
END = date(2027, 12, 31)
WHOLE = Period(words("a", "a"), None, END)
YEAR = Period(words("a", "a"), date(2027, 1, 1), END)
EARLY = {"tags": {"early-stage": "yes"}, "company": "c2027", "co_invested_krw": 7}
LATER = {"tags": {"early-stage": "no"}, "company": "c2027", "co_invested_krw": 5}
JOURNAL = played.posted(
    [
        *played.life(TERMS),
        # Recorded in another order than they happened.
        played.invest(date(2027, 10, 19), "c2027", 300, **LATER),
        played.invest(date(2027, 10, 18), "c2027", 200, **EARLY),
    ]
)


def test_sums_of_a_period_are_those_of_its_days() -> None:
    found = Invested(JOURNAL, END)
    whole, year = found.sums(WHOLE), found.sums(YEAR)

    assert set(whole) == {"c2025", "c2026", "c2027"}
    assert set(year) == {"c2027"}
    for cell in (*whole.values(), *year.values(), *found.by_tag(WHOLE).values()):
        assert cell.value == sum(each.amount_krw for each in cell.postings(JOURNAL))


def test_the_first_investment_by_day_decides_what_a_company_counts_for() -> None:
    found = Invested(JOURNAL, END)
    (early,) = TERMS.quotas

    assert found.tags["c2027"] == {"early-stage": "yes"}
    assert found.towards(early, WHOLE).value == found.sums(WHOLE)["c2027"].value
    assert found.co_invested["c2027"] == 12


def test_what_comes_later_does_not_count_yet() -> None:
    assert "c2027" not in Invested(JOURNAL, date(2026, 12, 31)).companies


@pytest.mark.parametrize("tag", [None, "", "public"])
@pytest.mark.parametrize("kind", ["", "investment"])
def test_a_question_with_a_kind_and_a_tag_survives_its_text(kind: str, tag: str | None) -> None:
    query = Query(names=("investments",), kind=kind, tag=tag, until=END)

    assert Query.read(str(query)) == query
    assert query.of(JOURNAL) == sum(each.amount_krw for each in query.postings(JOURNAL))


def test_kinds_and_tags_choose_postings() -> None:
    of_exits = Query(names=("investments",), kind="exit").of(JOURNAL)
    of_all = Query(names=("investments",)).of(JOURNAL)

    assert of_exits < 0
    assert of_all == of_exits + Query(names=("investments",), kind="investment").of(JOURNAL)
    assert Query(names=("investments",), tag="public").of(JOURNAL) == 0
    with pytest.raises(PostingRefused):
        Query.read("accounts=cash&kind=wish")
