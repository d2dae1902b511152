"""Columns that know the outcome are found; honest ones are left in peace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from madang.prognosis.engine.leakage import find_leaks
from madang.prognosis.engine.outcomes import Outcomes, read_outcomes
from tests.prognosis.conftest import invented

MATRIX, OUTCOMES = invented(400, seed=2)
RNG = np.random.default_rng(0)


def guilty(columns, outcomes=OUTCOMES) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for leak in find_leaks(columns, outcomes):
        found.setdefault(leak.column, set()).add(leak.measure)
    return found


def test_a_strong_but_honest_covariate_is_left_in_peace() -> None:
    columns = {"marker": MATRIX[:, 0], "noise": MATRIX[:, 2], "sex": np.array(["f", "m"] * 200)}

    assert guilty(columns) == {}


@pytest.mark.parametrize(
    "values",
    [
        OUTCOMES.event.astype(float),
        np.where(OUTCOMES.event, "deceased", "alive"),
        np.where(OUTCOMES.event, RNG.normal(9, 1, 400), RNG.normal(0, 1, 400)),
        np.where(RNG.random(400) < 0.02, ~OUTCOMES.event, OUTCOMES.event).astype(float),
        np.where(OUTCOMES.event, RNG.choice(["heart", "lung", "other"], 400), None),
    ],
    ids=["copy", "words", "overlapping", "two percent wrong", "cause of death"],
)
def test_a_column_that_tells_the_event_is_found(values) -> None:
    found = guilty({"marker": MATRIX[:, 0], "leak": values})

    assert set(found) == {"leak"}
    assert "AUC of the column alone for the event" in found["leak"]


@pytest.mark.parametrize(
    "values",
    [
        OUTCOMES.time,
        -np.log(OUTCOMES.time),
        OUTCOMES.time * np.exp(RNG.normal(0, 0.8, 400)),
        np.where(OUTCOMES.time < np.median(OUTCOMES.time), "early", "late"),
        np.abs(OUTCOMES.time - np.median(OUTCOMES.time)),
    ],
    ids=["copy", "log", "noisy", "two halves", "distance"],
)
def test_a_column_that_follows_the_time_of_events_is_found(values) -> None:
    found = guilty({"marker": MATRIX[:, 0], "leak": values})

    assert set(found) == {"leak"}
    assert any("time among events" in measure for measure in found["leak"])


def test_gaps_that_follow_the_event_are_found() -> None:
    values = MATRIX[:, 2].copy()
    values[~OUTCOMES.event & (RNG.random(400) < 0.9)] = np.nan

    assert "AUC of the column's gaps for the event" in guilty({"tested": values})["tested"]


def test_gaps_at_random_are_left_in_peace() -> None:
    values = MATRIX[:, 2].copy()
    values[RNG.random(400) < 0.5] = np.nan

    assert guilty({"tested": values}) == {}


def test_a_column_that_fixes_the_end_of_watching_is_found() -> None:
    """Everybody is watched until one day: the day of entry then tells the follow-up."""
    entry = RNG.uniform(0, 5, 600)
    time = RNG.exponential(4.0, 600)
    end = 5.5 - entry
    outcomes = Outcomes(np.minimum(time, end), time <= end)

    found = guilty({"entered": entry}, outcomes)

    assert any("follow-up among the censored" in measure for measure in found["entered"])


@pytest.mark.parametrize("by", ["time", "event"])
def test_rows_in_the_order_of_the_outcome_are_found(by) -> None:
    order = np.lexsort((OUTCOMES.time, OUTCOMES.event) if by == "event" else (OUTCOMES.time,))
    outcomes = Outcomes(OUTCOMES.time[order], OUTCOMES.event[order])

    assert set(guilty({"marker": MATRIX[order, 0]}, outcomes)) == {"(row order)"}


def test_few_patients_raise_no_false_alarm() -> None:
    alarms = 0
    for seed in range(40):
        matrix, outcomes = invented(60, seed=seed, columns=6)
        alarms += bool(guilty({f"x{i}": matrix[:, i] for i in range(6)}, outcomes))

    assert alarms <= 1


def test_too_few_events_say_nothing() -> None:
    outcomes = Outcomes(np.arange(1.0, 31.0), np.arange(30) % 2 == 0)

    assert guilty({"copy": outcomes.time}, outcomes) == {}


def test_constant_empty_and_unique_columns_are_borne() -> None:
    columns = {
        "constant": np.full(400, 3.0),
        "empty": np.full(400, np.nan),
        "void": np.array([None] * 400, dtype=object),
        "name": np.array([f"P{i}" for i in range(400)], dtype=object),
    }

    assert guilty(columns) == {}


def test_the_sentence_says_how_much_and_how_much_is_allowed() -> None:
    leak = find_leaks({"copy": OUTCOMES.event.astype(float)}, OUTCOMES)[0]

    assert leak.value == 1.0
    assert leak.limit == 0.95
    assert "(1.00, limit 0.95)" in leak.sentence_en
    assert "(1.00, 한도 0.95)" in leak.sentence_ko


def reference(shared, name: str) -> tuple[dict, Outcomes]:
    table = pd.read_csv(shared / "prognosis" / f"{name}.csv.xz").rename(
        columns={"duration": "time"}
    )
    table = table[table["time"] > 0]
    columns = {c: table[c].to_numpy() for c in table if c not in ("pid", "time", "event")}
    for column in columns:
        if column.startswith("fac_"):
            columns[column] = columns[column].astype(object)
    return columns, read_outcomes(table["time"], table["event"])


@pytest.mark.shared
@pytest.mark.parametrize("name", ["gbsg2", "rott2", "metabric", "support"])
def test_clean_public_cohorts_raise_no_alarm(shared, name) -> None:
    assert guilty(*reference(shared, name)) == {}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "leaks"),
    [
        ("support2", {"num_surv2m", "num_surv6m", "fac_sfdm2", "fac_dnr"}),
        ("flchain", {"fac_chapter"}),
        ("whas500", {"fac_year"}),
        ("framingham", {"(row order)"}),
    ],
)
def test_the_known_leaks_of_public_cohorts_are_found_and_no_others(shared, name, leaks) -> None:
    """What each gives away, by its documentation.

    support2: estimates, orders and function written later; flchain: cause of death; whas500: the
    year of entry, which fixes when watching ended; framingham: rows in order of the outcome.
    """
    assert set(guilty(*reference(shared, name))) == leaks
