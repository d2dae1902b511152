"""Which pages of the house itself may this reader open? The last lines of their own menu.

`{% load office %}{% office access as pages %}` gives pairs of title and address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.urls import reverse

from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.portal.access import Access

register = template.Library()

PAGES = (
    ("organisations", "portal.organisations", words("기관 관리", "Organisations")),
    ("roles", "portal.roles", words("역할 관리", "Roles")),
    ("runs", "portal.runs", words("작업 관리", "Jobs")),
    ("audit", "portal.audit", words("감사 기록", "Audit trail")),
)
"""The name of a page, the right that it needs for the whole house, and its title."""


@register.simple_tag
def office(access: Access | str) -> list[tuple[Words, str]]:
    """The pages that the reader may open; none where nobody is signed in."""
    # Where no middleware has run, a template reads an unknown `access` as an empty string.
    if isinstance(access, str):
        return []
    return [(title, reverse(name)) for name, right, title in PAGES if access.everywhere(right)]
