"""`madang trials …`: register a demand, hand in solutions, run them, report, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.trials.engine.office import Office


@click.group()
def trials() -> None:
    """공공AX 실증 · Sealed trials of AI solutions on an agency's data."""


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every act of a trial takes."""
    workspace = click.option(
        "--workspace",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("madang-workspace"),
        envvar="MADANG_WORKSPACE",
        show_default=True,
        help="The folder of the trials.",
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object for programs.")
    return workspace(as_json(command))


def _office(workspace: Path) -> Office:
    from madang.trials.engine.office import Office
    from madang.trials.engine.workspace import Workspace

    return Office(Workspace(workspace))


def _say(value: Any, *, as_json: bool, text: str) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False) if as_json else text)


@trials.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the report and the workspace go.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for programs.")
def demo(out: Path, as_json: bool) -> None:
    """Show a whole trial: five solutions on a real cohort, decided and signed."""
    from madang.trials.engine.demonstration import Demonstrator

    def told(line: Any) -> None:
        click.echo(str(line), err=as_json)

    with Demonstrator(out, told) as demonstrator:
        found = demonstrator.run()
        _say(found, as_json=as_json, text=demonstrator.closing_text())


@trials.command()
@click.argument("demand", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The agency's table, CSV or Parquet. It is read by the scorer alone.",
)
@click.option(
    "--accept", multiple=True, metavar="COLUMN", help="Accept a column that was flagged as a leak."
)
@_common
@click.pass_context
def register(
    ctx: click.Context,
    demand: Path,
    data: Path,
    accept: tuple[str, ...],
    workspace: Path,
    as_json: bool,
) -> None:
    """Register a demand: check its table, split it, seal it, record it.

    Exit codes: 0 registered, 1 not registered since columns give the outcome away, 3 unreadable.
    """
    from madang.trials.engine import telling

    with _office(workspace) as office:
        text = telling.read_text(demand)
        found = office.register(text, table=str(data.absolute()), accept=accept)
        if found.leaks:
            _say({"leaks": list(found.leaks)}, as_json=as_json, text=telling.leaks(found.leaks))
            ctx.exit(1)
        _say(dict(found.facts), as_json=as_json, text=telling.registered(found.facts))


@trials.command()
@click.argument("demand")
@_common
def show(demand: str, workspace: Path, as_json: bool) -> None:
    """Show a registered demand: the form of answers, the rule, where the data are."""
    from madang.trials.engine import telling

    with _office(workspace) as office:
        folder = office.workspace.demand_folder(demand)
        _say(telling.demand_facts(folder), as_json=as_json, text=telling.demand(folder))


@trials.command()
@click.argument("demand")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--firm", required=True, help="Who hands it in.")
@click.option(
    "--name", required=True, help="Name of the solution, in letters, digits, underscores."
)
@click.option("--title-ko", default="", help="Its Korean title; the name where left out.")
@click.option("--title-en", default="", help="Its English title; the name where left out.")
@click.option(
    "--tier",
    type=click.Choice(["predictions", "onnx", "python"]),
    required=True,
    help="A predictions file, an ONNX model, or Python source with solution.py.",
)
@click.option(
    "--rehearse/--no-rehearse",
    default=True,
    help="First run it on the open sample and show everything it says.",
)
@_common
@click.pass_context
def submit(
    ctx: click.Context,
    demand: str,
    files: tuple[Path, ...],
    firm: str,
    name: str,
    title_ko: str,
    title_en: str,
    tier: Any,
    rehearse: bool,
    workspace: Path,
    as_json: bool,
) -> None:
    """Hand in a solution: files, a folder or a zip archive. `run` executes it.

    Exit codes: 0 taken in, 1 the rehearsal failed and nothing was handed in, 3 refused.
    """
    from madang.trials.engine import submission as forms
    from madang.trials.engine import telling

    with _office(workspace) as office:
        folder = office.workspace.demand_folder(demand)
        largest = folder.demand.limits.submission_mb * 2**20
        contents = forms.read_files(list(files), largest_bytes=largest)
        rehearsal = office.rehearse(demand, tier, contents) if rehearse else None
        if rehearsal is not None and rehearsal.cause is not None:
            text = telling.rehearsal(rehearsal)
            _say({"rehearsal": rehearsal.plain()}, as_json=as_json, text=text)
            ctx.exit(1)
        taken = office.submit(
            demand,
            firm=firm,
            name=forms.check_name(name),
            title=words(title_ko or name, title_en or name),
            tier=tier,
            files=contents,
        )
        facts = {"submission": taken.plain()}
        if rehearsal is not None:
            facts["rehearsal"] = rehearsal.plain()
        _say(facts, as_json=as_json, text=telling.submitted(taken, rehearsal))


@trials.command()
@_common
def run(workspace: Path, as_json: bool) -> None:
    """Execute queued runs until none is left. Several of these may run at once."""
    from madang.trials.engine import telling

    with _office(workspace) as office:
        ended: list[dict[str, Any]] = []
        office.work(lambda run: ended.append(telling.ending(office, run)))
        _say({"endings": ended}, as_json=as_json, text=telling.endings(ended))


@trials.command()
@click.argument("demand")
@_common
def board(demand: str, workspace: Path, as_json: bool) -> None:
    """Show the board: trivial baselines, released scores, bits that left the seal."""
    from madang.trials.engine import telling

    with _office(workspace) as office:
        facts = office.board(demand)
        _say(facts, as_json=as_json, text=telling.board(office, demand, facts))


@trials.command()
@click.argument("demand")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Where the report goes.",
)
@_common
def report(demand: str, out: Path, workspace: Path, as_json: bool) -> None:
    """Close a demand: final comparison, decision by the registered rule, signed report."""
    from madang.trials.engine import telling

    with _office(workspace) as office:
        paper = office.close(demand)
        published = office.publish(demand, out)
        text = telling.closing(paper, published)
        _say({"report": published.plain()}, as_json=as_json, text=text)


@trials.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The signer's public key: its file, or its text name+hash+base64.")
@click.option(
    "--rerun", is_flag=True, help="Run every final solution again (needs the workspace)."
)
@_common
@click.pass_context
def verify(
    ctx: click.Context, file: Path, key: str | None, rerun: bool, workspace: Path, as_json: bool
) -> None:
    """Verify a report.json; with --rerun, run everything again and compare bit by bit.

    Exit codes: 0 everything holds, 1 something does not, 3 unreadable.
    """
    from madang.kernel.evidence.keys import VerifyingKey
    from madang.kernel.evidence.verify import verify_path
    from madang.trials.engine import rerun as again
    from madang.trials.engine import telling

    verdict = verify_path(file, key=VerifyingKey.given(key) if key else None)
    checks: list[again.Check] = []
    if rerun and verdict.ok:
        with _office(workspace) as office:
            checks = list(again.rerun(office, again.recorded(file.read_bytes())))
    facts = {"evidence": verdict.to_json(), "rerun": [check.plain() for check in checks]}
    _say(facts, as_json=as_json, text=telling.verified(verdict, checks))
    ctx.exit(0 if verdict.ok and all(check.same for check in checks) else 1)
