"""The `madang` command: one group whose sub-commands are the kernel's own and each system's.

Nothing but Click is imported until a command is called; `madang --help` reads manifests, which are
plain strings.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from madang.kernel import systems
from madang.kernel.errors import InputError, MadangError, MissingExtra


class House(click.Group):
    """A group that loads a system's commands only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The systems in the order of the programme, then the kernel's commands."""
        return [*(s.name for s in systems.manifests() if s.commands), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, loaded now."""
        if cmd_name not in systems.NAMES:
            return super().get_command(ctx, cmd_name)
        system = systems.manifest(cmd_name)
        if not system.commands:
            return None
        command: click.Command = systems.load(system.commands, extra=system.extra)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; for a library that its system's extra would bring, name the extra."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as fault:
            name = ctx.invoked_subcommand or ""
            extra = systems.manifest(name).extra if name in systems.NAMES else ""
            if not extra or (fault.name or "").startswith("madang"):
                raise
            raise MissingExtra(system=name, extra=extra) from fault

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List every command from its manifest, without importing it."""
        rows = [
            (s.name, f"{s.title_ko} · {s.title_en}") for s in systems.manifests() if s.commands
        ]
        rows += [(name, each.get_short_help_str(80)) for name, each in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, and turn a foreseen failure into one sentence and its exit code."""
        try:
            return super().main(*args, **extra)
        except MadangError as problem:
            click.echo(f"madang: {problem}", err=True)
            sys.exit(3 if isinstance(problem, InputError) else 4)


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="madang")
def main() -> None:
    """마당 Madang: the systems of a national AI-transformation programme, in one house.

    국가 AI 전환 사업의 여러 시스템을 한 집에 모은 제품입니다. 종료 코드: 0 완료,
    1 지적 사항 있음, 2 사용법 오류, 3 읽을 수 없는 입력, 4 이 컴퓨터에서 사용할 수 없음.

    Exit codes: 0 done, 1 done with a finding, 2 wrong usage, 3 unreadable input, 4 not available
    here.
    """


@main.group()
def evidence() -> None:
    """증거 · Signed evidence: check what was recorded, offline."""


@evidence.command("verify")
@click.argument("file", type=click.Path())
@click.option("--key", help="The signer's public key: its file, or its text name+hash+base64.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for programs.")
@click.pass_context
def evidence_verify(ctx: click.Context, file: str, key: str | None, as_json: bool) -> None:
    """증거 검증 · Check a sealed report, an envelope or a log.

    봉인된 보고서(HTML·PDF·JSON), DSSE 봉투, 로그 폴더를 네트워크 없이 확인합니다.

    Takes a sealed report (HTML, PDF, JSON), a DSSE envelope or a log's folder, offline.

    Without --key the signer stays unknown and the check fails. Exit codes: 0 verified, 1 a link is
    broken, 3 unreadable.
    """
    import json

    from madang.kernel.evidence.keys import VerifyingKey
    from madang.kernel.evidence.verify import verify_path

    verdict = verify_path(file, key=VerifyingKey.given(key) if key else None)
    if as_json:
        click.echo(json.dumps(verdict.to_json(), ensure_ascii=False))
    else:
        for link in verdict.links:
            click.echo(f"{'✓' if link.ok else '✗'} {link.sentence}")
        click.echo(verdict.sentence())
    ctx.exit(0 if verdict.ok else 1)


@main.group()
def sandbox() -> None:
    """격리 실행 · The jail for untrusted code: can it run here?"""


@sandbox.command("probe")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for programs.")
@click.pass_context
def sandbox_probe(ctx: click.Context, as_json: bool) -> None:
    """격리 점검 · Try a jail on this machine.

    이 컴퓨터에서 격리 실행이 되는지 시험하고 무엇이 제한을 거는지 알립니다.

    Says whether untrusted code can run here, and what would hold it.

    Exit codes: 0 it works, 1 this machine refuses it (the reason and the remedy are named).
    """
    from madang.kernel.sandbox import account
    from madang.kernel.sandbox.probe import probe

    found = probe()
    click.echo(account.as_json(found) if as_json else account.as_text(found))
    ctx.exit(1 if found.refusal else 0)


@sandbox.command("profile")
@click.option("--write", is_flag=True, help="Write it to /etc/apparmor.d and load it (as root).")
def sandbox_profile(write: bool) -> None:
    """AppArmor 설정 · Print or install the profile that bubblewrap needs.

    사용자 네임스페이스를 막는 배포판에서 bubblewrap에만 이를 허용합니다.

    It lets this one program make user namespaces where the distribution forbids them.
    """
    from madang.kernel.sandbox import account, apparmor
    from madang.kernel.sandbox.probe import in_use

    bubblewrap = in_use()
    if not write:
        click.echo(apparmor.profile_text(bubblewrap), nl=False)
        return
    click.echo(account.of_profile(apparmor.install(bubblewrap)))


