"""The supermodel finds the truth where it is known, and its parts always add up to 1."""

from __future__ import annotations

import lzma

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.dynamic.landmark import (
    PENALTIES,
    Landmark,
    fit_landmark,
    stacked,
)
from madang.prognosis.engine.dynamic.visits import (
    AGE,
    AT,
    COUNT,
    PATIENT,
    read_courses,
    read_visits,
)
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.auc import auc_at
from madang.prognosis.engine.quality.brier import brier_losses, followed_alike
from tests.prognosis.engine.dynamic.courses import COLUMNS, Made, ends, made, marker

LANDMARKS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)


@pytest.fixture(scope="module")
def cohort() -> Made:
    """Fifteen hundred patients."""
    return made()


@pytest.fixture(scope="module")
def model(cohort: Made) -> Landmark:
    """Fitted on all of them."""
    return fit_landmark(
        cohort.visits,
        cohort.courses,
        landmarks=LANDMARKS,
        horizon=2.0,
        categories=("sex", "centre"),
    )


def snapshot(level: float, at: float = 1.0, count: int = 1, age: float = 0.0) -> pl.DataFrame:
    """One patient whose marker has this logarithm."""
    return pl.DataFrame(
        {
            PATIENT: ["x"] * count,
            "marker": [float(np.exp(level))] * count,
            "sex": ["f"] * count,
            "centre": ["b"] * count,
            "noise": [0.0] * count,
            AGE: [age] * count,
            COUNT: [3.0] * count,
            AT: [at] * count,
        }
    )


def truth(level: float, horizon: float) -> np.ndarray:
    """Incidence of both causes for a patient seen now with this marker, by simulation."""
    rng = np.random.default_rng(5)
    path = marker(rng, 60_000)
    path += level - path[:, [20]]
    time, cause = ends(rng, path[:, 20:])
    return np.array([np.mean((cause == each) & (time <= horizon)) for each in (1, 2)])


@pytest.mark.parametrize("level", [-0.8, 0.0, 0.8])
def test_incidences_are_near_the_truth(model: Landmark, level: float) -> None:
    found = model.incidence(snapshot(level), [2.0])

    assert found.causes[:, 0, 0] == pytest.approx(truth(level, 2.0), abs=0.035)


def test_the_marker_is_taken_by_its_logarithm_and_drives(model: Landmark) -> None:
    assert model.logarithms == {"marker"}
    drivers = {
        name: float(model.drivers(snapshot(1.0))[name][0] - model.drivers(snapshot(0.0))[name][0])
        for name in model.drivers(snapshot(0.0))
    }
    assert drivers.pop("marker") == pytest.approx(1.0, abs=0.2)
    assert all(value == 0 for value in drivers.values())


def test_drivers_add_up_to_the_predictor(model: Landmark, cohort: Made) -> None:
    seen = cohort.visits.snapshot(1.0)
    parts = np.sum(list(model.drivers(seen).values()), axis=0)

    assert parts == pytest.approx(model.causes[0].predictor(model.matrix(seen)))


def test_survival_and_incidences_add_up_for_everybody(model: Landmark) -> None:
    rng = np.random.default_rng(2)
    count = 10_000
    patients = snapshot(0.0, count=count).with_columns(
        marker=pl.Series(np.exp(rng.normal(0, 6, count))),
        noise=pl.Series(rng.normal(0, 50, count)),
        sex=pl.Series(rng.choice(["f", "m", "?"], count)),
    )
    times = np.linspace(0, 2, 9)
    found = model.incidence(patients, times)
    whole = found.survival + found.causes.sum(axis=0)

    assert np.abs(whole - 1).max() <= 1e-9
    assert found.causes.min() >= 0
    assert (np.diff(found.causes, axis=2) >= -1e-12).all()
    assert (found.survival[:, 0] == 1).all()


def test_patients_of_the_sample_are_there_at_the_landmark(cohort: Made) -> None:
    rows = stacked(cohort.visits, cohort.courses, landmarks=(1.0, 2.0), horizon=2.0)
    ends_at = dict(zip(cohort.courses.patient, cohort.courses.time, strict=True))
    why = dict(zip(cohort.courses.patient, cohort.courses.cause, strict=True))

    assert len(rows.table) == sum(time > 1 for time in ends_at.values()) + sum(
        time > 2 for time in ends_at.values()
    )
    for name, at, time, cause in zip(
        rows.table[PATIENT], rows.table[AT], rows.time, rows.cause, strict=True
    ):
        left = ends_at[name] - at
        assert left > 0
        assert time == pytest.approx(min(left, 2.0))
        assert cause == (why[name] if left <= 2.0 else 0)


