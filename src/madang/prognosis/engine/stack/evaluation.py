"""How sure are the figures of a validation, and on whom were they found? What stands beside it.

Intervals are of 95 % over patients like these. The concordance has the interval of a ratio of two
U-statistics (what each patient adds, as an infinitesimal jackknife), the integrated Brier score
that of a mean, slope, ICI and calibration in the large that of 200 resamples of patients. The
chances of being followed are taken as known. An ICI is never below 0, so that its interval lies a
little high.

Sources: Efron and Tibshirani (1993); Hoeffding (1948) for U-statistics; Vickers and Elkin (2006)
for the net benefit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.description import described
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.brier import followed_alike, integrated_brier_losses
from madang.prognosis.engine.quality.calibration import in_the_large, smooth_calibration
from madang.prognosis.engine.quality.decision import decision_curve
from madang.prognosis.engine.quality.tenths import Tenth, tenths
from madang.prognosis.engine.quality.uno import concordance_parts, curve_risk
from madang.prognosis.engine.stack.validation import scored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from madang.prognosis.engine.models.intervals import Watched
    from madang.prognosis.engine.stack.model import Model

    Floats: TypeAlias = NDArray[np.float64]

RESAMPLES, SEED = 200, 0
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)
_REACH = 1.959964  # of 95 % of a normal distribution


class Beside(NamedTuple):
    """What a validation does not hold; `intervals` by the names of its figures."""

    intervals: dict[str, tuple[float, float]]
    tenths: tuple[Tenth, ...]
    benefit: tuple[dict[str, float], ...]
    described: dict[str, Any]
    data_sha256: str | None


def beside(
    model: Model,
    table: Mapping[str, Any],
    watched: Watched,
    *,
    data_sha256: str | None = None,
) -> Beside:
    """Look at the same patients as `validate` once more.

    Args:
        model: Fitted on other patients.
        table: Column → (n) raw values.
        watched: Follow-up of the same patients.
        data_sha256: Of the file from which they were read.

    Raises:
        InputError: As `validate`.
    """
    kept = scored(model, table, watched)
    outcomes, grid = kept.outcomes, kept.grid
    curves = model.stack.survival(kept.rows, grid)
    risk, horizon = 1 - curves[:, -1], float(grid[-1])
    followed = followed_alike(censoring_curve(outcomes), outcomes, grid)
    losses = integrated_brier_losses(outcomes, curves, grid, followed)
    parts = concordance_parts(outcomes, curve_risk(curves), followed.own, limit=kept.limit)
    benefit = decision_curve(outcomes, risk, THRESHOLDS, horizon)
    return Beside(
        intervals={
            "ibs": _around(float(losses.mean()), (losses - losses.mean()) / len(losses)),
            "uno_c": _around(parts.value, parts.influence),
            **_resampled(outcomes, risk, horizon),
        },
        tenths=tenths(outcomes, risk, horizon),
        benefit=tuple(
            {"threshold": threshold, "model": model_, "everybody": everybody}
            for threshold, model_, everybody in zip(
                *(each.tolist() for each in benefit), strict=True
            )
        ),
        described=described(kept.rows, model.declared, watched.part(kept.chosen)),
        data_sha256=data_sha256,
    )


def _around(value: float, influence: Floats) -> tuple[float, float]:
    reach = _REACH * float(np.sqrt((influence**2).sum()))
    return value - reach, value + reach


def _resampled(outcomes: Outcomes, risk: Floats, horizon: float) -> dict[str, tuple[float, float]]:
    rng, found = np.random.default_rng(SEED), []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, len(risk), len(risk))
        part = Outcomes(outcomes.time[drawn], outcomes.event[drawn])
        if part.before(horizon).event.any():
            smooth = smooth_calibration(part, risk[drawn], horizon)
            found.append((smooth.slope, smooth.ici, in_the_large(part, risk[drawn], horizon)))
    low, high = np.quantile(np.array(found), (0.025, 0.975), axis=0).tolist()
    names = ("slope", "ici", "in_the_large")
    return {name: (low[place], high[place]) for place, name in enumerate(names)}
