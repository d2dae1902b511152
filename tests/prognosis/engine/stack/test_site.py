"""A site's few events teach what they can carry, and figures after come from other patients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.prognosis_recalibration import halved, proof
from madang.kernel.errors import InputError
from madang.prognosis.engine.model_file import read_model, write_model
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.calibration import in_the_large, smooth_calibration
from madang.prognosis.engine.stack.model import predict
from madang.prognosis.engine.stack.recalibration import Correction, Recalibration
from madang.prognosis.engine.stack.site import fit_site, recalibrated, shrunken_level
from madang.prognosis.engine.stack.validation import validate
from tests.prognosis.patients import fitted, invented

LOG_2 = float(np.log(2))


def doubled(model, slope: float = 1.0):
    """The model of another place: all hazards twice as high, or log hazards stretched too."""
    corrections = tuple(
        replace(each, constant=each.constant + LOG_2)
        for each in model.stack.recalibration.corrections
    )
    if slope != 1.0:
        corrections = (
            Correction(
                time=model.stack.horizon,
                knots=np.zeros(3),
                slopes=np.array([slope]),
                share=1.0,
                constant=LOG_2,
            ),
        )
    stack = replace(model.stack, recalibration=Recalibration(corrections=corrections))
    return replace(model, stack=stack)


def until(watched: Watched, events: int, horizon: float) -> int:
    """How many patients bring so many events."""
    happened = watched.event & (watched.time <= horizon)
    return int(np.searchsorted(np.cumsum(happened), events)) + 1


def learnt(model, table, watched):
    return fit_site(model, table, watched, times=model.stack.ends, horizon=model.stack.horizon)


def first(table, watched, size: int):
    return {name: values[:size] for name, values in table.items()}, watched.part(slice(size))


def test_the_level_is_the_posterior_mean_of_the_rate_ratio() -> None:
    outcomes = Outcomes(np.array([2.0, 3.0, 4.0, 1.0]), np.array([True, False, True, False]))
    survival = np.exp(-0.1 * np.outer(np.ones(4), [2.0, 4.0]))

    found = shrunken_level(outcomes, survival, [2.0, 4.0])

    # Expected: a tenth of the ten years watched; seen: 2; the prior is worth 2.
    assert found == pytest.approx(np.log((2 + 2) / (1 + 2)))


def test_below_thirty_events_the_level_alone_is_moved() -> None:
    model = doubled(fitted(1500)[0], slope=2.0)
    table, watched = invented(1500, seed=40)
    size = until(watched, 25, model.stack.horizon)

    site = learnt(model, *first(table, watched, size))

    assert [each["kind"] for each in site.record["learnt"]] == ["level"]
    assert site.record["level_drawn_to_model"]
    assert recalibrated(model, site, "d").bound is None
    assert recalibrated(model, site, "d").facts["site"]["bound"] == "dropped"
    assert site.recalibration.corrections[0].constant < -0.2


def test_level_and_slope_come_right_on_patients_to_come() -> None:
    model = doubled(fitted(1500)[0], slope=1.8)
    table, watched = invented(3000, seed=41)
    size = until(watched, 200, model.stack.horizon)
    rest = {name: values[size:] for name, values in table.items()}
    spoilt = validate(model, rest, watched.part(slice(size, None)))

    site = learnt(model, *first(table, watched, size))
    shown = validate(recalibrated(model, site, "d"), rest, watched.part(slice(size, None)))

    assert spoilt.calibration.ici > 0.1
    assert not 0.75 < spoilt.calibration.slope < 1.3
    assert shown.calibration.ici < 0.03
    assert 0.85 < shown.calibration.slope < 1.2
    assert site.record["learnt"][0]["kind"] == "stretch"
    assert site.record["after_cross_validated"]["ici"] < site.record["before"]["ici"] / 2


def test_figures_after_are_not_those_of_the_patients_who_taught() -> None:
    model = doubled(fitted(1500)[0])
    table, watched = first(*invented(1500, seed=42), 150)

    site = learnt(model, table, watched)

    kept = np.array([each is None for each in model.refusals(table)])
    rows = {name: values[kept] for name, values in table.items()}
    outcomes = Outcomes(watched.time[kept], watched.event[kept])
    horizon = site.record["horizon"]
    taught = 1 - recalibrated(model, site, "d").survival(rows, [horizon])[:, 0]
    own = smooth_calibration(outcomes, taught, horizon)
    told = site.record["after_cross_validated"]
    assert told["in_the_large"] != pytest.approx(in_the_large(outcomes, taught, horizon), abs=1e-6)
    assert told["slope"] != pytest.approx(own.slope, abs=1e-6)


def test_many_events_may_change_the_correction_over_time() -> None:
    model = doubled(fitted(1500)[0])

    site = learnt(model, *invented(1500, seed=43))

    assert len(site.record["learnt"]) >= 2
    assert not site.record["level_drawn_to_model"]


def test_a_recalibrated_model_is_written_read_and_knows_its_parent(tmp_path) -> None:
    model = doubled(fitted(1500)[0])
    table, watched = first(*invented(1500, seed=44), 300)
    parent = write_model(model, tmp_path / "a.mdl")
    site = learnt(model, table, watched)

    write_model(recalibrated(model, site, parent), tmp_path / "b.mdl")
    again = read_model(tmp_path / "b.mdl").model

    asked = {name: values[:20] for name, values in table.items()}
    before, after = (predict(each, asked, [5.0, 20.0]) for each in (model, again))
    free = ~np.isnan(after.survival[:, 0])
    assert again.facts["site"]["parent"] == parent
    assert again.facts["site"]["bound"] == "refitted"
    assert again.bound == site.bound != model.bound
    assert (after.survival[free] > before.survival[free]).all()
    assert (after.low[free] <= after.survival[free]).all()
    assert (after.survival[free] <= after.high[free]).all()


def test_the_refitted_bound_holds_on_patients_to_come() -> None:
    model = doubled(fitted(1500)[0])
    table, watched = invented(6000, seed=45)
    site = learnt(model, *first(table, watched, 600))
    rest = {name: values[600:] for name, values in table.items()}

    answer = predict(recalibrated(model, site, "d"), rest, [5.0], intervals=False)

    seen = ~np.isnan(answer.bound)
    time, event = watched.time[600:][seen], watched.event[600:][seen]
    # Censored before the bound: unknown; they are few, and count as half.
    early = time < answer.bound[seen]
    missed = (early & event).mean()
    assert 0.04 < missed < 0.12


def test_too_few_events_and_delayed_entry_are_refused() -> None:
    model = fitted(1500)[0]
    table, watched = first(*invented(1500, seed=46), 15)

    with pytest.raises(InputError, match="at least 20 events"):
        learnt(model, table, watched)
    with pytest.raises(InputError, match="delayed entry"):
        late = Watched.of(watched.time, watched.cause, entry=watched.time / 2)
        learnt(model, table, late)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(("name", "limit"), [("flchain", 0.02), ("support2", 0.025)])
def test_two_hundred_local_events_put_doubled_hazards_right(shared, name, limit) -> None:
    """200 events tell a level to 7 %: where risks are near 1/2 that alone is an ICI of .02."""
    half = halved(name, shared / "prognosis")
    found = [proof(half, 200, seed) for seed in range(10)]

    assert np.median([each.after.calibration.ici for each in found]) < limit
    assert 0.9 < np.median([each.after.calibration.slope for each in found]) < 1.1
    spoilt = validate(half.doubled, half.table, half.watched)
    assert spoilt.calibration.ici > 0.1
