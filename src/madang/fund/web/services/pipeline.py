"""How far is an application, what was checked, who voted how, and what was decided?

Every step is a row that is only added, and an entry of the evidence log; where an application
stands is read from its steps by the engine.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.pipeline import applications, committee, diligence, trials
from madang.fund.engine.purpose import conflicts
from madang.fund.web import models
from madang.fund.web.services import acts, book, records
from madang.kernel.evidence.statement import Statement
from madang.kernel.words import words
from madang.portal.log import remember
from madang.portal.models import LogEntry

if TYPE_CHECKING:
    from madang.portal.models import User

RULE = committee.Rule(quorum=Fraction(1, 2), majority=Fraction(1, 2), base="present")
"""Half of those without an interest are there, and more than half of them are for it."""
_MOST_STATEMENTS = 20_000


@transaction.atomic
def receive(
    fund: models.Fund, company: models.Company, *, by: User, pitch: str = "", applicant: str = ""
) -> models.Application:
    """Take an application in."""
    row = models.Application.objects.create(
        fund=fund, company=company, pitch=pitch, applicant=applicant
    )
    _add(row, "move", {"to": "received", "reason": ""}, on=book.today(), by=by)
    return row


def _add(
    row: models.Application, kind: str, facts: dict[str, Any], *, on: date, by: User
) -> models.Step:
    entry = remember(
        f"fund-application-{kind}",
        f"fund/{row.fund_id}/application/{row.pk}",
        by=by,
        after={**facts, "on": on.isoformat()},
    )
    return models.Step.objects.create(
        application=row, kind=kind, on=on, facts=facts, by=by, log_entry=entry.index
    )


def value(row: models.Application) -> applications.Application:
    """The engine's value: every move in its order."""
    return applications.Application(
        id=str(row.pk),
        company=row.company.code,
        moves=tuple(
            applications.Move(
                to=step.facts["to"],
                on=step.on,
                by=acts.hand(step.by),
                reason=step.facts.get("reason", ""),
            )
            for step in row.steps.filter(kind="move").select_related("by")
        ),
    )


@transaction.atomic
def move(row: models.Application, to: Any, *, by: User, reason: str = "") -> models.Step:
    """Take an application to its next state.

    Raises:
        PortfolioRefused: An impossible step, one without a reason, or to the committee with items
            of the checklist open, or beyond it without an approval.
    """
    _lock(row)
    applications.moved(value(row), to, on=book.today(), by=acts.hand(by), reason=reason)
    if to == "committee" and not checked(row).is_complete:
        raise PortfolioRefused(
            words(
                f"확인하지 않은 실사 항목 {len(checked(row).open)}개",
                f"{len(checked(row).open)} items of due diligence open",
            ),
            words("모두 확인한 실사", "a checklist that is complete"),
        )
    if to == "term-sheet" and last_result(row) != "approved":
        raise PortfolioRefused(
            words("가결되지 않은 신청", "an application without an approval"),
            words("투자심의위원회의 가결", "the approval of the committee"),
        )
    return _add(row, "move", {"to": to, "reason": reason.strip()}, on=book.today(), by=by)


def _lock(row: models.Application) -> None:
    models.Application.objects.select_for_update().get(pk=row.pk)


def checks(row: models.Application) -> list[diligence.Check]:
    """What came of each item of the checklist."""
    return [
        diligence.Check(
            code=step.facts["code"],
            outcome=step.facts["outcome"],
            by=acts.hand(step.by),
            on=step.on,
            evidence=tuple(step.facts.get("evidence", ())),
            reason=step.facts.get("reason", ""),
        )
        for step in row.steps.filter(kind="check").select_related("by")
    ]


def checked(row: models.Application) -> diligence.Diligence:
    """How far the checklist is."""
    return diligence.progress(diligence.checklist(), checks(row))


@transaction.atomic
def check(
    row: models.Application,
    code: str,
    outcome: Any,
    *,
    by: User,
    evidence: tuple[str, ...] = (),
    reason: str = "",
) -> models.Step:
    """Say what came of an item of due diligence.

    Raises:
        PortfolioRefused: The application is not in due diligence, the item is unknown or was
            checked, or its evidence or reason is missing.
    """
    _lock(row)
    _refuse_elsewhere(row, "due-diligence")
    told = diligence.Check(
        code=code,
        outcome=outcome,
        by=acts.hand(by),
        on=book.today(),
        evidence=evidence,
        reason=reason,
    )
    diligence.progress(diligence.checklist(), [*checks(row), told])
    facts = {"code": code, "outcome": outcome, "evidence": list(evidence), "reason": reason}
    return _add(row, "check", facts, on=book.today(), by=by)


def _refuse_elsewhere(row: models.Application, state: applications.State) -> None:
    here = value(row).state
    if here != state:
        raise PortfolioRefused(
            words(
                f"'{applications.STATES[here].ko}' 단계의 신청",
                f"an application at '{applications.STATES[here].en}'",
            ),
            words(
                f"'{applications.STATES[state].ko}' 단계",
                f"one at '{applications.STATES[state].en}'",
            ),
        )


def votes(row: models.Application) -> list[models.Step]:
    """The votes since the last minutes, each member's once."""
    last = row.steps.filter(kind="minutes").order_by("-pk").first()
    found = row.steps.filter(kind="vote").select_related("by")
    return list(found.filter(pk__gt=last.pk) if last else found)


