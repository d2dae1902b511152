"""A workbook, a CSV file and a page say the same figures as the report."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

from madang.fund.engine.ledger.query import Query
from madang.fund.engine.reports import capital_account, ilpa, paper, plain, workbook
from madang.fund.engine.reports.cell import (
    Cell,
    Column,
    Measured,
    Ratio,
    Report,
    Row,
    Statement,
    periods,
    report,
)
from madang.kernel.report.html import html
from madang.kernel.sheets.files import read_sheets
from madang.kernel.words import words
from tests.fund.engine.reports import played

TERMS = played.agreement()
JOURNAL = played.posted(played.life(TERMS))
END = date(2027, 12, 31)
ILPA = ilpa.reporting(TERMS, JOURNAL, until=END, partner=2)


def one(content: object, label: str = "a", kind: str = "won") -> Report:
    statement = Statement(
        title=words("표", "Table"),
        of=words("항목", "Item"),
        columns=(Column(title=words("값", "Value"), kind=kind),),
        rows=(Row(label=label, cells=(content,)),),  # type: ignore[arg-type]
    )
    title = words("보고", "Report")
    return report(title, title, TERMS, JOURNAL, until=END, statements=[statement])


def test_the_workbook_holds_every_figure_as_a_number_in_both_languages() -> None:
    sheets = {each.name: each for each in read_sheets(workbook.xlsx(ILPA), name="a.xlsx")}
    first = ILPA.statements[0]

    assert list(sheets) == [
        "표지 Cover",
        *(f"{n} {which}" for n in range(1, 6) for which in ("한국어", "EN")),
        "출처 Postings",
    ]
    for name in ("1 한국어", "1 EN"):
        read = [list(map(int, row[1:])) for row in sheets[name].rows[2 : 2 + len(first.rows)]]
        assert read == [
            [each.value for each in row.cells if isinstance(each, Cell)] for row in first.rows
        ]
    assert any(JOURNAL.head in row for row in sheets["표지 Cover"].rows)


def test_the_last_sheet_leads_from_each_cell_to_its_postings() -> None:
    sheets = read_sheets(workbook.xlsx(ILPA), name="a.xlsx")
    traces = sheets[-1].rows[1:]
    by_name = {each.name: each for each in sheets}

    assert len(traces) > 100
    for name, place, _, _, value, asked in traces:
        shown = by_name[name]
        row = shown.rows[list(shown.numbers).index(int(place[1:]))]
        assert row[ord(place[0]) - 65] == value
        assert sum(Query.read(each).of(JOURNAL) for each in asked.split()) == int(value)


def test_the_same_report_is_the_same_bytes() -> None:
    assert workbook.xlsx(ILPA) == workbook.xlsx(ILPA)


def test_an_address_stands_before_each_question() -> None:
    sheets = read_sheets(workbook.xlsx(ILPA, address="/p?"), name="a.xlsx")

    assert all(each[-1].startswith("/p?accounts=") for each in sheets[-1].rows[1:])


def test_an_address_of_a_site_can_be_followed() -> None:
    content = workbook.xlsx(ILPA, address="https://fund.example/postings/?")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        links = archive.read("xl/worksheets/_rels/sheet12.xml.rels").decode()

    assert links.count("https://fund.example/postings/?accounts=") > 100


def test_an_amount_beyond_fifteen_digits_is_not_rounded() -> None:
    amount = 10**15 + 1
    sheets = read_sheets(workbook.xlsx(one(Cell(value=amount, parts=()))), name="a.xlsx")

    assert f"{amount:,}" in sheets[1].rows[-1]


def test_csv_has_a_line_for_each_figure_with_its_questions() -> None:
    lines = list(csv.DictReader(io.StringIO(plain.csv_text(ILPA))))

    assert len(lines) == sum(
        len(row.cells) for statement in ILPA.statements for row in statement.rows
    )
    for line in lines:
        asked = [Query.read(each).of(JOURNAL) for each in line["postings"].split()]
        assert sum(asked) == int(line["value"])


def test_a_name_that_begins_a_formula_stays_a_name() -> None:
    evil = '=HYPERLINK("http://x")'
    made = one("=1+1", label=evil, kind="text")

    assert f"'{evil}" in [row[1] for row in csv.reader(io.StringIO(plain.csv_text(made)))]
    sheets = read_sheets(workbook.xlsx(made), name="a.xlsx")
    assert sheets[1].rows[-1] == (evil, "=1+1")
    assert not sheets[1].formulas


def test_ratios_and_measures_are_numbers_or_say_why_not() -> None:
    hundred, nothing = Cell(value=100, parts=()), Cell(value=0, parts=())
    why = words("해 없음", "no root")
    for content, number in (
        (Ratio(top=hundred, bottom=hundred), "1"),
        (Ratio(top=hundred, bottom=nothing), ""),
        (Measured(value=None, flows=(), note=why), ""),
        (Measured(value=0.125, flows=()), "0.125"),
    ):
        (line,) = csv.DictReader(io.StringIO(plain.csv_text(one(content, kind="share"))))
        assert line["value"] == number
        assert workbook.xlsx(one(content, kind="share"))
    for content, said in (
        (Ratio(top=hundred, bottom=hundred), "1.00"),
        (Measured(value=0.125, flows=()), "12.50%"),
    ):
        assert paper.document(one(content)).summary[0].rows == (("a", said),)  # type: ignore[union-attr]
    shown = paper.document(one(Measured(value=None, flows=(), note=why))).summary[0]
    assert shown.rows == (("a", why),)  # type: ignore[union-attr]


def test_a_ratio_leads_to_the_postings_of_both_its_parts() -> None:
    parts = [capital_account.rows.closing(JOURNAL, n, periods(END)[2]) for n in (1, None)]
    asked = plain.questions(Ratio(top=parts[0], bottom=parts[1])).split()

    assert [Query.read(each).of(JOURNAL) for each in asked] == [each.value for each in parts]


def test_a_page_shows_every_table_and_the_digest() -> None:
    made = capital_account.partner(TERMS, JOURNAL, 2, until=END)
    page = html(paper.document(made)).decode()

    assert JOURNAL.head in page
    assert "한빛은행" in page and "Hanbit Bank" in page
    closing = made.statements[0].rows[-1].cells[2]
    assert isinstance(closing, Cell)
    assert f"{closing.value:,}" in page
