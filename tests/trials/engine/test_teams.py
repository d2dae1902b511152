"""Companies team up by consent, and no change of sides gains a quota."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from madang.trials.engine.errors import QuotaSpent, TeamError
from madang.trials.engine.teams import Team, Teams, require_quota

EMPTY = Teams(demand="gbsg2")
ALONE = EMPTY.form("t1", title="봄", lead="a")
PAIR = ALONE.invite("t1", "b", by="a").accept("t1", by="b")


def refused(act, match=None):
    """The act is refused with this in its sentence."""
    with pytest.raises(TeamError, match=match):
        act()


class TestForming:
    def test_a_company_alone_is_a_team_of_one(self):
        assert ALONE.of("a") == Team(name="t1", title="봄", lead="a", members=("a",))

    def test_who_is_invited_joins_by_accepting(self):
        assert ALONE.invite("t1", "b", by="a").of("b") is None
        assert PAIR.of("b").members == ("a", "b")
        assert PAIR.team("t1").invited == ()

    def test_nobody_joins_uninvited(self):
        refused(lambda: ALONE.accept("t1", by="b"), "not invited")

    def test_only_the_lead_invites(self):
        refused(lambda: PAIR.invite("t1", "c", by="b"))

    def test_a_second_invitation_changes_nothing(self):
        invited = ALONE.invite("t1", "b", by="a")

        assert invited.invite("t1", "b", by="a") == invited

    def test_a_company_is_in_one_team_a_demand(self):
        refused(lambda: PAIR.form("t2", title="둘", lead="b"), "already in the team")
        two = PAIR.form("t2", title="둘", lead="c")
        refused(lambda: two.invite("t2", "b", by="c"), "already in the team")

    def test_an_invitation_does_not_outlive_joining_another_team(self):
        invited = ALONE.invite("t1", "b", by="a").form("t2", title="둘", lead="b")

        refused(lambda: invited.accept("t1", by="b"), "already in the team")

    def test_names_are_taken_once(self):
        refused(lambda: ALONE.form("t1", title="또", lead="b"), "exists")

    def test_an_invitation_falls_when_declined_or_taken_back(self):
        invited = ALONE.invite("t1", "b", by="a")

        for by in ("a", "b"):
            assert invited.decline("t1", "b", by=by) == ALONE
        refused(lambda: invited.decline("t1", "b", by="c"))

    def test_stored_teams_keep_the_rules(self):
        plain = PAIR.plain()
        plain["teams"].append({"name": "t2", "title": "둘", "lead": "b", "members": ["b"]})

        refused(lambda: Teams.from_plain(plain), "twice")
        refused(lambda: Team(name="t", title="t", lead="x", members=("a",)))
        refused(lambda: Team(name="t", title="t", lead="a", members=("a", "a")))

    def test_an_unknown_team_is_told(self):
        refused(lambda: EMPTY.team("nobody"), "nobody")


class TestLeaving:
    def test_before_a_submission_a_company_is_free_again(self):
        left = PAIR.leave("b")

        assert left.bound == ()
        assert left.form("t2", title="둘", lead="b").of("b").name == "t2"

    def test_after_a_submission_it_joins_no_other(self):
        left = PAIR.submitted("t1").leave("b").form("t2", title="둘", lead="c")

        assert left.of("b") is None
        refused(lambda: left.form("t3", title="셋", lead="b"), "which left")
        refused(lambda: left.invite("t2", "b", by="c"), "which left")

    def test_the_lead_hands_over_first(self):
        refused(lambda: PAIR.leave("a"), "Hand over the lead first")
        handed = PAIR.hand_over("t1", "b", by="a")

        assert handed.leave("a").of("b").members == ("b",)
        refused(lambda: PAIR.hand_over("t1", "c", by="a"))
        refused(lambda: PAIR.hand_over("t1", "a", by="b"))

    def test_the_last_one_dissolves_a_team_that_handed_nothing_in(self):
        assert ALONE.leave("a") == EMPTY
        refused(lambda: ALONE.submitted("t1").leave("a"), "has submitted")

    def test_who_is_in_no_team_cannot_leave_one(self):
        refused(lambda: EMPTY.leave("a"))


class TestQuota:
    def test_it_counts_for_the_team_however_large(self):
        team = PAIR.team("t1")

        assert require_quota(team, used=0, allowed=5) == 5
        assert require_quota(team, used=4, allowed=5) == 1
        with pytest.raises(QuotaSpent, match="at most 5 a team"):
            require_quota(team, used=5, allowed=5)


COMPANIES = ("a", "b", "c", "d")
NAMES = ("t1", "t2", "t3")


class AnyCourse(RuleBasedStateMachine):
    """Companies do whatever they like, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.teams = EMPTY
        self.counted: dict[str, set[str]] = {company: set() for company in COMPANIES}

    def attempt(self, act, *given, **more) -> None:
        """Do it if it is allowed."""
        try:
            self.teams = getattr(self.teams, act)(*given, **more)
        except TeamError:
            return

    @rule(name=st.sampled_from(NAMES), lead=st.sampled_from(COMPANIES))
    def form(self, name, lead):
        self.attempt("form", name, title=name, lead=lead)

    @rule(
        name=st.sampled_from(NAMES), who=st.sampled_from(COMPANIES), by=st.sampled_from(COMPANIES)
    )
    def invite_and_accept(self, name, who, by):
        self.attempt("invite", name, who, by=by)
        self.attempt("accept", name, by=who)

    @rule(company=st.sampled_from(COMPANIES))
    def leave(self, company):
        self.attempt("leave", company)

    @rule(
        name=st.sampled_from(NAMES), to=st.sampled_from(COMPANIES), by=st.sampled_from(COMPANIES)
    )
    def hand_over(self, name, to, by):
        self.attempt("hand_over", name, to, by=by)

    @rule(name=st.sampled_from(NAMES))
    def submit(self, name):
        self.attempt("submitted", name)
        for team in self.teams.teams:
            if team.name == name:
                for company in team.members:
                    self.counted[company].add(name)

    @invariant()
    def no_company_is_in_two_teams(self):
        members = [company for team in self.teams.teams for company in team.members]
        assert len(members) == len(set(members))

    @invariant()
    def no_company_shares_the_quota_of_two_teams(self):
        assert all(len(teams) <= 1 for teams in self.counted.values())

    @invariant()
    def the_row_keeps_it_all(self):
        assert Teams.from_plain(self.teams.plain()) == self.teams


TestAnyCourse = AnyCourse.TestCase
TestAnyCourse.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
