"""A booking keeps the order of amounts on every day, or is refused with its row."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.programme.engine.awards import Award, Nature, Recipient, reach
from madang.programme.engine.balances import balances, total
from madang.programme.engine.booking import append, refusals, with_awards
from madang.programme.engine.errors import BookingRefused, MonthClosed
from madang.programme.engine.ledger import Close, Kind, Ledger
from tests.programme.engine.bookings import LATER, chain, empty, entry

AUGUST, OCTOBER, YEAR_END = date(2025, 8, 1), date(2025, 10, 1), date(2025, 12, 31)
RPKI_KRW = 3_000_000_000


def refused(ledger: Ledger, *rows: Any) -> str:
    """The sentence with which the rows are refused."""
    with pytest.raises(BookingRefused) as refusal:
        append(ledger, rows)
    return refusal.value.sentence("en")


def test_three_amounts_are_kept_apart() -> None:
    ledger = append(empty(), chain("rpki", 100, 80, 50))
    found = next(each for each in balances(ledger) if each.line == "rpki")

    assert (found.granted_krw, found.disbursed_krw, found.spent_krw) == (100, 80, 50)
    assert (found.parked_krw, found.unproved_krw) == (50, 30)
    assert found.open_krw == RPKI_KRW - 50


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ((RPKI_KRW + 1, 0, 0), "grant of 3,000,000,001 won"),
        ((100, 101, 0), "disbursement of 101 won"),
        ((100, 90, 91), "confirmed spending of 91 won"),
    ],
)
def test_a_line_never_gives_more_than_it_has(amounts: tuple[int, ...], said: str) -> None:
    rows = chain("rpki", *amounts)

    sentence = refused(empty(), *rows)

    assert said in sentence
    assert f"row {len(rows)}" in sentence
    assert "'rpki'" in sentence


def test_the_order_of_amounts_holds_on_every_day_and_not_only_at_the_end() -> None:
    early = entry("d", Kind.DISBURSEMENT, 50, AUGUST - timedelta(days=1))

    sentence = refused(empty(), entry("g", Kind.GRANT, 50, AUGUST), early)

    assert "row 2" in sentence
    assert "2025-07-31" in sentence


def test_on_the_same_day_all_three_may_be_booked() -> None:
    rows = [
        entry("s", Kind.SPENDING, 5, AUGUST),
        entry("d", Kind.DISBURSEMENT, 5, AUGUST),
        entry("g", Kind.GRANT, 5, AUGUST),
    ]

    assert total(balances(append(empty(), rows))).spent_krw == 5


def test_one_wrong_row_keeps_all_others_out() -> None:
    ledger = append(empty(), chain("rpki", 10, 10, 10))
    rows = [entry("good", Kind.GRANT, 1, AUGUST), entry("bad", Kind.GRANT, 0, AUGUST)]

    assert "row 2" in refused(ledger, *rows)
    assert len(ledger.entries) == 3


def test_every_wrong_row_is_named() -> None:
    rows = [
        entry("a", Kind.GRANT, 0, AUGUST),
        entry("b", Kind.GRANT, 1, AUGUST),
        entry("c", Kind.GRANT, 1, AUGUST, line="nothing"),
    ]

    assert [each.row for each in refusals(empty(), rows)] == [1, 3]


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"line": "no-such"}, "line 'no-such'"),
        ({"amount_krw": 0}, "an amount of 0 won"),
        ({"amount_krw": 179_300_000_001}, "Check the unit"),
        ({"amount_krw": 1.5}, "an amount of 1.5 won"),
        ({"amount_krw": True}, "an amount of True won"),
        ({"amount_krw": -1}, "-1 won, no reason"),
        ({"amount_krw": -1, "corrects": "nothing"}, "'nothing' to be corrected"),
        ({"booked_on": date(2025, 7, 5)}, "2025-07-06 to 2025-12-31"),
        ({"booked_on": date(2026, 1, 1)}, "2025-07-06 to 2025-12-31"),
        ({"approved_by": "maker"}, "two different persons"),
        ({"approved_by": ""}, "two different persons"),
        ({"by": ""}, "two different persons"),
        ({"to_line": "npu"}, "only for a transfer"),
        ({"recorded_at": datetime(2026, 1, 1)}, "with offset"),  # noqa: DTZ001
        ({"evidence": ("paper.pdf",)}, "paper.pdf"),
        ({"award": "unknown"}, "award 'unknown'"),
        ({"id": ""}, "the name ''"),
    ],
)
def test_a_row_that_is_wrong_in_itself_is_refused(given_: dict[str, Any], said: str) -> None:
    row = dataclasses.replace(entry("x", Kind.GRANT, 10, AUGUST), **given_)

    assert said in refused(empty(), row)


def test_spending_without_a_paper_is_refused() -> None:
    rows = chain("rpki", 9, 9, 9)

    assert "evidence none" in refused(
        empty(), *rows[:2], dataclasses.replace(rows[2], evidence=())
    )


def test_a_day_counts_by_the_korean_clock() -> None:
    row = entry("g", Kind.GRANT, 1, AUGUST)
    evening = datetime(2025, 7, 31, 23, tzinfo=timezone.utc)  # noqa: UP017 - 08:00 in Korea

    append(empty(), [dataclasses.replace(row, recorded_at=evening)])
    too_soon = dataclasses.replace(row, recorded_at=evening - timedelta(hours=9))

    assert "the day 2025-08-01" in refused(empty(), too_soon)


def test_what_is_recorded_later_stands_later() -> None:
    ledger = append(empty(), [entry("a", Kind.GRANT, 1, AUGUST)])
    before = entry("b", Kind.GRANT, 1, AUGUST, recorded_at=LATER - timedelta(seconds=1))

    assert "or later" in refused(ledger, before)


def test_a_name_or_voucher_is_used_once() -> None:
    first = entry("a", Kind.GRANT, 1, AUGUST, voucher="7-1")
    ledger = append(empty(), [first])

    assert "'a' again" in refused(ledger, first)
    assert "'7-1' again" in refused(ledger, dataclasses.replace(first, id="b"))
    append(ledger, [dataclasses.replace(first, id="c", recipient="another")])
    append(ledger, [dataclasses.replace(first, id="d", amount_krw=-1, corrects="a")])


def test_a_correction_belongs_to_the_line_and_kind_that_it_corrects() -> None:
    ledger = append(empty(), chain("rpki", 100, 80, 50))
    right = entry("c", Kind.SPENDING, -20, YEAR_END, corrects="rpki-spending")

    assert total(balances(append(ledger, [right]))).spent_krw == 30
    for wrong in ({"line": "npu"}, {"kind": Kind.GRANT}):
        assert "same line and kind" in refused(ledger, dataclasses.replace(right, **wrong))


def test_no_correction_makes_a_line_negative() -> None:
    ledger = append(empty(), chain("rpki", 100, 80, 50))
    wrong = entry("c", Kind.SPENDING, -51, YEAR_END, corrects="rpki-spending")

    assert "of -1 won" in refused(ledger, wrong)


def test_money_taken_back_cannot_be_money_that_is_spent() -> None:
    ledger = append(empty(), chain("rpki", 100, 100, 100))
    back = entry("c", Kind.GRANT, -1, YEAR_END, note="환수")

    assert "no more than the grant of 99 won" in refused(ledger, back)


def test_a_transfer_moves_what_is_free_and_leaves_the_sum() -> None:
    ledger = append(empty(), chain("rpki", RPKI_KRW - 10, 0, 0))
    move = entry("t", Kind.TRANSFER, 10, OCTOBER, to_line="npu")

    after = balances(append(ledger, [move]))

    assert total(after).appropriation_krw == 179_300_000_000
    assert {each.line: each.appropriation_krw - each.voted_krw for each in after} == {
        each.line: {"rpki": -10, "npu": 10}.get(each.line, 0) for each in after
    }
    assert "appropriation of 2,999,999,989" in refused(
        ledger, dataclasses.replace(move, amount_krw=11)
    )
    assert "target line ''" in refused(ledger, dataclasses.replace(move, to_line=""))
    assert "target line 'rpki'" in refused(ledger, dataclasses.replace(move, to_line="rpki"))


def test_what_was_moved_in_may_be_granted_from_that_day_on() -> None:
    move = entry("t", Kind.TRANSFER, 10, OCTOBER, line="npu", to_line="rpki")
    grant = entry("g", Kind.GRANT, RPKI_KRW + 10, OCTOBER)

    append(empty(), [move, grant])
    early = dataclasses.replace(grant, booked_on=OCTOBER - timedelta(days=1))
    assert "grant of 3,000,000,010" in refused(empty(), move, early)


def test_carry_over_and_lapse_end_the_year_and_do_not_exceed_what_is_open() -> None:
    ledger = append(empty(), chain("rpki", 100, 80, 50))
    over = entry("o", Kind.CARRY_OVER, RPKI_KRW - 60, YEAR_END)
    lapse = entry("l", Kind.LAPSE, 10, YEAR_END)

    rpki = next(each for each in balances(append(ledger, [over, lapse])) if each.line == "rpki")

    assert rpki.open_krw == 0
    assert "the year's last day 2025-12-31" in refused(
        ledger, dataclasses.replace(lapse, booked_on=OCTOBER)
    )
    assert "lapse together" in refused(ledger, over, dataclasses.replace(lapse, amount_krw=11))


def test_nothing_is_booked_into_a_closed_month() -> None:
    closed = dataclasses.replace(
        empty(),
        closes=(Close(month=AUGUST, recorded_at=LATER, by="maker", approved_by="checker"),),
    )

    with pytest.raises(MonthClosed) as refusal:
        append(closed, [entry("g", Kind.GRANT, 1, date(2025, 8, 31))])
    append(closed, [entry("g", Kind.GRANT, 1, date(2025, 9, 1))])

    assert "2025-09-01 or later" in refusal.value.sentence("en")


def test_every_past_view_is_the_one_that_was_seen_then() -> None:
    first, second = LATER, LATER + timedelta(days=1)
    ledger = append(empty(), chain("rpki", 100, 80, 50))
    back = entry("c", Kind.SPENDING, -20, OCTOBER, corrects="rpki-spending", recorded_at=second)
    ledger = append(ledger, [back])

    def spent(on: date, known_at: datetime | None = None) -> int:
        return total(balances(ledger, on=on, known_at=known_at)).spent_krw

    assert spent(OCTOBER - timedelta(days=1)) == 0
    assert spent(OCTOBER, first) == 50
    assert spent(OCTOBER, second) == spent(OCTOBER) == 30
    assert total(balances(ledger, known_at=first - timedelta(seconds=1))).granted_krw == 0


amounts = st.integers(1, 60).map(lambda share: share * 50_000_000)
days = st.integers(0, 178).map(lambda after: date(2025, 7, 6) + timedelta(days=after))
rows = st.tuples(
    st.sampled_from(["rpki", "npu", "youth-education"]),
    st.sampled_from([Kind.GRANT, Kind.DISBURSEMENT, Kind.SPENDING, Kind.TRANSFER]),
    amounts,
    days,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(rows, max_size=25))
def test_whatever_is_accepted_adds_up_and_keeps_the_order_on_every_day(drawn: list[Any]) -> None:
    ledger = empty()
    for number, (line, kind, amount, on) in enumerate(drawn):
        to_line = "ai-fund" if kind is Kind.TRANSFER else ""
        row = entry(f"e{number}", kind, amount, on, line=line, to_line=to_line)
        if not refusals(ledger, [row]):
            ledger = append(ledger, [row])

    for on in {each.booked_on for each in ledger.entries}:
        found = balances(ledger, on=on)
        assert total(found).appropriation_krw == 179_300_000_000
        for each in found:
            assert 0 <= each.spent_krw <= each.disbursed_krw <= each.granted_krw
            assert each.granted_krw <= each.appropriation_krw


FIRM = Recipient(id="f1", name="가나AI", nature=Nature.FIRM, region="KR-11")
SCHOOL = Recipient(id="u1", name="다라대학교", nature=Nature.UNIVERSITY, region="KR-11")
AWARD = Award(id="a1", line="rpki", recipient="f1", amount_krw=100, signed_on=AUGUST, people=12)


def test_awards_reach_firms_and_people_by_region() -> None:
    again = dataclasses.replace(AWARD, id="a2", people=3)
    school = dataclasses.replace(AWARD, id="a3", recipient="u1", signed_on=OCTOBER, people=0)
    ledger = with_awards(empty(), [AWARD, again, school], [FIRM, SCHOOL])

    early = reach(ledger.awards, ledger.recipients, on=AUGUST)
    late = reach(ledger.awards, ledger.recipients, on=OCTOBER, line="rpki")

    assert [(e.region, e.firms, e.bodies, e.people, e.awarded_krw) for e in early] == [
        ("KR-11", 1, 0, 15, 200)
    ]
    assert [(e.firms, e.bodies, e.awarded_krw) for e in late] == [(1, 1, 300)]
    assert reach(ledger.awards, ledger.recipients, on=OCTOBER, line="npu") == ()


def test_an_award_is_booked_on_in_its_own_line() -> None:
    ledger = with_awards(empty(), [AWARD], [FIRM])

    append(ledger, [entry("g", Kind.GRANT, 1, AUGUST, award="a1")])
    assert "an award of line 'npu'" in refused(
        ledger, entry("g", Kind.GRANT, 1, AUGUST, award="a1", line="npu")
    )


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"amount_krw": RPKI_KRW + 1}, "3,000,000,001"),
        ({"amount_krw": 0}, "awards of 0 won"),
        ({"recipient": "nobody"}, "recipient 'nobody'"),
        ({"line": "no-such"}, "line 'no-such'"),
    ],
)
def test_an_award_that_does_not_fit_is_refused(given_: dict[str, Any], said: str) -> None:
    with pytest.raises(BookingRefused) as refusal:
        with_awards(empty(), [dataclasses.replace(AWARD, **given_)], [FIRM])

    assert said in refusal.value.sentence("en")


def test_a_recipient_lives_in_a_region_of_korea() -> None:
    with pytest.raises(BookingRefused, match="KR-99"):
        dataclasses.replace(FIRM, region="KR-99")


def test_a_recipient_or_award_has_a_name_of_its_own() -> None:
    with pytest.raises(BookingRefused, match="f1"):
        with_awards(empty(), [], [FIRM, FIRM])
    with pytest.raises(BookingRefused, match="a1"):
        with_awards(empty(), [AWARD, AWARD], [FIRM])
