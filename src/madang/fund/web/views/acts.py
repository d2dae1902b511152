"""What is asked for, what would it post, and who approves it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from madang.fund.engine import acts as asked_acts
from madang.fund.engine.acts import ACTS
from madang.fund.engine.flows import distributing
from madang.fund.engine.ledger.entry import Kind
from madang.fund.engine.terms.agreement import PAY_NAMES
from madang.fund.web.forms.acts import ActForm
from madang.fund.web.forms.reasons import ReasonForm
from madang.fund.web.models import Act, Paper
from madang.fund.web.services import acts, book, intake, roster
from madang.fund.web.services.shown import Names, rows_of
from madang.fund.web.views.reach import act_of, fund_of, managers, posted, room
from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.access import needs, of, signed_in
from madang.portal.limits import limited
from madang.portal.views.saying import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpRequest

    from madang.fund.engine.book import Book
    from madang.fund.engine.ledger.entry import Draft

A_PAGE = 50
STATE_KINDS = {"waiting": "info", "posted": "good", "refused": "plain", "withdrawn": "plain"}
UPLOADS = "240/h"
_MOST_POSTINGS = 400


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
@limited("fund-upload", UPLOADS)
def do(request: HttpRequest, fund: str, kind: str) -> HttpResponse:
    """Ask for an act: the form, then what it would post, then the request for approval."""
    row = fund_of(fund)
    if kind not in ACTS:
        raise Http404
    held = book.book(row)
    if not held.agreements:
        return HttpResponseRedirect(row.get_absolute_url())
    form = ActForm(kind, fund=row, book=held, data=posted(request), files=request.FILES or None)
    context: dict[str, Any] = {**room(request, row), "form": form, "kind": kind}
    context["title"] = ACTS[kind].title
    status = 200
    if request.method == "POST":
        status, more = _answered(request, held, form)
        if isinstance(more, HttpResponse):
            return more
        context |= more
    return render(request, "fund/do.html", context, status=status)


def _answered(
    request: HttpRequest, held: Book, form: ActForm
) -> tuple[int, dict[str, Any] | HttpResponse]:
    """What a form that was sent leads to: faults, a preview, or the act that was put forward."""
    row, user = form.fund, signed_in(request)
    if not form.is_valid():
        return 422, {}
    kept = [
        roster.paper(row, each.read(), name=str(each.name), by=user)
        for each in form.cleaned_data.get("evidence") or []
    ]
    kept += [each for each in request.POST.getlist("kept") if _is_paper(row.pk, each)]
    asked = form.asked() | ({"evidence": kept} if kept else {})
    try:
        drafts = asked_acts.drafts(held, asked)
        held.journal.check(drafts)
        if "put" in request.POST:
            act = acts.put_forward(
                row, drafts, kind=form.kind, by=user, asked=asked, title=_title(drafts)
            )
            tell(request, "승인을 요청했습니다.", "Put forward for approval.")
            return 302, HttpResponseRedirect(act.get_absolute_url())
    except InputError as refused:
        return 409, {"fault": str(refused), "kept": _papers(row.pk, kept)}
    return 200, {
        "preview": rows_of(drafts, held, form.fund)[:_MOST_POSTINGS],
        "count": sum(len(each.postings) for each in drafts),
        "division": division(held, drafts),
        "kept": _papers(row.pk, kept),
    }


def _is_paper(fund: str, sha256: str) -> bool:
    return len(sha256) == 64 and Paper.objects.filter(fund=fund, sha256=sha256).exists()


def _papers(fund: str, digests: Sequence[str]) -> list[Paper]:
    return list(Paper.objects.filter(fund=fund, sha256__in=digests))


def _title(drafts: Sequence[Draft]) -> str:
    """What an act is about in a few words."""
    return drafts[0].memo if drafts else ""


def division(held: Book, drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    """Each partner's part of a distribution by tier; nothing for other acts."""
    found = next((each for each in drafts if each.kind is Kind.DISTRIBUTION), None)
    if found is None:
        return []
    allotted = distributing.preview(held, on=found.on, amount_krw=found.facts["amount"])
    return divided(held, allotted.won, found.on)


def divided(held: Book, won: Mapping[Any, int], on: Any) -> list[dict[str, Any]]:
    """Who gets what in which tier, tier by tier."""
    terms = held.terms(on)
    names: dict[int, Words] = {each.number: each.name for each in terms.partners}
    sums: dict[tuple[int, bool, int], int] = {}
    for part, amount in won.items():
        key = (part.tier, part.carry, part.lot.partner)
        sums[key] = sums.get(key, 0) + amount
    return [
        {
            "tier": tier + 1,
            "pay": PAY_NAMES[terms.distribution.tiers[tier].pay],
            "partner": names.get(partner, words(str(partner), str(partner))),
            "is_carry": carry,
            "amount": amount,
        }
        for (tier, carry, partner), amount in sorted(sums.items())
        if amount
    ]


