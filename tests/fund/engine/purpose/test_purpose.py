"""Is the public purpose counted to the won, and judged by the rule of its day?"""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.purpose import conflicts, early_stage, quotas, tags
from madang.fund.engine.purpose.conflicts import Grant, Party, Related
from madang.fund.engine.purpose.early_stage import EarlyStageRule
from madang.fund.engine.purpose.quotas import Invested, Pace, Quota
from madang.fund.engine.purpose.tags import Payer
from madang.kernel.words import words

DAY = date(2026, 3, 2)
PAYERS = [
    Payer(number=1, nature="public", paid_krw=600),
    Payer(number=2, nature="private", paid_krw=200),
    Payer(number=3, nature="private", paid_krw=200),
]


def test_an_investment_is_tagged_by_who_paid_it() -> None:
    found = tags.of_fund("alpha", DAY, amount_krw=101, payers=PAYERS)

    # 60.6, 20.2 and 20.2: the one won left over goes to the largest remainder.
    assert [(each.tag, each.krw) for each in found] == [
        ("public", 61),
        ("private", 20),
        ("private", 20),
    ]


@given(st.integers(1, 10**12), st.lists(st.integers(0, 10**10), min_size=1, max_size=6))
def test_tagged_won_add_up_to_the_investment(amount: int, paid: list[int]) -> None:
    assume(sum(paid))
    payers = [Payer(number=n, nature="private", paid_krw=won) for n, won in enumerate(paid)]

    assert sum(e.krw for e in tags.of_fund("a", DAY, amount_krw=amount, payers=payers)) == amount


def test_private_won_per_public_won_lists_all_it_counts() -> None:
    own = tags.of_fund("alpha", DAY, amount_krw=1_000, payers=PAYERS)
    beside = tags.of_others("alpha", DAY, others={"vc": 500}, is_same_round=True)
    later = tags.of_others("alpha", DAY, others={"vc": 300}, is_same_round=False)

    drawn = tags.private_per_public([*later, *own, *beside])

    assert drawn.private_per_public == 2  # (400 + 500 + 300) / 600
    assert drawn.by_tag == {"public": 600, "private": 400, "co-invested": 500, "follow-on": 300}
    assert sum(each.krw for each in drawn.addends) == 1_800
    assert drawn == tags.private_per_public([*own, *beside, *later])


def test_the_statement_says_beside_and_never_because() -> None:
    drawn = tags.private_per_public(tags.of_fund("a", DAY, amount_krw=1_000, payers=PAYERS))

    assert "함께 투자되었습니다" in drawn.statement.ko
    assert "0.67" in drawn.statement.ko
    assert not any(claim in drawn.statement.ko for claim in ("이끌", "유발", "견인", "효과"))
    assert not any(claim in drawn.statement.en for claim in ("attract", "leverag", "caus"))


def test_without_public_money_there_is_no_ratio() -> None:
    assert tags.private_per_public([]).private_per_public is None


def test_an_investment_that_nobody_paid_is_refused() -> None:
    with pytest.raises(PortfolioRefused):
        tags.by_partner(5, [Payer(number=1, nature="public", paid_krw=0)])
    with pytest.raises(PortfolioRefused):
        tags.by_partner(5, [PAYERS[0], PAYERS[0]])


THREE = EarlyStageRule(effective_on=date(2020, 1, 1), source="규약 제3조", most_years=3)
SEVEN = EarlyStageRule(effective_on=date(2026, 3, 3), source="개정 규약", most_years=7)


@pytest.mark.parametrize(
    ("founded", "is_early"),
    [
        (date(2023, 3, 2), True),  # the anniversary itself is within
        (date(2023, 3, 1), False),
    ],
)
def test_age_counts_to_the_end_of_the_anniversary(founded: date, is_early: bool) -> None:
    found = early_stage.verdict([THREE, SEVEN], investments_on=[DAY], founded_on=founded)

    assert found.is_early is is_early
    assert found.rule == THREE


def test_29_february_ends_with_the_last_day_of_its_month() -> None:
    assert early_stage.anniversary(date(2024, 2, 29), 3) == date(2027, 2, 28)


