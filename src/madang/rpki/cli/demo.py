"""`madang rpki demo`: a registry, its repository, a validator and a router's view, all at once."""

from __future__ import annotations

import json
import tempfile
import threading
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from madang.kernel.commands import as_json_option
from madang.kernel.words import Words, words
from madang.rpki.cli.group import rpki

if TYPE_CHECKING:
    from madang.rpki.engine.demo.shown import Shown


@rpki.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="An empty folder in which everything is kept; a passing one without it.",
)
@click.option("--serve", is_flag=True, help="Go on serving routers until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The routers' port.")
@as_json_option
def demo(folder: Path | None, serve: bool, port: int, *, as_json: bool) -> None:
    """시연 · Found a small registry, publish, fetch, judge, tell routers, explain two routes.

    Everything stands on this machine's loopback. Exit codes: 0 every step gave what it should,
    1 one did not, 3 something is missing here.
    """
    from madang.rpki.engine.demo.shown import shown

    place = nullcontext(str(folder)) if folder else tempfile.TemporaryDirectory()
    with place as chosen, shown(Path(chosen), port=port) as found:
        if as_json:
            click.echo(json.dumps(found.facts(), ensure_ascii=False))
        else:
            for line in _lines(found):
                click.echo(str(line))
        if serve:
            _wait(found)
    raise SystemExit(0 if found.holds else 1)


def _wait(found: Shown) -> None:
    click.echo(
        words(
            f"127.0.0.1:{found.port}에서 라우터를 기다립니다. 끝내려면 Ctrl-C를 누르십시오.",
            f"Waiting for routers on 127.0.0.1:{found.port}. Press Ctrl-C to end.",
        ),
        err=True,
    )
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def _lines(found: Shown) -> list[Words | str]:
    said: list[Words | str] = [
        words(
            f"등록기관: 신뢰 앵커 1, 회원 3, 객체 {found.files}개를 RRDP와 rsync로 발행함",
            f"Registry: 1 trust anchor, 3 members, {found.files} objects published over RRDP"
            " and rsync",
        ),
        words(
            f"검증: VRP {len(found.payloads.vrps)}개, ASPA {len(found.payloads.aspas)}개",
            f"Validated: {len(found.payloads.vrps)} VRPs, {len(found.payloads.aspas)} ASPA",
        ),
    ]
    said += [f"  {each}" for each in sorted(found.payloads.vrps)]
    said += [f"  {each}" for each in sorted(found.payloads.aspas)]
    said.append(
        words(
            f"라우터: 127.0.0.1:{found.port}, 일련번호 {found.heard.serial},"
            f" 항목 {len(found.heard.payloads)}개 전달",
            f"Routers: 127.0.0.1:{found.port}, serial {found.heard.serial},"
            f" {len(found.heard.payloads)} payloads told",
        )
    )
    for title, route in (
        (words("정상 공고", "A healthy announcement"), found.healthy),
        (words("가로챈 공고", "A hijacked announcement"), found.hijacked),
    ):
        said += ["", title, *route.lines()]
    return said
