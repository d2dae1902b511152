"""The record of a stacked model says what its making and its trial showed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from madang.prognosis.engine.dossier.answers import answers
from madang.prognosis.engine.dossier.from_model import record
from madang.prognosis.engine.dossier.judging import judged
from madang.prognosis.engine.dossier.record import plain
from madang.prognosis.engine.stack.validation import validate
from tests.prognosis.engine.dossier.records import DIGEST, bare, made, tried
from tests.prognosis.patients import invented


def test_the_facts_of_the_making_are_told() -> None:
    facts, found = made().model.facts, bare()

    assert found.digest == DIGEST
    assert found.development.patients == 300
    assert list(found.development.events) == facts["events"]
    assert found.development.data_sha256 == facts["data_sha256"]
    assert [each.name for each in found.development.columns] == ["age", "marker", "stage"]
    assert found.method.parameters == facts["parameters"] == 3  # age, marker, stage II
    assert found.groups == ("site", 10)
    assert {name for name, _ in found.not_used} == {"noise", "site"}
    assert found.hints == ()
    assert found.evaluation is None


def test_limits_are_those_by_which_the_model_refuses() -> None:
    scope, limits = made().model.scope, {each.column: each for each in bare().limits}

    assert limits["age"].low == scope.ranges["age"].low
    assert limits["age"].high == scope.ranges["age"].high
    assert limits["stage"].levels == ("I", "II")
    assert {name for name, each in limits.items() if each.is_key} == set(scope.keys)


def test_a_trial_is_told_with_its_intervals() -> None:
    found = tried().evaluation
    scores = {each.name: each for each in found.quality.scores}

    assert found.scored.patients + found.refused == 220
    assert sum(each.patients for each in found.quality.tenths) == found.scored.patients
    for name in ("uno_c", "ibs", "slope", "ici", "in_the_large"):
        assert scores[name].low <= scores[name].high
    assert scores["uno_c"].low < scores["uno_c"].value < scores["uno_c"].high
    assert scores["e90"].low is None


def test_a_validation_alone_is_told_without_what_stands_beside_it() -> None:
    table, watched = invented(220, seed=1)
    shown = validate(made().model, table, watched)
    found = record(made().model, DIGEST, validation=shown)

    assert found.evaluation.scored.patients == shown.patients
    assert found.evaluation.scored.events == (shown.events,)
    assert found.evaluation.quality.tenths == ()
    assert all(each.low is None for each in found.evaluation.quality.scores)
    given = {each.number: each.status for each in answers(found, {})}
    assert (given["16"], given["20c"], given["23a"]) == ("not reported", "not reported", "partly")
    assert {each.number: each.signal for each in judged(found)}["4.1"] == "NI"


def test_a_model_of_an_older_making_tells_less_and_is_read_all_the_same() -> None:
    new = (
        "described",
        "checks_out_of_fold",
        "leaks",
        "not_used",
        "groups",
        "tuning",
        "parameters",
    )
    facts = {name: value for name, value in made().model.facts.items() if name not in new}
    found = record(replace(made().model, facts=facts), DIGEST)

    assert found.hints is None
    assert found.not_used is None
    assert found.method.parameters is None
    assert found.method.not_repeated is None
    assert found.development.median is None
    assert [each.name for each in found.development.columns] == ["age", "marker", "stage"]
    assert [each.name for each in found.inside.scores] == ["ibs"]


@pytest.mark.parametrize("fact", ["delayed_entry", "weighted", "censoring_depends_on_patient"])
def test_limits_that_the_making_showed_are_told(fact) -> None:
    facts = made().model.facts
    without = record(replace(made().model, facts=facts | {fact: False}), DIGEST)
    found = record(replace(made().model, facts=facts | {fact: True}), DIGEST)

    assert len(found.warnings) == len(without.warnings) + 1


def test_with_delayed_entry_the_score_out_of_fold_is_not_told() -> None:
    facts = made().model.facts | {"delayed_entry": True}
    found = record(replace(made().model, facts=facts), DIGEST)

    assert found.inside is None
    assert "equal" in found.method.building.en
    assert "equal" not in bare().method.building.en


def test_only_parts_that_were_fitted_are_named() -> None:
    losses = {"hazards": 0.2, "forest": 0.2, "mixture": 0.2, "recalibrated": 0.2}
    facts = made().model.facts | {"ibs_out_of_fold": losses, "recalibration": []}
    found = record(replace(made().model, facts=facts), DIGEST).method

    assert "Cox" in bare().method.building.en
    assert "Cox" not in found.building.en
    assert "not recalibrated" in found.building.en
    assert not found.is_recalibrated


def test_effects_may_bend_only_where_trees_have_a_weight() -> None:
    facts = made().model.facts | {"weights": {"cox": 1.0, "hazards": 0.0, "forest": 0.0}}
    linear = record(replace(made().model, facts=facts), DIGEST).method
    mixed = made().model.facts | {"weights": {"cox": 0.4, "hazards": 0.6, "forest": 0.0}}
    bent = record(replace(made().model, facts=mixed), DIGEST).method

    assert (linear.bends, linear.uses_trees) == (False, False)
    assert (bent.bends, bent.uses_trees) == (True, True)


def test_no_value_of_a_record_is_more_than_json_can_say() -> None:
    def kinds(value: object) -> set[type]:
        if isinstance(value, dict):
            return set().union(*map(kinds, value.values())) if value else set()
        if isinstance(value, list):
            return set().union(*map(kinds, value)) if value else set()
        return {type(value)}

    assert kinds(plain(tried())) <= {str, int, float, bool, type(None)}
