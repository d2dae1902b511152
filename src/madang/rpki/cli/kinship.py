"""`madang rpki ca child|publisher|parent …`: relations to authorities elsewhere (RFC 8183)."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import click

from madang.kernel.commands import InOrder, say
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.rpki.cli.authority import acting, ca, opened

_OUT = click.Path(dir_okay=False, path_type=Path)
_IN = click.Path(exists=True, dir_okay=False, path_type=Path)


@ca.group(cls=InOrder)
def child() -> None:
    """위임 기관 · Children that keep their own keys."""


@child.command("add")
@click.argument("asked", type=_IN)
@click.argument("resources")
@click.argument("out", type=_OUT)
@click.option("--parent", required=True, help="Which authority certifies it.")
@acting
def add_child(
    asked: Path, resources: str, out: Path, folder: Path, *, parent: str, by: str, as_json: bool
) -> None:
    """등록 · Admit the child of the file ASKED for RESOURCES; hand it the answer OUT.

    Exit codes: 0 admitted, 3 the file is no child's request, or the resources are not free.
    """
    from madang.rpki.engine.exchange.setting_up import ChildRequest, read, write
    from madang.rpki.engine.resources.blocks import read_resources

    request = read(asked.read_bytes())
    if not isinstance(request, ChildRequest):
        raise _other_kind("child_request")
    with opened(folder) as here:
        answer = here.delegation().admit(
            parent, request, resources=read_resources(resources), by=by
        )
    out.write_bytes(write(answer))
    say({"child": answer.child, "service": answer.service}, as_json=as_json, text=answer.service)


@ca.group(cls=InOrder)
def publisher() -> None:
    """게시 기관 · Authorities elsewhere that publish here."""


@publisher.command("add")
@click.argument("asked", type=_IN)
@click.argument("out", type=_OUT)
@acting
def add_publisher(asked: Path, out: Path, folder: Path, *, by: str, as_json: bool) -> None:
    """등록 · Let the publisher of the file ASKED publish here; hand it the answer OUT.

    Exit codes: 0 admitted, 3 the file is no publisher's request.
    """
    from madang.rpki.engine.exchange.setting_up import PublisherRequest, read, write

    request = read(asked.read_bytes())
    if not isinstance(request, PublisherRequest):
        raise _other_kind("publisher_request")
    with opened(folder) as here:
        answer = here.publication(by=by).admit(request)
    out.write_bytes(write(answer))
    say({"publisher": answer.publisher, "base": answer.base}, as_json=as_json, text=answer.base)


@publisher.command("ask")
@click.argument("out", type=_OUT)
@acting
def ask_publisher(out: Path, folder: Path, *, by: str, as_json: bool) -> None:
    """요청 · Write what to hand to a publication server elsewhere to OUT.

    Exit codes: 0 written, 3 there is no registry.
    """
    from madang.rpki.engine.authority.speaking import speaker
    from madang.rpki.engine.exchange.setting_up import PublisherRequest, write

    with opened(folder) as here:
        own = speaker(here.registry, here.handle, by=by)
        out.write_bytes(write(PublisherRequest(here.handle, own.certificate)))
    say({"publisher": here.handle}, as_json=as_json, text=str(out))


@publisher.command("use")
@click.argument("answer", type=_IN)
@acting
def use_publisher(answer: Path, folder: Path, *, by: str, as_json: bool) -> None:
    """사용 · Publish with the server elsewhere of the file ANSWER, before any key is certified.

    Exit codes: 0 done, 3 the file is no publication server's, or there are keys already.
    """
    from madang.rpki.engine.exchange.setting_up import RepositoryResponse, read

    response = read(answer.read_bytes())
    if not isinstance(response, RepositoryResponse):
        raise _other_kind("repository_response")
    with opened(folder) as here:
        here.publish_with(response, by=by)
    say({"base": response.base}, as_json=as_json, text=response.base)


@ca.group(cls=InOrder)
def parent() -> None:
    """상위 기관 · Parents elsewhere, above an authority here."""


@parent.command("add")
@click.argument("handle")
@click.argument("name")
@click.argument("answer", type=_IN)
@acting
def add_parent(
    handle: str, name: str, answer: Path, folder: Path, *, by: str, as_json: bool
) -> None:
    """등록 · Note the parent of the file ANSWER, above HANDLE, under a NAME of one's choice.

    Exit codes: 0 noted, 3 the file is no parent's response.
    """
    from madang.rpki.engine.authority.parentage import Parentage
    from madang.rpki.engine.exchange.setting_up import ParentResponse, read

    response = read(answer.read_bytes())
    if not isinstance(response, ParentResponse):
        raise _other_kind("parent_response")
    with opened(folder) as here:
        Parentage(here.registry).add_parent(handle, name, answer=response, by=by)
    say({"parent": name, "service": response.service}, as_json=as_json, text=response.service)


@parent.command()
@click.argument("handle")
@acting
def refresh(handle: str, folder: Path, *, by: str, as_json: bool) -> None:
    """조회 · Ask the parents of HANDLE what it holds, and follow: run it every hour.

    Exit codes: 0 done, 3 a parent does not answer, or not as it must.
    """
    from madang.rpki.engine.authority.parentage import Parentage
    from madang.rpki.engine.authority.planning import held

    with opened(folder) as here:
        Parentage(here.registry).refresh(handle, by=by)
        found = str(held(here.registry.book.rows, handle))
    said = words(f"{handle}: {found or '없음'}", f"{handle}: {found or 'nothing'}")
    say({"handle": handle, "resources": found}, as_json=as_json, text=str(said))


@ca.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8181, show_default=True,
              help="The port; 0 for any that is free.")  # fmt: skip
@click.option("--renew-every", type=click.FloatRange(1), default=3600.0, show_default=True,
              help="Seconds from one renewal of what ends soon to the next.")  # fmt: skip
@acting
def serve(
    host: str, port: int, folder: Path, *, renew_every: float, by: str, as_json: bool
) -> None:
    """서비스 · Answer children and publishers elsewhere, and renew what ends soon, until Ctrl-C.

    Put it behind a web server that adds TLS, beside the folder www/rrdp.

    Exit codes: 0 ended, 3 there is no registry.
    """
    from madang.rpki.engine.authority.doors import Doors
    from madang.rpki.engine.authority.listening import listening

    with opened(folder) as here:
        doors = Doors(here.delegation(), here.publication(by=by))
        with listening(doors, host, port=port) as taken:
            said = words(
                f"{host}:{taken}에서 기다립니다. 끝내려면 Ctrl-C를 누르십시오.",
                f"Waiting on {host}:{taken}. Press Ctrl-C to end.",
            )
            say({"host": host, "port": taken}, as_json=as_json, text=str(said))
            with suppress(KeyboardInterrupt):
                while True:
                    with doors.lock:
                        here.registry.renew(by=by)
                    threading.Event().wait(renew_every)


def _other_kind(expected: str) -> InputError:
    return InputError(
        words("다른 종류의 설정 파일", "a set-up file of another kind"),
        words(f"{expected} 파일", f"a {expected}"),
    )
