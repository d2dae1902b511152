"""An import lands whole or not at all, is refused with its row, and can go back."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from madang.kernel.sheets.faults import Fault, FileRefused, ImportRefused
from madang.kernel.store.objects import Objects
from madang.programme.engine import booking
from madang.programme.engine.balances import balances
from madang.programme.engine.errors import BookingRefused
from madang.programme.engine.intake.batch import (
    Preview,
    entries_of,
    new_batch,
    preview,
    take_in,
    undoing,
)
from madang.programme.engine.intake.checks import Terms
from madang.programme.engine.intake.mapping_text import read_text
from madang.programme.engine.intake.papers import Handed, Papers, in_folder
from madang.programme.engine.ledger import Close, Kind, Ledger
from madang.programme.engine.receipts import FileIndex, Receipts
from tests.kernel.sheets.workbooks import book
from tests.programme.engine.bookings import LATER, empty, entry

RPKI_KRW = 3_000_000_000
HEAD = "사업코드,전표번호,집행일자,집행액(원),지급처,적요\n"
PAPER = "증빙이 되는 영수증".encode()


def granted(*lines: str) -> Ledger:
    """Every won of these lines is granted on 1 August."""
    ledger = empty()
    grants = [
        entry(
            f"g-{line}",
            Kind.GRANT,
            ledger.programme.line(line).amount_krw,
            date(2025, 8, 1),
            line=line,
            recorded_at=datetime.fromisoformat("2025-08-02T00:00:00+09:00"),
        )
        for line in lines or ("rpki",)
    ]
    return booking.append(ledger, grants)


def terms(
    *, batch: str = "import-a", papers: Papers | None = None, looked_at: tuple[int, ...] = ()
) -> Terms:
    return Terms(
        batch=batch,
        by="maker",
        approved_by="checker",
        recorded_at=LATER,
        looked_at=frozenset(looked_at),
        papers=papers,
    )


def look(text: str, ledger: Ledger | None = None, **given: object) -> Preview:
    return preview(
        text.encode(),
        ledger or granted(),
        name="a.csv",
        terms=terms(**given),  # type: ignore[arg-type]
    )


def only_fault(text: str, ledger: Ledger | None = None, **given: object) -> Fault:
    (fault,) = look(text, ledger, **given).faults
    return fault


def row(
    voucher: str, amount: object, day: str = "20250901", *, line: str = "rpki", memo: str = ""
) -> str:
    return f'{line},{voucher},{day},"{amount}",가나다,{memo}\n'


def disbursed(ledger: Ledger, line: str = "rpki") -> int:
    return next(each for each in balances(ledger) if each.line == line).disbursed_krw


def test_a_preview_says_what_changes_and_books_nothing() -> None:
    ledger = granted()

    seen = look(HEAD + row("1", "1,000") + row("2", "500"), ledger)

    (change,) = seen.changes
    assert seen.holds
    assert (change.line, change.rows) == ("rpki", 2)
    assert (change.disbursed_before_krw, change.disbursed_after_krw) == (0, 1_500)
    assert disbursed(ledger) == 0


def test_what_was_looked_at_lands_as_a_whole() -> None:
    ledger = granted()

    after = take_in(ledger, look(HEAD + row("1", "1,000") + row("2", "500"), ledger))

    assert disbursed(after) == 1_500
    assert [each.id for each in entries_of(after, "import-a")] == [
        "import-a-2-disbursement",
        "import-a-3-disbursement",
    ]
    assert {each.by for each in entries_of(after, "import-a")} == {"maker"}


def test_one_bad_row_keeps_the_whole_file_out() -> None:
    ledger = granted()
    seen = look(HEAD + row("1", "1,000") + row("2", "많이"), ledger)

    with pytest.raises(ImportRefused) as refusal:
        take_in(ledger, seen)

    assert "Row 3" in refusal.value.sentence("en")
    assert disbursed(ledger) == 0


def test_a_line_may_be_called_by_its_titles_or_by_the_agencys_own_name() -> None:
    text = (
        HEAD
        + row("1", "1", line="rpki")
        + row("2", "1", line="인터넷 경로 보안체계(RPKI) 구축")
        + row("3", "1", line="Internet route security (RPKI)")
        + row("4", "1", line="경로보안 A")
    )
    given = read_text("lines: {경로보안A: rpki}")

    seen = preview(text.encode(), granted(), name="a.csv", terms=terms(), given=given)

    assert [each.line for each in seen.entries] == ["rpki"] * 4


def test_an_unknown_line_is_named_with_the_nearest() -> None:
    fault = only_fault(HEAD + row("1", "1", line="rpkl"))

    assert (fault.row, fault.column) == (2, "사업코드")
    assert "'rpkl'" in fault.found.within("en")
    assert fault.expected.within("en") == "one of rpki"


@pytest.mark.parametrize("day", ["2024-12-31", "2026-01-01", "2025-07-05"])
def test_a_day_outside_the_year_of_the_money_is_refused(day: str) -> None:
    fault = only_fault(HEAD + row("1", "1", day))

    assert (fault.row, fault.column) == (2, "집행일자")
    assert "2025-07-06 to 2025-12-31" in fault.expected.within("en")


def test_a_day_that_has_not_come_is_refused() -> None:
    early = terms()._replace(recorded_at=datetime.fromisoformat("2025-09-01T12:00:00+09:00"))
    text = (HEAD + row("1", "1", "2025-09-02")).encode()

    (fault,) = preview(text, granted(), name="a.csv", terms=early).faults

    assert "to 2025-09-01" in fault.expected.within("en")


def test_a_closed_month_takes_nothing() -> None:
    close = Close(month=date(2025, 9, 1), recorded_at=LATER, by="maker", approved_by="checker")
    ledger = granted()
    closed = Ledger(programme=ledger.programme, entries=ledger.entries, closes=(close,))

    assert "closed month" in only_fault(HEAD + row("1", "1"), closed).found.within("en")
    assert look(HEAD + row("1", "1", "2025-10-01"), closed).holds


def test_an_amount_that_exceeds_its_line_is_named_with_the_likely_unit() -> None:
    """4,500,000 written in won under a heading of 천원."""
    head = HEAD.replace("(원)", "(천원)")

    fault = only_fault(head + row("1", "4,500,000"))

    assert fault.row == 2
    assert "4,500,000,000" in fault.found.within("en")
    assert "3,000,000,000" in fault.found.within("en")
    assert "천원" in fault.remedy.within("ko")
    assert "4,500,000 won" in fault.remedy.within("en")


def test_an_amount_that_dwarfs_its_file_is_asked_about_and_may_be_meant() -> None:
    text = HEAD + "".join(row(str(each), "15,000") for each in range(30))
    text += row("big", "1,500,000,000")

    fault = only_fault(text)

    assert fault.row == 32
    assert "1,000 times" in fault.found.within("en")
    assert look(text, looked_at=(32,)).holds


def test_a_file_that_names_no_unit_and_looks_like_thousands_is_asked_for_it() -> None:
    rows = "".join(row(str(each), "350") for each in range(30))

    fault = only_fault(HEAD.replace("(원)", "") + rows)

    assert fault.row == 0
    assert "no unit" in fault.found.within("en")
    assert look(HEAD + rows).holds


def test_two_steps_of_one_voucher_a_thousand_apart_are_a_unit_mistake() -> None:
    text = "사업코드,전표번호,일자,집행액(원),실집행액(원),SHA-256\n"
    good = text + f"rpki,1,20250901,1500000,1400000,{'a' * 64}\n"
    bad = text + f"rpki,1,20250901,1500000,1500,{'a' * 64}\n"

    assert look(good).holds
    assert "same voucher" in only_fault(bad).found.within("en")


def test_a_voucher_twice_in_a_file_names_the_row_of_the_first() -> None:
    fault = only_fault(HEAD + row("7", "10") + row("8", "10") + row("7", "10"))

    assert (fault.row, fault.column) == (4, "전표번호")
    assert "row 2" in fault.found.within("en")


def test_a_voucher_that_is_booked_already_is_refused() -> None:
    ledger = take_in(granted(), look(HEAD + row("7", "10")))

    fault = only_fault(HEAD + row("7", "10"), ledger, batch="import-b")

    assert "booked before" in fault.found.within("en")


def test_a_row_without_number_that_equals_a_booked_one_is_asked_about() -> None:
    ledger = take_in(granted(), look(HEAD + row("", "10") + row("", "10")))
    text = HEAD + row("", "10")

    assert "equal to" in only_fault(text, ledger, batch="import-b").found.within("en")
    assert look(text, ledger, batch="import-b", looked_at=(2,)).holds


def test_a_correction_points_to_its_voucher() -> None:
    seen = look(HEAD + row("7", "100") + row("7", "△30"))

    assert seen.entries[1].amount_krw == -30
    assert seen.entries[1].corrects == seen.entries[0].id
    assert disbursed(take_in(granted(), seen)) == 70


def test_a_correction_may_come_in_a_later_file_and_name_its_voucher() -> None:
    ledger = take_in(granted(), look(HEAD + row("7", "100")))
    text = HEAD.replace("적요", "원전표번호") + row("8", "(100)", memo="7")

    after = take_in(ledger, look(text, ledger, batch="import-b"))

    assert disbursed(after) == 0


def test_a_voucher_cannot_fall_below_nothing() -> None:
    fault = only_fault(HEAD + row("7", "100") + row("7", "△60") + row("7", "△60"))

    assert fault.row == 4
    assert "-20 won left" in fault.found.within("en")


def test_a_negative_amount_without_voucher_and_reason_is_refused() -> None:
    text = HEAD + row("7", "100")

    assert only_fault(text + row("9", "-50")).row == 3
    assert look(text + row("9", "-50", memo="반납")).holds


def test_a_line_cannot_fall_below_nothing() -> None:
    fault = only_fault(HEAD + row("9", "-50", memo="반납"))

    assert fault.row == 2
    assert "-50 won in all on 'rpki', 2025-09-01" in fault.found.within("en")
    assert fault.expected.within("en") == "0 won or more"


def test_a_line_cannot_fall_below_nothing_on_any_day_of_the_year() -> None:
    text = HEAD + row("7", "50", "2025-10-01") + row("8", "-50", "2025-09-30", memo="반납")

    assert only_fault(text).row == 3
    assert look(text.replace("09-30", "10-01")).holds


def test_more_than_was_granted_names_the_row_that_passes_the_limit() -> None:
    half = RPKI_KRW // 2

    fault = only_fault(HEAD + row("1", half) + row("2", half) + row("3", "1"))

    assert fault.row == 4
    assert f"{RPKI_KRW + 1:,}" in fault.found.within("en")
    assert f"{RPKI_KRW:,}" in fault.expected.within("en")


class TestEvidence:
    """실집행 needs a paper, and the paper the digest that the row says."""

    HEAD = "사업코드,전표번호,일자,집행액(원),실집행액(원),증빙파일,SHA-256\n"

    @pytest.fixture
    def papers(self, tmp_path: Path) -> Handed:
        folder = tmp_path / "papers"
        folder.mkdir()
        (folder / "영수증.pdf").write_bytes(PAPER)
        return in_folder(
            folder, Receipts(Objects(tmp_path / "o"), FileIndex(tmp_path / "r.jsonl"))
        )

    def test_a_named_file_gives_its_digest(self, papers: Handed) -> None:
        seen = look(self.HEAD + "rpki,1,20250901,10,10,영수증.pdf,\n", papers=papers)

        digest = papers.named("영수증.pdf")
        assert seen.entries[1].evidence == (digest,)

    def test_names_from_a_mac_are_found(self, papers: Handed) -> None:
        import unicodedata

        assert papers.named(unicodedata.normalize("NFD", "영수증.pdf"))

    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            ("영수증.pdf," + "b" * 64, "of digest"),
            ("없는파일.pdf,", "came along"),
            ("," + "b" * 64, "no file of digest"),
            (",", "without evidence"),
        ],
    )
    def test_a_paper_that_is_not_the_one_is_refused(
        self, papers: Handed, cells: str, said: str
    ) -> None:
        faults = look(self.HEAD + f"rpki,1,20250901,10,10,{cells}\n", papers=papers).faults

        assert said in faults[0].found.within("en")
        assert faults[0].row == 2

    def test_a_file_that_changed_after_the_look_is_not_kept(self, papers: Handed) -> None:
        seen = look(self.HEAD + "rpki,1,20250901,10,10,영수증.pdf,\n", papers=papers)
        papers.files["영수증.pdf"].write_bytes(b"x")

        with pytest.raises(Exception, match="영수증.pdf"):
            papers.attach(seen.entries, by="maker")


class TestUndo:
    """An import goes back as a whole, and may come again."""

    TEXT = HEAD + row("1", "1,000") + row("2", "500") + row("2", "△100")

    def test_every_booking_is_turned_and_nothing_is_removed(self) -> None:
        ledger = take_in(granted(), look(self.TEXT))

        back = undoing(ledger, "import-a", by="maker", approved_by="checker", recorded_at=LATER)
        after = booking.append(ledger, back)

        assert disbursed(after) == 0
        assert len(after.entries) == len(ledger.entries) + 3
        assert {each.corrects for each in back} == {
            each.id for each in entries_of(ledger, "import-a")
        }

    def test_the_mended_file_may_be_taken_in_again(self) -> None:
        ledger = take_in(granted(), look(self.TEXT))
        back = undoing(ledger, "import-a", by="maker", approved_by="checker", recorded_at=LATER)
        ledger = booking.append(ledger, back)

        again = take_in(ledger, look(self.TEXT, ledger, batch="import-b"))

        assert disbursed(again) == 1_400
        third = look(self.TEXT, again, batch="import-c")
        assert "booked before" in third.faults[0].found.within("en")

    def test_no_import_goes_back_twice_or_without_having_come(self) -> None:
        ledger = take_in(granted(), look(self.TEXT))
        back = undoing(ledger, "import-a", by="maker", approved_by="checker", recorded_at=LATER)
        after = booking.append(ledger, back)

        for held, name in ((after, "import-a"), (after, "import-x")):
            with pytest.raises(BookingRefused):
                undoing(held, name, by="maker", approved_by="checker", recorded_at=LATER)

    def test_what_lies_in_a_closed_month_goes_back_in_the_first_open_one(self) -> None:
        ledger = take_in(granted(), look(self.TEXT))
        close = Close(month=date(2025, 9, 1), recorded_at=LATER, by="m", approved_by="c")
        closed = Ledger(programme=ledger.programme, entries=ledger.entries, closes=(close,))

        back = undoing(closed, "import-a", by="maker", approved_by="checker", recorded_at=LATER)

        assert {each.booked_on for each in back} == {date(2025, 10, 1)}
        assert disbursed(booking.append(closed, back)) == 0


def test_the_sheet_that_holds_records_is_found_in_a_workbook() -> None:
    rows = [["2025년 집행 현황", None, None], ["사업코드", "집행일자", "집행액(천원)"]]
    rows += [["rpki", 45901, 1500]]  # type: ignore[list-item]

    seen = preview(book(rows, merged=["A1:C1"]), granted(), name="a.xlsx", terms=terms())

    assert (seen.sheet, seen.entries[0].amount_krw) == ("집행", 1_500_000)
    assert seen.entries[0].booked_on == date(2025, 9, 1)


def test_a_table_of_something_else_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(FileRefused) as refusal:
        look("이름,주소\n가,나\n")

    assert "columns for line, day, amount" in refusal.value.sentence("en")


def test_headings_alone_are_no_import() -> None:
    assert "no execution record" in only_fault(HEAD).found.within("en")


def test_a_preview_is_json_in_both_languages() -> None:
    import json

    seen = look(HEAD + row("1", "많이"))

    assert json.loads(json.dumps(seen.plain("ko")))["faults"][0]["row"] == 2
    assert seen.plain("en")["columns"][0]["taken_for"] == "line"


def test_every_import_has_a_name_of_its_own() -> None:
    assert new_batch() != new_batch()
