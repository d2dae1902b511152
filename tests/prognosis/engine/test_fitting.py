"""A fitted model carries what its report will need, and no patient's name."""

from __future__ import annotations

import json

import pytest

from madang.prognosis.engine.cohort_file import OutcomeColumns
from madang.prognosis.engine.fitting import fit_file
from tests.prognosis.cli.test_commands import put
from tests.prognosis.patients import invented

NAMED = OutcomeColumns("days", "died")


@pytest.fixture(scope="module")
def facts(tmp_path_factory) -> dict:
    _, watched = invented(200)
    data = put(
        tmp_path_factory.mktemp("fit") / "train.csv",
        200,
        late=watched.event.astype(int).tolist(),
        site=[f"s{number % 8}" for number in range(200)],
        name=[f"patient {number}" for number in range(200)],
    )
    made = fit_file(data, NAMED, leave_out=["noise"], group="site", seed=7)
    return made.model.facts


def test_the_facts_of_a_report_are_kept_as_plain_json(facts) -> None:
    assert json.loads(json.dumps(facts)) == facts
    assert facts["described"]["patients"] == 200
    assert facts["seed"] == 7
    assert facts["groups"] == {"column": "site", "count": 8}
    assert facts["checks_out_of_fold"]["horizon"] == facts["horizon"]
    assert facts["tuning"]["not_repeated"] == ["penalty", "weights", "recalibration"]


def test_every_column_that_does_not_predict_has_its_reason(facts) -> None:
    whys = {each["column"]: each["why"] for each in facts["not_used"]}

    assert whys == {"name": "too_many_levels", "noise": "asked", "site": "group"}


def test_a_column_that_knows_the_outcome_is_kept_in_the_facts(facts) -> None:
    assert "late" in [leak["column"] for leak in facts["leaks"]]


def test_parameters_are_numbers_and_levels_but_one(facts) -> None:
    # age, marker and late, and stage II beside stage I.
    assert facts["parameters"] == 4


def test_only_steps_that_were_taken_are_told_as_not_repeated(tmp_path) -> None:
    size = 150
    often, start = [1, 2] * (size // 2), [0.0] * (size - 1) + [0.05]
    data = put(tmp_path / "t.csv", size, often=often, start=start)

    weighted = fit_file(data, OutcomeColumns("days", "died", weight="often"))
    late = fit_file(data, OutcomeColumns("days", "died", entry="start"))
    assert weighted.model.facts["tuning"]["not_repeated"] == ["weights"]
    assert late.model.facts["tuning"]["not_repeated"] == []
    assert late.model.facts["checks_out_of_fold"] is None


def test_no_patient_stands_in_the_facts(facts) -> None:
    assert "patient 1" not in json.dumps(facts)
