"""The forest: its evaluation is that of the trees, its hazards are those of the patients in it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from madang.prognosis.engine.models.forest import fit_forest
from madang.prognosis.engine.models.intervals import Watched
from tests.prognosis.patients import invented


@pytest.fixture(scope="module")
def sample():
    table, watched = invented(300)
    marker = np.nan_to_num(table["marker"], nan=2.0)
    matrix = np.column_stack([table["age"], marker, table["stage"] == "II"])
    return matrix.astype(float), watched


def test_patients_fall_as_the_trees_say(sample) -> None:
    matrix, watched = sample
    forest = fit_forest(matrix, watched, trees=7)
    trees = RandomForestRegressor(7, min_samples_leaf=12, max_features="sqrt", random_state=0).fit(
        matrix, watched.martingale_residuals(), sample_weight=watched.weight
    )
    new = np.random.default_rng(1).uniform(-5, 90, (500, 3))
    splits = np.flatnonzero(forest.leaf < 0)[:400]
    new[np.arange(len(splits)), forest.column[splits]] = forest.threshold[splits]

    fallen = forest._fallen(new.astype(np.float32))

    expected = trees.apply(new.astype(np.float32))
    for tree in range(7):
        pairs = set(zip(fallen[:, tree].tolist(), expected[:, tree].tolist(), strict=True))
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_one_leaf_is_the_life_table_of_all(sample) -> None:
    matrix, watched = sample

    forest = fit_forest(matrix, watched, trees=3, per_leaf=300)

    at_risk, events = forest.intervals.counts(watched)
    expected = np.cumprod(1 - events.sum(0) / at_risk.sum(0))
    found = forest.survival(matrix[:2], forest.intervals.ends)
    assert found == pytest.approx(np.tile(expected, (2, 1)), abs=1e-5)


def test_weights_count_in_the_leaves(sample) -> None:
    matrix, watched = sample
    heavy = Watched.of(watched.time, watched.cause, weight=np.where(watched.event, 3.0, 1.0))

    plain = fit_forest(matrix, watched, trees=5, per_leaf=300).survival(matrix[:1], [20.0])
    worse = fit_forest(matrix, heavy, trees=5, per_leaf=300).survival(matrix[:1], [20.0])

    assert worse[0, 0] < plain[0, 0] - 0.05


def test_a_worse_patient_gets_the_lower_curve(sample) -> None:
    forest = fit_forest(*sample)

    good, bad = forest.survival([[35.0, 1.0, 0.0], [78.0, 5.0, 1.0]], [5.0, 20.0])

    assert (bad < good - 0.2).all()


def test_the_same_rows_give_the_same_bits_and_blocks_do_not_matter(sample) -> None:
    matrix, watched = sample
    many = np.tile(matrix, (8, 1))

    once = fit_forest(matrix, watched).survival(many, [3.0, 30.0])
    again = fit_forest(matrix, watched).survival(matrix, [3.0, 30.0])

    assert (once == np.tile(again, (8, 1))).all()
    assert fit_forest(matrix, watched).survival(np.empty((0, 3)), [3.0]).shape == (0, 1)
