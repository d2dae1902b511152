"""Does the cap table follow what happened, to the share?"""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.portfolio import events as acts
from madang.fund.engine.portfolio import rounds
from madang.fund.engine.portfolio.cap_table import cap_table
from madang.fund.engine.portfolio.instruments import (
    Common,
    ConvertibleBond,
    Preferred,
    Safe,
    instrument,
)

DAY = date(2026, 1, 2)
FOUNDED = acts.Founded(on=DAY, shares={"kim": 6_000, "lee": 4_000})


def a_round(name: str = "a", *, price: int = 1_000, paid: int = 2_000_000, **more) -> acts.Round:
    protection = more.pop("anti_dilution", "none")
    terms = Preferred(issue_price_krw=Fraction(price), anti_dilution=protection)
    on = more.pop("on", date(2027, 1, 4))
    return acts.Round(on=on, share_class=name, terms=terms, paid={"fund": paid}, **more)


def test_a_round_at_an_agreed_price_gives_shares_and_a_valuation() -> None:
    table = cap_table([FOUNDED, a_round()])

    assert table.held("fund") == 2_000
    assert table.ownership()["fund"] == Fraction(2_000, 12_000)
    assert table.valued[0].pre_money_krw == 10_000_000
    assert table.valued[0].post_money_krw == 12_000_000


def test_a_pre_money_valuation_counts_the_new_pool() -> None:
    raised = a_round(pre_money_krw=12_500_000, pool_added=2_500)

    table = cap_table([FOUNDED, raised])

    assert table.valued[0].price_krw == 1_000
    assert table.fully_diluted == 14_500
    assert table.outstanding == 12_000


def test_a_post_money_safe_owns_amount_by_cap_before_the_new_money() -> None:
    safe = acts.SafeSigned(
        on=DAY, id="s1", holder="angel", safe=Safe(amount_krw=1_000_000, cap_krw=10_000_000)
    )

    table = cap_table([FOUNDED, safe, a_round(pre_money_krw=20_000_000, paid=5_000_000)])

    # A tenth of the capitalization before new money: 10,000 / 0.9 = 11,111.1, of it 1,111.1.
    assert table.held("angel") == 1_111
    assert table.in_lieu[0].fraction == Fraction(1, 9)
    assert table.valued[0].pre_money_krw == 20_000_000
    assert table.valued[0].price_krw == 20_000_000 / Fraction(100_000, 9)


def test_a_safe_takes_the_discount_where_it_gives_more_than_the_cap() -> None:
    safe = Safe(amount_krw=1_000_000, cap_krw=100_000_000, discount=Fraction(1, 5))

    priced = rounds.pricing({"s": safe}, shares=Fraction(10_000), price_krw=Fraction(1_000))

    assert priced.safe_shares["s"] == 1_250  # 1,000,000 / 800


SAFES = st.builds(
    Safe,
    amount_krw=st.integers(1, 10**8),
    cap_krw=st.one_of(st.none(), st.integers(10**9, 10**11)),
    discount=st.fractions(0, Fraction(1, 2), max_denominator=20),
)


@given(st.lists(SAFES, max_size=4), st.integers(1, 10**6), st.integers(0, 10**5))
def test_every_safe_gets_the_better_of_cap_and_discount_in_the_solution(
    safes: list[Safe], shares: int, pool: int
) -> None:
    named = {str(n): each for n, each in enumerate(safes)}

    priced = rounds.pricing(
        named, shares=Fraction(shares), pool_added=pool, pre_money_krw=2 * 10**9
    )

    whole = priced.capitalization
    assert whole == shares + sum(priced.safe_shares.values())
    assert priced.price_krw * (whole + pool) == 2 * 10**9
    for key, safe in named.items():
        by_cap = Fraction(safe.amount_krw, safe.cap_krw) * whole if safe.cap_krw else 0
        by_price = safe.amount_krw / (priced.price_krw * (1 - safe.discount))
        assert priced.safe_shares[key] == max(by_cap, by_price)


def test_the_order_in_which_events_are_listed_means_nothing() -> None:
    assert cap_table([a_round(), FOUNDED]) == cap_table([FOUNDED, a_round()])


@pytest.mark.parametrize("amount", [50, 60])
def test_safes_that_take_the_whole_company_are_refused(amount: int) -> None:
    safe = Safe(amount_krw=amount, cap_krw=100)

    with pytest.raises(PortfolioRefused):
        rounds.pricing({"a": safe, "b": safe}, shares=Fraction(1), price_krw=Fraction(1))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("none", Fraction(1_000)),
        ("full-ratchet", Fraction(500)),
        # CP1 × (A + B) / (A + C), C 4,000, B 2,000: A 12,000 (all) or 2,000 (preferred).
        ("broad-based", 1_000 * Fraction(14_000, 16_000)),
        ("narrow-based", 1_000 * Fraction(4_000, 6_000)),
    ],
)
def test_a_down_round_lowers_the_conversion_price_by_the_formula(
    rule: str, expected: Fraction
) -> None:
    down = a_round("b", price=500, on=date(2028, 1, 3))

    table = cap_table([FOUNDED, a_round(anti_dilution=rule), down])

    assert table.ratio("a") == 1_000 / expected


