"""A whole trial on the toys: what is run, released, compared, decided, signed and verified."""

from __future__ import annotations

import json

import pytest

from madang.kernel.evidence.keys import VerifyingKey
from madang.kernel.evidence.verify import verify_path
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import DemandError, QuotaSpent, SubmissionError
from madang.trials.engine.rerun import recorded, rerun
from tests.trials.acts import LINE_DEMAND, hand_in, register_line, register_search, runs_by_name

pytestmark = pytest.mark.bwrap


def test_a_trial_goes_from_demand_to_a_report_that_verifies(office, tmp_path):
    demand = register_line(office, tmp_path)
    for name in ("good", "mediocre", "crasher"):
        hand_in(office, demand, name)

    office.work()
    paper = office.close(demand)
    published = office.publish(demand, tmp_path / "report")

    assert paper.ranking[0] == "good"
    assert paper.decision.adopted == "good"
    assert runs_by_name(office, demand)["crasher"].cause == Cause.CRASH
    assert "crasher" not in paper.ranking
    key = VerifyingKey.read(published.key)
    for path in (published.html, published.pdf, published.json):
        assert verify_path(path, key=key).ok


def test_every_run_that_fails_has_its_typed_cause(office, tmp_path):
    demand = register_line(office, tmp_path, text=LINE_DEMAND.replace("wall_s: 20", "wall_s: 3"))
    expected = {
        "crasher": Cause.CRASH,
        "crasher_in_fit": Cause.CRASH,
        "no_predict": Cause.CRASH,
        "sleeper": Cause.TIMEOUT,
        "memory_hog": Cause.MEMORY,
        "not_finite": Cause.OUTPUT_INVALID,
        "wrong_shape": Cause.OUTPUT_INVALID,
        "texts": Cause.OUTPUT_INVALID,
        "out_of_bounds": Cause.OUTPUT_INVALID,
    }
    for name in expected:
        hand_in(office, demand, name)

    office.work()

    found = {name: run.cause for name, run in runs_by_name(office, demand).items()}
    assert found == expected


def test_a_run_that_answers_nothing_or_sends_a_link_is_told_apart(office, tmp_path):
    demand = register_line(office, tmp_path)
    silent = "import os\ndef predict(model, inputs, task):\n    os._exit(0)\n"
    linker = (
        "import os\ndef predict(model, inputs, task):\n"
        "    os.symlink('/etc/passwd', '/job/out/predictions.npy')\n    os._exit(0)\n"
    )
    socket = (
        "import socket\ndef predict(model, inputs, task):\n    socket.socket()\n    return None\n"
    )
    hand_in(office, demand, "silent", source=silent)
    hand_in(office, demand, "linker", source=linker)
    hand_in(office, demand, "caller", source=socket)

    office.work()

    runs = runs_by_name(office, demand)
    assert runs["silent"].cause == Cause.OUTPUT_MISSING
    assert runs["linker"].cause == Cause.OUTPUT_INVALID
    assert runs["caller"].cause == Cause.FORBIDDEN


