"""Beside a public market: by the formulas, with no flow lost on the valuation day."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.measures import rates
from madang.fund.engine.measures.flows import Flow
from madang.fund.engine.measures.public_market import Index, compared

START = date(2021, 1, 1)
DAYS = [START + timedelta(days=365 * year) for year in range(8)]
FLOWS = (-100, -50, -20, 30, 0, 120, 80, 40)
LEVELS = (100, 105, 115, 130, 155, 140, 175, 190)
MILLION = 10**6


def index(levels: tuple[int, ...] = LEVELS) -> Index:
    """An invented index at yearly days."""
    return Index(
        "index", "invented", {on: Fraction(level) for on, level in zip(DAYS, levels, strict=True)}
    )


def flows() -> list[Flow]:
    """In millions of won."""
    return [Flow(on, won * MILLION) for on, won in zip(DAYS, FLOWS, strict=True)]


@pytest.mark.parametrize(
    ("nav", "pme_plus"),
    # The hand formula on annual periods; a library that puts the NAV in place of the last flow
    # gives 0.0543 and 0.0665.
    [(0, 0.0868647), (60, 0.0898514)],
)
def test_the_flow_on_the_valuation_day_counts(nav: int, pme_plus: float) -> None:
    found = compared(flows(), nav=nav * MILLION, on=DAYS[-1], index=index())

    assert found.pme_plus is not None and found.pme_plus.value == pytest.approx(pme_plus, abs=5e-8)
    assert found.ln_pme.value == pytest.approx(0.0857584, abs=5e-8)


def test_ks_pme_is_the_ratio_of_what_was_carried() -> None:
    found = compared(flows(), nav=60 * MILLION, on=DAYS[-1], index=index())
    carried = [Fraction(won * 190, level) for won, level in zip(FLOWS, LEVELS, strict=True)]
    into = -sum(each for each in carried if each < 0)
    out = sum(each for each in carried if each > 0)

    assert found.ks_pme == (out + 60) / into


def test_in_a_market_that_stands_still_it_is_the_fund_itself() -> None:
    found = compared(flows(), nav=60 * MILLION, on=DAYS[-1], index=index((100,) * 8))
    own = rates.of_days([*flows(), Flow(DAYS[-1], 60 * MILLION)])

    assert found.ks_pme == Fraction(270 + 60, 170)
    assert found.direct_alpha.value == pytest.approx(own.value, abs=1e-9)


def test_a_fund_that_is_the_market_has_no_alpha() -> None:
    money = [Flow(DAYS[0], -100 * MILLION), Flow(DAYS[7], 190 * MILLION)]
    found = compared(money, nav=0, on=DAYS[-1], index=index())

    assert found.ks_pme == 1
    assert found.direct_alpha.value == pytest.approx(0, abs=1e-9)
    assert found.ln_pme.value == pytest.approx(1.9 ** (1 / 7) - 1, abs=1e-9)


def test_without_distributions_pme_plus_has_nothing_to_scale() -> None:
    found = compared([Flow(START, -5)], nav=7, on=DAYS[1], index=index())

    assert found.pme_plus is None
    assert found.direct_alpha.status == "one"


def test_a_flow_before_the_index_is_refused() -> None:
    with pytest.raises(PortfolioRefused, match="2020-12-31"):
        compared([Flow(date(2020, 12, 31), -5)], nav=7, on=DAYS[1], index=index())
