"""A PMML file answers as its own numbers say, or is refused; nothing in it is passed over."""

from __future__ import annotations

import numpy as np
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.outside.pmml import NOT_STATED, read_pmml
from madang.prognosis.engine.outside.reading import read_outside

PMML = """<?xml version="1.0" encoding="UTF-8"?>
<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4">
  <Header copyright="c" description="Nobody, Journal of Examples 2000;1:1"/>
  <DataDictionary numberOfFields="5">
    <DataField name="time" optype="continuous" dataType="double"/>
    <DataField name="status" optype="continuous" dataType="double"/>
    <DataField name="age" optype="continuous" dataType="double">
      <Interval closure="closedClosed" leftMargin="18" rightMargin="90"/>
    </DataField>
    <DataField name="dose" optype="continuous" dataType="double"/>
    <DataField name="sex" optype="categorical" dataType="string">
      <Value value="f"/><Value value="m"/><Value value="x"/>
    </DataField>
  </DataDictionary>
  <GeneralRegressionModel modelName="shown" modelType="CoxRegression" functionName="regression"
      targetVariableName="survival" endTimeVariable="time" statusVariable="status">
    <MiningSchema><MiningField name="age"/></MiningSchema>
    <ParameterList>
      <Parameter name="p0" label="age" referencePoint="50"/>
      <Parameter name="p1" label="male" referencePoint="0"/>
      <Parameter name="p2" label="male by age" referencePoint="20"/>
      <Parameter name="p3" label="dose"/>
      <Parameter name="p4" label="dose squared"/>
      <Parameter name="p5" label="female"/>
    </ParameterList>
    <FactorList><Predictor name="sex"/></FactorList>
    <CovariateList><Predictor name="age"/><Predictor name="dose"/></CovariateList>
    <PPMatrix>
      <PPCell value="1" predictorName="age" parameterName="p0"/>
      <PPCell value="m" predictorName="sex" parameterName="p1"/>
      <PPCell value="1" predictorName="age" parameterName="p2"/>
      <PPCell value="m" predictorName="sex" parameterName="p2"/>
      <PPCell value="1" predictorName="dose" parameterName="p3"/>
      <PPCell value="2" predictorName="dose" parameterName="p4"/>
      <PPCell value="f" predictorName="sex" parameterName="p5"/>
    </PPMatrix>
    <ParamMatrix>
      <PCell parameterName="p0" df="1" beta="0.03"/>
      <PCell parameterName="p1" df="1" beta="0.5"/>
      <PCell parameterName="p2" df="1" beta="0.01"/>
      <PCell parameterName="p3" df="1" beta="-0.4"/>
      <PCell parameterName="p4" df="1" beta="0.1"/>
    </ParamMatrix>
    <BaseCumHazardTables maxTime="4">
      <BaselineCell time="1" cumHazard="0.05"/>
      <BaselineCell time="3" cumHazard="0.12"/>
    </BaseCumHazardTables>
  </GeneralRegressionModel>
</PMML>
"""
TABLE = {
    "age": np.array([60.0, 40.0, 40.0]),
    "dose": np.array([2.0, 1.0, 1.0]),
    "sex": np.array(["m", "f", "x"], dtype=object),
}


@pytest.fixture
def written(tmp_path):
    """Put a text into a file and read it."""

    def read(text: str):
        path = tmp_path / "a.pmml"
        path.write_text(text, encoding="utf-8")
        return read_outside(path)

    return read


def test_survival_is_what_the_files_own_numbers_say(written) -> None:
    model = written(PMML)

    found = model.survival(TABLE, [0.5, 1.0, 2.9, 4.0])

    centre = 0.03 * 50 + 0.01 * 20
    male = 0.03 * 60 + 0.5 + 0.01 * 60 - 0.4 * 2 + 0.1 * 4 - centre
    female = 0.03 * 40 - 0.4 + 0.1 - centre
    hazard = np.array([0, 0.05, 0.05, 0.12])
    relative = np.exp([male, female, female])  # `x` has no coefficient, as PMML counts that: 0
    assert found == pytest.approx(np.exp(-np.outer(relative, hazard)))
    assert model.last_time == 4
    assert model.facts["source"] == "Nobody, Journal of Examples 2000;1:1"
    assert model.facts["units"] == {"age": NOT_STATED, "dose": NOT_STATED}


def test_it_answers_up_to_the_files_last_time_and_that_cell_counts(written) -> None:
    shorter = written(PMML.replace('maxTime="4"', 'maxTime="3"'))
    shortest = written(PMML.replace('maxTime="4"', 'maxTime="2"'))

    assert shorter.last_time == 3
    assert shorter.baseline.hazard == (0.05, 0.12)
    assert shortest.last_time == 2
    assert shortest.baseline.hazard == (0.05, 0.05)


def test_the_range_of_the_file_is_the_scope(written) -> None:
    table = {**TABLE, "age": np.array([95.0, 40.0, 40.0])}

    found = written(PMML).refusals(table)

    assert "18 to 90" in found[0].en
    assert found[1] is None


def test_a_document_type_is_refused_before_anything_is_expanded() -> None:
    bomb = PMML.replace("<PMML", '<!DOCTYPE PMML [<!ENTITY a "b">]>\n<PMML', 1)

    for text in (bomb.encode(), bomb.replace("UTF-8", "UTF-16").encode("utf-16")):
        with pytest.raises(InputError, match="DOCTYPE"):
            read_pmml(text)


CHANGES = [
    ('modelType="CoxRegression"', 'modelType="generalLinear"', "one Cox regression"),
    ('description="Nobody, Journal of Examples 2000;1:1"', "", "citation"),
    ('statusVariable="status"', 'baselineStrataVariable="s"', "baselineStrataVariable"),
    ('statusVariable="status"', 'startTimeVariable="s"', "startTimeVariable"),
    ('statusVariable="status"', 'offsetValue="1"', "offsetValue"),
    ("<MiningSchema>", "<LocalTransformations/><MiningSchema>", "LocalTransformations"),
    ('beta="0.03"', 'beta="NaN"', "beta 'NaN'"),
    ('beta="0.03"', "", "PCell without beta"),
    ('<DataField name="dose"', '<DataField name="other"', "'dose' without DataField"),
    ('value="2" predictorName="dose"', 'value="0" predictorName="dose"', "the power '0'"),
    ('value="m" predictorName="sex" parameterName="p1"',
     'value="q" predictorName="sex" parameterName="p1"', "without a clear reference"),
    ('parameterName="p5"/>', 'parameterName="p9"/>', "unknown parameter 'p9'"),
    ('<PCell parameterName="p4"', '<PCell parameterName="p8"', "'p8', which multiplies nothing"),
    ('<BaselineCell time="1"', '<BaselineStratum/><BaselineCell time="1"', "baseline table"),
    ('cumHazard="0.12"', 'cumHazard="0.01"', "rise from 0"),
    ("</PMML>", "", "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said"), CHANGES)
def test_what_is_not_read_is_refused(written, before, after, said) -> None:
    assert before in PMML

    with pytest.raises(InputError) as caught:
        written(PMML.replace(before, after))

    assert said in caught.value.sentence("en")
