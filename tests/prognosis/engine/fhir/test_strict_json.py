"""JSON with one meaning; decimals with the digits as they were written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.fhir.checking import check
from madang.prognosis.engine.fhir.strict_json import read_json, write_json


def test_decimals_keep_their_digits() -> None:
    text = '{"value":1.200,"other":[0.0,-1.50,100,1E+2],"text":"é\\n"}'

    value = read_json(text)

    assert str(value["value"]) == "1.200"
    assert value["value"] == Decimal("1.2")
    assert write_json(value) == text.replace("é", "é")


def test_two_equal_keys_are_told_with_their_place() -> None:
    value = read_json('{"resourceType":"Patient","name":[{"family":"a","family":"b"}]}')

    (found,) = check(value)

    assert (found.rule, found.path) == ("madang-key-twice", "Patient.name[0]")
    assert "'family'" in found.said.en


def test_two_equal_keys_of_a_resource_or_of_one_that_is_not_read_are_told() -> None:
    whole = check(read_json('{"resourceType":"Patient","id":"a","id":"b"}'))
    other = check(read_json('{"resourceType":"Encounter","class":{"code":"a","code":"b"}}'))

    assert [each.rule for each in whole] == ["madang-key-twice"]
    assert [each.path for each in other] == ["Encounter.class"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_told_with_its_place(text: str) -> None:
    own = f'[{{"relativeRisk":{text}}}]'
    value = read_json(f'{{"resourceType":"RiskAssessment","prediction":{own}}}')

    found = {(each.rule, each.path) for each in check(value)}

    assert ("madang-finite", "RiskAssessment.prediction[0].relativeRisk") in found


NO_JSON = ["", "{", '{"a":1', "{'a':1}", "[1,]", "[" * 90000, "1e9999999999999999999"]


@pytest.mark.parametrize("text", NO_JSON, ids=range(len(NO_JSON)))
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"RFC 8259"):
        read_json(text)


@pytest.mark.parametrize("value", [float("nan"), Decimal("NaN"), object(), {1, 2}])
def test_what_json_cannot_say_is_not_written(value: object) -> None:
    with pytest.raises(TypeError, match="JSON cannot say"):
        write_json({"a": value})
