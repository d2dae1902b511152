"""The programme at the command line: text for people, one JSON object for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madang.cli import main
from madang.kernel import clock

GRANT = '(단위: 천원)\n사업코드,일자,교부액\nrpki,2025-08-01,"3,000,000"\n'
SPENT = (
    "사업코드,전표번호,집행일자,집행액(천원),실집행액(천원),증빙파일\n"
    'rpki,V-1,2025.09.01.,"1,000","1,000",영수증.pdf\n'
    "인터넷 경로 보안체계(RPKI) 구축,V-2,2025년 9월 2일,500,,\n"
    '합계,,,"1,500","1,000",\n'
)
HANDS = ("--by", "maker", "--approved-by", "checker")


class Desk:
    """A folder and the commands given on it."""

    def __init__(self, place: Path) -> None:
        self.place, self.folder = place, place / "ledger"
        (place / "papers").mkdir()
        (place / "papers" / "영수증.pdf").write_bytes(b"paper")

    def do(self, *arguments: str | Path, language: str = "en") -> Result:
        command = [str(each) for each in ("programme", *arguments, "--folder", self.folder)]
        with clock.stopped_at(datetime(2026, 1, 21, tzinfo=UTC)):
            return CliRunner().invoke(main, command, env={"MADANG_LANG": language})

    def json(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        result = self.do(*arguments, "--json")
        assert result.exit_code == code, result.output
        found = json.loads(result.stdout)
        assert isinstance(found, dict)
        return found

    def file(self, name: str, text: str) -> Path:
        path = self.place / name
        path.write_text(text, encoding="utf-8")
        return path

    def spend(self) -> str:
        """Grant and spend; the name of the second import."""
        self.json("import", self.file("g.csv", GRANT), "--book", *HANDS)
        papers = ("--evidence", self.place / "papers")
        found = self.json("import", self.file("s.csv", SPENT), *papers, "--book", *HANDS)
        return str(found["batch"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def rpki(desk: Desk) -> dict[str, Any]:
    (line,) = desk.json("show", "rpki")["lines"]
    return dict(line)


def test_a_look_books_nothing(desk: Desk) -> None:
    found = desk.json("import", desk.file("g.csv", GRANT))

    assert (found["holds"], found["booked"]) == (True, False)
    assert found["changes"][0]["granted_after_krw"] == 3_000_000_000
    assert rpki(desk)["granted_krw"] == 0


def test_an_import_is_booked_with_two_hands(desk: Desk) -> None:
    assert desk.do("import", desk.file("g.csv", GRANT), "--book", "--by", "kim").exit_code == 2

    desk.spend()

    assert rpki(desk)["disbursed_krw"] == 1_500_000
    assert rpki(desk)["spent_krw"] == 1_000_000


def test_rows_to_be_mended_end_with_code_1_and_book_nothing(desk: Desk) -> None:
    text = GRANT.replace("2025-08-01", "2026-08-01")

    found = desk.json("import", desk.file("g.csv", text), "--book", *HANDS, code=1)

    assert found["faults"][0]["row"] == 3
    assert rpki(desk)["granted_krw"] == 0
    said = desk.do("import", desk.file("g.csv", text), language="ko")
    assert "3행 '일자'" in said.stdout


def test_what_is_no_table_ends_with_code_3(desk: Desk) -> None:
    result = desk.do("import", desk.file("g.csv", "가,나\n1,2\n"))

    assert result.exit_code == 3
    assert "Traceback" not in result.output


def test_a_look_is_told_in_both_languages(desk: Desk) -> None:
    file = desk.file("g.csv", GRANT)

    assert "'교부액' → 교부액, 천원" in desk.do("import", file, language="ko").stdout
    assert "'교부액' → granted, 천원" in desk.do("import", file).stdout


def test_a_mapping_file_is_used(desk: Desk) -> None:
    text = GRANT.replace("사업코드", "과제이름").replace("rpki", "경로보안")
    mapping = desk.file("m.yaml", "columns: {과제이름: line}\nlines: {경로보안: rpki}\n")

    assert desk.do("import", desk.file("g.csv", text)).exit_code == 3
    assert desk.json("import", desk.file("g.csv", text), "--mapping", mapping)["holds"]


def test_an_import_goes_back_as_a_whole(desk: Desk) -> None:
    batch = desk.spend()

    assert desk.json("undo", batch, *HANDS)["taken_back"] == 3
    assert rpki(desk)["disbursed_krw"] == 0
    assert desk.do("undo", batch, *HANDS).exit_code == 3


def test_balances_are_shown_as_a_table(desk: Desk) -> None:
    desk.spend()

    said = desk.do("show").stdout

    assert "179,300,000,000" in said
    assert "1,500,000" in said
    assert desk.do("show", "rpkl").exit_code == 3


def test_an_earlier_day_is_shown_as_it_was(desk: Desk) -> None:
    desk.spend()

    (line,) = desk.json("show", "rpki", "--on", "2025-09-01")["lines"]
    assert line["disbursed_krw"] == 1_000_000


def test_a_forecast_is_told_for_each_line_and_the_whole(desk: Desk) -> None:
    desk.spend()

    found = desk.json("forecast", "--on", "2025-10-31")["lines"]

    assert [each["line"] for each in found][-1] == ""
    assert len(found) == 13
    for each in found:
        assert each["spent_krw"] <= each["low_krw"] <= each["middle_krw"] <= each["high_krw"]
        assert each["high_krw"] <= each["appropriation_krw"]


def test_a_forecast_says_when_it_does_not_hold(desk: Desk) -> None:
    desk.spend()

    assert "stands still for a month" in desk.do("forecast", "--on", "2025-10-31").output


def test_a_year_that_is_over_has_a_settlement_and_no_forecast(desk: Desk) -> None:
    result = desk.do("forecast")

    assert result.exit_code == 3
    assert "settlement" in result.stderr


def test_a_settlement_is_written_in_three_forms(desk: Desk) -> None:
    desk.spend()
    out = desk.place / "settlement"

    found = desk.json("settle", "--out", out)

    assert found["broken"] == []
    written = json.loads((out / "settlement.json").read_text(encoding="utf-8"))
    assert written["whole"]["to_return_krw"] == 3_000_000_000 - 1_000_000
    assert "정산 보고서" in (out / "settlement.html").read_text(encoding="utf-8")
    assert (out / "settlement.pdf").read_bytes().startswith(b"%PDF")


def test_interest_that_stands_in_the_folder_is_returned_too(desk: Desk) -> None:
    desk.spend()
    interest = {"line": "rpki", "recipient": "", "amount_krw": 321, "evidence": "c" * 64}
    (desk.folder / "interest.json").write_text(json.dumps([interest]), encoding="utf-8")
    out = desk.place / "settlement"

    desk.json("settle", "--line", "rpki", "--out", out)

    whole = json.loads((out / "settlement.json").read_text(encoding="utf-8"))["whole"]
    assert whole["interest_krw"] == 321
    assert whole["to_return_krw"] == 3_000_000_000 - 1_000_000 + 321


def test_a_tampered_paper_is_named_by_check_and_settle(desk: Desk) -> None:
    desk.spend()
    assert desk.json("check")["holds"]
    (paper,) = [path for path in (desk.folder / "objects").rglob("*") if len(path.name) == 64]
    paper.chmod(0o600)
    paper.write_bytes(b"tampered")

    assert "영수증.pdf" in desk.json("check", code=1)["faults"][0]
    assert desk.json("settle", "--out", desk.place / "s", code=1)["broken"] == ["영수증.pdf"]


def test_the_open_data_is_written_whole(desk: Desk) -> None:
    desk.spend()
    out = desk.place / "open"

    found = desk.json("export", "--out", out, "--address", "https://madang.example")

    assert {path.name for path in out.iterdir()} == set(found["files"])
    assert desk.do("export", "--out", desk.place).exit_code == 3
    assert desk.do("export", "--out", out, "--ocds-prefix", "x").exit_code == 3
