"""Patients alike: who they are, what became of them, and that nobody is told of alone."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from madang.prognosis.engine.explain.similar import Similar, observed_course, similar
from madang.prognosis.engine.models.columns import Columns, fit_columns
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.scope import Scope, fit_scope

Z = norm.isf(0.025)
DECLARED = [
    {"name": "age", "kind": "number"},
    {"name": "marker", "kind": "number"},
    {"name": "stage", "kind": "category"},
]


@cache
def towns() -> tuple[dict[str, Any], Watched, Columns, Scope]:
    """Forty old patients with the event at 1 … 40, and 160 young ones never with it."""
    rng = np.random.default_rng(0)
    old = np.arange(200) % 5 == 0
    table = {
        "age": np.where(old, 80.0, 40.0) + rng.uniform(-2, 2, 200),
        "marker": rng.uniform(-1, 1, 200),
        "stage": np.where(np.arange(200) % 10 == 1, "II", "I").astype(object),
    }
    time = np.full(200, 100.0)
    time[old] = np.arange(1, 41)
    watched = Watched.of(time, old.astype(int))
    columns = fit_columns(table, DECLARED, watched)
    scope = fit_scope(table, columns, lambda rows: np.zeros(len(rows["age"])))
    return table, watched, columns, scope


def alike(patient: dict[str, Any], count: int, **changed: Any) -> Similar | None:
    table, watched, columns, scope = towns()
    return similar(
        patient,
        changed.get("table", table),
        changed.get("watched", watched),
        [10.0, 20.0, 200.0],
        columns=columns,
        scope=scope,
        count=count,
    )


OLD = {"age": 80.0, "marker": 0.0, "stage": "I"}


def test_of_two_towns_the_patient_is_told_of_the_own_one() -> None:
    """All of the forty have it, one a day: 10/40 and 20/40 by days 10 and 20."""
    found = alike(OLD, 40)

    assert found is not None
    assert (found.patients, found.events) == (40, (40,))
    assert np.allclose(found.course.share[:, 0], [0.25, 0.5, 1.0])
    assert found.course.watched.tolist() == [31, 21, 0]


def test_the_nearest_are_those_of_the_smallest_mahalanobis_distance() -> None:
    table, watched, columns, scope = towns()
    matrix = columns.for_sums(table)
    own = columns.for_sums({name: [value] for name, value in OLD.items()})
    covariance = np.cov(matrix.T, bias=True)
    shrunk = 0.95 * covariance + 0.05 * np.diag(np.diag(covariance) + 1e-6)
    apart = matrix - own
    distance = np.sqrt(np.einsum("np,pq,nq->n", apart, np.linalg.inv(shrunk), apart))
    nearest = np.argsort(distance)[:35]

    found = alike(OLD, 35)

    assert found is not None
    assert found.spread == pytest.approx(distance[nearest].max() / scope.farthest)
    expected = observed_course(watched.part(nearest), [10.0, 20.0, 200.0], causes=1)
    assert np.array_equal(found.course.share, expected.share)


def test_of_equally_near_ones_the_first_in_the_table_are_taken() -> None:
    """Every second one is old; the events are those of the first thirty-five old ones."""
    table, _, _, _ = towns()
    same = {name: np.tile(values[:2], 100) for name, values in table.items()}
    rows = np.arange(200)

    found = alike(
        OLD, 35, table=same, watched=Watched.of(rows + 1.0, (rows % 2 == 0) & (rows < 70))
    )

    assert found is not None
    assert found.events == (35,)


def test_events_are_counted_by_cause() -> None:
    _, watched, _, _ = towns()
    cause = np.where(watched.event, 1 + (watched.time > 30), 0)

    found = alike(OLD, 40, watched=Watched.of(watched.time, cause))

    assert found is not None
    assert found.events == (30, 10)
    assert np.allclose(found.course.share[-1], [0.75, 0.25])


def test_of_patients_alike_in_everything_no_difference_is_told() -> None:
    found = alike(OLD, 40)

    assert found is not None
    assert found.differences == ()


@pytest.mark.parametrize(("count", "rows"), [(29, 200), (100, 29)])
def test_fewer_than_thirty_are_nobody(count: int, rows: int) -> None:
    table, watched, _, _ = towns()
    few = {name: values[:rows] for name, values in table.items()}

    assert alike(OLD, count, table=few, watched=watched.part(np.arange(rows))) is None


def test_thirty_are_enough() -> None:
    found = alike(OLD, 30)

    assert found is not None
    assert found.patients == 30


def test_it_is_told_where_they_are_not_alike() -> None:
    """Nobody's marker is above 1."""
    table, _, columns, _ = towns()

    found = alike(OLD | {"marker": 3.0}, 35)

    assert found is not None
    first = found.differences[0]
    deviation = table["marker"].std()
    assert (first.column, first.patient, first.share) == ("marker", 3.0, None)
    assert first.mean is not None
    assert 0 < first.mean < 1
    assert first.deviations == pytest.approx((3 - first.mean) / deviation)


def test_a_level_that_few_of_them_share_is_told_with_its_share() -> None:
    table, _, _, _ = towns()
    other = table | {"stage": np.array(["II"] * 180 + ["I"] * 20, dtype=object)}

    found = alike(OLD, 60, table=other)

    assert found is not None
    told = {each.column: each for each in found.differences}["stage"]
    assert told.patient == "I"
    assert told.mean is None
    assert told.share is not None
    assert told.deviations == pytest.approx((1 - told.share) / np.sqrt(0.1 * 0.9))
    assert round(told.share * 60, 9) == int(round(told.share * 60, 9)) < 30