def test_an_up_round_changes_no_conversion_price() -> None:
    up = a_round("b", price=1_001, on=date(2028, 1, 3))

    table = cap_table([FOUNDED, a_round(anti_dilution="full-ratchet"), up])

    assert table.ratio("a") == 1


def test_a_bond_converts_with_cash_for_the_fraction() -> None:
    bond = ConvertibleBond(
        principal_krw=1_000_000,
        coupon=Fraction(4, 100),
        issued_on=DAY,
        matures_on=date(2029, 1, 2),
        conversion_price_krw=Fraction(300),
    )
    issued = acts.BondIssued(on=DAY, id="cb1", holder="fund", bond=bond)

    table = cap_table([FOUNDED, issued, acts.BondConverted(on=date(2027, 1, 2), id="cb1")])

    assert table.held("fund") == 3_333
    assert table.in_lieu[0].krw == 100
    assert bond.owed_krw(date(2027, 1, 2)) == 1_040_000


def test_a_split_keeps_every_part_and_the_worth_of_preferences() -> None:
    before = cap_table([FOUNDED, a_round()])

    after = cap_table([FOUNDED, a_round(), acts.Split(on=date(2027, 6, 1), new=10)])

    assert after.ownership() == before.ownership()
    assert after.outstanding == 10 * before.outstanding
    assert after.classes["a"].issue_price_krw == 100


@pytest.mark.parametrize(
    "event",
    [
        acts.Founded(on=date(2028, 1, 1), shares={"x": 1}),
        acts.Transferred(
            on=date(2028, 1, 1), giver="lee", taker="x", share_class="common", shares=4_001
        ),
        acts.OptionsExercised(on=date(2028, 1, 1), holder="x", shares=1),
        acts.BondConverted(on=date(2028, 1, 1), id="none"),
        acts.Converted(on=date(2028, 1, 1), holder="fund", share_class="a", shares=2_001),
        acts.Converted(on=date(2028, 1, 1), holder="fund", share_class="z", shares=1),
        acts.PoolReserved(on=date(2028, 1, 1), shares=0),
        a_round("a", on=date(2028, 1, 1)),
        a_round("common", on=date(2028, 1, 1)),
    ],
)
def test_an_event_that_cannot_be_is_refused(event: acts.Event) -> None:
    with pytest.raises(PortfolioRefused):
        cap_table([FOUNDED, a_round(), event])


def test_nothing_happens_after_the_exit() -> None:
    gone = acts.Exited(on=date(2028, 1, 1))

    assert cap_table([FOUNDED, gone]).is_closed
    with pytest.raises(PortfolioRefused):
        cap_table([FOUNDED, gone, a_round(on=date(2028, 1, 2))])


def test_a_day_shows_the_table_as_it_was() -> None:
    assert cap_table([FOUNDED, a_round()], on=date(2027, 1, 3)).held("fund") == 0


@given(
    price=st.integers(1, 10**6),
    down=st.integers(1, 10**6),
    paid=st.integers(10**6, 10**9),
    rule=st.sampled_from(["none", "full-ratchet", "broad-based", "narrow-based"]),
    pool=st.integers(1, 5_000),
)
def test_holders_add_up_and_conversion_loses_nothing(
    price: int, down: int, paid: int, rule: str, pool: int
) -> None:
    table = cap_table(
        [
            FOUNDED,
            acts.PoolReserved(on=DAY, shares=pool),
            a_round(price=price, paid=paid, anti_dilution=rule),
            a_round("b", price=down, paid=paid, on=date(2028, 1, 3)),
        ]
    )
    holders = {who for who, _ in table.holdings}

    assert sum(table.held(who) for who in holders) == table.outstanding
    assert sum(table.ownership().values()) == 1
    assert sum(table.ownership_diluted().values()) == 1
    assert table.ratio("a") >= 1
    if own := table.holdings.get(("fund", "a")):
        done = replace(table, in_lieu=())
        act = acts.Converted(on=date(2029, 1, 2), holder="fund", share_class="a", shares=own)
        from madang.fund.engine.portfolio.cap_table import applied

        after = applied(act, done)
        fraction = sum((each.fraction for each in after.in_lieu), Fraction(0))
        assert after.holdings["fund", "common"] + fraction == own * table.ratio("a")
        assert after.holdings["fund", "common"] >= own


def test_an_unknown_instrument_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(PortfolioRefused, match="rcps"):
        instrument("warrant")


def test_a_float_or_a_missing_parameter_is_refused() -> None:
    with pytest.raises(PortfolioRefused):
        instrument("common", issue_price_krw=1.5)
    with pytest.raises(PortfolioRefused):
        instrument("rcps")
    assert instrument("common", issue_price_krw=5) == Common(issue_price_krw=5)
