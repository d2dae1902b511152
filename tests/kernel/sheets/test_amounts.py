"""An amount is read as an agency wrote it, in whole won, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.sheets.amounts import UNITS, amount_krw, unit_in
from madang.kernel.sheets.faults import CellFault


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("1500000", 1_500_000),
        ("1,500,000", 1_500_000),
        ("1,500,000원", 1_500_000),
        ("₩1,500,000", 1_500_000),
        ("￦1,500,000", 1_500_000),
        ("\\1,500,000", 1_500_000),
        ("금 1,500,000원정", 1_500_000),
        ("１，５００，０００", 1_500_000),
        ("  1 500 000 ", 1_500_000),
        ("1,500천원", 1_500_000),
        ("1.5백만원", 1_500_000),
        ("1.5억원", 150_000_000),
        ("12.5억", 1_250_000_000),
        ("1억2,500만원", 125_000_000),
        ("12억 3천만원", 1_230_000_000),
        ("1조 2억원", 1_000_200_000_000),
        ("-1,500", -1_500),
        ("−1,500", -1_500),
        ("△1,500", -1_500),
        ("▲ 1,500", -1_500),
        ("▽1,500", -1_500),
        ("(1,500)", -1_500),
        ("（1,500）", -1_500),
        ("1,500-", -1_500),
        ("1.5E+06", 1_500_000),
        ("1500000.0", 1_500_000),
        ("0", 0),
    ],
)
def test_what_agencies_write_is_read(text: str, won: int) -> None:
    assert amount_krw(text) == won


@pytest.mark.parametrize("text", ["", " ", "-", "−", "–"])
def test_an_empty_cell_and_a_dash_say_nothing(text: str) -> None:
    assert amount_krw(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1,23",
        "12,34,567",
        "1.2.3",
        "1억5",
        "5만1억",
        "1,500달러",
        "#REF!",
        "일백만원",
        "--5",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(CellFault):
        amount_krw(text)


@pytest.mark.parametrize("text", ["=1+1", "=SUM(B2:B9)", "@cmd", "+1+1|' /C calc'!A0", "\t=1"])
def test_a_formula_is_never_computed(text: str) -> None:
    with pytest.raises(CellFault, match="formula|수식"):
        amount_krw(text)


def test_the_columns_unit_holds_unless_the_cell_names_its_own() -> None:
    assert amount_krw("1,500", unit_krw=1_000) == 1_500_000
    assert amount_krw("1,500원", unit_krw=1_000) == 1_500
    assert amount_krw("1234.567", unit_krw=1_000) == 1_234_567


def test_parts_of_a_won_are_refused_and_a_spreadsheets_noise_is_not() -> None:
    with pytest.raises(CellFault):
        amount_krw("1234.5678", unit_krw=1_000)

    # 0.1 + 0.2 as a spreadsheet keeps it: 17 digits, of which 15 count.
    assert amount_krw("1234.5670000000001", unit_krw=1_000) == 1_234_567


def test_an_amount_above_the_whole_budget_of_the_state_is_a_mistake() -> None:
    with pytest.raises(CellFault):
        amount_krw("1,000조원")

    assert amount_krw("999조원") == 999 * 10**12


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from([1, 1_000, 1_000_000]))
def test_every_amount_comes_back_as_it_was_written(won: int, unit: int) -> None:
    amount = won - won % unit if won >= 0 else -(-won - -won % unit)
    written = f"{amount // unit:,}" if unit else ""

    read = amount_krw(written, unit_krw=unit)

    assert (read or 0) == amount // unit * unit


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("집행액(천원)", 1_000),
        ("(단위 : 백만원)", 1_000_000),
        ("단위:천원", 1_000),
        ("금액[억원]", 100_000_000),
        ("(단위：원)", 1),
        ("( 천원 )", 1_000),
        ("amount (KRW)", 1),
        ("집행액", None),
        ("집행률(%)", None),
        ("천원마트 지급액", None),
    ],
)
def test_a_unit_is_found_where_it_is_named_as_one(text: str, won: int | None) -> None:
    assert unit_in(text) == won


def test_every_unit_can_stand_in_a_heading_and_in_a_cell() -> None:
    for name, won in UNITS.items():
        assert unit_in(f"금액({name})") == won
        assert amount_krw(f"2{name}") == 2 * won


def test_a_cell_made_to_take_long_is_refused_at_once() -> None:
    for text in ("9" * 5_000, "1," * 16_000, "(" * 32_000, "1e99999"):
        with pytest.raises(CellFault):
            amount_krw(text)


def test_a_long_number_under_a_large_unit_is_beyond_the_limit() -> None:
    with pytest.raises(CellFault):
        amount_krw("99999999999999", unit_krw=1_000)
