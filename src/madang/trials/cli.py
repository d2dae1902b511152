"""`madang trials …`: register a demand, hand in solutions, run them, report, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.trials.engine.office import Office


class _InOrder(click.Group):
    """Lists the acts of a trial in the order in which they happen."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands as they are written below."""
        return list(self.commands)


@click.group(cls=_InOrder)
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
    """시연 · Show a whole trial on a real cohort.

    실제 자료에서 해법 다섯 개를 봉인 실증하고 서명한 보고서를 만듭니다.

    Five solutions, one of them a cheat, are tried, decided on and reported, signed.
    """
    from madang.trials.engine.demonstration import Demonstrator

    def told(line: Any) -> None:
        click.echo(str(line), err=as_json)

    with Demonstrator(out, told) as demonstrator:
        found = demonstrator.run()
        _say(found, as_json=as_json, text=demonstrator.closing_text())


@trials.command()
@click.argument("table", type=click.Path(dir_okay=False, path_type=Path))
@_common
def suggest(table: Path, workspace: Path, as_json: bool) -> None:
    """자료 초안 · Draft a demand's data section from a table.

    열의 종류, 범주, 식별자 후보를 표에서 읽어 YAML 초안을 씁니다.

    Writes columns, kinds, levels and a candidate identifier as YAML, to be looked over.

    Exit codes: 0 drafted, 3 no table.
    """
    from madang.trials.engine import draft_text

    with _office(workspace) as office:
        found = office.runner.scoring.ask("suggest", table=str(table.absolute()))
        _say(found, as_json=as_json, text=draft_text.suggested(found))


@trials.command()
@click.argument("demand", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The agency's table, CSV or Parquet; without it the text alone is checked.",
)
@_common
@click.pass_context
def check(
    ctx: click.Context, demand: Path, data: Path | None, workspace: Path, as_json: bool
) -> None:
    """수요 점검 · Check a demand and its data without registering anything.

    고칠 점, 결과를 드러내는 열, 나뉠 사례 수, 기준 해법의 점수를 미리 보여 줍니다.

    Tells faults, leaks, sizes of the parts and scores of trivial answers beforehand.

    Exit codes: 0 it could be registered, 1 faults or leaks are in the way, 3 unreadable.
    """
    from madang.trials.engine import draft_text, telling

    with _office(workspace) as office:
        text = telling.read_text(demand)
        table = str(data.absolute()) if data else ""
        found = office.runner.scoring.ask("check", text=text, table=table)
        _say(found, as_json=as_json, text=draft_text.checked(found))
        ctx.exit(1 if draft_text.stands_in_the_way(found) else 0)


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
    """수요 등록 · Register a demand and seal its data.

    자료를 점검하고, 공개 표본과 봉인 자료로 나누고, 봉인한 뒤 기록합니다.

    The table is checked, split into an open sample and sealed parts, sealed and recorded.

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
    """수요 보기 · Show a registered demand.

    답의 형식, 판정 규칙, 공개 자료의 위치를 보여 줍니다.

    Tells the form of answers, the rule of the decision, and where the public data are.
    """
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
    """해법 제출 · Hand in a solution.

    파일, 폴더 또는 zip 파일을 제출합니다. 실행은 run 명령이 합니다.

    Takes files, a folder or one zip archive; the command run executes it.

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
    """실행 · Execute queued runs until none is left.

    대기 중인 실행을 모두 처리합니다. 여러 개를 동시에 실행해도 됩니다.

    Several of these may run at once, and any of them may die.
    """
    from madang.trials.engine import telling

    with _office(workspace) as office:
        ended: list[dict[str, Any]] = []
        office.work(lambda run: ended.append(telling.ending(office, run)))
        _say({"endings": ended}, as_json=as_json, text=telling.endings(ended))


@trials.command()
@click.argument("demand")
@_common
def board(demand: str, workspace: Path, as_json: bool) -> None:
    """순위판 · Show the board.

    기준, 공개된 점수, 봉인 밖으로 나간 정보량을 보여 줍니다.

    Shows trivial baselines, released scores, and how many bits left the seal.
    """
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
    """마감과 보고 · Close a demand and write the signed report.

    최종 비교를 하고, 등록한 규칙으로 판정하고, 서명한 보고서를 만듭니다.

    Runs the final comparison, decides by the registered rule, and signs the report.
    """
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
    """검증 · Verify a report, and run everything again if asked.

    보고서의 서명과 근거를 확인하고, --rerun이면 모두 다시 실행해 비트까지 비교합니다.

    Checks a report.json; with --rerun, runs every solution again and compares bit by bit.

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
