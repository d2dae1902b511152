"""Invented patients of whom the truth is known: numbers, a category, gaps, one or two causes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.model import Model, fit_model
from madang.prognosis.engine.stack.stacking import Fitted

DECLARED = [
    {"name": "age", "kind": "number"},
    {"name": "marker", "kind": "number"},
    {"name": "noise", "kind": "number"},
    {"name": "stage", "kind": "category"},
]


def invented(size: int, *, seed: int = 0, causes: int = 1) -> tuple[dict[str, Any], Watched]:
    """Raw columns and follow-up; the hazard doubles with stage II and every 20 years of age."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(30, 80, size).round()
    marker = rng.exponential(2.0, size)
    stage = np.where(rng.uniform(size=size) < 0.4, "II", "I").astype(object)
    hazard = 0.03 * 2.0 ** ((age - 55) / 20 + (stage == "II")) * (1 + (marker > 3))
    time, end = rng.exponential(1 / hazard), rng.uniform(5, 60, size)
    seen = marker.copy()
    seen[rng.uniform(size=size) < 0.05] = np.nan
    cause = np.where(time <= end, rng.integers(1, causes + 1, size), 0)
    table = {"age": age, "marker": seen, "noise": rng.normal(size=size), "stage": stage}
    observed = np.ceil(np.minimum(time, end) * 10) / 10
    return table, Watched.of(observed, cause)


def true_survival(table: dict[str, Any], marker: Any, times: Any) -> Any:
    """(n, k) the truth behind `invented`, given the marker without gaps."""
    hazard = 0.03 * 2.0 ** ((table["age"] - 55) / 20 + (table["stage"] == "II"))
    return np.exp(-np.outer(hazard * (1 + (marker > 3)), times))


@cache
def fitted(size: int = 400, causes: int = 1, seed: int = 0) -> tuple[Model, Fitted]:
    """A model of such patients, fitted once a test run."""
    table, watched = invented(size, seed=seed, causes=causes)
    return fit_model(table, DECLARED, watched)
