"""How much of the members' routes and addresses is protected, day by day?"""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from django.db import transaction

from madang.kernel import clock
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.routes.coverage import Coverage, coverage
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.web.models import RoutesDay
from madang.rpki.web.services import authority, world

if TYPE_CHECKING:
    from datetime import date

    from madang.rpki.engine.routes.whatif import Observed


KOREA = timezone(timedelta(hours=9))


def today() -> date:
    """The day in Korea."""
    return clock.now().astimezone(KOREA).date()


def note(observed: Observed) -> None:
    """Count today's state; an earlier count of the same day gives way."""
    members = authority.holdings()
    if not members or not world.meta():
        return
    whole = Resources()
    for each in members.values():
        whole = whole | each
    vrps = world.near(whole)
    day = today()
    counted = coverage(members, observed, vrps, index=OriginIndex(vrps), day=day)
    with transaction.atomic():
        RoutesDay.objects.filter(day=day).delete()
        RoutesDay.objects.bulk_create(_row(each) for each in counted)


def _row(each: Coverage) -> RoutesDay:
    return RoutesDay(
        day=each.day,
        name=each.name,
        announced=each.announced,
        valid=each.valid,
        invalid=each.invalid,
        not_found=each.not_found,
        v4_held=each.v4_held,
        v4_covered=each.v4_covered,
        v6_share=each.v6_share,
    )


def whole() -> list[RoutesDay]:
    """All members together, day by day."""
    return list(RoutesDay.objects.filter(name="").order_by("day"))


def latest() -> list[RoutesDay]:
    """Each member on the newest counted day."""
    last = RoutesDay.objects.order_by("-day").first()
    if last is None:
        return []
    return list(RoutesDay.objects.filter(day=last.day).exclude(name=""))
