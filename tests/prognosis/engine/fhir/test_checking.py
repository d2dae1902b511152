"""Every rule is seen failing once, with its place; what keeps the rules is never refused."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from bench.fhir_cohort import cohort
from madang.prognosis.engine.fhir.checking import check
from madang.prognosis.engine.fhir.invariants import invariants
from tests.prognosis.engine.fhir.breaches import BINDINGS, BREACHES, TIMING
from tests.prognosis.engine.fhir.valid import (
    CONDITION,
    EVERY,
    PATIENT,
    PROCEDURE,
    TIMED,
    changed,
    concept,
)


@pytest.mark.parametrize("resource", EVERY, ids=lambda each: each["resourceType"])
def test_a_valid_resource_is_accepted(resource: dict[str, Any]) -> None:
    assert [each.facts() for each in check(resource)] == []


def test_a_whole_cohort_is_accepted() -> None:
    found = [issue.facts() for each in cohort(20) for issue in check(each)]

    assert found == []


@pytest.mark.parametrize(
    ("resource", "steps", "path"), BINDINGS, ids=[path for *_, path in BINDINGS]
)
def test_a_code_outside_its_value_set_is_refused(resource: Any, steps: Any, path: str) -> None:
    found = check(changed(resource, *steps, to="foo"))

    assert ("code-invalid", path) in {(each.code, each.path) for each in found if each.refuses}


@pytest.mark.parametrize("name", ["clinicalStatus", "verificationStatus"])
def test_a_concept_outside_its_value_set_is_refused(name: str) -> None:
    for value in (concept("active", "http://x"), {"text": "active"}):
        found = check(changed(CONDITION, name, to=value))

        assert [each.path for each in found if each.code == "code-invalid"] == [
            f"Condition.{name}"
        ]


@pytest.mark.parametrize(
    ("rule", "resource", "steps", "value", "path"),
    BREACHES,
    ids=[f"{row}-{each[0]}" for row, each in enumerate(BREACHES)],
)
def test_a_breach_is_told_with_its_rule_and_place(
    rule: str, resource: Any, steps: Any, value: Any, path: str
) -> None:
    kind = resource["resourceType"]

    found = check(changed(resource, *steps, to=value))

    told = [each for each in found if each.rule == rule]
    assert told, [(each.rule, each.path) for each in found]
    root = ("Resource", "Person2", kind)
    assert any(each.path.startswith(tuple(f"{name}{path}" for name in root)) for each in told), [
        each.path for each in told
    ]
    assert all(each.said.ko and each.said.en for each in told)
    assert all(each.refuses for each in told) != (rule in {"con-3", "madang-urn"})


@pytest.mark.parametrize(("rule", "repeat"), TIMING)
def test_a_breach_ofTIMING_is_told(rule: str, repeat: dict[str, Any]) -> None:
    made = changed(TIMED, "id", to="t")
    own = made["effectiveTiming"]["repeat"]
    own.update(repeat)
    for key in [key for key, value in own.items() if value is ...]:
        del own[key]

    assert rule in {each.rule for each in check(made)}


def test_every_invariant_is_seen_failing() -> None:
    keys = {row.key for rows in invariants().values() for row in rows}

    seen = {rule for rule, *_ in BREACHES} | {rule for rule, _ in TIMING}
    assert keys - seen == set()


def test_a_period_is_wrong_only_where_no_moments_put_it_right() -> None:
    def broken(start: str, end: str) -> bool:
        made = changed(PROCEDURE, "performedPeriod", to={"start": start, "end": end})
        return any(each.rule == "per-1" for each in check(made))

    assert not broken("2021-03-04T23:00:00+09:00", "2021-03-04")
    assert not broken("2021", "2021-01")
    assert not broken("2021-12-31", "2021")
    assert broken("2021-02", "2021-01-15")
    assert broken("2021-03-04T10:00:00+09:00", "2021-03-04T00:59:59Z")
    assert broken("9999-12-31", "0001-01-01")


def test_what_nests_without_end_is_refused() -> None:
    inner: dict[str, Any] = {"url": "x", "valueString": "y"}
    for _ in range(5000):
        inner = {"url": "x", "extension": [inner]}

    found = check(changed(PATIENT, "extension", to=[inner]))

    assert [each.rule for each in found] == ["madang-depth"]


def test_a_resource_of_another_type_is_only_read_for_soundness() -> None:
    assert check({"resourceType": "Encounter", "anything": [1, {"a": None or "b"}]}) == []
    found = check({"resourceType": "Encounter", "status": "", "list": [], "a": {"b": None}})
    assert {each.path for each in found} == {"Encounter.status", "Encounter.list", "Encounter.a.b"}


@pytest.mark.parametrize("value", [None, [], 3, "Patient", {}, {"resourceType": 3}])
def test_what_is_no_resource_is_refused(value: object) -> None:
    assert [each.refuses for each in check(value)] == [True]


def test_no_wreck_of_a_resource_breaks_the_check() -> None:
    """Any value at any place is told, never raised."""
    draw = random.Random(7)
    junk = (None, [], {}, "", "x", -1, 1.5, True, [None], {"id": "a"}, [[]], float("inf"), date)

    def wreck(value: Any) -> Any:
        if draw.random() < 0.06:
            return draw.choice(junk[:-1])
        if isinstance(value, dict):
            return {key: wreck(each) for key, each in value.items()}
        return [wreck(each) for each in value] if isinstance(value, list) else value

    for _ in range(150):
        for each in EVERY:
            made = wreck(each)
            if made != each:
                check(made)
