"""How long do 100,000 execution records take from the file to the ledger, every row validated?

Processor time of one process, once to warm up and then the median. Beside it the floor: polars or
the standard library reading the same file and doing nothing with it.
"""

from __future__ import annotations

import io
import random
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import polars as pl

from bench.table import Measurement, median_cpu_s
from madang.programme.engine import booking
from madang.programme.engine.intake.batch import preview, take_in
from madang.programme.engine.intake.checks import Terms
from madang.programme.engine.ledger import Entry, Kind, Ledger
from madang.programme.engine.lines import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RECORDS, TIMES, MOST_S = 100_000, 3, 10.0
HEAD = ("사업코드", "전표번호", "집행일자", "구분", "금액(원)", "지급처", "사업자등록번호", "적요")
LATER = datetime(2026, 1, 20, tzinfo=UTC)


def measure() -> list[Measurement]:
    """CSV and XLSX into an empty ledger, CSV beside as many bookings, and a file of faults."""
    rows = _rows(1)
    csv, xlsx = _csv(rows), _xlsx(rows)
    text = [[str(cell) for cell in row] for row in rows]
    granted = _granted()
    full = _taken(csv, granted, "a")
    bad = csv.replace(b"2025. ", b"2024. ")
    return [
        _measured("CSV (UTF-8)", lambda: _taken(csv, granted, "a"), _floor_csv(csv)),
        _measured("CSV (CP949)", lambda: _taken(_cp949(text), granted, "a"), ""),
        _measured("XLSX", lambda: _taken(xlsx, granted, "a"), _floor_xlsx(xlsx)),
        _measured(
            f"CSV, beside {RECORDS:,} bookings that stand",
            lambda: _taken(_csv(_rows(2)), full, "b"),
            "",
        ),
        _refused(bad, granted),
    ]


def _rows(batch: int) -> list[tuple[str | int, ...]]:
    """Vouchers of 1,000 to 50,000 won over all lines; together below what is granted."""
    rng = random.Random(20261123 + batch)
    lines = [line.id for line in load().lines]
    return [
        (
            rng.choice(lines),
            f"{batch}-{number:06d}",
            f"2025. {rng.randint(8, 12)}. {rng.randint(1, 28)}.",
            "집행",
            rng.randint(1_000, 50_000),
            f"업체 {rng.randint(1, 500)}",
            f"{rng.randint(100, 999)}-{rng.randint(10, 99)}-{rng.randint(10_000, 99_999)}",
            "재료비 구입",
        )
        for number in range(RECORDS)
    ]


def _csv(rows: Sequence[Sequence[str | int]]) -> bytes:
    lines = [",".join(HEAD)]
    for row in rows:
        amount = f'"{row[4]:,}"'
        lines.append(",".join([*map(str, row[:4]), amount, *map(str, row[5:])]))
    return ("\n".join(lines) + "\n").encode()


def _cp949(rows: Sequence[Sequence[str]]) -> bytes:
    return ("\n".join(map(",".join, [list(HEAD), *rows])) + "\n").encode("cp949")


def _xlsx(rows: Sequence[Sequence[str | int]]) -> bytes:
    """A workbook as Excel writes it: shared strings, numbers as numbers."""
    shared: dict[str, int] = {}

    def cell(value: str | int, place: str) -> str:
        if isinstance(value, int):
            return f'<c r="{place}"><v>{value}</v></c>'
        return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'

    body = "".join(
        f'<row r="{at}">'
        + "".join(cell(v, f"{chr(65 + n)}{at}") for n, v in enumerate(row))
        + "</row>"
        for at, row in enumerate([HEAD, *rows], start=1)
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            '<workbook xmlns:r="r"><sheets><sheet name="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet><sheetData>{body}</sheetData></worksheet>",
        )
        strings = "".join(f"<si><t>{escape(each)}</t></si>" for each in shared)
        archive.writestr("xl/sharedStrings.xml", f"<sst>{strings}</sst>")
    return content.getvalue()


def _granted() -> Ledger:
    """Every line granted in full on 7 July."""
    programme = load()
    grants = [
        Entry(
            id=f"grant-{line.id}",
            line=line.id,
            kind=Kind.GRANT,
            amount_krw=line.amount_krw,
            booked_on=date(2025, 7, 7),
            recorded_at=datetime(2025, 7, 8, tzinfo=UTC),
            by="maker",
            approved_by="checker",
        )
        for line in programme.lines
    ]
    return booking.append(Ledger(programme=programme), grants)


def _look(content: bytes, ledger: Ledger, batch: str) -> object:
    terms = Terms(batch=f"import-{batch}", by="maker", approved_by="checker", recorded_at=LATER)
    return preview(content, ledger, name="records", terms=terms)


def _taken(content: bytes, ledger: Ledger, batch: str) -> Ledger:
    terms = Terms(batch=f"import-{batch}", by="maker", approved_by="checker", recorded_at=LATER)
    seen = preview(content, ledger, name="records", terms=terms)
    assert seen.holds, seen.faults[:3]
    return take_in(ledger, seen)


def _measured(what: str, work: Callable[[], object], floor: str) -> Measurement:
    taken = median_cpu_s(work, times=TIMES)
    return Measurement(
        what=f"import of {RECORDS:,} records, {what}",
        figure=f"{taken:.2f} s CPU",
        peer=floor,
        goal=f"at most {MOST_S:g} s",
        kept=taken <= MOST_S,
        how=f"read, preview, validate and book; median of {TIMES}, warm",
    )


def _refused(content: bytes, ledger: Ledger) -> Measurement:
    taken = median_cpu_s(lambda: _look(content, ledger, "a"), times=TIMES)
    return Measurement(
        what=f"refusal of {RECORDS:,} records, all of another year",
        figure=f"{taken:.2f} s CPU",
        how=f"until 1,000 faults are told; median of {TIMES}, warm",
    )


def _floor_csv(content: bytes) -> str:
    taken = median_cpu_s(lambda: pl.read_csv(content, infer_schema=False), times=TIMES)
    return f"polars reads it as text in {taken:.2f} s CPU"


def _floor_xlsx(content: bytes) -> str:
    def read() -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
                for _, element in ElementTree.iterparse(archive.open(name)):
                    element.clear()

    return f"ElementTree walks its cells in {median_cpu_s(read, times=TIMES):.2f} s CPU"
