"""`madang rpki serve`, `tal …`: the validator as a service, and whom it trusts."""

from __future__ import annotations

import json
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.rpki.cli.addresses import address
from madang.rpki.cli.group import rpki, workspace_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.rtr.server import Endpoint
    from madang.rpki.engine.service.serving import Service
    from madang.rpki.engine.service.standby import Primary


@rpki.group()
def tal() -> None:
    """신뢰 앵커 · Whom the validator trusts: locators after RFC 8630."""


@tal.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Its name here; the file's without it.")
@workspace_option
@as_json_option
def tal_add(file: Path, name: str | None, folder: Path, *, as_json: bool) -> None:
    """추가 · Trust the anchor of the locator FILE from the next round on.

    Exit codes: 0 taken in, 3 it is no locator.
    """
    from madang.rpki.engine.service.workspace import Workspace

    found = Workspace(folder).add_tal(name or file.stem, file.read_bytes())
    facts = {"name": found.name, "uris": list(found.uris)}
    said = words(f"{found.name}: 추가함", f"{found.name}: taken in")
    say(facts, as_json=as_json, text=str(said))


@tal.command("list")
@workspace_option
@as_json_option
def tal_list(folder: Path, *, as_json: bool) -> None:
    """목록 · Show whom the validator trusts.

    Exit codes: 0 shown, 3 a locator cannot be read.
    """
    from madang.rpki.engine.service.workspace import Workspace

    found = Workspace(folder).tals()
    text = "\n".join(f"{each.name}: {each.uris[0]}" for each in found)
    none = str(words("신뢰 앵커가 없습니다.", "There is no trust anchor."))
    facts = {"anchors": [{"name": each.name, "uris": list(each.uris)} for each in found]}
    say(facts, as_json=as_json, text=text or none)


@tal.command("remove")
@click.argument("name")
@workspace_option
@as_json_option
def tal_remove(name: str, folder: Path, *, as_json: bool) -> None:
    """제거 · Trust the anchor NAME no more, from the next round on.

    Exit codes: 0 removed, 3 there is none of this name.
    """
    from madang.rpki.engine.service.workspace import Workspace

    Workspace(folder).remove_tal(name)
    say({"removed": name}, as_json=as_json, text=str(words(f"{name}: 제거함", f"{name}: removed")))


@rpki.command()
@workspace_option
@click.option("--rtr", default="127.0.0.1:8282", show_default=True, help="Where routers connect.")
@click.option("--rtr-tls", default="", help="Where routers connect over TLS.")
@click.option("--certificate", type=click.Path(exists=True, path_type=Path), help="For TLS.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="For TLS.")
@click.option("--router-certificates", type=click.Path(exists=True), help="Routers must show one.")
@click.option("--http", default="127.0.0.1:9556", show_default=True, help="Empty for no HTTP.")
@click.option(
    "--every",
    type=click.IntRange(10, 86400),
    default=600,
    show_default=True,
    help="Seconds from round to round.",
)
@click.option(
    "--profile", type=click.Choice(["2026", "strict"]), default="2026", help="Which rules."
)
@click.option("--standby-of", default="", help="http://host:port of the server to stand by for.")
@click.option("--standby-rtr", default="", help="Where that server's routers connect.")
@click.option("--patience", type=click.IntRange(1, 86400), default=60, help="Its silence, in s.")
@click.option("--proxy", default="", help="http://host:port by which repositories are reached.")
@click.option("--authorities", type=click.Path(exists=True, path_type=Path), help="For HTTPS.")
@click.option("--allow-dubious-hosts", is_flag=True, help="Also hosts of this very network.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Processes that judge.",
)
def serve(**chosen: object) -> None:
    """서비스 · Fetch, judge and tell routers, again and again, until Ctrl-C.

    Exit codes: 0 ended, 2 usage, 3 an address cannot be had or a file cannot be read.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    service = _service(chosen)
    import asyncio

    asyncio.run(_until_signalled(service))


def _service(chosen: dict[str, object]) -> Service:
    from madang.rpki.engine.fetch.policy import Policy as Ways
    from madang.rpki.engine.service.serving import Service, Setting
    from madang.rpki.engine.service.workspace import Workspace
    from madang.rpki.engine.validation.policy import PROFILES

    http = str(chosen["http"])
    return Service(
        Workspace(Path(str(chosen["folder"]))),
        Setting(
            routers=_endpoints(chosen),
            http=address(http, "--http") if http else None,
            policy=PROFILES[str(chosen["profile"])],
            ways=Ways(
                dubious=bool(chosen["allow_dubious_hosts"]),
                authorities=chosen["authorities"],  # type: ignore[arg-type] # click made it a path
                proxy=str(chosen["proxy"]),
            ),
            every_s=float(str(chosen["every"])),
            workers=int(str(chosen["workers"])),
            primary=_primary(chosen),
        ),
    )


def _primary(chosen: dict[str, object]) -> Primary | None:
    from madang.rpki.engine.service.standby import Primary

    if not chosen["standby_of"]:
        return None
    if not chosen["standby_rtr"]:
        raise click.UsageError("--standby-of needs --standby-rtr")
    return Primary(
        http=str(chosen["standby_of"]),
        rtr=address(str(chosen["standby_rtr"]), "--standby-rtr"),
        patience_s=float(str(chosen["patience"])),
    )


def _endpoints(chosen: dict[str, object]) -> list[Endpoint]:
    from madang.rpki.engine.rtr.server import Endpoint
    from madang.rpki.engine.rtr.transport import tls_context

    found = [Endpoint(*address(str(chosen["rtr"]), "--rtr"))]
    if chosen["rtr_tls"]:
        if not (chosen["certificate"] and chosen["key"]):
            raise click.UsageError("--rtr-tls needs --certificate and --key")
        files = (Path(str(chosen[name])) for name in ("certificate", "key"))
        clients = chosen["router_certificates"]
        context = tls_context(*files, clients=Path(str(clients)) if clients else None)
        found.append(Endpoint(*address(str(chosen["rtr_tls"]), "--rtr-tls"), context))
    return found


async def _until_signalled(service: Service) -> None:
    import asyncio

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, service.stop)
    opened: Callable[[Service], None] = _tell
    await service.run(opened=opened)


def _tell(service: Service) -> None:
    facts = {
        "rtr": [f"{host}:{port}" for host, port in service.addresses],
        "http": service.http_address and f"{service.http_address[0]}:{service.http_address[1]}",
    }
    click.echo(json.dumps(facts))
