"""What waits for a second hand, what was decided, and what proves it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.store.errors import ObjectCorrupt, ObjectMissing
from madang.kernel.words import Words, language, words
from madang.portal import files, objects
from madang.portal.access import needs, of, signed_in
from madang.portal.views.saying import tell
from madang.programme.engine.ledger import KIND_NAMES, Kind
from madang.programme.web.forms.acts import ActsForm, ReasonForm
from madang.programme.web.models import Act, Booking, Recipient
from madang.programme.web.services import acts, book

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from madang.programme.engine.ledger import Entry

A_PAGE = 50
STATE_KINDS = {"waiting": "info", "booked": "good", "refused": "plain", "withdrawn": "plain"}
"""State of an act → how its badge looks."""
_COLUMNS = (
    *("id", "kind", "state", "title", "count", "by", "at", "decided_by", "decided_at"),
    *("reason", "digest", "log_entry"),
)


def room(request: HttpRequest) -> dict[str, Any]:
    """What every page of the book shows beside its own: which tabs its reader has."""
    return {"may_book": of(request).everywhere("programme.book")}


def posted(request: HttpRequest) -> Any:
    """What was sent with a form; None where its page is only opened."""
    return request.POST if request.method == "POST" else None


@needs("programme.see", everywhere=True)
def listing(request: HttpRequest) -> HttpResponseBase:
    """Every act, the newest first."""
    form = ActsForm(request.GET)
    asked = form.asked()
    rows = Act.objects.filter(**asked).select_related("by", "decided_by").defer("shown")
    rows = rows.order_by("-at", "-pk")
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        return files.as_csv(map(_line, rows.iterator()), columns=_COLUMNS, name="acts")
    if wanted == "json":
        return files.as_json(map(_line, rows.iterator()), name="acts")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        **room(request),
        "form": form,
        "page": page,
        "rows": [(each, STATE_KINDS[each.state]) for each in page.object_list],
        "is_narrowed": bool(asked),
    }
    return render(request, "programme/acts.html", context)


def _line(row: Act) -> dict[str, Any]:
    return {
        **{"id": row.pk, "kind": row.kind, "state": row.state, "title": row.title},
        **{"count": row.count, "by": str(row.by), "at": clock.stamp(row.at)},
        "decided_by": str(row.decided_by) if row.decided_by else "",
        "decided_at": clock.stamp(row.decided_at) if row.decided_at else "",
        **{"reason": row.reason, "digest": row.digest, "log_entry": row.entry},
    }


def found(act: str) -> Act:
    """The act of an address.

    Raises:
        Http404: There is none.
    """
    row = Act.objects.select_related("by", "decided_by", "entries", "source").filter(pk=act)
    one = row.first()
    if one is None:
        raise Http404
    return one


@needs("programme.see", everywhere=True)
def act(request: HttpRequest, act: str) -> HttpResponse:
    """One act: what it changes, its bookings, its state and its proof."""
    row, access = found(act), of(request)
    user = signed_in(request)
    bookings = Booking.objects.filter(act=row).order_by("number")
    context: dict[str, Any] = {"act": row, "kind": STATE_KINDS[row.state]}
    if row.state == "booked":
        page = Paginator(bookings, A_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "rows": page.object_list, "sums": _booked_sums(row)}
    elif row.entries:
        context |= _put_forward(row, request.GET.get("page"))
    is_own = row.by_id == user.pk
    context |= {
        "is_own": is_own,
        "may_decide": not is_own and access.everywhere("programme.approve"),
        "may_withdraw": is_own and access.everywhere("programme.book"),
        "may_undo": _is_undoable(row) and access.everywhere("programme.book"),
        "may_audit": access.everywhere("portal.audit"),
        "related": _related(row),
        "told": _told_of(row),
    }
    context["rows"] = with_names(list(context.get("rows", [])))
    return render(request, "programme/act.html", context)


def with_names(rows: Sequence[Booking | Entry]) -> list[dict[str, Any]]:
    """Bookings with the names of their lines and recipients."""
    titles: dict[str, Words | str] = {each.id: each.title for each in book.programme().lines}
    known = Recipient.objects.filter(pk__in={each.recipient for each in rows})
    names = dict(known.values_list("pk", "name"))
    return [
        {
            "entry": row,
            "line": titles.get(row.line, row.line),
            "to_line": titles.get(row.to_line, row.to_line),
            "kind": KIND_NAMES[Kind(row.kind)],
            "recipient": names.get(row.recipient, row.recipient),
            "papers": len(row.evidence),
        }
        for row in rows
    ]


def _put_forward(row: Act, number: str | None) -> dict[str, Any]:
    """The bookings as they were put forward, verified by their file's digest."""
    try:
        entries = acts.proposed(row)
    except (ObjectMissing, ObjectCorrupt) as fault:
        return {"fault": str(fault)}
    page = Paginator(entries, A_PAGE).get_page(number)
    return {"page": page, "rows": page.object_list, "sums": _sums(entries)}


