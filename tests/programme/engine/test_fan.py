"""A fan starts at what is spent, does not fall, and ends at the interval of its outlook."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from madang.programme.engine.forecast.fan import Fan, fans
from madang.programme.engine.forecast.outlook import foresee, outlooks
from madang.programme.engine.forecast.paths import courses, ends
from madang.programme.engine.forecast.seen import Seen, of_year
from madang.programme.engine.histories import Regime, invent
from madang.programme.engine.lines import load

SEPTEMBER_15, OCTOBER_31, YEAR_END = date(2025, 9, 15), date(2025, 10, 31), date(2025, 12, 31)


def seen(seed: int, on: date = OCTOBER_31, regime: Regime = Regime.PLAIN) -> tuple[Seen, ...]:
    return of_year(invent(load(), np.random.default_rng([37, seed]), regime=regime), on)


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def drawn(known: tuple[Seen, ...], every_days: int = 10) -> tuple[Fan, ...]:
    return fans(known, rng(), paths=300, every_days=every_days)


def test_a_fan_runs_from_today_to_the_last_day_of_the_year() -> None:
    for fan in drawn(seen(1), every_days=30):
        assert fan.days == (OCTOBER_31, date(2025, 11, 30), date(2025, 12, 30), YEAR_END)


@pytest.mark.parametrize("regime", list(Regime))
@pytest.mark.parametrize("on", [SEPTEMBER_15, OCTOBER_31])
def test_edges_lie_in_order_and_never_fall(regime: Regime, on: date) -> None:
    known = seen(2, on, regime)
    amounts = [each.amount_krw for each in known]

    for fan, whole in zip(drawn(known), [*amounts, sum(amounts)], strict=True):
        edges = np.array([fan.low_krw, fan.middle_krw, fan.high_krw])
        assert (np.diff(edges, axis=0) >= 0).all()
        assert (np.diff(edges, axis=1) >= 0).all()
        assert edges.max() <= whole


def test_a_fan_opens_at_what_is_spent_today() -> None:
    known = seen(3)
    spent = [int(each.spent[-1]) for each in known]

    for fan, now in zip(drawn(known), [*spent, sum(spent)], strict=True):
        assert fan.low_krw[0] == fan.middle_krw[0] == fan.high_krw[0] == now
        assert fan.high_krw[-1] > now


def test_a_fan_ends_at_the_interval_of_its_outlook() -> None:
    known = seen(4)
    both = foresee(known, rng(), paths=300)

    assert both.fans == drawn(known)
    assert both.outlooks == outlooks(known, rng(), paths=300)
    for outlook, fan in zip(both.outlooks, both.fans, strict=True):
        assert outlook.line == fan.line
        ends_at = (fan.low_krw[-1], fan.middle_krw[-1], fan.high_krw[-1])
        assert ends_at == (outlook.low_krw, outlook.middle_krw, outlook.high_krw)


def test_how_many_days_are_asked_for_does_not_move_the_end() -> None:
    line = seen(5)[0]
    days = range(line.day, line.last_day + 1)
    found = courses(line, rng(), days=days, paths=200)

    assert found.shape == (len(days), 200)
    assert (np.diff(found, axis=0) >= 0).all()
    np.testing.assert_allclose(found[-1], ends(line, rng(), paths=200))


def test_the_fan_of_a_year_that_is_over_is_one_day_wide() -> None:
    known = seen(6, YEAR_END)

    for fan in drawn(known):
        assert fan.days == (YEAR_END,)
        assert fan.low_krw == fan.high_krw


def test_the_days_between_hold_about_as_often_as_the_end() -> None:
    """A small sample of what `python -m bench programme` measures; limits are loose on purpose."""
    november_30 = 147
    held = []
    for seed in range(12):
        year = invent(load(), np.random.default_rng([37, 100 + seed]))
        for fan, line in zip(drawn(of_year(year, OCTOBER_31)), year.lines, strict=False):
            at = (november_30 - year.day(OCTOBER_31)) // 10
            assert fan.days[at] == date(2025, 11, 30)
            held.append(fan.low_krw[at] <= line.spent[november_30] <= fan.high_krw[at])

    assert 0.65 < np.mean(held) < 0.95
