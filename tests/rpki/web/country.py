"""A registry with a member, an operator, and routes that are seen, for tests of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.rpki import jobs
from madang.rpki.web.services import authority, drafts, lines, members, observed
from tests.portal.people import home_of, somebody

if TYPE_CHECKING:
    from madang.portal.models import User
    from madang.rpki.web.models import Member, RouteSet

PLACE = authority.Place("https://rpki.example.org/rrdp/", "rsync://rpki.example.org/repo/")
RESOURCES = "192.0.2.0/24, 198.51.100.0/24, 2001:db8::/32, AS64496-AS64511"
HELD = "192.0.2.0/24, AS64496-AS64499"
ROUTES = """prefix,origin,path
192.0.2.0/24,64496,64510 64496
192.0.2.128/25,64666,64510 64666
198.51.100.0/24,64500,64510 64500
"""
ROA = ["roa", "192.0.2.0/24", 24, 64496]


class Country(NamedTuple):
    """Who runs the registry, and who is its member."""

    operator: User
    person: User
    """Of the member's organisation."""
    member: Member


def country() -> Country:
    """A registry with one member that has authorised nothing yet, and three seen routes."""
    operator, person = somebody("operator"), somebody("company")
    members.found(PLACE, RESOURCES, by=operator)
    member = members.add("carrier", home_of(person), resources=HELD, by=operator)
    seen(ROUTES)
    return Country(operator, person, member)


def seen(text: str) -> RouteSet:
    """Routes as a worker reads them."""
    row = observed.keep(text.encode(), name="routes.csv", by=None)
    asked = {"source": row.source.digest, "name": row.name}
    observed.note(row, jobs.routes(asked, progress=lambda *_: None))
    return row


def sign(found: Country, *asked: list[object]) -> None:
    """Authorise at once, whatever it does to routes."""
    row = drafts.change(found.member, by=found.person, add=[list(each) for each in asked])
    look = drafts.seen(found.member, row)
    drafts.commit(found.member, mark=look.mark, confirmed=look.harm, by=found.person)


def wanted(found: Country) -> list[list[object]]:
    """What the member wants to be believed."""
    return lines.of(authority.wanted(found.member.pk))
