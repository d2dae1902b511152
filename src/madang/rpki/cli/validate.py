"""`madang rpki validate`: what may be believed of what lies in a cache, and why not the rest?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.clock import stamp
from madang.kernel.commands import as_json_option
from madang.kernel.words import Words, words
from madang.rpki.cli.group import rpki
from madang.rpki.cli.judging import judged, judging_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.rpki.cli.judging import Judging
    from madang.rpki.engine.outputs.listing import Listing
    from madang.rpki.engine.validation.outcome import Outcome, Sourced


@rpki.command()
@judging_options
@click.option("--offline", is_flag=True, help="Judge what is there; without it, fetch first.")
@click.option(
    "--format",
    "form",
    type=click.Choice(
        ["csv", "csv-expires", "json", "routinator", "bird", "openbgpd", "prometheus", "ccr"]
    ),
    help="The form of the payloads that are written.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where payloads are written; standard output without it.",
)
@click.option("--verbose", is_flag=True, help="Tell each object's verdict with its reason.")
@as_json_option
def validate(
    form: str | None,
    out: Path | None,
    *,
    offline: bool,
    verbose: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """검증 · Judge every object from the trust anchors down, and write what may be believed.

    Payloads go to --out or, where --format is given without it, to standard output; what was
    found is told on the other. Exit codes: 0 judged, 1 a trust anchor could not be used,
    3 a locator or a cache cannot be read.
    """
    from madang.rpki.engine.outputs.formats import write_file, written
    from madang.rpki.engine.outputs.listing import listed

    if not offline:
        _fetch(chosen)
    found = judged(chosen)
    outcome = found.outcome
    told = sys.stderr if form and not out else sys.stdout
    if form or out:
        listing: Listing = listed(_sourced(found), found.applied.payloads, generated=outcome.at)
        pieces = written(listing, form or "csv")
        if out:
            write_file(out, pieces)
        else:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
    if as_json:
        click.echo(json.dumps(_facts(outcome, verbose=verbose), ensure_ascii=False), file=told)
    else:
        for line in _lines(outcome, verbose=verbose):
            click.echo(str(line), file=told)
    bad = any(outcome.anchors.values())
    raise SystemExit(1 if bad else 0)


def _sourced(found: Judging) -> Iterator[Sourced]:
    """Every VRP that is believed after local exceptions, with where it came from."""
    from madang.rpki.engine.validation.outcome import Sourced

    believed = found.applied.payloads.vrps
    yield from (each for each in found.outcome.sourced() if each.vrp in believed)
    for vrp in believed - found.outcome.payloads.vrps:
        yield Sourced(vrp, "slurm", 0, "")


def _fetch(chosen: dict[str, Any]) -> None:
    """Bring the validator's folder up to date."""
    from madang.rpki.cli.judging import locators
    from madang.rpki.engine.fetch.fetcher import Fetcher
    from madang.rpki.engine.service.rounds import Equipment, Rounds
    from madang.rpki.engine.service.workspace import Workspace
    from madang.rpki.engine.store.database import Database
    from madang.rpki.engine.validation.policy import PROFILES

    if chosen["cache"]:
        said = words(
            "--cache는 이미 받은 객체만 판정합니다. --offline을 함께 적으십시오.",
            "--cache judges what was fetched by others: add --offline.",
        )
        raise click.UsageError(str(said))
    workspace = Workspace(chosen["folder"]).prepare()
    tals = locators(chosen["tals"], chosen["folder"])
    store = Database(workspace.store)
    fetcher = Fetcher(store, workspace.fetching)
    policy = PROFILES[chosen["profile"]]
    Rounds(Equipment(fetcher=fetcher, tals=tals, policy=policy)).run()
    store.close()


def _facts(outcome: Outcome, *, verbose: bool) -> dict[str, Any]:
    from madang.rpki.engine.explain.subject import fault_facts

    payloads = outcome.payloads
    facts: dict[str, Any] = {
        "at": stamp_of(outcome.at),
        "vrps": len(payloads.vrps),
        "aspas": len(payloads.aspas),
        "router_keys": len(payloads.router_keys),
        "points": len(outcome.visits),
        "anchors": {name: fault and fault_facts(fault) for name, fault in outcome.anchors.items()},
        "refused": [{"uri": uri, **fault_facts(fault)} for uri, fault in outcome.refused()],
    }
    if verbose:
        facts["objects"] = [
            {"uri": uri, "verdict": verdict, "reason": reason}
            for uri, verdict, reason in _verdicts(outcome)
        ]
    return facts


def stamp_of(second: int) -> str:
    """A second as records carry it."""
    from madang.rpki.engine.explain.moments import moment

    return stamp(moment(second))


def _verdicts(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    """Every object that was looked at: its address, `accepted` or `refused`, and the reason."""
    for visit in outcome.visits:
        folder = visit.authority.certificate.repository
        verdict = visit.verdict
        if verdict.files:
            yield folder + verdict.files[0], "accepted", ""
        for name, judged_ in verdict.accepted.items():
            yield folder + name, "accepted", " ".join(judged_.oddities)
    for uri, fault in outcome.refused():
        yield uri, "refused", str(fault)


def _lines(outcome: Outcome, *, verbose: bool) -> Iterator[Words | str]:
    from madang.rpki.engine.explain.subject import fault_sentence

    for name, fault in outcome.anchors.items():
        if fault:
            told = fault_sentence(fault)
            yield words(f"신뢰 앵커 {name}: {told.ko}", f"Trust anchor {name}: {told.en}")
    if verbose:
        for visit in outcome.visits:
            folder = visit.authority.certificate.repository
            for name, judged_ in visit.verdict.accepted.items():
                odd = f" ({', '.join(judged_.oddities)})" if judged_.oddities else ""
                yield words(f"믿음 {folder}{name}{odd}", f"believed {folder}{name}{odd}")
    for uri, fault in outcome.refused():
        told = fault_sentence(fault)
        yield words(f"믿지 않음 {uri}: {told.ko}", f"not believed {uri}: {told.en}")
    payloads = outcome.payloads
    yield words(
        f"발행 지점 {len(outcome.visits):,}곳, VRP {len(payloads.vrps):,}개,"
        f" ASPA {len(payloads.aspas):,}개, 라우터 키 {len(payloads.router_keys):,}개",
        f"{len(outcome.visits):,} publication points, {len(payloads.vrps):,} VRPs,"
        f" {len(payloads.aspas):,} ASPAs, {len(payloads.router_keys):,} router keys",
    )
