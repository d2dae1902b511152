"""What every page of a demand's editor has: its steps, its frame, the job that works on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words
from madang.portal.models import JobRun
from madang.trials.web.models import Demand
from madang.trials.web.services import drafts
from madang.trials.web.views.demand import STATE_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS: Mapping[str, Words] = {
    "problem": words("문제", "Problem"),
    "data": words("자료", "Data"),
    "task": words("과제와 판정", "Task and rule"),
    "parts": words("나누기와 제한", "Parts and limits"),
    "schedule": words("일정과 평가표", "Dates and rubric"),
    "check": words("점검", "Check"),
    "preview": words("확인과 봉인", "Preview and seal"),
}
_OF_DRAFT = ("draft", "sealing", "sealed")


def draft_of(name: str) -> Demand:
    """A demand that is not posted yet.

    Raises:
        Http404: It is posted or withdrawn: its editor is gone.
    """
    found = Demand.objects.select_related("agency", "ministry").get(name=name)
    if found.state not in _OF_DRAFT:
        raise Http404
    return found


def address(demand: Demand, step: str) -> str:
    """Where a step of a demand's editor stands."""
    return reverse("trials:edit-step", args=[demand.name, step])


def following(step: str) -> str:
    """The step after this one."""
    if step == "metric":
        return "task"
    names = list(STEPS)
    return names[names.index(step) + 1] if step in names[:-1] else names[-1]


def frame(demand: Demand, step: str) -> dict[str, Any]:
    """What every page of the editor shows."""
    names = list(STEPS)
    return {
        "demand": demand,
        "state_kind": STATE_KINDS[demand.state],
        "step": step,
        "steps": [(title, address(demand, name), name == step) for name, title in STEPS.items()],
        "titles": list(STEPS.values()),
        "number": names.index(step) + 1 if step in names else 0,
        "back": address(demand, names[names.index(step) - 1]) if step in names[1:] else "",
        "is_text_read": _is_read(demand),
    }


def _is_read(demand: Demand) -> bool:
    """Whether the forms show what the text says."""
    try:
        return not demand.text or drafts.as_plain(demand.text) == demand.plain
    except InputError:
        return False


def run_of(demand: Demand) -> dict[str, Any] | None:
    """The job that works on a draft now, as its page shows it."""
    row = JobRun.objects.filter(id=demand.run).first() if demand.run else None
    if row is None:
        return None
    title = {
        "trials.suggest": words("표의 열을 살펴봅니다", "Looking at the table's columns"),
        "trials.check": words("수요와 자료를 점검합니다", "Checking the demand and its data"),
        "trials.register": words("자료를 봉인합니다", "Sealing the data"),
    }
    return {
        "title": title.get(row.job, words("처리합니다", "Working")),
        "percent": 100 * row.share if row.state == "running" else None,
        "note": words(row.saying_ko, row.saying_en),
        "url": reverse("trials:edit-progress", args=[demand.name]),
    }
