"""Does everyone get what their shares ask for, and nobody more?"""

from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.fund.engine.errors import AmountRefused, PortfolioRefused
from madang.fund.engine.portfolio import events as acts
from madang.fund.engine.portfolio.cap_table import cap_table
from madang.fund.engine.portfolio.exits import Claim, claims, distributed
from madang.fund.engine.portfolio.instruments import ConvertibleBond, Preferred, Safe

COMMON = Claim(holder="founders", share_class="common", shares=Fraction(80))


def preferred(**more) -> Claim:
    told = {"holder": "fund", "share_class": "a", "shares": Fraction(20), "seniority": 1}
    return Claim(**{**told, "preference_krw": Fraction(500), **more})


def won(proceeds: int, *found: Claim) -> dict[str, int]:
    return {each.claim.holder: each.krw for each in distributed(proceeds, found)}


@pytest.mark.parametrize(
    ("proceeds", "fund"),
    # By hand: preference 500 or a fifth, whichever is more; they are equal at 2,500.
    [(0, 0), (300, 300), (500, 500), (1_000, 500), (2_500, 500), (2_600, 520), (10_000, 2_000)],
)
def test_non_participating_shares_convert_when_it_is_better(proceeds: int, fund: int) -> None:
    assert won(proceeds, COMMON, preferred()) == {"fund": fund, "founders": proceeds - fund}


@pytest.mark.parametrize(
    ("proceeds", "fund"),
    # By hand: 500 and a fifth of the rest, at most 1,000 (from 3,000), a fifth from 5,000.
    [(500, 500), (1_500, 700), (3_000, 1_000), (4_000, 1_000), (5_000, 1_000), (6_000, 1_200)],
)
def test_participating_shares_stop_at_their_cap_and_convert_above(
    proceeds: int, fund: int
) -> None:
    capped = preferred(is_participating=True, most_krw=Fraction(1_000))

    assert won(proceeds, COMMON, capped) == {"fund": fund, "founders": proceeds - fund}


def test_participating_shares_without_cap_never_convert() -> None:
    assert won(10_000, COMMON, preferred(is_participating=True))["fund"] == 500 + 1_900


def test_senior_preferences_are_paid_first_and_equal_ones_in_proportion() -> None:
    junior = preferred(holder="x", share_class="x")
    one = preferred(holder="y", share_class="y", seniority=2, preference_krw=Fraction(300))
    two = preferred(holder="z", share_class="z", seniority=2, preference_krw=Fraction(100))

    assert won(200, COMMON, junior, one, two) == {"founders": 0, "x": 0, "y": 150, "z": 50}
    assert won(600, COMMON, junior, one, two) == {"founders": 0, "x": 200, "y": 300, "z": 100}


CLAIMS = st.lists(
    st.builds(
        lambda shares, pref, part, cap, rank: (shares, pref, part, cap, rank),
        st.integers(1, 50),
        st.integers(0, 1_000),
        st.booleans(),
        st.one_of(st.none(), st.integers(0, 1_000)),
        st.integers(1, 3),
    ),
    max_size=3,
).map(
    lambda rows: [
        Claim(
            holder=f"h{n}",
            share_class=f"c{n}",
            shares=Fraction(shares),
            preference_krw=Fraction(pref),
            is_participating=part,
            most_krw=Fraction(pref + cap) if part and cap is not None else None,
            seniority=rank,
        )
        for n, (shares, pref, part, cap, rank) in enumerate(rows)
    ]
)


