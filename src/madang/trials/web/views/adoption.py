"""The gates of an adoption: plan, moves, observations, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal.access import needs, of
from madang.trials.engine.adoption_moves import FROM, MOVES, STATES
from madang.trials.engine.stop_rule import STANDINGS, cases_needed
from madang.trials.web.forms.adoption import (
    USUAL_PLAN,
    MoveForm,
    ObservationForm,
    PlanForm,
    further_measures,
)
from madang.trials.web.services import adoptions, gates
from madang.trials.web.views.consultation import (
    adoption_of,
    parties_of,
    required_side,
    side,
)
from madang.trials.web.views.demand import head, visible

if TYPE_CHECKING:
    from django.http import HttpRequest

    from madang.portal.models import Organisation
    from madang.trials.engine.adoption import Adoption as Course
    from madang.trials.web.models import Adoption

GATE_KINDS = {
    "waiting": "unproved",
    "running": "good",
    "paused": "late",
    "stopped": "danger",
    "ended": "plain",
}
STANDING_KINDS = {"observing": "unproved", "kept": "good", "tripped": "danger"}
CONSEQUENCES = {
    "open": words(
        "해법이 업무와 나란히 돌며 아무 결정에도 쓰이지 않습니다.",
        "The solution runs beside the work and decides nothing.",
    ),
    "advance": words(
        "다음 단계의 비율만큼 해법이 실제 업무에 쓰입니다.",
        "The solution serves the next gate's share of the cases.",
    ),
    "resume": words("멈춘 단계에서 다시 시작합니다.", "It serves again at the gate it paused at."),
    "pause": words(
        "해법이 아무 업무에도 쓰이지 않습니다. 다시 시작할 수 있습니다.",
        "The solution serves no case. It can resume.",
    ),
    "stop": words(
        "해법을 즉시 멈춥니다. 처음 단계로 되돌리거나 종료할 수만 있습니다.",
        "The solution stops at once. Only the way back to the first gate, or the end, is left.",
    ),
    "roll_back": words(
        "앞 단계로 되돌아가 멈춘 채 새로 관찰합니다.",
        "Back to an earlier gate, paused there, observed anew.",
    ),
    "end": words(
        "도입을 끝냅니다. 되돌릴 수 없습니다.", "The adoption ends. This cannot be undone."
    ),
}
DANGEROUS = ("stop", "end", "roll_back")


@needs("trials.adopt", owners=parties_of)
def adoption(request: HttpRequest, demand: str) -> HttpResponse:
    """Where the gates stand, what was observed, and what this reader may do."""
    access, row = of(request), adoption_of(demand)
    course, mine = adoptions.course(row), side(row, access)
    agreed = adoptions.consultation(row)
    context = {
        **head(visible(demand, access), access),
        **{"adoption": row, "course": course, "side": mine},
        "is_agency": bool(mine and mine.pk == row.agency_id),
        "is_ready": bool(agreed and agreed.is_ready),
        **(_told(row, course, mine) if course else {}),
    }
    return render(request, "trials/adoption.html", context)


def _told(row: Adoption, course: Course, mine: Organisation | None) -> dict[str, Any]:
    titles = {each.name: each.title for each in course.plan.measures}
    readings = [
        {
            "reading": each,
            "title": titles[each.measure],
            "sentence": each.sentence(titles[each.measure]),
            "standing": STANDINGS[each.standing],
            "kind": STANDING_KINDS[each.standing],
        }
        for each in course.readings()
    ]
    return {
        "state": STATES[course.state],
        "state_kind_of_gate": GATE_KINDS[course.state],
        "gates": [
            {
                "gate": gate,
                "percent": f"{100 * gate.share:g}",
                "is_now": number == course.place,
                "is_past": number < course.place,
            }
            for number, gate in enumerate(course.plan.gates)
        ],
        "readings": readings,
        "wanting": course.wanting(at=clock.now()) if course.state == "running" else (),
        "moves": _moves(row, course, mine),
        "rules": _rules(course),
        "observations": row.observations.order_by("-at")[:50],
        "titles": titles,
        "events": [
            {
                "at": each.at,
                "what": MOVES[each.move],
                "who": adoptions.named(row, words(each.organisation, each.organisation)),
                "note": each.reason,
            }
            for each in reversed(course.history[-100:])
        ],
    }


def _rules(course: Course) -> list[dict[str, Any]]:
    """Each stop rule with the cases it will about need at half its limit."""
    measures = {each.name: each for each in course.plan.measures}
    count = len(course.plan.gates)
    return [
        {
            "rule": rule,
            "title": measures[rule.measure].title,
            "needed": cases_needed(rule, measures[rule.measure], mean=rule.limit / 2, gates=count),
        }
        for rule in course.plan.rules
    ]


def _moves(row: Adoption, course: Course, mine: Organisation | None) -> list[tuple[str, Any]]:
    """The moves that are due for the reader's party: name and verb."""
    if mine is None:
        return []
    own = gates.MOVES if mine.pk == row.agency_id else ("pause", "stop")
    due = [each for each in own if course.state in FROM[each]]  # type: ignore[index]
    if course.is_live:
        due = [each for each in due if each != "advance"]
    return [(each, MOVES[each]) for each in due]  # type: ignore[index]


