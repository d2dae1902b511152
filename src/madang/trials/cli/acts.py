"""`madang trials …`: register a demand, hand in solutions, run them, report, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import say
from madang.kernel.words import words
from madang.trials.cli.group import afar, common, office, signed_in, trials

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.trials.engine.office import Office


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

    실제 자료에서 해법 여섯 개를 봉인 실증하고 서명한 보고서를 만듭니다.

    Six solutions, one of them a cheat, are tried, decided on and reported, signed.
    """
    from madang.trials.engine.demonstration import Demonstrator

    def told(line: Any) -> None:
        click.echo(str(line), err=as_json)

    with Demonstrator(out, told) as demonstrator:
        found = demonstrator.run()
        say(found, as_json=as_json, text=demonstrator.closing_text())


@trials.command()
@click.argument("table", type=click.Path(dir_okay=False, path_type=Path))
@common
def suggest(table: Path, workspace: Path, as_json: bool) -> None:
    """자료 초안 · Draft a demand's data section from a table.

    열의 종류, 범주, 식별자 후보를 표에서 읽어 YAML 초안을 씁니다.

    Writes columns, kinds, levels and a candidate identifier as YAML, to be looked over.

    Exit codes: 0 drafted, 3 no table.
    """
    from madang.trials.engine import draft_text

    with office(workspace) as here:
        found = here.runner.scoring.ask("suggest", table=str(table.absolute()))
        say(found, as_json=as_json, text=draft_text.suggested(found))


@trials.command()
@click.argument("demand", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The agency's table, CSV or Parquet; without it the text alone is checked.",
)
@common
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

    with office(workspace) as here:
        text = telling.read_text(demand)
        table = str(data.absolute()) if data else ""
        found = here.runner.scoring.ask("check", text=text, table=table)
        say(found, as_json=as_json, text=draft_text.checked(found))
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
@common
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

    with office(workspace) as here:
        text = telling.read_text(demand)
        found = here.register(text, table=str(data.absolute()), accept=accept)
        if found.leaks:
            say({"leaks": list(found.leaks)}, as_json=as_json, text=telling.leaks(found.leaks))
            ctx.exit(1)
        say(dict(found.facts), as_json=as_json, text=telling.registered(found.facts))


@trials.command()
@click.argument("demand")
@afar
@common
def show(demand: str, remote: bool, site: str, workspace: Path, as_json: bool) -> None:
    """수요 보기 · Show a registered demand.

    답의 형식, 판정 규칙, 공개 자료의 위치를 보여 줍니다.

    Tells the form of answers, the rule of the decision, and where the public data are.
    """
    from madang.trials.engine import telling

    if remote:
        from madang.trials.engine import afar as acts
        from madang.trials.engine import telling_afar

        found = acts.demand(there := signed_in(site), demand)
        say(found, as_json=as_json, text=telling_afar.demand(found, there.site))
        return
    with office(workspace) as here:
        folder = here.workspace.demand_folder(demand)
        say(telling.demand_facts(folder), as_json=as_json, text=telling.demand(folder))


@trials.command()
@click.argument("demand")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--firm", default="", help="Who hands it in; at a site, whoever is signed in.")
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
@click.option("--wait", is_flag=True, help="At a site: wait until it is scored.")
@click.option("--key", default="", help="At a site: hand in once for this key, such as a commit.")
@afar
@common
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
    wait: bool,
    key: str,
    remote: bool,
    site: str,
    workspace: Path,
    as_json: bool,
) -> None:
    """해법 제출 · Hand in a solution.

    파일, 폴더 또는 zip 파일을 제출합니다. 실행은 run 명령이, --remote이면 사이트가 합니다.

    Takes files, a folder or one zip archive; the command run executes it, or with --remote the
    site does.

    Exit codes: 0 taken in, 1 the rehearsal failed and nothing was handed in, or a run that was
    waited for failed, 3 refused.
    """
    from madang.trials.engine import telling

    title = words(title_ko or name, title_en or name)
    if remote:
        from madang.trials.engine import afar as acts
        from madang.trials.engine import telling_afar

        handed = acts.submit(
            signed_in(site),
            demand,
            list(files),
            name=name,
            title=title,
            tier=tier,
            rehearse=rehearse,
            wait=wait,
            key=key,
            told=lambda run: click.echo(telling_afar.run(run), err=True),
        )
        say(handed._asdict(), as_json=as_json, text=telling_afar.handed(handed))
        ctx.exit(0 if handed.is_good else 1)
    if not firm:
        raise click.UsageError("Missing option '--firm' (or '--remote').")
    with office(workspace) as here:
        taken, rehearsal = _handed_in(
            here,
            demand,
            list(files),
            firm=firm,
            name=name,
            title=title,
            tier=tier,
            try_it=rehearse,
        )
        if taken is None:
            said = telling.rehearsal(rehearsal)
            say({"rehearsal": rehearsal.plain()}, as_json=as_json, text=said)
            ctx.exit(1)
        say(_facts(taken, rehearsal), as_json=as_json, text=telling.submitted(taken, rehearsal))


