"""Plans: the published pacing model to the digit, and random paths that lose no won."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from madang.fund.engine.demo.play import play as play_fund
from madang.fund.engine.errors import TermsRefused
from madang.fund.engine.planning import scenarios
from madang.fund.engine.planning.pacing import Pacing, path
from madang.fund.engine.planning.paths import Assumptions, Purpose, Start, play, start_of

YALE = Pacing(commitment=100, rates=(1 / 4, 1 / 3, 1 / 2), life=12, bow=2.5, growth=0.13)
START = Start(
    committed=1e11,
    unfunded=7e10,
    nav=3e10,
    cash=1e9,
    fee=5e8,
    invests=12,
    quarters=36,
    purposes={"early": Purpose(within=1e10, goal=3e10, share=0.5, quarters=12)},
)


def test_the_pacing_path_is_the_one_of_the_rule() -> None:
    """Computed from the rule by hand for 25 %, a third, then half; life 12, bow 2.5, 13 %."""
    years = path(YALE)
    rows = {each.year: each for each in years}

    assert rows[2].nav == pytest.approx(52.929638, abs=5e-7)
    assert max(years, key=lambda each: each.nav)[:1] == (5,)
    assert rows[5].nav == pytest.approx(106.798724, abs=5e-7)
    assert max(years, key=lambda each: each.distribution).year == 8
    assert rows[8].distribution == pytest.approx(35.783539, abs=5e-7)
    assert rows[12].distribution == pytest.approx(4.005707, abs=5e-7)
    assert rows[12].nav == pytest.approx(0.048828, abs=5e-7)


@pytest.mark.parametrize(
    "bad", [{"rates": ()}, {"rates": (1.5,)}, {"life": 0}, {"bow": 0}, {"growth": -1}]
)
def test_parameters_that_cannot_be_are_refused(bad: dict[str, object]) -> None:
    given = {"commitment": 1, "rates": (0.5,), "life": 5, "bow": 1, "growth": 0.1} | bad
    with pytest.raises(TermsRefused):
        Pacing(**given)  # type: ignore[arg-type]


def test_no_path_calls_more_than_was_promised_or_loses_a_won() -> None:
    still = Assumptions(growth=0.0, common=0.0, own=0.0)
    found = play(START, still, paths=500)
    called = found.called.sum(axis=1)

    assert (called <= START.unfunded + 1).all()
    # Without growth, what goes in comes out: less the fees, plus what there was.
    there = START.nav + START.cash + called - START.fee * START.quarters
    left = found.nav[:, -1] + found.cash[:, -1]
    assert np.allclose(found.distributed.sum(axis=1) + left, there, rtol=1e-12)


def test_the_same_seed_gives_the_same_paths_and_another_others() -> None:
    one, same, other = (play(START, paths=50, seed=seed).nav for seed in (1, 1, 2))

    assert (one == same).all()
    assert not (one == other).all()


def test_the_growth_of_a_path_is_on_average_what_was_supposed() -> None:
    start = Start(committed=1, unfunded=0, nav=1e9, cash=0, fee=0, invests=0, quarters=4)
    found = play(start, Assumptions(growth=0.1, exits=0.0), paths=40_000)

    assert found.distributed[:, -1].mean() == pytest.approx(1.1e9, rel=0.01)


def test_a_quota_is_reached_for_sure_or_never_where_the_mix_is_all_or_nothing() -> None:
    def chance(share: float, goal: float) -> float:
        purpose = Purpose(within=0, goal=goal, share=share, quarters=12)
        start = Start(**{**vars(START), "purposes": {"a": purpose}})
        return play(start, paths=200).reached["a"]

    assert chance(1.0, 1e10) == 1
    assert chance(0.0, 1e10) == 0
    assert 0 < chance(0.5, 2.2e10) < 1


def test_without_money_to_call_fees_leave_a_fund_short() -> None:
    start = Start(**{**vars(START), "unfunded": 0, "cash": 0, "nav": 0, "purposes": {}})

    assert play(start, paths=10).short.all()
    assert not play(START, paths=200).short[:, 0].any()


def test_late_exits_pay_out_less_early_and_a_weak_market_less_at_all() -> None:
    rows = {each.name: each for each in scenarios.compared(START, paths=1_000)}

    assert rows["weak"].multiple < rows["base"].multiple
    assert rows["slow"].reached["early"] <= rows["base"].reached["early"]
    assert all(each.multiple_low <= each.multiple for each in rows.values())


def test_a_plan_starts_where_the_books_stand() -> None:
    book = play_fund(until=date(2027, 12, 31))["ai-fund"].book
    on = date(2027, 12, 31)
    start = start_of(book, on)

    assert start.cash == book.cash(on)
    assert start.unfunded == book.journal.total("unfunded", on)
    assert set(start.purposes) == {"early", "ai", "regions"}
    assert start.quarters == 31
    assert play(start, paths=10).nav.shape == (10, 31)
    with pytest.raises(TermsRefused):
        play(start, paths=0)
