"""How does an adopted solution come into an agency's work, as the site remembers it?

A final decision with a solution opens the adoption: the consultation of agency and company, then
the gates. The rules stand in `trials.engine.consultation` and `trials.engine.adoption`; here each
act is one transaction of row and record, under the lock of the adoption's row.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.portal import acting
from madang.portal.log import remember
from madang.trials.engine.adoption import Adoption as Course
from madang.trials.engine.adoption_moves import Hand
from madang.trials.engine.adoption_plan import AdoptionPlan
from madang.trials.engine.consultation import Consultation
from madang.trials.engine.errors import ConsultationError, MoveRefused
from madang.trials.web.models import Adoption
from madang.trials.web.services.house import alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.portal.models import Organisation, User
    from madang.trials.web.models import Demand, Submission


def begin(demand: Demand, *, by: User) -> Adoption:
    """Open the adoption of a demand whose final decision adopts a solution.

    Raises:
        MoveRefused: The decision is not final, adopts nothing, or the adoption is open already.
    """
    with acting.as_(user=by.pk), transaction.atomic():
        row = alone(demand)
        solution = adoptable(row)
        adoption = Adoption.objects.create(
            demand=row,
            submission=solution,
            agency=row.agency,
            company=solution.company,
        )
        row.state = "adopting"
        row.save(update_fields=["state"])
        remember(
            "adoption-begun",
            f"demand/{row.name}",
            by=by,
            solution=solution.digest,
            agency=row.agency.slug,
            company=solution.company.slug,
        )
    return adoption


def adoptable(demand: Demand) -> Submission:
    """The solution with which an adoption may begin.

    Raises:
        MoveRefused: The decision is not final, or adopts nothing.
    """
    decision = getattr(demand, "decision", None)
    # A confirming agency decides by what its own sealed data showed; nobody competed there.
    due = ("evaluated", "decided", "final") if demand.origin_id else ("final",)
    if demand.state not in due or decision is None or decision.adopted is None:
        raise MoveRefused(
            words(
                f"'{demand.state_title.ko}' 상태의 도입 협의",
                f"a consultation in '{demand.state_title.en}'",
            ),
            words("해법을 채택하고 확정한 판정", "a final decision that adopts a solution"),
        )
    found: Submission = decision.adopted
    return found


@contextmanager
def changing(adoption: Adoption, *, by: User) -> Iterator[Adoption]:
    """The adoption's row, for this transaction alone; it is saved where the block ends well."""
    with acting.as_(user=by.pk), transaction.atomic():
        alone(adoption.demand_id)  # its state moves with the gates; always locked first
        rows = Adoption.objects.select_for_update(of=("self",))
        row = rows.select_related("demand", "agency", "company", "submission").get(pk=adoption.pk)
        yield row
        row.save()


def consultation(adoption: Adoption) -> Consultation | None:
    """The consultation so far; None before the first minutes."""
    return Consultation.from_plain(adoption.minutes) if adoption.minutes else None


def plan(adoption: Adoption) -> AdoptionPlan | None:
    """The plan of the gates; None before there is one."""
    return AdoptionPlan.from_plain(adoption.plan) if adoption.plan else None


def course(adoption: Adoption) -> Course | None:
    """Where the gates stand; None before there is a plan."""
    if adoption.progress:
        return Course.from_plain(adoption.progress)
    planned = plan(adoption)
    return _new_course(adoption, planned) if planned else None


def _new_course(adoption: Adoption, planned: AdoptionPlan) -> Course:
    return Course(
        demand=adoption.demand.name,
        agency=adoption.agency.slug,
        company=adoption.company.slug,
        solution=adoption.submission.digest,
        plan=planned,
    )


def hand(by: User, organisation: Organisation) -> Hand:
    """Who moves, for whom, now. People stand in the records by their number alone."""
    return Hand(by=f"user/{by.pk}", organisation=organisation.slug, at=clock.now())


def require_consultation(adoption: Adoption) -> Consultation:
    """The consultation.

    Raises:
        ConsultationError: There are no minutes yet.
    """
    found = consultation(adoption)
    if found is None:
        raise ConsultationError(
            words("회의록이 없는 협의", "a consultation without minutes"),
            words("먼저 작성한 회의록", "minutes, written first"),
        )
    return found


def require_course(adoption: Adoption) -> Course:
    """The course of the gates.

    Raises:
        MoveRefused: There is no plan yet.
    """
    found = course(adoption)
    if found is None:
        raise MoveRefused(
            words("도입 계획이 없는 도입", "an adoption without a plan"),
            words("먼저 정한 단계와 중단 규칙", "gates and stop rules, planned first"),
        )
    return found


def named(adoption: Adoption, text: Words) -> Words:
    """A sentence of the engine with the parties' names in place of their slugs."""
    ko, en = text.ko, text.en
    for party in (adoption.agency, adoption.company):
        ko, en = ko.replace(party.slug, party.name_ko), en.replace(party.slug, party.name_en)
    return words(ko, en)


def told(noun: str, adoption: Adoption, *, by: User, at: Organisation, **facts: Any) -> None:
    """Record an act of a party."""
    remember(noun, f"demand/{adoption.demand.name}", by=by, of=at.slug, **facts)
