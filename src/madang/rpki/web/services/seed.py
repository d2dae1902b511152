"""What stands on a new site of development? A small registry on documentation numbers, a week old.

Addresses and AS numbers are those of RFC 5737, 3849 and 5398. The registry really signs, and what
it publishes is really judged; only the days before today are played.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.portal import example
from madang.rpki.engine.authority.intents import Changes, Intents
from madang.rpki.engine.demo.land import MEMBERS, wanted
from madang.rpki.web.services import authority, days, members, observed, watching

if TYPE_CHECKING:
    from collections.abc import Callable

RESOURCES = "192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32, AS64496-AS64511"
PLACE = authority.Place("https://rpki.example.org/rrdp/", "rsync://rpki.example.org/repo/")
BEHIND = {"carrier": example.PARTNER, "agency": example.AGENCY, "school": example.COMPANY}
"""Member of the demonstration → the example organisation behind it."""
ROUTES = """prefix,origin,path
192.0.2.0/24,64496,64510 64500 64496
2001:db8::/33,64496,64510 64500 64496
198.51.100.0/24,64500,64510 64500
198.51.100.0/25,64501,64510 64500 64501
203.0.113.0/25,64504,64510 64504
203.0.113.128/25,64504,64510 64504
203.0.113.128/26,64666,64510 64666
2001:db8:8000::/40,64504,64510 64504
"""
"""What the world announces: all that is authorised, and three routes that tell something."""
DAYS = 6


def seed(told: Callable[[Words], None]) -> None:
    """Found the registry, let members come day by day, sign what they want, and look at routes."""
    told(
        words(
            "문서용 번호로 예시 등록기관을 열고 인가를 서명합니다.",
            "Founding an example registry on documentation numbers.",
        )
    )
    now = clock.now()
    with clock.stopped_at(now - timedelta(days=DAYS)):
        members.found(PLACE, RESOURCES, by=None)
        _routes()
    for number, each in enumerate(MEMBERS):
        with clock.stopped_at(now - timedelta(days=DAYS - 2 * number)):
            members.add(
                each.handle,
                example.organisation(BEHIND[each.handle]),
                resources=each.resources,
                by=None,
                is_example=True,
            )
            sign(each.handle, wanted(each))
            members.renew()
            days.note(observed.observed())
    members.renew()
    days.note(observed.observed())
    watching.look(now)


def sign(handle: str, intents: Intents) -> None:
    """Sign what a member wants."""
    with members.acting() as registry:
        registry.commit(registry.plan(handle, Changes(intents)), by="site", confirmed=1 << 30)


def _routes() -> None:
    """The seen routes, read at once: no worker runs while a site is seeded."""
    from madang.rpki.jobs import routes

    row = observed.keep(ROUTES.encode(), name="routes.csv", by=None)
    result = routes({"source": row.source.digest, "name": row.name}, progress=lambda *_: None)
    observed.note(row, result)
