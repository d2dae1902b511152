"""Terms of published models, against their formulas written out."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.models.encoding import MISSING
from madang.prognosis.engine.outside.columns import Levels, Measure, polynomial, spline
from madang.prognosis.engine.quality.calibration import restricted_cubic_spline

X = np.array([0.5, 1.0, 2.0, 5.0])


def test_power_zero_is_the_logarithm_and_a_power_again_is_multiplied_by_it() -> None:
    found = polynomial(X, (-1.0, 0.0, 0.5, 0.5, 0.5))
    apart = polynomial(X, (2.0, 1.0, 2.0))

    logarithm = np.log(X)
    assert found[:, 0] == pytest.approx(1 / X)
    assert found[:, 1] == pytest.approx(logarithm)
    assert found[:, 2] == pytest.approx(np.sqrt(X))
    assert found[:, 3] == pytest.approx(np.sqrt(X) * logarithm)
    assert apart[:, 2] == pytest.approx(X**2 * logarithm)
    assert found[:, 4] == pytest.approx(np.sqrt(X) * logarithm**2)


def test_three_knots_are_the_spline_of_calibration_and_five_are_straight_outside() -> None:
    knots = (1.0, 2.0, 3.0, 5.0, 8.0)
    far = np.linspace(9.0, 20.0, 12)

    assert spline(X, (0.6, 1.5, 4.0)) == pytest.approx(
        restricted_cubic_spline(X, np.array([0.6, 1.5, 4.0]))
    )
    assert spline(far, knots).shape == (12, 4)
    assert np.diff(spline(far, knots), n=2, axis=0) == pytest.approx(0, abs=1e-9)
    assert spline(np.array([0.2]), knots)[0, 1:] == pytest.approx(0)


def test_a_number_is_divided_then_shaped_then_centred() -> None:
    column = Measure(name="age", unit="years", powers=(2.0,), divide=10.0, centre=(25.0,))

    assert column.values([60.0])[0, 0] == pytest.approx(36 - 25)


def test_terms_are_named_by_column_and_place() -> None:
    assert Measure(name="a", unit="1").terms == ("a",)
    assert Measure(name="a", unit="1", powers=(0.0, 1.0)).terms == ("a:1", "a:2")
    assert Measure(name="a", unit="1", knots=(1.0, 2.0, 3.0, 4.0)).terms == ("a:1", "a:2", "a:3")
    assert Levels(name="s", levels=("x", "y", "z"), reference="y").terms == ("s=x", "s=z")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "not above 0"),
        (-1.0, "not above 0"),
        (31.0, "outside 0.1 to 30"),
        (np.nan, "no value"),
    ],
)
def test_a_number_outside_or_without_a_logarithm_is_refused(value, said) -> None:
    column = Measure(name="bili", unit="mg/dL", powers=(0.0,), low=0.1, high=30.0)

    found = dict(column.refusals([1.0, value]))

    assert list(found) == [1]
    assert said in found[1].en


def test_zero_has_no_logarithm_whatever_the_range() -> None:
    column = Measure(name="bili", unit="mg/dL", powers=(0.0,))

    assert list(dict(column.refusals([1.0, 0.0, -2.0]))) == [1, 2]
    assert np.isnan(column.values([0.0])).all()


def test_a_whole_power_has_no_lowest_value() -> None:
    assert not dict(Measure(name="a", unit="1", powers=(1.0, 2.0)).refusals([-3.0, 0.0]))


def test_an_unknown_level_and_a_gap_are_refused() -> None:
    column = Levels(name="sex", levels=("f", "m"), reference="f")

    found = dict(column.refusals(np.array(["f", "x", None], dtype=object)))

    assert sorted(found) == [1, 2]
    assert "'x'" in found[1].en
    assert "no value" in found[2].en
    assert MISSING not in found[2].en
    assert column.values(np.array(["m", "f"], dtype=object))[:, 0].tolist() == [1.0, 0.0]
