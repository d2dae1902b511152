"""Agreement of judges is Krippendorff's alpha, as its author computes it."""

import pytest

from madang.kernel.stats.agreement import krippendorff_alpha

# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), example D: four observers,
# twelve units, missing values.
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
UNITS = [[value for value in unit if value is not None] for unit in zip(*OBSERVERS, strict=True)]


@pytest.mark.parametrize(
    ("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_the_authors_example(scale, alpha):
    assert krippendorff_alpha(UNITS, scale=scale) == pytest.approx(alpha, abs=5e-4)


def test_ordinal_is_what_is_meant_unless_said():
    assert krippendorff_alpha(UNITS) == krippendorff_alpha(UNITS, scale="ordinal")


def test_who_always_agree_agree_wholly():
    assert krippendorff_alpha([[1, 1], [3, 3, 3], [5, 5]]) == 1


def test_who_contradict_one_another_lie_below_chance():
    assert krippendorff_alpha([[1, 2], [1, 2], [1, 2]]) < 0


def test_what_was_judged_once_does_not_count():
    assert krippendorff_alpha([*UNITS, [9], []]) == krippendorff_alpha(UNITS)


@pytest.mark.parametrize("units", [[], [[1], [2]], [[3, 3], [3, 3]]])
def test_where_nothing_can_be_told_there_is_no_number(units):
    assert krippendorff_alpha(units) is None


def test_the_order_of_judges_and_units_is_nothing():
    turned = [list(reversed(unit)) for unit in reversed(UNITS)]

    assert krippendorff_alpha(turned) == pytest.approx(krippendorff_alpha(UNITS))
