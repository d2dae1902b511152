"""Of what is a page made? Every part of a page, with what it takes.

`{% load parts %}`. A text is given in both languages, `"한국어" "English"`, or as one value
(`Words`, or a string of the data). Tags with `…` enclose content and end with `{% end<name> %}`.

    {% state "late" "지연" "Late" %}              plain info good late danger unproved
    {% icon "search" %}                           see ICONS
    {% button "제출하기" "Submit" %}                kind= primary secondary tertiary text danger;
                                                  href= a link; name= value= small=True
    {% breadcrumb title url title url title %}    home comes by itself; the last has no address
    {% tabs "수요" "Demand" %}…                    around {% tab "개요" "Overview" url count=3 %}
    {% steps titles current %}                    `current` counts from 1
    {% table "표 이름" "Caption" %}…                around thead and tbody; plain=True
    {% th "예산(원)" "Budget" sort="budget" %}      a link to ?sort=±budget; numeric=True
    {% no_rows 4 "…" "…" %}                       the one row of an empty table of 4 columns
    {% data_table caption headers rows %}         plain values; numeric="2 3" counts from 1
    {% list_head count formats="csv json" %}      how many; the same view as files by ?format=
    {% pagination page %}                         a Django page; ?page=
    {% filter_bar form %}                         a GET form; keeps ?sort=
    {% form_errors form %} {% fields form %}      what was wrong, on top; then every field
    {% field form.title %}                        one field; help_ko= help_en= behind a (?)
    {% notice "warning" "제목" "Title" %}…         info success warning danger
    {% tile tile %}                               a `frame.Tile`, in <li> of <ul class="tiles">
    {% facts %}… {% fact "기한" "Due" value %}      unit= and source=, the address of its proof
    {% history events %}                          dicts or objects with at, who, what, note
    {% disclosure "자세히" "Details" %}…            open=True
    {% help "봉인" "Sealed" %}…                     a (?) inside a sentence; plain text only
    {% progress "채점" "Scoring" url %}             percent= done= note=; since= when it is stale;
                                                  `url` answers with this part again
    {% chart chart title alt headers rows %}      the finding is the title; numeric= note=
    {% empty "아직 없습니다." "None yet." %}…        what stands here later, and the first step
    {% code text "명령" "Command" %}                scrolls by keyboard
    {% next_action "확정하기" "Confirm" url %}…     why, then one button; due= and post=True
    {% work_row waiting %}                        a `frame.Waiting`, in <ul class="worklist">
    {% due moment %} {% when moment %}            how long is left; the moment itself
    {{ n|won }} {{ n|eok }} {{ n|number }}        won in tables, 억원 in text, thousands
    {{ share|percent }}                           a share as a percentage

Pages that ask "really?" extend `portal/parts/confirm.html`, which says what it takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from madang.kernel import clock, units
from madang.kernel.report.edition import NARROW_PX, WIDE_PX
from madang.kernel.words import Words, language, words
from madang.portal.templatetags import part_forms, part_lists
from madang.portal.templatetags.part_words import chosen, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.template.context import RequestContext

    from madang.kernel.report.drawing import Chart

register = template.Library()
for _library in (part_forms.register, part_lists.register):
    register.tags.update(_library.tags)

_NOT_GIVEN = object()
STATES = ("plain", "info", "good", "late", "danger", "unproved")
NOTICES = {
    "info": words("안내", "Note"),
    "success": words("완료", "Done"),
    "warning": words("주의", "Caution"),
    "danger": words("위험", "Danger"),
}
ICONS = {
    "search": "ico-sch",
    "calendar": "ico-calendar",
    "download": "ico-down",
    "upload": "ico-upload",
    "print": "ico-print",
    "language": "ico-global",
    "refresh": "ico-refresh",
    "outside": "ico-go",
    "person": "ico-my",
    "menu": "ico-all",
    "filter": "ico-filter",
    "down": "ico-angle",
}


@register.simple_tag
def state(kind: str, ko: Words | str, en: str = "") -> SafeString:
    """How a thing stands, in words; the colour only repeats them."""
    chosen(kind, STATES, "state")
    return format_html('<span class="krds-badge state-{}">{}</span>', kind, said(ko, en))


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture that says nothing the text beside it does not say."""
    chosen(name, ICONS, "icon")
    return format_html('<i class="svg-icon {}" aria-hidden="true"></i>', ICONS[name])


@register.inclusion_tag("portal/parts/button.html")
def button(
    ko: Words | str,
    en: str = "",
    *,
    kind: str = "primary",
    href: str = "",
    name: str = "",
    value: str = "",
    small: bool = False,
) -> dict[str, Any]:
    """A button of a form, or a link that looks like one."""
    chosen(kind, ("primary", "secondary", "tertiary", "text", "danger"), "button")
    size = "small" if small else "medium"
    return {
        **{"text": said(ko, en), "kind": kind, "href": href},
        **{"name": name, "value": value, "size": size},
    }


