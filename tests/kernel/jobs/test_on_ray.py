"""On Ray a job gives what it gives here, and a dead task is a lost worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from madang.kernel.errors import InputError
from madang.kernel.jobs.errors import NotPlain, WorkerLost
from madang.kernel.jobs.run import run
from madang.kernel.words import words
from tests.house import ROOT
from tests.kernel.jobs.samples import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[None]:
    """One local session for all tests: starting Ray takes seconds."""
    from madang.kernel.jobs import on_ray

    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    with on_ray._session(on_ray._library()):
        yield


def test_a_job_gives_its_result_and_tells_its_progress() -> None:
    told: list[Any] = []

    result = run(
        f"{HERE}:double", {"n": 21}, executor="ray", progress=lambda *said: told.append(said)
    )

    assert result["n"] == 42
    assert result["pid"] != os.getpid()
    assert told == [(0.0, words("시작", "start")), (0.5, "half")]


def test_what_the_job_raises_comes_out_unchanged() -> None:
    with pytest.raises(InputError, match="3 rows"):
        run(f"{HERE}:refuse", {}, executor="ray")


def test_a_result_that_is_no_json_is_a_defect_with_its_place() -> None:
    with pytest.raises(NotPlain, match=r"^result\.scores\[1\] is tuple"):
        run(f"{HERE}:tuple_result", {}, executor="ray")


def test_a_task_that_dies_is_a_lost_worker_and_is_not_begun_again(tmp_path: Path) -> None:
    begun = tmp_path / "begun"

    with pytest.raises(WorkerLost):
        run(f"{HERE}:note_and_die", {"file": str(begun)}, executor="ray")

    assert begun.read_text() == "x"


def test_a_local_session_asks_for_a_token_and_sends_no_statistics() -> None:
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
