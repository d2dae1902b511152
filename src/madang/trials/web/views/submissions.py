"""A company's submissions: handing in, rehearsing, watching, and what may be seen of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.kernel.errors import InputError
from madang.portal.access import needs, of
from madang.portal.limits import limited
from madang.portal.models import JobRun, JobTransition
from madang.trials.engine.phases import Act
from madang.trials.web.forms.submissions import TIERS, FilterForm, SubmitForm
from madang.trials.web.models import Rehearsal, Submission, TeamMember
from madang.trials.web.services import boards, results, submissions, teams, timing
from madang.trials.web.views.catalogue import as_csv
from madang.trials.web.views.demand import head, visible
from madang.trials.web.views.room import lists
from madang.trials.web.views.runs import STATE_KINDS, cause_words, told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from madang.portal.access import Access
    from madang.trials.web.models import Demand

A_PAGE = 30
SUBMITTED = "60/h"
"""Submissions and rehearsals that one company or person may send."""


def public_demand(name: str, access: Access) -> Demand:
    """The demand of an address that companies act on.

    Raises:
        Http404: There is none that is public.
    """
    found = visible(name, access)
    if not found.is_public:
        raise Http404
    return found


@needs("trials.submit")
@limited("submission", SUBMITTED)
def submit(request: HttpRequest, demand: str) -> HttpResponse:
    """Hand in a solution, or try it on the open sample first."""
    access = of(request)
    found = public_demand(demand, access)
    companies = access.acting_for("trials.submit")
    form = SubmitForm(
        request.POST or None, request.FILES or None, demand=found, companies=companies
    )
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(_handed_in(request, found, form))
        except InputError as fault:
            form.add_error(None, str(fault))
    company = companies[0]
    team = teams.of(found, company)
    context = {
        **head(found, access),
        "form": form,
        "is_open": timing.allows(found, Act.SUBMIT),
        "team": team,
        "left": found.quota - (submissions.used(team) if team else 0),
        "wants_rehearsal": set(found.registration.get("tiers", [])) != {"predictions"},
    }
    return render(request, "trials/submit.html", context, status=422 if form.errors else 200)


def _handed_in(request: HttpRequest, demand: Demand, form: SubmitForm) -> str:
    """Do what the pressed button says; the address of the page that shows it."""
    given, user = form.cleaned_data, of(request).user
    assert user is not None
    if "rehearse" in request.POST:
        row = submissions.rehearse(
            demand, form.chosen, by=user, tier=given["tier"], files=given["files"]
        )
        return reverse("trials:rehearsal", args=[demand.name, row.run])
    handed_in = submissions.hand_in(
        demand,
        form.chosen,
        by=user,
        name=given["name"],
        titles=form.titles,
        tier=given["tier"],
        files=given["files"],
    )
    return reverse("trials:submission", args=[handed_in.pk])


def _rehearsal_owner(demand: str, run: str) -> Iterable[int]:
    row = Rehearsal.objects.filter(demand__name=demand, run=run).first()
    if row is None:
        raise Http404
    return [row.company_id]


@needs("trials.submit", owners=_rehearsal_owner)
def rehearsal(request: HttpRequest, demand: str, run: str) -> HttpResponse:
    """What a solution said on the open sample, whole; or how far it is."""
    access = of(request)
    row = Rehearsal.objects.select_related("demand", "company", "by").get(run=run)
    found = public_demand(demand, access)
    context = {"rehearsal": row, "demand": found, "told": told(_job(row.run), [])}
    if row.result:
        cause = row.result.get("cause") or row.result.get("failed") or ""
        context |= {"scores": _scores(found, row.result), "cause": cause_words(cause)}
    if request.headers.get("HX-Request"):
        return render(request, "trials/_rehearsal.html", context)
    earlier = Rehearsal.objects.filter(demand=found, company=row.company).exclude(pk=row.pk)
    context |= {**head(found, access), "earlier": earlier.order_by("-at")[:10]}
    return render(request, "trials/rehearsal.html", context)


def _scores(demand: Demand, result: dict[str, Any]) -> list[tuple[Any, str]]:
    found = []
    for name, value in result.get("scores", {}).items():
        metric = boards.metric(demand, name)
        shown = "–" if value is None else f"{value:.{metric.decimals}f} {metric.unit}".rstrip()
        found.append((metric.title, shown))
    return found


def _job(run: str) -> JobRun:
    row = JobRun.objects.filter(id=run).first()
    if row is None:
        raise Http404
    return row


def _mine(access: Access) -> set[int]:
    """Teams in which a company of the reader's is a member."""
    held = access.holding("trials.submit")
    rows = TeamMember.objects.filter(company__in=held, agreed__isnull=False, left=None)
    return set(rows.values_list("team_id", flat=True))


def seen_by(access: Access) -> QuerySet[Submission]:
    """The submissions that a reader may know of.

    One's own team's; all of one's own demand, once submissions have closed; all, for who watches
    over the site.
    """
    rows = Submission.objects.select_related("demand", "team", "company", "by")
    if access.everywhere("trials.see"):
        return rows
    held = access.holding("trials.see")
    is_owner = Q(demand__agency__in=held) | Q(demand__ministry__in=held)
    has_closed = ~Q(demand__state__in=["posted", "open"])
    return rows.filter(Q(team__in=_mine(access)) | (is_owner & has_closed))


def _of_demand(demand: Demand, access: Access) -> QuerySet[Submission]:
    """Those of one demand that a reader may know of, as `seen_by` has it."""
    rows = Submission.objects.filter(demand=demand).select_related("team")
    is_owner = access.may("trials.see", *demand.owners)
    has_closed = demand.state not in ("posted", "open")
    if access.everywhere("trials.see") or (is_owner and has_closed):
        return rows
    return rows.filter(team__in=_mine(access))


