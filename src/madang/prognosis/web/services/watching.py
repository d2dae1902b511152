"""Does a model in use hold? Every day the watch is told what happened and what was expected.

A patient's answers follow each other: each counts from its own day to the day of the next, to the
end of the follow-up, or to as far as it looked ahead. What an answer expected in a day is the
hazard of the event that its curve implies.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import Min, Q

from madang.kernel.words import words
from madang.portal.log import remember
from madang.prognosis.engine.dynamic.fitting import LEAST_RISK
from madang.prognosis.engine.titles import title
from madang.prognosis.engine.watch.inputs import Inputs, Missing
from madang.prognosis.engine.watch.outcomes import Level, Slope, accrued
from madang.prognosis.engine.watch.rule import STOPPED, Rule, Watch
from madang.prognosis.web import models
from madang.prognosis.web.services import answers, offers, registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


_ENDLESS = 99.0


class Episode(NamedTuple):
    """One answer, as long as it counts."""

    begins: date
    ends: date | None
    """None as long as nothing ended it."""
    happened: bool
    days: NDArray[np.float64]
    hazard: NDArray[np.float64]
    """Cumulative hazard of the event at `days`, 0 at first."""
    log_risk: float


def episodes(row: models.Registered) -> list[Episode]:
    """Every answer of a model that was no refusal."""
    rows = (
        models.Prognosis.objects.filter(model=row, risk__isnull=False)
        .select_related("patient")
        .order_by("patient_id", "on")
    )
    found, told = [], list(rows)
    for place, each in enumerate(told):
        later = told[place + 1] if place + 1 < len(told) else None
        same = later is not None and later.patient_id == each.patient_id
        found.append(_episode(each, later.on if same and later else None))
    return found


def _episode(each: models.Prognosis, replaced: date | None) -> Episode:
    days = np.concatenate([[0.0], each.answer["days"]])
    reached = np.concatenate([[0.0], each.answer["risk"]])
    free = np.concatenate([[1.0], each.answer["free"]])
    hazard = np.concatenate([[0.0], np.cumsum(np.diff(reached) / np.maximum(free[:-1], 1e-9))])
    ended = each.patient.ended_on
    first = [day for day in (replaced, ended) if day is not None]
    until = min([*first, each.on + timedelta(days=int(days[-1]))])
    return Episode(
        begins=each.on,
        ends=until if first or until <= answers.today() else None,
        happened=each.patient.cause == 1 and ended == until and replaced != ended,
        days=days,
        hazard=hazard,
        log_risk=float(np.log(max(each.risk or 0.0, LEAST_RISK))),
    )


def watch_of(row: models.Registered) -> Watch:
    """How a model holds so far."""
    kept = row.watch
    if not kept:
        return Watch.begin(
            Rule(), centre=row.facts.get("log_risk", 0.0), missing=row.facts.get("missing", {})
        )
    return Watch(
        rule=Rule(**kept["rule"]),
        level=Level(**kept["level"]),
        slope=Slope(centre=kept["slope"]["centre"], won=tuple(kept["slope"]["won"])),
        inputs=Inputs(
            columns={
                name: Missing(**{**each, "won": tuple(each["won"])})
                for name, each in kept["inputs"]["columns"].items()
            }
        ),
        state=kept["state"],
        raised=frozenset(kept["raised"]),
    )


def told(row: models.Registered) -> dict[str, Any]:
    """How a model holds, as its page says it."""
    watch = watch_of(row)
    low, high = watch.level.interval(watch.rule.alpha / 2)
    rule = watch.rule
    return {
        "until": row.watched_until,
        "until_shown": f"{row.watched_until:%Y-%m-%d}" if row.watched_until else "",
        "observed": watch.level.observed,
        "expected_shown": f"{watch.level.expected:.1f}",
        "ratio": watch.level.ratio,
        "interval": f"{low:.2f}–{high:.2f}" if high < _ENDLESS else f"{low:.2f}–∞",
        "bounds": words(
            f"{rule.low:g} 아래 또는 {rule.high:g} 위",
            f"below {rule.low:g} or above {rule.high:g}",
        ),
        "inputs": [
            {
                "title": title(name).name,
                "share": each.share,
                "normal": each.normal,
                "seen": each.seen,
                "evidence": math.exp(min(each.log_evidence, 50.0)),
            }
            for name, each in watch.inputs.columns.items()
        ],
    }


def plain(watch: Watch) -> dict[str, Any]:
    """A watch as plain JSON."""
    return asdict(watch) | {"raised": sorted(watch.raised)}


@transaction.atomic
def watched(row: models.Registered, *, until: date) -> list[models.Alarm]:
    """Tell the watch of all that happened up to a day.

    Args:
        row: A model in use.
        until: The last day, which is over.
    """
    row = models.Registered.objects.select_for_update().get(pk=row.pk)
    rows = episodes(row)
    begin = row.watched_until or min((each.begins for each in rows), default=until)
    if begin >= until or not rows:
        return []
    watch, events = watch_of(row), list[dict[str, Any]]()
    entered, left, happened = _columns(rows, begin)

    def cumulative(place: Any, times: Any) -> Any:
        return np.array(
            [
                np.interp(time, rows[each].days, rows[each].hazard)
                for each, time in zip(place.tolist(), times.tolist(), strict=True)
            ]
        )

    told = accrued(
        entered, left, happened, cumulative, since=0.0, until=float((until - begin).days)
    )
    if len(told.place):
        risks = [rows[each].log_risk for each in told.place.tolist()]
        watch, events = watch.outcomes(told.observed, told.expected, risks)
    # A first watch begins with the day of the first answers, which belongs to no earlier one.
    since = begin if row.watched_until else begin - timedelta(days=1)
    watch, more = _inputs(row, watch, since=since, until=until)
    return _kept(row, watch, [*events, *more], until)


def _columns(rows: list[Episode], begin: date) -> tuple[list[float], list[float], list[bool]]:
    """Days since the period's begin."""
    return (
        [float((each.begins - begin).days) for each in rows],
        [float((each.ends - begin).days) if each.ends else float("inf") for each in rows],
        [each.happened for each in rows],
    )


