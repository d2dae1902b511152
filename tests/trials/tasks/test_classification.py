"""Classification from the agency's columns to the score."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from sklearn import datasets

from madang.kernel.errors import InputError
from madang.kernel.stats.auc import delong
from madang.kernel.trial import Column
from madang.trials.tasks import Classification

TASK = Classification()
OPTIONS = {"outcome": "kind"}
SHARES = {"open": 0.5, "board": 0.25, "final": 0.25}
HANGUL = re.compile("[가-힣]")


def table(name: str, *, names: dict[int, str] | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Inputs and outcomes of a bundled table, in mixed order."""
    data = getattr(datasets, f"load_{name}")()
    order = np.random.default_rng(1).permutation(len(data.target))
    inputs = pl.DataFrame({f"x{at}": column for at, column in enumerate(data.data[order].T)})
    kinds = data.target[order]
    return inputs, pl.DataFrame({"kind": [names[k] for k in kinds] if names else kinds})


def frame_of(outcomes: pl.DataFrame, **options) -> dict:
    return TASK.frame(outcomes, outcomes, options={**OPTIONS, **options})


def score(metric, outcomes, answers, frame, **options):
    return TASK.score(metric, outcomes, answers, frame=frame, options={**OPTIONS, **options})


def test_perfect_answers_score_the_bound_of_every_metric():
    _, outcomes = table("breast_cancer")
    frame = frame_of(outcomes)
    perfect = np.eye(2)[outcomes["kind"].to_numpy()]
    for metric in TASK.metrics(frame=frame, options=OPTIONS):
        best = metric.lowest if metric.direction == "lower" else metric.highest

        assert score(metric.name, outcomes, perfect, frame) == pytest.approx(best, abs=1e-12)


def test_the_class_shares_score_their_closed_form():
    """Stating q where p happens: Brier (1 - 2 Σ p q + Σ q²) / 2 and log loss -Σ p ln q."""
    inputs, outcomes = table("iris")
    known, asked = outcomes[:60], outcomes[60:]
    frame = frame_of(known)
    answers = TASK.baselines(options=OPTIONS)[0].predict(
        inputs[:60], known, inputs[60:], frame=frame, options=OPTIONS
    )
    q = np.bincount(known["kind"].to_numpy()) / 60
    p = np.bincount(asked["kind"].to_numpy()) / 90

    assert score("brier", asked, answers, frame) == pytest.approx((1 - 2 * p @ q + q @ q) / 2)
    assert score("log_loss", asked, answers, frame) == pytest.approx(-p @ np.log(q))
    assert score("calibration_in_the_large", asked, answers, frame) == pytest.approx(
        abs(p - q).sum() / 2
    )


def test_the_commonest_class_is_right_as_often_as_it_occurs():
    inputs, outcomes = table("breast_cancer")
    frame = frame_of(outcomes)
    answers = TASK.baselines(options=OPTIONS)[1].predict(
        inputs, outcomes, inputs, frame=frame, options=OPTIONS
    )

    assert score("accuracy", outcomes, answers, frame) == pytest.approx(357 / 569)
    assert score("auc", outcomes, answers, frame) == 0.5


def test_the_best_column_beats_the_shares_and_knows_new_cases():
    inputs, outcomes = table("breast_cancer")
    frame = frame_of(outcomes[:300])
    best = TASK.baselines(options=OPTIONS)[2].predict
    answers = best(inputs[:300], outcomes[:300], inputs[300:], frame=frame, options=OPTIONS)

    assert score("auc", outcomes[300:], answers, frame) > 0.9
    assert score("brier", outcomes[300:], answers, frame) < 0.1


def test_only_the_auc_has_a_covariance_and_it_is_delongs():
    inputs, outcomes = table("breast_cancer")
    frame = frame_of(outcomes)
    two = [
        np.column_stack([column, 1 - column])
        for column in (inputs["x0"].rank() / 569, inputs["x1"].rank() / 569)
    ]
    given = {"frame": frame, "options": OPTIONS}
    found = TASK.covariance("auc", outcomes, two, **given)
    judge = delong(outcomes["kind"].to_numpy() == 1, np.array([each[:, 1] for each in two]))

    np.testing.assert_allclose(found, judge.covariance)
    assert score("auc", outcomes, two[0], frame) == pytest.approx(judge.estimates[0])
    assert TASK.covariance("brier", outcomes, two, **given) is None


def test_the_outputs_name_the_classes_in_order():
    _, outcomes = table("iris", names={0: "붓꽃", 1: "창포", 2: "난초"})
    frame = frame_of(outcomes, classes=["붓꽃", "창포", "난초"])
    outputs = TASK.outputs(frame=frame, options=OPTIONS)

    assert outputs.columns == ("p_붓꽃", "p_창포", "p_난초")
    assert (outputs.lowest, outputs.highest, outputs.row_rule) == (0.0, 1.0, "sums_to_one")


