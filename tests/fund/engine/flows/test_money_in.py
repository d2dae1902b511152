"""Commitments, calls, payments, defaults and transfers: who has to pay what."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from madang.fund.engine.errors import AmountRefused, FlowRefused, FundRefused
from madang.fund.engine.flows import calls, commitments
from madang.fund.engine.ledger.accounts import Account
from tests.fund.books import FIRST, called, committed, funded, post

DAY = date(2025, 2, 1)


def test_commitments_are_entered_once() -> None:
    book = committed()

    assert [book.committed(number) for number in (1, 2, 3)] == [60_000_000, 39_000_000, 1_000_000]
    assert book.unfunded(2) == 39_000_000
    with pytest.raises(FlowRefused, match="nothing left to commit"):
        commitments.commit(book, on=DAY)


def test_a_call_goes_by_commitment_and_a_payment_settles_it() -> None:
    book = committed()
    called(book, 50_000_001, on=FIRST)

    assert book.cash() == 50_000_001
    # 39/100 of 50,000,001 is 19,500,000.39 and 1/100 is 500,000.01: the won left over goes to the
    # largest remainder, that of the first partner (.6).
    paid = [-book.journal.balance(Account("paid-in", number)) for number in (1, 2, 3)]
    assert paid == [30_000_001, 19_500_000, 500_000]
    assert calls.open_calls(book) == {}


@pytest.mark.parametrize(
    ("purposes", "due", "kind", "said"),
    [
        ({"investment": 100_000_001}, DAY, FlowRefused, "the unfunded 100,000,000"),
        ({"investment": 1_000}, date(2024, 1, 1), FlowRefused, "the due day 2024-01-01"),
        ({"party": 1_000}, DAY, FlowRefused, "the purpose 'party'"),
        ({"deal:": 1_000}, DAY, FlowRefused, "the purpose 'deal:'"),
        ({"investment": 1.5}, DAY, AmountRefused, "1.5"),
        ({"investment": 0}, DAY, AmountRefused, "the amount 0"),
    ],
)
def test_a_call_that_cannot_be_is_refused(
    purposes: dict[str, int], due: date, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        calls.call(committed(), on=FIRST, due=due, purposes=purposes)


def test_who_has_less_left_gives_all_of_it_and_the_others_the_rest() -> None:
    book = committed()
    called(book, 50_000_000, on=FIRST)
    post(book, commitments.transfer(book, on=DAY, giver=2, taker=1, share=Fraction(1, 3)))
    (draft,) = calls.call(book, on=DAY, due=DAY, purposes={"investment": 50_000_000})

    assert sum(each.amount_krw for each in draft.postings) == 50_000_000
    for posting in draft.postings:
        assert posting.amount_krw <= book.unfunded(posting.debit.partner)


def test_nobody_pays_more_than_was_called() -> None:
    book = committed()
    number = called(book, 10_000_000, on=FIRST, paid=False)

    with pytest.raises(FlowRefused, match="at most the 6,000,000 won open of call 1"):
        calls.pay(book, on=DAY, call=number, amounts={1: 6_000_001})
    with pytest.raises(FlowRefused, match="call 9"):
        calls.pay(book, on=DAY, call=9, amounts={1: 1})


def test_late_interest_runs_from_the_due_day() -> None:
    book = committed()
    number = called(book, 10_000_000, on=FIRST, paid=False)
    due = FIRST + timedelta(days=14)

    found = [
        calls.late_interest(book, on=due + timedelta(days=days), call=number, partner=2)
        for days in (0, 73, 365)
    ]
    # 15 % of 3.9 million won a year; 73 days are a fifth of 365.
    assert found == [0, 117_000, 585_000]


def test_a_default_cancels_what_is_open_and_forfeits_a_part() -> None:
    book = funded()
    number = called(book, 10_000_000, on=DAY, paid=False)
    due = DAY + timedelta(days=14)
    with pytest.raises(FlowRefused, match="open for 29 days"):
        calls.default(book, on=due + timedelta(days=29), call=number, partner=2)

    for draft in calls.default(book, on=due + timedelta(days=30), call=number, partner=2):
        post(book, [draft])

    assert (book.committed(2), book.unfunded(2)) == (19_500_000, 0)
    # Each part that goes is rounded down, so the won of the halving stays.
    assert -book.journal.balance(Account("paid-in", 2)) == 9_750_001
    total = -book.journal.total("paid-in")
    assert total == 50_000_000
    assert set(calls.open_calls(book)[number].unpaid) == {1, 3}
    standing = book.standing(due + timedelta(days=40))
    assert standing.paid_in == {
        number: -book.journal.balance(Account("paid-in", number)) for number in (1, 2, 3)
    }


def test_an_interest_moves_with_its_history() -> None:
    book = funded()
    post(book, commitments.transfer(book, on=DAY, giver=2, taker=1, share=Fraction(1, 3)))

    assert (book.committed(1), book.committed(2)) == (73_000_000, 26_000_000)
    assert book.standing(DAY).paid_in[2] == 13_000_000
    later = book.standing(date(2026, 2, 1))
    due = {lot.partner: later.due(lot, later.goals[0]) for lot in later.lots}
    # 8 % simple from 15 January 2025 on, as if the interest had always been the taker's.
    assert due[2] == Fraction(13_000_000 * 8 * 382, 100 * 365)


@pytest.mark.parametrize(
    ("giver", "taker", "share", "said"),
    [
        (1, 1, Fraction(1), "to another partner"),
        (1, 2, Fraction(0), "above 0"),
        (1, 9, Fraction(1), "partner 9"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused(
    giver: int, taker: int, share: Fraction, said: str
) -> None:
    with pytest.raises(FundRefused, match=said):
        commitments.transfer(funded(), on=DAY, giver=giver, taker=taker, share=share)


def test_who_owes_a_call_cannot_leave() -> None:
    book = committed()
    called(book, 10_000_000, on=FIRST, paid=False)

    with pytest.raises(FlowRefused, match="called and not paid"):
        commitments.transfer(book, on=DAY, giver=2, taker=1)
