"""Which open demands fit a company, and which companies fit a demand? The engine's rule on rows.

The order is a hint and no more; it is made of what is public, and each part of it is told.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.db.models.fields.json import KT

from madang.trials.engine.matching import (
    Company,
    Past,
    Rarity,
    Wanted,
    companies_for,
    demands_for,
    subject_words,
)
from madang.trials.web.models import Demand
from madang.trials.web.services import companies
from madang.trials.web.services.catalogue import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from madang.portal.models import Organisation
    from madang.trials.engine.matching import Match
    from madang.trials.web.models import Profile

OPEN = ("posted", "open")
MOST_DEMANDS = 2000
MOST_COMPANIES = 2000
SHOWN_MATCHES = 20


class Fitting(NamedTuple):
    """A demand or a company, and how well it fits."""

    thing: Demand | Organisation
    match: Match


def demands_of(company: Organisation) -> list[Fitting]:
    """Open demands in the order in which they fit a company."""
    found = _open_demands()
    asked = [wanted for _, wanted in found.values()]
    own = _company(companies.of(company))
    matches = demands_for(own, asked, rarity=Rarity.of(asked), most=SHOWN_MATCHES)
    return [Fitting(found[each.demand][0], each) for each in matches]


def companies_of(demand: Demand) -> list[Fitting]:
    """Companies that show themselves, in the order in which they fit a demand."""
    profiles = {each.company.slug: each for each in companies.listed()[:MOST_COMPANIES]}
    numbers = [each.company_id for each in profiles.values()]
    past = _past_of(companies.records(numbers, task=demand.task))
    rarity = Rarity.of(wanted for _, wanted in _open_demands().values())
    known = [_company(each, past.get(each.company_id, ())) for each in profiles.values()]
    matches = companies_for(wanted_of(demand), known, rarity=rarity, most=SHOWN_MATCHES)
    return [Fitting(profiles[each.company].company, each) for each in matches]


def wanted_of(demand: Demand) -> Wanted:
    """A demand as matching sees it: as it was sealed."""
    plain = demand.registration.get("wanted")
    return Wanted.from_plain(plain) if plain else _bare(demand)


def _open_demands() -> Mapping[str, tuple[Demand, Wanted]]:
    found = Demand.objects.filter(state__in=OPEN).select_related("agency").only(*SHOWN)
    found = found.annotate(wanted=KT("registration__wanted")).order_by("-posted", "-pk")
    return {each.name: (each, _read(each, each.wanted)) for each in found[:MOST_DEMANDS]}


def _read(demand: Demand, wanted: str | None) -> Wanted:
    return _parsed(wanted) if wanted else _bare(demand)


@lru_cache(maxsize=4096)
def _parsed(wanted: str) -> Wanted:
    """What was written at sealing never changes: read once, kept by its text."""
    return Wanted.from_plain(json.loads(wanted))


def _bare(demand: Demand) -> Wanted:
    """What the row itself tells of a demand that was registered elsewhere."""
    return Wanted(
        name=demand.name,
        task=demand.task,
        kinds={},
        subjects=subject_words(demand.title_ko, demand.title_en),
        tiers=(),
        sector=demand.sector,
    )


def _company(profile: Profile, past: Iterable[Past] | None = None) -> Company:
    company = profile.company
    if past is None:
        past = _past_of(companies.records([company.pk])).get(company.pk, ())
    told = (profile.keywords, profile.references, company.about_ko, company.about_en)
    return Company(
        name=company.slug,
        past=tuple(past),
        subjects=subject_words(*told),
        tasks=tuple(profile.tasks),
        sectors=tuple(profile.sectors),
    )


def _past_of(records: Iterable[tuple[int, companies.Part]]) -> dict[int, list[Past]]:
    found: dict[int, list[Past]] = {}
    for company, part in records:
        wanted = _read(part.demand, part.wanted)
        past = Past(demand=wanted, tier=part.tier, result=part.result)  # type: ignore[arg-type]
        found.setdefault(company, []).append(past)
    return found
