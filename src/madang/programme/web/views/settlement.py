"""What does each line still owe, and what proves what was spent?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.report.html import html
from madang.kernel.words import words
from madang.portal.access import needs, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell
from madang.programme.engine.receipts import STATES
from madang.programme.engine.settlement_paper import document
from madang.programme.web import models
from madang.programme.web.forms.settlement import InterestForm, SettlementForm
from madang.programme.web.services import book, settling
from madang.programme.web.views.acts import posted, room
from madang.programme.web.views.imports import UPLOADS

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.kernel.words import Words
    from madang.programme.engine.settlement import Account, LineSettlement, Settlement

WRITTEN = "240/h"
"""Settlements on paper that one person may ask for: each reads every evidence file."""
KINDS = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
HEADS = (
    words("받은 금액(원)", "Received (won)"),
    words("집행(원)", "Disbursed (won)"),
    words("실집행(원)", "Confirmed (won)"),
    words("증빙 없음(원)", "Unproved (won)"),
    words("이자(원)", "Interest (won)"),
    words("이월(원)", "Carried over (won)"),
    words("반납할 금액(원)", "To be returned (won)"),
)


@needs("programme.see", everywhere=True)
def settlement(request: HttpRequest) -> HttpResponse:
    """The settlement of every line at the end of a day."""
    form = SettlementForm(request.GET)
    on, one = form.day(), form.one()
    context: dict[str, Any] = {
        **room(request),
        "form": SettlementForm(initial={"on": on, "line": one}),
        "has_records": book.has_records(),
    }
    if context["has_records"]:
        settled = settling.shown(on)
        found = settled.settlement
        lines = [each for each in found.lines if one in ("", each.line)]
        context |= {
            "on": on,
            "one": one,
            "settlement": found,
            "looked_at": settled.looked_at,
            "heads": HEADS,
            "lines": [(each, _title(each), _amounts(each.whole)) for each in lines],
            "whole": _amounts(found.whole),
            "recipients": [_amounts_of(each) for each in lines[0].recipients] if one else [],
            "broken": _broken(found, one),
            "interest": _interest(one),
        }
    return render(request, "programme/settlement.html", context)


def _title(line: LineSettlement) -> Words:
    return words(line.title_ko, line.title_en)


def _amounts(account: Account) -> tuple[int, ...]:
    return (
        account.received_krw,
        account.disbursed_krw,
        account.confirmed_krw,
        account.unproved_krw,
        account.interest_krw,
        account.carried_over_krw,
        account.to_return_krw,
    )


def _amounts_of(account: Account) -> tuple[str, tuple[int, ...]]:
    return account.recipient, _amounts(account)


def _broken(found: Settlement, one: str) -> list[dict[str, Any]]:
    """Each paper that does not hold, once, with the entry that leans on it first."""
    seen: dict[str, dict[str, Any]] = {}
    for line in found.lines:
        if one not in ("", line.line):
            continue
        for voucher in line.vouchers:
            for paper in voucher.papers:
                if paper.state in ("changed", "missing") and paper.sha256 not in seen:
                    state = STATES["changed" if paper.state == "changed" else "missing"]
                    seen[paper.sha256] = {
                        **{"paper": paper, "state": state, "line": _title(line)},
                        "entry": voucher.entry,
                    }
    return list(seen.values())


def _interest(one: str) -> list[dict[str, Any]]:
    titles = {each.id: each.title for each in book.programme().lines}
    names = {each.id: each.name for each in book.ledger().recipients}
    rows = models.Interest.objects.order_by("line", "recipient", "pk")
    if one:
        rows = rows.filter(line=one)
    papers = models.Paper.objects.in_bulk([each.evidence for each in rows])
    return [
        {
            "row": each,
            "line": titles.get(each.line, each.line),
            "recipient": names.get(each.recipient, each.recipient),
            "name": papers[each.evidence].name,
            "holds": papers[each.evidence].state == "whole",
            "state": STATES["changed" if papers[each.evidence].state == "changed" else "missing"],
        }
        for each in rows
    ]


@needs("programme.see", everywhere=True)
@limited("programme-settlement", WRITTEN, by=("user",), methods=("GET",))
def written(request: HttpRequest, kind: str) -> HttpResponse:
    """The settlement as a file; every paper is read as it is written."""
    if kind not in KINDS or not book.has_records():
        raise Http404
    form = SettlementForm(request.GET)
    found = settling.on_paper(form.day(), line=form.one())
    response = HttpResponse(_content(found, kind), content_type=KINDS[kind])
    name = f"settlement-{form.one() or 'all'}-{found.on}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _content(found: Settlement, kind: str) -> bytes:
    if kind == "json":
        return (json.dumps(found.plain(), ensure_ascii=False, indent=1) + "\n").encode()
    paper = document(found, made_at=clock.now())
    if kind == "html":
        return html(paper)
    from madang.kernel.report.pdf import pdf

    return pdf(paper)


@needs("programme.book", everywhere=True)
@require_http_methods(["GET", "POST"])
@limited("programme-upload", UPLOADS)
def interest(request: HttpRequest) -> HttpResponse:
    """Note what granted money has earned."""
    is_sent = request.method == "POST"
    form = InterestForm(posted(request), request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        given = form.cleaned_data
        try:
            row = settling.note_interest(
                given["line"],
                recipient=given["recipient"],
                amount_krw=given["amount"],
                paper=given["paper"],
                by=signed_in(request),
            )
        except InputError as fault:
            form.add_error(None, str(fault))
        else:
            tell(
                request,
                f"이자 {row.amount_krw:,}원을 기록했습니다.",
                f"{row.amount_krw:,} won of interest were noted.",
            )
            return HttpResponseRedirect(reverse("programme:settlement"))
    status = 422 if form.errors else 200
    return render(
        request,
        "programme/settlement_interest.html",
        {**room(request), "form": form},
        status=status,
    )


@needs("programme.book", everywhere=True)
@require_http_methods(["GET", "POST"])
def drop(request: HttpRequest, interest: int) -> HttpResponse:
    """Take back a note of interest that was wrong."""
    row = models.Interest.objects.filter(pk=interest).first()
    if row is None:
        raise Http404
    back = reverse("programme:settlement")
    if request.method == "POST":
        settling.drop_interest(row, by=signed_in(request))
        tell(request, "이자 기록을 지웠습니다.", "The note of interest was taken back.")
        return HttpResponseRedirect(back)
    context = {
        "title": words("이자 기록 지우기", "Take back a note of interest"),
        "act": words("지우기", "Take it back"),
        "sentence": words(
            "정산에서 빠집니다. 지운 사실은 증거 로그에 남습니다.",
            "It leaves the settlement; the evidence log keeps that it was there.",
        ),
        "facts": [
            (words("항목", "Line"), row.line),
            (words("받은 곳", "Recipient"), row.recipient or "–"),
            (words("이자(원)", "Interest (won)"), f"{row.amount_krw:,}"),
        ],
        **{"back": back, "is_danger": True},
    }
    return render(request, "programme/act_confirm.html", context)
