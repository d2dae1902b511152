"""Does an application move only as it may, and does the committee decide by its rule?"""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.pipeline import applications, committee, diligence
from madang.fund.engine.pipeline.applications import STATES
from madang.fund.engine.pipeline.committee import CHOICES, Rule, Vote, decided
from madang.fund.engine.pipeline.diligence import Check
from madang.fund.engine.pipeline.trials import Told, rows

DAY = date(2026, 3, 2)
STEPS = ("screening", "due-diligence", "committee", "term-sheet", "invested")
MEMBERS = ("a", "b", "c", "d", "e")
RULE = Rule(quorum=Fraction(1, 2), majority=Fraction(1, 2), base="present")


def at(state: str) -> applications.Application:
    found = applications.received("app-1", company="alpha", on=DAY, by="kim")
    if state in STEPS:
        for step in STEPS[: STEPS.index(state) + 1]:
            found = applications.moved(found, step, on=DAY, by="kim")
    elif state != "received":
        found = applications.moved(found, state, on=DAY, by="kim", reason="because")
    return found


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_the_next_step_or_an_end_is_allowed(state: str, to: str) -> None:
    order = ("received", *STEPS)
    is_open = state in order[:-1]
    allowed = is_open and (to in ("declined", "withdrawn") or to == order[order.index(state) + 1])

    if allowed:
        done = applications.moved(at(state), to, on=DAY, by="lee", reason="because")
        assert done.state == to
        assert len(done.moves) == len(at(state).moves) + 1
    else:
        with pytest.raises(PortfolioRefused):
            applications.moved(at(state), to, on=DAY, by="lee", reason="because")


@pytest.mark.parametrize(
    ("to", "on", "by", "reason"),
    [
        ("declined", DAY, "kim", " "),
        ("withdrawn", DAY, "kim", ""),
        ("screening", DAY - timedelta(days=1), "kim", ""),
        ("screening", DAY, " ", ""),
    ],
)
def test_a_move_needs_its_day_its_author_and_a_refusal_its_reason(
    to: str, on: date, by: str, reason: str
) -> None:
    with pytest.raises(PortfolioRefused):
        applications.moved(at("received"), to, on=on, by=by, reason=reason)


def vote(told: str, rule: Rule = RULE, **more) -> committee.Minutes:
    """Votes by letter: f(or) a(gainst) -(abstain) r(ecused), a blank for absent."""
    letters = {"f": "for", "a": "against", "-": "abstain", "r": "recused"}
    votes = [
        Vote(member=who, choice=letters[letter])
        for who, letter in zip(MEMBERS, told, strict=False)
        if letter != " "
    ]
    return decided("app-1", on=DAY, members=MEMBERS, votes=votes, rule=rule, **more)


@pytest.mark.parametrize(
    ("told", "rule", "result"),
    [
        ("fffaa", RULE, "approved"),
        ("ff-aa", RULE, "rejected"),
        ("ffaa ", RULE, "rejected"),  # exactly half is no majority
        ("ffaa ", replace(RULE, is_at_least=True), "approved"),
        ("ff   ", RULE, "no-quorum"),  # two of five
        ("ffr  ", RULE, "approved"),  # two of the four who are not recused
        ("ff-  ", replace(RULE, base="cast"), "approved"),
        ("ff--a", replace(RULE, base="cast"), "approved"),
        ("ff--a", RULE, "rejected"),
        ("fff  ", replace(RULE, base="members"), "approved"),
        ("ffa  ", replace(RULE, base="members"), "rejected"),
        ("-----", replace(RULE, base="cast", is_at_least=True), "rejected"),
        ("rrrrr", RULE, "no-quorum"),
        ("ffffa", replace(RULE, majority=Fraction(4, 5), is_at_least=True), "approved"),
        ("fffaa", replace(RULE, majority=Fraction(2, 3), is_at_least=True), "rejected"),
    ],
)
def test_the_result_follows_from_votes_and_rule(told: str, rule: Rule, result: str) -> None:
    assert vote(told, rule).result == result


def test_a_member_with_an_interest_may_only_be_recused() -> None:
    with pytest.raises(PortfolioRefused):
        vote("fff", conflicted=("a",))

    assert vote("rfff", conflicted=("a",)).result == "approved"


@pytest.mark.parametrize(
    "votes",
    [
        [Vote(member="z", choice="for")],
        [Vote(member="a", choice="for"), Vote(member="a", choice="for")],
        [Vote(member="a", choice="yes")],
    ],
)
def test_strangers_second_votes_and_unknown_choices_are_refused(votes: list[Vote]) -> None:
    with pytest.raises(PortfolioRefused):
        decided("app-1", on=DAY, members=MEMBERS, votes=votes, rule=RULE)