@register.inclusion_tag("portal/parts/breadcrumb.html")
def breadcrumb(*titles_and_urls: Any) -> dict[str, Any]:
    """The way from the front page to here."""
    pairs = zip(titles_and_urls[::2], [*titles_and_urls[1::2], ""], strict=False)
    return {"crumbs": [(str(title), url) for title, url in pairs]}


@register.simple_block_tag
def tabs(content: str, ko: Words | str, en: str = "") -> SafeString:
    """Links between the pages of one thing."""
    return format_html(
        '<nav class="tab line" aria-label="{}"><ul>{}</ul></nav>', said(ko, en), content
    )


@register.simple_tag(takes_context=True)
def tab(
    context: RequestContext, ko: Words | str, en: str = "", url: str = "", count: int | None = None
) -> SafeString:
    """One of them; the page itself is marked."""
    is_here = context["request"].path == url.partition("?")[0]
    return format_html(
        '<li{}><a class="btn-tab" href="{}"{}>{}{}</a></li>',
        mark_safe(' class="active"' if is_here else ""),  # noqa: S308 - a constant
        url,
        mark_safe(' aria-current="page"' if is_here else ""),  # noqa: S308 - a constant
        said(ko, en),
        "" if count is None else format_html(' <span class="count">{}</span>', number(count)),
    )


@register.inclusion_tag("portal/parts/steps.html")
def steps(titles: Sequence[Any], current: int) -> dict[str, Any]:
    """Where one stands in something long; `current` counts from 1."""
    shown = [
        {
            "title": str(title),
            "is_done": number < current,
            "is_current": number == current,
        }
        for number, title in enumerate(titles, start=1)
    ]
    return {"steps": shown, "current": current, "count": len(shown)}


@register.simple_block_tag
def notice(content: str, kind: str, ko: Words | str = "", en: str = "") -> SafeString:
    """Something to know before going on."""
    chosen(kind, NOTICES, "notice")
    role = "alert" if kind == "danger" else "note"
    context = {"kind": kind, "word": NOTICES[kind], "title": said(ko, en), "role": role}
    return render_to_string("portal/parts/notice.html", {**context, "content": content})


@register.inclusion_tag("portal/parts/tile.html")
def tile(tile: Any) -> dict[str, Any]:
    """What one system shows on the front page."""
    return {"tile": tile}


@register.simple_block_tag
def facts(content: str) -> SafeString:
    """A list of facts."""
    return format_html('<dl class="facts">{}</dl>', content)


@register.inclusion_tag("portal/parts/fact.html")
def fact(
    ko: Words | str, en: Any, value: Any = _NOT_GIVEN, *, unit: str = "", source: str = ""
) -> dict[str, Any]:
    """One fact: `{% fact "기한" "Due" value %}`, or `{% fact title value %}`."""
    title, shown = (said(ko), en) if value is _NOT_GIVEN else (said(ko, en), value)
    return {"title": title, "value": shown, "unit": unit, "source": source}


@register.inclusion_tag("portal/parts/history.html")
def history(events: Iterable[Any]) -> dict[str, Any]:
    """What happened to a thing, the newest first, with who and when."""
    return {"events": events}


@register.simple_block_tag
def disclosure(content: str, ko: Words | str, en: str = "", *, open: bool = False) -> SafeString:
    """What only some readers want to see."""
    context = {"title": said(ko, en), "open": open, "content": content}
    return render_to_string("portal/parts/disclosure.html", context)


@register.simple_block_tag
def help(content: str, ko: Words | str, en: str = "") -> SafeString:
    """What a word of the field means. Stands inside a sentence, so it holds plain text only."""
    title = said(ko, en)
    # The same help may stand twice on a page: then it is the same text, and either one serves.
    context = {"title": title, "content": content, "id": _name("help", f"{title}{content}")}
    return render_to_string("portal/parts/help.html", context)


@register.inclusion_tag("portal/parts/progress.html", takes_context=True)
def progress(
    context: RequestContext,
    ko: Words | str,
    en: str,
    url: str,
    *,
    percent: float | None = None,
    done: bool = False,
    note: Any = "",
    since: datetime | None = None,
) -> dict[str, Any]:
    """How far a job is.

    Args:
        context: The page's.
        ko: What is being done.
        en: The same in English.
        url: Answers with this part again, every two seconds, until it is done; empty where the
            part is only shown.
        percent: How much of it is done; None where nobody knows.
        done: Whether it has ended.
        note: What is being done just now, or how it ended.
        since: Nothing has been heard since then: the part is grey and says so.
    """
    return {
        **{"title": said(ko, en), "url": url, "is_done": done, "note": note, "since": since},
        "percent": None if percent is None else round(percent),
        # What comes with the page is read with it; only an end that comes later is announced.
        "is_news": done and "HX-Request" in context["request"].headers,
        # By its name the link keeps the focus while the part is exchanged.
        "id": _name("refresh", url),
    }


