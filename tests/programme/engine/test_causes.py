"""The cause of a delay is suggested from facts, with the fact that speaks for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from madang.programme.engine.causes import CAUSE_NAMES, Cause, Facts, expected_share, suggest

# Day 117 of 178 is 31 October; even pace after 60 days would be at 57 / 118.
WELL = Facts(
    day=117,
    last_day=178,
    granted=0.9,
    disbursed=0.7,
    spent=0.6,
    announced=1.0,
    signed=1.0,
    announced_after=14,
    signed_after=28,
)
BEHIND = replace(WELL, spent=0.1)


@pytest.mark.parametrize(
    ("facts", "cause", "said"),
    [
        (WELL, Cause.NONE, "at its pace"),
        (replace(BEHIND, barred=True), Cause.WRONG_LINE, "transfer"),
        (replace(BEHIND, announced_after=None), Cause.UNPREPARED, "No call is known 117 days"),
        (replace(BEHIND, announced_after=60), Cause.UNPREPARED, "60 days after the vote"),
        (replace(BEHIND, signed_after=None), Cause.LATE_PROCEDURE, "nothing is signed"),
        (replace(BEHIND, signed_after=80), Cause.LATE_PROCEDURE, "80 days"),
        (
            replace(BEHIND, announced_after=80, signed_after=0),
            Cause.UNPREPARED,
            "contract came 80",
        ),
        # 0.1 of 0.3 that should be proved by now, and of 0.12.
        (replace(BEHIND, due=0.3), Cause.OVERESTIMATED_DEMAND, "33%"),
        (replace(WELL, due=0.9), Cause.OVERESTIMATED_DEMAND, "67%"),
        (replace(BEHIND, due=0.3, announced_after=28), Cause.WRONG_LINE, "28 days"),
        (replace(BEHIND, due=0.12, announced_after=60), Cause.UNPREPARED, "60 days"),
        (replace(BEHIND, signed=0.15), Cause.OVERESTIMATED_DEMAND, "Only 15%"),
        (BEHIND, Cause.GRANT_PARKED, "80%"),
        (replace(BEHIND, granted=0.4), Cause.LATE_PROCEDURE, "28 days"),
    ],
)
def test_the_strongest_sign_names_the_cause(facts: Facts, cause: Cause, said: str) -> None:
    found = suggest(facts)

    assert found.cause is cause
    assert said in found.reason.en
    assert "니다" in found.reason.ko


def test_nothing_is_expected_of_a_line_before_it_can_have_started() -> None:
    assert expected_share(replace(WELL, day=60)) == 0
    assert expected_share(replace(WELL, day=178)) == 1
    assert suggest(replace(BEHIND, day=50, spent=0.0)).cause is Cause.NONE


def test_without_a_known_call_a_contract_may_come_as_late_as_call_and_procedure() -> None:
    """30 days to the call and 43 of the procedure: 73 from the vote to the contract."""
    in_time = replace(BEHIND, announced_after=73, signed_after=0, granted=0.2)

    assert suggest(in_time).cause is Cause.LATE_PROCEDURE
    assert suggest(replace(in_time, announced_after=74)).cause is Cause.UNPREPARED


def test_too_little_that_is_due_tells_nothing_of_the_use() -> None:
    assert replace(BEHIND, due=0.05).use is None
    assert replace(BEHIND, due=0.2).use == pytest.approx(0.5)


def test_every_cause_has_a_name_in_both_languages() -> None:
    assert set(CAUSE_NAMES) == set(Cause)
