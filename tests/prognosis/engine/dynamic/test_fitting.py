"""Files of patients and of visits become a model; whatever is wrong in them is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from madang.kernel.errors import InputError
from madang.prognosis.engine.answer import answer
from madang.prognosis.engine.chart import Chart, Visit
from madang.prognosis.engine.cohort_file import OutcomeColumns
from madang.prognosis.engine.dynamic.fitting import (
    FromVisits,
    Span,
    VisitColumns,
    fit_followed,
    fit_visit_files,
)
from madang.prognosis.engine.dynamic.rows import nearest, read_rows
from madang.prognosis.engine.model_file import read_model, write_model
from tests.prognosis.engine.dynamic import courses

if TYPE_CHECKING:
    from pathlib import Path

NAMED = OutcomeColumns("time", "event", 2)
SPAN = Span(3.0, 2.0, 1.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two hundred patients: sex in their own file, the rest in that of the visits."""
    folder = tmp_path_factory.mktemp("files")
    made = courses.made(200, seed=9)
    ends = pl.DataFrame(
        {"id": made.courses.patient, "time": made.courses.time, "event": made.courses.cause}
    )
    sex = made.table.group_by("id", maintain_order=True).agg(pl.col("sex").first())
    ends.join(sex, on="id").write_csv(folder / "patients.csv")
    made.table.drop("sex").write_csv(folder / "visits.csv")
    return folder / "patients.csv", folder / "visits.csv"


def fit(patients: Path, visits: Path, **more: Any) -> FromVisits:
    keyed = VisitColumns("id", "at")
    return fit_visit_files(patients, visits, NAMED, keyed=keyed, span=SPAN, **more)


@pytest.fixture(scope="module")
def found(files: tuple[Path, Path]) -> FromVisits:
    return fit(*files, unit="year")


def test_what_does_not_change_and_what_was_measured_both_predict(found: FromVisits) -> None:
    kinds = {each["name"]: each["kind"] for each in found.model.declared}

    assert kinds == {
        "sex": "category",
        "marker": "number",
        "centre": "category",
        "noise": "number",
    }
    facts = found.model.facts
    assert facts["patients"] == 200
    assert facts["unit"] == "year"
    assert facts["outcome"]["competing"] == 2
    assert len(facts["data_sha256"]) == len(facts["visits_sha256"]) == 64
    assert facts["missing"] == dict.fromkeys(kinds, 0.0)  # an earlier value stands for a gap
    assert facts["quality"]["auc"] > 0.6
    assert facts["log_risk"] < 0


def test_a_model_lies_in_a_file_and_answers_the_same(found: FromVisits, tmp_path: Path) -> None:
    path = tmp_path / "m.model"
    digest = write_model(found.model, path)
    read = read_model(path)
    chart = Chart.of({"sex": "f", "centre": "a"}, [Visit(0.0, {"marker": 1.2, "noise": 0.0})])
    told = [answer(each, chart, 30.0, days=[365.0]) for each in (found.model, read.model)]

    assert read.digest == digest
    assert write_model(found.model, tmp_path / "again.model") == digest
    assert told[0].risk[0] == told[1].risk[0]
    assert told[0].low[0] == told[1].low[0]


def test_the_rows_that_it_learnt_from_hold_no_name(found: FromVisits) -> None:
    table = read_rows(found.rows, [each["name"] for each in found.model.declared])
    rows = nearest(table, 1.1)

    assert "patient" not in table.columns
    assert b"p0001" not in found.rows
    assert len(rows.watched.time) == len(rows.table["marker"]) > 100
    assert (rows.watched.time <= 2.0).all()
    for content in (b"", b"PAR1 no rows", found.rows[:200]):
        with pytest.raises(InputError):
            read_rows(content)
    with pytest.raises(InputError):
        read_rows(found.rows, ["creatinine"])


@pytest.mark.parametrize(
    ("file", "old", "new", "word"),
    [
        (0, "id,time", "who,time", "no column 'id'"),
        (0, "p0003,", ",", "row 5"),
        (0, "p0003,", "p0002,", "twice"),
        (1, "p0002,0.0,", "p9999,0.0,", "'p9999'"),
        (1, "p0002,0.0,", "p0002,-1.0,", "-1"),
        (1, "p0002,0.0,", "p0002,soon,", "'soon'"),
        (1, "p0002,0.0,", ",0.0,", "a patient"),
    ],
)
def test_a_fault_is_named_with_its_place(
    files: tuple[Path, Path], tmp_path: Path, file: int, old: str, new: str, word: str
) -> None:
    paths = []
    for place, path in enumerate(files):
        text = path.read_text()
        if place == file:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / path.name).write_text(text)
        paths.append(tmp_path / path.name)

    with pytest.raises(InputError, match=word):
        fit(*paths)


@pytest.mark.parametrize("span", [Span(3.0, 1.0, 2.0), Span(-1.0, 2.0, 1.0), Span(3.0, 2.0, 0.0)])
def test_a_span_that_is_none_is_refused(span: Span) -> None:
    made = courses.made(60)
    with pytest.raises(InputError):
        fit_followed(made.visits, made.courses, span=span)


def test_too_few_events_are_refused() -> None:
    made = courses.made(60)
    quiet = made.courses._replace(cause=np.zeros(60, dtype=np.int64))

    with pytest.raises(InputError, match="0 events"):
        fit_followed(made.visits, quiet, span=SPAN, categories=("sex", "centre"))
