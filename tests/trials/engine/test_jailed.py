"""A solution runs in the jail to a typed end, and tells only what the guard lets pass."""

from __future__ import annotations

import json

import pytest

from madang.kernel.errors import Unavailable
from madang.kernel.sandbox.ending import Ending, Result
from madang.kernel.words import words
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import SubmissionError
from madang.trials.engine.guard import Telltale
from madang.trials.engine.jailed import (
    DEEPEST_ACTION,
    Jailer,
    check_onnx,
    receive,
    task_document,
)
from madang.trials.engine.runner import Runner
from madang.trials.engine.workspace import Workspace
from tests.trials.acts import register_line
from tests.trials.engine import onnx_models
from tests.trials.toys import LINE_SOLUTIONS

COLUMNS = ("x", "colour")


class Said:
    """A channel on which one message waits."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def receive(self, timeout_s: float) -> bytes:
        return self.content


@pytest.mark.parametrize(
    ("content", "action"),
    [
        (b'{"action": {"guess": 4}}', {"guess": 4}),
        (b'{"action": null}', None),
        (b"{}", None),
        (b"[1]", None),
        (b"7", None),
        (b"", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
        (b'{"action": ' + b"9" * 10_000 + b"}", None),
        (b'{"action": ' + b"[" * 100 + b"]" * 100 + b"}", None),
    ],
)
def test_an_action_is_plain_json_of_bounded_depth(content, action):
    assert receive(Said(content), 1.0) == action


def test_an_action_may_be_nested_as_deeply_as_allowed():
    depth = DEEPEST_ACTION - 3
    content = b'{"action": ' + b"[" * depth + b"]" * depth + b"}"

    assert receive(Said(content), 1.0) is not None


@pytest.fixture
def folder(office, tmp_path):
    return office.workspace.demand_folder(register_line(office, tmp_path))


def result(ending=Ending.DONE, *, files=None, report=None) -> Result:
    return Result(ending=ending, cgroup="rlimits", files=files or {}, report=report or {})


class Answering:
    """A pool whose every run ends as told."""

    def __init__(self, ended: Result) -> None:
        self.ended = ended

    def run(self, script, **extra) -> Result:
        return self.ended


def ended(folder, found: Result):
    inputs, outcomes = folder.open_sample()
    return Jailer(Answering(found), folder.demand, folder.scale).run(
        "python",
        {"solution.py": b"x\n"},
        inputs=inputs,
        fit_inputs=inputs,
        fit_outcomes=outcomes,
    )


def test_a_run_that_answered_tells_nothing_though_it_forges_a_report(folder):
    import numpy as np

    from madang.trials.engine.exchange import encode_numbers

    rows = folder.open_sample()[0].height
    forged = {"phase": "fit", "exception": "KeyError", "file": "solution.py", "line": 1}
    files = {"predictions.npy": encode_numbers(np.zeros((rows, 1)))}

    found = ended(folder, result(files=files, report=forged | {"disobedient": "shape"}))

    assert found.cause is None
    assert found.telltale == Telltale()
    assert found.token == ""


@pytest.mark.parametrize(
    ("ending", "report", "cause"),
    [
        (Ending.CRASH, {}, Cause.CRASH),
        (Ending.CRASH, {"disobedient": "shape"}, Cause.OUTPUT_INVALID),
        (Ending.OUTPUT_MISSING, {"disobedient": "not_numbers"}, Cause.OUTPUT_INVALID),
        (Ending.TIMEOUT, {"disobedient": "shape"}, Cause.TIMEOUT),
        (Ending.UNAVAILABLE, {"disobedient": "shape"}, Cause.SANDBOX_UNAVAILABLE),
        (Ending.DONE, {}, Cause.OUTPUT_MISSING),
    ],
)
def test_the_ending_and_a_known_token_give_the_cause(folder, ending, report, cause):
    assert ended(folder, result(ending, report=report)).cause == cause


def test_what_a_solution_is_told_holds_no_outcome(folder):
    told = json.loads(task_document(folder.demand, folder.scale, "python"))

    assert set(told) == {
        "tier", "kind", "name", "frame", "options", "columns", "outcomes", "outputs",
    }  # fmt: skip
    assert told["columns"][1] == {
        "name": "colour",
        "kind": "category",
        "levels": ["파랑", "빨강"],
        "unit": "",
        "nullable": False,
    }


@pytest.mark.parametrize(
    "found",
    [
        result(Ending.CRASH),
        result(Ending.TIMEOUT),
        result(files={}),
        result(files={"check.json": b"no json"}),
        result(files={"check.json": b"[]"}),
        result(files={"check.json": b'{"refused": "invented", "name": "x"}'}),
    ],
)
def test_a_check_that_does_not_end_well_refuses_the_model(found):
    with pytest.raises(SubmissionError, match=r"no valid ONNX model.*in model\.onnx"):
        check_onnx(Answering(found), b"")


def test_a_check_without_a_jail_is_the_platforms_matter():
    with pytest.raises(Unavailable):
        check_onnx(Answering(result(Ending.UNAVAILABLE)), b"")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A registered line demand with one pool of jails for the whole module."""
    from tests.trials.conftest import toys_in_the_house

    with pytest.MonkeyPatch.context() as patch, toys_in_the_house(patch) as opened:
        folder = tmp_path_factory.mktemp("bench")
        with opened(Workspace(folder / "workspace")) as office:
            register_line(office, folder)
            yield office