def _sums(entries: Sequence[Entry]) -> list[tuple[Words | str, Words, int, int]]:
    sums: dict[tuple[str, str], list[int]] = {}
    for each in entries:
        own = sums.setdefault((each.line, each.kind.value), [0, 0])
        own[0] += 1
        own[1] += each.amount_krw
    return _told((line, kind, count, krw) for (line, kind), (count, krw) in sums.items())


def _booked_sums(row: Act) -> list[tuple[Words | str, Words, int, int]]:
    rows = Booking.objects.filter(act=row).order_by().values_list("line", "kind")
    return _told(rows.annotate(count=Count("pk"), krw=Sum("amount_krw")).iterator())


def _told(
    rows: Iterator[tuple[str, str, int, int]],
) -> list[tuple[Words | str, Words, int, int]]:
    """Line, kind, count and sum of each group, in the programme's order."""
    lines = {each.id: (place, each.title) for place, each in enumerate(book.programme().lines)}
    kinds = [each.value for each in Kind]
    ordered = sorted(rows, key=lambda each: (lines[each[0]][0], kinds.index(each[1])))
    return [
        (lines[line][1], KIND_NAMES[Kind(kind)], count, krw) for line, kind, count, krw in ordered
    ]


def _told_of(row: Act) -> dict[str, Any]:
    """What its maker was shown, in the reader's language."""
    shown = row.shown.get(language(), {})
    columns = shown.get("columns", [])
    unsaid = [each["heading"] for each in columns if each["unit"] and not each["unit_said"]]
    return {**shown, "looked_at": row.shown.get("looked_at", []), "unsaid": unsaid}


def _is_undoable(row: Act) -> bool:
    """Whether it is an import that stands, and nobody asked to take it back."""
    if row.kind != "import" or row.state != "booked":
        return False
    back = Act.objects.filter(kind="undo", batch=row.batch, state__in=("waiting", "booked"))
    return not back.exists()


def _related(row: Act) -> list[Act]:
    """The import and what takes it back, of each other."""
    if not row.batch:
        return []
    return list(Act.objects.filter(batch=row.batch).exclude(pk=row.pk).select_related("by"))


@needs("programme.see", everywhere=True)
@require_POST
def look(request: HttpRequest, act: str) -> HttpResponse:
    """Compare the bookings with the digest in the evidence log, now."""
    row = found(act)
    if row.state != "booked" or row.kind == "close":
        raise Http404
    acts.look(row)
    tell(request, "기록을 증거 로그와 대조했습니다.", "Compared with the evidence log.")
    return HttpResponseRedirect(row.get_absolute_url())


@needs("programme.see", everywhere=True)
def source(request: HttpRequest, act: str) -> HttpResponse:
    """The file that was imported, verified."""
    row = found(act)
    if row.source is None:
        raise Http404
    content = objects.objects().get(row.source.digest)
    return handed_out(content, row.title)


