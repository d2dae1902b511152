"""`madang fund …`: how a fund has done, and its reports as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.fund.cli.group import common, day, fund, on_day, opened
from madang.kernel.commands import say
from madang.kernel.words import words

if TYPE_CHECKING:
    from datetime import date

    from madang.fund.engine.book import Book
    from madang.fund.engine.measures.public_market import Index
    from madang.fund.engine.reports.cell import Report

NAMES = ("capital-account", "partners", "ilpa", "performance", "quarterly")


@fund.command()
@click.option(
    "--index",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A public index to compare with: CSV with the columns day and level.",
)
@on_day
@common
def measures(index: Path | None, on: Any, folder: Path, *, as_json: bool) -> None:
    """성과 · Show multiples and every rate of return, net and gross, and beside an index.

    Exit codes: 0 shown, 3 unreadable books or index.
    """
    from madang.fund.engine.measures import in_book

    book, until = opened(folder).book(), day(on)
    rows = {
        "net": in_book.net(book, until),
        "net-without-line": in_book.net(book, until, line=False),
        "gross": in_book.gross(book, until),
    }
    facts: dict[str, Any] = {}
    said = [f"{book.latest.title} {until}"]
    for name, each in rows.items():
        own = each.multiples
        facts[name] = {
            "tvpi": _number(own.tvpi),
            "dpi": _number(own.dpi),
            "rvpi": _number(own.rvpi),
            "irr": list(each.rates.roots),
            "status": each.rates.status,
        }
        rate = str(each.rates.note) if each.rates.note else f"{each.rates.roots[0]:.4%}"
        said.append(f"  {name:<17} TVPI {_text(own.tvpi)}  DPI {_text(own.dpi)}  IRR {rate}")
    if index is not None:
        facts["public"] = _public(book, until, _index(index), said)
    say({"on": until.isoformat(), **facts}, as_json=as_json, text="\n".join(said))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _text(value: Any) -> str:
    return "–" if value is None else f"{float(value):.3f}"


def _public(book: Book, until: date, index: Index, said: list[str]) -> dict[str, Any]:
    from madang.fund.engine.measures import in_book
    from madang.fund.engine.measures.public_market import compared

    own = in_book.net(book, until)
    found = compared(own.flows, nav=own.nav, on=until, index=index)
    rates = {
        "direct-alpha": found.direct_alpha,
        "pme-plus": found.pme_plus,
        "ln-pme": found.ln_pme,
    }
    said.append(f"  {index.name:<17} KS-PME {_text(found.ks_pme)}")
    for name, each in rates.items():
        if each is not None:
            told = str(each.note) if each.note else f"{each.roots[0]:.4%}"
            said.append(f"  {name:<17} {told}")
    return {
        "index": index.name,
        "ks_pme": _number(found.ks_pme),
        **{name: list(each.roots) if each else None for name, each in rates.items()},
    }


def _index(path: Path) -> Index:
    from madang.fund.engine.measures.index_file import read

    return read(path.read_bytes(), name=path.name)


@fund.command()
@click.argument("name", type=click.Choice(NAMES))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--partner", type=int, help="The number of one partner.")
@on_day
@common
def report(
    name: str, file: Path, partner: int | None, on: Any, folder: Path, *, as_json: bool
) -> None:
    """보고서 쓰기 · Write a report to FILE: .pdf, .xlsx or .csv.

    Exit codes: 0 written, 3 unreadable books, or no such partner.
    """
    book, until = opened(folder).book(), day(on)
    content = written(found(book, name, until, partner), file.suffix)
    file.write_bytes(content)
    said = words(f"{file}: {len(content):,}바이트", f"{file}: {len(content):,} bytes")
    say({"file": str(file), "bytes": len(content)}, as_json=as_json, text=str(said))


def found(book: Book, name: str, until: date, partner: int | None = None) -> Report:
    """One report of a fund."""
    from madang.fund.engine.reports import capital_account, ilpa, performance, quarterly

    terms, journal = book.terms(until), book.journal
    if name == "capital-account":
        if partner is None:
            raise click.UsageError("capital-account needs --partner.")
        return capital_account.partner(terms, journal, partner, until=until)
    if name == "partners":
        return capital_account.partners(terms, journal, until=until)
    if name == "ilpa":
        return ilpa.reporting(terms, journal, until=until, partner=partner)
    if name == "performance":
        return performance.performance(terms, journal, until=until, partner=partner)
    return quarterly.quarterly(terms, journal, until=until)


def written(report: Report, suffix: str) -> bytes:
    """A report as the bytes of a file."""
    from madang.fund.engine.reports import paper, plain, workbook
    from madang.kernel.report.pdf import pdf

    if suffix == ".pdf":
        return pdf(paper.document(report))
    if suffix == ".xlsx":
        return workbook.xlsx(report)
    if suffix == ".csv":
        return plain.csv_text(report).encode("utf-8-sig")
    raise click.UsageError(f"Write to .pdf, .xlsx or .csv; found {suffix!r}.")
