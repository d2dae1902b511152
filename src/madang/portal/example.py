"""Who lives on a new site of development? Example organisations and a person in each role.

All names are invented and say so. Each person signs in by a link that works once, on this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction

from madang.kernel.words import Words, words
from madang.portal import links
from madang.portal.models import Membership, Organisation, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterator

MINISTRY = "example-ministry"
TREASURY = "example-science-ministry"
AGENCY = "gaon-hospital"
SECOND_AGENCY = "narae-medical"
COMPANY = "saebyeok-ai"
PARTNER = "hangyeol-data"
HOUSE = "madang-office"
VENTURES = "madang-ventures"
BANK = "hangang-bank"

ORGANISATIONS: tuple[tuple[str, str, str, str], ...] = (
    (MINISTRY, "ministry", "예시복지부", "Example Ministry of Welfare"),
    (TREASURY, "ministry", "예시과학부", "Example Ministry of Science"),
    (AGENCY, "hospital", "가온병원 (예시)", "Gaon Hospital (example)"),
    (SECOND_AGENCY, "hospital", "누리의료원 (예시)", "Nuri Medical Centre (example)"),
    (COMPANY, "company", "새벽인공지능 (예시)", "Saebyeok AI (example)"),
    (PARTNER, "company", "한결자료 (예시)", "Hangyeol Data (example)"),
    (VENTURES, "company", "마당벤처스 (예시)", "Madang Ventures (example)"),
    (BANK, "company", "한강은행 (예시)", "Hangang Bank (example)"),
    (HOUSE, "public", "마당운영단 (예시)", "Madang Office (example)"),
)
"""Slug, kind, names."""

PEOPLE: tuple[tuple[str, str, str, str, bool], ...] = (
    ("officer@example.org", "김부처", "officer", MINISTRY, True),
    ("agency@example.org", "이기관", "agency", AGENCY, True),
    ("clinician@example.org", "송의사", "clinician", AGENCY, True),
    ("company@example.org", "박기업", "company", COMPANY, True),
    ("evaluator@example.org", "최평가", "evaluator", HOUSE, True),
    ("operator@example.org", "정운영", "operator", HOUSE, True),
    ("programme@example.org", "한집행", "programme", TREASURY, True),
    ("approver@example.org", "오승인", "programme", TREASURY, True),
    ("fund-maker@example.org", "서운용", "company", VENTURES, True),
    ("fund-checker@example.org", "문승인", "company", VENTURES, True),
    ("fund-partner@example.org", "배출자", "company", BANK, True),
    ("second-agency@example.org", "강확산", "agency", SECOND_AGENCY, False),
    ("partner@example.org", "윤협력", "company", PARTNER, False),
)
"""Address, name, role, organisation, and whether a sign-in link is printed."""


@transaction.atomic
def create() -> None:
    """Make the organisations and the people."""
    made = {
        slug: Organisation.objects.create(slug=slug, kind=kind, name_ko=ko, name_en=en)
        for slug, kind, ko, en in ORGANISATIONS
    }
    for email, name, role, at, _ in PEOPLE:
        user = User.objects.create_user(email, name=name)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        Membership.objects.create(
            user=user, organisation=made[at], role=Role.objects.get(code=role)
        )


def person(role: str) -> User:
    """The example person of a role, the first of its list."""
    email = next(each[0] for each in PEOPLE if each[2] == role)
    return User.objects.get(email=email)


def organisation(slug: str) -> Organisation:
    """An example organisation."""
    return Organisation.objects.get(slug=slug)


def sign_in_links() -> Iterator[tuple[Words, str]]:
    """What to call each example person, and the path of a new link for them."""
    for email, name, role, at, is_told in PEOPLE:
        user = User.objects.filter(email=email).first()
        if user is None or not is_told:
            continue
        title = Role.objects.get(code=role).title
        where = Organisation.objects.get(slug=at).name
        yield (
            words(f"{title.ko} ({name}, {where.ko})", f"{title.en} ({where.en})"),
            links.make(user),
        )
