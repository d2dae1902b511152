"""`madang prognosis read-fhir`: which tables does a model read from a hospital's record?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.prognosis.cli.group import prognosis

if TYPE_CHECKING:
    from madang.prognosis.engine.fhir.intake import Intake
    from madang.prognosis.engine.fhir.plausibility import Usable
    from madang.prognosis.engine.fhir.tables import Tables


@prognosis.command("read-fhir")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE…"
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder of the tables; it is made if it does not stand.",
)
@click.option(
    "--competing",
    multiple=True,
    metavar="CODE",
    help="A procedure that ends the observation, such as a transplant. May be given again.",
)
@as_json_option
@click.pass_context
def read_fhir(
    ctx: click.Context,
    files: tuple[Path, ...],
    out: Path,
    competing: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """진료기록 읽기 · Read FHIR R4 (NDJSON or a Bundle) or a folder of OMOP tables.

    patients.csv, visits.csv, conditions.csv, treatments.csv와 outcome.json을 씁니다.
    outcome.json에는 거절하거나 쓰지 않은 까닭과 건수가 모두 있습니다.

    Writes patients.csv, visits.csv, conditions.csv, treatments.csv, and outcome.json with every
    refusal and the counts.

    Exit codes: 0 all was used, 1 something was refused or left out, 3 nothing could be read.
    """
    from madang.kernel import clock
    from madang.prognosis.engine.fhir.plausibility import usable
    from madang.prognosis.engine.fhir.tables import tables

    intake = _read(files)
    found = usable(intake.record, clock.now())
    made = tables(found, competing=competing)
    facts = _facts(intake, found, made)
    _write(out, made, intake, found, facts)
    say(facts, as_json=as_json, text=_told(facts, out))
    quiet = all(each.severity == "information" for each in (*intake.issues, *found.issues))
    ctx.exit(0 if quiet else 1)


def _read(files: tuple[Path, ...]) -> Intake:
    from madang.kernel.errors import InputError
    from madang.prognosis.engine.fhir.intake import Intake, read_file
    from madang.prognosis.engine.fhir.omop import read_omop

    if any(each.is_dir() for each in files):
        if len(files) > 1:
            raise click.UsageError("Name one folder of OMOP tables, or files of FHIR.")
        return read_omop(files[0])
    intake = Intake()
    for each in files:
        read_file(each, intake)
    if not intake.lines:
        told = ", ".join(each.name for each in files)
        raise InputError(
            words(f"{told}: 빈 파일", f"nothing in {told}"),
            words("FHIR R4의 NDJSON이나 Bundle", "NDJSON or a Bundle of FHIR R4"),
        )
    return intake


def _facts(intake: Intake, found: Usable, made: Tables) -> dict[str, Any]:
    return {
        "read": intake.counts(),
        "used": {
            "patients": made.patients.height,
            "events": made.patients.filter(made.patients["event"] == 1).height,
            "competing": made.patients.filter(made.patients["event"] == 2).height,
            "visits": made.visits.height,
            "values": len(found.values),
            "conditions": made.conditions.height,
            "treatments": made.treatments.height,
        },
        "left_out": dict(sorted(found.left_out.items())),
    }


def _write(out: Path, made: Tables, intake: Intake, found: Usable, facts: dict[str, Any]) -> None:
    from madang.prognosis.engine.fhir.issues import operation_outcome
    from madang.prognosis.engine.fhir.strict_json import write_json

    out.mkdir(parents=True, exist_ok=True)
    for name in ("patients", "visits", "conditions", "treatments"):
        getattr(made, name).write_csv(out / f"{name}.csv")
    issues = [*intake.issues, *found.issues]
    told = facts | {
        "issues": [each.facts() for each in issues],
        "operation_outcome": operation_outcome(issues),
    }
    (out / "outcome.json").write_text(f"{write_json(told)}\n", encoding="utf-8")


def _told(facts: dict[str, Any], out: Path) -> str:
    read, used, left = facts["read"], facts["used"], facts["left_out"]
    lines = [
        words(
            f"자원 {read['kept']:,}건을 받고 {read['refused']:,}건을 거절했습니다.",
            f"{read['kept']:,} resources kept, {read['refused']:,} refused.",
        ),
        words(
            f"환자 {used['patients']:,}명(사망 {used['events']:,}명), 방문 {used['visits']:,}건, "
            f"검사값 {used['values']:,}개",
            f"{used['patients']:,} patients ({used['events']:,} died), {used['visits']:,} visits, "
            f"{used['values']:,} values",
        ),
    ]
    if left:
        rows = ", ".join(f"{rule} {count:,}" for rule, count in left.items())
        lines.append(words(f"쓰지 않은 자료: {rows}", f"Left out: {rows}"))
    lines.append(words(f"결과: {out}", f"Written to {out}"))
    return "\n".join(map(str, lines))
