"""What is one measurement, and how is a table of them written?"""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One line of a bench table.

    `goal` is the sentence that was promised; `kept` is computed by the bench from the figure.
    """

    what: str
    figure: str
    peer: str = ""
    """The peer's figure from the same run, or what the figure is compared with."""
    goal: str = ""
    kept: bool | None = None
    how: str = ""
    """Runs, sizes, statistic: enough to repeat it."""


def median_cpu_s(work: Callable[[], object], *, times: int) -> float:
    """Median processor seconds of some runs, after one to warm up."""
    work()
    taken = []
    for _ in range(times):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def as_markdown(title: str, rows: Sequence[Measurement], command: str) -> str:
    """The table as a page of the documentation."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines = [
        f"# {title}",
        "",
        f"`{command}`, {clock.now():%Y-%m-%d}, {machine}.",
        "",
        "| what | measured | beside | goal | kept | how |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        kept = {True: "yes", False: "**no**", None: ""}[row.kept]
        lines.append(
            f"| {row.what} | {row.figure} | {row.peer} | {row.goal} | {kept} | {row.how} |"
        )
    return "\n".join(lines) + "\n"


def write(folder: Path, area: str, rows: Sequence[Measurement]) -> Path:
    """Write the table of one area to `docs/bench/<area>.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{area}.md"
    page.write_text(as_markdown(f"Measured: {area}", rows, f"make bench-{area}"), encoding="utf-8")
    return page
