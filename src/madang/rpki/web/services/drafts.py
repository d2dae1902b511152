"""How does a member change its authorisations? A draft, what it would do, then the deed.

What is shown before is what is done: the draft is planned anew when it is confirmed, and refused
where anything about it is different from what was seen.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from madang.kernel import clock, ids
from madang.kernel.words import words
from madang.portal.log import remember
from madang.rpki.engine.authority import planning
from madang.rpki.engine.authority.intents import Intents, changed
from madang.rpki.engine.errors import IntentRefused
from madang.rpki.engine.payloads import Change, Payloads
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.routes import advice, whatif
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.paths import PathIndex
from madang.rpki.web.models import Draft, Member
from madang.rpki.web.services import authority, lines, members, observed, world

if TYPE_CHECKING:
    from madang.portal.models import User
    from madang.rpki.engine.authority.planning import Plan
    from madang.rpki.engine.payloads import Vrp
    from madang.rpki.engine.routes.advice import Finding, Suggestion
    from madang.rpki.engine.routes.whatif import Impact
    from madang.rpki.web.services.lines import Line

MOST = 300
"""Lines of one change: each file takes a key of its own, and the person waits."""


class Seen(NamedTuple):
    """What a draft would do."""

    plan: Plan
    impact: Impact

    @property
    def harm(self) -> int:
        """Routes, and distinct paths, that would turn invalid."""
        return len(self.impact.to("invalid")) + len(self.impact.paths_to("invalid"))

    @property
    def mark(self) -> str:
        """Names exactly this: another plan has another."""
        plan = self.plan
        told = [plan.signed, plan.withdrawn, self.harm, plan.moment]
        return ids.digest(json.dumps(told).encode())[:16]


class Held(NamedTuple):
    """One authorisation of a member, and what it does."""

    line: Line
    routes: int
    """Seen routes that are valid by it."""
    in_draft: bool
    """Whether the draft takes it away."""


def draft(member: Member) -> Draft | None:
    """What is being prepared."""
    return Draft.objects.filter(pk=member.pk).first()


@transaction.atomic
def change(
    member: Member,
    *,
    by: User,
    add: list[Line] | None = None,
    remove: list[Line] | None = None,
    drop: list[Line] | None = None,
) -> Draft:
    """Put lines into the draft, or take some out of it.

    Args:
        member: Whose draft.
        by: Who prepares it.
        add: Authorisations that shall be there.
        remove: Authorisations that shall go.
        drop: Lines that the draft shall forget.

    Raises:
        InputError: A line cannot be, names what is not held, or there are too many.
    """
    row = Draft.objects.select_for_update().filter(pk=member.pk).first()
    row = row or Draft(member=member, by=by)
    gone = drop or []
    row.add = _merged(row.add, add or [], gone=[*gone, *(remove or [])])
    row.remove = _merged(row.remove, remove or [], gone=[*gone, *(add or [])])
    present = lines.of(authority.wanted(member.pk))
    row.add = [each for each in row.add if each not in present]
    row.remove = [each for each in row.remove if each in present]
    if row.count > MOST:
        raise IntentRefused(
            words(f"변경 {row.count}건", f"{row.count} changes"),
            words(f"한 번에 {MOST}건 이하", f"at most {MOST} at once"),
            words("나누어 반영하십시오.", "Do them in parts."),
        )
    planned(member, row)
    row.by, row.at = by, clock.now()
    row.save()
    return row


def _merged(old: list[Line], new: list[Line], *, gone: list[Line]) -> list[Line]:
    kept = [each for each in old if each not in gone]
    return kept + [each for each in new if each not in kept]


def replace(member: Member, wanted: Intents, *, kind: str, by: User) -> Draft:
    """Draft whatever makes all authorisations of a kind those of a file.

    Raises:
        InputError: A line cannot be, names what is not held, or there are too many changes.
    """
    from madang.rpki.engine.authority.intents_csv import towards

    asked = towards(authority.wanted(member.pk), wanted, kind=kind)
    with transaction.atomic():
        Draft.objects.filter(pk=member.pk).delete()
        return change(member, by=by, add=lines.of(asked.add), remove=lines.of(asked.remove))


def discard(member: Member) -> None:
    """Forget the draft; nothing of it was signed."""
    Draft.objects.filter(pk=member.pk).delete()


def planned(member: Member, row: Draft) -> Plan:
    """What would be signed and withdrawn.

    Raises:
        InputError: A line cannot be, or names what is not held.
    """
    with authority.reading() as book:
        if book is None:
            raise IntentRefused(
                words("등록기관이 없는 사이트", "a site that runs no registry"),
                words("등록기관의 회원", "a member of one"),
            )
        asked = lines.changes(row.add, row.remove)
        return planning.plan(book.rows, member.pk, changes=asked)


def seen(member: Member, row: Draft) -> Seen:
    """What the draft would do to files and to the routes that are seen.

    Raises:
        InputError: A line cannot be, or names what is not held.
    """
    plan = planned(member, row)
    found = Seen(plan, _impact(plan))
    return found._replace(plan=plan._replace(turned_invalid=found.harm))


def _impact(plan: Plan) -> Impact:
    before, after = plan.before, plan.after
    change = Change(
        Payloads(after.vrps - before.vrps, after.aspas - before.aspas),
        Payloads(before.vrps - after.vrps, before.aspas - after.aspas),
    )
    around = Resources()
    for vrp in (*change.announced.vrps, *change.withdrawn.vrps):
        pair = ((vrp.address, vrp.prefix.last),)
        around = around | (Resources(v4=pair) if vrp.family == 4 else Resources(v6=pair))
    # What was signed a moment ago may not be in the validator's picture yet.
    index = OriginIndex(world.near(around) | before.vrps)
    others = {each for each in world.aspas() if each not in change.announced.aspas}
    paths = PathIndex(others | before.aspas)
    return whatif.impact(observed.observed(), index, change, paths=paths)


def commit(member: Member, *, mark: str, confirmed: int, by: User) -> Plan:
    """Do what was seen.

    Args:
        member: Whose draft.
        mark: Of what was seen (`Seen.mark`).
        confirmed: So many routes may turn invalid.
        by: Who confirms it.

    Raises:
        InputError: Something is different from what was seen, or the harm is not confirmed.
    """
    row = draft(member)
    if row is None or not row.count:
        raise IntentRefused(
            words("비어 있는 초안", "an empty draft"),
            words("변경이 하나 이상 있는 초안", "one with a change"),
        )
    found = seen(member, row)
    if found.mark != mark:
        raise IntentRefused(
            words("확인한 뒤에 바뀐 상황", "a situation that has changed since you looked"),
            words("확인한 그대로의 변경", "the change as you saw it"),
            words("아래 내용을 다시 확인하십시오.", "Look at it again."),
        )
    with members.acting() as registry:
        registry.commit(found.plan, by=f"user {by.pk}", confirmed=confirmed)
    with transaction.atomic():
        remember(
            "rpki-authorisations",
            f"rpki/member/{member.pk}",
            by=by,
            before=lines.of(found.plan.before),
            after=lines.of(found.plan.after),
            signed=len(found.plan.signed),
            withdrawn=len(found.plan.withdrawn),
            invalid=found.harm,
        )
        discard(member)
    return found.plan


def held(member: Member) -> list[Held]:
    """The member's authorisations, each with how many seen routes are valid by it."""
    row, routes = draft(member), observed.observed()
    gone = row.remove if row else []
    found = []
    for line in lines.of(authority.wanted(member.pk)):
        count = 0
        if line[0] == "roa":
            (vrp,) = lines.read([line]).vrps
            count = sum(_fits(vrp, each.prefix.length, each.origin)
                        for each in routes.under(vrp.prefix))  # fmt: skip
        else:
            count = len(routes.through(line[1]))
        found.append(Held(line, count, line in gone))
    return found