def _inputs(
    row: models.Registered, watch: Watch, *, since: date, until: date
) -> tuple[Watch, list[dict[str, Any]]]:
    """What was missing of the patients who were first answered for in the period.

    Whoever is looked at every day brings the same gap every day: each counts once.
    """
    own = Q(prognoses__model=row)
    patients = models.Patient.objects.annotate(first=Min("prognoses__on", filter=own)).filter(
        first__gt=since, first__lte=until
    )
    names = list(watch.inputs.columns)
    charts = [answers.chart_of(each) for each in patients.prefetch_related("visits")]
    if not charts or not names:
        return watch, []
    missing = {name: sum(each.last(name) is None for each in charts) for name in names}
    return watch.patients(len(charts), missing)


def _kept(
    row: models.Registered, watch: Watch, events: Iterable[dict[str, Any]], until: date
) -> list[models.Alarm]:
    alarms = []
    for each in events:
        entry = remember(
            "model-alarm", registry.thing(row), by=None, until=str(until), **_log(each)
        )
        alarms.append(models.Alarm.objects.create(model=row, facts=each, log_entry=entry.index))
    row.watch, row.watched_until = plain(watch), until
    row.save()
    if watch.state == STOPPED and row.state == "live":
        registry.decide(row, "stop", by=None, reason="observed and expected differ")
    return alarms


def _log(event: dict[str, Any]) -> dict[str, Any]:
    """As the log takes it: numbers as text, since a log's numbers are whole."""
    return {
        name: str(value) if isinstance(value, float) else value for name, value in event.items()
    }


def tick() -> None:
    """Watch every model in use up to yesterday, once a day; take up models that were brought."""
    offers.take()
    yesterday = answers.today() - timedelta(days=1)
    rows = models.Registered.objects.filter(state="live").exclude(watched_until__gte=yesterday)
    for row in rows:
        watched(row, until=yesterday)
