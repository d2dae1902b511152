"""What stands on a new site of development? A real model, and patients of the PBC trial."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from madang.kernel.errors import Unavailable
from madang.kernel.words import Words, words
from madang.portal import example
from madang.portal.models import User
from madang.prognosis.engine import pbc
from madang.prognosis.engine.model_file import write_model
from madang.prognosis.web import models
from madang.prognosis.web.services import answers, people, registry, watching

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.portal.models import Organisation

MODEL = "pbc-example"
SHOWN = 36
"""Patients of the clinic; none of them was in the training."""
TITLES = {
    "title_ko": "담즙성 담관염 2년 예후",
    "title_en": "Two-year course of biliary cholangitis",
    "outcome_ko": "사망",
    "outcome_en": "death",
    "other_ko": "간 이식",
    "other_en": "liver transplant",
}


def seed(told: Callable[[Words], None]) -> None:
    """Fit a model to two thirds of the PBC trial, and follow some of the others up to today."""
    told(
        words(
            "실제 임상시험 자료로 예후 모형을 학습하고 예시 환자를 등록합니다.",
            "Fitting a prognosis model to a real trial, and following example patients.",
        )
    )
    try:
        cohort = pbc.pbc()
    except Unavailable as fault:
        told(words(str(fault), str(fault)))
        return
    trained, others = pbc.split(cohort)
    owner = example.organisation(example.AGENCY)
    by = User.objects.get(email="agency@example.org")
    row = _model(trained, owner, by)
    doctor = User.objects.get(email="clinician@example.org")
    for place, name in enumerate(others.courses.patient[:SHOWN].tolist()):
        _patient(others, name, place, row=row, by=doctor)
    answers.all_today(row, by=None)
    watching.watched(row, until=answers.today() - timedelta(days=1))


def _model(trained: pbc.Cohort, owner: Organisation, by: User) -> models.Registered:
    found = pbc.fitted(trained)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{MODEL}.model"
        write_model(found.model, path)
        content = path.read_bytes()
    row = registry.register(
        content, owner=owner, by=by, name=MODEL, rows=found.rows, is_example=True, **TITLES
    )
    registry.decide(row, "use", by=by, reason="example")
    return models.Registered.objects.get(pk=MODEL)


def _patient(
    cohort: pbc.Cohort, name: str, place: int, *, row: models.Registered, by: User
) -> None:
    """One real course, its days moved so that it has come as far as today.

    Two of three are still seen: what happened to them later is not told. The others have ended.
    """
    visits = [dict(each) for each in cohort.visits.of([name]).table.iter_rows(named=True)]
    course = cohort.courses.among([name])
    is_open = place % 3 != 0 and len(visits) > 1
    seen = visits[: 1 + max(1, 2 * len(visits) // 3)] if is_open else visits
    since_s = (place * 37) % 220 if is_open else 30 + (place * 53) % 600
    last = float(seen[-1]["visited"]) if is_open else float(course.time[0])
    first = answers.today() - timedelta(days=int(last) + since_s)
    patient = people.register(
        row.owner,
        f"G-{place + 1:05d}",
        identity={"name": f"예시 환자 {place + 1}"},
        entered_on=first,
        fixed={"sex": seen[0]["sex"], "age": round(seen[0]["age"], 1)},
        is_example=True,
        by=by,
    )
    for each in seen:
        values = {key: each[key] for key in pbc.COLUMNS.values() if each[key] is not None}
        on = first + timedelta(days=int(each["visited"]))
        people.record(patient, on, values, by=by)
        answers.prognose(patient, row, by=by, on=on)
    if not is_open:
        people.end(patient, first + timedelta(days=int(last)), int(course.cause[0]), by=by)
