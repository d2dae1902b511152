"""How does a program read a long list? A page at a time, from where the last one ended.

A page begins after a given thing, not after a given count: it costs the same however far one has
read, and nothing is read twice or missed when something is added meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

from madang.kernel.words import words
from madang.portal.api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

T = TypeVar("T")
LARGEST = 100

Limit = Annotated[int, Field(ge=1, le=LARGEST, description="한 쪽의 크기 · How many on a page")]
After = Annotated[
    str,
    Field(
        max_length=60,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="앞 쪽의 next에 있는 값 · As the page before names it in next",
    ),
]


class Page(BaseModel, Generic[T]):
    """A part of a list, and where it goes on."""

    items: list[T]
    next: str | None = Field(
        description="다음 쪽의 주소; 끝이면 null · The next page; null at the end"
    )


def page(
    request: HttpRequest,
    response: HttpResponse,
    found: QuerySet[Any],
    told: Callable[[Any], T],
    *,
    limit: int,
    after: str,
    oldest_first: bool = False,
) -> Page[T]:
    """One page of a list in the order of its keys, which is the order of making.

    Args:
        request: The call; the address of the next page is made from its own.
        response: The answer, which gets a `Link` header.
        found: All that the caller may see.
        told: One row as the caller is told of it.
        limit: How many.
        after: The key of the last one on the page before; empty for the first page.
        oldest_first: The order; else the newest come first.
    """
    if after:
        last = _key(found.model._meta.pk, after)
        found = found.filter(**{"pk__gt" if oldest_first else "pk__lt": last})
    rows = list(found.order_by("pk" if oldest_first else "-pk")[: limit + 1])
    following = _address(request, rows[limit - 1].pk) if len(rows) > limit else None
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return Page(items=[told(row) for row in rows[:limit]], next=following)


def _key(field: Any, after: str) -> Any:
    """The key that `after` names.

    Raises:
        Problem: It can be none.
    """
    if not str(field.get_internal_type()).endswith("AutoField"):
        return after
    if not after.isdigit() or len(after) > 18:
        raise Problem(
            "invalid",
            words(
                "after에는 앞 쪽의 next에 있는 값이 필요합니다.",
                "Expected in `after` the value of a page's `next`.",
            ),
        )
    return int(after)


def _address(request: HttpRequest, last: Any) -> str:
    query = request.GET.copy()
    query["after"] = str(last)
    return f"{request.path}?{query.urlencode()}"
