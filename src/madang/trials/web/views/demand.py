"""One demand, as anybody may see it: what is asked, where it stands, and what can be proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from madang.kernel import clock
from madang.kernel.words import Words, words
from madang.portal.access import of, public
from madang.trials.engine.paper import PART_WORDS
from madang.trials.engine.sectors import SECTORS
from madang.trials.web.models import BoardRow, Demand
from madang.trials.web.services import annals, evidence, openings, timing
from madang.trials.web.views.next_step import next_step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.http import HttpRequest

    from madang.portal.access import Access

STATE_KINDS = {
    "draft": "plain",
    "sealing": "info",
    "sealed": "info",
    "posted": "info",
    "open": "good",
    "evaluating": "info",
    "evaluated": "info",
    "decided": "info",
    "final": "good",
    "adopting": "info",
    "live": "good",
    "ended": "plain",
    "withdrawn": "plain",
}
"""State → the badge's kind; its words say it."""
RULES = {
    "superiority": words("기준보다 나음", "Better than the baseline"),
    "non_inferiority": words("기준에 뒤지지 않음", "Not worse than the baseline"),
}
TIERS = {
    "predictions": words("예측 파일", "Predictions file"),
    "onnx": words("ONNX 모델", "ONNX model"),
    "python": words("파이썬 원본", "Python source"),
}
SHOWN_ROWS = 3
RELATED = 4


def visible(name: str, access: Access) -> Demand:
    """The demand that an address names, its clock set right.

    Raises:
        Http404: There is none, or none that this reader may know of.
    """
    with_others = Demand.objects.select_related(
        "agency", "ministry", "origin", "decision", "adoption"
    )
    demand = with_others.filter(name=name).first()
    if demand is None or not (demand.is_public or is_owner(demand, access)):
        raise Http404
    timing.advance(demand)
    return demand


def is_owner(demand: Demand, access: Access) -> bool:
    """Whether the reader acts for the demand's agency or ministry, or watches over all."""
    return access.may("trials.post", *demand.owners) or access.everywhere("trials.see")


def owners_of(demand: str, **_: str) -> Iterable[int | None]:
    """Whose demand an address names, for `needs(owners=…)`.

    Raises:
        Http404: There is none.
    """
    found = Demand.objects.filter(name=demand).values_list("agency", "ministry").first()
    if found is None:
        raise Http404
    return found


def head(demand: Demand, access: Access) -> dict[str, Any]:
    """What `trials/_demand_head.html` shows on every page of a demand."""
    return {
        "demand": demand,
        "state_kind": STATE_KINDS[demand.state],
        "tabs": tabs(demand, access),
        "is_owner": is_owner(demand, access),
        "may_change": access.may("trials.post", *demand.owners),
    }


_UNOPENED = ("draft", "sealing", "sealed", "posted")
_UNDECIDED = ("open", "evaluating", "evaluated", "withdrawn")
TABS: tuple[tuple[str, Words, tuple[str, ...]], ...] = (
    ("demand", words("개요", "Overview"), ()),
    ("questions", words("질문과 답변", "Questions"), ()),
    ("board", words("순위판", "Board"), _UNOPENED),
    ("submissions", words("제출", "Submissions"), _UNOPENED),
    ("decision", words("판정", "Decision"), (*_UNOPENED, *_UNDECIDED)),
)
"""Address, title, and the states in which there is no such page yet."""
OF_PARTIES = (
    ("consultation", words("협의", "Consultation")),
    ("adoption", words("도입 관문", "Gates")),
)
"""Pages of an adoption, for the agency, the ministry and the company alone."""
SPREADING = ("adopting", "live", "ended")


