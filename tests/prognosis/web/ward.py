"""A hospital for tests: its people, a model of visits fitted to invented courses, its patients."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from madang.portal.models import Organisation
from madang.prognosis.engine.dynamic.fitting import Span, fit_followed
from madang.prognosis.engine.dynamic.visits import read_courses, read_visits
from madang.prognosis.engine.model_file import write_model
from madang.prognosis.web.models import Patient, Registered
from madang.prognosis.web.services import answers, people, registry
from tests.portal.people import organisation, somebody

if TYPE_CHECKING:
    from madang.portal.models import User

SEED = 11
TITLES = {
    **{"title_ko": "간 예후", "title_en": "Liver course", "outcome_ko": "사망"},
    **{"outcome_en": "death", "other_ko": "간 이식", "other_en": "transplant"},
}


@cache
def fitted() -> tuple[bytes, bytes]:
    """A model's file and its rows: 260 invented patients whose bilirubin drives two causes."""
    rng = np.random.default_rng(SEED)
    rows, ends = [], []
    for place in range(260):
        level, name = rng.normal(0.5, 0.9), f"p{place:03d}"
        death, transplant = rng.exponential(
            [3650 / np.exp(1.2 * level), 14_000 / np.exp(0.8 * level)]
        )
        leaves = rng.uniform(800, 3200)
        end = max(min(death, transplant, leaves), 10.0)
        cause = int(np.argmin([leaves, death, transplant])) if end < leaves else 0
        ends.append((name, end, cause))
        for visited in np.arange(0.0, end, 180.0):
            rows.append(
                {
                    **{"id": name, "at": float(visited)},
                    "bilirubin_mg_dl": float(np.exp(level + rng.normal(0, 0.1))),
                    "albumin_g_dl": float(3.6 - 0.25 * level + rng.normal(0, 0.2)),
                    "age": float(40 + place % 30),
                    "sex": "female" if place % 4 else "male",
                }
            )
    names = ("bilirubin_mg_dl", "albumin_g_dl", "age", "sex")
    visits = read_visits(pl.DataFrame(rows), patient="id", time="at", columns=names)
    found = fit_followed(
        visits,
        read_courses(*zip(*ends, strict=True)),
        span=Span(2000.0, 1500.0, 730.0),
        categories=("sex",),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.model"
        write_model(found.model, path)
        return path.read_bytes(), found.rows


@dataclass(frozen=True, kw_only=True)
class Ward:
    """A hospital with who works in it."""

    hospital: Organisation
    doctor: User
    agency: User


def ward() -> Ward:
    """A hospital without a model."""
    hospital = organisation("hospital")
    return Ward(
        hospital=hospital,
        doctor=somebody("clinician", hospital),
        agency=somebody("agency", hospital),
    )


def model(place: Ward, name: str = "liver", *, live: bool = True, **told: Any) -> Registered:
    """A registered model, in use unless said otherwise."""
    content, rows = fitted()
    row = registry.register(
        content,
        **{"owner": place.hospital, "by": place.agency, "name": name, "rows": rows},
        **(TITLES | told),
    )
    if live:
        registry.decide(row, "use", by=place.agency, reason="tried")
    return Registered.objects.get(pk=row.pk)


def patient(
    place: Ward,
    number: str = "A-1",
    *,
    since: int = 300,
    bilirubin: tuple[float, ...] = (1.2, 2.4),
    name: str = "홍길동",
) -> Patient:
    """A woman of 52 who entered so many days ago and came every half year."""
    first = answers.today() - timedelta(days=since)
    row = people.register(
        place.hospital,
        number,
        identity={"name": name, "birth_date": "1970-03-01"},
        entered_on=first,
        fixed={"sex": "female", "age": 52.0},
        by=place.doctor,
    )
    for turn, value in enumerate(bilirubin):
        values = {"bilirubin_mg_dl": value, "albumin_g_dl": 3.4}
        people.record(row, first + timedelta(days=180 * turn), values, by=place.doctor)
    return Patient.objects.get(pk=row.pk)


def day(ago: int) -> date:
    """So many days before today."""
    return answers.today() - timedelta(days=ago)
