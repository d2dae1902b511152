"""Books of another program become entries voucher by voucher, or are refused row by row."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.fund.engine.errors import PostingRefused
from madang.fund.engine.intake import books, vouchers
from madang.fund.engine.intake.mapping import Mapped, read_mapping
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.ledger.journal import Journal
from madang.kernel.sheets.faults import FileRefused
from tests.fund.engine.reports import played
from tests.kernel.sheets.workbooks import book

if TYPE_CHECKING:
    from madang.fund.engine.intake.books import Preview

TERMS = played.agreement()
HEAD = "일자,전표번호,계정과목,차변,대변,적요,조합원,투자기업"
PAID_IN = (
    '2025-10-15,1,보통예금,"1,000",,1차 납입,,',
    ",,납입 출자금,,600,,한빛은행,",
    ",,납입 출자금,,400,,마당벤처스 유한회사,",
)
MAPPED = Mapped(partners={"한빛은행": 2})
CASH = Account("cash")


def seen(
    *rows: str, head: str = HEAD, journal: Journal | None = None, mapped: Mapped = MAPPED
) -> Preview:
    content = ("\n".join([head, *rows]) + "\n").encode()
    return books.preview(content, journal or Journal(), TERMS, name="분개장.csv", mapped=mapped)


def fault(found: Preview) -> tuple[int, str]:
    (only,) = found.faults
    assert not found.drafts
    return only.row, only.sentence("ko")


def test_a_voucher_becomes_an_entry_whose_legs_are_paired() -> None:
    found = seen(*PAID_IN)

    (draft,) = found.drafts
    assert (draft.on, draft.kind, draft.memo) == (date(2025, 10, 15), Kind.OPENING, "1차 납입")
    assert draft.postings == (
        Posting(CASH, Account("paid-in", 2), 600),
        Posting(CASH, Account("paid-in", 3), 400),
    )
    assert draft.facts["books"]["rows"] == [2, 3, 4]


def test_the_balances_before_and_after_are_shown() -> None:
    journal = played.posted(list(seen(*PAID_IN).drafts))
    found = seen(*(row.replace("1차", "2차") for row in PAID_IN), journal=journal)

    assert found.holds
    assert found.changes == (
        books.Change(CASH, 1_000, 2_000),
        books.Change(Account("paid-in", 2), -600, -1_200),
        books.Change(Account("paid-in", 3), -400, -800),
    )


def test_a_workbook_says_the_same() -> None:
    rows = [
        ["일자", "전표번호", "계정과목", "차변", "대변", "적요", "조합원", "투자기업"],
        ["2025-10-15", 1, "현금", 1000, None, "납입", None, None],
        [None, None, "납입 출자금", None, 1000, None, 2, None],
        [None, None, "합계", 1000, 1000, None, None, None],
    ]
    found = books.preview(book(rows), Journal(), TERMS, name="a.xlsx")

    assert found.drafts[0].postings == (Posting(CASH, Account("paid-in", 2), 1000),)


def test_a_row_of_sums_is_no_leg() -> None:
    assert seen(*PAID_IN, ",,,1000,1000,,,").holds


def test_unequal_sides_are_refused_with_row_and_both_sums() -> None:
    row, said = fault(seen(*PAID_IN[:2], PAID_IN[2].replace("400", "401")))

    assert row == 2
    assert "차변 1,000원" in said and "대변 1,001원" in said


@pytest.mark.parametrize(
    ("row", "at", "named"),
    [
        ("2025-10-15,9,가지급금,100,,x,,", 2, "가지급금"),
        ("2025-10-15,9,현금,100.5,,x,,", 2, "100.5"),
        ("2025-10-15,9,현금,1000000000000.001,,x,,", 2, "소수점"),
        ("2025-10-15,9,현금,100,100,x,,", 2, "대변 100원"),
        ("2025-10-15,9,현금,,,x,,", 2, "차변 0원"),
        ("2025-10-15,9,납입 출자금,,100,x,없는조합원,", 2, "없는조합원"),
        ("2025-10-15,9,납입 출자금,,100,x,,", 2, "조합원 번호"),
        ("2025-10-15,9,투자자산,100,,x,,", 2, "투자기업"),
        ("2025-02-30,9,현금,100,,x,,", 2, "2025-02-30"),
        (",9,현금,100,,x,,", 2, "빈 칸"),
        ("2025-10-15,,현금,100,,x,,", 2, "빈 칸"),
        ("2025-10-15,9,현금,백,,x,,", 2, "백"),
    ],
)
def test_a_row_that_says_no_leg_is_refused(row: str, at: int, named: str) -> None:
    found = seen(row)

    assert not found.holds and not found.drafts
    assert found.faults[0].row == at
    assert named in found.faults[0].sentence("ko")


FOREIGN = HEAD + ",통화,환율,환율출처"


def test_another_currency_needs_a_rate_and_its_source() -> None:
    rows = [
        "2025-10-15,1,투자자산,1000.50,,투자,,c1,USD,{}",
        ",,현금,,1000.50,,,,USD,{}",
    ]
    bare = seen(*(row.format(",") for row in rows), head=FOREIGN)
    unsourced = seen(*(row.format("1400,") for row in rows), head=FOREIGN)

    assert [each.row for each in bare.faults] == [2, 3]
    assert [each.row for each in unsourced.faults] == [2, 3]
    journal = played.posted(
        [
            Draft(
                on=date(2025, 10, 1),
                kind=Kind.OPENING,
                memo="",
                postings=(Posting(CASH, Account("paid-in", 2), 10**9),),
            )
        ]
    )
    full = seen(*(row.format("1400,고시 환율") for row in rows), head=FOREIGN, journal=journal)
    assert full.drafts[0].postings[0].amount_krw == 1_400_700


def test_what_the_ledger_would_refuse_is_told_with_the_vouchers_row() -> None:
    found = seen(
        *PAID_IN,
        "2025-11-01,2,투자자산,700,,가,,c1",
        ",,현금,,700,,,",
        "2025-12-01,3,투자자산,301,,나,,c2",
        ",,현금,,301,,,",
        "2026-01-01,4,투자자산,1,,다,,c2",
        ",,현금,,1,,,",
    )

    row, said = fault(found)
    assert row == 7
    assert "-1원" in said


def test_promises_and_money_do_not_make_up_for_each_other() -> None:
    found = seen("2025-10-15,1,출자 잔액,100,,약정,한빛은행,", ",,납입 출자금,,100,,한빛은행,")

    row, said = fault(found)
    assert row == 2
    assert "약정 계정은 따로" in said


def test_a_mapping_file_names_what_the_chart_does_not() -> None:
    mapped = read_mapping("accounts: {가지급금: receivable}\npartners: {한빛: 2}\n".encode())
    found = seen("2025-10-15,1,가지급금,100,,x,,", ",,납입 출자금,,100,,한빛,", mapped=mapped)

    assert found.drafts[0].postings == (
        Posting(Account("receivable"), Account("paid-in", 2), 100),
    )


@pytest.mark.parametrize(
    "text", ["accounts: [1]", "konten: {a: b}", "partners: {a: '2'}", "- 1", "partners: {a: 1.5}"]
)
def test_a_mapping_file_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(FileRefused):
        read_mapping(text.encode())


def test_a_file_without_vouchers_is_refused() -> None:
    with pytest.raises(FileRefused, match="전표번호"):
        seen("1,2", head="가,나")


def test_books_are_taken_in_once_and_taken_back_as_a_whole() -> None:
    journal = Journal()
    first = seen(*PAID_IN, journal=journal)
    journal.append(first.drafts, by="a", approved_by="b", at=played.AT)

    assert "이미 반영한" in fault(seen(*PAID_IN, journal=journal))[1]
    undo = books.undoing(journal, first.digest)
    journal.append(undo, by="a", approved_by="b", at=played.AT)
    assert journal.balance(CASH) == 0
    assert [each.corrects for each in undo] == [1]
    assert seen(*PAID_IN, journal=journal).holds
    with pytest.raises(PostingRefused):
        books.undoing(journal, first.digest)


@pytest.mark.parametrize(
    ("said", "kind"),
    [("출자금 납입", Kind.PAYMENT), ("기간 마감", Kind.OPENING), ("출자 요청", Kind.OPENING)],
)
def test_a_voucher_may_say_what_it_is_but_closes_and_calls_nothing(said: str, kind: Kind) -> None:
    rows = [f"2025-10-15,1,현금,5,,x,,,{said}", f",,납입 출자금,,5,,한빛은행,,{said}"]
    (draft,) = seen(*rows, head=HEAD + ",구분").drafts

    assert draft.kind is kind


def test_a_batch_of_a_closed_period_is_taken_back_on_an_open_day() -> None:
    journal = Journal()
    first = seen(*PAID_IN)
    close = Draft(on=date(2025, 12, 31), kind=Kind.CLOSE, memo="", postings=())
    journal.append([*first.drafts, close], by="a", approved_by="b", at=played.AT)

    with pytest.raises(PostingRefused, match="2025-10-15"):
        books.undoing(journal, first.digest)
    (undo,) = books.undoing(journal, first.digest, on=date(2026, 1, 2))
    assert undo.on == date(2026, 1, 2)


NETS = st.dictionaries(
    st.sampled_from([Account("paid-in", n) for n in range(1, 7)] + [CASH, Account("payable")]),
    st.integers(-(10**12), 10**12).filter(bool),
    min_size=1,
).map(lambda net: net | {Account("receivable"): -sum(net.values())})


@given(NETS, st.randoms())
def test_paired_legs_give_each_account_its_net_whatever_their_order(
    net: dict[Account, int], rng: object
) -> None:
    found = vouchers.postings(net)
    moved: dict[Account, int] = dict.fromkeys(net, 0)
    for each in found:
        moved[each.debit] += each.amount_krw
        moved[each.credit] -= each.amount_krw

    assert moved == net
    assert all(each.amount_krw > 0 for each in found)
    assert len(found) < len(net)
    items = list(net.items())
    rng.shuffle(items)  # type: ignore[attr-defined]
    assert vouchers.postings(dict(items)) == found
