"""Quality out of fold: of predictions by parts that did not see the patient."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.uno import uno_c_score
from madang.prognosis.engine.stack.out_of_fold import checks_out_of_fold
from tests.prognosis.patients import fitted, invented


def test_the_figures_are_of_the_predictions_out_of_fold() -> None:
    _, watched = invented(400)
    _, made = fitted(400)
    found = checks_out_of_fold(made, watched)

    assert json.loads(json.dumps(found)) == found
    assert found["horizon"] == made.stack.horizon
    assert sum(each["patients"] for each in found["tenths"]) == 400
    at = made.stack.parts.intervals.between(made.out_of_fold, [found["horizon"]])[:, 0]
    mean = sum(each["patients"] * each["predicted"] for each in found["tenths"]) / 400
    assert mean == pytest.approx(float(1 - at.mean()))
    until = made.out_of_fold[:, 1:][:, made.stack.ends <= found["horizon"]]
    outcomes = Outcomes(watched.time, watched.event)
    followed = censoring_curve(outcomes).at(outcomes.time)
    risk = -np.log(np.maximum(until, 1e-5)).sum(axis=1)
    assert found["uno_c"] == uno_c_score(outcomes, risk, followed, limit=found["horizon"])
    assert 0.55 < found["uno_c"] < 0.8  # the truth behind these patients orders them so


def test_reversed_predictions_order_patients_the_other_way() -> None:
    _, watched = invented(400)
    _, made = fitted(400)
    turned = made._replace(
        out_of_fold=np.hstack([made.out_of_fold[:, :1], 1 - made.out_of_fold[:, 1:]])
    )

    found, other = checks_out_of_fold(made, watched), checks_out_of_fold(turned, watched)
    assert other["uno_c"] < 0.5 < found["uno_c"]


def test_delayed_entry_weights_and_few_events_leave_nothing_to_say() -> None:
    _, watched = invented(400)
    _, made = fitted(400)
    late = replace(watched, entry=watched.time / 2)
    weighted = replace(watched, weight=np.arange(1.0, 401.0))
    few = Watched.of(watched.time, np.r_[1, np.zeros(399, dtype=int)])

    assert checks_out_of_fold(made, late) is None
    assert checks_out_of_fold(made, weighted) is None
    assert checks_out_of_fold(made, few) is None
