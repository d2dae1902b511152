"""A term file is read whole, or refused with the place that is wrong."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
import yaml

from madang.fund.engine.demo.play import terms
from madang.fund.engine.errors import FundRefused
from madang.fund.engine.terms import reading
from madang.fund.engine.terms.agreement import Nature, anniversary
from tests.fund.terms import plain, small

TIERS = plain()["distribution"]["tiers"]


def test_the_invented_funds_have_terms_that_hold() -> None:
    found = reading.read(terms("main"))

    assert found.commitment_krw == 150_000_000_000
    assert found.fee.phases[0].brackets[1].rate == Fraction(23, 1000)
    assert found.distribution.tiers[-1].option is not None
    assert found.manager.nature is Nature.MANAGER
    assert reading.read(terms("regional")).distribution.by_deal


def test_what_is_read_is_what_the_file_says() -> None:
    content = yaml.safe_dump(plain(), allow_unicode=True).encode()
    found = reading.read(content)

    assert found.partner(2).commitment_krw == 39_000_000
    assert len(found.digest) == 64


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"management_fee__phases": []}, "management_fee.phases"),
        ({"currency": "USD"}, "currency"),
        ({"title": {"ko": "하나"}}, "title"),
        ({"matching__public_share_most": 0.8}, "matching.public_share_most"),
        ({"matching__public_share_most": "80"}, "'80'"),
        ({"matching__public_share_most": "50%"}, "60.0%"),
        ({"late__rate": "-1%"}, "late.rate"),
        ({"effective_on": "2025-02-30"}, "2025-02-30"),
        ({"life__investment_years": 9}, "9 years of investing"),
        ({"partners": plain()["partners"][:2]}, "0 general partners"),
        ({"partners": plain()["partners"] + plain()["partners"][:1]}, "a number twice"),
        ({"distribution__tiers": TIERS[:3]}, "the last tier catch-up"),
        ({"distribution__tiers": TIERS[1:]}, "no return of capital"),
        (
            {"distribution__tiers": [TIERS[0], {"pay": "preferred"}, TIERS[3]]},
            "preferred tier",
        ),
        (
            {"distribution__tiers": [TIERS[0], TIERS[1] | {"carry": "1%"}, TIERS[3]]},
            "carry",
        ),
        (
            {
                "distribution__tiers": [
                    *TIERS[:2],
                    {"pay": "catch-up", "catch_up": "20%", "carry": "20%"},
                    TIERS[3],
                ]
            },
            "would never end",
        ),
        (
            {"distribution__tiers": [*TIERS[:3], TIERS[3] | {"rate": "8%"}]},
            "only one of until and rate",
        ),
        (
            {"distribution__first_loss": {"bearer": "public", "share": "10%"}},
            "a first loss and 0 tiers",
        ),
        (
            {"distribution__tiers": [{"pay": "first-loss"}, *TIERS]},
            "no first loss and 1 tiers",
        ),
        (
            {
                "distribution__first_loss": {"bearer": "public", "share": "10%"},
                "distribution__tiers": [{"pay": "first-loss"}, *TIERS],
            },
            "before other capital",
        ),
        ({"day_count": "actual/360"}, "actual/360"),
        ({"rounding__rule": "floor"}, "floor"),
    ],
)
def test_terms_that_cannot_be_or_contradict_themselves_are_refused(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(FundRefused) as refused:
        small(**changes)

    assert said in refused.value.sentence("en")


def test_each_rule_needs_a_source() -> None:
    found = plain()
    del found["sources"]["late"]

    with pytest.raises(FundRefused, match="sources"):
        reading.from_plain(found)


def test_years_of_a_fund_turn_on_the_day_of_its_first_close() -> None:
    found = small(life__first_close="2024-02-29")

    assert found.year_of(date(2024, 2, 29)) == 1
    assert found.year_of(date(2025, 2, 28)) == 1
    assert found.year_of(date(2025, 3, 1)) == 2
    assert anniversary(date(2024, 2, 29), 4) == date(2028, 2, 29)