def tabs(demand: Demand, access: Access) -> list[tuple[Words, str]]:
    """The pages of a demand in its present state for this reader: title and address."""
    if not demand.is_public:
        return []
    found = [(title, name) for name, title, without in TABS if demand.state not in without]
    if demand.rubric:
        found.append((words("평가", "Panel"), "rubric"))
    adoption = getattr(demand, "adoption", None)
    if adoption and access.may("trials.adopt", *demand.owners, adoption.company_id):
        found += [(title, name) for name, title in OF_PARTIES]
    if adoption and demand.state in SPREADING:
        found.append((words("확산", "Diffusion"), "diffusion"))
    return [(title, reverse(f"trials:{name}", args=[demand.name])) for title, name in found]


@public
def demand(request: HttpRequest, demand: str) -> HttpResponse:
    """The page of one demand."""
    access = of(request)
    found = visible(demand, access)
    context = head(found, access)
    is_owner = context["is_owner"]
    return render(
        request,
        "trials/demand.html",
        {
            **context,
            "next": next_step(found, access),
            "facts": facts(found),
            "phases": phases(found),
            "files": openings.files(found) if found.is_public else [],
            "events": annals.history(found, is_owner=is_owner),
            "board": board(found),
            "metric": metric_title(found),
            "related": related(found),
            "children": children(found),
        },
    )


def facts(demand: Demand) -> list[tuple[Words, Any]]:
    """What a reader compares demands by: name and value."""
    registered = demand.registration
    tiers = [TIERS[each] for each in registered.get("tiers", [])]
    found: list[tuple[Words, Any]] = [
        (words("수요기관", "Demanding agency"), demand.agency.name),
    ]
    if demand.ministry:
        found.append((words("소관 부처", "Ministry in charge"), demand.ministry.name))
    if demand.sector in SECTORS:
        found.append((words("분야", "Field"), SECTORS[demand.sector]))
    if not registered:
        return found
    sizes = registered.get("sizes", {})
    sealed = sum(count for part, count in sizes.items() if part != "open")
    listed = [(PART_WORDS[part], count) for part, count in sizes.items()]
    found += [
        (
            words("자료", "Data"),
            words(
                ", ".join(f"{title.ko} {count:,}건" for title, count in listed),
                ", ".join(f"{title.en} {count:,}" for title, count in listed),
            ),
        ),
        (words("봉인된 사례", "Sealed cases"), words(f"{sealed:,}건", f"{sealed:,}")),
        (words("판정 지표", "Metric of the decision"), metric_title(demand)),
        (words("판정 규칙", "Rule of the decision"), rule(demand)),
        (words("찾아낼 수 있는 차이", "Smallest detectable difference"), difference(demand)),
        (
            words("제출 형태", "Forms of submission"),
            words(
                ", ".join(each.ko for each in tiers) or "–",
                ", ".join(each.en for each in tiers) or "–",
            ),
        ),
        (
            words("팀당 제출 횟수", "Submissions a team"),
            words(f"{demand.quota:,}회", f"{demand.quota:,}"),
        ),
    ]
    return found


def metric_of(demand: Demand) -> dict[str, Any]:
    """Name, titles, direction, unit and decimals of the decision's metric."""
    for each in demand.registration.get("metrics", []):
        if each["name"] == demand.metric:
            return dict(each)
    plain = {"name": demand.metric, "ko": demand.metric, "en": demand.metric}
    return {**plain, "direction": "lower", "unit": "", "decimals": 4}


def metric_title(demand: Demand) -> Words:
    """The metric, and which way is better."""
    metric = metric_of(demand)
    lower = metric["direction"] == "lower"
    return words(
        f"{metric['ko']} ({'낮을수록' if lower else '높을수록'} 좋음)",
        f"{metric['en']} ({'lower' if lower else 'higher'} is better)",
    )


def rule(demand: Demand) -> Words:
    """The rule of the decision in one line."""
    decision = demand.plain.get("decision", {})
    base = demand.baselines.get(decision.get("baseline", ""), {})
    name = decision.get("baseline", "")
    by = RULES[decision.get("rule", "superiority")]
    margin, alpha = decision.get("margin", 0), decision.get("alpha", 0.05)
    ko = f"{by.ko}: {base.get('ko', name)}, 유의수준 {100 * alpha:g} %"
    en = f"{by.en}: {base.get('en', name)}, {100 * alpha:g} % level"
    if margin:
        ko, en = f"{ko}, 한계 {margin:g}", f"{en}, margin {margin:g}"
    return words(ko, en)


