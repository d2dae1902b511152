"""`madang prognosis predict`: a curve, its interval and a bound for every patient of a file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.prognosis.cli.group import (
    EXISTING,
    data_option,
    digest_option,
    fractions,
    prognosis,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from madang.prognosis.engine.outside.model import OutsideModel
    from madang.prognosis.engine.stack.model import Model, Prediction


@prognosis.command()
@click.argument("model", type=EXISTING)
@data_option
@click.option("--times", required=True, help="Times, separated by commas: 365,730,1825.")
@click.option(
    "--intervals/--no-intervals",
    default=True,
    help="Whether to compute intervals; without them it is five times quicker.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="CSV: a row a patient, in the order of the data.",
)
@digest_option
@as_json_option
def predict(
    model: Path,
    data: Path,
    times: str,
    out: Path,
    digest: str | None,
    *,
    intervals: bool,
    as_json: bool,
) -> None:
    """예측 · Predict survival at each time, with its interval, or refuse in a sentence.

    MODEL is a file of `fit` or `recalibrate`, or a published model, which has no intervals.

    Exit codes: 0 written, 3 the model, a row or a column cannot be used.
    """
    from madang.prognosis.cli.tested import either
    from madang.prognosis.engine.outside import model as outside
    from madang.prognosis.engine.stack import model as answering
    from madang.prognosis.engine.table import columns, read_table

    wanted = fractions(times)
    found, own = either(model, digest)
    table = read_table(data)
    values = columns(table, list(found.declared))
    if isinstance(found, outside.OutsideModel):
        answer, intervals = outside.predict(found, values, wanted), False
    else:
        answer = answering.predict(found, values, wanted, intervals=intervals)
    with out.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            _rows(found, answer, wanted, intervals=intervals)
        )
    refused = sum(each is not None for each in answer.refusals)
    facts = {"file": str(out), "patients": table.rows, "refused": refused, "model": own}
    said = words(
        f"{out}: 환자 {table.rows}명, 예측하지 않음 {refused}명",
        f"{out}: {table.rows} patients, {refused} refused",
    )
    say(facts, as_json=as_json, text=str(said))


def _rows(
    model: Model | OutsideModel, answer: Prediction, times: Sequence[float], *, intervals: bool
) -> list[list[Any]]:
    """A header, then a patient a row; cells of a refused patient are empty but for the reason."""
    causes = model.causes if model.causes > 1 else 0
    header: list[Any] = ["row"]
    for time in times:
        header.append(f"survival_{time:g}")
        header += [f"survival_{time:g}_low", f"survival_{time:g}_high"] if intervals else []
        header += [f"incidence_{cause + 1}_{time:g}" for cause in range(causes)]
    promise = [] if model.bound is None else [f"free_until_{model.bound.share * 100:g}"]
    lines = [[*header, *promise, "refused"]]
    for row, reason in enumerate(answer.refusals):
        cells: list[float] = []
        for place in range(len(times)):
            cells.append(answer.survival[row, place])
            cells += [answer.low[row, place], answer.high[row, place]] if intervals else []
            cells += answer.incidences[row, place, :causes].tolist()
        cells += [answer.bound[row]] if promise else []
        shown = [float(cell) if reason is None else "" for cell in cells]
        lines.append([row + 2, *shown, "" if reason is None else str(reason)])
    return lines