@needs("fund.see", owners=managers)
def listing(request: HttpRequest, fund: str) -> HttpResponse:
    """Every act of a fund, the newest first."""
    row = fund_of(fund)
    rows = row.acts.select_related("by", "decided_by")
    state = request.GET.get("state", "")
    if state in Act.STATES:
        rows = rows.filter(state=state)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    names = Names(book.book(row), row)
    context = room(request, row) | {
        "page": page,
        "rows": [
            (each, STATE_KINDS[each.state], names.about(each.kind, each.title, each.asked))
            for each in page.object_list
        ],
        "states": list(Act.STATES.items()),
        "state": state,
    }
    return render(request, "fund/acts.html", context)


@needs("fund.see", owners=managers)
def act(request: HttpRequest, fund: str, act: str) -> HttpResponse:
    """One act: what it would post or has posted, who stands behind it, and its proof."""
    row = act_of(fund, act)
    user = signed_in(request)
    held = book.book(row.fund)
    drafts = acts.proposed(row)
    is_own, access = row.by_id == user.pk, of(request)
    numbers = row.entries.order_by("number").values_list("number", flat=True)
    context = room(request, row.fund) | {
        "act": row,
        "about": Names(held, row.fund).about(row.kind, row.title, row.asked),
        "kind": STATE_KINDS[row.state],
        "preview": rows_of(drafts, held, row.fund)[:_MOST_POSTINGS],
        "division": division(held, drafts) if row.state == "waiting" else [],
        "is_own": is_own,
        "numbers": list(numbers[:200]),
        "papers": _papers(fund, [sha for draft in drafts for sha in draft.evidence]),
        "may_decide": not is_own and access.may("fund.approve", row.fund.manager_id),
        "may_withdraw": is_own and access.may("fund.keep", row.fund.manager_id),
        "may_undo": intake.is_undoable(row) and access.may("fund.keep", row.fund.manager_id),
        "may_audit": access.everywhere("portal.audit"),
    }
    return render(request, "fund/act.html", context)


@needs("fund.approve", owners=managers)
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, fund: str, act: str) -> HttpResponse:
    """Post what another person put forward."""
    row = act_of(fund, act)
    context = {
        "title": words("승인하기", "Approve"),
        "act": words("승인하기", "Approve"),
        "sentence": words(
            "승인하면 모든 기록이 함께 장부에 들어가고, 증거 로그에 장부의 지문이 남습니다.",
            "All entries enter the ledger together; the evidence log names the ledger's digest.",
        ),
    }
    return _asked(
        request, row, context, lambda _: acts.approve(row, by=signed_in(request)),
        words("승인했습니다.", "Approved."),
    )  # fmt: skip


@needs("fund.approve", owners=managers)
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, fund: str, act: str) -> HttpResponse:
    """Say no to what another person put forward."""
    row = act_of(fund, act)
    context = {
        "title": words("반려하기", "Refuse"),
        "act": words("반려하기", "Refuse"),
        "sentence": words(
            "반려하면 이 업무는 장부에 들어가지 않습니다.", "It will not enter the ledger."
        ),
        "form": ReasonForm(posted(request)),
    }
    return _asked(
        request, row, context,
        lambda reason: acts.refuse(row, by=signed_in(request), reason=reason),
        words("반려했습니다.", "Refused."),
    )  # fmt: skip


@needs("fund.keep", owners=managers)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, fund: str, act: str) -> HttpResponse:
    """Take back what one put forward oneself."""
    row = act_of(fund, act)
    context = {
        "title": words("철회하기", "Withdraw"),
        "act": words("철회하기", "Withdraw"),
        "sentence": words("올린 업무를 거두어들입니다.", "What you put forward is taken back."),
    }
    return _asked(
        request, row, context, lambda _: acts.withdraw(row, by=signed_in(request)),
        words("철회했습니다.", "Withdrawn."),
    )  # fmt: skip


def _asked(
    request: HttpRequest,
    row: Act,
    context: dict[str, Any],
    do: Callable[[str], Act],
    said: Words,
) -> HttpResponse:
    """Ask once more, then do it; a refusal is told on the page that asked."""
    form, fault, status = context.get("form"), "", 200
    if request.method == "POST":
        if form and not form.is_valid():
            status = 422
        else:
            try:
                done = do(form.cleaned_data["reason"] if form else "")
            except InputError as refused:
                fault, status = str(refused), 409
            else:
                tell(request, said.ko, said.en)
                return HttpResponseRedirect(done.get_absolute_url())
    elif row.state != "waiting":
        return HttpResponseRedirect(row.get_absolute_url())
    context |= {
        "facts": [
            (words("펀드", "Fund"), row.fund.title),
            (words("업무", "Act"), row.kind_title),
            (words("기록 수", "Entries"), f"{row.count:,}"),
            (words("금액(원)", "Won"), f"{row.amount_krw:,}"),
            (words("올린 사람", "Put forward by"), str(row.by)),
        ],
        "back": reverse("fund:act", args=[row.fund_id, row.pk]),
        "fault": fault,
        "fund": row.fund,
    }
    return render(request, "fund/confirm.html", context, status=status)