def handed_out(content: bytes, name: str) -> HttpResponse:
    """A file that somebody handed in, as nothing that a browser would run."""
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@needs("programme.approve", everywhere=True)
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, act: str) -> HttpResponse:
    """Book what another person put forward."""
    row = found(act)
    context = {
        "title": words("승인하기", "Approve"),
        "act": words("승인하기", "Approve"),
        "sentence": words(
            "승인하면 모든 기록이 함께 장부에 들어가고, 증거 로그에 남습니다.",
            "On approval all bookings enter the ledger together, and the evidence log names them.",
        ),
    }
    return _asked(
        request,
        row,
        context,
        lambda _: acts.approve(row, by=signed_in(request)),
        words("승인했습니다.", "Approved."),
    )


@needs("programme.approve", everywhere=True)
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, act: str) -> HttpResponse:
    """Say no to what another person put forward."""
    row = found(act)
    context = {
        "title": words("반려하기", "Refuse"),
        "act": words("반려하기", "Refuse"),
        "sentence": words(
            "반려한 기록은 장부에 들어가지 않습니다. 올린 사람이 사유를 봅니다.",
            "Nothing of it enters the ledger. Its maker reads the reason.",
        ),
        "is_danger": True,
        "form": ReasonForm(posted(request)),
    }
    return _asked(
        request,
        row,
        context,
        lambda reason: acts.refuse(row, by=signed_in(request), reason=reason),
        words("반려했습니다.", "Refused."),
    )


@needs("programme.book", everywhere=True)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, act: str) -> HttpResponse:
    """Take back what one put forward oneself."""
    row = found(act)
    context = {
        "title": words("철회하기", "Withdraw"),
        "act": words("철회하기", "Withdraw"),
        "sentence": words(
            "철회한 기록은 승인할 수 없습니다. 고쳐서 다시 올릴 수 있습니다.",
            "Nobody can approve it any more. It can be mended and put forward anew.",
        ),
        "is_danger": True,
        "form": ReasonForm(posted(request), is_needed=False),
    }
    return _asked(
        request,
        row,
        context,
        lambda reason: acts.withdraw(row, by=signed_in(request), reason=reason),
        words("철회했습니다.", "Withdrawn."),
    )


@needs("programme.book", everywhere=True)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, act: str) -> HttpResponse:
    """Ask that an import be taken back as a whole."""
    row = found(act)
    if row.kind != "import":
        raise Http404
    context = {
        "title": words("가져오기 취소 요청하기", "Ask to take the import back"),
        "act": words("취소 요청하기", "Ask to take it back"),
        "sentence": words(
            f"기록 {row.count:,}건을 모두 반대 부호로 다시 기록합니다."
            " 다른 사람이 승인해야 반영됩니다. 원래 기록도 그대로 남습니다.",
            f"All {row.count:,} bookings are booked again with the sign turned, once another"
            " person approves. What was booked stays readable.",
        ),
        "is_danger": True,
        "form": ReasonForm(posted(request)),
    }

    def done(reason: str) -> Act:
        if not _is_undoable(row):
            raise InputError(
                words("반영되어 있지 않거나 취소 중인 가져오기", "an import that does not stand"),
                words("반영되어 있는 가져오기", "one that is booked and not being taken back"),
            )
        return acts.undo(row.batch, by=signed_in(request), reason=reason)

    return _asked(
        request, row, context, done, words("취소를 요청했습니다.", "Asked to take it back.")
    )


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
    elif row.state != "waiting" and "undo" not in request.path:
        return HttpResponseRedirect(row.get_absolute_url())
    context |= {
        "facts": [
            (words("종류", "Kind"), row.kind_title),
            (words("이름", "Title"), row.title),
            (words("기록 수", "Bookings"), f"{row.count:,}"),
            (words("올린 사람", "Put forward by"), str(row.by)),
        ],
        "back": reverse("programme:act", args=[row.pk]),
        "fault": fault,
    }
    return render(request, "programme/act_confirm.html", context, status=status)
