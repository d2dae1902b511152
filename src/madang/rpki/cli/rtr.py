"""`madang rpki rtr`, `convert`: a file of payloads for routers, and in other forms."""

from __future__ import annotations

import gc
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel import clock
from madang.kernel.commands import as_json_option
from madang.kernel.errors import MadangError
from madang.kernel.words import words
from madang.rpki.cli.addresses import address
from madang.rpki.cli.group import rpki

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    from madang.rpki.engine.outputs.followed import PayloadFile
    from madang.rpki.engine.outputs.listing import Listing
    from madang.rpki.engine.rtr.feed import Feed
    from madang.rpki.engine.rtr.server import Endpoint

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMS = ("csv", "csv-expires", "json", "routinator", "bird", "openbgpd", "prometheus", "ccr")
_CACHES = ("bird-cache", "frr-cache")


def _source(command: Callable[..., Any]) -> Callable[..., Any]:
    """The file of payloads and its local exceptions, as `file` and `slurm`."""
    file = click.argument("file", type=_FILE)
    slurm = click.option("--slurm", type=_FILE, multiple=True, help="Local exceptions (RFC 8416).")
    return file(slurm(command))


@rpki.command()
@_source
@click.option(
    "--listen",
    multiple=True,
    help="Where routers connect; several times for several. Without any: 127.0.0.1:8282.",
)
@click.option("--tls-listen", multiple=True, help="Where routers connect over TLS.")
@click.option("--tls-cert", type=_FILE, help="The certificate chain for TLS, in PEM.")
@click.option("--tls-key", type=_FILE, help="Its key, in PEM.")
@click.option("--tls-clients", type=_FILE, help="Who issues routers' certificates, in PEM.")
@click.option(
    "--memory",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that keeps sessions over a restart.",
)
@click.option(
    "--check-every",
    type=click.FloatRange(0.1, 86400),
    default=5.0,
    show_default=True,
    help="Seconds between looks at the file.",
)
@as_json_option
def rtr(**chosen: Any) -> None:
    """라우터 전달 · Serve the payloads of FILE (CSV or JSON) to routers, also when it changes.

    Exit codes: 0 ended by Ctrl-C, 2 usage, 3 a file cannot be read, 4 an address is taken.
    """
    import asyncio

    from madang.rpki.engine.outputs.followed import PayloadFile
    from madang.rpki.engine.rtr.feed import Feed, FeedSetting

    endpoints = _endpoints(chosen)
    file = PayloadFile(chosen["file"], chosen["slurm"])
    feed = Feed(FeedSetting(memory=chosen["memory"]))
    try:
        feed.publish(file.read().payloads)
        # What is held stays: to look through a million values for garbage takes 0.1 s each time.
        gc.collect()
        gc.freeze()
        asyncio.run(_serve(feed, file, chosen=chosen, endpoints=endpoints))
    finally:
        feed.close()


def _endpoints(chosen: dict[str, Any]) -> list[Endpoint]:
    from madang.rpki.engine.rtr.server import Endpoint
    from madang.rpki.engine.rtr.transport import tls_context

    plain = chosen["listen"] or (() if chosen["tls_listen"] else ("127.0.0.1:8282",))
    found = [Endpoint(*address(each, "--listen")) for each in plain]
    if chosen["tls_listen"]:
        if not (chosen["tls_cert"] and chosen["tls_key"]):
            raise click.UsageError("--tls-listen needs --tls-cert and --tls-key")
        tls = tls_context(chosen["tls_cert"], chosen["tls_key"], clients=chosen["tls_clients"])
        found += [Endpoint(*address(each, "--tls-listen"), tls) for each in chosen["tls_listen"]]
    return found


