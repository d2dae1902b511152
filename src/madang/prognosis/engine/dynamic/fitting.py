"""How do a file of patients and a file of their visits become a model that follows them?"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.cohort_file import OutcomeColumns, read_watched
from madang.prognosis.engine.dynamic.model import VisitModel, fit_visit_model
from madang.prognosis.engine.dynamic.quality import Quality, quality
from madang.prognosis.engine.dynamic.rows import write_rows
from madang.prognosis.engine.dynamic.visits import Courses, Visits, read_courses, read_visits
from madang.prognosis.engine.table import columns, covariates, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from madang.prognosis.engine.dynamic.model import OutOfFold
    from madang.prognosis.engine.table import Table

LEAST_RISK = 1e-4
"""Lower risks count as this one where a logarithm is taken."""
MARKS = 17
"""How many landmarks are spread from entry to the last."""


class Span(NamedTuple):
    """From when to when is learnt, in the unit of the visits."""

    last: float
    """The last landmark: later after entry nothing is answered."""
    horizon: float
    """How far ahead is answered."""
    window: float
    """How far ahead the quality is told."""


class FromVisits(NamedTuple):
    """A model, how good it is on patients it had not seen, and columns left out."""

    model: VisitModel
    quality: Quality
    left_out: list[str]
    rows: bytes
    """What it learnt from, without names (`dynamic.rows`)."""


class VisitColumns(NamedTuple):
    """Names of columns: the patient in both files, and the time since entry in that of visits."""

    patient: str
    visited: str


def fit_visit_files(
    patients: Path,
    visits: Path,
    named: OutcomeColumns,
    *,
    keyed: VisitColumns,
    span: Span,
    leave_out: Sequence[str] = (),
    categories: Sequence[str] = (),
    unit: str = "day",
    seed: int = 0,
) -> FromVisits:
    """Fit a model that answers at every visit.

    Args:
        patients: CSV, a row a patient: the follow-up, and what does not change.
        visits: CSV, a row a visit.
        named: The columns of the follow-up.
        keyed: The columns that tell whose visit it is, and when.
        span: From when to when is learnt.
        leave_out: Columns of either file that are not to predict.
        categories: Columns whose numbers are names of levels.
        unit: Of all times.
        seed: Deals the folds.

    Raises:
        InputError: A cell, a column or a file cannot be used; the row and column are named.
    """
    people, rows = read_table(patients), read_table(visits)
    watched = read_watched(people, named)
    away = {*named.names, *keyed, *leave_out}
    # Who was followed and how it ended may be all that the file of patients tells.
    own = covariates(
        people,
        [n for n in people.cells if n not in away],
        categories=categories,
        may_be_none=True,
    )
    seen = covariates(
        rows,
        [n for n in rows.cells if n not in {*away, *(each["name"] for each in own.declared)}],
        categories=categories,
    )
    fixed = columns(people, own.declared)
    measured = columns(rows, seen.declared)
    names, visitors = _named(people, keyed.patient), _named(rows, keyed.patient)
    courses = read_courses(names, watched.time, watched.cause)
    table = _joined(names, fixed, visitors, measured)
    table["visited"] = rows.numbers(keyed.visited)
    found = fit_followed(
        _read(table, [*fixed, *measured]),
        courses,
        span=span,
        categories=[
            each["name"] for each in [*own.declared, *seen.declared] if each["kind"] == "category"
        ],
        seed=seed,
    )
    digests = {
        "data_sha256": hashlib.sha256(patients.read_bytes()).hexdigest(),
        "visits_sha256": hashlib.sha256(visits.read_bytes()).hexdigest(),
        "outcome": named._asdict(),
        "unit": unit,
    }
    model = replace(found.model, facts=found.model.facts | digests)
    return found._replace(model=model, left_out=[*own.left_out, *seen.left_out])


def fit_followed(
    visits: Visits, courses: Courses, *, span: Span, categories: Sequence[str] = (), seed: int = 0
) -> FromVisits:
    """Fit to visits that stand in memory; the facts tell of the fit and its quality.

    Raises:
        InputError: Too few events, or a span that is none.
    """
    if not 0 < span.window <= span.horizon or span.last < 0:
        raise InputError(
            words(
                f"마지막 시점 {span.last:g}, 예측 기간 {span.horizon:g}, 평가 {span.window:g}",
                f"a last landmark of {span.last:g}, {span.horizon:g} ahead, {span.window:g} told",
            ),
            words(
                "0 이상의 시점과 예측 기간 안의 평가 기간",
                "a landmark of 0 or later, and a window within what is predicted",
            ),
        )
    marks = np.linspace(0.0, span.last, MARKS if span.last else 1).tolist()
    fitted = fit_visit_model(
        visits,
        courses,
        landmarks=marks,
        horizon=span.horizon,
        asked=[span.window],
        categories=categories,
        seed=seed,
    )
    told = quality(fitted.out_of_fold, window=span.window, place=0)
    facts = {
        "kind": "visits",
        "patients": len(courses.patient),
        "visits": visits.table.height,
        "events": [int((courses.cause == each).sum()) for each in range(1, courses.causes + 1)],
        "horizon": span.horizon,
        "last_landmark": span.last,
        "penalty": fitted.model.landmark.causes[0].penalty,
        "oldest": fitted.model.oldest,
        "quality": told.facts(),
        "log_risk": _log_risk(fitted.out_of_fold),
        "missing": _missing(visits, marks),
        "seed": seed,
        "versions": versions(),
    }
    model = replace(fitted.model, facts=facts)
    return FromVisits(model, told, [], write_rows(model, visits, courses, marks))


def _log_risk(told: Mapping[float, OutOfFold]) -> float:
    """Mean logarithm of the risk within the window, from which a watch measures."""
    risks = np.concatenate([each.causes[0][:, 0] for each in told.values()])
    return float(np.log(np.maximum(risks, LEAST_RISK)).mean())


def _missing(visits: Visits, marks: Sequence[float]) -> dict[str, float]:
    """By column, the share of patients who had no value yet, over all landmarks."""
    shots = [visits.snapshot(at) for at in marks]
    whole = sum(each.height for each in shots)
    return {
        name: sum(each[name].null_count() for each in shots) / whole for name in visits.measured
    }


def versions() -> dict[str, str]:
    """Of what computes."""
    return {
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("numpy", "scikit-learn", "scipy")},
    }


def _named(table: Table, column: str) -> list[str]:
    """Whose row each is.

    Raises:
        InputError: A row does not say whose it is.
    """
    found = []
    for place, cell in enumerate(table.of(column)):
        if cell is None:
            raise table.fault(place, column, cell, words("환자 이름", "a patient"))
        found.append(cell)
    return found


def _joined(
    people: Sequence[str],
    fixed: Mapping[str, Any],
    visitors: Sequence[str],
    measured: Mapping[str, Any],
) -> dict[str, Any]:
    """The columns of the visits with what does not change beside each."""
    place = {name: row for row, name in enumerate(people)}
    unknown = next((row for row, name in enumerate(visitors) if name not in place), None)
    if unknown is not None:
        raise InputError(
            words(
                f"방문 {unknown + 2}행의 환자 {visitors[unknown]!r}",
                f"the patient {visitors[unknown]!r} in row {unknown + 2} of the visits",
            ),
            words("환자 파일에 있는 환자", "a patient of the file of patients"),
        )
    rows = [place[name] for name in visitors]
    return {
        "patient": list(visitors),
        **{name: values[rows] for name, values in fixed.items()},
        **measured,
    }


def _read(table: Mapping[str, Any], names: Sequence[str]) -> Visits:
    import polars as pl

    listed = {
        name: values.tolist() if isinstance(values, np.ndarray) else values
        for name, values in table.items()
    }
    return read_visits(
        pl.DataFrame(listed, strict=False), patient="patient", time="visited", columns=names
    )
