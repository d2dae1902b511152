"""Which roles does a new site have? Data from then on: an operator may change them and add more.

The portal names the roles and its own rights; a system's manifest says what a role may do there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from madang.kernel import systems
from madang.kernel.words import Words, words
from madang.portal.log import remember
from madang.portal.models import Role
from madang.portal.people import keep_a_keeper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.portal.models import User


@dataclass(frozen=True, kw_only=True)
class _Role:
    title: Words
    kinds: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    is_everywhere: bool = False
    """Whether its rights hold whoever owns the thing."""


ROLES = {
    "officer": _Role(
        title=words("부처 담당관", "Ministry officer"),
        kinds=("ministry",),
        rights=("portal.tokens",),
    ),
    "programme": _Role(
        title=words("사업 집행 담당관", "Programme officer"),
        kinds=("ministry",),
        rights=("portal.tokens",),
        is_everywhere=True,
    ),
    "agency": _Role(
        title=words("기관 담당자", "Agency staff"),
        kinds=("agency", "hospital", "school"),
        rights=("portal.tokens",),
    ),
    "clinician": _Role(title=words("의료진", "Clinician"), kinds=("hospital",)),
    "company": _Role(
        title=words("기업 담당자", "Company member"), kinds=("company",), rights=("portal.tokens",)
    ),
    "evaluator": _Role(
        title=words("평가위원", "Evaluator"),
        kinds=("ministry", "agency", "hospital", "school", "public"),
    ),
    "admin": _Role(
        title=words("기관 관리자", "Organisation administrator"),
        rights=("portal.people", "portal.tokens"),
    ),
    "operator": _Role(
        title=words("운영자", "Operator"),
        kinds=("public",),
        rights=(
            "portal.people",
            "portal.organisations",
            "portal.roles",
            "portal.audit",
            "portal.runs",
        ),
        is_everywhere=True,
    ),
    "auditor": _Role(
        title=words("감사자", "Auditor"),
        kinds=("ministry", "public"),
        rights=("portal.audit",),
        is_everywhere=True,
    ),
}


def create_missing() -> None:
    """Give the site the roles that it does not have yet; one that exists is left as it is."""
    known = set(Role.objects.values_list("code", flat=True))
    for code, role in ROLES.items():
        if code in known:
            continue
        rights = [*role.rights, *_granted(code)]
        Role.objects.create(
            code=code,
            title_ko=role.title.ko,
            title_en=role.title.en,
            kinds=list(role.kinds),
            rights=rights,
            rights_everywhere=rights if role.is_everywhere else [],
        )


def _granted(code: str) -> list[str]:
    return [
        f"{system.name}.{right}"
        for system in systems.installed()
        for right in system.grants.get(code, ())
    ]


FIELDS = ("title_ko", "title_en", "kinds", "rights", "rights_everywhere")


@transaction.atomic
def save(values: Mapping[str, Any], *, code: str, by: User) -> Role:
    """Change the role of that code; without a code, make the one that the values name.

    Raises:
        InputError: Nobody would be left to manage people and roles.
    """
    role = Role.objects.select_for_update().get(code=code) if code else Role(code=values["code"])
    before = _plain(role) if role.pk else None
    for name in FIELDS:
        setattr(role, name, values[name])
    role.save()
    keep_a_keeper([before["rights_everywhere"]] if before else [])
    after = _plain(role)
    if after != before:
        remember("role-changed", f"role/{role.code}", by=by, before=before, after=after)
    return role


def _plain(role: Role) -> dict[str, Any]:
    return {name: getattr(role, name) for name in FIELDS}
