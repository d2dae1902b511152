"""A signature that a line's own milestones put off is not counted on before its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from madang.kernel.words import words
from madang.programme.engine.forecast.paths import courses
from madang.programme.engine.forecast.seen import Contract, Seen, of_ledger
from madang.programme.engine.pace import Milestone
from tests.programme.engine.bookings import empty

OCTOBER_1, NOVEMBER_20 = date(2025, 10, 1), date(2025, 11, 20)
SIGNATURE = Milestone(line="rpki", title=words("협약", "agreement"), due=NOVEMBER_20, signs=True)
CALL = Contract(amount_krw=3_000_000_000, announced=60)


def rpki(*milestones: Milestone) -> Seen:
    """The RPKI line on 1 October, all of its money under a call of day 60."""
    seen = of_ledger(empty(), OCTOBER_1, calls={"rpki": [CALL]}, milestones=milestones)
    return next(each for each in seen if each.line == "rpki")


def test_an_expected_signature_waits_for_its_milestone() -> None:
    """20 November is day 137 after the vote on 6 July."""
    found = rpki(SIGNATURE)

    assert found.signs_from == 137
    free, held = (
        courses(seen, np.random.default_rng(1), days=[137, 178], paths=300)
        for seen in (rpki(), found)
    )
    assert held[0].max() == 0
    assert 0 < held[1].mean() < free[1].mean()


def test_the_first_of_several_signatures_counts() -> None:
    assert rpki(replace(SIGNATURE, due=date(2025, 12, 1)), SIGNATURE).signs_from == 137


@pytest.mark.parametrize(
    "milestone",
    [
        replace(SIGNATURE, line="npu"),
        replace(SIGNATURE, signs=False),
        replace(SIGNATURE, reached_on=OCTOBER_1),
    ],
)
def test_other_lines_other_milestones_and_reached_ones_put_nothing_off(
    milestone: Milestone,
) -> None:
    assert rpki(milestone).signs_from == 0


def test_one_reached_after_the_day_of_the_forecast_was_still_open_then() -> None:
    assert rpki(replace(SIGNATURE, reached_on=date(2025, 10, 2))).signs_from == 137


def test_a_late_one_changes_no_course() -> None:
    late = rpki(replace(SIGNATURE, due=date(2025, 9, 1)))
    found, free = (
        courses(seen, np.random.default_rng(1), days=[178], paths=300) for seen in (late, rpki())
    )

    np.testing.assert_array_equal(found, free)
