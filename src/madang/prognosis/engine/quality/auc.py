"""Who will have had the event by a day? The cumulative/dynamic area under the ROC curve.

Cases had the event by the horizon, controls were free of it then. The share of pairs in which the
case had the higher risk, equal risks counting one half; a case weighs 1/G at its time, G being the
chance of still being followed (controls weigh alike, so their weight cancels).

Sources: Heagerty, Lumley and Pepe (2000); Uno, Cai, Tian and Wei (2007) for the weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from madang.prognosis.engine.quality.brier import LOWEST_CHANCE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]


def auc_at(outcomes: Outcomes, risk: ArrayLike, followed: ArrayLike, horizon: float) -> float:
    """The area, 0.5 where there is no case or no control.

    Args:
        outcomes: Of the scored patients.
        risk: (n) any number that is higher for worse patients.
        followed: (n) chance of still being followed at each patient's own time.
        horizon: The day.
    """
    score = np.asarray(risk, dtype=np.float64)
    case = outcomes.event & (outcomes.time <= horizon)
    control = np.sort(score[outcomes.time > horizon])
    if not case.any() or not len(control):
        return 0.5
    below = np.searchsorted(control, score[case], side="left")
    not_above = np.searchsorted(control, score[case], side="right")
    share = (below + not_above) / (2 * len(control))
    weight = 1 / np.maximum(np.asarray(followed)[case], LOWEST_CHANCE)
    return float(weight @ share / weight.sum())
