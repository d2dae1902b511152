"""Whom the model does not know: one sentence each, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from madang.prognosis.engine.stack.scope import fit_scope
from tests.prognosis.patients import fitted, invented

GOOD = {
    "age": np.array([60.0]),
    "marker": np.array([2.0]),
    "noise": np.array([0.0]),
    "stage": np.array(["I"], dtype=object),
}


def refused(**changed):
    model, _ = fitted()
    table = GOOD | {name: np.array([value], dtype=object) for name, value in changed.items()}
    return model.scope.refusals(table, model.stack.parts.columns)[0]


def test_a_patient_like_those_seen_is_answered() -> None:
    assert refused() is None


@pytest.mark.parametrize(
    ("changed", "english", "korean"),
    [
        ({"age": 130.0}, "'age' is 130, outside 30 to 80", "'age'의 값 130"),
        ({"age": 1.0}, "'age' is 1, outside 30 to 80", "학습 범위 30–80"),
        ({"marker": 400.0}, "'marker' is 400", "'marker'"),
        ({"stage": "IX"}, "'stage' is 'IX'", "'IX'"),
        ({"age": None}, "the key column 'age' has no value", "'age'의 값이 없어"),
        ({"stage": None}, "the key column 'stage' has no value", "'stage'의 값이 없어"),
    ],
)
def test_a_patient_outside_is_refused_in_one_sentence(changed, english, korean) -> None:
    sentence = refused(**changed)

    assert english in sentence.en
    assert korean in sentence.ko
    assert sentence.en.count(". ") == 0


def test_a_gap_where_little_hangs_on_it_is_answered() -> None:
    assert refused(noise=None) is None


def test_a_strange_combination_of_ordinary_values_is_refused() -> None:
    rng = np.random.default_rng(0)
    height = rng.normal(170, 10, 500)
    table = {"height": height, "arm": height * 0.45 + rng.normal(0, 0.5, 500)}
    from madang.prognosis.engine.models.columns import fit_columns
    from madang.prognosis.engine.models.intervals import Watched

    watched = Watched.of(rng.exponential(5, 500), np.ones(500))
    declared = [{"name": name, "kind": "number"} for name in table]
    columns = fit_columns(table, declared, watched)
    scope = fit_scope(table, columns, lambda rows: np.zeros(len(rows["arm"])))
    short, tall = float(height.min()), float(height.max())

    asked = {"height": np.array([tall, tall]), "arm": np.array([tall * 0.45, short * 0.45])}

    usual, strange = scope.refusals(asked, columns)
    assert usual is None
    assert "combination" in strange.en


def test_nearly_all_patients_of_the_same_kind_are_answered() -> None:
    model, _ = fitted()
    table, _ = invented(2000, seed=11)

    found = model.scope.refusals(table, model.stack.parts.columns)

    assert np.mean([each is not None for each in found]) < 0.02
