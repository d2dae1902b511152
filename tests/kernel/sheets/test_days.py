"""A day is read in every form in which agencies write it, or refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.sheets.days import day
from madang.kernel.sheets.faults import CellFault

OCTOBER = date(2025, 10, 31)


@pytest.mark.parametrize(
    "text",
    [
        "2025-10-31",
        "2025.10.31",
        "2025.10.31.",
        "2025. 10. 31.",
        "2025/10/31",
        "2025년 10월 31일",
        "2025년10월31일",
        "20251031",
        "251031",
        "'25.10.31",
        "’25. 10. 31.",
        "25-10-31",
        "2025.10.31.(금)",
        "2025-10-31 금요일",
        "2025-10-31 13:20",
        "2025-10-31 오후 1:20",
        "2025-10-31T13:20:00+09:00",
        "２０２５．１０．３１",
        "45961",
        "45961.75",
    ],
)
def test_what_agencies_write_is_read(text: str) -> None:
    assert day(text) == OCTOBER


def test_days_of_old_macs_are_counted_from_1904() -> None:
    # 1,462 days lie between the two epochs (ECMA-376-1, 18.17.4.1).
    assert day("44499", from_1904=True) == OCTOBER


@pytest.mark.parametrize(
    "text", ["", "10월", "2025.10", "31/10/2025", "어제", "12345", "2025-10-31쯤"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(CellFault):
        day(text)


@pytest.mark.parametrize("text", ["2025-02-29", "2025.13.01", "20250931"])
def test_a_day_that_the_calendar_lacks_is_named(text: str) -> None:
    with pytest.raises(CellFault) as refusal:
        day(text)

    assert "no such day" in refusal.value.found.within("en")


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_every_day_comes_back_from_every_form(each: date) -> None:
    serial = str((each - date(1899, 12, 30)).days)
    korean = f"{each.year}년 {each.month}월 {each.day}일"
    for text in (each.isoformat(), f"{each:%Y%m%d}", f"'{each:%y.%m.%d}", korean, serial):
        assert day(text) == each