def test_a_gap_of_the_patient_is_no_difference() -> None:
    found = alike({"age": 80.0, "marker": None, "stage": None}, 30)

    assert found is not None
    assert {each.column for each in found.differences} <= {"age"}


def test_a_number_that_few_of_them_have_is_not_told_of() -> None:
    """A mean of fewer than thirty would tell of somebody."""
    table, _, _, _ = towns()
    marker = np.full(200, np.nan)
    marker[:20] = 1.0

    found = alike(OLD | {"marker": 9.0}, 50, table=table | {"marker": marker})

    assert found is not None
    assert "marker" not in [each.column for each in found.differences]


def test_no_row_is_told() -> None:
    """Nothing of the answer has an entry a patient."""
    found = alike(OLD, 40)

    assert found is not None
    told = [*found.events, found.patients, found.spread, *found.course, *found.differences]
    assert len(told) == 1 + 2 + 4 + len(found.differences)
    assert len(found.differences) <= len(DECLARED)
    assert [each.name for each in fields(found)] == [
        *("patients", "events", "course", "differences", "spread")
    ]
    assert {each.shape for each in found.course} == {(3, 1), (3,)}


def test_without_censoring_shares_and_limits_are_those_of_counts() -> None:
    """Variance p(1 − p)/n of each cause, limits by the delta method on log(−log(1 − p))."""
    cause = np.array([1, 2, 1, 1, 2, 1, 2, 1, 1, 1] * 5)
    time = np.repeat(np.arange(1.0, 26.0), 2)

    found = observed_course(Watched.of(time, cause), [5.0, 12.5], causes=2)

    for row, limit in enumerate([5.0, 12.5]):
        for number in (1, 2):
            p = float(((cause == number) & (time <= limit)).mean())
            reach = Z * np.sqrt(p * (1 - p) / 50) / ((1 - p) * -np.log(1 - p))
            low, high = (1 - (1 - p) ** np.exp(side * reach) for side in (-1, 1))
            assert found.share[row, number - 1] == pytest.approx(p)
            assert found.low[row, number - 1] == pytest.approx(low)
            assert found.high[row, number - 1] == pytest.approx(high)


def test_lifelines_finds_the_same_course_on_gbsg2(cohort_outcomes) -> None:
    """Kaplan–Meier with limits on the log-log scale."""
    from lifelines import KaplanMeierFitter

    when = [300.0, 1000.0, 2000.0]
    judge = KaplanMeierFitter().fit(cohort_outcomes.time, cohort_outcomes.event)
    limits = judge.confidence_interval_

    found = observed_course(Watched.of(*cohort_outcomes), when, causes=1)

    assert np.allclose(found.share[:, 0], 1 - judge.predict(when).to_numpy())
    place = [limits.index.get_indexer([time], method="ffill")[0] for time in when]
    assert np.allclose(1 - found.high[:, 0], limits.to_numpy()[place, 0])
    assert np.allclose(1 - found.low[:, 0], limits.to_numpy()[place, 1])


def test_censored_patients_and_late_ones_leave_and_enter_the_risk_set() -> None:
    """By hand: at 2 one of 3 (the late one is not there yet), at 4 one of 2: 1 − 2/3 · 1/2."""
    watched = Watched.of([2.0, 3.0, 4.0, 5.0, 6.0], [1, 0, 1, 0, 0], entry=[0, 0, 0, 4.5, 3.5])

    found = observed_course(watched, [1.0, 2.0, 4.0, 7.0], causes=1)

    assert np.allclose(found.share[:3, 0], [0.0, 1 / 3, 2 / 3])
    assert np.isnan([found.share[3, 0], found.low[3, 0], found.high[3, 0]]).all()


def test_two_of_one_kind_count_twice() -> None:
    once = Watched.of([1.0, 1.0, 2.0, 3.0, 3.0], [1, 1, 2, 0, 0])
    weighed = Watched.of([1.0, 2.0, 3.0], [1, 2, 0], weight=[2, 1, 2])

    one, two = (observed_course(each, [1.0, 2.5], causes=2) for each in (once, weighed))

    for ours, theirs in zip(one, two, strict=True):
        assert np.allclose(ours, theirs)


def test_where_nobody_or_everybody_had_it_limits_are_those_of_a_count() -> None:
    nobody = observed_course(Watched.of(np.full(40, 9.0), np.zeros(40)), [5.0], causes=1)
    everybody = observed_course(Watched.of(np.full(40, 3.0), np.ones(40)), [5.0], causes=1)

    none, every = (binomtest(k, 40).proportion_ci(0.95) for k in (0, 40))
    assert (nobody.share[0, 0], nobody.low[0, 0]) == (0, 0)
    assert nobody.high[0, 0] == pytest.approx(none.high)
    assert (everybody.share[0, 0], everybody.high[0, 0]) == (1, 1)
    assert everybody.low[0, 0] == pytest.approx(every.low)


def test_limits_hold_the_share_however_few_are_left() -> None:
    """Thirty steps of one patient each add up to 1 but for the last bit."""
    watched = Watched.of(np.arange(1.0, 31.0), np.ones(30))

    found = observed_course(watched, np.arange(1.0, 31.0), causes=1)

    assert (found.low <= found.share + 1e-12).all()
    assert (found.share <= found.high + 1e-12).all()
    assert (np.diff(found.low[:-1, 0]) > 0).all()


@pytest.mark.parametrize("size", [30, 40, 49, 60, 97])
def test_a_last_bit_lacking_to_everybody_does_not_matter(size: int) -> None:
    watched = Watched.of(np.arange(1.0, size + 1), np.ones(size))

    found = observed_course(watched, [size], causes=1)

    assert found.low[0, 0] == pytest.approx(binomtest(size, size).proportion_ci(0.95).low)
