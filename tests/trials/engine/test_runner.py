"""A run reaches its end once; what the platform loses is tried again and costs nothing."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import polars as pl
import pytest

from madang.kernel.jobs.worker import Claimed, Done, Failed
from madang.kernel.sandbox.ending import Ending
from madang.kernel.words import words
from madang.trials.engine.board import Ledger
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import SubmissionError
from madang.trials.engine.measuring import MetricFailed
from madang.trials.engine.office import Office
from madang.trials.engine.scorer import Hindered
from tests.trials.acts import hand_in, register_line, register_search, runs_by_name
from tests.trials.engine import onnx_models


def predictions(office, *, scale: float = 2.0, drop: int = 0) -> bytes:
    """A predictions file for the line demand, both sealed parts: y = scale * x + 1."""
    public = office.workspace.demand_folder("line").public
    inputs = pl.concat(
        [pl.read_parquet(public / f"{part}_inputs.parquet") for part in ("board", "final")]
    )
    return inputs[drop:].select("case", y=pl.col("x") * scale + 1).write_csv().encode()


def submit(office, content: bytes, *, tier: str = "predictions", name: str = "mine", **extra):
    file = {"predictions": "predictions.csv", "onnx": "model.onnx"}[tier]
    return office.submit(
        "line",
        firm=extra.get("firm", "one"),
        name=name,
        title=words(name, name),
        tier=tier,
        files={file: content},
    )


def claimed(office) -> Claimed:
    """The next run as a worker holds it, its lease forgotten: as after a kill."""
    lease = office.proceedings.runs.claim("test", lease_s=30)
    assert lease is not None
    return Claimed(lease)


@pytest.fixture
def line(office, tmp_path):
    register_line(office, tmp_path)
    return office


def test_a_predictions_file_needs_no_jail_and_scores(line, monkeypatch):
    monkeypatch.setattr("madang.trials.engine.runner.Runner.pool", property(lambda _: 1 / 0))
    submit(line, predictions(line))

    line.work()
    paper = line.close("line")

    assert runs_by_name(line, "line")["mine"].state == "done"
    assert paper.decision.adopted == "mine"
    assert line.board("line")["rows"][0]["firm"] == "one"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda office: predictions(office, drop=3), "3 cases missing"),
        (lambda office: predictions(office) + b"board-999999,1\n", "1 unknown cases"),
        (lambda office: predictions(office, scale=1e9), "values out of bounds"),
        (lambda office: predictions(office) + predictions(office)[7:], "case"),
        (lambda office: b"", "predictions.csv"),
        (lambda office: b"case,y\n", "predictions.csv"),
    ],
)
def test_a_refused_predictions_file_leaves_nothing_and_costs_nothing(line, content, said):
    stored = sorted(path for path in line.workspace.folder.rglob("*") if path.is_file())

    with pytest.raises(Exception, match=said):
        submit(line, content(line))

    now = sorted(path for path in line.workspace.folder.rglob("*") if path.is_file())
    assert [path for path in now if path not in stored and ".lock" not in path.name] == []
    assert line.proceedings.used("line", "one") == 0
    assert len(line.workspace.log) == 1


@pytest.mark.parametrize(
    ("firm", "name"), [("", "mine"), ("a\nb", "mine"), ("x" * 101, "mine"), ("one", "baseline:m")]
)
def test_names_that_no_record_can_bear_are_refused(line, firm, name):
    with pytest.raises(SubmissionError):
        submit(line, predictions(line), firm=firm, name=name)


@pytest.mark.bwrap
def test_a_model_off_the_allow_list_is_refused_before_it_is_stored(line):
    objects = list((line.workspace.folder / "objects").rglob("*"))

    with pytest.raises(SubmissionError, match="ConstantOfShape"):
        submit(line, onnx_models.bomb().SerializeToString(), tier="onnx")

    assert list((line.workspace.folder / "objects").rglob("*")) == objects
    assert line.proceedings.used("line", "one") == 0


@pytest.mark.bwrap
def test_a_model_handed_in_where_no_jail_worked_is_checked_before_it_runs(line, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Office, "_check_model", lambda *_: None)
        submit(line, onnx_models.bomb().SerializeToString(), tier="onnx")

    line.work()

    run = runs_by_name(line, "line")["mine"]
    assert (run.state, run.cause, run.attempt) == ("failed", Cause.FORBIDDEN, 1)
    assert "ConstantOfShape" in run.detail["en"]


def test_a_run_executed_twice_is_released_once(line):
    submit(line, predictions(line))
    held = claimed(line)

    first, second = line.runner.execute(held), line.runner.execute(held)

    assert isinstance(first, Done)
    assert first == second
    assert len(Ledger(line.workspace).releases("line")) == 1
    assert first.result["release"]["improved"]


def test_a_scorer_killed_between_two_questions_costs_nothing(line):
    submit(line, predictions(line))
    assert line.runner.scoring.ask("baselines", demand="line", part="board")

    os.kill(line.runner.scoring._companion.pid, signal.SIGKILL)
    line.work()

    assert runs_by_name(line, "line")["mine"].state == "done"
    assert len(Ledger(line.workspace).releases("line")) == 1


def test_an_agencys_metric_that_is_stopped_is_a_cause_of_its_own_and_costs_nothing(
    line, monkeypatch
):
    submit(line, predictions(line))
    stopped = MetricFailed("own.late", Ending.TIMEOUT)
    ask = line.runner.scoring.ask

    def asked(question, **arguments):
        if question == "release":
            raise Hindered(type(stopped).__name__, words(*map(stopped.sentence, ("ko", "en"))))
        return ask(question, **arguments)

    monkeypatch.setattr(line.runner.scoring, "ask", asked)
    line.work()

    run = runs_by_name(line, "line")["mine"]
    assert (run.state, run.cause) == ("failed", Cause.METRIC)
    assert "own.late" in run.detail["en"]
    assert line.proceedings.used("line", "one") == 0


def test_a_scorer_killed_in_its_answer_is_the_platforms_fault_and_is_tried_again(
    line, monkeypatch
):
    submit(line, predictions(line))
    scoring, kills = line.runner.scoring, []
    ask = type(scoring._companion).ask

    def killing(companion, question, **extra):
        if question["ask"] == "release" and len(kills) < 2:
            companion._running()
            kills.append(companion.pid)
            os.kill(companion.pid, signal.SIGSTOP)
            os.kill(companion.pid, signal.SIGKILL)
        return ask(companion, question, **extra)

    monkeypatch.setattr(type(scoring._companion), "ask", killing)
    held = claimed(line)
    lost = line.runner.execute(held)

    assert lost == Failed(cause=Cause.SCORER_LOST, detail=lost.detail, retry=True)
    assert Ledger(line.workspace).releases("line") == []
    again = line.runner.execute(held)
    assert isinstance(again, Failed)
    assert isinstance(line.runner.execute(held), Done)
    assert len(Ledger(line.workspace).releases("line")) == 1


@pytest.mark.parametrize("tier", ["predictions", pytest.param("python", marks=pytest.mark.bwrap)])
def test_an_object_that_is_gone_is_a_fault_of_the_storage(line, tier):
    if tier == "predictions":
        taken = submit(line, predictions(line))
    else:
        taken = hand_in(line, "line", "good")
    (digest,) = taken.files.values()
    (path,) = (line.workspace.folder / "objects").rglob(digest)
    path.unlink()

    outcome = line.runner.execute(claimed(line))

    assert outcome == Failed(cause=Cause.STORAGE, detail={"type": "ObjectMissing"}, retry=True)


@pytest.mark.parametrize("kind", ["inputs", "outcomes"])
def test_a_sealed_file_that_is_damaged_is_a_fault_of_the_storage(line, kind):
    submit(line, predictions(line))
    path = line.workspace.demand_folder("line").vault.path("board", kind)
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    outcome = line.runner.execute(claimed(line))

    assert (outcome.cause, outcome.retry) == (Cause.STORAGE, True)
    assert Ledger(line.workspace).releases("line") == []


def test_a_submission_whose_record_is_gone_is_a_fault_of_the_storage(line):
    taken = submit(line, predictions(line))
    (line.workspace.folder / "submissions" / f"{taken.id}.json").unlink()

    outcome = line.runner.execute(claimed(line))

    assert (outcome.cause, outcome.retry) == (Cause.STORAGE, True)


@pytest.mark.bwrap
def test_a_storage_fault_ends_after_its_attempts_and_costs_no_quota(line, monkeypatch):
    monkeypatch.setattr(line.proceedings.runs, "_backoff_s", lambda attempt: 0.0)
    taken = submit(line, predictions(line))
    (digest,) = taken.files.values()
    (path,) = (line.workspace.folder / "objects").rglob(digest)
    path.unlink()

    line.work()

    run = runs_by_name(line, "line")["mine"]
    assert (run.state, run.cause, run.attempt) == ("failed", Cause.STORAGE, 3)
    assert line.proceedings.used("line", "one") == 0


@pytest.mark.bwrap
def test_a_replay_whose_scorer_dies_in_the_conversation_is_tried_again(office, tmp_path):
    register_search(office, tmp_path)
    hand_in(office, "search", "good")
    scoring, asked = office.runner.scoring, []
    ask = scoring.ask

    def dying(question, **arguments):
        asked.append(question)
        if len(asked) == 9:
            os.kill(scoring._companion.pid, signal.SIGKILL)
        return ask(question, **arguments)

    scoring.ask = dying
    held = claimed(office)
    lost, again = office.runner.execute(held), office.runner.execute(held)

    assert (lost.cause, lost.retry) == (Cause.SCORER_LOST, True)
    assert isinstance(again, Done)
    assert asked.count("begin") == 2
    assert len(Ledger(office.workspace).releases("search")) == 1


@pytest.mark.bwrap
def test_half_a_character_in_an_action_breaks_nobody(office, tmp_path):
    register_search(office, tmp_path)
    source = 'def act(model, observation, memory, task):\n    return {"guess": "\\ud800"}\n'
    hand_in(office, "search", "odd", source=source)

    outcome = office.runner.execute(claimed(office))

    assert outcome.cause == Cause.OUTPUT_INVALID


def test_equal_answers_are_not_told_apart_and_differ_by_exactly_nothing(line):
    submit(line, predictions(line), name="one_a", firm="a")
    submit(line, predictions(line), name="one_b", firm="b")
    line.work()

    paper = line.close("line")

    (pair,) = paper.comparison["primary"]["pairs"]
    assert pair["difference"] == pair["low"] == pair["high"] == 0.0
    assert paper.decision.adopted == "one_a"
    assert paper.decision.equals == ("one_b",)


def test_a_close_whose_final_runs_all_failed_adopts_nobody(line):
    submit(line, predictions(line))
    line.work()
    vault = line.workspace.demand_folder("line").vault
    sealed = vault.path("final", "inputs").read_bytes()
    line.proceedings.runs._backoff_s = lambda attempt: 0.0
    vault.path("final", "inputs").write_bytes(sealed[:-1])

    with pytest.raises(Exception, match="does not open"):
        line.close("line")
    vault.path("final", "inputs").write_bytes(sealed)
    paper = line.close("line")

    assert paper.decision.adopted is None
    assert runs_by_name(line, "line", "final")["mine"].cause == Cause.STORAGE


def test_a_run_of_an_unknown_submission_never_leaves_the_folder(line):
    submit(line, predictions(line))
    held = claimed(line)
    held.lease = replace(held.lease, parameters={**held.parameters, "submission": "../../x"})

    assert line.runner.execute(held).cause == Cause.STORAGE
