"""What does the model in use say of a patient today, and since when is it so?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import transaction

from madang.kernel import clock
from madang.portal.log import remember
from madang.prognosis.engine import answer as answering
from madang.prognosis.engine.chart import Chart
from madang.prognosis.engine.chart import Visit as Seen
from madang.prognosis.engine.followup.next_visit import next_visit
from madang.prognosis.web import models
from madang.prognosis.web.services import drivers, people, registry

if TYPE_CHECKING:
    from madang.portal.models import User
    from madang.prognosis.engine.answer import Answer

POINTS = 60
"""Times at which a curve is kept."""


def today() -> date:
    """The day in Korea."""
    return (clock.now() + timedelta(hours=9)).date()


def chart_of(patient: models.Patient) -> Chart:
    """The patient's chart, in days since entry."""
    visits = [
        Seen(float((each.on - patient.entered_on).days), each.values)
        for each in patient.visits.all()
    ]
    return Chart.of(patient.fixed, visits)


def ahead(row: models.Registered, day: float) -> list[float]:
    """Days from a day on at which the model is asked, the window among them."""
    model = registry.opened(row)
    reach = min(answering.reach(model, day), 5 * 365.25)
    last = max(reach, float(row.window_days))
    return np.union1d(np.linspace(last / POINTS, last, POINTS), [float(row.window_days)]).tolist()


@transaction.atomic
def prognose(
    patient: models.Patient, row: models.Registered, *, by: User | None, on: date | None = None
) -> models.Prognosis:
    """What the model says; asked anew only where the patient's data have changed since.

    Args:
        patient: The patient.
        row: The model.
        by: Who asks; None where the house itself does.
        on: The day from which it looks ahead, with what was known by then; today if left out.
    """
    on = on or today()
    known = models.Prognosis.objects.filter(patient=patient, model=row, on=on).first()
    if known is not None and known.at >= patient.changed:
        return known
    chart = chart_of(patient)
    day = float((on - patient.entered_on).days)
    model = registry.opened(row)
    said = answering.answer(model, chart, day, days=ahead(row, day))
    found = known or models.Prognosis(patient=patient, model=row, on=on)
    found.at = clock.now()
    _tell(found, row, said)
    if said.refusal is None:
        found.before = _before(row, chart, day)
        found.drivers = drivers.of(row, chart, day)
    found.save()
    remember(
        "prognosis-made",
        people.thing(patient),
        by=by,
        model=row.digest,
        after={"risk": found.risk, "refusal": found.refusal_en},
    )
    return found


def _tell(found: models.Prognosis, row: models.Registered, said: Answer) -> None:
    """Put what was said into the row."""
    found.answer, found.risk, found.before = {}, None, None
    found.next_on, found.why, found.drivers = None, "", []
    found.refusal_ko = found.refusal_en = ""
    if said.refusal is not None:
        found.refusal_ko, found.refusal_en = said.refusal.ko[:300], said.refusal.en[:300]
        return
    found.answer = {
        "days": said.days.tolist(),
        "risk": _short(said.risk),
        "low": _short(said.low),
        "high": _short(said.high),
        "causes": [_short(each) for each in said.causes],
        "free": _short(said.free),
    }
    found.risk = said.at(row.window_days)[0]
    limits = registry.limits(row)
    if said.days[-1] >= limits.shortest + limits.window:
        # Each end of an interval is its own; as a curve it must not turn back.
        cautious = np.minimum.accumulate(1 - said.high)
        plan = next_visit(said.days, cautious, limits)
        found.next_on = found.on + timedelta(days=round(plan.at))
        found.why = plan.why


def _short(values: Any) -> list[float]:
    """Enough digits for every page, and sums that still hold to 1e-9."""
    return [round(float(each), 12) for each in values]


def _before(row: models.Registered, chart: Chart, day: float) -> float | None:
    """The risk as of the visit before the last one known by a day; None where there is none."""
    known = [each.day for each in chart.visits if each.day <= day]
    if len(known) < 2:
        return None
    said = at_visit(row, chart, known[-2])
    return None if said.refusal is not None else said.at(row.window_days)[0]


def at_visit(row: models.Registered, chart: Chart, day: float) -> Answer:
    """What the model says of an earlier day, from what was known on it."""
    return answering.answer(registry.opened(row), chart, day, days=[float(row.window_days)])


def all_today(row: models.Registered, *, by: User | None) -> int:
    """Ask the model for every patient under follow-up; how many there are."""
    rows = models.Patient.objects.filter(owner=row.owner, ended_on=None)
    for patient in rows.prefetch_related("visits"):
        prognose(patient, row, by=by)
    return len(rows)
