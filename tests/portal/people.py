"""People and organisations for tests: one call makes somebody with a role."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from madang.portal.models import Membership, Organisation, Role, User

if TYPE_CHECKING:
    from django.test import Client

_numbers = count(1)
KINDS = {
    "officer": "ministry",
    "agency": "agency",
    "clinician": "hospital",
    "company": "company",
    "evaluator": "public",
    "admin": "company",
    "programme": "ministry",
    "operator": "public",
    "auditor": "public",
}
"""In which kind of organisation a role is held here."""


def organisation(kind: str = "company", name: str = "") -> Organisation:
    """A new organisation."""
    number = next(_numbers)
    name = name or f"{kind}{number}"
    return Organisation.objects.create(
        slug=f"{kind}-{number}", name_ko=f"{name} 기관", name_en=f"{name} body", kind=kind
    )


def somebody(role: str, at: Organisation | None = None) -> User:
    """A new person with this role, in an organisation of their own unless one is named."""
    user = User.objects.create_user(f"person{next(_numbers)}@example.org", name=f"{role} person")
    Membership.objects.create(
        user=user, organisation=at or organisation(KINDS[role]), role=Role.objects.get(code=role)
    )
    return user


def home_of(user: User) -> Organisation:
    """The organisation for which somebody acts."""
    return user.memberships.get().organisation


def enter(client: Client, user: User) -> Client:
    """Sign in."""
    client.force_login(user)
    return client
