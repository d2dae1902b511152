"""What moves a patient's risk, by how much, and how did patients like this one fare?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from madang.portal import objects
from madang.prognosis.engine.answer import reach, unit_days
from madang.prognosis.engine.dynamic.model import VisitModel
from madang.prognosis.engine.dynamic.rows import nearest, read_rows
from madang.prognosis.engine.explain.alternatives import alternatives
from madang.prognosis.engine.explain.changing import modifiable
from madang.prognosis.engine.explain.contributions import contributions
from madang.prognosis.engine.explain.similar import COUNT, FEWEST, Similar, similar
from madang.prognosis.engine.question import question
from madang.prognosis.web.services import registry

if TYPE_CHECKING:
    from madang.prognosis.engine.chart import Chart
    from madang.prognosis.engine.explain.alternatives import Alternatives
    from madang.prognosis.web import models

_LEAST_POINTS = 5e-4
"""What moves the risk by less is not told."""
_MOST_OPEN = 4
_ONE_IN = 5


def told_days(row: models.Registered, day: float) -> list[float]:
    """Days ahead for which contributions are told: a half, the whole, and twice the window."""
    far = reach(registry.opened(row), day)
    days = (row.window_days / 2, row.window_days, 2 * row.window_days)
    return [float(each) for each in days if each <= far]


def of(row: models.Registered, chart: Chart, day: float) -> list[dict[str, Any]]:
    """Columns with what they add to the risk, against a typical patient, the largest first."""
    asked = question(registry.opened(row), chart, day)
    days = told_days(row, day)
    if not days:
        return []
    found = contributions(asked.survival, asked.patient, asked.reference, np.array(days))
    main = min(1, len(days) - 1)
    told = [
        {
            "column": name,
            "value": asked.patient.get(name),
            "points": [round(float(each), 6) for each in points],
        }
        for name, points in zip(found.columns, found.points, strict=True)
        if np.abs(points).max() >= _LEAST_POINTS
    ]
    return sorted(told, key=lambda each: -abs(each["points"][main]))


def changed(row: models.Registered, chart: Chart, day: float) -> Alternatives | None:
    """What the model would say of other values, of those that can be changed."""
    days = told_days(row, day)
    if not row.alternatives or not days:
        return None
    asked = question(registry.opened(row), chart, day)
    return alternatives(
        asked.survival,
        asked.refusals,
        patient=asked.patient,
        times=days,
        modifiable=[modifiable(each) for each in row.alternatives],
    )


@lru_cache(maxsize=_MOST_OPEN)
def _rows(digest: str) -> Any:
    """Training rows by their digest in the store; read once by a process."""
    return read_rows(objects.objects().get(digest))


def alike(row: models.Registered, chart: Chart, day: float) -> Similar | None:
    """How those training patients fared who were like this one as long after their entry."""
    model, days = registry.opened(row), told_days(row, day)
    if not isinstance(model, VisitModel) or row.rows is None or not days:
        return None
    unit = unit_days(model)
    known = nearest(_rows(row.rows.digest), day / unit)
    asked = question(model, chart, day)
    return similar(
        asked.patient,
        known.table,
        known.watched,
        np.array(days) / unit,
        columns=asked.columns,
        scope=asked.scope,
        # Of a small cohort a hundred would be nearly everybody, alike or not.
        count=max(FEWEST, min(COUNT, len(known.watched.time) // _ONE_IN)),
    )
