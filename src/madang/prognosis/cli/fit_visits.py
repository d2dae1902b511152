"""`madang prognosis fit-visits`: files of patients and visits become a model that follows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.prognosis.cli.group import EXISTING, data_option, prognosis

if TYPE_CHECKING:
    from madang.prognosis.engine.dynamic.fitting import FromVisits

_OUT = click.Path(dir_okay=False, path_type=Path)


@prognosis.command("fit-visits")
@data_option
@click.option("--visits", type=EXISTING, required=True, help="Visits: CSV, a row each.")
@click.option("--patient", required=True, help="Column of the patient, in both files.")
@click.option("--visited", required=True, help="Column of the visits: time since entry, from 0.")
@click.option("--time", required=True, help="Column of the follow-up, in the unit of --visited.")
@click.option("--event", required=True, help="Column of the end: 1 event, 0 none (censored).")
@click.option(
    "--competing", type=click.IntRange(2), help="Code in --event of an end that rules it out."
)
@click.option("--last", type=float, required=True, help="Until when after entry it answers.")
@click.option("--horizon", type=float, required=True, help="How far ahead it answers.")
@click.option("--window", type=float, required=True, help="How far ahead its quality is told.")
@click.option(
    "--unit",
    type=click.Choice(["day", "week", "month", "year"]),
    default="day",
    show_default=True,
    help="Of all times.",
)
@click.option("--leave-out", multiple=True, help="A column that must not predict; repeatable.")
@click.option("--category", multiple=True, help="A column whose numbers are names; repeatable.")
@click.option("--seed", type=int, default=0, show_default=True, help="Deals the folds.")
@click.option("--out", type=_OUT, required=True, help="The model: one file without code.")
@click.option("--rows", type=_OUT, help="Also what it learnt from, without names, for the site.")
@as_json_option
def fit_visits(
    data: Path, visits: Path, out: Path, rows: Path | None, *, as_json: bool, **chosen: Any
) -> None:
    """방문 모형 학습 · Fit a model that answers anew at every visit, and write one file.

    방문할 때마다 그때까지의 값으로 답하는 모형입니다. 성적은 학습에서 보지 않은 환자의 것입니다.

    Quality is told on patients whom the models had not seen, two years ahead or whatever --window
    says, at each of the landmarks.

    Exit codes: 0 written, 3 a row, a column or a file cannot be used.
    """
    from madang.prognosis.engine.cohort_file import OutcomeColumns
    from madang.prognosis.engine.dynamic import fitting
    from madang.prognosis.engine.model_file import write_model

    found = fitting.fit_visit_files(
        data,
        visits,
        OutcomeColumns(chosen["time"], chosen["event"], chosen["competing"]),
        keyed=fitting.VisitColumns(chosen["patient"], chosen["visited"]),
        span=fitting.Span(chosen["last"], chosen["horizon"], chosen["window"]),
        leave_out=chosen["leave_out"],
        categories=chosen["category"],
        unit=chosen["unit"],
        seed=chosen["seed"],
    )
    digest = write_model(found.model, out)
    if rows is not None:
        rows.write_bytes(found.rows)
    facts = {"model": str(out), "digest": digest, **found.model.facts, "left_out": found.left_out}
    say(facts, as_json=as_json, text=f"{quality_told(found)}\n{_written(out, digest)}")


def _written(out: Path, digest: str) -> str:
    return str(words(f"{out}: 해시값 {digest}", f"{out}: digest {digest}"))


def quality_told(found: FromVisits) -> str:
    """How good a model of visits is, as a terminal says it."""
    told, facts = found.quality, found.model.facts
    events = " + ".join(map(str, facts["events"]))
    lines = [
        words(
            f"환자 {facts['patients']}명, 방문 {facts['visits']:,}건, 사건 {events}건",
            f"{facts['patients']} patients, {facts['visits']:,} visits, {events} events",
        ),
        words(
            f"보지 않은 환자, {told.window:g} 뒤: AUC {told.auc:.3f}, 브라이어 {told.brier:.4f}",
            f"Patients not seen, {told.window:g} ahead: AUC {told.auc:.3f}, Brier "
            f"{told.brier:.4f}",
        ),
        words(
            f"보정: 기울기 {told.slope:.3f}, ICI {told.ici:.4f}, E90 {told.e90:.4f}, "
            f"실제/예측 {told.observed_to_expected:.3f}",
            f"Calibration: slope {told.slope:.3f}, ICI {told.ici:.4f}, E90 {told.e90:.4f}, "
            f"observed/expected {told.observed_to_expected:.3f}",
        ),
    ]
    for each in told.landmarks:
        lines.append(
            words(
                f"  등록 뒤 {each.at:6.0f}: {each.patients:4d}명, AUC {each.auc:.3f}, "
                f"예측 {100 * each.predicted:4.1f}%, 실제 {100 * each.observed:4.1f}%",
                f"  {each.at:6.0f} after entry: {each.patients:4d}, AUC {each.auc:.3f}, "
                f"predicted {100 * each.predicted:4.1f} %, observed {100 * each.observed:4.1f} %",
            )
        )
    return "\n".join(map(str, lines))
