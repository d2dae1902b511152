"""Other values: only of what can be changed, within what the model knows, and told as such."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.explain.alternatives import MEANING, Modifiable, alternatives
from tests.prognosis.patients import fitted

SOURCE = "Kim et al. (2020), J Invented 1:1"
CAUTION = words("투석 환자는 제외합니다.", "Not for patients on dialysis.")
PATIENT = {"pressure": 150.0, "smoker": "yes", "age": 70.0}


def pressure(**changed: Any) -> Modifiable:
    given = {"column": "pressure", "to": 120.0, "direction": "lower", "low": 110.0, "high": 180.0}
    return Modifiable(**(given | {"source": SOURCE, "caution": CAUTION} | changed))


def smoking(**changed: Any) -> Modifiable:
    given = {"column": "smoker", "to": "no", "levels": ("no", "former")}
    return Modifiable(**(given | {"source": SOURCE, "caution": CAUTION} | changed))


def risk_of(table: Any) -> np.ndarray:
    """A known model: .001 a mmHg above 100, .2 for smokers, .1 for former ones."""
    smoker = np.array([{"yes": 0.2, "former": 0.1, "no": 0.0}[each] for each in table["smoker"]])
    return (table["pressure"].astype(float) - 100) / 1000 + smoker


def survival(table: Any, times: np.ndarray) -> np.ndarray:
    return 1 - np.outer(risk_of(table), times)


def nobody_refused(table: Any) -> list[None]:
    return [None] * len(table["age"])


def asked(*modifiable: Modifiable, refusals: Any = nobody_refused, **more: Any) -> Any:
    patient = more.pop("patient", PATIENT)
    return alternatives(
        survival, refusals, patient=patient, times=[1.0, 2.0], modifiable=modifiable, **more
    )


def test_one_at_a_time_and_all_together() -> None:
    found = asked(pressure(), smoking())

    assert np.allclose(found.risk, [0.25, 0.5])
    lower, stopped = found.each
    assert np.allclose(lower.risk, [0.22, 0.44])
    assert np.allclose(lower.difference, [-0.03, -0.06])
    assert np.allclose(stopped.difference, [-0.2, -0.4])
    assert np.allclose(found.together.difference, [-0.23, -0.46])
    assert found.together.values == {"pressure": 120.0, "smoker": "no"}
    assert found.together.declared == (pressure(), smoking())


def test_of_one_column_there_is_no_together() -> None:
    assert asked(smoking()).together is None


def test_a_wanted_value_is_asked_instead_of_the_declared_one() -> None:
    found = asked(pressure(), smoking(), wanted={"pressure": 130, "smoker": "former"})

    assert [dict(each.values) for each in found.each] == [{"pressure": 130}, {"smoker": "former"}]
    assert np.allclose(found.each[0].difference, [-0.02, -0.04])
    assert np.allclose(found.each[1].difference, [-0.1, -0.2])


@pytest.mark.parametrize(
    ("own", "to", "direction", "there"),
    [
        (115.0, 120.0, "lower", True),
        (120.0, 120.0, "lower", True),
        (121.0, 120.0, "lower", False),
        (150.0, 140.0, "higher", True),
        (140.0, 140.0, "higher", True),
        (130.0, 140.0, "higher", False),
    ],
)
def test_nothing_is_asked_against_the_direction(own, to, direction, there) -> None:
    found = asked(
        pressure(to=to, direction=direction), smoking(), patient=PATIENT | {"pressure": own}
    )

    assert (found.each[0].risk is None) == there
    assert (found.each[0].refusal is not None) == there
    assert (found.together is None) == there


def test_who_has_the_level_already_is_told_so() -> None:
    found = asked(smoking(), patient=PATIENT | {"smoker": "no"})

    assert "already" in found.each[0].refusal.en
    assert found.each[0].difference is None


def test_a_gap_is_not_compared_with_a_value() -> None:
    found = asked(pressure(), smoking(), patient=PATIENT | {"pressure": None})

    assert "missing" in found.each[0].refusal.en
    assert found.each[0].difference is None
    assert found.together is None


_NO = words("예측하지 않습니다.", "No prediction.")


def test_an_alternative_beyond_the_scope_is_told_and_not_shown() -> None:
    found = asked(
        pressure(),
        smoking(),
        refusals=lambda t: [_NO if each < 125 else None for each in t["pressure"]],
    )

    assert (found.each[0].risk, found.each[0].difference) == (None, None)
    assert found.each[0].refusal == found.together.refusal == _NO
    assert found.together.risk is None
    assert np.allclose(found.each[1].difference, [-0.2, -0.4])


def test_the_model_is_never_asked_about_what_it_refuses() -> None:
    rows = []

    def noted(table, times):
        rows.extend(table["pressure"])
        return survival(table, times)

    alternatives(
        noted,
        lambda t: [_NO if each < 125 else None for each in t["pressure"]],
        patient=PATIENT,
        times=[1.0],
        modifiable=[pressure(), smoking()],
    )

    assert rows == [150.0, 150.0]


def test_of_a_refused_patient_there_is_nothing_to_tell() -> None:
    found = asked(pressure(), smoking(), refusals=lambda t: [_NO] * len(t["age"]))

    assert (found.risk, found.each, found.together, found.refusal) == (None, (), None, _NO)


def test_it_says_that_an_association_is_no_effect() -> None:
    found = asked(pressure())

    assert found.meaning is MEANING
    assert "not the effect of a treatment" in MEANING.en
    assert "치료의 효과가 아니며" in MEANING.ko
    assert found.each[0].declared[0].caution == CAUTION


@pytest.mark.parametrize("source", ["", "  "])
def test_a_column_without_a_source_is_refused(source: str) -> None:
    with pytest.raises(InputError, match="without a source"):
        pressure(source=source)


@pytest.mark.parametrize(
    "changed",
    [{"direction": None}, {"low": None}, {"high": None}, {"to": 100.0}, {"to": 181.0}],
)
def test_a_number_is_declared_with_direction_and_limits(changed) -> None:
    with pytest.raises(InputError, match="pressure"):
        pressure(**changed)


@pytest.mark.parametrize("changed", [{"levels": ()}, {"to": "yes"}])
def test_a_category_is_declared_with_its_levels(changed) -> None:
    with pytest.raises(InputError, match="smoker"):
        smoking(**changed)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"age": 40.0}, "a column declared modifiable \\(pressure, smoker\\)"),
        ({"pressure": 90.0}, "110–180"),
        ({"pressure": 200.0}, "110–180"),
        ({"pressure": "low"}, "110–180"),
        ({"pressure": float("nan")}, "110–180"),
        ({"smoker": "yes"}, "no, former"),
    ],
)
def test_what_may_not_be_changed_is_not_asked(wanted, message) -> None:
    with pytest.raises(InputError, match=message):
        asked(pressure(), smoking(), wanted=wanted)


@pytest.mark.parametrize("twice", [[pressure(), pressure(to=130.0)], [pressure(column="weight")]])
def test_each_declared_column_stands_in_the_model_once(twice) -> None:
    with pytest.raises(InputError, match="columns of the model, each once"):
        asked(*twice)


def test_the_stack_answers_and_refuses() -> None:
    model, _ = fitted()
    patient = {"age": 75.0, "marker": 5.0, "noise": 0.0, "stage": "II"}
    common = {"source": SOURCE, "caution": CAUTION}
    younger = Modifiable(column="age", to=40, direction="lower", low=0, high=80, **common)
    stage = Modifiable(column="stage", to="I", levels=("I", "0"), **common)

    def ask(**wanted: Any) -> Any:
        return alternatives(
            model.stack.survival,
            lambda table: model.scope.refusals(table, model.stack.parts.columns),
            patient=patient,
            times=[10.0],
            modifiable=[younger, stage],
            wanted=wanted,
        )

    known, beyond = ask(), ask(age=5, stage="0")
    assert known.each[0].difference[0] < -0.05
    assert known.each[1].difference[0] < -0.05
    assert "'age' is 5" in beyond.each[0].refusal.en
    assert "'0'" in beyond.each[1].refusal.en
    assert beyond.together.risk is None
