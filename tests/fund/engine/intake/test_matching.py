"""A deposit goes to a call by the payer's name alone; what is not clear stays with a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.fund.engine.book import Book
from madang.fund.engine.flows import calls, commitments
from madang.fund.engine.intake import books
from madang.fund.engine.intake.matching import (
    Preview,
    Unpaid,
    Verdict,
    bare_name,
    preview,
)
from madang.fund.engine.ledger.accounts import Account
from madang.fund.engine.ledger.entry import Draft, Kind, Posting
from madang.fund.engine.ledger.journal import Journal
from tests.fund.engine.reports import played

TERMS = played.agreement()
DUE = date(2025, 10, 15)
PART = 200_000_000
"""Each of five partners' part of a call of 10억."""


def book() -> Book:
    """A fund that has called 10억 of its five partners."""
    made = Book(agreements=(TERMS,), journal=Journal())
    post(made, commitments.commit(made, on=TERMS.life.first_close))
    return called(made, date(2025, 10, 1))


def called(made: Book, on: date) -> Book:
    post(made, calls.call(made, on=on, due=DUE + timedelta(60), purposes={"investment": 5 * PART}))
    return made


def post(made: Book, drafts: tuple[Draft, ...]) -> None:
    made.journal.append(drafts, by="maker", approved_by="checker", at=played.AT)


def statement(*rows: tuple[str, str, int]) -> bytes:
    """Day, counterpart and amount, below 0 for a withdrawal."""
    lines = ["거래일자,적요,출금액,입금액,거래처"]
    for on, payer, amount in rows:
        lines.append(f"{on},이체,{max(-amount, 0)},{max(amount, 0)},{payer}")
    return ("\n".join(lines) + "\n").encode()


def seen(content: bytes, made: Book | None = None, **more: object) -> Preview:
    return preview(content, made or book(), name="a.csv", **more)  # type: ignore[arg-type]


def verdicts(found: Preview) -> list[Verdict]:
    return [each.verdict for each in found.rows]


def test_the_payers_name_and_the_amount_of_the_call_make_a_payment() -> None:
    found = seen(statement(("2025-10-15", "(주)한빛은행", PART)))

    (draft,) = found.drafts
    assert verdicts(found) == [Verdict.EXACT]
    assert (draft.on, draft.kind) == (DUE, Kind.PAYMENT)
    assert draft.postings == (
        Posting(Account("drawn", 2), Account("called", 2), PART),
        Posting(Account("cash"), Account("paid-in", 2), PART),
    )
    assert draft.facts["paid"] == {"1": {"2": PART}}
    assert found.cash_krw == PART


def test_nothing_is_posted_by_looking() -> None:
    made = book()
    seen(statement(("2025-10-15", "한빛은행", PART)), made)

    assert len(made.journal) == 2


def test_less_than_the_call_is_a_part_and_the_rest_stays_open() -> None:
    found = seen(
        statement(("2025-10-15", "한빛은행", PART - 1), ("2025-10-16", "한빛은행", 1)),
    )

    assert verdicts(found) == [Verdict.PARTIAL, Verdict.EXACT]
    assert sum(each.postings[0].amount_krw for each in found.drafts) == PART


def test_more_than_the_call_is_shown_and_not_booked() -> None:
    found = seen(statement(("2025-10-15", "한빛은행", PART + 7)))

    assert verdicts(found) == [Verdict.OVER]
    assert "7원" in found.rows[0].why.ko
    assert not found.drafts


def test_a_name_cut_off_by_the_bank_is_known_when_it_fits_one_partner() -> None:
    assert verdicts(seen(statement(("2025-10-15", "한국성장금융투", PART)))) == [Verdict.EXACT]


