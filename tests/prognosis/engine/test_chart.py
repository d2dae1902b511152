"""What was known of a patient on a day is known from that day and the days before alone."""

from __future__ import annotations

from datetime import date

import polars as pl

from madang.prognosis.engine.chart import Chart, Visit
from madang.prognosis.engine.charted import charted
from madang.prognosis.engine.dynamic.visits import AGE, AT, COUNT, Visits
from madang.prognosis.engine.fhir.laboratory import ANALYTES
from madang.prognosis.engine.fhir.tables import Tables
from madang.prognosis.engine.titles import TITLES, shown, title

DECLARED = [
    {"name": "a", "kind": "number"},
    {"name": "b", "kind": "number"},
    {"name": "sex", "kind": "category"},
]
CHART = Chart.of(
    {"sex": "f"}, [Visit(90.0, {"b": 5.0}), Visit(0.0, {"a": 1.0}), Visit(30.0, {"a": 2.0})]
)


def test_the_last_value_stands_with_the_day_on_which_it_was_measured() -> None:
    assert CHART.last("a") == (2.0, 30.0)
    assert CHART.first("a") == (1.0, 0.0)
    assert CHART.last("sex") == ("f", 0.0)
    assert CHART.last("unknown") is None
    assert CHART.until(50.0).last("b") is None
    assert CHART.last_day == 90.0


def test_a_snapshot_is_that_of_the_table_of_visits() -> None:
    rows = pl.DataFrame(
        {
            "patient": ["this"] * 3,
            "visited": [0.0, 30.0, 90.0],
            "a": [1.0, 2.0, None],
            "b": [None, None, 5.0],
            "sex": ["f", "f", "f"],
        }
    )
    for day in (0.0, 31.0, 90.0, 200.0):
        own, whole = CHART.snapshot(DECLARED, day), Visits(table=rows).snapshot(day)
        assert own.select(sorted(own.columns)).equals(whole.select(sorted(whole.columns)))
    assert CHART.snapshot(DECLARED, 50.0).row(0, named=True) == {
        **{"patient": "this", "a": 2.0, "b": None, "sex": "f"},
        **{AGE: 20.0, COUNT: 2.0, AT: 50.0},
    }


def test_a_record_becomes_a_chart() -> None:
    patients = pl.DataFrame(
        {
            "patient": ["p", "q"],
            "sex": ["female", None],
            "first_day": [date(2026, 1, 1), None],
            "age": [50.0, None],
            "event": [1, None],
        }
    )
    visits = pl.DataFrame(
        {
            "patient": ["p", "p"],
            "day": [date(2026, 1, 1), date(2026, 2, 1)],
            "time": [0, 31],
            "age": [50.0, 50.1],
            "bilirubin_mg_dl": [1.0, None],
            "albumin_g_dl": [None, 3.5],
        }
    )
    empty = pl.DataFrame()
    made = Tables(patients=patients, visits=visits, conditions=empty, treatments=empty)
    found = charted(made, "p")

    assert found is not None and found.has_ended
    assert found.first_day == date(2026, 1, 1)
    assert found.chart.fixed == {"sex": "female", "age": 50.0}
    assert found.chart.visits[1].values == {"albumin_g_dl": 3.5}
    assert charted(made, "q") is None
    assert charted(made, "nobody") is None


def test_every_analyte_has_a_title_in_its_own_unit() -> None:
    for each in ANALYTES:
        known = title(each.name)
        assert known.unit.replace("³", "*3").replace("µ", "u") == each.unit, each.name
        assert known.name.ko != each.name
    assert set(TITLES) >= {AGE, AT, COUNT, "age", "sex"}


def test_a_value_is_shown_with_its_unit_and_a_level_in_words() -> None:
    assert str(shown("bilirubin_mg_dl", 1.234).en) == "1.2 mg/dL"
    assert shown("sex", "female").ko == "여성"
    assert shown("other", 1.5).en == "1.50"
    assert shown("other", "III").en == "III"
