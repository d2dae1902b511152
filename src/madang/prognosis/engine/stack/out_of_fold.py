"""What do the training patients say of the model that was fitted on them? Quality out of fold.

Each patient is judged by parts that did not see him or her. Weights, penalty and recalibration
were chosen on these very answers, so that the figures are somewhat too good: they tell that
something is wrong, and do not prove that all is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.calibration import in_the_large, smooth_calibration
from madang.prognosis.engine.quality.tenths import tenths
from madang.prognosis.engine.quality.uno import curve_risk, uno_c_score

if TYPE_CHECKING:
    from madang.prognosis.engine.models.intervals import Watched
    from madang.prognosis.engine.stack.stacking import Fitted

FEWEST_EVENTS = 10


def checks_out_of_fold(fitted: Fitted, watched: Watched) -> dict[str, Any] | None:
    """Concordance and calibration at the horizon, in plain JSON.

    Args:
        fitted: What the making of a stack showed.
        watched: Of the training patients.

    Returns:
        `horizon`, `uno_c`, `slope`, `ici`, `e50`, `e90`, `in_the_large` and `tenths`; None with
        delayed entry, unequal weights, or too few events until the horizon.
    """
    horizon = fitted.stack.horizon
    outcomes = Outcomes(watched.time, watched.event)
    if not watched.plain or int(outcomes.before(horizon).event.sum()) < FEWEST_EVENTS:
        return None
    curves, between = fitted.out_of_fold, fitted.stack.parts.intervals.between
    risk = 1 - between(curves, np.array([horizon]))[:, 0]
    shown = curves[:, 1:][:, fitted.stack.ends <= horizon]
    followed = censoring_curve(outcomes).at(outcomes.time)
    return {
        "horizon": horizon,
        "uno_c": uno_c_score(outcomes, curve_risk(shown), followed, limit=horizon),
        **smooth_calibration(outcomes, risk, horizon)._asdict(),
        "in_the_large": in_the_large(outcomes, risk, horizon),
        "tenths": [each._asdict() for each in tenths(outcomes, risk, horizon)],
    }
