"""Invented years keep the rules of the ledger and the auditors' rates.

Source: Board of Audit and Inspection 2020, on the supplementary budget of 2019.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from madang.programme.engine.balances import balances, total
from madang.programme.engine.booked_year import booked
from madang.programme.engine.causes import Cause
from madang.programme.engine.histories import CAUSE_RATES, Regime, Year, invent
from madang.programme.engine.lines import load

OCTOBER_31, YEAR_END = date(2025, 10, 31), date(2025, 12, 31)
YEARS = 60
each_regime = pytest.mark.parametrize("regime", list(Regime))


def years(regime: Regime = Regime.PLAIN, count: int = YEARS) -> list[Year]:
    return [
        invent(load(), np.random.default_rng([20, seed]), regime=regime) for seed in range(count)
    ]


def share(several: list[Year], amount: str, on: date) -> float:
    """The mean share of the programme's money on that day."""
    sums = [sum(getattr(line, amount)[year.day(on)] for line in year.lines) for year in several]
    return float(np.mean(sums)) / load().total_krw


@each_regime
def test_every_day_keeps_the_order_of_amounts(regime: Regime) -> None:
    for year in years(regime, 12):
        for line in year.lines:
            assert (line.spent >= 0).all()
            assert (line.spent <= line.disbursed).all()
            assert (line.disbursed <= line.granted).all()
            assert (line.granted <= line.amount_krw).all()


@each_regime
def test_money_comes_back_in_a_clawback_alone(regime: Regime) -> None:
    falls = any(
        (np.diff(line.spent) < 0).any() for year in years(regime, 5) for line in year.lines
    )

    assert falls == (regime is Regime.CLAWBACK)


def test_a_year_lasts_from_the_vote_to_the_last_day_of_december() -> None:
    year = years(count=1)[0]

    assert year.first_day == date(2025, 7, 6)
    assert {len(line.spent) for line in year.lines} == {year.day(YEAR_END) + 1} == {179}
    assert [line.line for line in year.lines] == [line.id for line in load().lines]


def test_the_same_seed_gives_the_same_year_and_another_gives_another() -> None:
    one, same = (invent(load(), np.random.default_rng(5)) for _ in range(2))
    other = invent(load(), np.random.default_rng(6))

    for a, b in zip(one.lines, same.lines, strict=True):
        assert a.projects == b.projects
        np.testing.assert_array_equal(a.spent, b.spent)
    assert any(
        not np.array_equal(a.spent, b.spent) for a, b in zip(one.lines, other.lines, strict=True)
    )


def test_causes_come_at_the_rates_of_the_audit() -> None:
    rates = {
        Cause.UNPREPARED: 0.247,
        Cause.LATE_PROCEDURE: 0.202,
        Cause.OVERESTIMATED_DEMAND: 0.169,
        Cause.WRONG_LINE: 0.124,
    }
    drawn = [line.cause for year in years(count=150) for line in year.lines]

    assert {cause: rate for cause, rate in CAUSE_RATES.items() if cause in rates} == rates
    assert sum(CAUSE_RATES.values()) == pytest.approx(1)
    for cause, rate in rates.items():
        # Five standard errors of a share in 1,800 lines.
        assert drawn.count(cause) / len(drawn) == pytest.approx(rate, abs=0.052)


def test_the_year_ends_near_what_the_auditors_expected() -> None:
    """97.3 % disbursed and 78.1 % really spent."""
    several = years()

    assert share(several, "disbursed", YEAR_END) == pytest.approx(0.973, abs=0.03)
    assert share(several, "spent", YEAR_END) == pytest.approx(0.781, abs=0.04)


def test_each_cause_leaves_less_spent_than_none() -> None:
    ends: dict[Cause, list[float]] = {cause: [] for cause in CAUSE_RATES}
    for year in years():
        for line in year.lines:
            ends[line.cause].append(line.spent[-1] / line.amount_krw)
    mean = {cause: float(np.mean(shares)) for cause, shares in ends.items()}

    assert all(mean[cause] < mean[Cause.NONE] for cause in CAUSE_RATES if cause is not Cause.NONE)
    assert mean[Cause.WRONG_LINE] == min(mean.values())


def test_a_rush_disburses_late_and_spends_nothing_more_for_it() -> None:
    plain, rush = years(), years(Regime.RUSH)
    november = date(2025, 11, 30)

    assert share(rush, "disbursed", november) > share(plain, "disbursed", november) + 0.05
    assert share(rush, "spent", YEAR_END) == pytest.approx(
        share(plain, "spent", YEAR_END), abs=0.03
    )


def test_a_freeze_and_a_clawback_cost_spending() -> None:
    plain = share(years(), "spent", YEAR_END)

    assert share(years(Regime.FREEZE), "spent", YEAR_END) < plain - 0.05
    assert share(years(Regime.CLAWBACK), "spent", YEAR_END) < plain - 0.03


def test_a_lump_is_spent_on_one_day_or_not_at_all() -> None:
    jumps = {
        int((np.diff(line.spent) > 0).sum())
        for year in years(Regime.LUMP, 20)
        for line in year.lines
    }

    assert jumps == {0, 1}


@each_regime
def test_the_ledger_accepts_an_invented_year(regime: Regime) -> None:
    year = years(regime, 1)[0]
    ledger = booked(load(), year, until=YEAR_END)

    found = balances(ledger)

    assert [each.spent_krw for each in found] == [line.spent[-1] for line in year.lines]
    assert [each.granted_krw for each in found] == [line.granted[-1] for line in year.lines]
    assert total(found).appropriation_krw == 179_300_000_000


def test_a_year_booked_until_october_holds_nothing_later() -> None:
    year = years(count=1)[0]
    ledger = booked(load(), year, until=OCTOBER_31)

    assert max(entry.booked_on for entry in ledger.entries) == OCTOBER_31
    assert all(award.signed_on <= OCTOBER_31 for award in ledger.awards)
    spent = {each.line: each.spent_krw for each in balances(ledger)}
    assert spent == {line.line: line.spent[year.day(OCTOBER_31)] for line in year.lines}


def test_every_invented_booking_says_that_it_is_one() -> None:
    ledger = booked(load(), years(count=1)[0], until=OCTOBER_31)

    assert all("예시" in entry.note for entry in ledger.entries)
