"""A rule trips when harm is shown, is kept when it is ruled out, and else goes on observing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.stats.sequential import Tally
from madang.kernel.words import words
from madang.trials.engine.errors import MoveRefused
from madang.trials.engine.stop_rule import STANDINGS, Measure, StopRule, cases_needed

ERRORS = Measure(name="errors", title=words("오류율", "error rate"))
RULE = StopRule(measure="errors", limit=0.1, fewest=100)


def read(n, events, *, rule=RULE, alpha=0.01):
    """The rule's reading of so many errors."""
    return rule.read(Tally.empty().with_counts(n=n, events=events), alpha=alpha)


@pytest.mark.parametrize(
    ("n", "events", "standing"),
    [
        (0, 0, "observing"),
        (60, 0, "observing"),
        (99, 0, "observing"),
        (400, 12, "kept"),
        (400, 40, "observing"),
        (400, 80, "tripped"),
        (30, 20, "tripped"),
    ],
)
def test_what_was_seen_decides(n, events, standing):
    assert read(n, events).standing == standing


def test_harm_trips_it_before_there_are_enough_cases():
    reading = read(30, 20)

    assert reading.n < RULE.fewest
    assert reading.lower > RULE.limit


@given(st.integers(0, 600), st.floats(0, 1))
def test_the_standing_is_what_the_limits_say(n, share):
    reading = read(n, round(share * n))

    assert (reading.standing == "tripped") == (reading.lower > 0.1)
    assert (reading.standing == "kept") == (n >= 100 and reading.upper <= 0.1)


@given(st.integers(0, 400), st.floats(0, 1), st.floats(0.0001, 0.2))
def test_a_smaller_part_of_alpha_never_shows_more(n, share, alpha):
    events = round(share * n)
    strict, loose = read(n, events, alpha=alpha / 2), read(n, events, alpha=alpha)

    assert strict.lower <= loose.lower
    assert strict.upper >= loose.upper


def test_all_gates_of_all_attempts_together_spend_alpha():
    spent = sum(4 * RULE.part(gates=4, attempt=attempt) for attempt in range(1, 20_000))

    assert spent < RULE.alpha
    assert spent == pytest.approx(RULE.alpha, rel=1e-3)
    assert RULE.part(gates=4, attempt=1) == 0.05 / 8


@pytest.mark.parametrize("changed", [{"alpha": 0.0}, {"alpha": 0.5}, {"fewest": 0}])
def test_a_rule_that_cannot_be_kept_is_refused(changed):
    with pytest.raises(MoveRefused):
        StopRule(measure="errors", limit=0.1, **changed)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("rate", 0, 2), ("rate", -1, 1), ("paired", 0, 1), ("amount", 3, 3), ("amount", 2, 1)],
)
def test_a_measure_has_the_range_of_its_kind(kind, low, high):
    with pytest.raises(MoveRefused):
        Measure(name="x", title=words("x", "x"), kind=kind, low=low, high=high)


def test_an_amount_may_lie_anywhere():
    assert Measure(name="x", title=words("x", "x"), kind="amount", low=-5, high=20).high == 20


class TestWords:
    @pytest.mark.parametrize(
        ("n", "events", "ko", "en"),
        [
            (0, 0, "아직", "no case yet"),
            (60, 0, "100건까지", "until there are 100"),
            (400, 12, "한도 안입니다", "within the limit"),
            (400, 40, "더 관찰해야", "more cases must tell"),
            (400, 80, "한도를 넘었습니다", "the limit is exceeded"),
        ],
    )
    def test_a_reading_is_told_in_one_sentence(self, n, events, ko, en):
        said = read(n, events).sentence(ERRORS.title)

        assert ko in said.ko
        assert en in said.en

    def test_what_is_wanting_is_told_as_a_phrase(self):
        assert read(60, 0).lack(ERRORS.title) == words(
            "오류율 40건의 관찰", "40 more cases of error rate"
        )
        assert "of at most 0.1" in read(400, 40).lack(ERRORS.title).en

    def test_every_standing_has_its_words(self):
        assert all(each.ko and each.en for each in STANDINGS.values())


class TestCasesNeeded:
    @pytest.mark.parametrize("mean", [0.02, 0.05, 0.08])
    def test_so_many_cases_of_the_expected_mean_keep_the_rule(self, mean):
        needed = cases_needed(RULE, ERRORS, mean=mean, gates=4)
        alpha = RULE.part(gates=4, attempt=1)
        tally = Tally.empty()

        assert RULE.read(tally.with_mean(n=needed, mean=mean), alpha=alpha).standing == "kept"
        fewer = math.floor(needed / 1.11) - 1
        assert fewer < RULE.fewest or (
            RULE.read(tally.with_mean(n=fewer, mean=mean), alpha=alpha).standing == "observing"
        )

    def test_nearer_the_limit_it_takes_more_and_at_the_limit_none_would_do(self):
        near, far = (cases_needed(RULE, ERRORS, mean=mean, gates=4) for mean in (0.09, 0.03))

        assert near > 10 * far
        assert cases_needed(RULE, ERRORS, mean=0.1, gates=4) is None

    def test_a_later_attempt_takes_more(self):
        first = cases_needed(RULE, ERRORS, mean=0.05, gates=4)

        assert cases_needed(RULE, ERRORS, mean=0.05, gates=4, attempt=5) > first
