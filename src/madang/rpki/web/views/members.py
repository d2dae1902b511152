"""How does a member stand: what it holds, what it authorised, what is odd, what is wrong?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render

from madang.portal.access import needs
from madang.rpki.engine.authority import intents_csv
from madang.rpki.web.services import authority, drafts, lines, members, observed
from madang.rpki.web.views.reach import member_of, owners, page, room

if TYPE_CHECKING:
    from django.http import HttpRequest


@needs("rpki.see", owners=owners)
def member(request: HttpRequest, member: str) -> HttpResponse:
    """The console of a member."""
    row = member_of(member)
    context = room(request, row) | {
        "standing": members.standing(row.pk),
        "draft": drafts.draft(row),
        "held": [
            {
                "line": each.line,
                "told": lines.told(each.line),
                "value": json.dumps(each.line),
                "routes": each.routes,
                "in_draft": each.in_draft,
            }
            for each in drafts.held(row)
        ],
        "suggestions": drafts.suggestions(row)[:100],
        "findings": drafts.findings(row)[:100],
        "alarms": row.alarms.filter(closed_at=None)[:20],
        "routes": observed.newest(),
        "history": members.history(row.pk),
    }
    return render(request, "rpki/member.html", context)


@needs("rpki.see", owners=owners)
def alarms(request: HttpRequest, member: str) -> HttpResponse:
    """What a member was told, the newest first."""
    row = member_of(member)
    context = room(request, row) | {"page": page(request, row.alarms.all())}
    return render(request, "rpki/member_alarms.html", context)


@needs("rpki.see", owners=owners)
def roas(request: HttpRequest, member: str) -> HttpResponse:
    """The member's ROAs, in the form in which they come in."""
    row = member_of(member)
    return _csv(intents_csv.write_roas(authority.wanted(row.pk).vrps), f"{row.pk}-roas")


@needs("rpki.see", owners=owners)
def aspas(request: HttpRequest, member: str) -> HttpResponse:
    """The member's ASPAs, in the form in which they come in."""
    row = member_of(member)
    return _csv(intents_csv.write_aspas(authority.wanted(row.pk).aspas), f"{row.pk}-aspas")


def _csv(text: str, name: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
