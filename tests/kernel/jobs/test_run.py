"""The same plain function gives the same answer wherever it runs."""

from __future__ import annotations

import os
from typing import Any

import pytest

from madang.kernel import systems
from madang.kernel.errors import InputError, MissingExtra
from madang.kernel.jobs.errors import NotPlain
from madang.kernel.jobs.run import Executor, run
from madang.kernel.systems import System
from madang.kernel.words import Words, words
from tests.kernel.jobs.samples import HERE

each_executor = pytest.mark.parametrize("executor", ["here", "pool"])


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A house with one system that offers one job."""
    manifest = System(
        name="room",
        title_ko="방",
        title_en="Room",
        sentence_ko="",
        sentence_en="",
        lines=(),
        jobs={"double": f"{HERE}:double"},
    )
    monkeypatch.setattr(systems, "manifest", {"room": manifest}.__getitem__)


@each_executor
def test_a_job_gives_its_result_and_tells_its_progress_in_order(executor: Executor) -> None:
    told: list[tuple[float, Words | str]] = []

    result = run(
        f"{HERE}:double",
        {"n": 21, "글": "가"},
        executor=executor,
        progress=lambda share, text: told.append((share, text)),
    )

    assert (result["n"], result["글"]) == (42, "가")
    assert told == [(0.0, words("시작", "start")), (0.5, "half")]


def test_the_executor_decides_the_process() -> None:
    assert run(f"{HERE}:double", {"n": 1})["pid"] == os.getpid()
    assert run(f"{HERE}:double", {"n": 1}, executor="pool")["pid"] != os.getpid()


@pytest.mark.usefixtures("room")
def test_a_manifest_name_runs_the_job_it_stands_for() -> None:
    assert run("room.double", {"n": 4})["n"] == 8


@pytest.mark.usefixtures("room")
def test_an_unknown_job_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"room\.double"):
        run("room.triple", {"n": 4})


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(InputError, match="'os'"):
        run("os.system", {})


@each_executor
def test_what_the_job_raises_comes_out_unchanged(executor: Executor) -> None:
    with pytest.raises(InputError, match="3 rows") as caught:
        run(f"{HERE}:refuse", {}, executor=executor)
    assert caught.value.expected == words("행 4개", "4 rows")

    with pytest.raises(MissingExtra, match="prognosis"):
        run(f"{HERE}:lack", {}, executor=executor)

    with pytest.raises(ZeroDivisionError):
        run(f"{HERE}:break_down", {"zero": 0}, executor=executor)


@each_executor
@pytest.mark.parametrize("parameters", [{"n": (1,)}, {"n": float("nan")}, [1], None])
def test_parameters_that_are_no_json_are_refused_before_the_job_begins(
    executor: Executor, parameters: Any
) -> None:
    with pytest.raises(NotPlain, match="^parameters"):
        run(f"{HERE}:break_down", parameters, executor=executor)


@each_executor
def test_a_result_that_is_no_json_is_a_defect_with_its_place(executor: Executor) -> None:
    with pytest.raises(NotPlain, match=r"^result\.scores\[1\] is tuple"):
        run(f"{HERE}:tuple_result", {}, executor=executor)


def test_without_the_extra_ray_its_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)

    with pytest.raises(MissingExtra, match=r"madang\[ray\]"):
        run(f"{HERE}:double", {"n": 1}, executor="ray")
