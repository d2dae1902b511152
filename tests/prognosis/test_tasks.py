"""The survival task keeps the contract that every task owes to the trials."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.kernel.trial import PARTS, Column, Task
from madang.prognosis.tasks import Survival

TASK = Survival()
OPTIONS = {"time": "time", "event": "cens"}
OUTCOME_COLUMNS = (Column(name="time", kind="number"), Column(name="cens", kind="integer"))
INPUT_NAMES = ["horTh", "age", "menostat", "tsize", "tgrade", "pnodes", "progrec", "estrec"]


@pytest.fixture(scope="module")
def cases(cohort: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return cohort.select(INPUT_NAMES), cohort.select("time", "cens")


@pytest.fixture(scope="module")
def frame(cases) -> dict[str, Any]:
    return TASK.frame(*cases, options=OPTIONS)


@pytest.fixture(scope="module")
def answers(cases, frame) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.sort(rng.random((686, len(frame["grid"]))), axis=1)[:, ::-1]


def scored(metric, outcomes, answers, frame) -> float:
    return TASK.score(metric, outcomes, answers, frame=frame, options=OPTIONS)


def test_it_is_a_task_of_tables() -> None:
    assert Task in Survival.__mro__
    assert (TASK.name, TASK.kind, TASK.version) == ("prognosis.survival", "table", 1)


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        (OPTIONS, True),
        (OPTIONS | {"horizon": 1825}, True),
        (OPTIONS | {"grid": [365, 730]}, True),
        ({"time": "time"}, False),
        (OPTIONS | {"horizon": 0}, False),
        (OPTIONS | {"grid": []}, False),
        (OPTIONS | {"grid": [0, 1]}, False),
        (OPTIONS | {"folds": 5}, False),
        (OPTIONS | {"time": 3}, False),
    ],
)
def test_options_are_checked_by_a_schema(options, fits) -> None:
    assert jsonschema.Draft202012Validator(TASK.options_schema()).is_valid(options) == fits


def test_fitting_columns_pass() -> None:
    TASK.check((), OUTCOME_COLUMNS, options=OPTIONS | {"grid": [1, 2], "horizon": 2})


@pytest.mark.parametrize(
    ("columns", "extra", "said"),
    [
        (OUTCOME_COLUMNS[:1], {}, "'cens': none"),
        (OUTCOME_COLUMNS[1:], {}, "'time': none"),
        ((Column(name="time", kind="text"), OUTCOME_COLUMNS[1]), {}, "'time': text"),
        ((OUTCOME_COLUMNS[0], Column(name="cens", kind="category")), {}, "'cens': category"),
        (OUTCOME_COLUMNS, {"grid": [2, 1]}, "out of order"),
        (OUTCOME_COLUMNS, {"grid": [1, 1]}, "out of order"),
        (OUTCOME_COLUMNS, {"grid": [1, 2], "horizon": 3}, "out of order"),
    ],
)
def test_columns_that_do_not_fit_are_named(columns, extra, said) -> None:
    with pytest.raises(InputError, match=said):
        TASK.check((), columns, options=OPTIONS | extra)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"time": [1.0, 2.0], "cens": [0, 0]}, "0 events"),
        ({"time": [2.0, 2.0], "cens": [1, 1]}, "2 events at fewer than two"),
        ({"time": [0.0, 2.0], "cens": [1, 1]}, "1 outcome values"),
        ({"time": [None, 2.0], "cens": [1, 1]}, "1 outcome values"),
        ({"time": [1.0, 2.0], "cens": [3, 1]}, "1 outcome values"),
        ({"time": [], "cens": []}, "0 times"),
        ({"time": [1.0]}, "no outcome column 'cens'"),
    ],
)
def test_outcomes_that_make_no_sense_are_refused(table, said) -> None:
    with pytest.raises(InputError, match=said):
        TASK.check_outcomes(pl.DataFrame(table), options=OPTIONS)


def test_outcomes_of_the_cohort_pass(cases) -> None:
    TASK.check_outcomes(cases[1], options=OPTIONS)
    TASK.check_outcomes(cases[1].with_columns(pl.col("cens") == 1), options=OPTIONS)


def test_every_part_keeps_the_share_of_events(cases) -> None:
    shares = {"open": 0.4, "board": 0.25, "final": 0.35}
    rng = np.random.default_rng(0)

    parts = TASK.split(*cases, groups=None, shares=shares, rng=rng, options=OPTIONS)

    event = cases[1]["cens"].to_numpy()
    for name, share in shares.items():
        chosen = parts == PARTS.index(name)
        assert chosen.sum() == pytest.approx(share * 686, abs=2)
        assert event[chosen].sum() == pytest.approx(share * event.sum(), abs=1)


def test_groups_stay_together(cases) -> None:
    groups = np.arange(686) // 3

    parts = TASK.split(
        *cases,
        groups=groups,
        shares={"open": 0.5, "final": 0.5},
        rng=np.random.default_rng(0),
        options=OPTIONS,
    )

    assert all(len(set(parts[groups == group])) == 1 for group in range(229))


def test_the_frame_is_plain_json_and_names_no_patient(cohort, frame) -> None:
    named = TASK.frame(cohort.drop("time", "cens"), cohort.select("time", "cens"), options=OPTIONS)

    assert json.loads(json.dumps(named)) == named
    assert "G001" not in json.dumps(named)
    assert named == frame


def test_answers_are_falling_probabilities_with_a_name_for_each_time(frame) -> None:
    outputs = TASK.outputs(frame=frame, options=OPTIONS)

    assert outputs.columns[:2] == ("s_0001", "s_0002")
    assert len(outputs.columns) == len(frame["grid"]) == 30
    assert (outputs.lowest, outputs.highest, outputs.row_rule) == (0, 1, "nonincreasing")


def test_the_metrics_and_their_directions(frame) -> None:
    found = {m.name: m.direction for m in TASK.metrics(frame=frame, options=OPTIONS)}

    assert found == {
        "ibs": "lower",
        "ibs_conditional": "lower",
        "uno_c": "higher",
        "calibration_in_the_large": "lower",
        "ici": "lower",
    }
    assert next(iter(found)) == "ibs"


def test_the_mean_of_the_losses_is_the_score(cases, frame, answers) -> None:
    inputs, outcomes = cases
    both = outcomes.hstack(inputs)
    for metric in ("ibs", "ibs_conditional"):
        losses = TASK.losses(metric, both, answers, frame=frame, options=OPTIONS)

        assert losses.shape == (686,)
        assert scored(metric, both, answers, frame) == losses.mean()


def test_other_metrics_are_no_means(cases, frame, answers) -> None:
    for metric in ("uno_c", "calibration_in_the_large", "ici"):
        assert TASK.losses(metric, cases[1], answers, frame=frame, options=OPTIONS) is None
        assert 0 <= scored(metric, cases[1], answers, frame) <= 1


def test_conditional_weights_are_not_guessed_without_covariates(cases, frame, answers) -> None:
    metric = "ibs_conditional"

    assert TASK.losses(metric, cases[1], answers, frame=frame, options=OPTIONS) is None
    assert np.isnan(scored(metric, cases[1], answers, frame))


def test_an_unknown_metric_is_a_key_error(cases, frame, answers) -> None:
    with pytest.raises(KeyError):
        scored("accuracy", cases[1], answers, frame)


def test_scores_do_not_depend_on_the_order_of_patients(cases, frame, answers) -> None:
    order = np.random.default_rng(1).permutation(686)
    both = cases[1].hstack(cases[0])
    for metric in TASK.metrics(frame=frame, options=OPTIONS):
        turned = scored(metric.name, both[order], answers[order], frame)

        assert turned == pytest.approx(scored(metric.name, both, answers, frame), abs=1e-9)


def test_the_same_answers_give_the_same_bits(cases, frame, answers) -> None:
    for metric in ("ibs", "uno_c", "ici"):
        first, second = (scored(metric, cases[1], answers.copy(), frame) for _ in range(2))

        assert first == second


def test_the_baseline_gives_everybody_the_open_samples_curve(cases, frame) -> None:
    from scipy import stats

    (baseline,) = TASK.baselines(options=OPTIONS)
    inputs, outcomes = cases
    found = baseline.predict(inputs, outcomes, inputs[:3], frame=frame, options=OPTIONS)

    time, event = outcomes["time"].to_numpy(), outcomes["cens"].to_numpy() == 1
    curve = stats.ecdf(stats.CensoredData.right_censored(time, ~event)).sf
    assert baseline.name == "kaplan_meier"
    assert found.shape == (3, 30)
    assert (found[0] == found[2]).all()
    assert found[0] == pytest.approx(curve.evaluate(frame["grid"]))


def test_the_baseline_has_no_discrimination_and_no_bias(cases, frame) -> None:
    inputs, outcomes = cases
    (baseline,) = TASK.baselines(options=OPTIONS)
    answers = baseline.predict(inputs, outcomes, inputs, frame=frame, options=OPTIONS)

    assert scored("uno_c", outcomes, answers, frame) == 0.5
    assert scored("calibration_in_the_large", outcomes, answers, frame) == pytest.approx(0)


def test_a_planted_leak_is_found_and_the_cohort_is_clean(cases) -> None:
    inputs, outcomes = cases
    planted = inputs.with_columns(
        pl.when(outcomes["cens"] == 1).then(pl.lit("died")).alias("cause"),
        (outcomes["time"] * 24).alias("hours"),
    )

    assert TASK.leaks(inputs, outcomes, options=OPTIONS) == ()
    found = {leak.column for leak in TASK.leaks(planted, outcomes, options=OPTIONS)}
    assert found == {"cause", "hours"}


def test_gaps_of_every_type_of_column_are_borne(cases) -> None:
    inputs, outcomes = cases
    holed = inputs.with_columns(
        pl.when(pl.int_range(686) % 5 > 0).then(pl.col("age")).alias("age"),
        pl.when(pl.int_range(686) % 7 > 0).then(pl.col("tgrade")).cast(pl.Categorical),
        (pl.col("horTh") == "yes").alias("horTh"),
    )

    assert TASK.leaks(holed, outcomes, options=OPTIONS) == ()
    assert TASK.frame(holed, outcomes, options=OPTIONS)["censoring_by_patient"]
