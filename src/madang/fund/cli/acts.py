"""`madang fund …`: begin a fund's books, post acts, add another version of the terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from madang.fund.cli.group import common, fund, opened
from madang.kernel.commands import say
from madang.kernel.words import words


@fund.command("open")
@click.argument("terms", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def open_(terms: Path, folder: Path, *, as_json: bool) -> None:
    """장부 시작 · Begin a fund's books with its agreement TERMS (YAML).

    Exit codes: 0 begun, 3 the terms cannot be read or contradict themselves.
    """
    book = opened(folder).open(terms.read_bytes())
    agreement = book.latest
    facts = {
        "fund": agreement.id,
        "version": agreement.version,
        "commitment_krw": agreement.commitment_krw,
        "digest": agreement.digest,
    }
    said = words(
        f"{agreement.title.ko}의 장부를 시작했습니다: {folder}",
        f"The books of {agreement.title.en} begin in {folder}.",
    )
    say(facts, as_json=as_json, text=str(said))


@fund.command("add-terms")
@click.argument("terms", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def add_terms(terms: Path, folder: Path, *, as_json: bool) -> None:
    """규약 개정 · Add the next version of the agreement, from its day on.

    Exit codes: 0 added, 3 it is not the next version, or contradicts itself.
    """
    agreement = opened(folder).add_terms(terms.read_bytes()).latest
    facts = {"version": agreement.version, "effective_on": agreement.effective_on.isoformat()}
    said = words(
        f"{agreement.version}판이 {agreement.effective_on}부터 시행됩니다.",
        f"Version {agreement.version} is in force from {agreement.effective_on} on.",
    )
    say(facts, as_json=as_json, text=str(said))


@fund.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", default="", help="Who puts them forward.")
@click.option("--approved-by", default="", help="Who approves them: somebody else.")
@click.option("--dry-run", is_flag=True, help="Show the postings and keep nothing.")
@common
def post(
    file: Path, by: str, approved_by: str, folder: Path, *, dry_run: bool, as_json: bool
) -> None:
    """업무 기록 · Post the acts of FILE (YAML: a list), all of them or none.

    각 업무는 `act`와 그 업무에 필요한 항목으로 적습니다. 예: {act: fee, on: 2026-01-02}

    Each act has `act` and the facts that it needs, such as {act: fee, on: "2026-01-02"}.

    Exit codes: 0 posted, 3 one cannot be posted, so none is.
    """
    from madang.fund.engine import telling
    from madang.kernel import clock

    if not dry_run and not (by and approved_by):
        raise click.UsageError("Posting needs --by and --approved-by.")
    here = opened(folder)
    book = here.book()
    drafts = _drafts(book, file)
    if not dry_run:
        here.post(here.book(), drafts, by=by, approved_by=approved_by, at=clock.now())
    facts = {"entries": len(drafts), "posted": not dry_run}
    say(facts, as_json=as_json, text=telling.postings(drafts))


def _drafts(book: Any, file: Path) -> list[Any]:
    """The drafts of all acts, each made with those before it in the books."""
    from madang.fund.engine import acts
    from madang.kernel import clock
    from madang.kernel.errors import InputError
    from madang.kernel.yaml_text import read_yaml

    asked = read_yaml(file.read_bytes())
    if not isinstance(asked, list) or not all(isinstance(each, dict) for each in asked):
        raise InputError(
            words(f"{file.name}: 목록이 아님", f"no list in {file.name}"),
            words("업무의 목록", "a list of acts"),
        )
    found: list[Any] = []
    for row, each in enumerate(asked, start=1):
        drafts = acts.drafts(book, each, row=row)
        # The next act sees this one; nothing of it is written before all are known to hold.
        book.journal.append(drafts, by="?", approved_by="??", at=clock.now())
        found.extend(drafts)
    return found
