"""`madang prognosis dossier`: what an ethics board or a journal asks of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.prognosis.cli.group import EXISTING, digest_option, opened, prognosis

if TYPE_CHECKING:
    from madang.kernel.words import Language
    from madang.prognosis.engine.dossier.dossier import Dossier
    from madang.prognosis.engine.dossier.record import Record


@prognosis.command()
@click.argument("model", type=EXISTING)
@click.option(
    "--data", type=EXISTING, help="Other patients on whom to try the model: CSV, as for validate."
)
@click.option("--about", type=EXISTING, help="What the team itself tells: YAML, ko and en each.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for dossier.pdf, dossier.html and dossier.json.",
)
@click.option(
    "--language",
    type=click.Choice(["ko", "en"]),
    default="ko",
    show_default=True,
    help="Of the PDF; the page and the JSON hold both.",
)
@digest_option
@as_json_option
def dossier(model: Path, out: Path, digest: str | None, *, as_json: bool, **chosen: Any) -> None:
    """설명서 · Write a model's dossier: card, TRIPOD+AI and PROBAST+AI from its own record.

    Exit codes: 0 written, 3 the model, a row, a column or the YAML cannot be used.
    """
    from madang.prognosis.engine.dossier.about import read_about
    from madang.prognosis.engine.dossier.answers import counted
    from madang.prognosis.engine.dossier.dossier import dossier as made_of

    about = {} if chosen["about"] is None else read_about(chosen["about"].read_bytes())
    made = made_of(_record(model, digest, chosen["data"]), about)
    files = _written(made, chosen["language"])
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    counts = counted(made.tripod)
    facts = {"folder": str(out), "files": sorted(files), "model": made.record.digest}
    text = words(
        f"{out}: 파일 {len(files)}개. TRIPOD+AI 보고됨 {counts['reported']}, 일부 보고 "
        f"{counts['partly']}, 보고되지 않음 {counts['not reported']}",
        f"{out}: {len(files)} files. TRIPOD+AI reported {counts['reported']}, partly "
        f"{counts['partly']}, not reported {counts['not reported']}",
    )
    say({**facts, "tripod": counts}, as_json=as_json, text=str(text))


def _record(path: Path, digest: str | None, data: Path | None) -> Record:
    from madang.kernel import ids
    from madang.kernel.errors import InputError
    from madang.prognosis.engine.cohort_file import OutcomeColumns, read_watched
    from madang.prognosis.engine.dossier import from_visits
    from madang.prognosis.engine.dossier.from_model import record
    from madang.prognosis.engine.dynamic.model import VisitModel
    from madang.prognosis.engine.stack.evaluation import beside
    from madang.prognosis.engine.stack.validation import validate
    from madang.prognosis.engine.table import columns, read_table

    found = opened(path, digest)
    if isinstance(found.model, VisitModel):
        if data is not None:
            raise InputError(
                words("방문 모형에 붙인 --data", "--data beside a model of visits"),
                words("등록 때 답하는 모형", "a model of entry"),
                words("--data를 빼십시오.", "Leave --data out."),
            )
        return from_visits.record(found.model, found.digest)
    if data is None:
        return record(found.model, found.digest)
    table = read_table(data)
    watched = read_watched(table, OutcomeColumns(**found.model.facts["outcome"]))
    values = columns(table, found.model.declared)
    return record(
        found.model,
        found.digest,
        validation=validate(found.model, values, watched),
        beside=beside(found.model, values, watched, data_sha256=ids.digest(data.read_bytes())),
    )


def _written(made: Dossier, language: Language) -> dict[str, bytes]:
    from madang.prognosis.engine.dossier import paper
    from madang.prognosis.engine.dossier.dossier import as_json

    return {
        "dossier.json": as_json(made),
        "dossier.html": paper.html(made),
        "dossier.pdf": paper.pdf(made, language),
    }