def test_whole_numbers_are_ordered_by_size_and_texts_by_letter():
    numbers = pl.DataFrame({"kind": [10, 9, -1, 10, 9, -1]})
    floats = pl.DataFrame({"kind": [1.0, 0.0, 1.0, 0.0]})
    flags = pl.DataFrame({"kind": [True, False, True, False]})

    assert frame_of(numbers)["classes"] == ["-1", "9", "10"]
    assert frame_of(floats)["classes"] == ["0", "1"]
    assert frame_of(flags)["classes"] == ["false", "true"]


def test_a_class_listed_but_not_open_has_a_column_of_its_own():
    frame = frame_of(pl.DataFrame({"kind": ["a", "b"]}), classes=["c", "b", "a"])

    assert frame == {"classes": ["c", "b", "a"], "shares": [0.0, 0.5, 0.5]}


def test_the_split_keeps_each_class_to_its_shares():
    inputs, outcomes = table("iris")
    parts = TASK.split(
        inputs, outcomes, groups=None, shares=SHARES, rng=np.random.default_rng(0), options=OPTIONS
    )
    for kind in range(3):
        mine = np.bincount(parts[outcomes["kind"].to_numpy() == kind], minlength=4)

        assert mine.tolist() in ([25, 0, 13, 12], [25, 0, 12, 13])


def test_a_class_that_would_be_sealed_alone_is_refused():
    outcomes = pl.DataFrame({"kind": ["흔함"] * 40 + ["드묾"] * 2})
    with pytest.raises(InputError, match="open sample"):
        TASK.split(
            outcomes,
            outcomes,
            groups=None,
            shares={"open": 0.1, "board": 0.1, "final": 0.8},
            rng=np.random.default_rng(0),
            options=OPTIONS,
        )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["a"] * 6, "1 class"),
        (["a", "a", "a", "b"], "1 classes with fewer than 2 cases"),
        (["a", "b", None, None, "a", "b"], "2 cases without a value"),
        ([0.5, 1.5, 0.5, 1.5], "no classes in the column"),
        ([0.0, float("nan"), 1.0, 0.0], "no classes in the column"),
        ([], "without a case"),
    ],
)
def test_outcomes_that_are_no_classes_are_refused_in_one_sentence(values, said):
    outcomes = pl.DataFrame({"kind": values})
    with pytest.raises(InputError) as refused:
        TASK.check_outcomes(outcomes, options=OPTIONS)

    assert said in refused.value.sentence("en")
    assert HANGUL.search(refused.value.sentence("ko"))
    assert refused.value.sentence("ko").count("확인된 내용") == 1


def test_a_class_outside_the_list_is_refused_without_naming_a_value():
    outcomes = pl.DataFrame({"kind": ["비밀", "a", "b", "a", "b"]})
    with pytest.raises(InputError) as refused:
        TASK.check_outcomes(outcomes, options={**OPTIONS, "classes": ["a", "b"]})

    assert "1 cases of a class not listed" in refused.value.sentence("en")
    assert "비밀" not in refused.value.sentence("ko")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (np.full((3, 2), 0.5), "shape 3 × 2"),
        (np.full((4, 3), 1 / 3), "shape 4 × 3"),
        (np.array([[0.5, np.nan], [0.5, 0.5], [np.inf, 0], [0.5, 0.5]]), "in 2 of the answers"),
        (np.array([["a", "b"]] * 4), "no numbers"),
    ],
)
def test_answers_of_another_form_are_refused(answers, said):
    outcomes = pl.DataFrame({"kind": [0, 1, 0, 1]})
    with pytest.raises(InputError) as refused:
        score("brier", outcomes, answers, frame_of(outcomes))

    assert said in refused.value.sentence("en")


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (Column(name="other", kind="category", levels=("a", "b")), "no declared column 'kind'"),
        (Column(name="kind", kind="number"), "declared as number"),
    ],
)
def test_a_demand_without_a_column_of_classes_is_refused(column, said):
    with pytest.raises(InputError) as refused:
        TASK.check((), (column,), options=OPTIONS)

    assert said in refused.value.sentence("en")


def test_an_outcome_among_the_inputs_is_refused():
    column = Column(name="kind", kind="boolean")
    with pytest.raises(InputError, match="two roles"):
        TASK.check((column,), (column,), options=OPTIONS)


@pytest.mark.parametrize("name", ["iris", "breast_cancer", "digits", "wine"])
def test_clean_tables_raise_no_alarm(name):
    inputs, outcomes = table(name)

    assert TASK.leaks(inputs, outcomes, options=OPTIONS) == ()
