"""Which lists do the trials have for this reader? The links on top of each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from madang.portal.access import Access

LISTS: tuple[tuple[str, Words, tuple[str, ...]], ...] = (
    ("index", words("수요", "Demands"), ()),
    ("companies", words("기업", "Companies"), ()),
    ("adopted", words("도입된 해법", "Adopted solutions"), ()),
    ("matching", words("맞는 짝 찾기", "Matching"), ("trials.submit", "trials.post")),
    ("own", words("우리 기관의 수요", "Our demands"), ("trials.post",)),
    ("mine", words("우리 제출", "Our submissions"), ("trials.submit",)),
)
"""Address, title, and the rights of which one is needed; none where anybody may look."""


def lists(access: Access) -> list[tuple[Words, str]]:
    """Title and address of each list that this reader may open."""
    return [
        (title, reverse(f"trials:{name}"))
        for name, title, rights in LISTS
        if not rights or any(access.may(right) for right in rights)
    ]
