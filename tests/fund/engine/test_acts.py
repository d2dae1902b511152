"""An act asked for in plain data does what its function does, or says what is wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from madang.fund.engine import acts
from madang.fund.engine.errors import FundRefused
from madang.fund.engine.flows import calls, fees
from tests.fund.books import committed, funded


def test_an_act_is_its_function() -> None:
    book = committed()
    asked = {
        "act": "call",
        "on": "2025-02-01",
        "due": "2025-02-15",
        "purposes": {"investment": 1_000_000},
    }
    same = calls.call(
        book,
        on=date(2025, 2, 1),
        due=date(2025, 2, 15),
        purposes={"investment": 1_000_000},
    )

    assert acts.drafts(book, asked) == same
    assert acts.drafts(funded(), {"act": "fee", "on": "2025-04-01"}) == fees.fee(
        funded(), on=date(2025, 4, 1)
    )


@pytest.mark.parametrize("name", list(acts.ACTS))
def test_every_act_says_what_it_needs(name: str) -> None:
    needs = acts.needs(name)

    assert "on" in needs or "through" in needs
    assert not {"book", "into", "quotas_reached"} & set(needs)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"act": "steal"}, "the act 'steal'"),
        ({}, "the act ''"),
        ({"act": "fee"}, "fee in row 4 without ['on']"),
        ({"act": "fee", "on": "2025-04-01", "to": "me"}, "['to'] unknown"),
        ({"act": "fee", "on": "tomorrow"}, "the day 'tomorrow'"),
        (
            {"act": "draw", "on": "2025-04-01", "amount_krw": 1.5},
            "the amount 1.5",
        ),
        (
            {"act": "pay", "on": "2025-04-01", "call": 1, "amounts": [1]},
            "[1] at amounts",
        ),
        (
            {"act": "transfer", "on": "2025-04-01", "giver": 1, "taker": 2, "share": 0.5},
            "0.5",
        ),
        (
            {"act": "value", "on": "2025-04-01", "company": "none", "fair_value_krw": 5},
            "'none', not held",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(FundRefused) as refused:
        acts.drafts(committed(), asked, row=4)

    assert said in refused.value.sentence("en")


def test_another_currency_needs_a_rate_and_who_says_so() -> None:
    dollars = {
        "currency": "USD",
        "amount": 10_000,
        "rate": "2765/2",
        "on": "2025-03-01",
        "source": "서울외국환중개 고시",
    }
    asked = {"act": "expense", "on": "2025-03-01", "account": "legal", "memo": "counsel"}
    (draft,) = acts.drafts(funded(), asked | {"amount_krw": dollars})

    assert draft.postings[0].amount_krw == 13_825_000
    assert draft.facts["foreign"] == {"amount_krw": dollars}
    for gone in ("rate", "source", "on"):
        less = {key: value for key, value in dollars.items() if key != gone}
        with pytest.raises(FundRefused, match="rate of the day and its source"):
            acts.drafts(funded(), asked | {"amount_krw": less})
