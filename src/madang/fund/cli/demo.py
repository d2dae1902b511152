"""`madang fund demo`: ten years of an invented fund, reconciled to the won."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.fund.cli.group import fund
from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.fund.engine.book import Book
    from madang.fund.engine.demo.play import Played


@fund.command()
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo/fund"),
    show_default=True,
    help="Where the books and reports go; made anew each time.",
)
@click.option("--seed", type=int, default=2025, show_default=True, help="Another story.")
@as_json_option
@click.pass_context
def demo(ctx: click.Context, into: Path, seed: int, *, as_json: bool) -> None:
    """예시 펀드의 10년 · Play ten years of an invented fund of 1,500억 and its sub-fund.

    약정부터 청산까지 모든 돈을 기록하고, 원 단위까지 맞는지 확인하고, 출자자 보고서를 씁니다.

    Commitments, calls, investments, exits, distributions, liquidation: all posted, checked to the
    won, and told to the partners in reports.

    Exit codes: 0 everything agrees, 1 something does not.
    """
    from madang.fund.engine import reconciling, telling
    from madang.fund.engine.demo.play import play

    played = play(seed)
    said, facts, holds = [], {}, True
    for name, each in played.items():
        book = each.book
        checks = [*reconciling.reconcile(book), *reconciling.replayed(book)]
        holds = holds and all(check.agrees for check in checks)
        last = book.journal.last_day or book.latest.effective_on
        said += [telling.standing(book, last), telling.checks(checks, book.latest.title), ""]
        facts[name] = telling.standing_facts(book, last) | {
            "checks": len(checks),
            "disagree": [str(check.title) for check in checks if not check.agrees],
        }
    between = reconciling.between(
        played["ai-fund"].book, played["ai-fund-regional"].book, partner=1
    )
    holds = holds and all(check.agrees for check in between)
    said.append(telling.checks(between, words("모펀드와 자펀드", "Fund and sub-fund")))
    files = _written(into, played)
    said += [str(words(f"파일 {files}개: {into}", f"{files} files in {into}"))]
    say({"funds": facts, "holds": holds, "files": files}, as_json=as_json, text="\n".join(said))
    ctx.exit(0 if holds else 1)


def _written(into: Path, played: dict[str, Played]) -> int:
    """Write the books of every fund, whole; how many files there are then."""
    import shutil

    count = 0
    for name, each in played.items():
        place = into / name
        if place.exists():
            _refuse_foreign(place)
            shutil.rmtree(place)
        count += _books(place, each.book)
    return count


def _refuse_foreign(place: Path) -> None:
    """Refuse to make a folder anew that no demonstration has written."""
    from madang.kernel.errors import InputError

    if not (place / "entries" / "000001.jsonl").is_file():
        raise InputError(
            words(f"예시가 쓰지 않은 폴더 {place}", f"the folder {place}, of something else"),
            words("없는 폴더나 앞서 쓴 예시", "no such folder, or an earlier demonstration"),
            words("--into로 다른 곳을 정하십시오.", "Name another place with --into."),
        )


def _books(place: Path, book: Book) -> int:
    from madang.fund.engine.ledger import beancount, lines

    files: dict[str, Any] = {
        f"terms/{number:04d}.yaml": _terms(each.id)
        for number, each in enumerate(book.agreements, start=1)
    }
    files["entries/000001.jsonl"] = lines.encode(book.journal.entries)
    text = "\n".join(beancount.lines(book.journal, book.latest.title.en))
    files["ledger.beancount"] = f"{text}\n".encode()
    files |= _reports(book)
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return len(files)


def _reports(book: Book) -> dict[str, bytes]:
    """The partners' statements and the fund's own reports, as of its last day."""
    from madang.fund.cli.reports import found, written

    until = book.journal.last_day or book.latest.effective_on
    reports = {
        f"reports/{name}{suffix}": written(found(book, name, until), suffix)
        for name, suffix in (
            ("ilpa", ".xlsx"),
            ("performance", ".pdf"),
            ("quarterly", ".pdf"),
            ("partners", ".xlsx"),
        )
    }
    for number in book.partners(until):
        if number in {each.number for each in book.latest.partners}:
            statement = found(book, "capital-account", until, number)
            reports[f"reports/partner-{number}.pdf"] = written(statement, ".pdf")
    return reports


def _terms(name: str) -> bytes:
    from madang.fund.engine.demo.play import terms

    return terms("main" if name == "ai-fund" else "regional")
