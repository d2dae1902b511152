"""A job is a plain function: JSON in, JSON out, so that it runs here, elsewhere, or again."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from madang.kernel import systems
from madang.kernel.jobs import run
from madang.kernel.jobs.errors import NotPlain

JOBS = [
    (f"{system.name}.{job}", reference)
    for system in systems.manifests()
    for job, reference in system.jobs.items()
]


def complaint(job: Any) -> str:
    """What keeps this function from being a job; empty where it is one."""
    signature = inspect.signature(job)
    names = list(signature.parameters)
    if names != ["parameters", "progress"]:
        return f"takes {names}"
    if signature.parameters["progress"].kind is not inspect.Parameter.KEYWORD_ONLY:
        return "takes progress by position"
    told = (signature.parameters["parameters"].annotation, signature.return_annotation)
    return "" if told == ("dict[str, Any]", "dict[str, Any]") else f"promises {told}"


def test_every_job_of_a_manifest_takes_and_gives_plain_json() -> None:
    assert {name: complaint(systems.load(where)) for name, where in JOBS} == dict.fromkeys(
        (name for name, _ in JOBS), ""
    )


def test_the_check_itself_would_notice() -> None:
    def with_a_table(table: Any, *, progress: Any) -> dict[str, Any]:
        return {}

    def without_progress(parameters: dict[str, Any]) -> dict[str, Any]:
        return {}

    def with_an_object(parameters: dict[str, Any], *, progress: Any) -> object:
        return object()

    def right(parameters: dict[str, Any], *, progress: Any) -> dict[str, Any]:
        return {}

    assert all(map(complaint, (with_a_table, without_progress, with_an_object)))
    assert complaint(right) == ""


def test_what_is_no_json_is_refused_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    def job(parameters: dict[str, Any], *, progress: Any) -> dict[str, Any]:
        return {"handed back": parameters.get("wish") or {1, 2}}

    monkeypatch.setattr(systems, "load", lambda _: job)

    assert run.run("planted:job", {"wish": [1, "둘", None]}) == {"handed back": [1, "둘", None]}
    for bad in ({"set": {1}}, {"bytes": b"x"}, {1: "key"}, {"nan": float("nan")}):
        with pytest.raises(NotPlain):
            run.run("planted:job", bad)
    with pytest.raises(NotPlain):
        run.run("planted:job", {})
