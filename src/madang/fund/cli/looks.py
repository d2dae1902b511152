"""`madang fund …`: look at a fund's books, check them, and ask what another rule would mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from madang.fund.cli.group import common, day, fund, on_day, opened
from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words


@fund.command()
@click.argument("terms", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json_option
def check(terms: Path, *, as_json: bool) -> None:
    """규약 확인 · Check the agreement TERMS (YAML) against its schema and itself.

    Exit codes: 0 it holds, 3 it does not; the place is named.
    """
    from madang.fund.engine.terms import reading

    agreement = reading.read(terms.read_bytes())
    facts = {"fund": agreement.id, "version": agreement.version, "digest": agreement.digest}
    said = words(
        f"{agreement.title.ko} {agreement.version}판: 문제없음",
        f"{agreement.title.en}, version {agreement.version}: holds",
    )
    say(facts, as_json=as_json, text=str(said))


@fund.command()
@on_day
@common
def show(on: Any, folder: Path, *, as_json: bool) -> None:
    """현황 · Show what partners promised, paid and received, and what the fund is worth.

    Exit codes: 0 shown, 3 unreadable books.
    """
    from madang.fund.engine import telling

    book, until = opened(folder).book(), day(on)
    facts = telling.standing_facts(book, until)
    say(facts, as_json=as_json, text=telling.standing(book, until))


@fund.command()
@common
@click.pass_context
def verify(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """장부 검증 · Compute every digest, balance and distribution again, and compare.

    Exit codes: 0 everything agrees, 1 something does not, 3 an entry was changed.
    """
    from madang.fund.engine import reconciling, telling

    book = opened(folder).book()
    found = [*reconciling.reconcile(book), *reconciling.replayed(book)]
    facts = {
        "checks": len(found),
        "disagree": [str(each.title) for each in found if not each.agrees],
        "head": book.journal.head,
    }
    say(facts, as_json=as_json, text=telling.checks(found, book.latest.title))
    ctx.exit(0 if all(each.agrees for each in found) else 1)


@fund.command("what-if")
@click.argument("changes", nargs=-1, required=True, metavar="PLACE=VALUE…")
@on_day
@common
def what_if(changes: tuple[str, ...], on: Any, folder: Path, *, as_json: bool) -> None:
    """규약을 바꾸었다면 · Show who would have had what with other terms.

    예: distribution.tiers.1.rate=8%

    Such as: distribution.tiers.1.rate=8%

    Exit codes: 0 shown, 3 there is no such place, or the terms would contradict themselves.
    """
    from madang.fund.engine import telling
    from madang.fund.engine import what_if as asking

    book = opened(folder).book()
    found = asking.compare(book, dict(map(_change, changes)), on=day(on))
    difference = asking.difference(found)
    names = {str(each.number): each.name for each in book.latest.partners}
    names |= {
        "carry": words("성과보수", "Carried interest"),
        "fees": words("관리보수", "Management fee"),
    }
    said = telling.what_if(found, difference, names)
    say({"difference": difference}, as_json=as_json, text=said)


def _change(text: str) -> tuple[str, Any]:
    place, mark, value = text.partition("=")
    if not mark:
        raise click.UsageError(f"Write PLACE=VALUE; found {text!r}.")
    try:
        return place, json.loads(value)
    except ValueError:
        return place, value


@fund.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--as",
    "form",
    type=click.Choice(["beancount", "jsonl"]),
    default="beancount",
    show_default=True,
    help="beancount for bean-check, jsonl for programs.",
)
@common
def export(file: Path, form: str, folder: Path, *, as_json: bool) -> None:
    """내보내기 · Write the whole ledger to FILE.

    Exit codes: 0 written, 3 unreadable books.
    """
    from madang.fund.engine.ledger import beancount, lines

    book = opened(folder).book()
    if form == "jsonl":
        content = lines.encode(book.journal.entries)
    else:
        text = "\n".join(beancount.lines(book.journal, book.latest.title.en))
        content = f"{text}\n".encode()
    file.write_bytes(content)
    entries = len(book.journal)
    said = words(f"{file}: 기록 {entries}건", f"{file}: {entries} entries")
    facts = {"file": str(file), "entries": entries, "head": book.journal.head}
    say(facts, as_json=as_json, text=str(said))