def run(office, tier: str, content: bytes):
    folder = office.workspace.demand_folder("line")
    inputs, outcomes = folder.open_sample()
    name = "model.onnx" if tier == "onnx" else "solution.py"
    return Jailer(office.runner.pool, folder.demand, folder.scale).run(
        tier,
        {name: content},
        inputs=inputs,
        fit_inputs=inputs,
        fit_outcomes=outcomes,
    )


@pytest.mark.bwrap
@pytest.mark.parametrize(
    "model",
    [
        onnx_models.line(),
        onnx_models.matrix(),
        onnx_models.line(kind=11),
        onnx_models.line(kind=1),
    ],
)
def test_a_sound_model_answers_row_by_row(bench, model):
    found = run(bench, "onnx", model.SerializeToString())

    x = bench.workspace.demand_folder("line").open_sample()[0]["x"].to_numpy()
    assert found.cause is None
    assert found.answers[:, 0] == pytest.approx(2 * x + 1, abs=1e-5)


@pytest.mark.bwrap
@pytest.mark.parametrize(
    ("model", "token"),
    [
        (onnx_models.mixing(), "rows_depend_on_each_other"),
        (onnx_models.one_answer(), "shape"),
        (onnx_models.of(
            [onnx_models.helper.make_node("Add", ["x", "z"], ["predictions"])],
            [onnx_models.X, ("z", 1, [None, 1])],
            [onnx_models.Y],
        ), "unknown_input"),
        (onnx_models.line(kind=10), "input_type"),
    ],
)  # fmt: skip
def test_a_model_that_breaks_the_protocol_is_told_how(bench, model, token):
    found = run(bench, "onnx", model.SerializeToString())

    assert (found.cause, found.token) == (Cause.OUTPUT_INVALID, token)
    assert found.telltale.token == token


@pytest.mark.bwrap
@pytest.mark.parametrize("model", [onnx_models.bomb(), onnx_models.external()])
def test_a_model_that_slips_past_the_check_is_contained_by_the_jail(bench, model):
    found = run(bench, "onnx", model.SerializeToString())

    assert found.cause in (Cause.MEMORY, Cause.CRASH, Cause.FORBIDDEN)
    assert found.answers is None


@pytest.mark.bwrap
def test_the_check_itself_runs_in_the_jail(bench):
    check_onnx(bench.runner.pool, onnx_models.line().SerializeToString())
    with pytest.raises(SubmissionError) as caught:
        check_onnx(bench.runner.pool, onnx_models.bomb().SerializeToString())

    assert "an operator that is not allowed ConstantOfShape in model.onnx" in str(caught.value)
    with pytest.raises(SubmissionError):
        check_onnx(bench.runner.pool, b"no model")


@pytest.mark.bwrap
def test_a_firm_that_writes_the_report_itself_tells_only_listed_words(bench):
    source = LINE_SOLUTIONS["good"] + (
        "    \n"
        "def predict(model, inputs, task):\n"
        "    import jail, os\n"
        "    jail.report({'phase': str(inputs['x'][0]), 'exception': repr(inputs),\n"
        "                 'file': 'solution.py', 'line': 3, 'more': [1]})\n"
        "    os._exit(1)\n"
    )

    found = run(bench, "python", source.encode())

    assert found.cause == Cause.CRASH
    assert found.telltale == Telltale(file="solution.py", line=3)


@pytest.mark.bwrap
def test_a_runner_says_what_to_do_where_no_jail_works(monkeypatch, tmp_path):
    from madang.kernel.sandbox import jail

    def refuses(**_):
        raise Unavailable(words("격리", "The jail"), reason="forbidden here")

    monkeypatch.setattr(jail, "WarmPool", refuses)
    runner = Runner(Workspace(tmp_path).create())
    with pytest.raises(Unavailable, match="forbidden here"):
        runner.check_model(b"")
    runner.close()
