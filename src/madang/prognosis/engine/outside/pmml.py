"""What does a PMML file say? A Cox regression with its baseline table, as a written model.

Read is `GeneralRegressionModel` with `modelType="CoxRegression"`: parameters with powers, levels
and interactions (PPMatrix), coefficients (ParamMatrix), reference points and the cumulative
baseline hazard, a step. What changes the answer and is not read (strata, entry times, derived
fields, offsets) is refused, never passed over. `RegressionModel` carries no baseline over time,
so it gives no survival. PMML has no place for units: facts say so. The citation is the Header's
description. A document type is refused before anything in it is expanded.

Source: Data Mining Group, PMML 4.4, General Regression.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.outside.written import FORMAT, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.kernel.words import Words

NOT_STATED = "not stated in PMML"

_UNREAD_ATTRIBUTES = (
    *("startTimeVariable", "subjectIDVariable", "baselineStrataVariable"),
    *("offsetVariable", "offsetValue"),
)
_UNREAD_ELEMENTS = ("LocalTransformations", "TransformationDictionary", "Targets", "DerivedField")


class _NoDocumentType(ET.TreeBuilder):
    """Builds the tree of a document without a document type: entities live nowhere else."""

    def doctype(self, *_: Any) -> NoReturn:
        raise _fault(words("문서 유형 선언(DOCTYPE)", "a document type (DOCTYPE)"))


def read_pmml(content: bytes) -> dict[str, Any]:
    """The plain form of the model in the file.

    Raises:
        InputError: It is no XML, has a document type, holds no Cox regression, or something in it
            that is not read.
    """
    root = _parsed(content)
    model = _cox(root)
    parameters = _parameters(model)
    columns = [
        _factor(name, _field(root, name), parameters)
        if name in _listed(model, "FactorList")
        else _covariate(name, _field(root, name), parameters)
        for name in dict.fromkeys(name for each in parameters for name, _ in each.cells)
    ]
    times, hazards = _baseline(model)
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": model.get("modelName", "PMML"),
        "outcome": model.get("endTimeVariable", NOT_STATED),
        "time_unit": NOT_STATED,
        "horizon": times[-1],
        "source": _citation(root),
        "population": NOT_STATED,
        "columns": columns,
        "coefficients": _coefficients(parameters, {each["name"]: each for each in columns}),
        "baseline": {
            "centre": sum(each.beta * each.reference for each in parameters),
            "times": times,
            "cumulative_hazard": hazards,
            "between": "steps",
        },
    }


class _Parameter(NamedTuple):
    """A coefficient, where it is centred, and what it multiplies: predictors with a value each."""

    beta: float
    reference: float
    cells: list[tuple[str, str]]


def _cox(root: ET.Element) -> Any:
    """The one model, if everything that decides about its answer is read here."""
    for name in _UNREAD_ELEMENTS:
        if next(_all(root, name), None) is not None:
            raise _fault(words(f"{name} 요소", f"the element {name}"))
    models = list(_all(root, "GeneralRegressionModel"))
    if len(models) != 1 or models[0].get("modelType") != "CoxRegression":
        raise _fault(words("콕스 회귀가 아닌 모형", "something else than one Cox regression"))
    for name in _UNREAD_ATTRIBUTES:
        if name in models[0].attrib:
            raise _fault(words(f"{name} 속성", f"the attribute {name}"))
    return models[0]


def _parameters(model: ET.Element) -> list[_Parameter]:
    """Those that multiply something, in the file's order."""
    betas = {
        _attribute(each, "parameterName"): _number(each, "beta") for each in _all(model, "PCell")
    }
    found = {}
    for each in _all(model, "Parameter"):
        name = _attribute(each, "name")
        reference = _number(each, "referencePoint") if "referencePoint" in each.attrib else 0.0
        found[name] = _Parameter(betas.pop(name, 0.0), reference, [])
    for cell in _all(model, "PPCell"):
        name = _attribute(cell, "parameterName")
        if name not in found:
            raise _fault(words(f"없는 매개변수 {name!r}", f"the unknown parameter {name!r}"))
        found[name].cells.append((_attribute(cell, "predictorName"), _attribute(cell, "value")))
    adrift = [*betas, *(name for name, each in found.items() if each.beta and not each.cells)]
    if adrift:
        raise _fault(
            words(
                f"곱할 것이 없는 계수 {adrift[0]!r}",
                f"the coefficient of {adrift[0]!r}, which multiplies nothing,",
            )
        )
    return [each for each in found.values() if each.cells]


def _listed(model: ET.Element, name: str) -> set[str]:
    return {
        _attribute(each, "name")
        for found in _all(model, name)
        for each in _all(found, "Predictor")
    }


def _field(root: ET.Element, name: str) -> Any:
    for each in _all(root, "DataField"):
        if each.get("name") == name:
            return each
    raise _fault(
        words(f"DataField 없는 예측변수 {name!r}", f"the predictor {name!r} without DataField")
    )


