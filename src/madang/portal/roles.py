"""Which roles does a new site have? Data from then on: an operator may change them and add more.

The portal names the roles and its own rights; a system's manifest says what a role may do there.
"""

from __future__ import annotations

from dataclasses import dataclass

from madang.kernel import systems
from madang.kernel.words import Words, words
from madang.portal.models import Role


@dataclass(frozen=True, kw_only=True)
class _Role:
    title: Words
    kinds: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    is_everywhere: bool = False
    """Whether its rights hold whoever owns the thing."""


ROLES = {
    "officer": _Role(title=words("부처 담당관", "Ministry officer"), kinds=("ministry",)),
    "agency": _Role(
        title=words("기관 담당자", "Agency staff"), kinds=("agency", "hospital", "school")
    ),
    "company": _Role(
        title=words("기업 담당자", "Company member"), kinds=("company",), rights=("portal.tokens",)
    ),
    "evaluator": _Role(title=words("평가위원", "Evaluator")),
    "admin": _Role(
        title=words("기관 관리자", "Organisation administrator"),
        rights=("portal.people", "portal.tokens"),
    ),
    "operator": _Role(
        title=words("운영자", "Operator"),
        kinds=("public",),
        rights=("portal.people", "portal.organisations", "portal.audit", "portal.runs"),
        is_everywhere=True,
    ),
    "auditor": _Role(
        title=words("감사자", "Auditor"), rights=("portal.audit",), is_everywhere=True
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
