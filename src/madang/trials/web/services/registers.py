"""What does the public register of adopted solutions hold, and its OCDS record?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Q

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.trials.engine.decision import Decision as Ruled
from madang.trials.engine.decision import sentence
from madang.trials.engine.phases import Phase
from madang.trials.engine.register_facts import (
    AwardFacts,
    ContractFacts,
    Paper,
    Party,
    RegisterFacts,
)
from madang.trials.engine.register_ocds import ocid, release, tag_for
from madang.trials.web.models import Adoption, Demand, Submission
from madang.trials.web.services import adoptions, timing
from madang.trials.web.services.house import office

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from madang.portal.models import Organisation

PUBLIC = (
    "posted",
    "open",
    "evaluating",
    "evaluated",
    "decided",
    "final",
    "adopting",
    "live",
    "ended",
)
CLOSED = PUBLIC[2:]
"""States in which it is public who handed in."""


def adopted(wish: dict[str, str]) -> QuerySet[Adoption]:
    """Adopted solutions that fit, those in use first."""
    found = Adoption.objects.select_related("demand", "agency", "company", "submission")
    if wish.get("sector"):
        found = found.filter(demand__sector=wish["sector"])
    if wish.get("state"):
        found = found.filter(demand__state=wish["state"])
    for word in wish.get("q", "").casefold().split()[:8]:
        found = found.filter(
            Q(demand__sought__contains=word)
            | Q(company__name_ko__icontains=word)
            | Q(company__name_en__icontains=word)
            | Q(submission__title_ko__icontains=word)
            | Q(submission__title_en__icontains=word)
        )
    confirmed = Count("demand__confirmations", filter=Q(demand__confirmations__state="measured"))
    return found.annotate(confirmed=confirmed).order_by("-live_since", "-created", "-pk")


def line(row: Adoption) -> dict[str, Any]:
    """An adopted solution for files and programs."""
    return {
        "demand": row.demand.name,
        "title_ko": row.demand.title_ko,
        "title_en": row.demand.title_en,
        "solution_ko": row.submission.title_ko,
        "solution_en": row.submission.title_en,
        "solution_digest": row.submission.digest,
        "company": row.company.name_ko,
        "agency": row.agency.name_ko,
        "state": row.demand.state,
        "gate": row.gate,
        "live_since": clock.stamp(row.live_since) if row.live_since else "",
        "confirmed_by": getattr(row, "confirmed", 0),
    }


def facts(demand: Demand, *, base: str) -> RegisterFacts:
    """All that is public of a posted demand now.

    Args:
        demand: Its row, with agency and decision.
        base: The site's address, such as `https://ax.example.kr`.
    """
    course = timing.course(demand)
    phase = (course.phase(clock.now()) if course else None) or Phase.POSTED
    return RegisterFacts(
        prefix=settings.OCDS_PREFIX,
        demand=demand.name,
        title=demand.title,
        problem=demand.problem,
        rule=_rule(demand),
        agency=_party(demand.agency),
        timetable=timing.timetable(demand),
        phase=phase,
        tenderers=_tenderers(demand),
        papers=(_notice(demand, base),),
        award=_award(demand, base),
        contract=_contract(demand),
        related=(ocid(settings.OCDS_PREFIX, demand.origin.name),) if demand.origin else (),
    )


def ocds(demand: Demand, *, base: str) -> dict[str, Any]:
    """The OCDS release of a demand as it now stands."""
    told = facts(demand, base=base)
    return release(told, at=clock.now(), tags=[tag_for(told.phase)])


def _party(organisation: Organisation) -> Party:
    return Party(
        name=organisation.slug,
        title=organisation.name,
        scheme="KR-BRN" if organisation.registration_number else "",
        number=organisation.registration_number,
    )


def _rule(demand: Demand) -> Words:
    rule = demand.plain.get("decision", {})
    kind = rule.get("rule", "")
    return words(
        f"{demand.metric} 지표에서 기준 {rule.get('baseline', '')} 대비 {kind}",
        f"{kind} over {rule.get('baseline', '')} by {demand.metric}",
    )


def _tenderers(demand: Demand) -> tuple[Party, ...]:
    if demand.state not in CLOSED:
        return ()
    rows = Submission.objects.filter(demand=demand).select_related("company")
    companies = {each.company_id: each.company for each in rows.only("company")}
    return tuple(_party(each) for _, each in sorted(companies.items()))


def _notice(demand: Demand, base: str) -> Paper:
    return Paper(
        name="notice",
        kind="tenderNotice",
        title=demand.title,
        url=f"{base}{demand.get_absolute_url()}",
        published=demand.posted or demand.created,
        sha256=demand.digest,
    )


def _award(demand: Demand, base: str) -> AwardFacts | None:
    decision = getattr(demand, "decision", None)
    if decision is None or decision.announced is None:
        return None
    papers: tuple[Paper, ...] = ()
    if decision.report_pdf:
        report = decision.report_pdf
        papers = (
            Paper(
                name="report",
                kind="evaluationReports",
                title=words("서명한 평가 보고서", "Signed report of the trial"),
                url=f"{base}{demand.get_absolute_url()}/report.pdf",
                published=decision.announced,
                sha256=report.digest,
            ),
        )
    rows = Submission.objects.filter(demand=demand, name__in=decision.facts.get("passed", []))
    titles = {each.name: each.title for each in rows}
    rule = office().workspace.demand_folder(demand.name).demand.decision
    return AwardFacts(
        decided=decision.announced,
        grounds=sentence(Ruled.from_plain(decision.facts), rule, titles),
        suppliers=(_party(decision.adopted.company),) if decision.adopted else (),
        papers=papers,
    )


def _contract(demand: Demand) -> ContractFacts | None:
    row = getattr(demand, "adoption", None)
    agreed = adoptions.consultation(row) if row else None
    if row is None or agreed is None:
        return None
    return ContractFacts.of(agreed, adoptions.course(row))