@needs("signed-in")
def listed(request: HttpRequest, demand: str) -> HttpResponseBase:
    """The submissions of a demand that the reader may see."""
    access = of(request)
    found = public_demand(demand, access)
    form = FilterForm(request.GET)
    rows = _narrowed(_of_demand(found, access), form)
    if file := _as_file(request, rows.select_related("demand"), f"{found.name}-submissions"):
        return file
    context = {
        **head(found, access),
        **_page(request, rows, form, demand=found),
        "may_submit": access.may("trials.submit") and timing.allows(found, Act.SUBMIT),
    }
    return render(request, "trials/submissions.html", context)


@needs("trials.submit")
def mine(request: HttpRequest) -> HttpResponseBase:
    """Everything that the reader's companies handed in, for whichever demand."""
    access = of(request)
    form = FilterForm(request.GET)
    with_demands = Submission.objects.select_related("team", "demand").defer(
        "demand__text", "demand__findings", "demand__plain"
    )
    rows = _narrowed(with_demands.filter(team__in=_mine(access)), form)
    if file := _as_file(request, rows, "submissions"):
        return file
    context = {**_page(request, rows, form), "room": lists(access)}
    return render(request, "trials/submissions_mine.html", context)


def _as_file(
    request: HttpRequest, rows: QuerySet[Submission], name: str
) -> HttpResponseBase | None:
    """The whole view as a file, where the address asks for one."""
    wanted = request.GET.get("format", "")
    if wanted == "csv":
        return as_csv((_line(each) for each in rows), name=name)
    if wanted == "json":
        return JsonResponse({"submissions": [_line(each) for each in rows]})
    return None


def _page(
    request: HttpRequest,
    rows: QuerySet[Submission],
    form: FilterForm,
    *,
    demand: Demand | None = None,
) -> dict[str, Any]:
    """One page of a list; how far each run is that has not ended is asked once for all.

    Args:
        request: Names the page.
        rows: The list.
        form: How it was narrowed.
        demand: Whose submissions these all are, which is then read once and not for each.
    """
    # Numbers first: to skip whole rows with all that belongs to them takes long on late pages.
    page = Paginator(rows.values_list("pk", flat=True), A_PAGE).get_page(request.GET.get("page"))
    shown = list(_in_order(rows.filter(pk__in=list(page.object_list))))
    if demand:
        for each in shown:
            each.demand = demand
    waiting = [each.run for each in shown if each.state == "queued"]
    live = dict(JobRun.objects.filter(id__in=waiting).values_list("id", "state"))
    return {
        "form": form,
        "page": page,
        "count": page.paginator.count,
        "rows": [_row(each, live) for each in shown],
        "is_narrowed": any(form.data.get(name) for name in form.fields),
    }


def _narrowed(rows: QuerySet[Submission], form: FilterForm) -> QuerySet[Submission]:
    form.is_valid()
    given = form.cleaned_data
    if given.get("q"):
        rows = rows.filter(Q(name__icontains=given["q"]) | Q(team__name__icontains=given["q"]))
    for name in ("state", "tier"):
        if given.get(name):
            rows = rows.filter(**{name: given[name]})
    return _in_order(rows)


def _in_order(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    return rows.order_by("-received", "-id")


def _row(row: Submission, live: dict[str, str]) -> dict[str, Any]:
    state = "running" if live.get(row.run) == "running" else row.state
    return {
        "submission": row,
        "tier": TIERS[row.tier][0],
        "kind": STATE_KINDS[state],
        "state": Submission.STATES[state],
        "shown": results.shown(row.demand, row),
    }


def _line(row: Submission) -> dict[str, Any]:
    return {
        "id": row.pk,
        "demand": row.demand.name,
        "team": row.team.name,
        "name": row.name,
        "tier": row.tier,
        "state": row.state,
        "cause": row.cause,
        "shown": (row.release or {}).get("shown"),
        "received": row.received.isoformat(),
        "ended": row.ended.isoformat() if row.ended else "",
    }


@needs("signed-in")
def submission(request: HttpRequest, submission: str) -> HttpResponse:
    """One submission: where its run stands, what came of it, and nothing that is sealed."""
    access = of(request)
    row = seen_by(access).filter(pk=submission).first()
    if row is None:
        raise Http404
    is_firms = row.team_id in _mine(access)
    run = _job(row.run)
    context = {
        "submission": row,
        "demand": row.demand,
        "tier": TIERS[row.tier][0],
        "told": told(run, _steps(run)),
        "result": results.result(row.demand, row),
        "is_firms": is_firms,
    }
    if request.headers.get("HX-Request"):
        return render(request, "trials/_submission.html", context)
    context |= head(visible(row.demand.name, access), access)
    return render(request, "trials/submission.html", context)


def _steps(run: JobRun) -> list[JobTransition]:
    return list(JobTransition.objects.filter(run_id=run.id).order_by("pk"))


def _teams_companies(submission: str) -> list[int]:
    row = Submission.objects.filter(pk=submission).values_list("team_id", flat=True).first()
    if row is None:
        raise Http404
    members = TeamMember.objects.filter(team=row, agreed__isnull=False, left=None)
    return list(members.values_list("company_id", flat=True))


@require_POST
@needs("trials.submit", owners=_teams_companies)
def cancel(request: HttpRequest, submission: str) -> HttpResponse:
    """Ask for the end of a run."""
    user = of(request).user
    assert user is not None
    submissions.cancel(Submission.objects.get(pk=submission), by=user)
    return HttpResponseRedirect(reverse("trials:submission", args=[submission]))
