"""Which companies hand in together, and how many submissions has their team left?

A company is in one team of a demand at a time. A company leaves freely until its team has handed
something in; after that it may still leave, but not join another team of the same demand: else a
quota could be had twice by changing sides. Nobody is put into a team without accepting.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from madang.kernel.words import Words, particle, words
from madang.trials.engine.errors import QuotaSpent, TeamError
from madang.trials.engine.record import Record


@dataclass(frozen=True, kw_only=True)
class Team(Record):
    """Companies that hand in together; a company alone is a team of one."""

    name: str
    title: str
    lead: str
    """The organisation that speaks for the team and signs for it."""
    members: tuple[str, ...]
    """Organisations, the lead among them, in the order in which they joined."""
    invited: tuple[str, ...] = ()
    submitted: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lead not in self.members or len(set(self.members)) != len(self.members):
            raise TeamError(
                words(f"팀 {self.title!r}의 구성", f"the members of the team {self.title!r}"),
                words(
                    "대표 기업을 포함한, 겹치지 않는 구성원",
                    "members without repetition, the lead among them",
                ),
            )


@dataclass(frozen=True, kw_only=True)
class Teams(Record):
    """All teams of one demand."""

    demand: str
    teams: tuple[Team, ...] = ()
    bound: tuple[str, ...] = ()
    """Companies that left a team after it had submitted: they join no other here."""

    def __post_init__(self) -> None:
        super().__post_init__()
        names = [team.name for team in self.teams]
        members = [company for team in self.teams for company in team.members]
        if len(set(names)) != len(names) or len(set(members)) != len(members):
            raise TeamError(
                words("겹치는 팀 또는 구성원", "teams or members that occur twice"),
                words("한 수요에서 한 기업은 한 팀", "one team a company and demand"),
            )

    def team(self, name: str) -> Team:
        """The team of that name.

        Raises:
            TeamError: There is none.
        """
        for team in self.teams:
            if team.name == name:
                return team
        raise TeamError(
            words(f"없는 팀 {name!r}", f"no team {name!r}"),
            words("이 수요에 있는 팀", "a team of this demand"),
        )

    def of(self, company: str) -> Team | None:
        """The team that a company is in."""
        return next((team for team in self.teams if company in team.members), None)

    def form(self, name: str, *, title: str, lead: str) -> Teams:
        """A new team of one company, which leads it.

        Raises:
            TeamError: The name is taken, or the company is not free.
        """
        self._require_free(lead)
        if any(team.name == name for team in self.teams):
            raise TeamError(
                words(f"이미 있는 팀 {name!r}", f"a team {name!r} that exists"),
                words("아직 쓰지 않은 이름", "a name that is not taken"),
            )
        team = Team(name=name, title=title, lead=lead, members=(lead,))
        return replace(self, teams=(*self.teams, team))

    def invite(self, name: str, company: str, *, by: str) -> Teams:
        """The team with an invitation to a company, which may accept it.

        Raises:
            TeamError: Someone else than the lead invites, or the company is not free.
        """
        team = self._led(name, by)
        self._require_free(company)
        if company in team.invited:
            return self
        return self._with(replace(team, invited=(*team.invited, company)))

    def accept(self, name: str, *, by: str) -> Teams:
        """The invited company joins.

        Raises:
            TeamError: It was not invited, or is not free any more.
        """
        team = self.team(name)
        self._require_free(by)
        if by not in team.invited:
            raise TeamError(
                words(f"초대받지 않은 기업 {by!r}", f"the company {by!r}, which was not invited"),
                words(f"{team.title} 대표의 초대", f"an invitation by the lead of {team.title}"),
            )
        joined = replace(team, members=(*team.members, by), invited=_without(team.invited, by))
        return self._with(joined)

    def decline(self, name: str, company: str, *, by: str) -> Teams:
        """The invitation falls: the company declines it, or the lead takes it back.

        Raises:
            TeamError: Someone else asks.
        """
        team = self.team(name)
        if by not in (company, team.lead):
            raise _not_yours(
                by, words("초대받은 기업이나 대표 기업", "the invited company or the lead")
            )
        return self._with(replace(team, invited=_without(team.invited, company)))

    def leave(self, company: str) -> Teams:
        """The company leaves its team; the last one to leave dissolves it.

        Raises:
            TeamError: It is in none, or leads others, or is the last of a team that submitted.
        """
        team = self.of(company)
        if team is None:
            raise _not_yours(company, words("팀에 속한 기업", "a member of a team"))
        if team.members == (company,):
            if team.submitted:
                raise TeamError(
                    words(
                        f"제출한 팀 {team.title!r}의 마지막 구성원",
                        f"the last member of the team {team.title!r}, which has submitted",
                    ),
                    words("제출하기 전의 팀", "a team that has not submitted"),
                    words("제출을 철회하십시오.", "Withdraw the submission instead."),
                )
            return replace(self, teams=tuple(each for each in self.teams if each is not team))
        if company == team.lead:
            raise TeamError(
                words(f"대표 기업 {company!r}의 탈퇴", f"the lead {company!r} leaving"),
                words("대표가 아닌 구성원", "a member that does not lead"),
                words("먼저 대표를 다른 구성원에게 넘기십시오.", "Hand over the lead first."),
            )
        rest = self._with(replace(team, members=_without(team.members, company)))
        return replace(rest, bound=(*self.bound, company)) if team.submitted else rest

    def hand_over(self, name: str, to: str, *, by: str) -> Teams:
        """Another member leads.

        Raises:
            TeamError: Someone else than the lead asks, or `to` is no member.
        """
        team = self._led(name, by)
        if to not in team.members:
            raise _not_yours(to, words("팀의 구성원", "a member of the team"))
        return self._with(replace(team, lead=to))

    def submitted(self, name: str) -> Teams:
        """The team has handed in something: from now on who leaves is bound."""
        return self._with(replace(self.team(name), submitted=True))

    def _require_free(self, company: str) -> None:
        team = self.of(company)
        found: Words | None = None
        if team:
            found = words(
                f"이미 팀 {team.title!r}에 속한 기업 {company!r}",
                f"the company {company!r}, already in the team {team.title!r}",
            )
        elif company in self.bound:
            found = words(
                f"제출한 팀에서 나온 기업 {company!r}",
                f"the company {company!r}, which left a team that had submitted",
            )
        if found:
            raise TeamError(
                found,
                words("이 수요에서 어느 팀에도 속하지 않은 기업", "a company free in this demand"),
            )

    def _led(self, name: str, by: str) -> Team:
        team = self.team(name)
        if by != team.lead:
            raise _not_yours(by, words(f"{team.title}의 대표 기업", f"the lead of {team.title}"))
        return team

    def _with(self, changed: Team) -> Teams:
        teams = tuple(changed if team.name == changed.name else team for team in self.teams)
        return replace(self, teams=teams)


def require_quota(team: Team, *, used: int, allowed: int) -> int:
    """How many submissions the team has left, this one included; counted per team.

    Args:
        team: The team, however many companies it has.
        used: Submissions that count: all but those that the platform failed.
        allowed: The demand's quota.

    Raises:
        QuotaSpent: None is left.
    """
    if used < allowed:
        return allowed - used
    raise QuotaSpent(
        words(
            f"팀 {team.title!r}의 제출 {used}회", f"{used} submissions of the team {team.title!r}"
        ),
        words(f"팀마다 {allowed}회 이하", f"at most {allowed} a team"),
    )


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)


def _not_yours(who: str, expected: Words) -> TeamError:
    return TeamError(
        words(f"{particle(repr(who), '이', '가')} 한 요청", f"a request by {who!r}"), expected
    )
