"""Is it better to act on the model than on everybody or nobody? Net benefit at a threshold.

At threshold p one acts on whoever has a risk of p or more. True positives count 1, false positives
p/(1 − p): whoever acts at p says that so many needless acts are worth one missed event. Under
censoring the share with the event among those acted on comes from their own Kaplan–Meier curve.

Sources: Vickers and Elkin (2006); Vickers, Cronin, Elkin and Gönen (2008) for survival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]


class DecisionCurve(NamedTuple):
    """Net benefit per patient at each threshold (k); acting on nobody has 0 everywhere."""

    thresholds: Floats
    model: Floats
    everybody: Floats


def decision_curve(
    outcomes: Outcomes, risk: ArrayLike, thresholds: ArrayLike, horizon: float
) -> DecisionCurve:
    """The net benefit of acting on the model's risk by a horizon.

    Args:
        outcomes: Of the scored patients.
        risk: (n) predicted probability of the event by the horizon.
        thresholds: (k) above 0 and below 1.
        horizon: The day.

    Raises:
        InputError: A threshold is not between 0 and 1.
    """
    lines, score = np.asarray(thresholds, dtype=np.float64), np.asarray(risk, dtype=np.float64)
    if not ((lines > 0) & (lines < 1)).all():
        raise InputError(
            words(f"기준 {lines.min():g}-{lines.max():g}", f"{lines.min():g} to {lines.max():g}"),
            words("0과 1 사이의 조치 기준", "thresholds of action between 0 and 1"),
        )
    everybody = np.ones(len(score), dtype=bool)
    return DecisionCurve(
        lines,
        np.array([_net(outcomes, score >= line, line, horizon) for line in lines]),
        np.array([_net(outcomes, everybody, line, horizon) for line in lines]),
    )


def _net(outcomes: Outcomes, acted: NDArray[np.bool_], line: float, horizon: float) -> float:
    if not acted.any():
        return 0.0
    own = Outcomes(outcomes.time[acted], outcomes.event[acted])
    happened = 1 - float(kaplan_meier(own).at(horizon))
    share = float(acted.mean())
    return share * happened - share * (1 - happened) * line / (1 - line)