def test_a_cut_name_that_fits_two_partners_is_ambiguous() -> None:
    made = book()
    content = statement(
        ("2025-10-15", "새벽생명보험", PART), ("2025-10-15", "새벽생명보험연금", PART)
    )

    assert verdicts(seen(content, made)) == [Verdict.EXACT, Verdict.EXACT]
    twins = (*TERMS.partners[:3], replace(TERMS.partners[4], number=4), TERMS.partners[4])
    made.agreements = (replace(TERMS, partners=twins),)
    found = seen(statement(("2025-10-15", "새벽생명보험연", PART)), made)
    assert verdicts(found) == [Verdict.AMBIGUOUS]
    assert len(found.rows[0].candidates) == 2


def test_an_equal_amount_of_a_stranger_is_never_believed() -> None:
    found = seen(statement(("2025-10-15", "모르는상사", PART)))

    assert verdicts(found) == [Verdict.UNMATCHED]
    assert len(found.rows[0].candidates) == 5
    assert not found.drafts


def test_a_few_letters_are_no_name_cut_off() -> None:
    assert verdicts(seen(statement(("2025-10-15", "한국성장", PART)))) == [Verdict.UNMATCHED]


@pytest.mark.parametrize("payer", ["한빛은행 2차 출자금", "한빛은행1차납입"])
def test_what_a_payer_writes_behind_its_name_does_not_matter(payer: str) -> None:
    assert verdicts(seen(statement(("2025-10-15", payer, PART)))) == [Verdict.EXACT]


def test_another_firm_whose_name_begins_like_a_partners_is_a_stranger() -> None:
    found = seen(statement(("2025-10-15", "한빛은행카드", PART)))

    assert verdicts(found) == [Verdict.UNMATCHED]


def test_a_name_that_the_fund_was_told_of_counts() -> None:
    content = statement(("2025-10-15", "HBK신탁부", PART))

    assert verdicts(seen(content, payers={"HBK 신탁부": 2})) == [Verdict.EXACT]


def test_money_before_the_call_matches_nothing() -> None:
    found = seen(statement(("2025-09-30", "한빛은행", PART)))

    assert verdicts(found) == [Verdict.UNMATCHED]


def test_a_statement_is_taken_in_once_even_where_another_overlaps_it() -> None:
    made = book()
    first = seen(statement(("2025-10-15", "한빛은행", PART)), made)
    post(made, first.drafts)
    more = statement(("2025-10-15", "한빛은행", PART), ("2025-10-16", "마당벤처스", PART))

    assert verdicts(seen(more, made)) == [Verdict.KNOWN, Verdict.EXACT]


@settings(max_examples=20, deadline=None)
@given(
    asked=st.lists(st.integers(5, 10**9), min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 10**9), max_size=6),
    order=st.randoms(),
)
def test_deposits_of_all_that_was_called_leave_nothing_open(
    asked: list[int], cuts: list[int], order: Random
) -> None:
    made = Book(agreements=(TERMS,), journal=Journal())
    post(made, commitments.commit(made, on=TERMS.life.first_close))
    for won in asked:
        purposes = {"investment": won}
        post(made, calls.call(made, on=date(2025, 10, 1), due=DUE, purposes=purposes))
    rows = []
    for partner in TERMS.partners:
        left = sum(each.unpaid.get(partner.number, 0) for each in calls.open_calls(made).values())
        for cut in cuts:
            if 0 < cut < left:
                rows.append((str(DUE), partner.name.ko, cut))
                left -= cut
        rows.append((str(DUE), partner.name.ko, left))
    order.shuffle(rows)
    found = seen(statement(*[row for row in rows if row[2]]), made)

    assert set(verdicts(found)) <= {Verdict.EXACT, Verdict.PARTIAL}
    post(made, found.drafts)
    assert not calls.open_calls(made)
    assert made.journal.total("called") == 0
    assert made.cash() == found.cash_krw == sum(asked)


