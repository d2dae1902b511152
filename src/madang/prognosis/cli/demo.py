"""`madang prognosis demo`: the whole way on a real trial, from visits to a clinician's page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.prognosis.cli.fit_visits import quality_told
from madang.prognosis.cli.group import prognosis
from madang.prognosis.cli.serve import serve_site

if TYPE_CHECKING:
    from madang.kernel.words import Words

_SHOWN = 6
"""Patients of whom the terminal tells."""


@prognosis.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("prognosis-demo"),
    show_default=True,
    help="The folder of what it writes; it is made if it does not stand.",
)
@click.option("--serve/--no-serve", default=True, help="Serve the clinician's page afterwards.")
@click.option("--port", default=8000, show_default=True, help="Where the page is served.")
@as_json_option
def demo(out: Path, port: int, *, serve: bool, as_json: bool) -> None:
    """시연 · Train on a real trial, tell its quality, and serve a clinician's page.

    간 질환 임상시험(PBC) 환자의 3분의 2로 학습하고, 나머지 환자에게 답합니다. 모형이 모르는 환자는
    예측하지 않습니다.

    Two thirds of the PBC trial's patients train the model; it then answers for others, and refuses
    one whom it does not know.

    Exit codes: 0 done, 4 the trial's visits were not downloaded (the command for it is named).
    """
    from madang.prognosis.engine import demo as playing
    from madang.prognosis.engine.dossier import from_visits, paper
    from madang.prognosis.engine.dossier.dossier import dossier
    from madang.prognosis.engine.model_file import write_model

    out.mkdir(parents=True, exist_ok=True)
    played = playing.play()
    digest = write_model(played.found.model, out / "pbc.model")
    (out / "pbc.rows.parquet").write_bytes(played.found.rows)
    made = dossier(from_visits.record(played.found.model, digest), {})
    for language in ("ko", "en"):
        (out / f"dossier-{language}.pdf").write_bytes(paper.pdf(made, language))
    facts: dict[str, Any] = {
        "model": str(out / "pbc.model"),
        "digest": digest,
        "quality": played.found.quality.facts(),
        "patients": [each.facts() for each in played.patients],
        "refused": played.refused.facts(),
        "sum_rule": played.sum_rule,
    }
    lines = [words(quality_told(played.found), quality_told(played.found))]
    lines += [each.said for each in played.patients[:_SHOWN]]
    lines += [played.refused.said, _sums(played.sum_rule), _written(out, digest)]
    say(facts, as_json=as_json, text="\n".join(map(str, lines)))
    if serve and not as_json:
        serve_site(out, model=None, port=port)


def _sums(worst: float) -> Words:
    return words(
        f"사건별 위험과 생존의 합이 1에서 벗어난 최댓값: {worst:.1e}",
        f"Incidences and survival add up to 1; the worst was off by {worst:.1e}",
    )


def _written(out: Path, digest: str) -> Words:
    return words(f"{out}에 썼습니다. 모형 {digest[:12]}", f"Written to {out}. Model {digest[:12]}")
