"""What stands on a patient's page, and in the lists of patients?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Max

from madang.kernel.words import Words, words
from madang.prognosis.engine.dynamic.visits import AGE, AT, COUNT
from madang.prognosis.engine.followup.next_visit import WHY
from madang.prognosis.engine.followup.worklist import Followed, worklist
from madang.prognosis.engine.titles import shown, title
from madang.prognosis.web import models
from madang.prognosis.web.services import answers, drivers, pictures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from madang.prognosis.engine.chart import Chart, Measured

WORDS_OF_A_FOLLOWED = (AGE, COUNT, AT)


def patient(row: models.Patient, model: models.Registered | None) -> dict[str, Any]:
    """Everything that the page of a patient tells, but who it is."""
    chart, today = answers.chart_of(row), answers.today()
    context: dict[str, Any] = {
        "model": model,
        "today": today,
        "visits": list(row.visits.order_by("-on")[:30]),
        "values": values(row, chart, model, today),
        "last_visit": row.visits.order_by("-on").first(),
    }
    last = context["last_visit"]
    context["age_days"] = (today - last.on).days if last else None
    if model is None or row.ended_on is not None:
        return context
    found = answers.prognose(row, model, by=None)
    context["prognosis"] = found
    if found.answer:
        day = float((today - row.entered_on).days)
        context |= _answered(found, model) | _beside(model, chart, day)
    return context


def _answered(found: models.Prognosis, model: models.Registered) -> dict[str, Any]:
    answer = found.answer
    people = pictures.people(answer, model.window_days)
    years = model.window_days / pictures.YEAR
    return {
        "people": people,
        "years": f"{years:.1f}".removesuffix(".0"),
        "curve": pictures.curve(answer, model),
        "curve_rows": pictures.rows(answer),
        "curve_headers": [
            words("햇수", "Years"),
            words(f"{model.outcome.ko}(%)", f"{model.outcome.en} (%)"),
            words("95 % 구간(%)", "95 % interval (%)"),
            words(f"{model.other.ko or '다른 사건'}(%)", f"{model.other.en or 'other'} (%)"),
            words("해당 없음(%)", "neither (%)"),
        ],
        "curve_title": _finding(people, model, years),
        "change": change(found),
        "why": WHY[found.why] if found.why else None,
        "days_to_next": (found.next_on - found.on).days if found.next_on else None,
        "drivers": [
            each
            | {
                "title": title(each["column"]).name,
                "shown": shown_value(each),
                "points_shown": [_signed(points) for points in each["points"]],
            }
            for each in found.drivers
        ],
    }


def _beside(model: models.Registered, chart: Chart, day: float) -> dict[str, Any]:
    """What stands beside an answer: how those alike fared, and values that can be changed."""
    days = drivers.told_days(model, day)
    main = min(1, len(days) - 1)
    found = drivers.alike(model, chart, day)
    told: dict[str, Any] = {"driver_years": [years_of(each) for each in days]}
    if found is not None and np.isfinite(found.course.share[main, 0]):
        told["alike"] = {
            "patients": found.patients,
            "years": years_of(days[main]),
            "share": f"{100 * found.course.share[main, 0]:.0f}",
            "low": f"{100 * found.course.low[main, 0]:.0f}",
            "high": f"{100 * found.course.high[main, 0]:.0f}",
        }
    return told | {"changed": _changed(model, chart, day, main)}


def _changed(model: models.Registered, chart: Chart, day: float, main: int) -> dict[str, Any]:
    """Alternatives in words; empty where none was declared."""
    found = drivers.changed(model, chart, day)
    if found is None:
        return {}
    return {
        "meaning": found.meaning,
        "rows": [
            {
                "title": title(each.declared[0].column).name,
                "to": shown(each.declared[0].column, each.declared[0].to),
                "points": None
                if each.difference is None
                else f"{100 * each.difference[main]:+.1f}",
                "refusal": each.refusal,
                "source": each.declared[0].source,
                "caution": each.declared[0].caution,
            }
            for each in found.each
        ],
    }


def _signed(share: float) -> str:
    """Points of a hundred with their sign; what rounds to nothing has none."""
    points = round(100 * float(share), 1)
    return f"{points:+.1f}" if points else "0.0"


def years_of(days: float) -> str:
    """Days as years, without a decimal that says nothing."""
    return f"{days / pictures.YEAR:.1f}".removesuffix(".0")


def shown_value(driver: dict[str, Any]) -> Words:
    """A driver's value; a gap in words."""
    value = driver.get("value")
    return words("값 없음", "no value") if value is None else shown(driver["column"], value)