def difference(demand: Demand) -> Words:
    """The smallest difference that the final part shows."""
    smallest = demand.registration.get("detectable_difference")
    if smallest is None:
        return words(
            "미리 계산할 수 없는 지표입니다.", "Cannot be computed ahead for this metric."
        )
    unit = metric_of(demand)["unit"]
    shown = f"{smallest:.3g} {unit}".rstrip()
    return words(f"{shown} (검정력 80 %)", f"{shown} (80 % power)")


def phases(demand: Demand) -> list[dict[str, Any]]:
    """The dates of a demand in their order, and which phase is now."""
    course = timing.course(demand)
    if course is None:
        return []
    now, table = clock.now(), course.timetable
    phase = course.phase(now)
    dated = (
        (words("질문", "Questions"), table.questions_from, table.questions_until),
        (words("제출 접수", "Submissions"), table.opens, table.closes),
        (words("판정 예정", "Decision expected"), None, table.decision_by),
        (words("이의신청", "Objections"), course.milestones.notified, demand.objections_until),
        (words("판정 확정", "Decision final"), course.milestones.final, None),
        (words("도입 시작", "Adoption begun"), course.milestones.adoption, None),
        (words("철회", "Withdrawn"), course.milestones.cancelled, None),
    )
    found = [
        {"title": title, "begins": begins, "ends": ends, "is_now": _is_now(begins, ends, now)}
        for title, begins, ends in dated
        if begins or ends
    ]
    if phase and not any(each["is_now"] for each in found):
        found.append({"title": phase.words, "begins": None, "ends": None, "is_now": True})
    return found


def _is_now(begins: datetime | None, ends: datetime | None, now: datetime) -> bool:
    return bool(begins and ends and begins <= now < ends)


def board(demand: Demand) -> list[dict[str, Any]]:
    """The first rows of the board, with the baselines among them."""
    if not demand.is_public or demand.state == "posted":
        return []
    sign = "" if metric_of(demand)["direction"] == "lower" else "-"
    rows = BoardRow.objects.filter(demand=demand).select_related("team").order_by(f"{sign}shown")
    found = [{"title": row.team.name, "shown": row.shown} for row in rows[:SHOWN_ROWS]]
    found += [
        {"title": words(each["ko"], each["en"]), "shown": each["shown"], "is_baseline": True}
        for each in demand.baselines.values()
    ]
    return sorted(found, key=lambda row: row["shown"], reverse=bool(sign))


def related(demand: Demand) -> list[Demand]:
    """Other demands of the same kind of task."""
    if not demand.task:
        return []
    public = Demand.objects.filter(task=demand.task, posted__isnull=False).exclude(pk=demand.pk)
    return list(public.select_related("agency").defer("text", "findings", "plain")[:RELATED])


def children(demand: Demand) -> list[Demand]:
    """Demands by which other agencies confirm this one's solution."""
    found = Demand.objects.filter(origin=demand, posted__isnull=False).select_related("agency")
    return list(found.defer("text", "findings", "plain"))


@public
def data(request: HttpRequest, demand: str, file: str) -> HttpResponse | FileResponse:
    """One public file of a demand: the open sample, or sealed inputs that are given out."""
    found = visible(demand, of(request))
    if not found.is_public:
        raise Http404
    try:
        content, media_type = openings.opened(found, file)
    except KeyError as fault:
        raise Http404 from fault
    return FileResponse(
        content, as_attachment=True, filename=f"{found.name}-{file}", content_type=media_type
    )


@public
def proofs(request: HttpRequest, demand: str) -> JsonResponse:
    """What the log holds of a demand, each entry with the proof that it stands there."""
    access = of(request)
    found = visible(demand, access)
    answer = JsonResponse(evidence.of_demand(found), json_dumps_params={"ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="{found.name}-evidence.json"'
    return answer
