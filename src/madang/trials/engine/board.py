"""What does the board show, and how many bits has it let out of the seal?

One row a firm: its best *released* score. A release is decided by the Ladder under a lock, and
written down under the run's name before the run ends, so that a worker killed in between neither
scores twice nor releases twice.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.trials.engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from madang.trials.engine.workspace import DemandFolder, Workspace

_TABLE = """
create table if not exists releases (
    number integer primary key autoincrement,
    run text not null unique,
    demand text not null,
    firm text not null,
    answers text not null,
    improved integer not null,
    facts text not null
)
"""


@dataclass(frozen=True, kw_only=True)
class Release:
    """What the board was allowed to say after one run."""

    run: str
    firm: str
    answers: str
    improved: bool
    facts: dict[str, Any]
    """`shown`, `step`, `bits`, and the interval of an improvement."""


class Ledger:
    """Every release of a workspace, in order; the lock and the ledger make each happen once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._file: Path = workspace.folder / "board.sqlite3"

    def release(
        self,
        *,
        run: str,
        demand: str,
        firm: str,
        answers: str,
        decide: Callable[[Release | None], dict[str, Any]],
    ) -> Release:
        """The release of this run: the one written down, else the one that `decide` gives now.

        Args:
            run: Identifier of the run.
            demand: The demand.
            firm: Who handed it in.
            answers: Digest of its answers.
            decide: decide(best so far, or None) → facts with `improved`.
        """
        with self._workspace.locked(f"board-{demand}"):
            earlier = self.releases(demand, firm)
            for known in earlier:
                if known.run == run:
                    return known
            best = next((each for each in reversed(earlier) if each.improved), None)
            facts = decide(best)
            new = Release(
                run=run, firm=firm, answers=answers, improved=bool(facts["improved"]), facts=facts
            )
            self._write(demand, new)
            return new

    def releases(self, demand: str, firm: str | None = None) -> list[Release]:
        """The releases of a demand, or of one firm, in their order."""
        if not self._file.exists():
            return []
        query = "select run, firm, answers, improved, facts from releases where demand = ?"
        arguments = [demand]
        if firm is not None:
            query, arguments = query + " and firm = ?", [demand, firm]
        with closing(self._open()) as rows:
            found = rows.execute(query + " order by number", arguments).fetchall()
        return [
            Release(
                run=run,
                firm=name,
                answers=answers,
                improved=bool(improved),
                facts=json.loads(facts),
            )
            for run, name, answers, improved, facts in found
        ]

    def bits(self, demand: str) -> float:
        """Bits that the board let out of the seal, over all firms."""
        return float(sum(each.facts["bits"] for each in self.releases(demand)))

    def _open(self) -> sqlite3.Connection:
        rows = sqlite3.connect(self._file, timeout=30)
        rows.execute("pragma synchronous=full")
        rows.execute(_TABLE)
        return rows

    def _write(self, demand: str, new: Release) -> None:
        with closing(self._open()) as rows, rows:
            rows.execute(
                "insert into releases (run, demand, firm, answers, improved, facts)"
                " values (?, ?, ?, ?, ?, ?)",
                (new.run, demand, new.firm, new.answers, new.improved, json.dumps(new.facts)),
            )


def board_rows(ledger: Ledger, demand: str) -> list[dict[str, Any]]:
    """One row a firm with a released score: its best, its run, and how often it asked."""
    best: dict[str, Release] = {}
    asked: dict[str, int] = {}
    for each in ledger.releases(demand):
        asked[each.firm] = asked.get(each.firm, 0) + 1
        if each.improved:
            best[each.firm] = each
    return [
        {
            "firm": firm,
            "run": release.run,
            "shown": release.facts["shown"],
            "interval": release.facts.get("interval"),
            "releases": asked[firm],
        }
        for firm, release in best.items()
    ]


def shown_baselines(folder: DemandFolder, ask: Callable[..., Any]) -> dict[str, Any]:
    """Name → title and score on the board part; computed once, then remembered.

    A baseline's score does not depend on any firm, so showing it again costs nothing.

    Args:
        folder: The demand's files.
        ask: Puts a question to the scorer.
    """
    file = folder.folder / "baselines.json"
    if not file.exists():
        found = ask("baselines", demand=folder.name, part="board")
        metric = folder.demand.decision.metric
        decimals = min(3, folder.scale.metrics[metric].decimals)
        rows = {
            name: {
                "ko": each["ko"],
                "en": each["en"],
                "shown": round(each["scores"][metric], decimals),
            }
            for name, each in found.items()
        }
        write_whole(file, json.dumps(rows, ensure_ascii=False).encode())
    shown: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return shown