def test_the_same_patients_give_the_same_bits(cohort: Made, model: Landmark) -> None:
    table = cohort.table.sample(fraction=1.0, shuffle=True, seed=3)
    visits = read_visits(table, patient="id", time="at", columns=COLUMNS)
    order = np.random.default_rng(0).permutation(len(cohort.courses.patient))
    courses = read_courses(*(each[order] for each in cohort.courses))
    other = fit_landmark(
        visits, courses, landmarks=LANDMARKS, horizon=2.0, categories=("sex", "centre")
    )

    for one, two in zip(model.causes, other.causes, strict=True):
        assert np.array_equal(one.coefficients, two.coefficients)
        assert np.array_equal(one.hazard, two.hazard)


def test_what_was_not_learnt_is_not_said(model: Landmark) -> None:
    with pytest.raises(InputError, match="a prediction over 2.5; expected from 0 to 2"):
        model.incidence(snapshot(0.0), [1.0, 2.5])
    with pytest.raises(InputError, match="4 after entry; expected from 0 to 3"):
        model.incidence(snapshot(0.0, at=4.0), [1.0])
    with pytest.raises(InputError, match="from 0 to 3"):
        model.free_of_event(snapshot(0.0, at=3.1), [1.0])


def test_an_event_counts_on_its_own_day(model: Landmark) -> None:
    step = float(model.causes[0].times[7])
    before, on = (
        model.incidence(snapshot(0.0), [time]).causes[0, 0, 0]
        for time in (np.nextafter(step, 0), step)
    )

    assert on > before


def test_a_small_noisy_sample_is_shrunk_by_patients_left_out() -> None:
    few = made(90, seed=4)
    rng = np.random.default_rng(0)
    noisy = few.table.with_columns(
        pl.Series(f"noise{place}", rng.normal(size=len(few.table))) for place in range(25)
    )
    columns = (*COLUMNS, *(f"noise{place}" for place in range(25)))
    visits = read_visits(noisy, patient="id", time="at", columns=columns)
    model = fit_landmark(
        visits, few.courses, landmarks=LANDMARKS, horizon=2.0, categories=("sex", "centre")
    )

    # Within the sample the smallest ridge is always likeliest.
    assert model.causes[0].penalty == PENALTIES[-1]


def test_too_few_events_are_refused(cohort: Made) -> None:
    few = cohort.courses.among(cohort.courses.patient[:20])
    with pytest.raises(InputError, match="events; expected 10 or more"):
        fit_landmark(cohort.visits, few, landmarks=(1.0,), horizon=0.5)


@pytest.mark.shared
def test_two_year_mortality_of_the_published_trial(shared) -> None:
    """PBC: AUC ≥ 0.87 and Brier ≤ 0.079 over landmarks 1-5, as five folds by patient say."""
    table = pl.read_csv(
        lzma.open(shared / "prognosis" / "pbc2_visits.csv.xz").read(), null_values=["", "NA"]
    )
    categories = ("sex", "drug", "ascites", "hepatomegaly", "spiders", "edema")
    numbers = ("age", "serBilir", "serChol", "albumin", "alkaline", "SGOT", "platelets")
    columns = (*categories, *numbers, "prothrombin", "histologic")
    visits = read_visits(table, patient="id", time="year", columns=columns)
    first = table.sort("id", "year").group_by("id", maintain_order=True).first()
    cause = first["status"].replace_strict({"alive": 0, "dead": 1, "transplanted": 2})
    courses = read_courses(first["id"].to_numpy(), first["years"].to_numpy(), cause.to_numpy())
    fold = np.random.default_rng(0).permutation(len(first)) % 5
    areas, errors = [], []
    told: dict[float, list[tuple[float, bool, float]]] = {at: [] for at in (1.0, 2, 3, 4, 5)}
    for left_out in range(5):
        kept = courses.patient[fold != left_out]
        fitted = fit_landmark(
            visits.of(kept),
            courses.among(kept),
            landmarks=np.arange(0.5, 5.51, 0.5).tolist(),
            horizon=2.0,
            categories=categories,
        )
        for at, rows in told.items():
            there = courses.patient[(fold == left_out) & (courses.time > at)]
            own = courses.among(there)
            seen = visits.of(there).snapshot(at)
            free = fitted.free_of_event(seen, [2.0])[:, 0]
            left = dict(
                zip(own.patient, zip(own.time - at, own.cause == 1, strict=True), strict=True)
            )
            rows += [(*left[name], p) for name, p in zip(seen[PATIENT], free, strict=True)]
    for rows in told.values():
        time, event, free = (np.array(each) for each in zip(*rows, strict=True))
        outcomes = Outcomes(time, event.astype(bool))
        curve = censoring_curve(outcomes)
        areas.append(auc_at(outcomes, 1 - free, curve.at(time), 2.0))
        followed = followed_alike(curve, outcomes, [2.0])
        errors.append(brier_losses(outcomes, free[:, None], [2.0], followed).mean())

    assert np.mean(areas) >= 0.87
    assert np.mean(errors) <= 0.079
