"""A forecast stays within what is possible, knows no later day, and says how sure it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from madang.programme.engine.booked_year import booked
from madang.programme.engine.forecast.outlook import outlooks
from madang.programme.engine.forecast.paths import HABITS, ends
from madang.programme.engine.forecast.peers import PEERS
from madang.programme.engine.forecast.seen import Seen, of_ledger, of_year
from madang.programme.engine.histories import CAUSE_RATES, Regime, Year, invent
from madang.programme.engine.lines import load

OCTOBER_31, YEAR_END = date(2025, 10, 31), date(2025, 12, 31)


def year(seed: int, regime: Regime = Regime.PLAIN) -> Year:
    return invent(load(), np.random.default_rng([31, seed]), regime=regime)


def told(seen: tuple[Seen, ...], paths: int = 500) -> list[int]:
    return [each.middle_krw for each in outlooks(seen, np.random.default_rng(1), paths=paths)]


@pytest.mark.parametrize("regime", list(Regime))
def test_every_end_lies_between_what_is_spent_and_what_may_be(regime: Regime) -> None:
    for seen in of_year(year(1, regime), OCTOBER_31):
        found = ends(seen, np.random.default_rng(2), paths=300)

        assert found.shape == (300,)
        assert (found >= seen.spent[-1]).all()
        assert (found <= seen.amount_krw).all()


def test_what_comes_later_does_not_change_what_is_said_today() -> None:
    known = year(2)
    day = known.day(OCTOBER_31)
    later = replace(
        known,
        lines=tuple(
            replace(line, spent=np.r_[line.spent[: day + 1], line.spent[day + 1 :] * 0])
            for line in known.lines
        ),
    )

    assert told(of_year(known, OCTOBER_31)) == told(of_year(later, OCTOBER_31))


def test_the_same_seed_says_the_same() -> None:
    seen = of_year(year(3), OCTOBER_31)

    assert told(seen) == told(seen)


def test_when_the_year_is_over_the_forecast_is_what_was_spent() -> None:
    seen = of_year(year(4), YEAR_END)
    found = outlooks(seen, np.random.default_rng(1), paths=50)

    for each in found:
        assert each.low_krw == each.middle_krw == each.high_krw == each.spent_krw


def test_a_line_on_which_nothing_happened_is_likely_to_lapse() -> None:
    idle = of_year(year(5), OCTOBER_31)[0]
    nothing = idle.spent * 0
    seen = replace(idle, contracts=(), spent=nothing, granted=nothing, disbursed=nothing)

    line, whole = outlooks([seen], np.random.default_rng(1), paths=500)

    assert line.unspent_chance > 0.9
    assert line.unspent_chance == whole.unspent_chance


def test_the_sum_is_surer_than_its_lines() -> None:
    found = outlooks(of_year(year(6), OCTOBER_31), np.random.default_rng(1), paths=1000)
    lines, whole = found[:-1], found[-1]

    assert whole.appropriation_krw == 179_300_000_000
    assert whole.high_krw - whole.low_krw < sum(line.high_krw - line.low_krw for line in lines)


def test_a_ledger_and_the_year_that_it_books_are_seen_alike() -> None:
    known = year(7)
    ledger = booked(load(), known, until=OCTOBER_31)

    for seen, true in zip(of_ledger(ledger, OCTOBER_31), of_year(known, OCTOBER_31), strict=True):
        assert (seen.line, seen.amount_krw, seen.day) == (true.line, true.amount_krw, true.day)
        # Bookings are made every ten days and on the last one.
        assert seen.spent[-1] == true.spent[-1]
        assert seen.disbursed[100] == true.disbursed[100]
        signed = [each for each in true.contracts if each.signed is not None]
        assert list(seen.contracts) == signed


def test_causes_come_at_the_rates_of_the_audit() -> None:
    assert {cause: habit.rate for cause, habit in HABITS.items()} == CAUSE_RATES


def test_naive_rules_say_what_they_say() -> None:
    seen = of_year(year(8), OCTOBER_31)[0]
    half = replace(seen, disbursed=seen.disbursed * 0 + seen.amount_krw // 2)

    assert PEERS["all will be spent"](seen) == seen.amount_krw
    assert PEERS["as of now"](seen) == seen.spent[-1]
    # Half of it in 117 of 178 days.
    assert PEERS["extrapolated disbursement"](half) == pytest.approx(
        seen.amount_krw / 2 * 178 / 117
    )


def test_on_other_years_the_sum_is_near_and_intervals_hold() -> None:
    """A small sample of what `python -m bench programme` measures; limits are loose on purpose."""
    misses, held = [], []
    for seed in range(12):
        known = year(100 + seed)
        found = outlooks(of_year(known, OCTOBER_31), np.random.default_rng(seed), paths=500)
        true = [int(line.spent[-1]) for line in known.lines]
        misses.append(abs(found[-1].middle_krw - sum(true)) / load().total_krw)
        held += [
            each.low_krw <= end <= each.high_krw
            for each, end in zip(found[:-1], true, strict=True)
        ]

    assert np.mean(misses) < 0.06
    assert 0.65 < np.mean(held) < 0.95