def test_a_later_rule_or_investment_changes_no_verdict() -> None:
    founded = date(2021, 1, 1)
    first = early_stage.verdict([THREE], investments_on=[DAY], founded_on=founded)

    later = early_stage.verdict(
        [SEVEN, THREE], investments_on=[DAY + timedelta(days=400), DAY], founded_on=founded
    )

    assert first == later
    assert first.is_early is False


@pytest.mark.parametrize(
    ("needs", "revenue", "rnd", "is_early"),
    [
        ("all", 100, 10, True),
        ("all", 101, 90, False),
        ("all", 100, 9, False),
        ("all", 100, None, None),
        ("all", 101, None, False),  # one condition fails, whatever the other
        ("any", 100, None, True),
        ("any", 101, None, None),
        ("any", 101, 10, False),
    ],
)
def test_unknown_figures_leave_it_open_only_where_it_hangs_on_them(
    needs: str, revenue: int, rnd: int | None, is_early: bool | None
) -> None:
    rule = EarlyStageRule(
        effective_on=DAY,
        source="규약",
        most_revenue_krw=100,
        least_rnd_share=Fraction(1, 10),
        needs=needs,
    )

    found = early_stage.verdict(
        [rule], investments_on=[DAY], founded_on=DAY, revenue_krw=revenue, rnd_krw=rnd
    )

    assert found.is_early is is_early
    assert len(found.conditions) == 2


def test_no_rule_no_investment_or_one_before_founding_is_refused() -> None:
    for rules, days in (([SEVEN], [DAY]), ([THREE], []), ([THREE], [date(2019, 1, 1)])):
        with pytest.raises(PortfolioRefused):
            early_stage.verdict(rules, investments_on=days, founded_on=date(2025, 1, 1))


QUOTA = Quota(
    id="early",
    title=words("초기기업", "Early stage"),
    measure="early-stage",
    least_share=Fraction(2, 5),
    base="committed",
    by=date(2029, 12, 31),
)
PACE = Pace(krw_a_quarter=100, least_days=90, notice_days=100)


def paid(within: int, outside: int) -> list[Invested]:
    return [
        Invested(company="a", krw=within, tags={"early-stage": "yes"}),
        Invested(company="b", krw=outside, tags={"early-stage": "no"}),
    ]


def stands(within: int, outside: int, left: int, *, on: date = DAY, quota: Quota = QUOTA):
    return quotas.standing(
        quota,
        paid(within, outside),
        on=on,
        committed_krw=1_000,
        investable_krw=left,
        pace=PACE,
    )


def test_a_quota_by_hand() -> None:
    found = stands(100, 200, 600)

    # 40 % of 1,000 is 400: 300 more of 600, so 300 may go elsewhere. 300 at 100 a quarter are
    # three quarters, 273.75 days rounded up, and 90 days before.
    assert (found.goal_krw, found.needed_krw, found.headroom_krw) == (400, 300, 300)
    assert found.too_late_after == date(2029, 12, 31) - timedelta(days=364)
    assert found.state == "on-track"


@given(
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(0, 1_000),
    st.fractions(Fraction(1, 100), 1, max_denominator=100),
    st.sampled_from(["committed", "invested"]),
)
def test_the_headroom_outside_leaves_it_reachable_and_one_more_does_not(
    within: int, outside: int, left: int, share: Fraction, base: str
) -> None:
    quota = replace(QUOTA, least_share=share, base=base, by=date(9999, 12, 31))
    found = stands(within, outside, left, quota=quota)
    assume(found.state != "unreachable")
    room = found.headroom_krw

    used = stands(within, outside + room, left - room, quota=quota)
    assert used.state != "unreachable"
    if room < left:
        over = stands(within, outside + room + 1, left - room - 1, quota=quota)
        assert (over.state, over.lacking) == ("unreachable", "money")
    rest = left - room
    whole = 1_000 if base == "committed" else within + outside + left
    assert within + rest >= share * whole


