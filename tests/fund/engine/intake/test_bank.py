"""A statement is read as the bank wrote it, and one that does not add up is refused."""

from __future__ import annotations

from datetime import date

import pytest

from madang.fund.engine.intake import bank
from madang.kernel.sheets.faults import FileRefused, ImportRefused
from tests.kernel.sheets.workbooks import book

HEAD = "거래일시,적요,출금액(원),입금액(원),잔액(원),거래처,메모"
ROWS = (
    '2025-10-15 09:12:33,타행이체,0,"2,000,000","5,000,000",한빛은행,',
    "2025-10-16 10:00:00,이체,1500000,,3500000,회계법인 새날,감사",
    "2025-10-16 18:00:00,이자,,1234,3501234,,",
)
TITLE = "거래내역조회,,,,,,\n계좌번호: 123-456-789012,,,,,,\n"


def csv(*rows: str, head: str = HEAD, title: str = TITLE) -> bytes:
    return (title + "\n".join([head, *rows]) + "\n").encode()


def read(content: bytes) -> bank.Statement:
    return bank.read(content, name="거래내역.csv")


def test_movements_stand_in_order_below_the_titles() -> None:
    found = read(csv(*ROWS))

    assert found.account == "123-456-789012"
    assert [(each.row, each.on.day, each.in_krw, each.out_krw) for each in found.lines] == [
        (4, 15, 2_000_000, 0),
        (5, 16, 0, 1_500_000),
        (6, 16, 1_234, 0),
    ]
    assert found.has_balances


def test_the_newest_first_is_turned_around() -> None:
    assert [each.on for each in read(csv(*reversed(ROWS))).lines] == [
        date(2025, 10, 15),
        date(2025, 10, 16),
        date(2025, 10, 16),
    ]


def test_the_batch_is_the_same_whichever_way_the_bank_writes_it() -> None:
    forth, back = read(csv(*ROWS)), read(csv(*reversed(ROWS)).decode().encode("cp949"))

    assert forth.digest == back.digest
    assert [a.digest for a in forth.lines] == [b.digest for b in back.lines]


def test_a_workbook_says_the_same_as_its_csv() -> None:
    rows = [
        ["계좌번호: 123-456-789012"],
        ["거래일자", "적요", "출금액", "입금액", "잔액", "거래처"],
        ["2025.10.15", "타행이체", 0, 2_000_000, 5_000_000, "한빛은행"],
        ["2025.10.16", "이체", 1_500_000, 0, 3_500_000, "회계법인 새날"],
        ["2025.10.16", "이자", 0, 1_234, 3_501_234, ""],
    ]

    assert read(book(rows)).digest == read(csv(*ROWS)).digest


def test_a_unit_above_the_table_counts() -> None:
    found = read(
        csv(
            "2025-10-15,x,,2000,,가",
            head="거래일자,적요,출금액,입금액,잔액,거래처",
            title="(단위: 천원)\n",
        )
    )

    assert found.lines[0].in_krw == 2_000_000
    assert not found.has_balances


def test_two_equal_movements_of_a_day_are_two() -> None:
    row = "2025-10-15,이체,,1000,,가"
    found = read(csv(row, row, head="거래일자,적요,출금액,입금액,잔액,거래처"))

    assert len({each.digest for each in found.lines}) == 2


def test_a_balance_that_does_not_go_on_is_refused_with_its_row() -> None:
    with pytest.raises(ImportRefused) as refused:
        read(csv(ROWS[0], ROWS[1].replace("3500000", "3500001"), ROWS[2]))

    assert [(each.row, each.column) for each in refused.value.faults] == [(5, "잔액"), (6, "잔액")]
    assert "3,500,000" in refused.value.faults[0].sentence("ko")


def test_a_missing_row_is_seen_from_the_balances() -> None:
    with pytest.raises(ImportRefused, match="3,501,234"):
        read(csv(ROWS[0], ROWS[2]))


def test_totals_are_left_out_and_held_against_the_rows() -> None:
    assert len(read(csv(*ROWS, "합계,,1500000,2001234,,,")).lines) == 3
    with pytest.raises(ImportRefused, match="2,001,234"):
        read(csv(*ROWS, "합계,,1500000,2001235,,,"))


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("2025-10-15,x,100,100,,가,", "100"),
        ("2025-10-15,x,,,,가,", "0 won in and 0 won out"),
        ("2025-10-15,x,,-100,,가,", "-100"),
        ("2025-10-15,x,,100.5,,가,", "100.5"),
        ("2025-13-15,x,,100,,가,", "2025-13-15"),
        ("어제,x,,100,,가,", "어제"),
    ],
)
def test_a_row_that_is_no_movement_is_refused(row: str, named: str) -> None:
    with pytest.raises(ImportRefused, match=named) as refused:
        read(csv(row))

    assert refused.value.faults[0].row == 4


def test_a_file_without_such_columns_is_refused() -> None:
    with pytest.raises(FileRefused, match="거래일시"):
        read("가,나\n1,2\n".encode())


def test_a_statement_without_movements_is_refused() -> None:
    with pytest.raises(ImportRefused):
        read(csv())
