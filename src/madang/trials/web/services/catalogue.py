"""Which posted demands does somebody look for? One query for a page, one for their count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.models import Organisation
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.models import Demand
from madang.trials.web.services import kinds, timing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet

    from madang.portal.access import Access

SORTS: Mapping[str, tuple[str, ...]] = {
    "-posted": ("-posted", "-pk"),
    "posted": ("posted", "pk"),
    "closes": ("closes", "pk"),
    "-closes": ("-closes", "-pk"),
    "-submissions": ("-submission_count", "-posted", "-pk"),
}
SORT_TITLES = {
    "-posted": words("최근 공고순", "Newest first"),
    "closes": words("마감 빠른 순", "Closing first"),
    "-submissions": words("제출 많은 순", "Most submissions"),
    "posted": words("오래된 공고순", "Oldest first"),
    "-closes": words("마감 늦은 순", "Closing last"),
}
SHOWN = (
    *("pk", "name", "title_ko", "title_en", "state", "task", "sector", "posted", "opens"),
    *("questions_until", "closes", "decide_by", "created", "submission_count"),
    *("agency__name_ko", "agency__name_en", "agency__slug"),
)
"""What a list needs: the long texts and the frames stay in the database."""
MOST_WORDS = 6


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody looks for; empty means everything."""

    text: str = ""
    state: str = ""
    task: str = ""
    agency: str = ""
    """Its slug."""
    sector: str = ""
    closing: bool = False
    """Only what closes within a week."""
    sort: str = "-posted"


def posted() -> QuerySet[Demand]:
    """Every demand that was ever posted."""
    return Demand.objects.filter(posted__isnull=False)


def holding(found: QuerySet[Demand], text: str) -> QuerySet[Demand]:
    """Those of them that hold every word."""
    for word in text.casefold().split()[:MOST_WORDS]:
        found = found.filter(sought__contains=word)
    return found


def find(wish: Wish) -> QuerySet[Demand]:
    """The posted demands that fit, in the wished order."""
    found = holding(posted(), wish.text)
    if wish.state:
        found = found.filter(state=wish.state)
    if wish.task:
        found = found.filter(task=wish.task)
    if wish.sector:
        found = found.filter(sector=wish.sector)
    if wish.agency:
        found = found.filter(agency__slug=wish.agency)
    if wish.closing:
        now = clock.now()
        soon = Q(closes__gt=now, closes__lte=timing.soon(now))
        found = found.filter(soon, state__in=["posted", "open"])
    return found.order_by(*SORTS.get(wish.sort, SORTS["-posted"]))


def own(access: Access) -> QuerySet[Demand]:
    """The demands that somebody may edit and post, the newest first."""
    found = Demand.objects.all()
    if not access.everywhere("trials.post"):
        held = access.holding("trials.post")
        found = found.filter(Q(agency__in=held) | Q(ministry__in=held))
    return with_lists(found.order_by("-created", "-pk"))


def with_lists(found: QuerySet[Demand]) -> QuerySet[Demand]:
    """The same demands with what a list shows of them and no more."""
    return found.select_related("agency").only(*SHOWN)


def agencies() -> list[Organisation]:
    """The agencies of posted demands, by name."""
    asked = posted().order_by().values("agency")
    return list(Organisation.objects.filter(pk__in=asked).only("slug", "name_ko", "name_en"))


def lines(found: QuerySet[Demand]) -> Iterator[dict[str, Any]]:
    """The demands as a program reads them."""
    for each in with_lists(found).iterator(chunk_size=2000):
        yield line(each)


def line(demand: Demand) -> dict[str, Any]:
    """One demand as a program reads it."""
    dates = ("posted", "questions_until", "opens", "closes", "decide_by")
    return {
        "name": demand.name,
        "title_ko": demand.title_ko,
        "title_en": demand.title_en,
        "agency": demand.agency.slug,
        "agency_ko": demand.agency.name_ko,
        "agency_en": demand.agency.name_en,
        "state": demand.state,
        "task": demand.task,
        "sector": demand.sector,
        "submissions": demand.submission_count,
        **{name: clock.stamp(at) if (at := getattr(demand, name)) else "" for name in dates},
    }


def described(demand: Demand) -> str:
    """Kind and field of a demand in one line."""
    told = [str(kinds.title(demand.task))] if demand.task else []
    if demand.sector in SECTORS:
        told.append(str(SECTORS[demand.sector]))
    return " · ".join(told)
