"""The decision of a demand: how far it is, what was compared, what follows, and its acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.report.written import number
from madang.kernel.words import Words, words
from madang.portal.access import needs, of, public
from madang.trials.engine.decision import Decision as Ruled
from madang.trials.engine.decision import sentence
from madang.trials.engine.objection import STATES as OBJECTION_STATES
from madang.trials.web.forms.decision import AnnounceForm
from madang.trials.web.models import Demand
from madang.trials.web.services import boards, decisions, objections, reports, rubrics
from madang.trials.web.services.house import office
from madang.trials.web.views.demand import head, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.http import HttpRequest, HttpResponse

    from madang.portal.access import Access

ANNOUNCED = ("decided", "final", "adopting", "live", "ended")


def deciders(demand: str) -> Iterable[int | None]:
    """Who decides on the demand of an address: its ministry, the agency itself without one.

    Raises:
        Http404: There is none.
    """
    found = Demand.objects.filter(name=demand).values_list("agency", "ministry").first()
    if found is None:
        raise Http404
    agency, ministry = found
    return [ministry or agency]


@public
def decision(request: HttpRequest, demand: str) -> HttpResponse:
    """What was decided and why; for those who decide, also the way there."""
    access = of(request)
    found = visible(demand, access)
    if not may_see(found, access):
        raise Http404
    may_decide = access.may("trials.decide", *deciders(demand))
    context = {
        **head(found, access),
        "may_decide": may_decide,
        "is_announced": found.state in ANNOUNCED,
        "has_begun": decisions.has_begun(found),
        "form": AnnounceForm(),
        "reports": [kind for kind in reports.KINDS if reports.report(found, kind)],
        "report_failed": may_decide and decisions.report_failed(found),
    }
    if found.state == "evaluating":
        context |= {"standing": decisions.standing(found)}
    if hasattr(found, "decision") and found.state != "evaluating":
        context |= _figures(request, found, access)
    if request.GET.get("picture") and request.headers.get("HX-Request"):
        return render(request, "trials/_decision_picture.html", context)
    return render(request, "trials/decision.html", context)


def may_see(demand: Demand, access: Access) -> bool:
    """Whether a reader may see what was measured.

    Everybody once it is announced; before that the demand's owners, and each evaluator who has
    signed every sheet.
    """
    if demand.state in ANNOUNCED:
        return True
    if demand.state not in ("evaluating", "evaluated"):
        return False
    if access.may("trials.see", *demand.owners):
        return True
    return access.user is not None and rubrics.has_signed_all(demand, access.user)


def _figures(request: HttpRequest, demand: Demand, access: Access) -> dict[str, Any]:
    """The comparison, the sentence that follows from it, and the panel beside it."""
    decided = demand.decision
    lines = boards.compared(demand, decided)
    scored = boards.metric(demand)
    picture = boards.final_picture(demand, lines)
    is_wanted = bool(request.GET.get("picture"))
    is_shown = picture is not None and (is_wanted or picture.is_kept)
    return {
        "decision": decided,
        "verdict": _verdict(demand, lines),
        "finding": _finding(demand, lines),
        "picture": picture if is_shown else None,
        "is_waiting": picture is not None and not is_shown,
        "rows": [_row(scored, each) for each in lines],
        "others": _others(demand, lines),
        "metric": scored,
        "level": round(100 * (1 - float(demand.plain["decision"].get("alpha", 0.05)))),
        "cases": decided.comparison["cases"],
        "panel": panel(demand, access),
        "window": _window(demand),
        "may_compare_again": demand.state == "evaluated" and objections.fallen(demand),
    }


def _verdict(demand: Demand, lines: Sequence[boards.Compared]) -> Words:
    ruled = Ruled.from_plain(demand.decision.facts)
    rule = office().workspace.demand_folder(demand.name).demand.decision
    return sentence(ruled, rule, {each.name: each.title for each in lines})


def _finding(demand: Demand, lines: Sequence[boards.Compared]) -> Words:
    better = [
        each for each in lines if each.difference_high is not None and each.difference_high < 0
    ]
    count = sum(not each.is_baseline for each in better)
    return words(
        f"기준보다 뚜렷이 나은 해법은 {count}개입니다",
        f"{count} solutions are clearly better than the baseline",
    )


def _row(scored: boards.Scored, line: boards.Compared) -> dict[str, Any]:
    difference = ""
    if line.difference is not None:
        difference = number(line.difference, decimals=scored.decimals, signed=True)
    return {
        "line": line,
        "score": scored.written(line.score),
        "interval": scored.between(line.low, line.high),
        "difference": difference,
        "difference_interval": scored.between(line.difference_low, line.difference_high),
        "p": "" if line.p is None else f"{line.p:.4f}",
    }


def _others(demand: Demand, lines: Sequence[boards.Compared]) -> dict[str, Any]:
    """Every metric of everything that was compared, as a table."""
    scores = demand.decision.comparison["all"]
    names = sorted({name for each in scores.values() for name in each})
    columns = [(name, boards.metric(demand, name)) for name in names]
    return {
        "headers": [words("해법", "Solution"), *(metric.title for _, metric in columns)],
        "rows": [
            [line.title, *(_cell(scores[line.name].get(name), each) for name, each in columns)]
            for line in lines
        ],
        "numeric": " ".join(str(column) for column in range(2, len(names) + 2)),
    }


def _cell(value: float | None, scored: boards.Scored) -> str:
    return "–" if value is None else scored.written(value)


def panel(demand: Demand, access: Access) -> dict[str, Any] | None:
    """What the panel said, beside the measured part; None where it may not be seen yet."""
    found = rubrics.panel(demand)
    is_owner = access.may("trials.see", *demand.owners)
    if found is None or not (demand.state in ANNOUNCED or is_owner):
        return None
    if not rubrics.is_finished(demand):
        return {"missing": len(found.missing)} if is_owner else None
    entries = {each.team.name: each for each in rubrics.judged(demand)}
    scored = boards.metric(demand)
    rows = []
    for standing in found.standings():
        entry = entries[standing.team]
        measured = rubrics.measured(demand, entry)
        mixed = None if measured is None else found.mixed(standing.team, measured)
        rows.append(
            {
                "title": entry.title,
                "team": standing.team,
                "measured": "–" if measured is None else scored.written(measured),
                "points": _points(standing.points),
                "spread": f"{_points(standing.lowest)} – {_points(standing.highest)}",
                "evaluators": standing.evaluators,
                "aside": standing.conflicted,
                "mixed": _points(mixed),
                "criteria": [_points(each.centre) for each in standing.spreads],
            }
        )
    agreement = found.agreement()
    return {
        "rows": rows,
        "has_mixture": found.rubric.mixture is not None,
        "criteria": [
            (each.title, _points(agreement[each.name], 2)) for each in found.rubric.criteria
        ],
    }


def _points(value: float | None, decimals: int = 1) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"


def _window(demand: Demand) -> dict[str, Any] | None:
    """Where the objections to an announced decision stand."""
    if demand.state not in ANNOUNCED or demand.decision.announced is None:
        return None
    found = objections.objections(demand)
    state = found.state(clock.now())
    return {
        "title": OBJECTION_STATES[state],
        "closes": found.closes,
        "count": len(found.objections),
        "unanswered": sum(not each.is_settled for each in found.objections),
        "is_final": state == "final",
    }


DONE = {
    "close": words("최종 비교를 시작했습니다.", "The final comparison has begun."),
    "repeat": words("다시 실행합니다.", "It runs again."),
    "announce": words("판정을 공개했습니다.", "The decision is announced."),
    "confirm": words("판정을 확정했습니다.", "The decision is final."),
    "compare-again": words("다시 비교합니다.", "It is compared again."),
    "report": words("보고서를 다시 만듭니다.", "The report is made again."),
}
_ACTS: dict[str, Callable[..., Any]] = {
    "close": decisions.close,
    "repeat": decisions.repeat,
    "confirm": decisions.confirm,
    "compare-again": decisions.compare_again,
    "report": decisions.report_again,
}


@require_POST
@needs("trials.decide", owners=lambda demand, act: deciders(demand))
def act(request: HttpRequest, demand: str, act: str) -> HttpResponse:
    """Do the next thing on the way to a decision."""
    access = of(request)
    found, user = visible(demand, access), access.user
    if act not in DONE or user is None:
        raise Http404
    try:
        if act == "announce":
            form = AnnounceForm(request.POST)
            form.is_valid()
            decisions.announce(found, by=user, reason=form.cleaned_data.get("reason", ""))
        else:
            _ACTS[act](found, by=user)
    except InputError as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, str(DONE[act]))
    return HttpResponseRedirect(reverse("trials:decision", args=[found.name]))