def test_warning_begins_before_it_is_too_late_and_then_time_lacks() -> None:
    late = stands(100, 200, 600).too_late_after

    states = [
        stands(100, 200, 600, on=late - timedelta(days=ahead)).state for ahead in (100, 99, 0)
    ]
    after = stands(100, 200, 600, on=late + timedelta(days=1))

    assert states == ["on-track", "warning", "warning"]
    assert (after.state, after.lacking) == ("unreachable", "time")


@pytest.mark.parametrize(
    ("within", "left", "on", "state", "lacking"),
    [
        (400, 0, DAY, "met", ""),
        (399, 0, DAY, "unreachable", "money"),
        (100, 299, DAY, "unreachable", "money"),
        (400, 0, date(2030, 1, 1), "met", ""),
        (399, 9, date(2030, 1, 1), "unreachable", "money"),
    ],
)
def test_the_states_at_their_bounds(
    within: int, left: int, on: date, state: str, lacking: str
) -> None:
    found = stands(within, 0, left, on=on)

    assert (found.state, found.lacking, found.too_late_after) == (state, lacking, None)


def test_a_share_of_what_is_invested_is_met_only_when_nothing_can_undo_it() -> None:
    quota = replace(QUOTA, base="invested")

    assert stands(40, 60, 1, quota=quota).state != "met"
    assert stands(40, 60, 0, quota=quota).state == "met"


def test_field_and_region_count_by_their_values() -> None:
    quota = replace(QUOTA, measure="region", values=("KR-26", "KR-31"))

    assert quotas.counts(quota, Invested(company="a", krw=1, tags={"region": "KR-31"}))
    assert not quotas.counts(quota, Invested(company="a", krw=1, tags={"region": "KR-11"}))
    assert not quotas.counts(quota, Invested(company="a", krw=1, tags={}))


@pytest.mark.parametrize(
    "name", ["(주)마당 AI", "㈜마당ai", "주식회사 마당ＡＩ", "마당-AI Co., Ltd.", "마당 AI Inc."]
)
def test_a_company_is_the_same_however_its_name_is_written(name: str) -> None:
    assert conflicts.normalised(name) == "마당ai"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("가", "124-81-00998"), ("나", "1248100998"), "business-number"),
        (("㈜가", "124-81-00998"), ("가", "220-81-62517"), "name-other-number"),
        (("㈜가", ""), ("가", "220-81-62517"), "name"),
        (("가", ""), ("나", ""), None),
        (("가", "1"), ("나", "2"), None),
    ],
)
def test_numbers_match_before_names(one: tuple, other: tuple, expected: str | None) -> None:
    parties = [Party(name=name, business_number=number) for name, number in (one, other)]

    assert conflicts.matched(*parties) == expected


def test_every_grant_that_looks_the_same_is_a_finding() -> None:
    def grant(name: str, number: str) -> Grant:
        party = Party(name=name, business_number=number)
        return Grant(party=party, programme="바우처", amount_krw=5_000_000, on=DAY)

    own = Party(name="㈜가", business_number="124-81-00998")
    grants = [
        grant("가", ""),
        grant("나", "1248100998"),
        grant("가", "2208162517"),
        grant("다", ""),
    ]

    found = conflicts.double_support(own, grants)

    assert sorted(each.matched for each in found) == [
        "business-number",
        "name",
        "name-other-number",
    ]
    assert all("5,000,000원" in each.reason.ko for each in found)


def test_relations_around_the_fund_are_found_with_their_reason() -> None:
    related = [
        Related(
            party=Party(name="김 마당"), kind="related-party", relation=words("이사", "director")
        ),
        Related(party=Party(name="나"), kind="partner-affiliate", relation=words("계열", "group")),
    ]

    (found,) = conflicts.conflicts([Party(name="김마당"), Party(name="가")], related)

    assert found.kind == "related-party"
    assert found.reason.en.startswith("director")


def test_a_vote_despite_an_interest_is_a_finding_and_a_recusal_is_none() -> None:
    interests = [("이 위원", Party(name="(주)가"), words("주주", "shareholder"))]
    parties = [Party(name="가")]

    found = conflicts.voting_with_interest(["이위원", "박"], interests, parties=parties)

    assert [each.kind for each in found] == ["member-interest"]
    assert not conflicts.voting_with_interest(["박"], interests, parties=parties)
