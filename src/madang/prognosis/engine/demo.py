"""How does a prognosis look on real patients? The PBC trial, from training to single answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from madang.kernel.words import Words, words
from madang.prognosis.engine import pbc
from madang.prognosis.engine.answer import answer
from madang.prognosis.engine.chart import Chart, Visit
from madang.prognosis.engine.followup.next_visit import WHY, Limits, next_visit
from madang.prognosis.engine.frequencies import of_people

if TYPE_CHECKING:
    from madang.prognosis.engine.answer import Answer
    from madang.prognosis.engine.dynamic.fitting import FromVisits
    from madang.prognosis.engine.dynamic.model import VisitModel

WINDOW = 730.0
LIMITS = Limits(threshold=0.2, window=WINDOW, shortest=28.0, longest=365.0)
PATIENTS = 40


@dataclass(frozen=True, kw_only=True)
class Told:
    """One patient's answer at the last visit, beside what was said at the one before."""

    patient: str
    day: float
    answer: Answer
    before: float | None

    @property
    def said(self) -> Words:
        """In one line."""
        found = self.answer
        if found.refusal is not None:
            return words(
                f"환자 {self.patient}: {found.refusal.ko}",
                f"Patient {self.patient}: {found.refusal.en}",
            )
        people = self._people()
        risk, low, high = (round(100 * each) for each in found.at(WINDOW))
        plan = self._plan()
        was = "" if self.before is None else f"{round(100 * self.before)} → "
        return words(
            f"환자 {self.patient}: 비슷한 100명 가운데 2년 안에 사망 {people['event']}명, 간 이식 "
            f"{people['other']}명 (위험 {was}{risk}%, 구간 {low}–{high}%). "
            f"다음 방문 {plan[0]:.0f}일 뒤: {plan[1].ko}",
            f"Patient {self.patient}: of 100 such people within two years: death "
            f"{people['event']}, transplant {people['other']} (risk {was}{risk} %, {low} to "
            f"{high}). "
            f"Next visit in {plan[0]:.0f} days: {plan[1].en}",
        )

    def _people(self) -> dict[str, int]:
        place = int(np.abs(self.answer.days - WINDOW).argmin())
        chances = {
            "event": float(self.answer.risk[place]),
            "other": float(self.answer.causes[1:, place].sum()),
            "free": float(self.answer.free[place]),
        }
        return of_people(chances)

    def _plan(self) -> tuple[float, Words]:
        cautious = np.minimum.accumulate(1 - self.answer.high)
        plan = next_visit(self.answer.days, cautious, LIMITS)
        return plan.at, WHY[plan.why]

    def facts(self) -> dict[str, Any]:
        """As plain JSON."""
        told: dict[str, Any] = {"patient": self.patient, "day": self.day}
        if self.answer.refusal is not None:
            return told | {"refusal": self.answer.refusal.en}
        risk, low, high = self.answer.at(WINDOW)
        return told | {
            "risk": risk,
            "low": low,
            "high": high,
            "before": self.before,
            "of_100": self._people(),
            "next_visit_days": self._plan()[0],
        }


class Played(NamedTuple):
    """The model, answers for patients it had not seen, and one refusal."""

    found: FromVisits
    patients: list[Told]
    refused: Told
    sum_rule: float
    """By how much incidences and survival were off 1 at most."""


def play() -> Played:
    """Train on two thirds of the trial and answer for others.

    Raises:
        Unavailable: The trial's visits were not downloaded.
    """
    trained, others = pbc.split(pbc.pbc())
    found = pbc.fitted(trained)
    told = [
        told_of(found.model, chart_of(others, name), name)
        for name in others.courses.patient[:PATIENTS].tolist()
    ]
    kept = [each for each in told if each.answer.refusal is None]
    worst = max(
        float(np.abs(each.answer.free + each.answer.causes.sum(axis=0) - 1).max()) for each in kept
    )
    return Played(found, kept, _refused(found.model, others), worst)


def chart_of(cohort: pbc.Cohort, name: str) -> Chart:
    """A patient of the trial."""
    rows = cohort.visits.of([name]).table.iter_rows(named=True)
    return Chart.of(
        {},
        [
            Visit(
                row["visited"],
                {
                    key: value
                    for key, value in row.items()
                    if key not in ("patient", "visited") and value is not None
                },
            )
            for row in rows
        ],
    )


def told_of(model: VisitModel, chart: Chart, name: str) -> Told:
    """What the model says at the last visit, and said at the one before."""
    day = float(chart.last_day or 0.0)
    days = np.linspace(30.4375, model.landmark.horizon, 60)
    days = np.union1d(days, [WINDOW])
    before = None
    if len(chart.visits) > 1:
        earlier = answer(model, chart, chart.visits[-2].day, days=[WINDOW])
        before = None if earlier.refusal is not None else earlier.at(WINDOW)[0]
    return Told(patient=name, day=day, answer=answer(model, chart, day, days=days), before=before)


def _refused(model: VisitModel, others: pbc.Cohort) -> Told:
    """The first patient once more, with a bilirubin that no training patient had."""
    name = str(others.courses.patient[0])
    chart = chart_of(others, name)
    strange = Visit(float(chart.last_day or 0.0), {"bilirubin_mg_dl": 95.0})
    return told_of(model, Chart.of(chart.fixed, [*chart.visits, strange]), f"{name}*")
