"""What enters the log names its subject by digest and says no more than a firm may see."""

from __future__ import annotations

import rfc8785

from madang.kernel import ids
from madang.kernel.jobs.record import JobRun
from madang.kernel.words import words
from madang.trials.engine import statements
from madang.trials.engine.submission import Submission

PARAMETERS = {"submission": "submission-1", "demand": "line", "part": "board", "firm": "f"}


def run(**more) -> JobRun:
    return JobRun(
        id="run-1-board", job="trials.run", parameters=PARAMETERS, attempts=3, priority=0,
        limit_s=1.0, enqueued_s=0.0, **more,
    )  # fmt: skip


def test_a_scored_run_names_its_answers():
    result = {
        "answers": "00" * 32,
        "mark": "ab" * 32,
        "release": {"improved": True},
        "exact": {"wall_s": 1.5},
    }

    found = statements.ended(run(state="done", result=result), "cd" * 32)

    assert found.subjects == {"answers/run-1-board": "ab" * 32}
    assert found.predicate["state"] == "done"
    assert found.predicate["release"] == {"improved": True}
    assert "wall_s" not in str(found.predicate)


def test_a_failed_run_names_itself_and_its_cause():
    detail = {"telltale": {"phase": "fit"}, "exact": {"wall_s": 1.5, "cgroup": "v2"}, "bits": 9.0}

    found = statements.ended(run(state="failed", cause="crash", detail=detail), "cd" * 32)

    assert found.subjects == {"run/run-1-board": ids.digest(b"run-1-board")}
    assert (found.predicate["cause"], found.predicate["telltale"]) == ("crash", {"phase": "fit"})
    assert found.predicate["cgroup"] == "v2"
    assert "wall_s" not in str(found.predicate)


def test_a_submission_is_known_by_the_digest_of_tier_and_files():
    files = {"solution.py": "ab" * 32}
    taken = Submission(
        id="submission-1", demand="line", firm="가나", name="n", title=words("가", "a"),
        tier="python", files=files, received="2025-07-04T00:00:00Z",
    )  # fmt: skip

    found = statements.received(taken)

    expected = ids.digest(rfc8785.dumps({"tier": "python", "files": files}))
    assert found.subjects == {"submission/submission-1": expected}
    assert found.predicate["firm"] == "가나"
