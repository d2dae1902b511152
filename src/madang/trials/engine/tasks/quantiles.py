"""How good are stated numbers, quantiles and intervals?

Answers are (n, 1 + q): a point prediction, then one column a quantile in rising order. Between the
outermost quantiles lies a solution's interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.trial import Metric
from madang.trials.engine.tasks.table import Measure, error_metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.kernel.trial import Floats

QUANTILES_PROPERTY: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": 99,
    "uniqueItems": True,
    "items": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "default": [],
    "description": (
        "함께 요구할 분위수(예: 0.05, 0.95) · quantiles to be stated beside the prediction, "
        "such as 0.05 and 0.95"
    ),
}


def answer_columns(quantiles: Sequence[float]) -> tuple[str, ...]:
    """`prediction`, then `q0.05` and so on in rising order."""
    return ("prediction", *(f"q{level:g}" for level in sorted(quantiles)))


def pinball_losses(truth: Floats, answers: Floats, quantiles: Sequence[float]) -> Floats:
    """(n,) mean quantile loss over the quantiles.

    A quantile q costs q a unit where it lies below the truth, 1 - q where it lies above (Koenker &
    Bassett 1978).
    """
    import numpy as np

    levels = np.array(sorted(quantiles))
    short = truth[:, None] - answers[:, 1:]
    return np.asarray(np.maximum(levels * short, (levels - 1) * short).mean(axis=1))


def coverage_gap(truth: Floats, answers: Floats, quantiles: Sequence[float]) -> float:
    """|share of cases inside the outermost quantiles - the share that those promise|."""
    import numpy as np

    inside = (answers[:, 1] <= truth) & (truth <= answers[:, -1])
    return abs(float(np.mean(inside)) - (max(quantiles) - min(quantiles)))


def quantile_measures(quantiles: Sequence[float], *, unit: str = "") -> tuple[Measure, ...]:
    """Pinball loss; from two quantiles on, coverage and width of the interval too."""
    if not quantiles:
        return ()
    pinball = Measure(
        metric=error_metric("pinball_loss", "분위수 손실", "Pinball loss", unit),
        each=lambda truth, answers: pinball_losses(truth, answers, quantiles),
    )
    return (pinball, *_interval_measures(quantiles, unit)) if len(quantiles) > 1 else (pinball,)


def _interval_measures(quantiles: Sequence[float], unit: str) -> tuple[Measure, ...]:
    return (
        Measure(
            metric=Metric(
                name="coverage_gap",
                title_ko="구간 포함률 오차",
                title_en="Gap of interval coverage",
                direction="lower",
                lowest=0.0,
                highest=1.0,
            ),
            whole=lambda truth, answers: coverage_gap(truth, answers, quantiles),
        ),
        Measure(
            metric=Metric(
                name="interval_width",
                title_ko="구간 너비",
                title_en="Width of the interval",
                direction="lower",
                unit=unit,
            ),
            each=lambda truth, answers: answers[:, -1] - answers[:, 1],
        ),
    )
