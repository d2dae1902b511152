"""Validation on other patients: a good model looks good, a spoilt one does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.models.kaplan_meier import kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.stack.recalibration import Correction, Recalibration
from madang.prognosis.engine.stack.validation import validate
from tests.prognosis.patients import fitted, invented


@pytest.fixture(scope="module")
def shown():
    return validate(fitted(1500)[0], *invented(1500, seed=30))


def test_a_good_model_looks_good(shown) -> None:
    assert shown.ibs < 0.95 * shown.ibs_kaplan_meier
    assert shown.uno_c > 0.63
    assert 0.8 < shown.calibration.slope < 1.2
    assert shown.calibration.e50 <= shown.calibration.e90
    assert shown.calibration.ici < 0.04
    assert abs(shown.in_the_large) < 0.04
    assert shown.d_calibration.largest < 0.03


def test_without_dependent_censoring_both_weights_agree(shown) -> None:
    assert not shown.censoring_depends
    assert shown.ibs_conditional == shown.ibs


def test_a_model_that_is_too_sure_of_death_is_seen_through(shown) -> None:
    model, _ = fitted(1500)
    worse = Correction(
        time=model.stack.horizon,
        knots=np.zeros(3),
        slopes=np.empty(0),
        share=1.0,
        constant=1.0,
    )
    spoilt = replace(
        model, stack=replace(model.stack, recalibration=Recalibration(corrections=(worse,)))
    )

    found = validate(spoilt, *invented(1500, seed=30))

    assert found.in_the_large > 0.1
    assert found.calibration.ici > 0.1
    assert found.d_calibration.largest > 2 * shown.d_calibration.largest
    assert found.ibs > shown.ibs


def test_subgroups_cover_levels_and_halves_and_show_what_happened(shown) -> None:
    rows = {(each.column, each.value): each for each in shown.subgroups}

    assert {("stage", "I"), ("stage", "II")} <= set(rows)
    assert sum(each.column == "age" for each in shown.subgroups) == 2
    one, two = rows["stage", "I"], rows["stage", "II"]
    assert one.patients + two.patients == shown.patients
    assert two.observed > one.observed + 0.05
    assert abs(two.predicted - two.observed) < 0.08
    assert one.ici is not None


def test_refused_patients_are_counted_and_not_scored() -> None:
    table, watched = invented(300, seed=31)
    table["age"][:40] = 300.0

    found = validate(fitted()[0], table, watched)

    assert found.refused >= 40
    assert found.patients == 300 - found.refused


def test_too_few_events_and_delayed_entry_are_refused() -> None:
    table, watched = invented(300, seed=31)

    with pytest.raises(InputError, match="at least 10 events"):
        validate(fitted()[0], table, Watched.of(watched.time, np.zeros(300)))
    with pytest.raises(InputError, match="delayed entry"):
        late = Watched.of(watched.time, watched.cause, entry=watched.time / 2)
        validate(fitted()[0], table, late)


def test_follow_up_beyond_the_models_last_time_is_cut_there() -> None:
    table, watched = invented(400, seed=32)
    longer = Watched.of(watched.time * 3, watched.cause)

    found = validate(fitted()[0], table, longer)

    assert found.horizon <= fitted()[0].stack.ends[-1]


def test_each_cause_has_scores_of_its_own_and_incidences_are_not_those_of_any_end() -> None:
    model, _ = fitted(1500, causes=2)
    table, watched = invented(1500, seed=33, causes=2)

    found = validate(model, table, watched)

    one, two = found.causes
    assert (one.cause, two.cause) == (1, 2)
    assert one.events + two.events == found.events
    for each in (one, two):
        assert each.ibs < each.ibs_aalen_johansen
        assert each.auc > 0.55
        assert abs(each.in_the_large) < 0.04
        assert each.in_the_large == pytest.approx(each.predicted - each.observed)
    both = one.observed + two.observed
    alone = 1 - float(kaplan_meier(Outcomes(watched.time, watched.event)).at(found.horizon))
    assert both == pytest.approx(alone, abs=0.01)  # but for the refused


class Told:
    """Everybody alike: hazards of .03 for cause 1 and .01 for cause 2."""

    declared = ({"name": "age", "kind": "number"},)
    last_time, causes = 60.0, 2

    def survival(self, table, times):
        alike = np.exp(-0.04 * np.asarray(times))
        return np.tile(alike, (len(table["age"]), 1))

    def incidences(self, table, times):
        return (1 - self.survival(table, times))[:, :, None] * np.array([0.75, 0.25])

    def refusals(self, table):
        return [None] * len(table["age"])


def test_anything_that_answers_can_be_scored_and_its_causes_are_kept_apart() -> None:
    rng = np.random.default_rng(0)
    time, end = rng.exponential(25, 4000), rng.uniform(10, 60, 4000)
    cause = np.where(rng.uniform(size=4000) < 0.75, 1, 2)
    watched = Watched.of(np.minimum(time, end), np.where(time <= end, cause, 0))

    found = validate(Told(), {"age": rng.uniform(30, 80, 4000)}, watched)

    one, two = found.causes
    assert one.predicted == pytest.approx(3 * two.predicted)
    assert abs(one.in_the_large) < 0.03
    assert abs(two.in_the_large) < 0.03
    assert one.auc == pytest.approx(0.5)
    assert two.auc == pytest.approx(0.5)
    assert one.ibs == pytest.approx(one.ibs_aalen_johansen, abs=0.002)


def test_one_end_alone_has_no_causes_and_no_thresholds_no_decision_curve(shown) -> None:
    assert shown.causes == ()
    assert shown.decision is None


def test_the_decision_curve_stands_beside_everybody() -> None:
    found = validate(fitted(1500)[0], *invented(1500, seed=30), thresholds=[0.3, 0.6])

    assert found.decision is not None
    assert found.decision.thresholds.tolist() == [0.3, 0.6]
    assert (found.decision.model >= found.decision.everybody - 0.01).all()
