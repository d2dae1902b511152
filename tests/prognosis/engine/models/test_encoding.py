"""From columns to a matrix: medians, scales, levels, gaps, and what was never seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from madang.prognosis.engine.models.encoding import fit_encoding

AGE = {"name": "age", "kind": "number"}
GRADE = {"name": "grade", "kind": "category", "levels": ["I", "II", "III"]}


def test_numbers_get_mean_0_and_deviation_1_and_gaps_the_median() -> None:
    table = {"age": [1.0, 2.0, 3.0, 10.0, None]}

    matrix = fit_encoding(table, [AGE]).matrix(table)

    filled = np.array([1, 2, 3, 10, 2.5])
    assert matrix[:, 0] == pytest.approx((filled - filled.mean()) / filled.std())


def test_a_new_row_is_scaled_by_what_the_training_rows_taught() -> None:
    encoding = fit_encoding({"age": [0.0, 2.0]}, [AGE])

    assert encoding.matrix({"age": [4.0, np.nan]}).tolist() == [[3.0], [0.0]]


def test_scikit_learn_encodes_the_same() -> None:
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    rng = np.random.default_rng(0)
    age = np.where(rng.random(200) < 0.1, np.nan, rng.normal(50, 9, 200))
    grade = rng.choice(["a", "b", "c", "rare"], 200, p=[0.5, 0.3, 0.17, 0.03])
    table = {"age": age, "grade": grade}

    found = fit_encoding(table, [AGE, {"name": "grade", "kind": "category"}], fewest=10)

    filled = SimpleImputer(strategy="median").fit_transform(age[:, None])
    judge = OneHotEncoder(drop="first", min_frequency=10).fit_transform(grade[:, None]).toarray()
    expected = np.hstack([StandardScaler().fit_transform(filled), judge])
    assert found.matrix(table) == pytest.approx(expected)


def test_declared_levels_keep_their_order_and_the_first_is_dropped() -> None:
    table = {"grade": ["III", "I", "II"]}

    assert fit_encoding(table, [GRADE]).matrix(table).tolist() == [[0, 1], [0, 0], [1, 0]]


def test_what_was_never_seen_counts_as_the_first_level() -> None:
    encoding = fit_encoding({"grade": ["I", "II", "III"]}, [GRADE])

    assert encoding.matrix({"grade": ["IV", None]}).tolist() == [[0, 0], [0, 0]]


def test_a_gap_seen_in_training_is_a_level_of_its_own() -> None:
    table = {"grade": ["I", "II", "III", None]}

    assert fit_encoding(table, [GRADE]).matrix(table)[3].tolist() == [0, 0, 1]


def test_rare_levels_share_one_indicator() -> None:
    table = {"site": ["a"] * 5 + ["b"] * 5 + ["c", "d"]}
    encoding = fit_encoding(table, [{"name": "site", "kind": "category"}], fewest=3)

    matrix = encoding.matrix(table)

    assert matrix.shape == (12, 2)
    assert matrix[-2:].tolist() == [[0, 1], [0, 1]]


def test_pandas_polars_and_plain_columns_give_the_same_matrix() -> None:
    plain = {"age": [60, None, 41], "grade": ["II", None, "I"]}
    columns = [AGE, GRADE]

    from_pandas = fit_encoding(pd.DataFrame(plain), columns).matrix(pd.DataFrame(plain))
    from_polars = fit_encoding(pl.DataFrame(plain), columns).matrix(pl.DataFrame(plain))

    assert from_pandas.tolist() == from_polars.tolist()
    assert from_pandas.tolist() == fit_encoding(plain, columns).matrix(plain).tolist()


def test_truth_values_are_numbers_and_whole_codes_are_levels() -> None:
    table = {"smokes": [True, False, True, False], "code": [1.0, 2.0, 1.0, 2.0]}
    columns = [
        {"name": "smokes", "kind": "boolean"},
        {"name": "code", "kind": "category", "levels": ["1", "2"]},
    ]

    assert fit_encoding(table, columns).matrix(table).tolist() == [[1, 0], [-1, 1]] * 2


def test_the_unit_of_a_number_does_not_matter() -> None:
    metres = {"age": np.array([1.5, 1.7, 1.9])}
    millimetres = {"age": metres["age"] * 1000}

    first, second = (fit_encoding(t, [AGE]).matrix(t) for t in (metres, millimetres))

    assert first == pytest.approx(second)


def test_constant_and_empty_columns_say_nothing() -> None:
    table = {"age": [3.1, 3.1, 3.1], "grade": ["I", "I", "I"], "gone": [None, None, None]}
    columns = [AGE, GRADE, {"name": "gone", "kind": "number"}]

    matrix = fit_encoding(table, columns).matrix(table)

    assert np.abs(matrix).max() == pytest.approx(0, abs=1e-12)


def test_text_is_left_out_and_nothing_left_is_an_empty_matrix() -> None:
    table = {"note": ["x", "y"], "grade": ["I", "I"]}
    columns = [{"name": "note", "kind": "text"}, {"name": "grade", "kind": "category"}]

    assert fit_encoding(table, columns).matrix(table).shape == (2, 0)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(KeyError, match="age"):
        fit_encoding({"grade": ["I"]}, [AGE])
