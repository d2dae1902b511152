"""Where a risk comes from: closed forms, textbook games, all orders by hand, and a real stack."""

from __future__ import annotations

from itertools import permutations as orders_of
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kernel.errors import InputError
from madang.prognosis.engine.dynamic.landmark import fit_landmark
from madang.prognosis.engine.dynamic.visits import AT, PATIENT
from madang.prognosis.engine.explain.contributions import contributions, reference_of
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.model import Model, fit_model
from tests.prognosis.engine.dynamic.courses import made

TIMES = np.array([1.0, 2.0, 3.0])
NAMES = ("a", "b", "c", "d", "e")
ZERO, ONE = dict.fromkeys(NAMES, 0.0), dict.fromkeys(NAMES, 1.0)
SAMPLED = {"exact": 0}


class Asked:
    """A model whose risk is what a function makes of the numbers (n, p), times t/10."""

    def __init__(self, function) -> None:
        self.function, self.rows = function, []

    def __call__(self, table, times):
        matrix = np.column_stack([np.asarray(table[name], float) for name in table])
        self.rows.append(len(matrix))
        return 1 - np.outer(self.function(matrix), times) / 10


def shares(function, count: int, **more: Any) -> np.ndarray:
    """Points at time 10 of a patient of ones against zeros: the worth by column."""
    names = NAMES[:count]
    found = contributions(
        Asked(function), dict.fromkeys(names, 1.0), dict.fromkeys(names, 0.0), [10.0], **more
    )
    return found.points[:, 0]


@pytest.mark.parametrize("how", [{}, SAMPLED])
def test_of_a_sum_each_column_has_its_own_difference(how) -> None:
    slopes = np.array([0.1, -0.04, 0.02, 0.0, 0.05])
    patient = dict(zip(NAMES, [3.0, 1.0, -1.0, 5.0, 0.5], strict=True))
    reference = dict(zip(NAMES, [1.0, 2.0, 1.0, 2.0, 0.25], strict=True))

    found = contributions(Asked(lambda x: 0.2 + x @ slopes), patient, reference, TIMES, **how)

    own = slopes * (np.array([*patient.values()]) - [*reference.values()])
    assert np.allclose(found.points, np.outer(own, TIMES) / 10, atol=1e-15)
    assert np.allclose(found.error, 0, atol=1e-15)
    assert found.columns == NAMES


def test_the_glove_game_is_shared_as_in_the_textbook() -> None:
    """Two left gloves and one right: 1/6, 1/6, 4/6 (Shapley values of the glove game)."""
    found = shares(lambda x: x[:, 2] * np.maximum(x[:, 0], x[:, 1]), 3)

    assert np.allclose(found, [1 / 6, 1 / 6, 4 / 6], atol=1e-15)


def test_what_three_do_only_together_they_share_alike() -> None:
    found = shares(lambda x: x[:, 0] * x[:, 1] * x[:, 3] * 0.6, 4)

    assert np.allclose(found, [0.2, 0.2, 0, 0.2], atol=1e-15)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 5))
def test_exact_values_are_the_average_over_all_orders(seed: int, count: int) -> None:
    worth = np.random.default_rng(seed).normal(size=2**count)

    def function(matrix):
        return worth[(matrix.astype(int) << np.arange(count)).sum(axis=1)]

    mean, orders = np.zeros(count), list(orders_of(range(count)))
    for order in orders:
        number = 0
        for column in order:
            mean[column] += (worth[number | 1 << column] - worth[number]) / len(orders)
            number |= 1 << column

    assert np.allclose(shares(function, count), mean, atol=1e-12)


def test_drawn_orders_are_told_by_the_steps_of_each_order() -> None:
    """With two columns an order and its reverse are all orders: the sample is exact."""
    worth = np.array([0.1, 0.3, 0.4, 0.9])

    found = shares(lambda x: worth[(x @ [1, 2]).astype(int)], 2, permutations=4, **SAMPLED)

    assert np.allclose(found, [(0.2 + 0.5) / 2, (0.3 + 0.6) / 2], atol=1e-15)


def test_equal_columns_add_nothing_and_are_not_asked() -> None:
    model = Asked(lambda x: 0.1 * x.sum(axis=1))

    found = contributions(model, {**ZERO, "b": 1.0, "e": 2.0}, ZERO, TIMES)

    assert model.rows == [4]
    assert (found.points[[0, 2, 3]] == 0).all()
    assert np.allclose(found.points[[1, 4], 0], [0.01, 0.02])


def test_a_patient_like_the_reference_has_no_contributions() -> None:
    model = Asked(lambda x: 0.3 + 0 * x[:, 0])

    found = contributions(model, {**ZERO, "a": 0}, ZERO, TIMES)

    assert model.rows == [1]
    assert (found.points == 0).all()
    assert (found.risk == found.reference_risk).all()


