"""The rubric says what a level means, and takes scores together as it declared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.words import words
from madang.trials.engine.errors import RubricError
from madang.trials.engine.rubric import Anchor, Criterion, Mixture, Rubric, require_fixed

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def criterion(name="use", weight=1.0, levels=(1, 2, 3, 4, 5)) -> Criterion:
    """A criterion with these levels."""
    return Criterion(
        name=name,
        title=words("쓰임", "use"),
        weight=weight,
        anchors=tuple(
            Anchor(level=each, meaning=words(f"{each}단계", f"level {each}")) for each in levels
        ),
    )


def rubric(**changed) -> Rubric:
    """Two criteria, the first weighing three times the second."""
    two = (criterion("use", 3.0), criterion("care", 1.0, levels=(0, 1)))
    return Rubric(**{"criteria": two, **changed})


@pytest.mark.parametrize("levels", [(), (1,), (2, 1), (1, 1)])
def test_levels_rise_from_the_worst_to_the_best(levels):
    with pytest.raises(RubricError):
        criterion(levels=levels)


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_every_criterion_weighs_something(weight):
    with pytest.raises(RubricError):
        criterion(weight=weight)


@pytest.mark.parametrize(
    "changed",
    [
        {"criteria": ()},
        {"criteria": (criterion(), criterion())},
        {"trim": 0.5},
        {"trim": -0.1},
        {"fewest": 0},
    ],
)
def test_a_rubric_that_cannot_be_followed_is_refused(changed):
    with pytest.raises(RubricError):
        rubric(**changed)


def test_points_run_from_the_worst_level_to_the_best():
    assert [criterion().points(level) for level in (1, 3, 4.5, 5)] == [0, 50, 87.5, 100]


def test_the_median_withstands_one_who_scores_otherwise():
    assert rubric().centre([1, 4, 5]) == 4
    assert rubric().centre([2, 3]) == 2.5


@pytest.mark.parametrize(
    ("trim", "levels", "mean"),
    [
        (0.2, [1, 4, 4, 5, 5], 13 / 3),
        (0.2, [1, 5], 3),
        (0.25, [1, 4, 4, 5], 4),
        (0.0, [1, 5], 3),
        (0.34, [1, 2, 5], 2),
    ],
)
def test_the_trimmed_mean_leaves_out_its_share_at_each_end(trim, levels, mean):
    assert rubric(aggregate="trimmed_mean", trim=trim).centre(levels) == pytest.approx(mean)


def test_criteria_weigh_as_declared():
    assert rubric().judged({"use": 100, "care": 0}) == 75


class TestMixture:
    def test_measured_and_judged_parts_weigh_as_declared(self):
        # A Brier score of .15, halfway from the baseline's .20 down to .10, is worth 50 points.
        mixture = Mixture(measured_share=0.6, zero=0.20, full=0.10)

        assert mixture.points(0.15) == pytest.approx(50)
        assert mixture.mixed(0.15, judged=90) == pytest.approx(0.6 * 50 + 0.4 * 90)

    @given(st.floats(-10, 10))
    def test_points_end_at_0_and_100(self, measured):
        assert 0 <= Mixture(measured_share=0.5, zero=0.7, full=0.9).points(measured) <= 100

    @pytest.mark.parametrize(
        ("share", "zero", "full"), [(0.0, 0, 1), (1.0, 0, 1), (0.5, 0.2, 0.2)]
    )
    def test_one_that_mixes_nothing_is_refused(self, share, zero, full):
        with pytest.raises(RubricError):
            Mixture(measured_share=share, zero=zero, full=full)


class TestFixing:
    def test_after_the_first_run_only_the_fixed_rubric_serves(self):
        fixed = rubric().digest
        later = NOW + timedelta(days=1)

        require_fixed(rubric(), fixed=fixed, first_run=NOW, at=later)
        require_fixed(rubric(fewest=4), fixed=fixed, first_run=None, at=later)
        require_fixed(rubric(fewest=4), fixed=fixed, first_run=later, at=NOW)
        for changed in (
            rubric(fewest=4),
            rubric(aggregate="trimmed_mean"),
            rubric(mixture=Mixture(measured_share=0.5, zero=0.0, full=1.0)),
        ):
            with pytest.raises(RubricError, match=fixed):
                require_fixed(changed, fixed=fixed, first_run=NOW, at=NOW)

    def test_it_comes_back_from_a_row_with_its_digest(self):
        made = rubric(mixture=Mixture(measured_share=0.5, zero=0.0, full=1.0))

        assert Rubric.from_plain(made.plain()) == made
        assert Rubric.from_plain(made.plain()).digest == made.digest