def by_brute_force(total: Fraction, found: list[Claim], converted: set[str]) -> dict:
    """What each gets when just these convert: preferences by rank, then the rest by shares."""
    paid = {each.holder: Fraction(0) for each in found}
    left = total
    stays = [each for each in found if each.holder not in converted]
    for rank in (3, 2, 1, 0):
        equal = [each for each in stays if each.seniority == rank]
        asked = sum(each.preference_krw for each in equal)
        share = min(Fraction(1), left / asked) if asked else Fraction(0)
        for each in equal:
            paid[each.holder] = each.preference_krw * share
        left -= asked * share
    sharing = {
        each.holder: each
        for each in found
        if each.holder in converted or each.is_participating or each.share_class == "common"
    }
    while left > 0 and sharing:
        whole = sum(each.shares for each in sharing.values())
        step = left / whole
        for each in sharing.values():
            if each.most_krw is not None and each.holder not in converted:
                step = min(step, (each.most_krw - paid[each.holder]) / each.shares)
        for each in sharing.values():
            paid[each.holder] += step * each.shares
        left -= step * whole
        sharing = {
            name: each
            for name, each in sharing.items()
            if name in converted or each.most_krw is None or paid[name] < each.most_krw
        }
    return paid


@settings(max_examples=200, deadline=None)
@given(CLAIMS, st.integers(0, 20_000))
def test_no_class_gains_by_deciding_otherwise(rows: list[Claim], proceeds: int) -> None:
    found = [COMMON, *rows]

    payments = distributed(proceeds, found)

    converted = {each.claim.holder for each in payments if each.is_converted}
    exact = {each.claim.holder: each.exact_krw for each in payments}
    assert exact == by_brute_force(Fraction(proceeds), found, converted)
    for each in rows:
        other = by_brute_force(Fraction(proceeds), found, converted ^ {each.holder})
        assert other[each.holder] <= exact[each.holder]


@given(CLAIMS, st.integers(0, 20_000), st.integers(0, 5_000), st.randoms())
def test_payments_add_up_rise_with_the_proceeds_and_do_not_hang_on_order(
    rows: list[Claim], proceeds: int, more: int, chance
) -> None:
    found = [COMMON, *rows]
    mixed = list(found)
    chance.shuffle(mixed)

    less, rich = distributed(proceeds, found), distributed(proceeds + more, found)

    assert sum(each.krw for each in less) == proceeds
    assert less == distributed(proceeds, mixed)
    assert all(a.exact_krw <= b.exact_krw for a, b in zip(less, rich, strict=True))


@pytest.mark.parametrize("flags", list(product((False, True), repeat=2)))
def test_shares_without_any_common_holder_share_all(flags: tuple[bool, bool]) -> None:
    found = [
        preferred(holder=name, share_class=name, is_participating=flag)
        for name, flag in zip("xy", flags, strict=True)
    ]

    assert sum(won(5_000, *found).values()) == 5_000


def test_a_table_becomes_claims_with_debt_first() -> None:
    day = date(2026, 1, 2)
    bond = ConvertibleBond(
        principal_krw=1_000,
        coupon=Fraction(0),
        issued_on=day,
        matures_on=date(2030, 1, 2),
        conversion_price_krw=Fraction(100),
    )
    terms = Preferred(issue_price_krw=Fraction(10), preference=Fraction(2))
    table = cap_table(
        [
            acts.Founded(on=day, shares={"kim": 90}),
            acts.Round(on=day, share_class="a", terms=terms, paid={"fund": 100}),
            acts.BondIssued(on=day, id="cb", holder="bank", bond=bond),
            acts.SafeSigned(on=day, id="s", holder="angel", safe=Safe(amount_krw=50, cap_krw=500)),
        ]
    )

    found = claims(table, on=day)

    assert won(1_100, *found) == {"bank": 1_000, "fund": 80, "angel": 20, "kim": 0}


def test_a_safe_takes_its_part_of_the_capitalization_when_that_is_more() -> None:
    day = date(2026, 1, 2)
    safe = Safe(amount_krw=50, cap_krw=500)
    signed = acts.SafeSigned(on=day, id="s", holder="angel", safe=safe)
    table = cap_table([acts.Founded(on=day, shares={"kim": 90}), signed])

    assert won(10_000, *claims(table, on=day)) == {"angel": 1_000, "kim": 9_000}


def test_a_float_and_a_claim_twice_are_refused() -> None:
    with pytest.raises(AmountRefused):
        distributed(1.5, [COMMON])  # type: ignore[arg-type]
    with pytest.raises(PortfolioRefused):
        distributed(1, [COMMON, COMMON])
