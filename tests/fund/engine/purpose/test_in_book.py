"""The quotas and the natures of money, as a book tells them."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.engine import acts
from madang.fund.engine.demo.play import play
from madang.fund.engine.errors import FlowRefused
from madang.fund.engine.flows import investing
from madang.fund.engine.purpose import in_book
from tests.fund.books import funded, post

DAY = date(2025, 3, 1)
QUOTA = {
    "id": "early",
    "title": {"ko": "초기기업", "en": "Early stage"},
    "measure": "early-stage",
    "least_share": "30%",
    "base": "committed",
    "by_year": 4,
}


def test_a_quota_counts_the_companies_by_their_first_investment() -> None:
    book = funded(quotas=[QUOTA])
    for amount, early in ((10_000_000, "yes"), (5_000_000, "no")):
        facts = {"tags": {"early-stage": early}}
        post(
            book,
            investing.invest(book, on=DAY, company="acme", amount_krw=amount, facts=facts),
        )
    (found,) = in_book.standings(book, DAY)

    assert found.within_krw == 15_000_000
    assert found.goal_krw == 30_000_000
    assert found.state == "on-track"


def test_terms_that_forbid_it_stop_a_distribution_until_the_quota_is_met() -> None:
    book = funded(quotas=[QUOTA], interim_principal=False)
    asked = {"act": "distribute", "on": "2025-03-02", "amount_krw": 1_000}
    with pytest.raises(FlowRefused, match="before the quotas"):
        acts.drafts(book, asked)
    facts = {"tags": {"early-stage": "yes"}}
    post(book, investing.invest(book, on=DAY, company="a", amount_krw=30_000_000, facts=facts))

    assert acts.drafts(book, asked)


def test_private_money_stands_beside_public_won_by_won() -> None:
    book = funded()
    facts = {"co_invested_krw": 4_000_000}
    post(book, investing.invest(book, on=DAY, company="a", amount_krw=10_000_000, facts=facts))
    found = in_book.drawn(book, DAY)

    assert dict(found.by_tag) == {
        "public": 6_000_000,
        "private": 4_000_000,
        "co-invested": 4_000_000,
        "follow-on": 0,
    }
    assert found.private_per_public is not None
    assert found.private_per_public * 3 == 4


def test_what_is_left_to_invest_shrinks_with_time_and_ends_with_the_period() -> None:
    book = play(until=date(2028, 12, 31))["ai-fund"].book
    left = [in_book.investable(book, date(year, 12, 31)) for year in (2026, 2027, 2028)]

    assert left == sorted(left, reverse=True)
    assert in_book.investable(book, date(2029, 9, 1)) == 0
    assert [each.quota.id for each in in_book.standings(book, date(2027, 12, 31))] == [
        "early",
        "ai",
        "regions",
    ]