@needs("trials.adopt", owners=parties_of)
def plan(request: HttpRequest, demand: str) -> HttpResponse:
    """Fix gates, measures and their stop rules before the first gate opens."""
    access, row = of(request), adoption_of(demand)
    mine = required_side(row, access)
    assert access.user is not None
    form = PlanForm(request.POST or None, initial=USUAL_PLAN)
    further = further_measures(request.POST if request.method == "POST" else None)
    is_further_valid = not further.is_bound or further.is_valid()
    if request.method == "POST" and form.is_valid() and is_further_valid:
        try:
            more = further.forms if further.is_bound else ()
            gates.set_plan(row, form.content(more), by=access.user, at=mine)
            return HttpResponseRedirect(reverse("trials:adoption", args=[demand]))
        except InputError as fault:
            form.add_error(None, str(fault))
    context = {
        **head(visible(demand, access), access),
        **{"adoption": row, "form": form, "further": further},
    }
    is_refused = form.errors or not is_further_valid
    return render(request, "trials/adoption_plan.html", context, status=422 if is_refused else 200)


@needs("trials.adopt", owners=parties_of)
def move(request: HttpRequest, demand: str, name: str) -> HttpResponse:
    """Say what a move will do; do it when confirmed."""
    access, row = of(request), adoption_of(demand)
    mine = required_side(row, access)
    if name not in gates.MOVES:
        raise Http404
    assert access.user is not None
    course = adoptions.require_course(row)
    form = _move_form(request, name, course)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            gates.move(
                row,
                name,
                by=access.user,
                at=mine,
                reason=given.get("reason", ""),
                to=given.get("to", ""),
            )
            return HttpResponseRedirect(reverse("trials:adoption", args=[demand]))
        except InputError as fault:
            told = adoptions.named(row, words(fault.sentence("ko"), fault.sentence("en")))
            form.add_error(None, str(told))
    context = {
        "title": MOVES[name],  # type: ignore[index]
        "sentence": CONSEQUENCES[name],
        "act": MOVES[name],  # type: ignore[index]
        "facts": _facts(row, course, name),
        "back": reverse("trials:adoption", args=[demand]),
        **{"is_danger": name in DANGEROUS, "form": form},
    }
    return render(
        request, "portal/parts/confirm.html", context, status=422 if form.errors else 200
    )


def _move_form(request: HttpRequest, name: str, course: Course) -> MoveForm:
    form = MoveForm(request.POST if request.method == "POST" else None)
    form.fields["to"].choices = [  # type: ignore[attr-defined]
        (gate.name, gate.title) for gate in course.plan.gates[: max(course.place, 1)]
    ]
    if name != "roll_back":
        del form.fields["to"]
    if name in gates.OPENING:
        del form.fields["reason"]
    else:
        form.fields["reason"].required = True
    return form


def _facts(row: Adoption, course: Course, name: str) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = [(words("지금 상태", "Now"), STATES[course.state])]
    if course.gate:
        found.append((words("지금 단계", "Gate"), course.gate.title))
    if name in ("open", "advance"):
        nth = min(course.place + 1, len(course.plan.gates) - 1)
        following = course.plan.gates[nth]
        found.append((words("열 단계", "Gate to open"), following.title))
        share = f"{100 * following.share:g} %"
        found.append((words("해법이 맡는 비율", "Share served by the solution"), share))
    agreed = adoptions.consultation(row)
    wanting = list(agreed.wanting) if agreed else [words("협의 회의록", "the minutes")]
    if name == "advance":
        wanting += course.wanting(at=clock.now())
    if name in gates.OPENING and wanting:
        texts = [adoptions.named(row, each) for each in wanting]
        joined = words("; ".join(e.ko for e in texts), "; ".join(e.en for e in texts))
        found.append((words("모자란 것", "Still wanting"), joined))
    return found


@needs("trials.adopt", owners=parties_of)
def observe(request: HttpRequest, demand: str) -> HttpResponse:
    """Report a batch of observations of the present gate."""
    access, row = of(request), adoption_of(demand)
    mine = required_side(row, access)
    assert access.user is not None
    course = adoptions.require_course(row)
    form = ObservationForm(
        request.POST or None,
        initial={"observed_from": course.opened, "observed_until": clock.now()},
    )
    form.fields["measure"].choices = [  # type: ignore[attr-defined]
        (each.name, each.title) for each in course.plan.measures
    ]
    if request.method == "POST" and form.is_valid():
        try:
            gates.report(row, form.content(), by=access.user, at=mine)
            return HttpResponseRedirect(reverse("trials:adoption", args=[demand]))
        except InputError as fault:
            told = adoptions.named(row, words(fault.sentence("ko"), fault.sentence("en")))
            form.add_error(None, str(told))
    context = {**head(visible(demand, access), access), "adoption": row, "form": form}
    return render(
        request, "trials/adoption_observe.html", context, status=422 if form.errors else 200
    )