@given(st.lists(st.sampled_from(list(CHOICES)), max_size=5), st.randoms())
def test_minutes_do_not_hang_on_the_order_and_show_a_change(votes: list[str], chance) -> None:
    cast = [Vote(member=who, choice=one) for who, one in zip(MEMBERS, votes, strict=False)]
    mixed = list(cast)
    chance.shuffle(mixed)

    first = decided("app-1", on=DAY, members=MEMBERS, votes=cast, rule=RULE, text="x")

    assert first == decided("app-1", on=DAY, members=MEMBERS, votes=mixed, rule=RULE, text="x")
    assert committee.is_unchanged(first)
    assert not committee.is_unchanged(replace(first, text="y"))
    assert not committee.is_unchanged(
        replace(first, votes=(*cast, Vote(member="q", choice="for")))
    )


def test_one_more_vote_for_it_never_turns_an_approval() -> None:
    for told in ("ffa  ", "fffaa", "fff- "):
        assert vote(told).result == "approved"
        assert vote(told.replace("a", "f", 1)).result == "approved"


def check(code: str, **more) -> Check:
    told = {"outcome": "done", "by": "kim", "on": DAY, "evidence": ("0" * 64,)}
    return Check(code=code, **{**told, **more})


def test_the_checklist_covers_every_area_and_starts_open() -> None:
    listed = diligence.checklist()

    assert {each.area for each in listed} == set(diligence.AREAS)
    assert diligence.progress(listed, []).open == listed


def test_all_items_checked_is_complete() -> None:
    listed = diligence.checklist()
    first = check("B1", outcome="not-applicable", evidence=(), reason="none")

    done = diligence.progress(listed, [first, *(check(each.code) for each in listed[1:])])

    assert done.is_complete
    assert [each.code for each in done.not_applicable] == ["B1"]


@pytest.mark.parametrize(
    "checks",
    [
        [check("B1", evidence=())],
        [check("B1", evidence=("zz",))],
        [check("B1", outcome="not-applicable")],
        [check("B1", by="")],
        [check("Q9")],
        [check("B1"), check("B1")],
    ],
)
def test_a_check_without_its_proof_is_refused(checks: list[Check]) -> None:
    with pytest.raises(PortfolioRefused):
        diligence.progress(diligence.checklist(), checks)


def test_a_checklist_without_areas_is_refused() -> None:
    with pytest.raises(PortfolioRefused):
        diligence.items(b"items: [{code: A, area: magic, title: {ko: a, en: a}, evidence: true}]")


@given(st.integers(0, 10**12), st.fractions(0, 1, max_denominator=100))
def test_the_cost_is_shared_to_the_won(amount: int, share: Fraction) -> None:
    fund, house = diligence.cost(amount, fund_share=share)

    assert fund + house == amount
    assert abs(fund - amount * share) < 1


def test_half_of_the_cost_is_borne_by_the_fund() -> None:
    # Standard agreement of July 2023: 50 % of due-diligence costs borne by the fund.
    assert diligence.cost(1_001, fund_share=Fraction(1, 2)) == (501, 500)


def told(noun: str, index: int, *, is_verified: bool = True, **predicate) -> Told:
    return Told(
        predicate_type=f"https://madang.kr/evidence/{noun}/v1",
        predicate=predicate,
        index=index,
        is_verified=is_verified,
    )


TITLE = {"ko": "심장", "en": "Heart"}
HANDED = told("submission", 1, firm="alpha", demand="d", name="net", title=TITLE)
OTHER = told("submission", 2, firm="beta", demand="d", name="tree", title=TITLE)
COMPARED = told(
    "comparison",
    3,
    demand="d",
    comparison={"primary": {"against_baseline": {"net": {"difference": 0.25}}}},
)
DECIDED = told("decision", 4, demand="d", adopted="net")
CONFIRMED = told("confirmation-measured", 5, origin="d", result={"agency": "busan"})


def test_trial_results_stand_beside_the_pitch() -> None:
    log = [CONFIRMED, DECIDED, COMPARED, OTHER, HANDED, told("demand-posted", 6, demand="d")]

    (row,) = rows(log, organisation="alpha")

    assert (row.demand, row.solution, row.title.en) == ("d", "net", "Heart")
    assert (row.outcome, row.difference, row.confirmed_by) == ("adopted", 0.25, ("busan",))
    assert row.entries == (1, 3, 4, 5)
    assert row.is_proved


def test_another_firms_solution_is_not_adopted_or_confirmed() -> None:
    (row,) = rows([OTHER, COMPARED, DECIDED, CONFIRMED], organisation="beta")

    assert (row.outcome, row.difference, row.confirmed_by) == ("not-adopted", None, ())


def test_a_statement_that_does_not_verify_is_shown_and_not_used() -> None:
    forged = replace(DECIDED, is_verified=False)

    (row,) = rows([HANDED, forged], organisation="alpha")

    assert row.outcome == "no-decision"
    assert row.unverified == (4,)
    assert not row.is_proved


def test_a_later_decision_replaces_an_earlier_one() -> None:
    again = told("decision", 9, demand="d", adopted=None)

    (row,) = rows([again, HANDED, DECIDED], organisation="alpha")

    assert row.outcome == "not-adopted"
