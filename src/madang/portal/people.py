"""Who acts for whom? Invitations, roles given and taken, and what a person may ask of their own.

Whoever manages the members of an organisation gives the roles of its kind. A role whose rights
hold everywhere is given only by who may manage members everywhere; and the house is never left
without somebody who may.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.links import digest
from madang.portal.log import remember
from madang.portal.models import ApiToken, ErasableValue, Invitation, Membership, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from madang.portal.access import Access
    from madang.portal.models import Organisation

LIFE = timedelta(days=14)
KEEPERS = ("portal.people", "portal.roles")
"""What somebody must always be able to do everywhere."""


def members(organisation: Organisation) -> QuerySet[Membership]:
    """Who acts for an organisation, by name."""
    return organisation.memberships.select_related("user", "role").order_by(
        "user__name", "user__email", "role__code"
    )


def offered_roles(organisation: Organisation, access: Access) -> list[Role]:
    """The roles that this reader may give there."""
    is_keeper = access.everywhere("portal.people")
    return [
        role
        for role in Role.objects.all()
        if (not role.kinds or organisation.kind in role.kinds)
        and (is_keeper or not role.rights_everywhere)
    ]


@transaction.atomic
def invite(
    organisation: Organisation, email: str, role: Role, *, by: User | None
) -> tuple[str, str]:
    """Offer a role to an address.

    Returns:
        The invitation's secret, which stands in the mail alone, and its address.

    Raises:
        InputError: Who has the address holds the role already.
    """
    email = email.strip().lower()
    if Membership.objects.filter(
        organisation=organisation, role=role, user__email__iexact=email
    ).exists():
        raise InputError(
            words(
                f"{email}은(는) 이미 {role.title.ko}입니다", f"{email}, {role.title.en} already"
            ),
            words("아직 그 역할이 없는 사람", "somebody without that role"),
        )
    Invitation.objects.filter(organisation=organisation, role=role, email=email).delete()
    secret = secrets.token_urlsafe(32)
    Invitation.objects.create(
        organisation=organisation,
        role=role,
        email=email,
        secret=digest(secret),
        expires=clock.now() + LIFE,
    )
    remember("member-invited", _name(organisation), by=by, after={"email": email}, role=role.code)
    return secret, email


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User) -> None:
    """Take an offer back: its link works no more."""
    remember(
        "invitation-withdrawn",
        _name(invitation.organisation),
        by=by,
        before={"email": invitation.email},
        role=invitation.role.code,
    )
    invitation.delete()


def invitation(secret: str) -> Invitation | None:
    """The offer of this secret, while it stands."""
    return (
        Invitation.objects.select_related("organisation", "role")
        .filter(secret=digest(secret), expires__gt=clock.now())
        .first()
    )


@transaction.atomic
def accept(secret: str, *, by: User) -> Organisation:
    """Take up an offer; its link works once.

    Raises:
        InputError: It was taken up or withdrawn, is too old, or was made to somebody else.
    """
    found = Invitation.objects.select_for_update().filter(secret=digest(secret)).first()
    if found is None or found.expires <= clock.now():
        raise InputError(
            words("쓸 수 없는 초대", "an invitation that does not work any more"),
            words("아직 쓰지 않은 초대", "one that is still open"),
            words("초대한 기관에 다시 요청하십시오.", "Ask the organisation for a new one."),
        )
    if found.email != by.email.lower():
        raise InputError(
            words(f"{by.email}(으)로 로그인", f"{by.email} signed in"),
            words("초대 메일을 받은 주소로 로그인", "the address that the mail went to"),
            words(
                "로그아웃한 뒤 그 주소로 로그인하십시오.", "Sign out, and in with that address."
            ),
        )
    organisation, role = found.organisation, found.role
    found.delete()
    Membership.objects.get_or_create(user=by, organisation=organisation, role=role)
    remember(
        "role-given", _name(organisation), by=by, after={"user": by.pk}, person=by, role=role.code
    )
    return organisation


@transaction.atomic
def take_role(membership: Membership, *, by: User) -> None:
    """Take a role from somebody; a person may lay down their own.

    Raises:
        InputError: Nobody would be left to manage the house.
    """
    organisation, role, user = membership.organisation, membership.role, membership.user
    membership.delete()
    keep_a_keeper([role.rights_everywhere])
    if not Membership.objects.filter(user=user, organisation=organisation).exists():
        # A program acts in the name of who made its token: without that person, it ends.
        ApiToken.objects.filter(user=user, organisation=organisation, revoked=None).update(
            revoked=clock.now()
        )
    remember(
        "role-taken",
        _name(organisation),
        by=by,
        before={"user": user.pk},
        person=user,
        role=role.code,
    )


def keep_a_keeper(lost: Iterable[Sequence[str]]) -> None:
    """Somebody must be left who manages people and roles everywhere.

    Args:
        lost: Of each role that somebody has just lost, the rights that it gave everywhere.

    Raises:
        InputError: They were the last.
    """
    if not any(right in each for each in lost for right in KEEPERS):
        return
    # Two who take the last two such roles at once wait for each other here.
    list(Role.objects.select_for_update().values("pk"))
    held: set[str] = set()
    for each in Membership.objects.filter(
        user__is_active=True, organisation__is_active=True
    ).select_related("role"):
        held.update(each.role.rights_everywhere)
    if not held.issuperset(KEEPERS):
        raise InputError(
            words(
                "사람과 역할을 관리할 사람이 남지 않음",
                "nobody left to manage people and roles",
            ),
            words("그런 사람 한 명 이상", "at least one such person"),
            words(
                "먼저 다른 사람에게 운영자 역할을 주십시오.",
                "Give another person the operator's role first.",
            ),
        )


def may_take(membership: Membership, access: Access) -> bool:
    """Whether this reader may take this role from its holder."""
    if access.user is not None and membership.user_id == access.user.pk:
        return True
    if membership.role.rights_everywhere:
        return access.everywhere("portal.people")
    return access.may("portal.people", membership.organisation_id)


@transaction.atomic
def change(user: User, *, name: str, language: str, by: User) -> None:
    """How a person is called, and in which language the site speaks to them."""
    before = {"name": user.name, "language": user.language}
    after = {"name": name, "language": language}
    if before == after:
        return
    user.name, user.language = name, language
    user.save(update_fields=["name", "language"])
    remember("account-changed", f"user/{user.pk}", by=by, before=before, after=after, person=user)


def recorded_of(user: User) -> int:
    """How many values of the record speak of a person."""
    return ErasableValue.objects.filter(person=user).count()


@transaction.atomic
def erase_values(user: User, *, by: User) -> int:
    """Erase what the record holds of a person; its proofs stay whole.

    Returns:
        How many values were erased.
    """
    count, _ = ErasableValue.objects.filter(person=user).delete()
    remember("values-erased", f"user/{user.pk}", by=None if by == user else by, count=count)
    return count


@transaction.atomic
def close(user: User, *, by: User) -> None:
    """End an account: its person can no longer come in, and is no longer named anywhere.

    The row stays without a name, since what the person did for an organisation stays done.

    Raises:
        InputError: Nobody would be left to manage the house.
    """
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount
    from allauth.usersessions.models import UserSession

    mine = Membership.objects.filter(user=user)
    lost = [each.role.rights_everywhere for each in mine.select_related("role")]
    mine.delete()
    keep_a_keeper(lost)
    for each in UserSession.objects.filter(user=user):
        each.end()
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=user).delete()
    ApiToken.objects.filter(user=user, revoked=None).update(revoked=clock.now())
    user.email, user.name, user.is_active = f"closed-{user.pk}@invalid", "", False
    user.set_unusable_password()
    user.save()
    erase_values(user, by=by)
    remember("account-closed", f"user/{user.pk}", by=None if by == user else by)


def _name(organisation: Organisation) -> str:
    return f"organisation/{organisation.slug}"
