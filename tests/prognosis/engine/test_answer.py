"""One answer for every kind of model: from what was known, in days, and adding up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from madang.prognosis.engine.answer import Answer, answer, missing, reach
from madang.prognosis.engine.chart import Chart, Visit
from madang.prognosis.engine.dynamic.fitting import Span, fit_followed
from madang.prognosis.engine.dynamic.model import VisitModel
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.question import question
from madang.prognosis.engine.stack.model import Model, fit_model
from tests.prognosis.engine.dynamic import courses

DAYS = [100.0, 365.25, 600.0]


@pytest.fixture(scope="module")
def followed() -> VisitModel:
    made = courses.made(300, seed=2)
    span = Span(3.0, 2.0, 1.0)
    found = fit_followed(made.visits, made.courses, span=span, categories=("sex", "centre"))
    return replace(found.model, facts=found.model.facts | {"unit": "year"})


def chart(*markers: float) -> Chart:
    """A patient with a visit every half year, in days."""
    return Chart.of(
        {"sex": "f", "centre": "a", "noise": 0.0},
        [Visit(182.625 * turn, {"marker": value}) for turn, value in enumerate(markers)],
    )


def test_what_comes_later_does_not_change_an_answer(followed: VisitModel) -> None:
    early, late = chart(1.0, 1.2), chart(1.0, 1.2, 9.0)
    told = [answer(followed, each, 200.0, days=DAYS) for each in (early, late)]

    np.testing.assert_array_equal(told[0].risk, told[1].risk)
    newer = answer(followed, late, 400.0, days=DAYS)
    assert newer.risk[0] > told[0].risk[0]


def test_an_answer_adds_up_and_names_its_nearest_day(followed: VisitModel) -> None:
    told = answer(followed, chart(1.0, 1.5), 200.0, days=DAYS)

    np.testing.assert_allclose(told.free + told.causes.sum(axis=0), 1, atol=1e-9)
    assert told.at(360.0) == (told.risk[1], told.low[1], told.high[1])
    assert reach(followed, 200.0) == pytest.approx(2 * 365.25)


def test_a_patient_without_a_visit_or_too_late_is_refused(followed: VisitModel) -> None:
    nobody = answer(followed, Chart.of({"sex": "f"}, []), 10.0, days=DAYS)
    old = answer(followed, chart(1.0), 3000.0, days=DAYS)

    assert nobody.refusal is not None and "no visit" in nobody.refusal.en
    assert old.refusal is not None and "since entry" in old.refusal.en
    assert np.isnan(old.risk).all()


def test_the_question_of_the_patients_own_row_is_the_answer(followed: VisitModel) -> None:
    known = chart(1.0, 1.5)
    told, asked = answer(followed, known, 200.0, days=DAYS), question(followed, known, 200.0)
    row = {name: np.array([value], dtype=object) for name, value in asked.patient.items()}

    np.testing.assert_allclose(1 - asked.survival(row, np.array(DAYS))[0], told.risk, atol=1e-12)
    assert asked.reference["time since entry"] == asked.patient["time since entry"]
    assert asked.refusals(row) == [None]


def test_what_is_missing_is_counted(followed: VisitModel) -> None:
    found = missing(followed, Chart.of({"sex": "f", "centre": "a"}, [Visit(0.0, {"marker": 1.0})]))

    assert found == {"marker": 0, "sex": 0, "centre": 0, "noise": 1}


@pytest.fixture(scope="module", params=[1, 2])
def on_entry(request: pytest.FixtureRequest) -> Model:
    """A stack in months, of one cause or of two."""
    rng = np.random.default_rng(5)
    marker, noise = rng.normal(size=400), rng.normal(size=400)
    death = rng.exponential(20 * np.exp(-0.9 * marker))
    other = rng.exponential(60.0, 400) if request.param == 2 else np.full(400, 1e9)
    leaves = rng.uniform(6, 60, 400)
    time = np.minimum(np.minimum(death, other), leaves)
    cause = np.where(time == death, 1, np.where(time == other, 2, 0))
    declared = [{"name": "marker", "kind": "number"}, {"name": "noise", "kind": "number"}]
    model, _ = fit_model(
        {"marker": marker, "noise": noise}, declared, Watched.of(time, cause), seed=1
    )
    return replace(model, facts=model.facts | {"unit": "month"})


def asked(model: Model, day: float, days: list[float]) -> Answer:
    first = {"marker": 0.4, "noise": 0.1}
    known = Chart.of({}, [Visit(0.0, first), Visit(200.0, {"marker": 3.0})])
    return answer(model, known, day, days=days)


def test_a_model_of_entry_answers_given_that_the_patient_got_so_far(on_entry: Model) -> None:
    start, later = asked(on_entry, 0.0, [150.0, 300.0]), asked(on_entry, 150.0, [150.0])

    np.testing.assert_allclose(start.free + start.causes.sum(axis=0), 1, atol=1e-9)
    np.testing.assert_allclose(later.free + later.causes.sum(axis=0), 1, atol=1e-9)
    assert later.free[0] == pytest.approx(start.free[1] / start.free[0], rel=1e-9)
    expected = (start.risk[1] - start.risk[0]) / start.free[0]
    assert later.risk[0] == pytest.approx(expected, rel=1e-6)
    assert later.low[0] <= later.risk[0] <= later.high[0]


def test_it_reads_the_values_of_entry_alone_and_no_further_than_it_learnt(on_entry: Model) -> None:
    first = asked(on_entry, 0.0, [300.0])
    same = answer(
        on_entry,
        Chart.of({"marker": 0.4, "noise": 0.1}, [Visit(0.0, {})]),
        0.0,
        days=[300.0],
    )
    last = float(on_entry.stack.ends[-1]) * 365.25 / 12

    assert first.risk[0] == same.risk[0]
    beyond = asked(on_entry, last - 10, [20.0])
    assert beyond.refusal is not None and "learnt" in beyond.refusal.en
    assert reach(on_entry, 100.0) == pytest.approx(last - 100)
