"""Which organisations are there, and how do they come and go?

A company registers itself and waits for an operator; all others are made by one. Suspended, an
organisation's people have no right here; it cannot go while a system needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import ProtectedError, Q

from madang.kernel import clock, systems
from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.log import remember
from madang.portal.models import Membership, Organisation, Role
from madang.portal.people import keep_a_keeper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from madang.portal.access import Access
    from madang.portal.models import User

FIELDS = (
    "name_ko",
    "name_en",
    "kind",
    "registration_number",
    "website",
    "about_ko",
    "about_en",
)
COLUMNS = ("slug", "state", "created", *FIELDS)
SORTS = ("name_ko", "name_en", "kind", "created")
STATES = {
    "active": words("활동 중", "Active"),
    "waiting": words("확인 대기", "Waiting to be confirmed"),
    "suspended": words("정지", "Suspended"),
}


def state(organisation: Organisation) -> str:
    """How an organisation stands: a key of `STATES`."""
    if organisation.is_active:
        return "active"
    return "suspended" if organisation.suspended else "waiting"


def seen_by(access: Access) -> QuerySet[Organisation]:
    """The organisations that this reader manages, or acts for."""
    if access.everywhere("portal.organisations") or access.everywhere("portal.people"):
        return Organisation.objects.all()
    if access.user is None:
        return Organisation.objects.none()
    return Organisation.objects.filter(memberships__user=access.user).distinct()


def found(
    organisations: QuerySet[Organisation],
    *,
    text: str = "",
    kind: str = "",
    state: str = "",
    sort: str = "",
) -> QuerySet[Organisation]:
    """Those of a name, a kind and a state, in an order of `SORTS`; an empty word asks for all."""
    if text:
        organisations = organisations.filter(
            Q(name_ko__icontains=text)
            | Q(name_en__icontains=text)
            | Q(slug__icontains=text)
            | Q(registration_number__icontains=text)
        )
    if kind:
        organisations = organisations.filter(kind=kind)
    if state:
        organisations = organisations.filter(
            is_active=state == "active",
            **({} if state == "active" else {"suspended__isnull": state == "waiting"}),
        )
    order = sort if sort.removeprefix("-") in SORTS else "name_ko"
    return organisations.order_by(order, "pk")


def plain(organisation: Organisation) -> dict[str, str]:
    """An organisation as files have it."""
    return _plain(organisation) | {
        "slug": organisation.slug,
        "state": state(organisation),
        "created": clock.stamp(organisation.created),
    }


def waiting() -> QuerySet[Organisation]:
    """Companies that registered themselves, the longest waiting first."""
    return Organisation.objects.filter(is_active=False, suspended=None).order_by("created")


@transaction.atomic
def create(values: Mapping[str, Any], *, by: User | None) -> Organisation:
    """A new organisation, whose people can be invited."""
    organisation = Organisation.objects.create(**values)
    remember("organisation-created", _name(organisation), by=by, after=_plain(organisation))
    return organisation


@transaction.atomic
def register(values: Mapping[str, Any], *, by: User) -> Organisation:
    """A company that registers itself: who does so becomes its administrator once it is active.

    Raises:
        InputError: The person has a company waiting already.
    """
    if Membership.objects.filter(
        user=by, organisation__is_active=False, organisation__suspended=None
    ).exists():
        raise InputError(
            words("확인을 기다리는 기업이 이미 있음", "a company of yours that waits already"),
            words("한 번에 한 기업", "one at a time"),
            words(
                "운영자가 확인한 뒤 다시 등록하십시오.", "Register another once it is confirmed."
            ),
        )
    organisation = Organisation.objects.create(**values, kind="company", is_active=False)
    for role in Role.objects.filter(code__in=("admin", "company")):
        Membership.objects.create(user=by, organisation=organisation, role=role)
    remember("organisation-registered", _name(organisation), by=by, after=_plain(organisation))
    return organisation


@transaction.atomic
def change(organisation: Organisation, values: Mapping[str, Any], *, by: User) -> None:
    """What an organisation says of itself."""
    before = _plain(organisation)
    for name, value in values.items():
        setattr(organisation, name, value)
    after = _plain(organisation)
    if after != before:
        organisation.save()
        remember("organisation-changed", _name(organisation), by=by, before=before, after=after)


@transaction.atomic
def activate(organisation: Organisation, *, by: User) -> None:
    """Let an organisation's people act."""
    if organisation.is_active:
        return
    organisation.is_active, organisation.suspended = True, None
    organisation.save(update_fields=["is_active", "suspended"])
    remember("organisation-activated", _name(organisation), by=by)


@transaction.atomic
def suspend(organisation: Organisation, *, reason: str, by: User) -> None:
    """Take from an organisation's people every right here, until it is activated again.

    Raises:
        InputError: A system needs it, or nobody would be left to manage the house.
    """
    refuse_if_held(organisation)
    organisation.is_active, organisation.suspended = False, clock.now()
    organisation.save(update_fields=["is_active", "suspended"])
    keep_a_keeper(_reach(organisation))
    remember("organisation-suspended", _name(organisation), by=by, after={"reason": reason})


@transaction.atomic
def delete(organisation: Organisation, *, by: User) -> None:
    """Remove an organisation that never did anything here.

    Raises:
        InputError: A system needs it, or something of its remains.
    """
    refuse_if_held(organisation)
    before, lost = _plain(organisation), _reach(organisation)
    Membership.objects.filter(organisation=organisation).delete()
    keep_a_keeper(lost)
    name = _name(organisation)
    try:
        organisation.delete()
    except ProtectedError as fault:
        raise InputError(
            words(
                f"{organisation.name_ko}이(가) 남긴 기록",
                f"records of {organisation.name_en}",
            ),
            words("기록을 남기지 않은 기관", "an organisation that left none"),
            words("지우는 대신 정지하십시오.", "Suspend it instead."),
        ) from fault
    remember("organisation-deleted", name, by=by, before=before)


def holds(organisation: Organisation) -> list[Words]:
    """Why an organisation must stay, as each system says."""
    return [
        reason
        for system in systems.installed()
        if system.holds
        for reason in systems.load(system.holds, extra=system.extra)(organisation)
    ]


def refuse_if_held(organisation: Organisation) -> None:
    """Refuse while a system needs the organisation.

    Raises:
        InputError: With the systems' reasons.
    """
    reasons = holds(organisation)
    if reasons:
        raise InputError(
            words(
                f"{organisation.name_ko}: " + ", ".join(each.ko for each in reasons),
                f"{organisation.name_en}: " + ", ".join(each.en for each in reasons),
            ),
            words("진행 중인 일이 없는 기관", "an organisation with nothing under way"),
            words("그 일을 끝내거나 철회한 뒤 다시 하십시오.", "End or withdraw that first."),
        )


def _reach(organisation: Organisation) -> list[list[str]]:
    """What its members' roles give them everywhere."""
    members = Membership.objects.filter(organisation=organisation).select_related("role")
    return [each.role.rights_everywhere for each in members]


def _plain(organisation: Organisation) -> dict[str, str]:
    return {name: getattr(organisation, name) for name in FIELDS}


def _name(organisation: Organisation) -> str:
    return f"organisation/{organisation.slug}"