async def _serve(
    feed: Feed, file: PayloadFile, *, chosen: dict[str, Any], endpoints: list[Endpoint]
) -> None:
    import asyncio

    from madang.rpki.engine.rtr.server import RouterServer

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    as_json = chosen["as_json"]
    async with RouterServer(feed, endpoints) as server:
        places = [f"{host}:{port}" for host, port in server.addresses]
        said = words(f"라우터 접속 주소: {', '.join(places)}", f"Routers: {', '.join(places)}")
        _say({"rtr": places}, as_json=as_json, text=str(said))
        _tell(feed, as_json=as_json)
        while not await _ended(ended, chosen["check_every"]):
            if await asyncio.to_thread(file.has_changed):
                before = feed.edition
                await asyncio.to_thread(_published, feed, file)
                if feed.edition is not before:
                    _tell(feed, as_json=as_json)


async def _ended(ended: asyncio.Event, within_s: float) -> bool:
    import asyncio

    try:
        async with asyncio.timeout(within_s):
            return await ended.wait()
    except TimeoutError:
        return False


def _published(feed: Feed, file: PayloadFile) -> None:
    """Publish a file anew; where it cannot be read, routers keep what they have."""
    try:
        feed.publish(file.read().payloads)
    except MadangError as fault:
        click.echo(str(fault), err=True)


def _tell(feed: Feed, *, as_json: bool) -> None:
    edition = feed.edition
    if edition:
        facts = {"serial": edition.serial, "payloads": len(edition)}
        said = words(
            f"일련번호 {edition.serial}: 검증 결과 {len(edition):,}건",
            f"Serial {edition.serial}: {len(edition):,} payloads",
        )
        _say(facts, as_json=as_json, text=str(said))


def _say(facts: dict[str, Any], *, as_json: bool, text: str) -> None:
    # One line at a time, at once: another program waits for the address.
    click.echo(json.dumps(facts) if as_json else text)
    sys.stdout.flush()


@rpki.command()
@_source
@click.option(
    "--format",
    "form",
    type=click.Choice([*_FORMS, *_CACHES]),
    default="csv",
    show_default=True,
    help="For whom: a program, or a router that is told of a cache.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it is written, in one step; standard output without it.",
)
@click.option("--cache", default="", help="host:port of the cache, for bird-cache and frr-cache.")
@as_json_option
def convert(
    file: Path,
    slurm: tuple[Path, ...],
    *,
    form: str,
    out: Path | None,
    cache: str,
    as_json: bool,
) -> None:
    """형식 변환 · Write the payloads of FILE (CSV or JSON) in another form.

    What was read is told on standard error where the result goes to standard output.
    Exit codes: 0 written, 2 usage, 3 a file cannot be read, 4 the result cannot be written.
    """
    from madang.rpki.engine.outputs.followed import PayloadFile
    from madang.rpki.engine.outputs.formats import write_file, written

    listing = None if form in _CACHES else _listing(PayloadFile(file, slurm))
    pieces = written(listing, form) if listing else _configuration(form, cache)
    if out is not None:
        write_file(out, pieces)
    else:
        for piece in pieces:
            click.echo(piece, nl=False)
    count = len(listing.payloads) if listing else 0
    said = words(f"{form}: 검증 결과 {count:,}건", f"{form}: {count:,} payloads")
    facts = {"format": form, "payloads": count, "out": str(out or "")}
    click.echo(json.dumps(facts) if as_json else str(said), err=out is None)


def _listing(file: PayloadFile) -> Listing:
    from madang.rpki.engine.outputs.listing import listed
    from madang.rpki.engine.validation.outcome import Sourced

    found = file.read()
    named = found.anchors.get
    return listed(
        (Sourced(vrp, named(vrp, ""), 0, "") for vrp in found.payloads.vrps),
        found.payloads,
        generated=int(clock.epoch_s()),
    )


def _configuration(form: str, cache: str) -> Iterator[bytes]:
    from madang.rpki.engine.outputs.configurations import bird_cache, frr_cache

    host, port = address(cache, "--cache")
    text = bird_cache(host, port) if form == "bird-cache" else frr_cache(host, port)
    yield text.encode()
