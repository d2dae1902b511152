"""`madang rpki routes …`: how do observed routes stand, and what would change them?"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import InOrder, as_json_option, say
from madang.kernel.words import words
from madang.rpki.cli.group import rpki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from madang.rpki.engine.payloads import Payloads
    from madang.rpki.engine.routes.advice import Suggestion
    from madang.rpki.engine.routes.malformed import Corrupt
    from madang.rpki.engine.routes.origin import Origin
    from madang.rpki.engine.routes.route import Route, Table
    from madang.rpki.engine.routes.whatif import Impact

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
SHOWN = 50
"""Lines of one kind that are shown to a person; a file or a program gets all."""


@rpki.group(cls=InOrder)
def routes() -> None:
    """경로 점검 · How observed routes stand, and what would change them."""


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    vrps = click.option(
        "--vrps",
        type=FILE,
        required=True,
        help="Payloads: CSV or JSON as rpki-client writes them.",
    )
    return vrps(as_json_option(command))


@routes.command()
@click.argument("prefix")
@click.argument("asn")
@click.option("--path", default="", help="Judge this path too: '64500 64501', neighbour first.")
@click.option("--from-provider", is_flag=True, help="The neighbour of the path is a provider.")
@_common
def state(
    prefix: str,
    asn: str,
    *,
    path: str,
    from_provider: bool,
    vrps: Path,
    as_json: bool,
) -> None:
    """한 경로의 상태 · Tell the state of PREFIX announced by ASN, and why.

    Exit codes: 0 valid or not found, 1 invalid, 3 unreadable input.
    """
    from madang.rpki.engine.resources.prefix import read_asn, read_prefix
    from madang.rpki.engine.routes import origin as origins
    from madang.rpki.engine.routes import paths
    from madang.rpki.engine.routes.listing import read_path

    payloads = _payloads(vrps)
    where, who = read_prefix(prefix), read_asn(asn)
    found = origins.OriginIndex(payloads.vrps).verdict(where, who)
    said = [str(origins.told(where, who, found))]
    facts: dict[str, Any] = {
        "prefix": str(where),
        "asn": who,
        "state": found.state,
        "reason": found.reason,
        "covering": [_vrp(each) for each in found.covering],
    }
    bad = found.state == "invalid"
    if path:
        direction: paths.Direction = "downstream" if from_provider else "upstream"
        verdict = paths.PathIndex(payloads.aspas).verdict(read_path(path), direction)
        bad = bad or verdict.state == "invalid"
        said.append(str(paths.told(verdict)))
        facts["path"] = {"state": verdict.state, "why": verdict.why, "hops": verdict.hops}
    say(facts, as_json=as_json, text="\n".join(said))
    _end(bad=bool(bad))


@routes.command()
@click.argument("observed", metavar="ROUTES", type=FILE)
@click.option("--csv", "out", type=OUT, help="Write every route with its state here.")
@_common
def check(observed: Path, *, out: Path | None, vrps: Path, as_json: bool) -> None:
    """경로 전수 점검 · Tell the state of all ROUTES, and of each invalid one why.

    ROUTES: MRT 덤프(gzip, bzip2 가능) 또는 prefix,origin[,path] 줄로 된 글.

    ROUTES is an MRT dump, maybe packed, or text with lines of prefix,origin[,path].

    Exit codes: 0 none is invalid, 1 some are, 3 unreadable input.
    """
    from collections import Counter

    from madang.rpki.engine.routes.origin import STATES, OriginIndex, told

    table, corrupt = _table(observed)
    payloads = _payloads(vrps)
    index = OriginIndex(payloads.vrps)
    seen = sorted(table.routes())
    states = index.states((route.prefix, route.origin) for route in seen)
    counts = Counter(states)
    verdicts = [
        (route, index.verdict(route.prefix, route.origin))
        for route, each in zip(seen, states, strict=True)
        if each == "invalid"
    ]
    if out is not None:
        _write_states(out, zip(seen, states, strict=True), index)
    facts: dict[str, Any] = {name: counts[name] for name in STATES}
    facts["routes"], facts["corrupt"] = len(seen), len(corrupt)
    facts["paths"] = _paths(table, payloads)
    facts["invalid_routes"] = [_invalid(*each) for each in verdicts]
    head = words(
        f"경로 {len(seen):,d}개: 유효 {counts['valid']:,d}, 무효 {counts['invalid']:,d},"
        f" 미확인 {counts['not-found']:,d}",
        f"{len(seen):,d} routes: {counts['valid']:,d} valid, {counts['invalid']:,d} invalid,"
        f" {counts['not-found']:,d} not found",
    )
    lines = (str(told(route.prefix, route.origin, verdict)) for route, verdict in verdicts)
    said = [str(head), *_damage(corrupt), *_some(lines, len(verdicts))]
    say(facts, as_json=as_json, text="\n".join(said))
    _end(bad=bool(verdicts))


@routes.command()
@click.argument("observed", metavar="ROUTES", type=FILE)
@click.option("--after", type=FILE, help="The payloads as they would be.")
@click.option("--add", multiple=True, metavar="VRP", help="Add 'AS64500 10.0.0.0/8-24'.")
@click.option("--remove", multiple=True, metavar="VRP", help="Remove such a payload.")
@_common
def whatif(
    observed: Path,
    *,
    after: Path | None,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    vrps: Path,
    as_json: bool,
) -> None:
    """변경의 영향 · Tell which ROUTES a change of payloads would turn.

    Exit codes: 0 nothing turns invalid, 1 something does, 3 unreadable input.
    """
    from madang.rpki.engine.payloads import Payloads, change
    from madang.rpki.engine.routes import whatif as engine
    from madang.rpki.engine.routes.origin import OriginIndex
    from madang.rpki.engine.routes.paths import PathIndex
    from madang.rpki.engine.routes.vrp_files import read_vrp

    if not (after or add or remove):
        raise click.UsageError("Name a change with --after, --add or --remove.")
    table, corrupt = _table(observed)
    before = _payloads(vrps)
    later = _payloads(after) if after else before
    wanted = (later.vrps | frozenset(map(read_vrp, add))) - frozenset(map(read_vrp, remove))
    found = engine.impact(
        engine.Observed(table),
        OriginIndex(before.vrps),
        change(before, Payloads(wanted, later.aspas, later.router_keys)),
        paths=PathIndex(before.aspas),
    )
    lines = (str(engine.told(each)) for each in found.turned)
    said = [str(found.sentence), *_damage(corrupt), *_some(lines, len(found.turned))]
    say(_impact(found), as_json=as_json, text="\n".join(said))
    _end(bad=bool(found.harms))


@routes.command()
@click.argument("observed", metavar="ROUTES", type=FILE)
@click.option("--held", required=True, help="Held addresses: '192.0.2.0/24, 2001:db8::/32'.")
@click.option("--least-peers", default=1, show_default=True, help="Pass over what fewer see.")
@click.option("--csv", "out", type=OUT, help="Write the suggestions as a file of payloads.")
@_common
def suggest(
    observed: Path,
    *,
    held: str,
    least_peers: int,
    out: Path | None,
    vrps: Path,
    as_json: bool,
) -> None:
    """ROA 제안 · Suggest the authorisations that the seen ROUTES of a holder lack.

    Exit codes: 0 nothing is amiss, 1 something is suggested or odd, 3 unreadable input.
    """
    from madang.rpki.engine.resources.blocks import read_resources
    from madang.rpki.engine.routes import advice
    from madang.rpki.engine.routes.whatif import Observed

    resources = read_resources(held)
    table, corrupt = _table(observed)
    payloads, seen = _payloads(vrps), Observed(table)
    lacking = advice.suggestions(seen, resources, payloads.vrps, least_peers=least_peers)
    odd = advice.findings(seen, resources, payloads.vrps)
    if out is not None:
        rows = (
            (f"AS{each.vrp.asn}", str(each.vrp.prefix), each.vrp.max_length, "suggested")
            for each in lacking
        )
        _write(out, ("ASN", "IP Prefix", "Max Length", "Trust Anchor"), rows)
    facts = {
        "suggestions": [_suggestion(each) for each in lacking],
        "findings": [
            {"kind": each.kind, "vrp": each.vrp and _vrp(each.vrp), "says": str(each.sentence)}
            for each in odd
        ],
    }
    head = words(
        f"제안 {len(lacking)}건, 점검 사항 {len(odd)}건",
        f"{len(lacking)} suggestions, {len(odd)} findings",
    )
    said = [str(head), *_damage(corrupt)]
    said += _some((str(each.sentence) for each in lacking), len(lacking))
    said += _some((str(each.sentence) for each in odd), len(odd))
    say(facts, as_json=as_json, text="\n".join(said))
    _end(bad=bool(lacking or odd))


def _end(*, bad: bool) -> None:
    """End the command: 1 says that there was a finding."""
    click.get_current_context().exit(1 if bad else 0)


def _payloads(file: Path) -> Payloads:
    from madang.rpki.engine.routes.vrp_files import read_vrps

    return read_vrps(file).payloads


def _table(file: Path) -> tuple[Table, list[Corrupt]]:
    from madang.rpki.engine.routes.listing import read_routes

    return read_routes(file)


def _vrp(vrp: Any) -> dict[str, Any]:
    return {"asn": vrp.asn, "prefix": str(vrp.prefix), "max_length": vrp.max_length}


def _invalid(route: Route, verdict: Origin) -> dict[str, Any]:
    return {
        "prefix": str(route.prefix),
        "origin": route.origin,
        "peers": route.peers,
        "reason": verdict.reason,
        "covering": [_vrp(vrp) for vrp in verdict.covering],
    }


def _suggestion(found: Suggestion) -> dict[str, Any]:
    return _vrp(found.vrp) | {
        "state": found.before.state,
        "peers": found.route.peers,
        "rivals": list(found.rivals),
        "doubtful": found.doubtful,
    }


def _some(lines: Iterable[str], count: int) -> list[str]:
    """The first lines, and how many more there are."""
    from itertools import islice

    said = [f"  {line}" for line in islice(lines, SHOWN)]
    if count > SHOWN:
        more = count - SHOWN
        said.append(str(words(f"  그 밖에 {more:,d}건", f"  and {more:,d} more")))
    return said


def _damage(corrupt: list[Corrupt]) -> list[str]:
    """What of a dump was left out."""
    if not corrupt:
        return []
    first = corrupt[0]
    said = words(
        f"읽지 못한 레코드 {len(corrupt)}개, 처음은 {first.offset}바이트: {first.sentence.ko}",
        f"{len(corrupt)} records left out, the first at byte {first.offset}: {first.sentence.en}",
    )
    return [str(said)]


def _paths(table: Table, payloads: Payloads) -> dict[str, int]:
    """How many distinct paths stand how; none are judged without ASPA payloads."""
    from collections import Counter

    from madang.rpki.engine.routes.paths import PATH_STATES, PathIndex

    if not payloads.aspas:
        return {}
    index = PathIndex(payloads.aspas)
    counts = Counter(index.verdict(path, "downstream").state for path in table.paths)
    return {name: counts[name] for name in PATH_STATES}


def _impact(found: Impact) -> dict[str, Any]:
    return {
        "judged": found.judged,
        "harms": found.harms,
        "valid": len(found.to("valid")),
        "invalid": len(found.to("invalid")),
        "not_found": len(found.to("not-found")),
        "reasons": found.reasons,
        "turned": [
            {
                "prefix": str(each.route.prefix),
                "origin": each.route.origin,
                "peers": each.route.peers,
                "before": each.before.state,
                "after": each.after.state,
                "reason": each.after.reason,
            }
            for each in found.turned
        ],
        "paths": [
            {"path": str(each.path), "before": each.before.state, "after": each.after.state}
            for each in found.paths
        ],
    }


def _write_states(out: Path, seen: Iterable[tuple[Any, str]], index: Any) -> None:
    from madang.rpki.engine.routes.route import origin_text

    def rows() -> Iterable[tuple[Any, ...]]:
        for route, state in seen:
            verdict = index.verdict(route.prefix, route.origin)
            covering = "; ".join(map(str, verdict.covering[:20]))
            origin = origin_text(route.origin)
            yield route.prefix, origin, route.peers, state, verdict.reason, covering

    _write(out, ("prefix", "origin", "peers", "state", "reason", "covering"), rows())


def _write(out: Path, heading: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write a CSV file.

    Raises:
        InputError: It cannot be written there.
    """
    from madang.kernel.errors import InputError

    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(heading)
            writer.writerows(rows)
    except OSError as fault:
        raise InputError(
            words(f"쓸 수 없는 파일 {out}", f"the file {out}, which cannot be written"),
            words("쓸 수 있는 위치", "a place that can be written"),
        ) from fault
