"""What does the programme show outside its own pages? The front page, a tile, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from madang.kernel.units import percent
from madang.kernel.words import words
from madang.portal.frame import Found, Front, Tile
from madang.programme.web.services import book, duties, telling
from madang.programme.web.services.picture import picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

    from madang.portal.access import Access
    from madang.portal.frame import Waiting


def front(request: HttpRequest) -> Front:
    """The programme in one picture."""
    return Front(
        template="programme/_front.html",
        context=telling.context(picture()),
        styles=("programme/programme.css",),
    )


def home() -> Tile:
    """How much is spent with evidence, and which share of the year's money that is."""
    shown = picture()
    share = percent(shown.whole.spent_share)
    note = (
        words("예시 자료", "Example year")
        if shown.is_example
        else words(f"{shown.on} 기준, 증빙 확인", f"by {shown.on}, confirmed by evidence")
    )
    return Tile(
        title=words("추경 집행", "The programme"),
        sentence=words(
            "항목마다 교부, 집행, 실집행과 그 증거를 날마다 보입니다.",
            "What is granted, disbursed and really spent, line by line, and what proves it.",
        ),
        url=reverse("programme:index"),
        figure="" if shown.is_example else share,
        unit=words("실집행", "confirmed"),
        note=note,
    )


def search(text: str, access: Access) -> list[Found]:
    """Lines whose title or promise holds every word."""
    wanted = text.casefold().split()
    return [
        Found(
            title=line.title,
            kind=words("예산 항목", "Appropriation line"),
            url=reverse("programme:line", args=[line.id]),
            excerpt=line.deliverables[0].sentence if line.deliverables else "",
        )
        for line in book.programme().lines
        if all(word in duties.sought(line) for word in wanted)
    ]


def worklist(access: Access) -> Iterator[Waiting]:
    """What waits for an officer of the programme."""
    yield from duties.waiting(access)
