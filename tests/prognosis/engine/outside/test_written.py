"""A written model is read strictly: it answers as published, and every fault is one sentence."""

from __future__ import annotations

import copy
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.kernel.yaml_text import read_yaml
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.outside.reading import is_outside, read_outside
from madang.prognosis.engine.outside.written import read_plain, with_site
from madang.prognosis.engine.stack.recalibration import Correction, Recalibration
from madang.prognosis.engine.stack.validation import validate
from tests.house import ROOT

MAYO = Path(str(resources.files("madang.prognosis.engine.outside"))) / "facts/mayo_pbc_1989.yaml"

PLAIN: dict[str, Any] = {
    "format": "madang-outside-model",
    "version": 1,
    "name": "invented",
    "outcome": "death",
    "time_unit": "years",
    "horizon": 4,
    "source": "Nobody, Journal of Examples 2000;1:1",
    "population": "nobody",
    "columns": [
        {"name": "age", "kind": "number", "unit": "years", "centre": 50, "range": [18, 90]},
        {"name": "dose", "kind": "number", "unit": "mg", "transform": {"powers": [1, 0.5]}},
        {"name": "sex", "kind": "category", "levels": ["f", "m"], "reference": "f"},
    ],
    "coefficients": {"age": 0.03, "dose:1": -0.4, "dose:2": 0.1, "sex=m": 0.5, "sex=m*age": 0.01},
    "baseline": {"centre": 0.2, "times": [1, 4], "survival": [0.95, 0.8]},
}
TABLE = {
    "age": np.array([60.0, 50.0]),
    "dose": np.array([4.0, 1.0]),
    "sex": np.array(["m", "f"], dtype=object),
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The plain model with one value put elsewhere; `...` takes it away."""
    plain = copy.deepcopy(PLAIN)
    *way, last = [int(key) if key.isdigit() else key for key in path.split("/")]
    place: Any = plain
    for key in way:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return plain


def test_the_curve_is_the_formula_written_out() -> None:
    model = read_plain(PLAIN, digest="d")

    found = model.survival(TABLE, [1.0, 2.0, 4.0, 9.0])

    # Powers count as they stand: dose:1 is 4 itself, dose:2 its root.
    first = np.exp(0.03 * 10 - 0.4 * 4 + 0.1 * 2 + 0.5 + 0.01 * 10 - 0.2)
    second = np.exp(-0.4 + 0.1 - 0.2)
    at_two = -np.log(0.95) + (np.log(0.95) - np.log(0.8)) / 3
    hazard = np.array([-np.log(0.95), at_two, -np.log(0.8), -np.log(0.8)])
    assert found == pytest.approx(np.exp(-np.outer([first, second], hazard)))
    assert model.last_time == 4
    assert [each["name"] for each in model.declared] == ["age", "dose", "sex"]
    assert model.facts["source"].startswith("Nobody")
    assert model.facts["units"] == {"age": "years", "dose": "mg"}


def test_steps_and_weibull_are_read() -> None:
    steps = changed("baseline", {"centre": 0, "times": [1, 4], "cumulative_hazard": [0.1, 0.3],
                                 "between": "steps"})  # fmt: skip
    weibull = changed("baseline", {"centre": 0, "weibull": {"scale": 8, "shape": 1.5}})
    relative = np.exp(-0.4 + 0.1)

    stepped = read_plain(steps, digest="d").survival(TABLE, [0.5, 1, 3.9, 4])[1]
    smooth = read_plain(weibull, digest="d").survival(TABLE, [2.0])[1, 0]

    assert stepped == pytest.approx(np.exp(-relative * np.array([0, 0.1, 0.1, 0.3])))
    assert smooth == pytest.approx(np.exp(-relative * (2 / 8) ** 1.5))


def test_an_absurd_value_is_refused_and_warns_of_nothing() -> None:
    model = read_plain(changed("columns/1/transform", {"powers": [9, 1]}), digest="d")
    table = TABLE | {"dose": np.array([1e300, 1.0])}

    model.survival(table, [1.0])
    found = model.refusals(table)

    assert "1e+300" in found[0].en
    assert found[1] is None


def test_beyond_the_horizon_the_curve_is_flat() -> None:
    shorter = changed("baseline", {"centre": 0, "weibull": {"scale": 8, "shape": 1.5}})

    found = read_plain(shorter | {"horizon": 3}, digest="d").survival(TABLE, [3.0, 5.0])

    assert found[:, 0] == pytest.approx(found[:, 1])
    assert found[0, 0] < 1


def test_patients_outside_are_refused_in_a_sentence_each() -> None:
    table = {
        "age": np.array([60.0, 95.0, np.nan, 60.0, 60.0]),
        "dose": np.array([4.0, 4.0, 4.0, -1.0, 4.0]),
        "sex": np.array(["m", "m", "m", "m", "other"], dtype=object),
    }

    found = read_plain(PLAIN, digest="d").refusals(table)

    assert found[0] is None
    told = [str(each.en) for each in found[1:] if each]
    assert [said for said, part in zip(
        told, ("18 to 90", "no value", "not above 0", "'other'"), strict=True
    ) if part not in said] == []  # fmt: skip
    assert all("예측하지 않습니다" in each.ko for each in found[1:] if each)


FAULTS = [
    ("extra", 1, "the unknown key 'extra'"),
    ("source", ..., "no 'source'"),
    ("source", " ", "at source"),
    ("source", "CoxPH Survival Regression Model", "a citation with its year"),
    ("version", 2, "madang-outside-model 1"),
    ("horizon", 0, "above 0"),
    ("horizon", 9, "up to the horizon 9"),
    ("columns", [], "at least 1"),
    ("columns/0/unit", ..., "no 'unit'"),
    ("columns/0/kind", "text", "number or category"),
    ("columns/0/name", "a*b", "without any of"),
    ("columns/0/name", "dose", "'dose' twice"),
    ("columns/0/range", [90, 18], "rising order"),
    ("columns/0/range", [1, 2, 3], "the lowest and the highest"),
    ("columns/0/centre", [1, 2], "one for every term"),
    ("columns/0/divide", 0, "above 0"),
    ("columns/0/transform", "sqrt", "one of none, log"),
    ("columns/0/transform", {"knots": [1, 2]}, "at least 3"),
    ("columns/0/transform", {"knots": [1, 3, 2]}, "rising order"),
    ("columns/0/transform", {"powers": [1], "knots": [1, 2, 3]}, "one of none, log"),
    ("columns/2/levels", ["f"], "at least 2"),
    ("columns/2/levels", ["f", "f"], "twice"),
    ("columns/2/reference", "x", "one of f, m"),
    ("coefficients/height", 0.1, "'height', which no column has"),
    ("coefficients/sex=f", 0.1, "'sex=f', which no column has"),
    ("coefficients/dose:2", ..., "no coefficient of the term 'dose:2'"),
    ("coefficients/age", float("nan"), "a finite number"),
    ("coefficients/age", "0.1", "a finite number"),
    ("coefficients/age", True, "a finite number"),
    ("coefficients/age", 1e10, "between ±1e+09"),
    ("columns/1/transform", {"powers": [1, 10]}, "powers between ±9"),
    ("baseline/centre", ..., "no 'centre'"),
    ("baseline/survival", ..., "just one of"),
    ("baseline/survival", [0.8, 0.9], "chances that fall"),
    ("baseline/survival", [0.9, 0.9], "chances that fall"),
    ("baseline/survival", [0.9, 0.0], "chances that fall"),
    ("baseline/survival", [1.1, 0.9], "chances that fall"),
    ("baseline/survival", [0.9], "one for every time"),
    ("baseline/times", [4, 1], "rising order"),
    ("baseline/times", [0, 4], "above 0"),
    ("baseline/between", "curves", "lines or steps"),
    ("baseline/weibull", {"scale": 1, "shape": 1}, "just one of"),
    ("baseline", {"centre": 0, "weibull": {"scale": -1, "shape": 1}}, "above 0"),
    ("baseline", {"centre": 0, "times": [4], "cumulative_hazard": [-1]}, "rise from 0"),
    ("recalibration", {"corrections": [], "record": {}}, "at least 1"),
]


@pytest.mark.parametrize(("path", "value", "said"), FAULTS)
def test_every_fault_is_one_sentence_with_its_place(path, value, said) -> None:
    with pytest.raises(InputError) as caught:
        read_plain(changed(path, value), digest="d")

    assert said in caught.value.sentence("en")
    assert caught.value.sentence("ko").startswith("확인된 내용: ")


def test_what_a_site_learnt_is_written_read_and_applied_last() -> None:
    model = read_plain(PLAIN, digest="d")
    moved = Correction(
        time=4.0, knots=np.zeros(3), slopes=np.empty(0), share=1.0, constant=float(np.log(2))
    )

    text = with_site(model, Recalibration(corrections=(moved,)), {"patients": 7, "parent": "d"})
    again = read_plain(read_yaml(text), digest="e")

    assert again.facts["site"] == {"patients": 7, "parent": "d"}
    # Twice the cumulative hazard is the square of the survival.
    assert again.survival(TABLE, [1.0, 4.0]) == pytest.approx(model.survival(TABLE, [1, 4]) ** 2)


def test_forms_that_are_not_read_are_refused(tmp_path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"x")
    (tmp_path / "b.yaml").write_bytes(b"a" * 2_000_000)

    assert is_outside(tmp_path / "a.onnx")
    assert not is_outside(tmp_path / "a.mdl")
    with pytest.raises(InputError, match="YAML"):
        read_outside(tmp_path / "a.onnx")
    with pytest.raises(InputError, match="at most"):
        read_outside(tmp_path / "b.yaml")


def test_the_mayo_model_says_what_its_authors_worked_out() -> None:
    """R = .871 ln bilirubin − 2.53 ln albumin + .039 age + 2.38 ln prothrombin + .859 edema."""
    patient = {
        "bilirubin": np.array([0.5]),
        "albumin": np.array([4.5]),
        "age": np.array([52.0]),
        "prothrombin": np.array([10.1]),
        "edema": np.array([0.0]),
    }
    model = read_outside(MAYO)

    r = 0.871 * np.log(0.5) - 2.53 * np.log(4.5) + 0.039 * 52 + 2.38 * np.log(10.1)
    assert model.predictor(patient)[0] == pytest.approx(r)
    assert model.survival(patient, [1, 5, 7])[0] == pytest.approx(
        np.array([0.970, 0.774, 0.651]) ** np.exp(r - 5.07)
    )
    assert "Hepatology 1989;10:1-7" in model.facts["source"]


@pytest.mark.shared
def test_the_mayo_model_is_calibrated_on_the_first_visits_of_its_own_trial(shared) -> None:
    """The patients that taught it, longer followed: this shows the reading, not the model."""
    import pandas as pd

    visits = pd.read_csv(shared / "prognosis" / "pbc2_visits.csv.xz")
    first = visits.sort_values("year").groupby("id").first()
    edema = {"No edema": 0.0, "edema no diuretics": 0.5, "edema despite diuretics": 1.0}
    table = {
        "bilirubin": first["serBilir"].to_numpy(),
        "albumin": first["albumin"].to_numpy(),
        "age": first["age"].to_numpy(),
        "prothrombin": first["prothrombin"].to_numpy(),
        "edema": first["edema"].map(edema).to_numpy(),
    }
    watched = Watched.of(first["years"].to_numpy(), first["status2"].to_numpy())

    shown = validate(read_outside(MAYO), table, watched, thresholds=[0.2])

    assert shown.patients == 312
    assert 0.9 < shown.calibration.slope < 1.1
    assert abs(shown.in_the_large) < 0.02
    assert shown.uno_c > 0.8
    assert shown.decision is not None
    assert shown.decision.model[0] > shown.decision.everybody[0]


@pytest.mark.parametrize("page", ["docs/ko/rooms/prognosis.md", "docs/en/rooms/prognosis.md"])
def test_the_guide_shows_the_model_that_is_shipped(page) -> None:
    parts = (ROOT / page).read_text(encoding="utf-8").split("```yaml\n")[1:]

    assert MAYO.read_text(encoding="utf-8") in [each.split("```")[0] for each in parts]
