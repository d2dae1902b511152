"""How does a closed trial become a signed report? Three renderings, one bundle of evidence.

The HTML, the PDF and the JSON each carry the whole chain: every statement that the report rests
on, its inclusion in the log, and the log's signed checkpoint. Each is checked alone and offline.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel import ids
from madang.kernel.evidence import canonical
from madang.kernel.evidence.bundle import collect, document_statement
from madang.kernel.evidence.seal import Kind, seal
from madang.trials.engine.environment import environment_versions
from madang.trials.engine.report import document
from madang.trials.engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from madang.kernel.evidence.log import Entry, Log
    from madang.kernel.jobs.record import JobRun
    from madang.trials.engine.paper import Paper
    from madang.trials.engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Published:
    """Where the report lies."""

    html: Path
    pdf: Path
    json: Path
    key: Path

    def plain(self) -> dict[str, str]:
        """Paths as text."""
        return {name: str(path) for name, path in vars(self).items()}


def record(paper: Paper) -> dict[str, Any]:
    """Everything that was found, as plain JSON."""
    folder, comparison = paper.folder, paper.comparison
    by_id = {each.id: each for each in paper.submissions}
    return _plain(
        {
            "demand": {
                "name": folder.name,
                "digest": folder.registration["digest"],
                "plain": folder.demand.plain,
            },
            "registration": {k: v for k, v in folder.registration.items() if k != "frame"},
            "environment": environment_versions(folder.demand.wheels),
            "submissions": [each.plain() for each in paper.submissions],
            "ranking": [_rank(paper, place, name) for place, name in enumerate(paper.ranking, 1)],
            "comparison": comparison,
            "decision": paper.decision.plain(),
            "endings": [
                ending(run, by_id[run.parameters["submission"]].name) for run in paper.runs
            ],
            "board": {"rows": list(paper.board), "bits": paper.bits},
            **({"panel": dict(paper.panel)} if paper.panel else {}),
            "closed": paper.closed,
        }
    )


def _rank(paper: Paper, place: int, name: str) -> dict[str, Any]:
    score = paper.comparison["primary"]["scores"][name]
    against = paper.comparison["primary"]["against_baseline"].get(name)
    return {
        "rank": place,
        "solution": name,
        "title": {"ko": paper.titles[name].ko, "en": paper.titles[name].en},
        "metric": paper.comparison["primary"]["metric"],
        "score": score["estimate"],
        "interval": [score["low"], score["high"]],
        "difference_from_baseline": None if against is None else against["difference"],
        "difference_interval": None if against is None else [against["low"], against["high"]],
        "scores": paper.comparison["all"][name],
        "adopted": name == paper.decision.adopted,
    }


def ending(run: JobRun, solution: str) -> dict[str, Any]:
    """How a run ended, as its firm may see it."""
    result = run.result or run.detail or {}
    return {
        "solution": solution,
        "run": run.id,
        "part": run.parameters["part"],
        "state": "scored" if run.state == "done" else run.state,
        "cause": run.cause,
        "telltale": result.get("telltale", {}),
        "answers": result.get("mark", ""),
        **({"reason": {"ko": result["ko"], "en": result["en"]}} if "ko" in result else {}),
    }


def render(paper: Paper) -> dict[Kind, bytes]:
    """The three bodies of the report, before they are sealed."""
    from madang.kernel.report.html import html
    from madang.kernel.report.pdf import pdf

    told = document(paper)
    return {"html": html(told), "pdf": pdf(told), "json": canonical.encode(record(paper))}


def sign(
    log: Log, demand: str, bodies: Mapping[Kind, bytes], entries: Sequence[Entry]
) -> dict[Kind, bytes]:
    """The bodies as sealed documents; the statement that names them enters the log.

    Args:
        log: Signs, and holds the entries.
        demand: Whose report it is.
        bodies: What `render` gave.
        entries: The log's entries on which the report rests.
    """
    subjects = {f"report.{kind}": ids.digest(body) for kind, body in bodies.items()}
    (entry,) = log.append([document_statement(subjects, entries, demand=demand)])
    bundle = collect(log, entry, entries)
    return {kind: seal(body, kind, bundle) for kind, body in bodies.items()}


def publish(
    workspace: Workspace, paper: Paper, entries: Sequence[Entry], folder: Path
) -> Published:
    """Write the report: the statement of its three bodies enters the log, then each is sealed.

    Args:
        workspace: Its log signs.
        paper: The facts.
        entries: The log's entries on which the report rests.
        folder: Where the files go; they replace earlier ones whole.
    """
    sealed = sign(workspace.log, paper.folder.name, render(paper), entries)
    folder.mkdir(parents=True, exist_ok=True)
    for kind, content in sealed.items():
        write_whole(folder / f"report.{kind}", content)
    key = folder / "evidence.pub"
    write_whole(key, workspace.public_key_file.read_bytes())
    return Published(
        html=folder / "report.html",
        pdf=folder / "report.pdf",
        json=folder / "report.json",
        key=key,
    )


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(value))
    return plain
