"""The acts of a trial on the toys, in one line each."""

from __future__ import annotations

from pathlib import Path

from madang.kernel.jobs.record import JobRun
from madang.kernel.words import words
from madang.trials.engine.office import Office
from madang.trials.engine.submission import Submission
from tests.trials.toys import LINE_SOLUTIONS, SEARCH_SOLUTIONS, line_data, search_data

LINE_DEMAND = """
demand: line
title: {ko: 직선, en: Line}
ministry: {ko: 시험부, en: Ministry of Tests}
problem: {ko: 직선을 찾습니다., en: Find the line.}
task: {name: toys.line, options: {}}
data:
  id: id
  group: site
  inputs:
    - {name: x, kind: number, unit: m}
    - {name: colour, kind: category, levels: [파랑, 빨강]}
  outcomes:
    - {name: y, kind: number, unit: m}
parts: {open: 0.3, board: 0.3, final: 0.4}
seed: 7
tiers: [predictions, onnx, python]
limits: {wall_s: 20, memory_mb: 512}
quota: {submissions: 3}
decision: {metric: absolute_loss, baseline: median, rule: superiority, secondary: [hit_score]}
subgroups: [colour]
minimum_cell: 5
"""

SEARCH_DEMAND = """
demand: search
title: {ko: 숫자 찾기, en: Search}
ministry: {ko: 시험부, en: Ministry of Tests}
problem: {ko: 숫자를 찾습니다., en: Find the number.}
task: {name: toys.search}
data:
  id: id
  inputs: [{name: hint, kind: integer}]
  outcomes: [{name: target, kind: integer}]
parts: {open: 0.25, board: 0.35, final: 0.4}
seed: 7
tiers: [python]
limits: {wall_s: 20, memory_mb: 512, step_s: 2}
quota: {submissions: 5}
decision: {metric: turns_used, baseline: upwards, rule: superiority}
"""


def register_line(office: Office, tmp_path: Path, *, text: str = LINE_DEMAND, **data) -> str:
    """Register the line demand from a CSV file."""
    table = tmp_path / "line.csv"
    line_data(200, **data).write_csv(table)
    registered = office.register(text, table=str(table))
    assert not registered.leaks
    return registered.facts["demand"]


def register_search(office: Office, tmp_path: Path) -> str:
    """Register the search demand from a Parquet file."""
    table = tmp_path / "search.parquet"
    search_data(100).write_parquet(table)
    return office.register(SEARCH_DEMAND, table=str(table)).facts["demand"]


def hand_in(
    office: Office, demand: str, name: str, *, firm: str = "", source: str = ""
) -> Submission:
    """Submit one of the toy solutions as Python source."""
    known = SEARCH_SOLUTIONS if demand == "search" else LINE_SOLUTIONS
    content = source or known[name]
    return office.submit(
        demand,
        firm=firm or f"firm_{name}",
        name=name,
        title=words(name, name),
        tier="python",
        files={"solution.py": content.encode()},
    )


def runs_by_name(office: Office, demand: str, part: str = "board") -> dict[str, JobRun]:
    """Solution → its run on a part."""
    return {
        office.proceedings.submission(run.parameters["submission"]).name: run
        for run in office.proceedings.demand_runs(demand, part)
    }
