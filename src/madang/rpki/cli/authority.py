"""`madang rpki ca …`: found a registry, let members in, change keys, see how it stands."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder, as_json_option, say
from madang.kernel.words import words
from madang.rpki.cli.group import rpki

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.authority.workspace import Workspace
    from madang.rpki.engine.resources.blocks import Resources


@rpki.group(cls=InOrder)
def ca() -> None:
    """인증기관 · The certification authority: members, authorisations, keys, publication."""


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command on a registry."""
    folder = click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("madang-rpki-ca"),
        envvar="MADANG_RPKI_CA",
        show_default=True,
        help="The registry's folder.",
    )
    return folder(as_json_option(command))


def acting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that changes something: who acts is written down."""
    by = click.option("--by", default=getpass.getuser, help="Who acts; the user of this machine.")
    return by(common(command))


def opened(folder: Path) -> Workspace:
    """The registry of a folder, its keys opened with the passphrase of the environment."""
    from madang.rpki.engine.authority.workspace import open_
    from madang.rpki.engine.keys.folder import passphrase

    return open_(folder, passphrase())


@ca.command()
@click.argument("handle")
@click.option("--resources", default="", help="What a trust anchor holds: 10.0.0.0/8, AS1-AS9")
@click.option("--module", required=True, help="Address of the rsync module: rsync://HOST/repo/")
@click.option("--web", required=True, help="Where www/rrdp is served: https://HOST/rrdp/")
@click.option("--service", default="http://localhost/", help="Where `ca serve` is reached.")
@click.option(
    "--offline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The public half (DER) of a key kept offline; it signs in ceremonies.",
)
@acting
def init(
    handle: str, folder: Path, *, resources: str, module: str, web: str, service: str,
    offline: Path | None, by: str, as_json: bool,
) -> None:  # fmt: skip
    """등록소 시작 · Found a registry with the authority HANDLE.

    With --resources it is a trust anchor of its own. Without, it is the child of parents
    elsewhere, to whom HANDLE-request.xml must be handed (RFC 8183).

    The passphrase of its keys is taken from MADANG_RPKI_PASSPHRASE.

    Exit codes: 0 founded, 3 an address or the resources cannot be used, or one is there already.
    """
    from madang.rpki.engine.authority.workspace import create
    from madang.rpki.engine.keys.folder import passphrase
    from madang.rpki.engine.resources.blocks import read_resources

    held = read_resources(resources)
    with create(
        folder, passphrase(), handle=handle, module=module, web=web, service=service
    ) as here:
        _begin(here, held, offline=offline, by=by)
    said = words(
        f"{handle}의 등록소를 {folder}에 만들었습니다.",
        f"The registry of {handle} begins in {folder}.",
    )
    say({"handle": handle, "resources": str(held)}, as_json=as_json, text=str(said))


def _begin(here: Workspace, held: Resources, *, offline: Path | None, by: str) -> None:
    from madang.rpki.engine.authority.ceremony import Ceremony
    from madang.rpki.engine.authority.parentage import Parentage
    from madang.rpki.engine.exchange.setting_up import write

    handle, base, notify = here.handle, f"{here.base}{here.handle}/", here.server.notify
    if not held:
        asked = Parentage(here.registry).create(handle, base=base, notify=notify, by=by)
        (here.folder / f"{handle}-request.xml").write_bytes(write(asked))
    elif offline:
        found = Ceremony(here.registry, handle).found
        found(offline.read_bytes(), held, base=base, notify=notify, by=by)
    else:
        here.registry.create_anchor(handle, held, base=base, notify=notify, by=by)
        (here.folder / f"{handle}.tal").write_text(here.locators()[handle], encoding="ascii")


@ca.group(cls=InOrder)
def member() -> None:
    """회원 · Members, whose keys are kept here."""


@member.command("add")
@click.argument("handle")
@click.argument("resources")
@click.option("--parent", required=True, help="Which authority certifies it.")
@acting
def add_member(
    handle: str, resources: str, folder: Path, *, parent: str, by: str, as_json: bool
) -> None:
    """회원 등록 · Let the member HANDLE in, entitled to RESOURCES of its parent.

    Exit codes: 0 done, 3 the parent does not hold them, or another member does.
    """
    from madang.rpki.engine.resources.blocks import read_resources

    held = read_resources(resources)
    with opened(folder) as here:
        here.registry.add_member(
            parent, handle, resources=held, base=f"{here.base}{handle}/", by=by
        )
    said = words(f"{handle}: {held}", f"{handle}: {held}")
    say({"handle": handle, "resources": str(held)}, as_json=as_json, text=str(said))


@member.command("set")
@click.argument("handle")
@click.argument("resources")
@click.option("--parent", required=True, help="Which authority certifies it.")
@acting
def set_member(
    handle: str, resources: str, folder: Path, *, parent: str, by: str, as_json: bool
) -> None:
    """자원 변경 · Entitle HANDLE to RESOURCES alone; what it loses is withdrawn at once.

    Exit codes: 0 done, 3 the parent does not hold them, or another member does.
    """
    from madang.rpki.engine.resources.blocks import read_resources

    held = read_resources(resources)
    with opened(folder) as here:
        here.registry.set_resources(parent, handle, resources=held, by=by)
    say({"handle": handle, "resources": str(held)}, as_json=as_json, text=f"{handle}: {held}")


@member.command("remove")
@click.argument("handle")
@click.option("--parent", required=True, help="Which authority certifies it.")
@acting
def remove_member(handle: str, folder: Path, *, parent: str, by: str, as_json: bool) -> None:
    """회원 해지 · Revoke the certificates of HANDLE and let it go, with all that it signed.

    Exit codes: 0 done, 3 there is no such member, or it has members of its own.
    """
    with opened(folder) as here:
        here.registry.remove_child(parent, handle, by=by)
    said = words(
        f"{handle}의 인증서를 폐기했습니다.", f"The certificates of {handle} are revoked."
    )
    say({"removed": handle}, as_json=as_json, text=str(said))


@ca.command()
@click.argument("handle")
@click.argument("step", type=click.Choice(["begin", "activate", "finish"]))
@click.option("--hasten", is_flag=True, help="Do not wait a day between begin and activate.")
@acting
def roll(handle: str, step: str, folder: Path, *, hasten: bool, by: str, as_json: bool) -> None:
    """키 교체 · One step of a change of the keys of HANDLE (RFC 6489).

    Exit codes: 0 done, 3 the step does not follow the one before, or comes too early.
    """
    with opened(folder) as here:
        here.registry.roll(handle, step=step, by=by, hasten=hasten)
    said = words(f"{handle} 키 교체: {step}", f"The keys of {handle}: {step}.")
    say({"handle": handle, "step": step}, as_json=as_json, text=str(said))


@ca.command()
@acting
def publish(folder: Path, *, by: str, as_json: bool) -> None:
    """갱신과 게시 · Sign anew what ends soon, and publish what is signed: run it every hour.

    Exit codes: 0 done, 3 there is no registry.
    """
    with opened(folder) as here:
        here.registry.renew(by=by)
        state = here.server.catalogue.state()
        files = len(here.server.catalogue.digests())
    said = words(
        f"파일 {files}개를 게시했습니다. RRDP 일련번호 {state.serial}.",
        f"{files} files stand published, RRDP serial number {state.serial}.",
    )
    facts = {"files": files, "session": state.session, "serial": state.serial}
    say(facts, as_json=as_json, text=str(said))


@ca.command()
@common
def status(folder: Path, *, as_json: bool) -> None:
    """현황 · Show what each authority holds, what it signed and when it must be renewed.

    Exit codes: 0 all is well, 1 an intent is covered by no certificate, 3 there is no registry.
    """
    from madang.rpki.engine.authority.standing import standings

    with opened(folder) as here:
        found = standings(here.registry.book.rows)
    lines = []
    for each in found:
        files = ", ".join(f"{kind} {count}" for kind, count in sorted(each.files.items()))
        lines.append(f"{each.handle} ({each.kind}): {each.resources or '-'} | {files}")
        lines += [str(words(f"  서명되지 않음: {text}", f"  not signed: {text}"))
                  for text in each.unsigned]  # fmt: skip
    facts = {"authorities": [each._asdict() for each in found]}
    say(facts, as_json=as_json, text="\n".join(lines))
    raise SystemExit(1 if any(each.unsigned for each in found) else 0)


@ca.command()
@click.argument("handle", default="")
@common
def history(handle: str, folder: Path, *, as_json: bool) -> None:
    """이력 · Show who did what, to HANDLE or to all authorities.

    Exit codes: 0 shown, 3 there is no registry.
    """
    with opened(folder) as here:
        lines = here.registry.book.history(handle)
    text = "\n".join(f"{each.at} {each.who}: {each.act} {each.authority}" for each in lines)
    say({"history": [each._asdict() for each in lines]}, as_json=as_json, text=text)