def _factor(name: str, field: ET.Element, parameters: list[_Parameter]) -> dict[str, Any]:
    """A category; its reference is the first level that no coefficient moves."""
    levels = [_attribute(each, "value") for each in _all(field, "Value")]
    moved = {level for each in parameters if each.beta for n, level in each.cells if n == name}
    still = [level for level in levels if level not in moved]
    if not still or moved - set(levels):
        raise _fault(
            words(
                f"기준 수준이 분명하지 않은 {name!r}", f"{name!r} without a clear reference level"
            )
        )
    return {"name": name, "kind": "category", "levels": levels, "reference": still[0]}


def _covariate(name: str, field: ET.Element, parameters: list[_Parameter]) -> dict[str, Any]:
    """A number with the powers in which it occurs, and its range if the file tells one."""
    powers = sorted({_power(name, v) for each in parameters for n, v in each.cells if n == name})
    found: dict[str, Any] = {"name": name, "kind": "number", "unit": NOT_STATED}
    if powers != [1.0]:
        found["transform"] = {"powers": powers}
    for each in _all(field, "Interval"):
        if {"leftMargin", "rightMargin"} <= set(each.attrib):
            found["range"] = [_number(each, "leftMargin"), _number(each, "rightMargin")]
    return found


def _power(name: str, value: str) -> float:
    power = _finite(value)
    if power is None or power == 0:
        raise _fault(words(f"{name!r}의 지수 {value!r}", f"the power {value!r} of {name!r}"))
    return power


def _coefficients(
    parameters: list[_Parameter], columns: dict[str, dict[str, Any]]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for column in columns.values():  # levels that nothing moves still need to be known
        if column["kind"] == "category":
            others = [each for each in column["levels"] if each != column["reference"]]
            found |= {f"{column['name']}={level}": 0.0 for level in others}
    for each in parameters:
        terms = [_term(columns[name], value) for name, value in each.cells]
        if None in terms:
            continue  # the reference level, whose coefficient is 0
        key = "*".join(sorted(map(str, terms)))
        found[key] = found.get(key, 0.0) + each.beta
    return found


def _term(column: dict[str, Any], value: str) -> str | None:
    """The name of a term in the written form; None for a reference level."""
    name = str(column["name"])
    if column["kind"] == "category":
        return None if value == column["reference"] else f"{name}={value}"
    powers = column.get("transform", {}).get("powers", [1.0])
    return name if len(powers) == 1 else f"{name}:{powers.index(float(value)) + 1}"


def _baseline(model: ET.Element) -> tuple[list[float], list[float]]:
    """Times and cumulative hazards up to the last time for which the file answers."""
    tables = list(_all(model, "BaseCumHazardTables"))
    if len(tables) != 1 or next(_all(tables[0], "BaselineStratum"), None) is not None:
        raise _fault(words("하나가 아닌 기저 누적위험표", "no single baseline table"))
    cells = [
        (_number(c, "time"), _number(c, "cumHazard")) for c in _all(tables[0], "BaselineCell")
    ]
    last = _number(tables[0], "maxTime") if "maxTime" in tables[0].attrib else max(cells)[0]
    kept = sorted(cell for cell in cells if 0 < cell[0] <= last)
    if not kept:
        raise _fault(words("빈 기저 누적위험표", "an empty baseline table"))
    if kept[-1][0] < last:
        kept.append((last, kept[-1][1]))
    return [time for time, _ in kept], [hazard for _, hazard in kept]


def _citation(root: ET.Element) -> str:
    for header in _all(root, "Header"):
        notes = [each.text or "" for each in _all(header, "Annotation")]
        for told in (header.get("description", ""), *notes):
            if told.strip():
                return str(told).strip()
    raise _fault(words("출처 없는 Header", "a Header without a description (the citation)"))


def _attribute(element: Any, name: str) -> str:
    if name not in element.attrib:
        tag = element.tag.rpartition("}")[2]
        raise _fault(words(f"{tag}의 {name} 속성 없음", f"a {tag} without {name}"))
    return str(element.attrib[name])


def _number(element: Any, name: str) -> float:
    told = _attribute(element, name)
    number = _finite(told)
    if number is None:
        raise _fault(words(f"{name} 값 {told!r:.40}", f"{name} {told!r:.40}"))
    return number


def _finite(told: str) -> float | None:
    try:
        number = float(told)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _parsed(content: bytes) -> ET.Element:
    parser = ET.XMLParser(target=_NoDocumentType())  # noqa: S314 - refuses what could be expanded
    try:
        parser.feed(content)
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError) as broken:
        raise _fault(words("읽을 수 없는 XML", "XML that cannot be read")) from broken
    return root


def _fault(found: Words) -> InputError:
    return InputError(
        words(f"PMML: {found.ko}", f"{found.en} in PMML"),
        words(
            "기저 누적위험을 담은 GeneralRegressionModel(CoxRegression)",
            "a GeneralRegressionModel (CoxRegression) with its cumulative baseline hazard",
        ),
        words("읽지 못하는 모형은 YAML로 적으십시오.", "Write a model that is not read as YAML."),
    )


def _all(element: ET.Element, name: str) -> Iterator[Any]:
    """Elements of this name, whatever version of PMML their namespace says."""
    return (each for each in element.iter() if each.tag.rpartition("}")[2] == name)
