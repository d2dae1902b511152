"""A model of visits has a dossier too, and claims nothing that its record does not hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from madang.prognosis.engine.dossier import from_visits
from madang.prognosis.engine.dossier.answers import counted
from madang.prognosis.engine.dossier.dossier import as_json, dossier
from madang.prognosis.engine.dynamic.fitting import FromVisits, Span, fit_followed
from tests.prognosis.engine.dynamic import courses

if TYPE_CHECKING:
    from madang.prognosis.engine.dossier.record import Record


@pytest.fixture(scope="module")
def found() -> FromVisits:
    made = courses.made(300)
    return fit_followed(
        made.visits, made.courses, span=Span(3.0, 2.0, 1.0), categories=("sex", "centre")
    )


@pytest.fixture(scope="module")
def record(found: FromVisits) -> Record:
    return from_visits.record(found.model, "0" * 64)


def test_its_figures_are_those_of_the_fit(found: FromVisits, record: Record) -> None:
    assert record.inside is not None
    scores = {each.name: each.value for each in record.inside.scores}

    assert scores["auc"] == found.quality.auc
    assert scores["ici"] == found.quality.ici
    assert record.horizon == 1.0
    assert record.last_time == 2.0
    assert record.development.events == tuple(found.model.facts["events"])
    assert len(record.inside.tenths) == 10


def test_what_nobody_kept_is_not_told(record: Record) -> None:
    assert record.evaluation is None
    assert record.hints is None
    made = dossier(record, {})
    counts = counted(made.tripod)

    assert sum(counts.values()) == 52
    assert counts["not reported"] > 20
    told = json.loads(as_json(made))["probast"]
    answers = [each["signal"] for each in told if each["part"] == "evaluation"]
    assert set(answers) == {"NI"}


def test_the_range_of_every_column_is_told(found: FromVisits, record: Record) -> None:
    names = {each.column for each in record.limits}

    assert names == {each["name"] for each in found.model.declared}
    marker = next(each for each in record.limits if each.column == "marker")
    seen = found.model.scope.ranges["marker"]
    assert (marker.low, marker.high) == (seen.low, seen.high)