def test_a_column_that_the_model_ignores_adds_exactly_nothing() -> None:
    found = contributions(
        Asked(lambda x: np.tanh(x[:, 0] * x[:, 1] + x[:, 3] * x[:, 4])),
        ONE,
        ZERO,
        TIMES,
        **SAMPLED,
    )

    assert (found.points[2] == 0).all()
    assert (found.error[2] == 0).all()
    assert (found.error[[0, 1, 3, 4]] > 0).all()


@pytest.mark.parametrize("how", [{}, SAMPLED])
def test_the_model_is_asked_once(how) -> None:
    model = Asked(lambda x: x.prod(axis=1))

    contributions(model, ONE, ZERO, TIMES, **how)

    assert len(model.rows) == 1


def test_columns_of_a_group_move_together_and_share_one_line() -> None:
    model = Asked(lambda x: 0.1 * x[:, 0] * x[:, 3] + 0.02 * x[:, 1])

    found = contributions(model, ONE, ZERO, [10.0], groups={"pair": ["d", "a"]})

    assert found.columns == ("pair", "b", "c", "e")
    assert np.allclose(found.points[:, 0], [0.1, 0.02, 0, 0], atol=1e-15)


@pytest.mark.parametrize(
    "groups",
    [{"x": ["a"], "y": ["a", "b"]}, {"x": ["z"]}, {"b": ["a", "c"]}, {"x": ["a", "a"]}],
)
def test_a_group_of_unknown_or_taken_columns_is_a_defect(groups) -> None:
    with pytest.raises(ValueError, match="group"):
        contributions(Asked(lambda x: x[:, 0]), ONE, ZERO, TIMES, groups=groups)


@pytest.mark.parametrize("number", [0, 2, 7])
def test_orders_come_in_pairs(number: int) -> None:
    with pytest.raises(ValueError, match="an even number from 4"):
        contributions(Asked(lambda x: x[:, 0]), ONE, ZERO, TIMES, permutations=number)


def test_a_patient_without_a_column_is_refused() -> None:
    with pytest.raises(InputError, match="without b, d"):
        contributions(Asked(lambda x: x[:, 0]), {"a": 1, "c": 1, "e": 1}, ZERO, TIMES)


@pytest.mark.parametrize("answer", [np.full((4, 3), np.nan), np.ones((4, 2)), np.ones((3, 3))])
def test_a_model_without_an_answer_for_each_row_is_a_defect(answer) -> None:
    with pytest.raises(ValueError, match="4 rows and 3 times"):
        contributions(lambda table, times: answer, {**ZERO, "a": 1, "b": 1}, ZERO, TIMES)


def test_values_reach_the_model_as_they_are() -> None:
    seen = {}

    def model(table, times):
        seen.update(table)
        return np.ones((len(table["age"]), 1))

    patient = {"age": None, "grade": None, "sex": "male", "smoker": True, "visits": 3}
    reference = {"age": 60.5, "grade": "II", "sex": "male", "smoker": False, "visits": 2}
    contributions(model, patient | {"id": "P1"}, reference, [1.0])

    assert set(seen) == set(reference)
    assert seen["age"].dtype == seen["visits"].dtype == np.float64
    assert set(seen["age"][~np.isnan(seen["age"])]) == {60.5}
    assert set(seen["grade"]) == {None, "II"}
    assert set(seen["sex"]) == {"male"}
    assert {type(each) for each in seen["smoker"]} == {bool}
    assert len({tuple(map(str, row)) for row in zip(*seen.values(), strict=True)}) == 16


@pytest.fixture(scope="module")
def model(cohort: pl.DataFrame) -> tuple[Model, dict[str, Any]]:
    """The stack on GBSG-2: eight columns."""
    names = [name for name in cohort.columns if name not in ("id", "time", "cens")]
    table = {name: cohort[name].to_numpy() for name in names}
    declared = [
        {"name": n, "kind": "category" if v.dtype == object else "number"}
        for n, v in table.items()
    ]
    watched = Watched.of(cohort["time"].to_numpy(), cohort["cens"].to_numpy())
    return fit_model(table, declared, watched)[0], table


def explained(model: tuple[Model, dict[str, Any]], row: int, **more: Any):
    """A patient of the cohort against the middle one, after 1, 3 and 5 years."""
    fitted, table = model
    reference = reference_of(fitted.stack.parts.columns.encoding, fitted.scope.centre)
    patient = {name: values[row] for name, values in table.items()}
    return contributions(
        fitted.stack.survival, patient, reference, [365.0, 1096.0, 1826.0], **more
    )


@pytest.mark.parametrize("how", [{}, SAMPLED])
def test_points_add_up_to_the_difference_of_the_risks(model, how) -> None:
    for row in range(0, 686, 97):
        found = explained(model, row, **how)
        whole = found.risk - found.reference_risk

        assert np.abs(found.points.sum(axis=0) - whole).max() < 1e-9
        assert np.abs(whole).max() > 0


