"""`madang programme`: the commands of this room."""

from __future__ import annotations

import json

import click

from madang.kernel.units import won
from madang.kernel.words import words


@click.group()
def programme() -> None:
    """추경 집행 · The programme itself."""


@programme.command()
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object instead of text.")
def lines(*, as_json: bool) -> None:
    """Show the appropriation lines, their sum and where they were published."""
    from madang.programme.engine.lines import load

    voted = load()
    if as_json:
        rows = [{"id": line.id, "amount_krw": line.amount_krw} for line in voted.lines]
        told = {"programme": voted.id, "total_krw": voted.total_krw, "lines": rows}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"{voted.title} ({voted.source.publisher}, {voted.source.published_on})")
    for line in voted.lines:
        waits = f" · {words('아직 없음', 'not built yet')}" if line.not_built else ""
        click.echo(f"{won(line.amount_krw):>17}  {line.id}  {line.title}{waits}")
    click.echo(f"{won(voted.total_krw):>17}  {words('합계', 'sum')}")
