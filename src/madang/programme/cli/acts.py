"""`madang programme …`: take records in and back, settle, check, publish."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import say
from madang.kernel.words import language, words
from madang.programme.cli.group import (
    common,
    day,
    hands,
    on_day,
    opened,
    programme,
)

if TYPE_CHECKING:
    from madang.programme.engine.intake.papers import Handed

_STEPS = ("granted", "disbursed", "confirmed")


@programme.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML that says which column is what, in which unit, and what lines are called.",
)
@click.option(
    "--evidence",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the evidence files that the rows name.",
)
@click.option(
    "--step",
    type=click.Choice(_STEPS),
    default="disbursed",
    show_default=True,
    help="What an amount is whose heading and row do not say it.",
)
@click.option(
    "--looked-at",
    type=int,
    multiple=True,
    metavar="ROW",
    help="This row's unusual amount was looked at and is meant.",
)
@click.option("--book", is_flag=True, help="Book it if every row holds; else only look.")
@hands
@common
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path,
    mapping: Path | None,
    evidence: Path | None,
    step: Any,
    looked_at: tuple[int, ...],
    book: bool,
    by: str,
    approved_by: str,
    folder: Path,
    as_json: bool,
) -> None:
    """집행 기록 가져오기 · Read execution records from CSV or XLSX.

    먼저 무엇으로 읽었고 무엇이 바뀌는지 보여 줍니다. --book이면 모든 행이 맞을 때만 반영합니다.

    Shows what each column was taken for and what would change. With --book the file lands as a
    whole, or not at all.

    Exit codes: 0 every row holds, 1 rows are to be mended, 3 unreadable.
    """
    from madang.kernel import clock
    from madang.programme.engine import telling
    from madang.programme.engine.intake import batch, headings
    from madang.programme.engine.intake.checks import Terms
    from madang.programme.engine.intake.mapping_text import read_file

    if book and not (by and approved_by):
        raise click.UsageError("--book needs --by and --approved-by.")
    here, handed = opened(folder), _handed(folder, evidence)
    looked = batch.preview(
        file.read_bytes(),
        here.ledger(),
        name=file.name,
        terms=Terms(
            batch=batch.new_batch(),
            by=by or "?",
            approved_by=approved_by or "??",
            recorded_at=clock.now(),
            looked_at=frozenset(looked_at),
            papers=handed,
        ),
        given=read_file(mapping.read_bytes()) if mapping else headings.NOTHING_GIVEN,
        step=step,
    )
    said = telling.imported(looked)
    if book and looked.holds:
        handed.attach(looked.entries, by=by)
        here.book(looked.entries)
        undo = f"madang programme undo {looked.batch}"
        said += "\n" + str(
            words(f"반영했습니다. 취소: {undo}", f"Booked. To take it back: {undo}")
        )
    facts = {**looked.plain(language()), "booked": book and looked.holds}
    say(facts, as_json=as_json, text=said)
    ctx.exit(0 if looked.holds else 1)


def _handed(folder: Path, evidence: Path | None) -> Handed:
    from madang.programme.engine.intake.papers import Handed, in_folder

    receipts = opened(folder).receipts()
    return in_folder(evidence, receipts) if evidence else Handed({}, receipts)


@programme.command()
@click.argument("batch")
@hands
@common
def undo(batch: str, by: str, approved_by: str, folder: Path, as_json: bool) -> None:
    """가져오기 취소 · Take an import back as a whole, by bookings of the other sign.

    Exit codes: 0 taken back, 3 no such import, or the ledger would not hold without it.
    """
    from madang.kernel import clock
    from madang.programme.engine.intake import batch as imports

    if not (by and approved_by):
        raise click.UsageError("This needs --by and --approved-by.")
    here = opened(folder)
    entries = imports.undoing(
        here.ledger(), batch, by=by, approved_by=approved_by, recorded_at=clock.now()
    )
    here.book(entries)
    text = words(f"기록 {len(entries):,}건을 되돌렸습니다.", f"{len(entries):,} taken back.")
    say({"batch": batch, "taken_back": len(entries)}, as_json=as_json, text=str(text))


@programme.command()
@click.option("--line", default="", help="Only this line.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("settlement"),
    show_default=True,
    help="Where settlement.json, .html and .pdf go.",
)
@on_day
@common
@click.pass_context
def settle(ctx: click.Context, line: str, out: Path, on: Any, folder: Path, as_json: bool) -> None:
    """정산 · Write the settlement from the ledger, with every voucher and its evidence.

    금액도 증빙도 다시 입력하지 않습니다. 바뀌거나 없는 증빙 파일은 이름을 밝힙니다.

    Nothing is typed twice; an evidence file that was changed or is missing is named.

    Exit codes: 0 written, 1 written, but some evidence does not hold, 3 no such line.
    """
    from madang.kernel import clock
    from madang.kernel.report.html import html
    from madang.kernel.report.pdf import pdf
    from madang.programme.engine.open_data.export import write
    from madang.programme.engine.settlement import settle as settled
    from madang.programme.engine.settlement_paper import document

    here = opened(folder)
    found = settled(
        here.ledger(),
        on=day(on),
        interest=here.interest(),
        receipts=here.receipts(),
        line=line,
    )
    paper = document(found, made_at=clock.now())
    plain = json.dumps(found.plain(), ensure_ascii=False, indent=1) + "\n"
    files = {
        "settlement.json": plain.encode(),
        "settlement.html": html(paper),
        "settlement.pdf": pdf(paper),
    }
    write(files, out)
    broken = sorted({bad.name or bad.sha256 for each in found.lines for bad in each.broken})
    facts = {"out": str(out), "files": sorted(files), "broken": broken}
    said = [f"{out / name}" for name in files]
    said += [
        str(words(f"확인되지 않는 증빙: {each}", f"does not hold: {each}")) for each in broken
    ]
    say(facts, as_json=as_json, text="\n".join(said))
    ctx.exit(1 if broken else 0)


@programme.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the files go: a new folder, or one of an earlier export.",
)
@click.option("--address", default="http://127.0.0.1:8000", help="The site, without a last slash.")
@click.option("--ocds-prefix", default="ocds-000000", help="As registered for OCDS.")
@click.option("--oc4ids-prefix", default="oc4ids-000000", help="As registered for OC4IDS.")
@on_day
@common
def export(
    out: Path,
    address: str,
    ocds_prefix: str,
    oc4ids_prefix: str,
    on: Any,
    folder: Path,
    as_json: bool,
) -> None:
    """공개 자료 · Write the open data: OCDS, OC4IDS, a Fiscal Data Package and CSV.

    모든 형식을 표준 스키마로 확인한 뒤 함께 씁니다. 예시 자료는 공개하지 않습니다.

    Every format is checked against its standard, then all are written, or none. An example year
    is never published. The prefixes come from the Open Contracting Partnership.

    Exit codes: 0 written, 3 nothing was written.
    """
    from madang.kernel import clock
    from madang.programme.engine.open_data import export as open_data
    from madang.programme.engine.open_data.publisher import Publisher

    ledger = opened(folder).ledger()
    publisher = Publisher(
        name=ledger.programme.ministry,
        address=address,
        ocds_prefix=ocds_prefix,
        oc4ids_prefix=oc4ids_prefix,
    )
    files = open_data.formats(ledger, publisher, on=day(on), at=clock.now())
    open_data.write(files, out)
    facts = {"out": str(out), "files": sorted(files)}
    say(facts, as_json=as_json, text="\n".join(f"{out / name}" for name in files))


@programme.command()
@common
@click.pass_context
def check(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """점검 · Check the sums of the ledger, every booking and every evidence file.

    Exit codes: 0 everything holds, 1 something does not, 3 unreadable.
    """
    from madang.programme.engine import telling
    from madang.programme.engine.audit import audit

    here = opened(folder)
    ledger = here.ledger()
    found = audit(ledger, here.receipts())
    facts = {
        "entries": len(ledger.entries),
        "papers": len(found.standings),
        "faults": [str(each) for each in found.faults],
        "holds": not found.faults,
    }
    text = telling.checked(ledger, found.standings, [str(each) for each in found.faults])
    say(facts, as_json=as_json, text=text)
    ctx.exit(1 if found.faults else 0)
