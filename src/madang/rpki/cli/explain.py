"""`madang rpki explain …`, `show …`: why is it believed, and what does an object say?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from madang.kernel.commands import as_json_option
from madang.kernel.words import words
from madang.rpki.cli.group import rpki
from madang.rpki.cli.judging import judged, judging_options


@rpki.command()
@click.argument("target")
@click.argument("asn", required=False)
@judging_options
@as_json_option
def explain(target: str, asn: str | None, *, as_json: bool, **chosen: Any) -> None:
    """설명 · Why is TARGET as it is: a prefix announced by ASN, or an object's rsync:// address.

    Exit codes: 0 believed or valid, 1 not, 3 what to judge cannot be read.
    """
    from madang.rpki.engine.explain.route import explain_route
    from madang.rpki.engine.explain.subject import explain_object
    from madang.rpki.engine.resources.prefix import read_asn, read_prefix

    if target.startswith("rsync://"):
        found = judged(chosen)
        events = found.store.events(target) if hasattr(found.store, "events") else ()
        told = explain_object(found.outcome, target, events=events)
        facts, lines, holds = told.facts(), told.lines(), told.state == "accepted"
    else:
        prefix = read_prefix(target)
        if asn is None:
            raise click.UsageError(
                str(words("대역 뒤에 AS 번호를 적으십시오.", "Name the AS behind the prefix."))
            )
        origin = read_asn(asn)
        found = judged(chosen)
        route = explain_route(
            found.outcome, found.store, prefix, asn=origin, applied=found.applied
        )
        facts, lines, holds = route.facts(), route.lines(), route.origin.state == "valid"
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(str(line))
    raise SystemExit(0 if holds else 1)


@rpki.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json_option
def show(file: Path, *, as_json: bool) -> None:
    """객체 보기 · What the object in FILE says, by itself: nobody vouches for it here.

    Exit codes: 0 shown, 1 a check of its form failed.
    """
    from madang.rpki.engine.explain.contents import contents
    from madang.rpki.engine.explain.subject import fault_facts, fault_sentence
    from madang.rpki.engine.faults import Fault

    try:
        facts = contents(file.read_bytes(), file.name)
    except Fault as fault:
        refused = {"file": file.name, "refused": fault_facts(fault)}
        click.echo(json.dumps(refused) if as_json else str(fault_sentence(fault)))
        raise SystemExit(1) from fault
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            if row not in ("", None):
                click.echo(f"{name}: {row}")
