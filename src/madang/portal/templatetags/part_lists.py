"""How are many things shown? Tables, their order, their pages, their filters.

Every link keeps the rest of the address, so that a filtered and sorted view can be sent to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from madang.portal.templatetags.part_words import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.core.paginator import Page
    from django.forms import BaseForm
    from django.http import HttpRequest
    from django.template.context import RequestContext

    from madang.kernel.words import Words

register = template.Library()

FORMATS = {"csv": "CSV", "json": "JSON"}


def address(request: HttpRequest, **changes: Any) -> str:
    """The page's own query with some values changed; None leaves a value out."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path


@register.simple_block_tag
def table(content: str, ko: Words | str, en: str = "", *, plain: bool = False) -> SafeString:
    """A table with its name; where it is too wide it scrolls, by keyboard too."""
    context = {"caption": said(ko, en), "content": content, "plain": plain}
    return render_to_string("portal/parts/table.html", context)


@register.inclusion_tag("portal/parts/th.html", takes_context=True)
def th(
    context: RequestContext,
    ko: Words | str,
    en: str = "",
    *,
    sort: str = "",
    numeric: bool = False,
) -> dict[str, Any]:
    """The head of a column; where it can be sorted, a link that turns the order round."""
    shown: dict[str, Any] = {"title": said(ko, en), "numeric": numeric, "sort": sort}
    if sort:
        request = context["request"]
        now = request.GET.get("sort", "")
        order = {sort: "ascending", f"-{sort}": "descending"}.get(now, "")
        wanted = f"-{sort}" if now == sort else sort
        shown |= {"order": order, "url": address(request, sort=wanted, page=None)}
    return shown


@register.simple_tag
def no_rows(columns: int, ko: Words | str, en: str = "") -> SafeString:
    """The one row of a table without any."""
    return format_html('<tr class="no-rows"><td colspan="{}">{}</td></tr>', columns, said(ko, en))


@register.inclusion_tag("portal/parts/data_table.html")
def data_table(
    caption: Words | str,
    headers: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    numeric: str = "",
) -> dict[str, Any]:
    """A table of plain values; the first column names the row."""
    right = {int(column) for column in str(numeric).split()}
    heads = [(str(text), number in right) for number, text in enumerate(headers, start=1)]
    body = [[(cell, number in right) for number, cell in enumerate(row, start=1)] for row in rows]
    return {"caption": str(caption), "heads": heads, "rows": body}


@register.inclusion_tag("portal/parts/list_head.html", takes_context=True)
def list_head(context: RequestContext, count: int, *, formats: str = "") -> dict[str, Any]:
    """How many things the view has, and the same view as files."""
    request = context["request"]
    files = [(FORMATS[name], address(request, format=name, page=None)) for name in formats.split()]
    return {"count": f"{count:,}", "is_one": count == 1, "files": files}


@register.inclusion_tag("portal/parts/pagination.html", takes_context=True)
def pagination(context: RequestContext, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages of a list; nothing where there is one page."""
    request = context["request"]

    def link(number: int) -> str:
        return address(request, page=None if number == 1 else number)

    last = page.paginator.num_pages
    around = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    links = [
        (number, link(number), number == page.number, _is_far(number, page.number, last))
        if isinstance(number, int)
        else (number, "", False, False)
        for number in around
    ]
    return {
        "page": page,
        "links": links,
        "before": link(page.previous_page_number()) if page.has_previous() else "",
        "after": link(page.next_page_number()) if page.has_next() else "",
    }


def _is_far(number: int, here: int, last: int) -> bool:
    """Whether a narrow page leaves this number out."""
    return abs(number - here) > 1 and number not in (1, last)


@register.inclusion_tag("portal/parts/filter_bar.html", takes_context=True)
def filter_bar(context: RequestContext, form: BaseForm) -> dict[str, Any]:
    """A form that narrows a list; what it finds stands in the address."""
    request = context["request"]
    given = [name for name in form.fields if any(request.GET.getlist(name))]
    return {
        "form": form,
        "sort": request.GET.get("sort", ""),
        "path": request.path,
        "is_narrowed": bool(given),
    }