@main.command()
@click.option("--site", default="", help="Its address; that of the last sign-in if left out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for programs.")
def login(site: str, as_json: bool) -> None:
    """로그인 · Use a site from this machine with an organisation's token.

    토큰을 만드는 화면의 주소를 알려 주고, 붙여 넣은 토큰을 이 사용자만 읽게 보관합니다. CI에서는
    MADANG_SITE와 MADANG_TOKEN 변수를 쓰십시오.

    Tells where a token is made, takes it (typed unseen, or from standard input), and keeps it for
    this user alone. In CI set MADANG_SITE and MADANG_TOKEN instead.

    Exit codes: 0 signed in, 3 no such token, 4 the site does not answer.
    """
    import json

    from madang.kernel import sign_in
    from madang.kernel.remote import Remote, checked_site, checked_token
    from madang.kernel.words import words

    wanted = site or sign_in.last() or click.prompt("사이트 · Site", err=True)
    address = checked_site(wanted)
    page = f"{address}/programs/tokens/new"
    click.echo(str(words(f"토큰 만들기: {page}", f"Make a token: {page}")), err=True)
    if sys.stdin.isatty():
        text = click.prompt("토큰 · Token", hide_input=True, err=True)
    else:
        text = sys.stdin.readline()
    remote = Remote(site=address, token=checked_token(text))
    me = remote.get("/me")
    sign_in.keep(remote)
    body = words(**me["organisation"]["name"])
    said = words(
        f"{body.ko}의 토큰 '{me['token']}'으로 로그인했습니다.",
        f"Signed in for {body.en} with the token '{me['token']}'.",
    )
    click.echo(json.dumps({"site": address, **me}, ensure_ascii=False) if as_json else said)


@main.command()
@click.option("--site", default="", help="Its address; that of the last sign-in if left out.")
@click.option("--revoke", is_flag=True, help="End the token at the site too, wherever it is used.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for programs.")
def logout(site: str, revoke: bool, as_json: bool) -> None:
    """로그아웃 · Forget the token of a site.

    이 컴퓨터에 보관한 토큰을 지웁니다. --revoke이면 사이트에서도 폐기합니다.

    Removes the token that this machine keeps.

    Exit codes: 0 nothing is kept any more, 3 nobody is signed in there.
    """
    import json

    from madang.kernel import sign_in
    from madang.kernel.words import words

    remote = sign_in.remote(site)
    if revoke:
        remote.delete("/token")
    told = {"site": remote.site, "revoked": revoke, "forgotten": sign_in.forget(remote.site)}
    said = words(f"{remote.site}에서 로그아웃했습니다.", f"Signed out of {remote.site}.")
    click.echo(json.dumps(told) if as_json else said)


@main.command(context_settings={"allow_interspersed_args": False})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """사이트 관리 · Commands that manage the site, such as migrate and worker.

    사이트의 데이터베이스와 작업자를 다룹니다. 'madang manage help'로 목록을 봅니다.

    Whatever an operator does with the site at a terminal; `madang manage help` lists it.
    """
    from madang.portal import launch

    launch.manage(arguments)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="Where it listens.")
@click.option("--workers", default=1, show_default=True, help="How many workers take runs.")
@click.option("--seed/--no-seed", default=True, help="Fill a new site with its example.")
@click.option(
    "--ahead",
    type=float,
    default=0.0,
    metavar="DAYS",
    help="Let the site's clock go ahead, to see what comes after a deadline.",
)
def site(host: str, port: int, workers: int, seed: bool, ahead: float) -> None:
    """사이트 · Serve the site on this machine, with its workers.

    데이터베이스를 준비하고, 새 사이트에는 예시를 넣고, 로그인 링크를 출력합니다. 개발 설정으로 이
    컴퓨터에서만 실행합니다.

    Prepares the database, fills a new site with its example, prints sign-in links. For one's own
    machine; a site for others runs with the production settings.
    """
    import os

    from madang.portal import launch

    os.environ["MADANG_AHEAD_DAYS"] = str(ahead)
    options = ["--host", host, "--port", str(port), "--workers", str(workers)]
    launch.manage(["site", *options, *([] if seed else ["--no-seed"])])


@main.command()
@click.argument("file", type=click.Path(dir_okay=False))
def backup(file: str) -> None:
    """백업 · Write the whole site into one file, while it runs.

    행, 객체, 봉인 자료와 열쇠를 한 파일에 담습니다. 파일은 금고처럼 보관하십시오.

    Rows, objects, sealed data and keys. Keep the file like a safe.
    """
    from madang.portal import launch

    launch.manage(["backup", file])


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def restore(file: str) -> None:
    """복구 · Put a backup into an empty site.

    모두 확인한 뒤에 첫 행을 씁니다. 비어 있지 않은 사이트에는 쓰지 않습니다.

    Everything is checked before the first row; a site with anything in it is left alone.
    """
    from madang.portal import launch

    launch.manage(["restore", file])