def _finding(people: pictures.People, model: models.Registered, years: float) -> Words:
    within = f"{years:.1f}".removesuffix(".0")
    return words(
        f"{within}년 안에 {model.outcome.ko}할 위험은 {people.event}%입니다"
        f"(95 % 구간 {people.low}–{people.high}%).",
        f"The risk of {model.outcome.en} within {within} years is {people.event} % "
        f"(95 % interval {people.low} to {people.high} %).",
    )


def change(found: models.Prognosis) -> Words | None:
    """What became of the risk since the visit before the last; None where there was none."""
    if found.risk is None or found.before is None:
        return None
    points = 100 * found.growth
    before, now = f"{100 * found.before:.1f}", f"{100 * found.risk:.1f}"
    if abs(points) < 0.05:
        return words(f"그대로입니다({now}%).", f"It is as it was ({now} %).")
    up = points > 0
    return words(
        f"{before}%에서 {now}%로 {abs(points):.1f}%p {'높아졌습니다' if up else '낮아졌습니다'}.",
        f"It has {'risen' if up else 'fallen'} from {before} % to {now} %, by {abs(points):.1f} "
        "points.",
    )


def values(
    row: models.Patient, chart: Chart, model: models.Registered | None, today: date
) -> list[dict[str, Any]]:
    """Each value that the model reads: the last, how old it is, and what it was before."""
    found = []
    for each in model.columns if model else []:
        name = each["name"]
        now = chart.last(name)
        told: dict[str, Any] = {"title": title(name).name, "now": None, "is_fixed": False}
        if now is not None:
            told["is_fixed"] = name in row.fixed and not any(
                name in visit.values for visit in chart.visits
            )
            on = row.entered_on + timedelta(days=now.day)
            told |= {"now": shown(name, now.value), "on": on, "age": (today - on).days}
            told |= _earlier(chart, name, now)
        found.append(told)
    return found


def _earlier(chart: Chart, name: str, now: Measured) -> dict[str, Any]:
    before = chart.until(now.day - 1).last(name) if now.day > 0 else None
    if before is None or isinstance(before.value, str) or isinstance(now.value, str):
        return {}
    if before.day == now.day:
        return {}
    return {"before": shown(name, before.value), "rose": now.value - before.value}


def listed(
    rows: Iterable[models.Patient], model: models.Registered | None
) -> list[dict[str, Any]]:
    """Patients with what was last said of each."""
    found = list(rows)
    latest: dict[str, models.Prognosis] = {}
    if model is not None:
        asked = models.Prognosis.objects.filter(model=model, patient__in=found)
        for each in asked.order_by("patient_id", "on"):
            latest[each.patient_id] = each
    return [{"patient": each, "prognosis": latest.get(each.pk)} for each in found]


def to_do(model: models.Registered) -> list[dict[str, Any]]:
    """Patients whom the clinic should look at today, the most urgent first.

    A visit is due as it was planned when the last one was looked at: a plan of today would move
    on with every day on which nobody comes.
    """
    today = answers.today()
    rows = (
        models.Prognosis.objects.filter(model=model, patient__ended_on=None)
        .select_related("patient")
        .defer("answer", "drivers")
        .annotate(seen=Max("patient__visits__on"))
        .order_by("on")
    )
    latest: dict[str, models.Prognosis] = {}
    due: dict[str, date] = {}
    for each in rows:
        latest[each.patient_id] = each
        if each.on >= (each.seen or each.patient.entered_on) and each.next_on:
            due.setdefault(each.patient_id, each.next_on)
    followed = [
        Followed(
            patient=name,
            # Whom the model refuses was still to come on some day, or is looked at now.
            due=due.get(name, each.next_on or each.on),
            risk=each.risk or 0.0,
            before=each.before,
        )
        for name, each in latest.items()
    ]
    order = worklist(followed, today=today, threshold=model.threshold, growth=model.growth)
    return [
        {
            "patient": latest[each.patient].patient,
            "risk": latest[each.patient].risk,
            "refusal": latest[each.patient].refusal,
            "change": "–" if each.before is None else _signed(each.growth),
            "due": each.due,
            "overdue": each.overdue(today),
            "reasons": _reasons(each, latest[each.patient], model, today),
        }
        for each in order
    ]


def _reasons(
    each: Followed, said: models.Prognosis, model: models.Registered, today: date
) -> list[tuple[str, Words]]:
    late, found = each.overdue(today), []
    if said.risk is None:
        found.append(("unproved", words("예측하지 않음", "no prediction")))
    if each.risk >= model.threshold:
        found.append(("danger", words("조치 기준 이상", "at the line of action")))
    if each.growth >= model.growth:
        found.append(("late", words("위험이 커짐", "risk has grown")))
    if late:
        found.append(("late", words(f"방문 {late}일 지남", f"visit {late} days overdue")))
    return found