def _name(kind: str, text: str) -> str:
    """An identifier on the page for what has this text."""
    return f"{kind}-{crc32(text.encode()):08x}"


@register.inclusion_tag("portal/parts/chart.html")
def chart(
    picture: Chart | str,
    title: Words | str,
    alt: Words | str,
    headers: Sequence[Any] = (),
    rows: Iterable[Sequence[Any]] = (),
    *,
    numeric: str = "",
    note: Any = "",
) -> dict[str, Any]:
    """A picture drawn on the server, with its finding, its words and its table.

    Args:
        picture: A chart of `kernel.report.charts`, drawn for wide and narrow pages, or the text
            of an SVG that the house itself drew.
        title: What the picture shows, as a sentence: its finding.
        alt: What it looks like, for who does not see it.
        headers: Heads of the table's columns.
        rows: Its rows.
        numeric: Which columns hold numbers, counted from 1, such as `"2 3"`.
        note: Source, date and how the uncertainty was found.
    """
    drawn = [picture] if isinstance(picture, str) else _drawn(picture)
    return {
        **part_lists.data_table(title, headers, rows, numeric=numeric),
        # Pictures come from our own charts, never from what somebody typed.
        "pictures": [mark_safe(svg) for svg in drawn],  # noqa: S308
        **{"title": str(title), "alt": str(alt), "note": note},
    }


def _drawn(picture: Chart) -> list[str]:
    spoken = language()
    return [picture.svg(spoken, width_px=width) for width in (WIDE_PX, NARROW_PX)]


@register.simple_block_tag
def empty(content: str, ko: Words | str, en: str = "") -> SafeString:
    """Nothing here yet: what this place will show, and the first step."""
    return format_html(
        '<div class="empty"><p class="empty-title">{}</p>{}</div>', said(ko, en), content
    )


@register.inclusion_tag("portal/parts/code.html")
def code(text: str, ko: Words | str, en: str = "") -> dict[str, Any]:
    """Text of a machine: a command, a log, a digest."""
    return {"text": text, "title": said(ko, en)}


@register.simple_block_tag(takes_context=True)
def next_action(
    context: RequestContext,
    content: str,
    ko: Words | str,
    en: str = "",
    url: str = "",
    *,
    due: datetime | None = None,
    post: bool = False,
) -> SafeString:
    """The one thing to do next with this thing: why, until when, and its button."""
    given = {"text": said(ko, en), "url": url, "due": due, "post": post, "content": content}
    return render_to_string("portal/parts/next_action.html", given, context.get("request"))


@register.inclusion_tag("portal/parts/work_row.html")
def work_row(waiting: Any) -> dict[str, Any]:
    """One thing that waits for the reader."""
    return {"waiting": waiting}


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A moment: the day and time here, the full time for machines."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    shown = local.strftime("%Y-%m-%d %H:%M")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


@register.simple_tag
def due(moment: datetime | None) -> SafeString:
    """How long is left until a moment; when it has passed, how late it is."""
    if moment is None:
        return format_html('<span class="due">{}</span>', said("기한 없음", "No deadline"))
    left = moment - clock.now()
    is_late = left < timedelta(0)
    length = _length(abs(left))
    text = (
        said(f"{length} 지남", f"{length} late")
        if is_late
        else said(f"{length} 남음", f"{length} left")
    )
    kind = "late" if is_late else "soon" if left < timedelta(days=1) else "calm"
    return format_html(
        '<span class="due due-{}">{} <small>{}</small></span>', kind, text, when(moment)
    )


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60
    if days:
        return said(f"{days}일", f"{days} day{'s' * (days != 1)}")
    if hours:
        return said(f"{hours}시간", f"{hours} hour{'s' * (hours != 1)}")
    return said(f"{minutes}분", f"{minutes} min")


@register.filter
def won(amount_krw: int | None) -> str:
    """Won, to the won, as tables have it."""
    return "–" if amount_krw is None else units.won(amount_krw)


@register.filter
def eok(amount_krw: int | None) -> str:
    """An amount in running text: 억원 with one decimal, in English billions of won."""
    return "–" if amount_krw is None else str(units.money(amount_krw))


@register.filter
def percent(share: float | None) -> str:
    """A share as a percentage."""
    return "–" if share is None else units.percent(share)


@register.filter
def number(value: float | None) -> str:
    """A number with its thousands set apart."""
    return "–" if value is None else f"{value:,}"