def test_the_risks_are_those_of_the_model(model) -> None:
    fitted, table = model
    row = {name: values[[97]] for name, values in table.items()}

    found = explained(model, 97)

    own = 1 - fitted.stack.survival(row, [365.0, 1096.0, 1826.0])[0]
    assert np.allclose(found.risk, own, atol=1e-7)


def test_drawn_orders_agree_with_all_coalitions_within_their_error(model) -> None:
    """(drawn − exact)/error is about standard normal; 99.9 % of a t of 79 lies within 3.42."""
    scores = []
    for row in range(0, 686, 49):
        exact, drawn = (explained(model, row, exact=n, seed=row) for n in (8, 0))
        assert (exact.error == 0).all()
        known = drawn.error > 1e-6
        scores.append(((drawn.points - exact.points)[known] / drawn.error[known]).ravel())

    found = np.concatenate(scores)
    assert len(found) > 150
    assert 0.7 < np.sqrt((found**2).mean()) < 1.3
    assert (np.abs(found) < 3.42).mean() > 0.99


def test_the_error_falls_with_the_root_of_the_orders(model) -> None:
    few, many = (explained(model, 200, permutations=n, **SAMPLED).error for n in (200, 1800))

    assert 2.4 < np.linalg.norm(few) / np.linalg.norm(many) < 3.6


def test_what_two_columns_do_together_needs_no_luck() -> None:
    """An order and its reverse hold both orders of any two columns: .3 and .1, on average .2."""
    worth = np.array([0.0, 0.3, 0.4])
    found = shares(lambda x: worth[x[:, :2].sum(axis=1).astype(int)], 5, permutations=4, **SAMPLED)

    assert np.allclose(found, [0.2, 0.2, 0, 0, 0], atol=1e-12)


def test_the_same_seed_gives_the_same_bits_and_another_does_not(model) -> None:
    first, again, other = (explained(model, 50, seed=s, **SAMPLED) for s in (3, 3, 4))

    assert (first.points == again.points).all()
    assert (first.error == again.error).all()
    assert (first.points != other.points).any()


def test_the_reference_has_medians_and_the_commonest_levels(model, cohort: pl.DataFrame) -> None:
    fitted, _ = model

    found = reference_of(fitted.stack.parts.columns.encoding, fitted.scope.centre)

    for name in ("age", "tsize", "pnodes", "progrec", "estrec"):
        assert found[name] == cohort[name].median()
    for name in ("horTh", "menostat", "tgrade"):
        assert found[name] == cohort[name].mode()[0]


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        (["b", "c", "a", "b"], "b"),
        (["b", "a", "a", "b"], "a"),
        ([None, None, None, "z"], "z"),
        ([None, None, None, None], None),
        ([2, 2, 1, 2], "2"),
    ],
)
def test_the_commonest_level_is_a_known_one(values, middle) -> None:
    table = {"x": np.array([1.0, 2.0, 3.0, 9.0]), "level": np.array(values, dtype=object)}
    declared = [{"name": "level", "kind": "category"}, {"name": "x", "kind": "number"}]
    encoding = fit_encoding(table, declared)

    found = reference_of(encoding, encoding.matrix(table).mean(axis=0))

    assert found == {"level": middle, "x": 2.5}


def test_of_rare_levels_alone_the_first_stands_for_them() -> None:
    table = {"level": np.array(["q", "p", "r"], dtype=object)}
    encoding = fit_encoding(table, [{"name": "level", "kind": "category"}], fewest=10)

    assert reference_of(encoding, encoding.matrix(table).mean(axis=0)) == {"level": "p"}


def test_the_landmark_model_is_explained_by_the_same_call() -> None:
    """Its marker drives the event and the centre does not (that is how the patients are made)."""
    cohort = made(300)
    fitted = fit_landmark(
        cohort.visits,
        cohort.courses,
        landmarks=(1.0, 2.0),
        horizon=2.0,
        categories=("sex", "centre"),
        penalty=0.01,
    )
    snapshot = cohort.visits.snapshot(1.0)
    patient = snapshot.row(int(snapshot["marker"].arg_max() or 0), named=True)
    reference = reference_of(
        fitted.encoding, fitted.causes[0].centre, logarithms=fitted.logarithms
    )

    found = contributions(
        lambda table, times: fitted.incidence(pl.DataFrame(table), times).survival,
        patient,
        reference | {AT: patient[AT]},
        [1.0, 2.0],
    )

    assert "marker" in fitted.logarithms
    assert snapshot["marker"].min() < reference["marker"] < snapshot["marker"].max()
    assert PATIENT not in found.columns
    assert found.columns[np.abs(found.points[:, 1]).argmax()] == "marker"
    assert np.allclose(found.points.sum(axis=0), found.risk - found.reference_risk, atol=1e-9)