def test_the_same_trial_twice_gives_identical_scores(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    hand_in(office, demand, "mediocre")
    office.work()
    office.close(demand)
    published = office.publish(demand, tmp_path / "report")

    checks = list(rerun(office, recorded(published.json.read_bytes())))

    assert [check.solution for check in checks] == ["good", "mediocre"]
    assert all(check.same for check in checks)


def test_a_rerun_notices_another_score(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    office.work()
    office.close(demand)
    record = recorded(office.publish(demand, tmp_path / "report").json.read_bytes())
    record["comparison"]["all"]["good"]["hit_score"] -= 1e-12

    (check,) = rerun(office, record)

    assert not check.same


def test_an_altered_answer_object_is_noticed_on_rerun(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    office.work()
    office.close(demand)
    record = recorded(office.publish(demand, tmp_path / "report").json.read_bytes())
    for each in record["endings"]:
        each["answers"] = "0" * 64

    (check,) = rerun(office, record)

    assert not check.same


def test_a_replay_is_a_conversation_that_scores(office, tmp_path):
    demand = register_search(office, tmp_path)
    hand_in(office, demand, "good")
    hand_in(office, demand, "mediocre")

    office.work()
    paper = office.close(demand)

    scores = paper.comparison["primary"]["scores"]
    assert paper.ranking[0] == "good"
    assert 4 < scores["good"]["estimate"] < 7  # bisection of 100 numbers
    assert scores["good"]["estimate"] < scores["mediocre"]["estimate"]


def test_a_replay_that_fails_has_its_typed_cause(office, tmp_path):
    demand = register_search(office, tmp_path)
    expected = {
        "crasher": Cause.CRASH,
        "sleeper": Cause.TIMEOUT,
        "wrong_shape": Cause.OUTPUT_INVALID,
        "not_finite": Cause.OUTPUT_INVALID,
    }
    for name in expected:
        hand_in(office, demand, name)

    office.work()

    found = {name: run.cause for name, run in runs_by_name(office, demand).items()}
    assert found == expected


def test_a_replay_record_never_lies_in_the_open(office, tmp_path):
    demand = register_search(office, tmp_path)
    hand_in(office, demand, "good")

    office.work()

    run = runs_by_name(office, demand)["good"]
    stored = office.workspace.objects.get(run.result["answers"])
    assert b"guesses" not in stored
    assert office.workspace.demand_folder(demand).vault.is_wrapped(stored)


def test_the_platforms_faults_cost_no_quota_and_the_firms_do(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "crasher", firm="one")
    hand_in(office, demand, "good", firm="one")
    office.work()
    assert office.proceedings.used(demand, "one") == 2

    run = runs_by_name(office, demand)["good"]
    lost = run.__class__(
        **{**vars(run), "state": "failed", "cause": Cause.WORKER_LOST, "result": None}
    )
    with office.workspace.runs.writing() as rows:
        rows.change(lost)

    assert office.proceedings.used(demand, "one") == 1
    assert office.proceedings.used(demand, "two") == 0


def test_a_firm_that_has_used_its_quota_is_refused(office, tmp_path):
    demand = register_line(office, tmp_path)
    for _ in range(3):
        hand_in(office, demand, "good", firm="one")

    with pytest.raises(QuotaSpent, match="3 submissions used"):
        hand_in(office, demand, "good", firm="one")
    hand_in(office, demand, "mediocre", firm="another")


def test_a_closed_demand_takes_nothing_more_and_closes_once(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    office.work()
    first = office.close(demand)

    again = office.close(demand)

    assert again.closed == first.closed
    with pytest.raises(SubmissionError, match="closed demand"):
        hand_in(office, demand, "good", firm="late")


def test_a_demand_without_a_scored_submission_cannot_be_closed(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "crasher")
    office.work()

    with pytest.raises(DemandError, match="no scored submission"):
        office.close(demand)


def test_recording_ended_runs_again_adds_nothing(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    office.work()
    before = len(office.workspace.log)

    office.record_ended()

    assert len(office.workspace.log) == before


def test_the_digest_of_the_demand_enters_the_log_before_the_first_run(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    office.work()

    first = next(iter(office.workspace.log.entries())).statement

    digest = office.workspace.demand_folder(demand).registration["digest"]
    assert first.subjects[f"demand/{demand}"] == digest
    assert first.predicate["decision"]["metric"] == "absolute_loss"


def test_a_rehearsal_shows_everything_and_costs_nothing(office, tmp_path):
    from tests.trials.toys import LINE_SOLUTIONS

    demand = register_line(office, tmp_path)
    crash = office.rehearse(demand, "python", {"solution.py": LINE_SOLUTIONS["crasher"].encode()})
    good = office.rehearse(demand, "python", {"solution.py": LINE_SOLUTIONS["talker"].encode()})

    assert crash.cause == Cause.CRASH
    assert "ValueError: row" in crash.log
    assert good.cause is None
    assert good.scores["absolute_loss"] < 0.6
    assert office.proceedings.used(demand, "anybody") == 0


def test_the_record_is_plain_json_with_every_promised_part(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good")
    hand_in(office, demand, "crasher")
    office.work()
    office.close(demand)

    record = recorded(office.publish(demand, tmp_path / "report").json.read_bytes())

    assert json.loads(json.dumps(record)) == record
    best = record["ranking"][0]
    assert best["solution"] == "good"
    assert best["interval"][0] < best["score"] < best["interval"][1]
    endings = {(each["solution"], each["part"]): each for each in record["endings"]}
    assert endings["good", "final"]["state"] == "scored"
    assert endings["crasher", "board"]["cause"] == "crash"
    assert endings["crasher", "board"]["telltale"]["exception"] == "ValueError"


def test_two_firms_cannot_use_one_name_for_their_solutions(office, tmp_path):
    demand = register_line(office, tmp_path)
    hand_in(office, demand, "good", firm="one")

    with pytest.raises(SubmissionError, match="taken"):
        hand_in(office, demand, "good", firm="another")
    hand_in(office, demand, "good", firm="one")


def test_a_demand_whose_office_died_before_recording_it_is_recorded_once(
    office, tmp_path, monkeypatch
):
    with monkeypatch.context() as dying:
        dying.setattr(office, "record", lambda found: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            register_line(office, tmp_path)
    assert len(office.workspace.log) == 0

    hand_in(office, "line", "good")
    hand_in(office, "line", "good")

    kinds = [e.statement.predicate_type.rsplit("/", 2)[1] for e in office.workspace.log.entries()]
    assert kinds == ["demand", "submission", "submission"]
