"""What do the trials show outside their own pages? Their tile, what a search finds, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.urls import reverse

from madang.kernel.evidence.statement import predicate_type
from madang.kernel.words import Words, words
from madang.portal.frame import Found, Tile, Waiting
from madang.portal.models import LogEntry
from madang.trials.engine.period import korean_time
from madang.trials.web.models import Demand
from madang.trials.web.services import catalogue, companies, duties

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

    from madang.portal.access import Access

ADOPTED = ("adopting", "live", "ended")
PROVED = ("decision", "comparison", "demand")
"""Nouns of the records that prove what the tile says."""
MOST_DEMANDS, MOST_COMPANIES, MOST_WAITING = 10, 5, 50
_EXCERPT = 120


def home() -> Tile:
    """Open demands and adopted solutions, with the last proof."""
    counted = Demand.objects.aggregate(
        open=Count("pk", filter=Q(state__in=["posted", "open"])),
        adopted=Count("pk", filter=Q(state__in=ADOPTED)),
    )
    return Tile(
        title=words("공공AX 실증", "Public AX trials"),
        sentence=words(
            "기관의 문제를 기업의 AI로 풉니다. 봉인된 자료에서 시험해 도입한 해법은 "
            f"{counted['adopted']:,}건입니다.",
            "Agencies' problems, firms' AI, tried on sealed data: "
            f"{counted['adopted']:,} solutions adopted so far.",
        ),
        url=reverse("trials:index"),
        figure=f"{counted['open']:,}",
        unit=words("건 공고·접수 중", "demands open"),
        note=_last_proof(),
    )


def _last_proof() -> Words:
    nouns = [predicate_type(noun) for noun in PROVED]
    found = LogEntry.objects.filter(predicate_type__in=nouns).order_by("-index").only("at")
    entry = found.first()
    if entry is None:
        return words("", "")
    moment = korean_time(entry.at)
    return words(
        f"마지막 기록: {moment}, 증거 로그 {entry.index}번",
        f"Last record: {moment}, entry {entry.index} of the evidence log",
    )


def search(text: str, access: Access) -> list[Found]:
    """Demands and companies that hold every word."""
    found = catalogue.find(catalogue.Wish(text=text)) | _own(text, access)
    demands = catalogue.with_lists(found).order_by("-posted", "-pk")[:MOST_DEMANDS]
    return [
        *(
            Found(
                title=each.title,
                kind=each.state_title,
                url=each.get_absolute_url(),
                excerpt=f"{each.agency.name} · {catalogue.described(each)}",
            )
            for each in demands
        ),
        *(
            Found(
                title=each.company.name,
                kind=words("기업", "Company"),
                url=reverse("trials:company", args=[each.company.slug]),
                excerpt=each.keywords[:_EXCERPT],
            )
            for each in companies.listed(text=text)[:MOST_COMPANIES]
        ),
    ]


def _own(text: str, access: Access) -> QuerySet[Demand]:
    """The reader's own demands, drafts among them."""
    found = catalogue.own(access) if access.holding("trials.post") else Demand.objects.none()
    return catalogue.holding(found, text)


def worklist(access: Access) -> Iterator[Waiting]:
    """What waits for this reader in the trials."""
    for waiting in WAITING:
        yield from waiting(access)


def of_owners(access: Access) -> Iterator[Waiting]:
    """Drafts to finish, sealed demands to post, questions to answer."""
    held = access.holding("trials.post")
    if not held:
        return
    mine = Q(agency__in=held) | Q(ministry__in=held)
    asked = Q(questions__isnull=False, questions__answered=None)
    found = (
        Demand.objects.filter(mine, state__in=["draft", "sealed", "posted", "open"])
        .annotate(unanswered=Count("questions", filter=asked))
        .filter(Q(state__in=["draft", "sealed"]) | Q(unanswered__gt=0))
        .only("name", "title_ko", "title_en", "state", "opens", "closes", "run")
        .order_by("-created")
    )
    for demand in found[:MOST_WAITING]:
        yield _of_owner(demand, demand.unanswered)


def _of_owner(demand: Demand, unanswered: int) -> Waiting:
    title: Words | str = demand.title if demand.title_ko or demand.title_en else demand.name
    if demand.state == "draft":
        return Waiting(
            title=title,
            reason=words("아직 작성 중인 수요입니다.", "A demand that is still a draft."),
            act=words("이어서 작성하기", "Go on writing"),
            url=reverse("trials:edit", args=[demand.name]),
        )
    if demand.state == "sealed":
        return Waiting(
            title=title,
            reason=words("봉인이 끝났고 공고를 기다립니다.", "Sealed, and waiting to be posted."),
            act=words("공고하기", "Post"),
            url=reverse("trials:post", args=[demand.name]),
            due=demand.opens,
        )
    return Waiting(
        title=title,
        reason=words(
            f"답을 기다리는 질문이 {unanswered}건 있습니다.",
            f"{unanswered} questions wait for an answer.",
        ),
        act=words("답변하기", "Answer"),
        url=reverse("trials:questions", args=[demand.name]),
        due=demand.closes,
    )


WAITING: tuple[Callable[[Access], Iterator[Waiting]], ...] = (
    of_owners,
    duties.of_deciders,
    duties.of_answerers,
    duties.of_evaluators,
    duties.of_companies,
)
"""Each asks one service what waits for a reader."""