def _fits(vrp: Vrp, length: int, origin: int) -> bool:
    return vrp.asn == origin and 0 < origin and length <= vrp.max_length


def suggestions(member: Member) -> list[tuple[Suggestion, Line, bool]]:
    """The authorisations that the member's seen routes lack; drafted ones left out.

    Each comes as a line too, and with whether its origin is an AS that the member holds: another's
    may be a customer's, or a hijacker's.
    """
    resources = authority.held(member.pk)
    if resources is None:
        return []
    row = draft(member)
    vrps = _believed(member, resources)
    if row:
        vrps = changed(Intents(frozenset(vrps)), lines.changes(_roas(row.add), ())).vrps
    found = advice.suggestions(observed.observed(), resources, vrps)
    return [
        (each, lines.of_vrp(each.vrp), resources.covers(Resources(asn=((each.vrp.asn,) * 2,))))
        for each in found
    ]


def findings(member: Member) -> list[Finding]:
    """What is odd about the member's authorisations."""
    resources = authority.held(member.pk)
    if resources is None:
        return []
    return advice.findings(observed.observed(), resources, _believed(member, resources))


def _believed(member: Member, resources: Resources) -> frozenset[Vrp]:
    return frozenset(world.near(resources) | authority.wanted(member.pk).vrps)


def _roas(found: list[Any]) -> list[Any]:
    return [each for each in found if each[0] == "roa"]
