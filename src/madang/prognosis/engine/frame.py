"""What does the open sample fix for everybody? The grid of times and the weights for censoring.

Both are public and plain JSON. Since the weights come from the open sample, a patient's loss is
the same whoever is scored beside; the price is the error of one censoring curve, shared by all
solutions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.prognosis.engine.models.encoding import Category, Encoding, Number, fit_encoding
from madang.prognosis.engine.models.kaplan_meier import Curve, censoring_curve
from madang.prognosis.engine.quality import calibration, uno
from madang.prognosis.engine.quality.brier import (
    CovariateCensoring,
    fit_covariate_censoring,
    followed_alike,
    integrated_brier_losses,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]
    Frame: TypeAlias = Mapping[str, Any]

POINTS = 30
MOST_LEVELS = 20
"""A text column with more different values is an identifier or prose, no covariate."""


def survival_frame(
    columns: Mapping[str, Any],
    outcomes: Outcomes,
    *,
    grid: Sequence[float] | None = None,
    horizon: float | None = None,
) -> dict[str, Any]:
    """Grid, horizon, limit of Uno's C, and the models of censoring.

    Without a grid it has up to 30 times, quantiles of the event times from 10 % on. Without a
    horizon it ends at the last event before the 90 % quantile of all times.

    Args:
        columns: Name → (n) values of the open sample's inputs.
        outcomes: (n) of the open sample.
        grid: Times, ascending, if the demand fixes them.
        horizon: The last time, if the demand fixes it.
    """
    limit = float(np.quantile(outcomes.time, 0.9)) if horizon is None else float(horizon)
    times = list(map(float, grid)) if grid else _quantiles(outcomes, limit, horizon)
    curve = censoring_curve(outcomes)
    return {
        "grid": times,
        "horizon": times[-1],
        "limit": max(limit, times[-1]),
        "censoring": {"times": curve.times.tolist(), "survival": curve.survival.tolist()},
        "censoring_by_patient": _by_patient(columns, outcomes),
    }


def _quantiles(outcomes: Outcomes, limit: float, horizon: float | None) -> list[float]:
    times = outcomes.time[outcomes.event]
    inside = times[times < limit] if (times < limit).any() else times
    grid = np.unique(np.quantile(inside, np.linspace(0.1, 1.0, POINTS)))
    points: list[float] = grid.tolist()
    if horizon is None:
        return points
    return [*[time for time in points if time < horizon][: POINTS - 1], float(horizon)]


def _by_patient(columns: Mapping[str, Any], outcomes: Outcomes) -> dict[str, Any]:
    declared = [
        {"name": name, "kind": "number" if values.dtype.kind == "f" else "category"}
        for name, values in columns.items()
        if values.dtype.kind == "f" or len(set(values.tolist())) <= MOST_LEVELS
    ]
    if not declared:
        return {}
    encoding = fit_encoding(columns, declared)
    model = fit_covariate_censoring(encoding.matrix(columns), outcomes)
    return {
        "columns": [_plain(column) for column in encoding.columns],
        "coefficients": model.coefficients.tolist(),
        "centre": model.centre.tolist(),
        "times": model.times.tolist(),
        "hazard": model.hazard.tolist(),
    }


def _plain(column: Number | Category) -> dict[str, Any]:
    if isinstance(column, Number):
        facts = {"median": column.median, "mean": column.mean, "deviation": column.deviation}
        return {"name": column.name, **facts}
    return {"name": column.name, "levels": list(column.levels), "rare": list(column.rare)}


def _read(column: Mapping[str, Any]) -> Number | Category:
    if "median" in column:
        return Number(**column)
    return Category(
        name=column["name"], levels=tuple(column["levels"]), rare=tuple(column["rare"])
    )


def marginal_losses(outcomes: Outcomes, survival: Any, frame: Frame) -> Floats:
    """(n,) integrated Brier losses with one censoring curve for everybody."""
    followed = followed_alike(_curve(frame), outcomes, frame["grid"])
    return integrated_brier_losses(outcomes, survival, frame["grid"], followed)


def conditional_losses(
    columns: Mapping[str, Any], outcomes: Outcomes, survival: Any, frame: Frame
) -> Floats | None:
    """(n,) integrated Brier losses with each patient's own chance of being followed.

    None where a covariate of the censoring model is not among the columns.
    """
    facts = frame["censoring_by_patient"]
    names = {column["name"] for column in facts.get("columns", ())}
    if not names or not names <= set(columns):
        return None
    encoding = Encoding(columns=tuple(_read(column) for column in facts["columns"]))
    model = CovariateCensoring(
        coefficients=np.array(facts["coefficients"]),
        centre=np.array(facts["centre"]),
        times=np.array(facts["times"]),
        hazard=np.array(facts["hazard"]),
    )
    followed = model.followed(encoding.matrix(columns), outcomes, frame["grid"])
    return integrated_brier_losses(outcomes, survival, frame["grid"], followed)


def _curve(frame: Frame) -> Curve:
    facts = frame["censoring"]
    return Curve(times=np.array(facts["times"]), survival=np.array(facts["survival"]))


def _risk_at_horizon(survival: ArrayLike) -> Floats:
    risk: Floats = 1 - np.asarray(survival, dtype=np.float64)[:, -1]
    return risk


def _uno_c(outcomes: Outcomes, survival: Any, frame: Frame) -> float:
    followed = _curve(frame).at(outcomes.time)
    risk = uno.curve_risk(survival)
    return uno.uno_c_score(outcomes, risk, followed, limit=frame["limit"])


def _in_the_large(outcomes: Outcomes, survival: Any, frame: Frame) -> float:
    return abs(calibration.in_the_large(outcomes, _risk_at_horizon(survival), frame["horizon"]))


def _ici(outcomes: Outcomes, survival: Any, frame: Frame) -> float:
    risk = _risk_at_horizon(survival)
    return calibration.smooth_calibration(outcomes, risk, frame["horizon"]).ici


OTHER_SCORES: Mapping[str, Callable[[Outcomes, Any, Frame], float]] = {
    "uno_c": _uno_c,
    "calibration_in_the_large": _in_the_large,
    "ici": _ici,
}
"""Scores that are no mean over patients: outcomes, survival (n, k) and frame to a number."""
