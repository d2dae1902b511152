"""Raw columns on their way to sums and to trees."""

from __future__ import annotations

import numpy as np

from madang.prognosis.engine.models.columns import fit_columns
from madang.prognosis.engine.models.intervals import Watched

TABLE = {
    "size": np.array([1.0, np.nan, 3.0, 8.0] * 25),
    "kind": np.array(["mild", "bad", None, "mild"] * 25, dtype=object),
}
DECLARED = [{"name": "size", "kind": "number"}, {"name": "kind", "kind": "category"}]
WATCHED = Watched.of([9.0, 1.0, 5.0, 8.0] * 25, [0, 1, 1, 0] * 25)


def test_levels_are_ordered_by_the_hazard_seen() -> None:
    codes = fit_columns(TABLE, DECLARED, WATCHED).codes["kind"]

    assert codes["bad"] > codes["\0missing"] > codes["mild"]


def test_rare_levels_stay_near_the_average() -> None:
    table = TABLE | {"kind": np.array(["bad", *["mild"] * 98, "once"], dtype=object)}
    watched = Watched.of([*[5.0] * 99, 0.5], [*[0, 1] * 49, 0, 1])

    codes = fit_columns(table, DECLARED, watched).codes["kind"]

    assert abs(codes["once"]) < 0.15


def test_trees_get_one_column_each_with_its_gaps() -> None:
    columns = fit_columns(TABLE, DECLARED, WATCHED)

    trees = columns.for_trees(TABLE)

    assert trees.shape == (100, 2)
    assert np.isnan(trees[1, 0])
    assert not np.isnan(trees[:, 1]).any()
    assert columns.filled(trees)[1, 0] == 3.0
    assert not np.isnan(columns.for_sums(TABLE)).any()


def test_a_level_never_seen_is_the_average() -> None:
    columns = fit_columns(TABLE, DECLARED, WATCHED)

    new = {"size": np.array([1.0]), "kind": np.array(["unheard"], dtype=object)}

    assert columns.for_trees(new)[0, 1] == 0
