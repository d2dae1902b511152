"""The whole model: answers with their doubts, or a refusal."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.model import fit_model, predict
from tests.prognosis.patients import DECLARED, fitted, invented, true_survival


def test_every_answer_lies_in_its_interval_and_intervals_tell() -> None:
    model, _ = fitted()
    table, _ = invented(300, seed=21)

    found = predict(model, table, [5.0, 20.0])

    known = np.isfinite(found.bound)
    assert (found.low[known] <= found.survival[known]).all()
    assert (found.survival[known] <= found.high[known]).all()
    assert (found.high[known] - found.low[known]).mean() > 0.02


def test_intervals_narrow_with_more_patients() -> None:
    table, _ = invented(300, seed=21)

    few, many = (predict(fitted(size)[0], table, [10.0]) for size in (400, 1500))

    assert np.nanmean(many.high - many.low) < 0.9 * np.nanmean(few.high - few.low)


def test_most_intervals_hold_the_truth() -> None:
    model, _ = fitted(1500)
    table, _ = invented(1000, seed=22)
    marker = np.nan_to_num(table["marker"], nan=2.0)

    found = predict(model, table, [10.0])

    truth = true_survival(table, marker, [10.0])
    inside = (found.low <= truth) & (truth <= found.high)
    assert inside[np.isfinite(found.bound)].mean() > 0.75


def test_a_refused_patient_gets_a_sentence_and_no_number() -> None:
    model, _ = fitted()
    table, _ = invented(3, seed=23)
    table["age"][1] = 500.0

    found = predict(model, table, [5.0])

    assert "500" in found.refusals[1].en
    for each in (found.survival, found.low, found.high, found.incidences, found.bound):
        assert np.isnan(each[1]).all()
        assert np.isfinite(each[[0, 2]]).all()


def test_without_intervals_the_answers_are_the_same() -> None:
    model, _ = fitted()
    table, _ = invented(20, seed=24)

    quick, whole = (predict(model, table, [5.0], intervals=each) for each in (False, True))

    assert (quick.survival == whole.survival).all()
    assert (quick.low == quick.survival).all()


@pytest.mark.parametrize("time", [0.0, -3.0, 1e6, float("nan")])
def test_a_time_that_the_model_does_not_know_is_refused(time) -> None:
    model, _ = fitted()

    with pytest.raises(InputError, match="above 0 and up to"):
        predict(model, invented(3)[0], [time])


def test_with_delayed_entry_nothing_is_promised_about_a_bound() -> None:
    table, watched = invented(150)
    late = Watched.of(watched.time, watched.cause, entry=watched.time * 0.3)

    model, _ = fit_model(table, DECLARED, late)

    assert model.bound is None
    assert np.isnan(predict(model, table, [5.0]).bound).all()


def test_too_few_events_are_refused() -> None:
    table, watched = invented(30)

    with pytest.raises(InputError, match="at least 20 events"):
        fit_model(table, DECLARED, watched)


def test_the_facts_are_plain_and_true() -> None:
    model, _ = fitted(400, 2)
    _, watched = invented(400, causes=2)

    assert model.facts["patients"] == 400
    assert model.facts["events"] == [int((watched.cause == c).sum()) for c in (1, 2)]
    assert model.facts["last_time"] == watched.time[watched.event].max()
