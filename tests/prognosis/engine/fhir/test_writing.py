"""What the product writes keeps R4's rules: percentages, units, references."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.fhir.checking import check
from madang.prognosis.engine.fhir.issues import Issue, operation_outcome
from madang.prognosis.engine.fhir.writing import (
    Risk,
    care_plan,
    percent,
    risk_assessment,
    service_request,
    transaction,
)

AT = datetime(2024, 5, 1, 9, tzinfo=UTC)
RISK = Risk(outcome="death", days=730, probability=0.231, low=0.18, high=0.29)


def written() -> list[dict[str, Any]]:
    return [
        risk_assessment(
            "p1",
            [RISK, Risk(outcome="transplant", days=730, probability=0.05)],
            at=AT,
            method="stack 1",
            id_="r1",
            basis=["Observation/o1"],
            note="시험용",
        ),
        service_request(
            "p1", [("1975-2", "Bilirubin")], on=date(2024, 9, 1), at=AT, reason="risk", id_="s1"
        ),
        care_plan(
            "p1",
            visit=date(2024, 9, 1),
            latest=date(2024, 9, 30),
            at=AT,
            description="visit",
            requests=["ServiceRequest/s1"],
            supported_by=["RiskAssessment/r1"],
        ),
    ]


def test_what_is_written_keeps_every_rule() -> None:
    for each in [*written(), transaction(written())]:
        assert check(each) == []


def test_probabilities_are_percentages() -> None:
    predictions = written()[0]["prediction"]

    assert predictions[0]["probabilityDecimal"] == Decimal("23.10")
    assert predictions[1]["probabilityRange"]["high"] == {
        "value": Decimal("29.00"),
        "unit": "%",
        "system": "http://unitsofmeasure.org",
        "code": "%",
    }
    assert predictions[0]["whenPeriod"]["end"] == "2026-05-01T09:00:00Z"
    assert [percent(each) for each in (0, 1, 0.0023)] == [0, 100, Decimal("0.23")]


@pytest.mark.parametrize(
    "risks",
    [
        [Risk(outcome="death", days=1, probability=23.1)],
        [Risk(outcome="death", days=1, probability=-0.1)],
        [Risk(outcome="death", days=1, probability=float("nan"))],
        [Risk(outcome="death", days=1, probability=0.5, low=0.6, high=0.7)],
        [Risk(outcome=name, days=1, probability=0.6) for name in ("death", "transplant")],
    ],
)
def test_what_no_probability_can_be_is_refused(risks: list[Risk]) -> None:
    with pytest.raises(InputError):
        risk_assessment("p1", risks, at=AT, method="m")


def test_an_id_that_fhir_does_not_allow_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match=r"RiskAssessment\.id"):
        risk_assessment("p1", [RISK], at=AT, method="m", id_="a b")


def test_an_outcome_tells_in_both_languages_and_keeps_the_rules() -> None:
    issue = Issue(
        severity="error",
        code="value",
        path="Patient.birthDate",
        rule="madang-future",
        said=words("앞날", "Future"),
        line=3,
        file="a.ndjson",
    )

    told = operation_outcome([issue])

    assert check(told) == []
    assert check(operation_outcome([])) == []
    (first,) = told["issue"]
    assert first["expression"] == ["Patient.birthDate"]
    assert first["diagnostics"] == "a.ndjson:3: madang-future"
    assert first["details"]["text"] == "Future"
    assert "앞날" in str(first["details"]["_text"])