def _facts(taken: Any, rehearsal: Any) -> dict[str, Any]:
    tried = {"rehearsal": rehearsal.plain()} if rehearsal else {}
    return {"submission": taken.plain(), **tried}


def _handed_in(
    here: Office,
    demand: str,
    files: list[Path],
    *,
    firm: str,
    name: str,
    title: Words,
    tier: Any,
    try_it: bool,
) -> tuple[Any, Any]:
    """The submission, None where its rehearsal failed; and the rehearsal, where there was one."""
    from madang.trials.engine import submission as forms

    folder = here.workspace.demand_folder(demand)
    largest = folder.demand.limits.submission_mb * 2**20
    contents = forms.read_files(files, largest_bytes=largest)
    rehearsal = here.rehearse(demand, tier, contents) if try_it else None
    if rehearsal is not None and rehearsal.cause is not None:
        return None, rehearsal
    taken = here.submit(
        demand, firm=firm, name=forms.check_name(name), title=title, tier=tier, files=contents
    )
    return taken, rehearsal


@trials.command()
@common
def run(workspace: Path, as_json: bool) -> None:
    """실행 · Execute queued runs until none is left.

    대기 중인 실행을 모두 처리합니다. 여러 개를 동시에 실행해도 됩니다.

    Several of these may run at once, and any of them may die.
    """
    from madang.trials.engine import telling

    with office(workspace) as here:
        ended: list[dict[str, Any]] = []
        here.work(lambda run: ended.append(telling.ending(here, run)))
        say({"endings": ended}, as_json=as_json, text=telling.endings(ended))


@trials.command()
@click.argument("demand")
@afar
@common
def board(demand: str, remote: bool, site: str, workspace: Path, as_json: bool) -> None:
    """순위판 · Show the board.

    기준, 공개된 점수, 봉인 밖으로 나간 정보량을 보여 줍니다.

    Shows trivial baselines, released scores, and how many bits left the seal.
    """
    from madang.trials.engine import telling

    if remote:
        from madang.trials.engine import telling_afar

        found = signed_in(site).get(f"/trials/demands/{demand}/board")
        say(found, as_json=as_json, text=telling_afar.board(found))
        return
    with office(workspace) as here:
        facts = here.board(demand)
        say(facts, as_json=as_json, text=telling.board(here, demand, facts))


@trials.command()
@click.argument("demand")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Where the report goes.",
)
@afar
@common
def report(
    demand: str, out: Path, remote: bool, site: str, workspace: Path, as_json: bool
) -> None:
    """마감과 보고 · Close a demand and write the signed report.

    최종 비교를 하고, 등록한 규칙으로 판정하고, 서명한 보고서를 만듭니다. --remote이면 사이트가
    공개한 보고서를 내려받습니다.

    Runs the final comparison, decides by the registered rule, and signs the report; with --remote,
    fetches the report that the site has announced.
    """
    from madang.trials.engine import telling

    if remote:
        from madang.trials.engine.afar import download_report

        files = download_report(signed_in(site), demand, out)
        say({"report": files}, as_json=as_json, text="\n".join(files.values()))
        return
    with office(workspace) as here:
        paper = here.close(demand)
        published = here.publish(demand, out)
        text = telling.closing(paper, published)
        say({"report": published.plain()}, as_json=as_json, text=text)


@trials.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The signer's public key: its file, or its text name+hash+base64.")
@click.option(
    "--rerun", is_flag=True, help="Run every final solution again (needs the workspace)."
)
@common
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
        with office(workspace) as here:
            checks = list(again.rerun(here, again.recorded(file.read_bytes())))
    facts = {"evidence": verdict.to_json(), "rerun": [check.plain() for check in checks]}
    say(facts, as_json=as_json, text=telling.verified(verdict, checks))
    ctx.exit(0 if verdict.ok and all(check.same for check in checks) else 1)
