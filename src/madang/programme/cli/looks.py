"""`madang programme …`: look at the lines, at what is spent, and at the end of the year."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.units import won
from madang.kernel.words import words
from madang.programme.cli.group import (
    common,
    day,
    on_day,
    opened,
    programme,
)


@programme.command()
@as_json_option
def lines(*, as_json: bool) -> None:
    """예산 항목 · Show the appropriation lines, their sum and where they were published."""
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


@programme.command()
@click.argument("line", default="")
@on_day
@common
def show(line: str, on: Any, folder: Path, as_json: bool) -> None:
    """집행 보기 · Show what is granted, disbursed and really spent, by line.

    Exit codes: 0 shown, 3 no such line.
    """
    from dataclasses import asdict

    from madang.programme.engine import telling
    from madang.programme.engine.balances import balances

    ledger = opened(folder).ledger()
    if line:
        ledger.programme.line(line)
    until = day(on)
    rows = [each for each in balances(ledger, on=until) if line in ("", each.line)]
    facts = {"on": until.isoformat(), "lines": [asdict(each) for each in rows]}
    say(facts, as_json=as_json, text=telling.balances(ledger, rows))


@programme.command()
@on_day
@common
def forecast(on: Any, folder: Path, as_json: bool) -> None:
    """연말 전망 · Forecast what each line, and the whole, will have spent at the end of the year.

    구간은 80% 확률로 맞는 범위입니다. 끝난 해에는 전망이 아니라 정산을 봅니다.

    The interval holds with a chance of 80 %. A year that is over has a settlement, no forecast.

    Exit codes: 0 shown, 3 the day is not within the year.
    """
    from madang.programme.engine import telling

    ledger, today = opened(folder).ledger(), day(on)
    found = telling.outlooks_of(ledger, today)
    facts = {"on": today.isoformat(), "lines": [telling.outlook_facts(each) for each in found]}
    say(facts, as_json=as_json, text=telling.outlooks(ledger, found))
