"""`madang prognosis fit`: a file of patients becomes a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.prognosis.cli.group import data_option, prognosis

if TYPE_CHECKING:
    from madang.prognosis.engine.fitting import FromFile


@prognosis.command()
@data_option
@click.option("--time", required=True, help="Column of the follow-up, in one unit, above 0.")
@click.option("--event", required=True, help="Column of the end: 1 event, 0 none (censored).")
@click.option(
    "--competing", type=click.IntRange(2), help="Code in --event of an end that rules it out."
)
@click.option("--entry", help="Column of delayed entry: watched only from this time on.")
@click.option("--weight", help="Column of weights above 0.")
@click.option("--group", help="Column of what stays in one fold (a hospital); does not predict.")
@click.option("--leave-out", multiple=True, help="A column that must not predict; repeatable.")
@click.option("--category", multiple=True, help="A column whose numbers are names; repeatable.")
@click.option("--seed", type=int, default=0, show_default=True, help="Deals folds and samples.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The model: one file without code, with digests.",
)
@as_json_option
def fit(data: Path, out: Path, *, as_json: bool, **chosen: Any) -> None:
    """모형 학습 · Fit the stack of models to patients, recalibrate it, and write one file.

    Exit codes: 0 written, 3 a row, a column or the file cannot be used.
    """
    from madang.prognosis.engine.cohort_file import OutcomeColumns
    from madang.prognosis.engine.fitting import fit_file
    from madang.prognosis.engine.model_file import write_model

    named = OutcomeColumns(
        *(chosen[name] for name in ("time", "event", "competing", "entry", "weight"))
    )
    found = fit_file(
        data,
        named,
        leave_out=chosen["leave_out"],
        categories=chosen["category"],
        group=chosen["group"],
        seed=chosen["seed"],
    )
    digest = write_model(found.model, out)
    facts = {
        "model": str(out),
        "digest": digest,
        **found.model.facts,
        "columns": [each["name"] for each in found.model.declared],
        "key_columns": list(found.model.scope.keys),
        "left_out": found.left_out,
        "leaks": [{"column": leak.column, "why": leak.sentence_en} for leak in found.leaks],
        "cpu_s": {"nested": found.nested_cpu_s, "refit": found.refit_cpu_s},
    }
    say(facts, as_json=as_json, text=_told(found, out, digest))


def _told(found: FromFile, out: Path, digest: str) -> str:
    facts = found.model.facts
    weights = ", ".join(f"{name} {share:.2f}" for name, share in facts["weights"].items())
    losses = facts["ibs_out_of_fold"]
    events = " + ".join(map(str, facts["events"]))
    lines = [
        words(
            f"환자 {facts['patients']}명, 사건 {events}건. 가중치: {weights}",
            f"{facts['patients']} patients, {events} events. Weights: {weights}",
        ),
        words(
            f"겉 폴드 IBS {losses['mixture']:.4f}, 재보정 후 {losses['recalibrated']:.4f} "
            f"(시점 {facts['horizon']:g}까지)",
            f"IBS out of fold {losses['mixture']:.4f}, recalibrated "
            f"{losses['recalibrated']:.4f} (until {facts['horizon']:g})",
        ),
        words(
            f"CPU {found.nested_cpu_s:.1f}초(중첩 교차검증), {found.refit_cpu_s:.1f}초(최종 적합)",
            f"CPU {found.nested_cpu_s:.1f} s nested, {found.refit_cpu_s:.1f} s final fit",
        ),
    ]
    if facts["censoring_depends_on_patient"]:
        lines.append(
            words(
                "중도절단이 환자 특성에 따라 다르므로 환자별 가중치를 썼습니다.",
                "Censoring depends on the patient: weights by patient were used.",
            )
        )
    lines += [
        words(f"주의, {each.column}: {each.sentence_ko}", f"{each.column}: {each.sentence_en}")
        for each in found.leaks
    ]
    if found.left_out:
        names = ", ".join(found.left_out)
        lines.append(words(f"쓰지 않은 열: {names}", f"Columns left out: {names}"))
    lines.append(words(f"{out}: 해시값 {digest}", f"{out}: digest {digest}"))
    return "\n".join(map(str, lines))
