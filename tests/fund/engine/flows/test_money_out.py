"""Fees, costs, the line of credit, investments, distributions, closes and the end."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from madang.fund.engine.book import Book
from madang.fund.engine.errors import AmountRefused, FlowRefused
from madang.fund.engine.flows import closing, credit, distributing, ending, fees, investing
from madang.fund.engine.ledger.accounts import Account
from tests.fund.books import PAPER, called, funded, post
from tests.fund.terms import small

DAY, LATER = date(2025, 2, 1), date(2025, 7, 1)
LINE = {
    "limit_krw": 9_000_000,
    "rate": "7.3%",
    "share_of_unfunded": "20%",
    "repay_within_days": 90,
}


def invested(won: int = 30_000_000, **changes: object) -> Book:
    """The small fund with a holding of `acme`."""
    book = funded(**changes)
    post(book, investing.invest(book, on=DAY, company="acme", amount_krw=won))
    return book


def test_the_fee_of_a_quarter_is_a_share_of_its_days() -> None:
    book = funded()
    post(book, fees.fee(book, on=date(2025, 4, 1)))

    # 2 % of 100 million won for 90 of 365 days, to the nearest won.
    assert book.journal.total("management-fee") == 493_151
    with pytest.raises(FlowRefused, match="2025-07-01"):
        fees.fee(book, on=date(2025, 6, 30))


def test_brackets_count_by_part_or_for_the_whole() -> None:
    brackets = [{"upto_krw": 30, "rate": "10%"}, {"rate": "5%"}]
    by_part, whole = (
        small(
            management_fee__phases=[
                {"from_year": 1, "base": "committed", "brackets": brackets, "whole": each}
            ]
        ).fee.phases[0]
        for each in (False, True)
    )

    assert fees.rate_times(by_part, 100) == Fraction(13, 2)
    assert (fees.rate_times(whole, 100), fees.rate_times(whole, 30)) == (5, 3)


def test_a_phase_that_turns_within_a_period_counts_by_days() -> None:
    phases = [
        {"from_year": 1, "base": "committed", "brackets": [{"rate": "2%"}]},
        {"from_year": 2, "base": "paid-in", "brackets": [{"rate": "1%"}]},
    ]
    agreement = small(
        management_fee__phases=phases, life__first_close="2025-02-10", effective_on="2025-02-10"
    )
    period = fees.Period(date(2026, 1, 1), date(2026, 4, 1))
    bases = {fees.Base.COMMITTED: 36_500, fees.Base.PAID_IN: 73_000, fees.Base.INVESTED: 0}

    # 40 days at 2 a day, then 50 days at 2 a day.
    assert fees.amount_of(agreement, period, bases) == 40 * 2 + 50 * 2


def test_the_fund_bears_its_share_of_due_diligence() -> None:
    book = funded()
    asked = {"on": DAY, "amount_krw": 1_000_001, "memo": "acme"}
    post(book, fees.expense(book, account="due-diligence", **asked))
    post(book, fees.expense(book, account="legal", **asked))

    assert book.journal.total("due-diligence") == 500_000
    assert book.journal.total("legal") == 1_000_001
    with pytest.raises(FlowRefused, match="'management-fee'"):
        fees.expense(book, account="management-fee", **asked)


def test_the_line_of_credit_keeps_its_limits_and_costs_by_days() -> None:
    book = funded(credit_line=LINE)
    with pytest.raises(FlowRefused, match="at most 9,000,000"):
        credit.draw(book, on=DAY, amount_krw=9_000_001)
    post(book, credit.draw(book, on=DAY, amount_krw=5_000_000))
    post(book, credit.draw(book, on=date(2025, 2, 11), amount_krw=4_000_000))

    # 7.3 % a year are 1/5,000 a day: ten days of 5 million, ten days of 9 million.
    assert credit.interest(book, date(2025, 2, 21)) == 10_000 + 18_000
    with pytest.raises(FlowRefused, match="9,000,000 won owed"):
        credit.repay(book, on=date(2025, 2, 21), amount_krw=9_000_001)
    post(book, credit.repay(book, on=date(2025, 2, 21), amount_krw=9_000_000))

    assert book.journal.total("credit-interest") == 28_000
    assert (credit.owed(book), credit.interest(book, LATER)) == (0, 0)


def test_the_line_shrinks_with_what_is_left_to_call() -> None:
    book = funded(credit_line=LINE)
    called(book, 40_000_000, on=DAY)

    with pytest.raises(FlowRefused, match="at most 2,000,000"):
        credit.draw(book, on=LATER, amount_krw=2_000_001)


def test_every_won_invested_says_whose_it_is() -> None:
    book = invested(10_000_001)
    (entry,) = [each for each in book.journal.entries if each.memo == "acme"]

    assert {each.tag: each.amount_krw for each in entry.postings} == {
        "public": 6_000_001,
        "private": 4_000_000,
    }


def test_after_the_period_only_what_is_held_gets_more() -> None:
    book = invested()
    after = date(2029, 1, 1)

    assert investing.invest(book, on=after, company="acme", amount_krw=1_000)
    with pytest.raises(FlowRefused, match="a new investment on 2029-01-01"):
        investing.invest(book, on=after, company="other", amount_krw=1_000)


def test_a_part_sold_takes_its_part_of_the_valuation_along() -> None:
    book = invested()
    post(book, investing.value(book, on=LATER, company="acme", fair_value_krw=45_000_000))
    post(
        book,
        investing.exit(
            book, on=LATER, company="acme", proceeds_krw=16_000_000, part=Fraction(1, 3)
        ),
    )

    assert (book.cost("acme"), book.fair_value("acme")) == (20_000_000, 30_000_000)
    assert -book.journal.total("realised") == 6_000_000
    assert book.nav() == 50_000_000 + 15_000_000 + 1_000_000


def test_a_loss_is_realised_and_the_valuation_goes_back() -> None:
    book = invested()
    post(book, investing.value(book, on=LATER, company="acme", fair_value_krw=5_000_000))
    post(book, investing.write_off(book, on=LATER, company="acme"))

    assert book.journal.total("realised") == 30_000_000
    assert book.journal.total("unrealised-change") == 0
    assert book.fair_value("acme") == 0
    with pytest.raises(FlowRefused, match="not held"):
        investing.value(book, on=LATER, company="acme", fair_value_krw=1)


@pytest.mark.parametrize(
    ("method", "evidence", "said"),
    [("multiples", (), "no evidence"), ("a-feeling", PAPER, "the method 'a-feeling'")],
)
def test_a_valuation_needs_a_known_method_and_its_evidence(
    method: str, evidence: tuple[str, ...], said: str
) -> None:
    asked = {"on": LATER, "company": "acme", "fair_value_krw": 5, "evidence": evidence}
    with pytest.raises(FlowRefused, match=said):
        investing.value(invested(), facts={"method": method}, **asked)


def test_a_conversion_changes_the_instrument_and_no_amount() -> None:
    book = invested()
    before = book.nav(), book.cost("acme"), book.fair_value("acme")
    (entry,) = post(
        book,
        investing.convert(book, on=LATER, company="acme", facts={"from": "cb", "to": "common"}),
    )

    assert (entry.kind.value, entry.postings) == ("conversion", ())
    assert (book.nav(), book.cost("acme"), book.fair_value("acme")) == before
    with pytest.raises(FlowRefused, match="not held"):
        investing.convert(book, on=LATER, company="other")


def test_no_more_is_distributed_than_there_is() -> None:
    book = funded()
    with pytest.raises(FlowRefused, match="at most the 50,000,000 won in cash"):
        distributing.distribute(book, on=DAY, amount_krw=50_000_001)
    with pytest.raises(AmountRefused):
        distributing.distribute(book, on=DAY, amount_krw=0)


def test_terms_may_forbid_to_pay_before_the_quotas() -> None:
    book = funded(interim_principal=False)

    assert distributing.distribute(book, on=DAY, amount_krw=1_000)
    with pytest.raises(FlowRefused, match="before the quotas"):
        distributing.distribute(book, on=DAY, amount_krw=1_000, quotas_reached=False)


def test_what_is_recallable_can_be_called_again_within_the_terms() -> None:
    book = funded(recycling={"share": "10%", "until_year": 2})
    with pytest.raises(FlowRefused, match="at most 10,000,000"):
        distributing.distribute(book, on=DAY, amount_krw=20_000_000, recallable_krw=10_000_001)
    post(
        book,
        distributing.distribute(book, on=DAY, amount_krw=20_000_000, recallable_krw=10_000_000),
    )

    assert book.journal.total("unfunded") == 60_000_000
    with pytest.raises(FlowRefused, match="at most 0"):
        distributing.distribute(book, on=DAY, amount_krw=1_000, recallable_krw=1)


def test_a_holding_is_handed_out_at_its_fair_value() -> None:
    book = invested()
    sold, paid = distributing.in_kind(book, on=LATER, company="acme", fair_value_krw=33_000_000)
    post(book, (sold, paid))

    assert book.journal.total("receivable") == 0
    assert sum(each.amount_krw for each in paid.postings) == 33_000_000
    assert book.cash() == 20_000_000


def test_a_close_leaves_every_partner_what_a_sale_would_give() -> None:
    book = invested()
    post(book, investing.value(book, on=LATER, company="acme", fair_value_krw=90_000_000))
    post(book, closing.close(book, through=LATER))
    goal = closing.targets(book, LATER)

    assert sum(goal.values()) == book.nav() == 110_000_000
    assert {number: book.capital_account(number) for number in (1, 2, 3)} == goal
    assert -book.journal.balance(Account("share-carry", 3)) > 0
    with pytest.raises(FlowRefused, match="a day after 2025-07-01"):
        closing.close(book, through=LATER)


def test_a_fund_in_debt_leaves_each_partner_a_part_of_it() -> None:
    book = funded(credit_line=LINE)
    post(book, credit.draw(book, on=DAY, amount_krw=9_000_000))
    post(book, investing.invest(book, on=DAY, company="acme", amount_krw=59_000_000))
    post(book, investing.value(book, on=LATER, company="acme", fair_value_krw=0))
    post(book, closing.close(book, through=LATER))

    assert [book.capital_account(number) for number in (1, 2, 3)] == [
        -5_400_000,
        -3_510_000,
        -90_000,
    ]


def test_a_manager_who_was_paid_too_early_gives_back_what_tax_left() -> None:
    book = funded(clawback__tax="25%")
    post(book, investing.invest(book, on=DAY, company="acme", amount_krw=20_000_000))
    post(book, investing.exit(book, on=LATER, company="acme", proceeds_krw=60_000_000))
    post(book, distributing.distribute(book, on=LATER, amount_krw=book.cash()))
    carry = book.journal.total("carried-interest")
    called(book, 40_000_000, on=LATER)
    after = date(2026, 1, 1)
    post(book, investing.invest(book, on=after, company="late", amount_krw=40_000_000))
    post(book, investing.write_off(book, on=date(2026, 6, 1), company="late"))
    found = ending.entitlement(book, date(2026, 12, 31))

    # 40 million of profit, 8 million of carry; then 40 million are lost: all carry is too much.
    assert carry == 8_000_000
    assert found.excess == 8_000_000
    assert found.owed_krw == found.most_krw == 6_000_000
    post(book, ending.clawback(book, on=date(2026, 12, 31)))
    assert book.journal.balance(Account("clawback", 3)) < 0
    assert book.cash() == 0


def test_a_fund_ends_only_when_nothing_is_left() -> None:
    book = invested()
    with pytest.raises(FlowRefused, match="holdings of 30,000,000"):
        ending.liquidate(book, on=LATER)
    post(book, investing.exit(book, on=LATER, company="acme", proceeds_krw=41_000_000))
    with pytest.raises(FlowRefused, match="cash of 61,000,000"):
        ending.liquidate(book, on=LATER)
    post(book, distributing.distribute(book, on=LATER, amount_krw=61_000_000))
    post(book, ending.liquidate(book, on=LATER))

    assert [book.capital_account(number) for number in (1, 2, 3)] == [0, 0, 0]
    assert book.journal.total("unfunded") == 0
    with pytest.raises(FlowRefused, match="liquidation ended"):
        investing.invest(book, on=date(2025, 8, 1), company="acme", amount_krw=1)
