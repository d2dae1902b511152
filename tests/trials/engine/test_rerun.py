"""A stranger runs everything again: whatever differs from the record is named."""

from __future__ import annotations

import copy
import json

import pytest

from madang.kernel.errors import InputError
from madang.trials.engine.errors import DemandError
from madang.trials.engine.rerun import recorded, rerun
from tests.trials.acts import register_line
from tests.trials.conftest import toys_in_the_house
from tests.trials.engine.test_runner import predictions, submit


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """An office with a closed trial of two predictions files, and the record of its report."""
    from madang.trials.engine.workspace import Workspace

    folder = tmp_path_factory.mktemp("closed")
    with (
        pytest.MonkeyPatch.context() as patch,
        toys_in_the_house(patch) as opened,
        opened(Workspace(folder / "workspace")) as office,
    ):
        register_line(office, folder)
        submit(office, predictions(office), name="good", firm="a")
        submit(office, predictions(office, scale=1.5), name="fair", firm="b")
        office.work()
        office.close("line")
        published = office.publish("line", folder / "report")
        yield office, recorded(published.json.read_bytes()), published


@pytest.fixture
def office(closed):
    return closed[0]


@pytest.fixture
def record(closed):
    return copy.deepcopy(closed[1])


def found(office, record) -> dict[str, bool]:
    return {check.solution: check.same for check in rerun(office, record)}


def test_an_untouched_record_is_confirmed(office, record):
    assert found(office, record) == {"good": True, "fair": True}
    assert all(json.dumps(check.plain()) for check in rerun(office, record))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("comparison", "primary", "scores", "good", "low"), 0.0),
        (("comparison", "primary", "against_baseline", "fair", "high"), -9.0),
        (("comparison", "primary", "pairs", 0, "p"), 0.5),
        (("comparison", "subgroups", 0, "scores", "good"), 0.1),
        (("comparison", "cases"), 7),
        (("decision", "adopted"), "fair"),
        (("decision", "passed"), []),
    ],
)
def test_an_altered_comparison_or_decision_is_noticed(office, record, path, value):
    *steps, last = path
    place = record
    for step in steps:
        place = place[step]
    assert place[last] != value
    place[last] = value

    assert found(office, record) == {"good": True, "fair": True, "comparison": False}


def test_one_altered_score_is_noticed(office, record):
    record["comparison"]["all"]["fair"]["hit_score"] += 1e-15

    assert found(office, record) == {"good": True, "fair": False}


def test_altered_answers_are_noticed(office, record):
    for each in record["endings"]:
        if each["solution"] == "good":
            each["answers"] = "0" * 64

    assert found(office, record) == {"good": False, "fair": True}


def test_a_solution_that_was_left_out_of_the_record_is_noticed(office, record):
    record["endings"] = [each for each in record["endings"] if each["solution"] != "fair"]

    assert found(office, record) == {"good": True, "fair": False}


def test_a_solution_that_never_ran_is_noticed(office, record):
    forged = next(each for each in record["endings"] if each["part"] == "final")
    record["endings"].append({**forged, "run": "run-x-final", "solution": "ghost"})

    assert found(office, record)["ghost"] is False


def test_a_record_of_another_registration_is_refused(office, record, tmp_path, toys):
    from madang.trials.engine.office import Office
    from madang.trials.engine.workspace import Workspace

    with Office(Workspace(tmp_path / "other")) as other:
        with pytest.raises(DemandError, match="no registered demand"):
            found(other, record)
        register_line(other, tmp_path)  # word for word the same demand
        with pytest.raises(DemandError, match="a record of another registration"):
            found(other, record)
    record["demand"]["digest"] = "0" * 64
    with pytest.raises(DemandError, match="a record of another registration"):
        found(office, record)


def test_only_the_json_of_a_trial_is_a_record(closed):
    published = closed[2]

    with pytest.raises(DemandError, match="a report as html"):
        recorded(published.html.read_bytes())
    with pytest.raises(DemandError, match="a report as pdf"):
        recorded(published.pdf.read_bytes())
    for content in (b"", b"{}", b"no report", published.json.read_bytes()[:-100]):
        with pytest.raises(InputError):
            recorded(content)


def test_a_document_of_another_kind_is_no_record(closed):
    body = json.loads(closed[2].json.read_bytes())
    other = {"evidence": body["evidence"], "title": "something else"}

    with pytest.raises(InputError):
        recorded(json.dumps(other, separators=(",", ":"), ensure_ascii=False).encode())
