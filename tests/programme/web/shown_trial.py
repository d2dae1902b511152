"""What a trial leaves in the evidence log and the object store, for tests of indicators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from madang.kernel import ids
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.portal import objects
from madang.portal.log import append

FILES = {"solution.py": b"def predict(): ...", "weights.bin": b"1 2 3"}


def said(noun: str, subject: str, **predicate: Any) -> int:
    """A statement of another system in the log; its place there."""
    statement = Statement(
        subjects={subject: ids.digest(subject.encode())},
        predicate_type=predicate_type(noun),
        predicate=predicate,
    )
    (entry,) = append([statement])
    return entry.index


def demand(name: str = "heart", task: str = "prognosis.survival", *, posted: bool = True) -> int:
    """A sealed demand, posted unless said otherwise."""
    place = said("demand", f"demand/{name}", demand=name, task={"name": task})
    if posted:
        said("demand-posted", f"demand/{name}", thing=f"demand/{name}", of="agency")
    return place


def handed_in(name: str = "s1", to: str = "heart", files: dict[str, bytes] | None = None) -> int:
    """A firm's solution, its files in the store."""
    files = FILES if files is None else files
    kept = {each: objects.objects().put(content) for each, content in files.items()}
    return said(
        "submission",
        f"submission/{name}",
        **{"id": name, "demand": to, "files": kept, "firm": "새벽인공지능"},
        digest=ids.digest(repr(sorted(kept.items())).encode()),
    )


def run(of: str = "s1", to: str = "heart", state: str = "done", part: str = "board") -> int:
    """The end of a run."""
    return said("run", f"run/{of}-{part}", submission=of, demand=to, state=state, part=part)


def tried() -> int:
    """A whole trial with one solution; the place of its run in the log."""
    demand()
    handed_in()
    return run()


def place_of(content: bytes) -> Path:
    """The file of the object store that holds a content."""
    digest = ids.digest(content)
    return Path(settings.OBJECTS) / digest[:2] / digest
