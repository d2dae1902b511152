"""Does something go wrong with what members announce? Looked at with each new picture.

The watcher is the engine's (`routes.watching`); here stand what it remembers and its alarms, each
told to its member by an event.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import clock
from madang.portal.models import Membership, Role
from madang.portal.webhooks import emit
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.routes.alarms import Repository, Watch
from madang.rpki.engine.routes.origin import OriginIndex
from madang.rpki.engine.routes.watching import Situation, Watcher
from madang.rpki.web.models import Alarm, Member, RoutesDay, Watching
from madang.rpki.web.services import authority, days, members, observed, world

if TYPE_CHECKING:
    from datetime import datetime

    from madang.rpki.engine.routes import alarms

RIGHT = "rpki.operate"
"""Who holds it everywhere is told of every alarm."""


def tick() -> None:
    """Renew what ends soon, count the day, and look whether anything is wrong."""
    if not authority.is_founded():
        return
    now = clock.now()
    soonest = members.due(most=1)
    if soonest and (soonest[0].ends - now).total_seconds() < _reissue_s():
        members.renew()
    if look(now) or not RoutesDay.objects.filter(day=days.today()).exists():
        days.note(observed.observed())


def _reissue_s() -> float:
    from madang.rpki.engine.authority.desk import Timing

    return Timing().reissue_before.total_seconds()


def look(at: datetime) -> bool:
    """Look at the present picture and routes; whether they were not looked at before."""
    meta, routes = world.meta(), observed.newest()
    seen = f"{meta.get('at')} {routes.pk if routes else ''}"
    with transaction.atomic():
        kept, _ = Watching.objects.select_for_update().get_or_create(pk=1)
        if not meta or kept.seen == seen:
            return False
        known = {each.pk: each for each in Member.objects.select_related("organisation")}
        watcher = Watcher(_watches(known))
        if kept.state:
            watcher.remember(kept.state)
        found = watcher.look(_situation(at, meta))
        for alarm in found.closed:
            _close(alarm, at)
        for alarm in found.opened:
            _open(alarm, known)
        kept.state, kept.seen = watcher.plain(), seen
        kept.save()
    return True


def _watches(known: dict[str, Member]) -> list[Watch]:
    """Every prefix that a member has authorised, with those whom it authorised."""
    found: list[Watch] = []
    for handle in known:
        origins: dict[Any, set[int]] = {}
        for vrp in authority.wanted(handle).vrps:
            origins.setdefault(vrp.prefix, set()).add(vrp.asn)
        found += [Watch(prefix, frozenset(asns), handle) for prefix, asns in origins.items()]
    return found


def _situation(at: datetime, meta: dict[str, Any]) -> Situation:
    holdings = authority.holdings()
    whole = Resources()
    for each in holdings.values():
        whole = whole | each
    vrps = world.near(whole)
    counts = Counter({"all": int(meta.get("vrps", 0))})
    for anchor, count in world.asked(
        "select p.anchor, count(*) from vrp v join point p on p.id = v.point group by p.anchor"
    ):
        counts[f"anchor:{anchor}"] = count
    for handle, held in holdings.items():
        own = sum(held.covers_prefix(each.prefix) for each in vrps)
        counts[f"member:{handle}"] = own
    repositories = [
        Repository(row[0], not row[1])
        for row in world.asked("select source, failure_en from repository")
    ]
    return Situation(at, counts, observed.observed(), OriginIndex(vrps), repositories)


def _open(alarm: alarms.Alarm, known: dict[str, Member]) -> None:
    member = known.get(alarm.member)
    row, is_new = Alarm.objects.get_or_create(
        kind=alarm.kind,
        scope=alarm.scope[:120],
        closed_at=None,
        defaults={
            "member": member,
            "ko": alarm.sentence.ko,
            "en": alarm.sentence.en,
            "facts": alarm.facts,
            "opened_at": alarm.opened_at,
        },
    )
    if is_new:
        _tell("rpki.alarm.opened", alarm, row)


def _close(alarm: alarms.Alarm, at: datetime) -> None:
    row = Alarm.objects.filter(kind=alarm.kind, scope=alarm.scope[:120], closed_at=None).first()
    if row is not None:
        row.closed_at = at
        row.save(update_fields=["closed_at"])
        _tell("rpki.alarm.closed", alarm, row)


def _tell(event: str, alarm: alarms.Alarm, row: Alarm) -> None:
    """To the webhooks of the member whom it concerns, and of those who run the registry."""
    runs = [each.pk for each in Role.objects.all() if RIGHT in each.rights_everywhere]
    told = set(Membership.objects.filter(role__in=runs).values_list("organisation_id", flat=True))
    if row.member:
        told.add(row.member.organisation_id)
    emit(event, alarm.plain(), to=told)
