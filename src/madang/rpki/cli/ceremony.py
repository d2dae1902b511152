"""`madang rpki ca ceremony …`: the signing of a trust anchor whose key is offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder, as_json_option, say
from madang.kernel.words import words
from madang.rpki.cli.authority import acting, ca, opened

if TYPE_CHECKING:
    from collections.abc import Callable

_OUT = click.Path(dir_okay=False, path_type=Path)
_IN = click.Path(exists=True, dir_okay=False, path_type=Path)


@ca.group(cls=InOrder)
def ceremony() -> None:
    """서명식 · The trust anchor's key stays offline: request out, signed answer in."""


def _with_keys(command: Callable[..., Any]) -> Callable[..., Any]:
    keys = click.option(
        "--keys",
        type=click.Path(file_okay=False, path_type=Path),
        required=True,
        help="The folder of keys on the machine that is offline.",
    )
    return keys(as_json_option(command))


@ceremony.command()
@click.argument("out", type=_OUT)
@_with_keys
def key(out: Path, *, keys: Path, as_json: bool) -> None:
    """키 생성 · Make the anchor's key (offline), and write its public half to OUT (DER).

    Exit codes: 0 made, 3 the passphrase is too short or another one.
    """
    from madang.rpki.engine.keys.folder import KeyFolder, passphrase

    store = KeyFolder(keys, passphrase())
    handle = store.create()
    out.write_bytes(store.signer(handle).public_key_der())
    said = words(f"키 {handle}를 만들었습니다.", f"The key {handle} is made.")
    say({"key": handle}, as_json=as_json, text=str(said))


@ceremony.command()
@click.argument("handle")
@click.argument("out", type=_OUT)
@click.option("--again", is_flag=True, help="Ask for a CRL and a manifest though none are due.")
@acting
def request(handle: str, out: Path, folder: Path, *, again: bool, by: str, as_json: bool) -> None:
    """요청 작성 · Write what the key of HANDLE has to sign to OUT.

    Exit codes: 0 written, 1 nothing is due, 3 the key of HANDLE is not offline.
    """
    from madang.rpki.engine.authority.ceremony import Ceremony

    with opened(folder) as here:
        content = Ceremony(here.registry, handle).ask(by=by, again=again)
    if content is None:
        said = words("서명할 것이 없습니다.", "Nothing is due.")
        say({"due": False}, as_json=as_json, text=str(said))
        raise SystemExit(1)
    out.write_bytes(content)
    say({"due": True, "bytes": len(content)}, as_json=as_json, text=str(out))


@ceremony.command()
@click.argument("asked", type=_IN)
@as_json_option
def describe(asked: Path, *, as_json: bool) -> None:
    """요청 읽기 · Show what the request ASKED would sign, for the people at the ceremony.

    Exit codes: 0 shown, 3 the file is no request.
    """
    from madang.rpki.engine.authority.ceremony import describe as described

    lines = described(asked.read_bytes())
    facts = {"lines": [line.en for line in lines]}
    say(facts, as_json=as_json, text="\n".join(map(str, lines)))


@ceremony.command()
@click.argument("asked", type=_IN)
@click.argument("out", type=_OUT)
@click.option("--key", "handle", required=True, help="The key, as `ceremony key` named it.")
@_with_keys
def sign(asked: Path, out: Path, *, handle: str, keys: Path, as_json: bool) -> None:
    """서명 · Sign (offline) what the request ASKED holds, and write the answer to OUT.

    Exit codes: 0 signed, 3 the file is no request for this key.
    """
    from madang.rpki.engine.authority.ceremony import sign as signed
    from madang.rpki.engine.keys.folder import KeyFolder, passphrase

    signer = KeyFolder(keys, passphrase()).signer(handle)
    out.write_bytes(signed(asked.read_bytes(), signer))
    say({"answer": str(out)}, as_json=as_json, text=str(out))


@ceremony.command()
@click.argument("handle")
@click.argument("answer", type=_IN)
@acting
def accept(handle: str, answer: Path, folder: Path, *, by: str, as_json: bool) -> None:
    """응답 반영 · Take in the ANSWER to the last request of HANDLE, and publish it.

    Exit codes: 0 published, 3 it answers another request, or is not what was asked for.
    """
    from madang.rpki.engine.authority.ceremony import Ceremony

    with opened(folder) as here:
        Ceremony(here.registry, handle).accept(answer.read_bytes(), by=by)
        (folder / f"{handle}.tal").write_text(here.locators()[handle], encoding="ascii")
        files = len(here.server.catalogue.digests())
    said = words(f"파일 {files}개를 게시했습니다.", f"{files} files stand published.")
    say({"files": files}, as_json=as_json, text=str(said))
