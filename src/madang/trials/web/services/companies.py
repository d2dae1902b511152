"""What does a company say of itself, and what is publicly known of what it did?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.db.models.fields.json import KeyTextTransform

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal import acting
from madang.portal.log import remember
from madang.portal.models import Organisation
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.models import Profile, Submission
from madang.trials.web.services import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from madang.portal.models import User
    from madang.trials.web.models import Demand

MOST_WORDS = 6
MOST_RECORD = 100
FIELDS = ("tasks", "sectors", "keywords", "references", "is_public")
LONG = ("text", "findings", "sought", "plain", "registration", "baselines", "rubric")
"""Columns of a demand that no list needs."""
SETTLED = ("decided", "final", "adopting", "live", "ended")
"""States in which it is public who took part and what came of it."""


def listed(*, text: str = "", task: str = "", sector: str = "") -> QuerySet[Profile]:
    """Companies that show themselves, by name."""
    found = Profile.objects.filter(
        is_public=True, company__is_active=True, company__kind="company"
    )
    for word in text.casefold().split()[:MOST_WORDS]:
        found = found.filter(sought__contains=word)
    for mark in (task, sector):
        if mark:
            found = found.filter(sought__contains=f"|{mark}|")
    return found.select_related("company").order_by("company__name_ko", "pk")


def of(company: Organisation) -> Profile:
    """A company's profile; an empty one, not yet kept, where it has none."""
    found = Profile.objects.filter(company=company).first()
    return found or Profile(company=company)


def change(company: Organisation, *, by: User, **told: Any) -> Profile:
    """Say something new of a company.

    Args:
        company: Which one.
        by: Its member.
        told: New values of `FIELDS`.

    Raises:
        InputError: Not a company, or a task or sector that does not exist.
    """
    if company.kind != "company":
        raise InputError(
            words(f"{company.kind_title.ko}인 기관", f"a {company.kind_title.en.lower()}"),
            words("기업", "a company"),
        )
    _check(told.get("tasks", ()), kinds.titles())
    _check(told.get("sectors", ()), SECTORS)
    with acting.as_(user=by.pk), transaction.atomic():
        Organisation.objects.select_for_update(of=("self",)).get(pk=company.pk)
        row = of(company)
        before = _plain(row) if row.pk else None
        for name, value in told.items():
            if name not in FIELDS:
                raise ValueError(f"{name} is not said in a profile")
            setattr(row, name, value)
        mirror(row)
        row.save()
        remember(
            "profile-changed", f"company/{company.slug}", by=by, before=before, after=_plain(row)
        )
    return row


def mirror(row: Profile) -> None:
    """Write down what the directory searches in."""
    company = row.company
    told = (company.name_ko, company.name_en, row.keywords, row.references[:1000])
    marks = "|" + "".join(f"{each}|" for each in (*row.tasks, *row.sectors))
    row.sought = "\n".join((*(each.replace("|", " ") for each in told), marks)).casefold()


def _check(given: Iterable[str], known: Any) -> None:
    strange = [each for each in given if each not in known]
    if strange:
        raise InputError(
            words(f"모르는 항목 {strange[0][:60]!r}", f"the unknown item {strange[0][:60]!r}"),
            words("목록에 있는 항목", "an item of the list"),
        )


def _plain(row: Profile) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


class Part(NamedTuple):
    """A demand in which a company took part, and what is publicly known to have come of it."""

    demand: Demand
    tier: str
    result: str
    """As `trials.engine.matching` names results."""
    wanted: str
    """The demand as matching sees it, as JSON; empty where nobody wrote it down."""


def record(company: Organisation) -> list[Part]:
    """Its public record, the newest first."""
    return [part for _, part in records([company.pk])][:MOST_RECORD]


def records(companies: Iterable[int], *, task: str = "") -> list[tuple[int, Part]]:
    """Company → part it took, for demands whose decision is public.

    Args:
        companies: Their numbers.
        task: Only demands of this kind of task; all where empty.
    """
    found = Submission.objects.filter(
        company__in=list(companies), demand__state__in=SETTLED
    ).exclude(final_run="")
    if task:
        found = found.filter(demand__task=task)
    found = found.select_related("demand__agency", "demand__decision").defer(
        *(f"demand__{name}" for name in LONG)
    )
    found = found.annotate(wanted=KeyTextTransform("wanted", F("demand__registration")))
    return [
        (each.company_id, Part(each.demand, each.tier, _result(each), each.wanted or ""))
        for each in found.order_by("-received")
    ]


def _result(submission: Submission) -> str:
    decision = getattr(submission.demand, "decision", None)
    if decision is None:
        return "none"
    if decision.adopted_id == submission.pk:
        return "adopted"
    if submission.name in decision.facts.get("passed", []):
        return "passed"
    against = (decision.comparison.get("primary") or {}).get("against_baseline", {})
    compared = against.get(submission.name)
    if compared is None:
        return "none"
    # Differences are turned: below 0 is better than the baseline.
    return "beat_baseline" if compared["difference"] < 0 else "below_baseline"


RESULTS: dict[str, Words] = {
    "adopted": words("채택됨", "Adopted"),
    "passed": words("판정 규칙을 만족함", "Satisfied the rule"),
    "beat_baseline": words("기준보다 나음", "Better than the baseline"),
    "below_baseline": words("기준보다 낫지 않음", "Not better than the baseline"),
    "none": words("공개된 결과 없음", "No public result"),
}
