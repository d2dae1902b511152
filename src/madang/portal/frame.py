"""What does every page need round its content? Menu, search, worklist: asked from the systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from madang.kernel import clock, systems
from madang.kernel.words import Words, language, words
from madang.portal import access, organisations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest

    from madang.portal.models import Organisation

GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (words("프로그램", "Programme"), ("programme",)),
    (words("AI 대전환", "AI transformation"), ("trials", "prognosis", "factory", "robotics")),
    (words("산업", "Industry"), ("fund", "npu")),
    (words("안전", "Safety"), ("vulns", "isms", "incidents", "rpki")),
    (words("배움", "Learning"), ("learning", "coding")),
)
"""The menu, in the order of the programme."""
MOST = 20
"""How many of the house's own things a search or a worklist shows."""
CONFIRM_WITHIN = timedelta(days=3)
"""How long a company that registered itself should wait at most."""

_HOUSE = (
    ("runs", "portal.runs", words("작업", "Runs")),
    ("audit", "portal.audit", words("감사 기록", "Audit trail")),
    ("organisations", "portal.organisations", words("기관", "Organisations")),
    ("roles", "portal.roles", words("역할", "Roles")),
)
"""Pages for who keeps the house: name, the right they need everywhere, title."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """What a system shows on the front page."""

    title: Words
    sentence: Words
    url: str
    figure: str = ""
    """Its one indicator, such as `12`."""
    unit: Words = words("", "")
    note: Words = words("", "")
    """When and by what the figure was proved."""


@dataclass(frozen=True, kw_only=True)
class Front:
    """What opens the front page, before the tiles."""

    template: str
    """Its template, which finds the context under the name `front`."""
    context: dict[str, Any]
    styles: tuple[str, ...] = ()
    """Static style sheets that it needs."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One result of the search."""

    title: Words | str
    kind: Words
    url: str
    excerpt: Words | str = ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that waits for somebody."""

    title: Words | str
    reason: Words
    """Why it waits for this person."""
    act: Words
    """The verb on its button."""
    url: str
    due: datetime | None = None


def menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu with the systems that have pages here."""
    shown = {system.name: system for system in systems.installed() if system.urls}
    found = []
    for title, names in GROUPS:
        items = [
            {
                "title": words(shown[name].title_ko, shown[name].title_en),
                "url": f"/{name}/",
                "is_current": request.path.startswith(f"/{name}/"),
            }
            for name in names
            if name in shown
        ]
        if items:
            found.append({"title": title, "items": items})
    if house := _house(request):
        found.append({"title": words("운영", "Operations"), "items": house})
    return found


def _house(request: HttpRequest) -> list[dict[str, Any]]:
    """Pages for who keeps the house, as far as this reader does."""
    reader = access.of(request)
    return [
        {"title": title, "url": url, "is_current": request.path.startswith(url)}
        for name, right, title in _HOUSE
        if reader.everywhere(right) and (url := reverse(name))
    ]


def frame(request: HttpRequest) -> dict[str, Any]:
    """What `base.html` shows on every page."""
    theme = request.COOKIES.get("theme", "")
    return {
        "menu": menu(request),
        "language": language(),
        "theme": theme if theme in ("light", "dark") else "auto",
        "site_name": words(*settings.SITE_NAME),
        "is_official": settings.OFFICIAL,
        "access": access.of(request),
    }


def _with_tiles() -> list[systems.System]:
    """The systems that stand on the front page."""
    return [each for each in systems.installed() if each.home or each.urls]


def tiles() -> list[Tile]:
    """The systems' tiles in the order of the programme."""
    found = []
    for system in _with_tiles():
        if system.home:
            found.append(systems.load(system.home, extra=system.extra)())
        else:
            found.append(
                Tile(
                    title=words(system.title_ko, system.title_en),
                    sentence=words(system.sentence_ko, system.sentence_en),
                    url=reverse(f"{system.name}:index"),
                )
            )
    return found


def fronts(request: HttpRequest) -> list[Front]:
    """What systems open the front page with."""
    return [
        systems.load(system.front, extra=system.extra)(request)
        for system in systems.installed()
        if system.front
    ]


def tile_groups() -> list[dict[str, Any]]:
    """The tiles under the groups of the menu; a group without any is left out."""
    told = {system.name: tile for system, tile in zip(_with_tiles(), tiles(), strict=True)}
    groups = [
        {"title": title, "tiles": [told[name] for name in names if name in told]}
        for title, names in GROUPS
    ]
    return [group for group in groups if group["tiles"]]


def search(text: str, reader: access.Access) -> list[tuple[Words, list[Found]]]:
    """What each system finds for this reader."""
    groups = []
    ours = organisations.found(organisations.seen_by(reader), text=text)[:MOST]
    if shown := [_found(each) for each in ours]:
        groups.append((words("기관", "Organisations"), shown))
    for system in systems.installed():
        if system.search:
            found: Sequence[Found] = systems.load(system.search, extra=system.extra)(text, reader)
            if found:
                groups.append((words(system.title_ko, system.title_en), list(found)))
    return groups


def worklist(reader: access.Access) -> list[Waiting]:
    """What waits for this reader, the most urgent first; what has no clock comes last."""
    if not reader.is_known:
        return []
    waiting = list(_waiting(reader))
    dated = sorted(
        (each for each in waiting if each.due), key=lambda each: each.due or clock.now()
    )
    return [*dated, *(each for each in waiting if each.due is None)]


def _waiting(reader: access.Access) -> Iterator[Waiting]:
    if reader.everywhere("portal.organisations"):
        yield from _waiting_companies()
    for system in systems.installed():
        if system.worklist:
            yield from systems.load(system.worklist, extra=system.extra)(reader)


def _waiting_companies() -> Iterator[Waiting]:
    for each in organisations.waiting()[:MOST]:
        yield Waiting(
            title=each.name,
            reason=words(
                "기업이 스스로 등록했습니다. 등록 번호를 확인해야 활동할 수 있습니다.",
                "The company registered itself, and cannot act before its number is checked.",
            ),
            act=words("확인하기", "Check it"),
            url=reverse("organisation", args=[each.slug]),
            due=each.created + CONFIRM_WITHIN,
        )


def _found(organisation: Organisation) -> Found:
    return Found(
        title=organisation.name,
        kind=organisation.kind_title,
        url=reverse("organisation", args=[organisation.slug]),
    )
