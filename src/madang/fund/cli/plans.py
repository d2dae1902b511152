"""`madang fund plan`: what may the years to come bring?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from madang.fund.cli.group import common, day, fund, on_day, opened
from madang.kernel.commands import say
from madang.kernel.words import language, words


@fund.command()
@click.option(
    "--paths",
    type=click.IntRange(1, 100_000),
    default=10_000,
    show_default=True,
    help="How many random paths each scenario has.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Other paths.")
@on_day
@common
def plan(paths: int, seed: int, on: Any, folder: Path, *, as_json: bool) -> None:
    """계획 · Plan calls, distributions, cash and quotas under several suppositions.

    가정은 예시이며 예측이 아닙니다. 경로마다 우연히 다르게 진행됩니다.

    What is supposed are examples, not forecasts.

    Exit codes: 0 shown, 3 unreadable books, or no quarter left.
    """
    from madang.fund.engine import telling
    from madang.fund.engine.planning import paths as playing
    from madang.fund.engine.planning import scenarios

    book, until = opened(folder).book(), day(on)
    start = playing.start_of(book, until)
    rows = scenarios.compared(start, paths=paths, seed=seed)
    facts = [
        {**row._asdict(), "title": getattr(row.title, language()), "reached": dict(row.reached)}
        for row in rows
    ]
    titles = {each.id: each.title for each in book.terms(until).quotas}
    said = telling.plan(rows, titles, words(f"{until}부터", f"From {until}"))
    say({"on": until.isoformat(), "scenarios": facts}, as_json=as_json, text=said)