@transaction.atomic
def vote(
    row: models.Application, choice: Any, *, by: User, has_interest: bool = False
) -> models.Step:
    """Vote as a member of the committee; who has an interest may only be recused.

    Raises:
        PortfolioRefused: The application is not before the committee, a second vote, or a vote
            despite an interest.
    """
    _lock(row)
    _refuse_elsewhere(row, "committee")
    member = acts.hand(by)
    before = votes(row)
    known = {acts.hand(each.by) for each in before} | {member}
    committee.decided(
        str(row.pk),
        on=book.today(),
        members=known,
        votes=[*(_vote(each) for each in before), committee.Vote(member=member, choice=choice)],
        rule=RULE,
        conflicted=[member] if has_interest else [],
    )
    facts = {"choice": choice, "has_interest": has_interest}
    return _add(row, "vote", facts, on=book.today(), by=by)


def _vote(step: models.Step) -> committee.Vote:
    return committee.Vote(member=acts.hand(step.by), choice=step.facts["choice"])


@transaction.atomic
def decide(row: models.Application, text: str, *, by: User) -> models.Step:
    """Close the vote and keep its minutes.

    Members are all who may approve acts of the fund's manager; who did not vote was absent.

    Raises:
        PortfolioRefused: The application is not before the committee, or nobody has voted.
    """
    _lock(row)
    _refuse_elsewhere(row, "committee")
    cast = votes(row)
    if not cast:
        raise PortfolioRefused(
            words("표결이 없는 회의", "a meeting without votes"),
            words("한 표 이상", "one vote or more"),
        )
    members = {acts.hand(user) for user in _members(row)} | {acts.hand(each.by) for each in cast}
    minutes = committee.decided(
        str(row.pk),
        on=book.today(),
        members=members,
        votes=[_vote(each) for each in cast],
        rule=RULE,
        conflicted=[acts.hand(each.by) for each in cast if each.facts["has_interest"]],
        text=text,
    )
    facts = {
        "result": minutes.result,
        "digest": minutes.digest,
        "members": list(minutes.members),
        "votes": [[each.member, each.choice] for each in minutes.votes],
        "text": text,
    }
    return _add(row, "minutes", facts, on=minutes.on, by=by)


def _members(row: models.Application) -> list[User]:
    from madang.portal.models import Membership

    rows = Membership.objects.filter(organisation=row.fund.manager).select_related("user", "role")
    return [each.user for each in rows if "fund.approve" in each.role.rights]


def last_result(row: models.Application) -> str:
    """What the committee decided last; empty before it did."""
    last = row.steps.filter(kind="minutes").order_by("-pk").first()
    return last.facts["result"] if last else ""


def _statements(*nouns: str) -> list[tuple[int, Statement]]:
    """Statements of these nouns, the newest entries of the log looked at."""
    wanted = [f"/{noun}/" for noun in nouns]
    found = []
    for entry in LogEntry.objects.order_by("-index")[:_MOST_STATEMENTS]:
        statement = Statement.decode(bytes(entry.content))
        if any(each in statement.predicate_type for each in wanted):
            found.append((entry.index, statement))
    return found


def supported(row: models.Application) -> tuple[conflicts.Finding, ...]:
    """Support by programmes to what looks like the same company, for a person to judge.

    Read from the programme's statements of signed awards and from the company's own record.
    """
    company = row.company
    party = conflicts.Party(name=company.name_ko, business_number=company.business_number)
    grants = [
        conflicts.Grant(
            party=conflicts.Party(name=str(statement.predicate["recipient"])),
            programme=str(statement.predicate.get("budget_line", "")),
            amount_krw=int(statement.predicate["amount_krw"]),
            on=date.fromisoformat(str(statement.predicate["signed_on"])),
        )
        for _, statement in _statements("award-signed")
        if {"recipient", "amount_krw", "signed_on"} <= set(statement.predicate)
    ]
    own = records.latest(company)
    grants += [
        conflicts.Grant(
            party=party, programme=each.programme, amount_krw=each.amount_krw, on=each.on
        )
        for each in (own.support if own else ())
    ]
    return conflicts.double_support(party, grants)


def related(row: models.Application) -> tuple[conflicts.Finding, ...]:
    """Relations of the company and its owners, by the list in the fund's terms."""
    company = row.company
    held = book.book(row.fund)
    party = conflicts.Party(name=company.name_ko, business_number=company.business_number)
    known = [
        conflicts.Related(
            party=conflicts.Party(name=each.name, business_number=each.business_number),
            kind=each.kind,  # type: ignore[arg-type]  # the schema of the terms names the kinds
            relation=each.relation,
        )
        for each in held.terms(book.today()).related
    ]
    own = records.latest(company)
    owners = sorted(own.table().ownership()) if own else []
    parties = [party, *(conflicts.Party(name=each) for each in owners)]
    return conflicts.conflicts(parties, known)


def tried(row: models.Application) -> tuple[trials.TrialRow, ...]:
    """What the applicant's solutions showed in trials, as the evidence log says."""
    if not row.applicant:
        return ()
    told = [
        trials.Told(
            predicate_type=statement.predicate_type,
            predicate=statement.predicate,
            index=index,
            # The site reads its own log; whoever doubts it verifies the entry's proof.
            is_verified=True,
        )
        for index, statement in _statements(*trials.NOUNS)
    ]
    return trials.rows(told, organisation=row.applicant)