def test_a_statement_that_is_taken_back_leaves_the_calls_open_and_may_come_again() -> None:
    made = book()
    content = statement(("2025-10-15", "한빛은행", PART), ("2025-10-16", "마당벤처스", PART - 5))
    first = seen(content, made)
    post(made, first.drafts)
    assert calls.open_calls(made)[1].unpaid == {1: PART, 3: 5, 4: PART, 5: PART}
    post(made, books.undoing(made.journal, first.statement.digest))

    assert calls.open_calls(made)[1].unpaid == dict.fromkeys(range(1, 6), PART)
    assert made.cash() == 0
    assert verdicts(seen(content, made)) == [Verdict.EXACT, Verdict.PARTIAL]


def test_what_was_booked_by_hand_is_recognised() -> None:
    made = book()
    post(made, calls.pay(made, on=DUE, call=1, amounts={2: PART}))
    rows = [("2025-10-16", "마당벤처스유한회사", PART), ("2025-10-16", "한빛은행", PART)]

    assert verdicts(seen(statement(*rows), made)) == [Verdict.EXACT, Verdict.BOOKED]


def test_a_closed_day_is_refused_with_the_ledgers_own_sentence() -> None:
    made = book()
    close = Draft(on=DUE, kind=Kind.CLOSE, memo="마감", postings=())
    post(made, (close,))
    found = seen(statement(("2025-10-15", "한빛은행", PART)), made)

    assert verdicts(found) == [Verdict.REFUSED]
    assert "2025-10-15" in found.rows[0].why.ko


def funded() -> Book:
    made = book()
    post(made, calls.pay(made, on=DUE, call=1, amounts=dict.fromkeys(range(1, 6), PART)))
    return made


def audit(name: str, amount_krw: int) -> Unpaid:
    draft = played.result(TERMS, DUE, Kind.EXPENSE, "audit", "share-expense", -amount_krw)
    return Unpaid(id=name, payee="회계법인 새날", draft=draft)


def test_a_withdrawal_pays_the_approved_act_of_its_payee_and_amount() -> None:
    acts = [audit("act-1", 3_000_000), audit("act-2", 4_000_000)]
    found = seen(statement(("2025-11-02", "회계법인새날", -3_000_000)), funded(), acts=acts)

    assert verdicts(found) == [Verdict.EXACT]
    assert found.rows[0].act == "act-1"
    assert found.drafts[0].on == date(2025, 11, 2)
    assert found.cash_krw == 5 * PART - 3_000_000


def test_an_act_is_paid_once() -> None:
    rows = [("2025-11-02", "회계법인새날", -3_000_000)] * 2
    found = seen(statement(*rows), funded(), acts=[audit("act-1", 3_000_000)])

    assert verdicts(found) == [Verdict.EXACT, Verdict.UNMATCHED]


def test_two_equal_acts_are_ambiguous_and_another_payee_matches_nothing() -> None:
    acts = [audit("act-1", 3_000_000), audit("act-2", 3_000_000)]
    rows = [("2025-11-02", "회계법인새날", -3_000_000), ("2025-11-02", "다른법인", -3_000_000)]
    found = seen(statement(*rows), funded(), acts=acts)

    assert verdicts(found) == [Verdict.AMBIGUOUS, Verdict.UNMATCHED]
    assert found.rows[0].candidates == ("act-1", "act-2")


def test_one_deposit_may_pay_several_calls_the_oldest_first() -> None:
    made = called(book(), date(2025, 11, 1))
    found = seen(statement(("2025-11-10", "한빛은행", PART + 1)), made)

    (draft,) = found.drafts
    assert verdicts(found) == [Verdict.PARTIAL]
    assert draft.facts["paid"] == {"1": {"2": PART}, "2": {"2": 1}}
    post(made, found.drafts)
    assert calls.open_calls(made)[2].unpaid[2] == PART - 1
    assert 2 not in calls.open_calls(made)[1].unpaid


def test_the_form_of_a_firm_is_no_part_of_its_name() -> None:
    assert bare_name("㈜ 한빛-은행") == bare_name("주식회사 한빛은행") == "한빛은행"
