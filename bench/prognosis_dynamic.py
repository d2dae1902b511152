"""Does following up beat a baseline? Two-year mortality in PBC, by the values known at each visit.

Landmarks at years 1 to 5, five folds by patient, three ways of dealing them; transplants censored,
weights by Kaplan-Meier of each landmark. Beside: Cox's model with a small ridge of its own at each
landmark, from the first values and from the last ones. The visits lie in the programme's reference
data; without those there is nothing to measure.
"""

from __future__ import annotations

import lzma
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from bench.table import Measurement
from madang.prognosis.engine.dynamic.landmark import fit_landmark
from madang.prognosis.engine.dynamic.visits import (
    PATIENT,
    TIME,
    Courses,
    Visits,
    read_courses,
    read_visits,
)
from madang.prognosis.engine.models.cox import fit_cox
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.auc import auc_at
from madang.prognosis.engine.quality.brier import brier_losses, followed_alike

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    from madang.prognosis.engine.dynamic.landmark import Landmark

    Risk: TypeAlias = Callable[[Visits, Courses, Visits, float], NDArray[np.float64]]

FILE = Path(__file__).parents[2] / "shared" / "data" / "prognosis" / "pbc2_visits.csv.xz"
CATEGORIES = ("sex", "drug", "ascites", "hepatomegaly", "spiders", "edema")
NUMBERS = ("age", "serBilir", "serChol", "albumin", "alkaline", "SGOT", "platelets")
COLUMNS = (*CATEGORIES, *NUMBERS, "prothrombin", "histologic")
YEARS, HORIZON, FOLDS, DEALS = (1.0, 2.0, 3.0, 4.0, 5.0), 2.0, 5, 3
LANDMARKS = [float(each) for each in np.arange(0.5, 5.51, 0.5)]


class Score(NamedTuple):
    """Means over the landmarks."""

    auc: float
    brier: float


def measure() -> list[Measurement]:
    """The supermodel beside both Cox models."""
    if not FILE.is_file():
        return []
    visits, courses = _read()
    begin = time.process_time()
    ours = [_score(visits, courses, _supermodel(), deal) for deal in range(DEALS)]
    cpu_s = (time.process_time() - begin) / DEALS / FOLDS
    last = [_score(visits, courses, _own_cox(first=False), deal) for deal in range(DEALS)]
    first = [_score(visits, courses, _own_cox(first=True), deal) for deal in range(DEALS)]
    how = (
        f"{len(courses.patient)} patients, {len(visits.table):,} visits; landmarks 1-5 years, "
        f"{FOLDS} folds by patient, mean of {DEALS} ways of dealing; by deal "
    )
    return [
        Measurement(
            what="PBC, two-year mortality as visits come: AUC",
            figure=f"{_mean(ours, 'auc'):.4f}",
            peer=f"Cox of last values {_mean(last, 'auc'):.4f}, first {_mean(first, 'auc'):.4f}",
            goal="0.87 or more",
            kept=_mean(ours, "auc") >= 0.87,
            how=how + ", ".join(f"{each.auc:.3f}" for each in ours),
        ),
        Measurement(
            what="PBC, two-year mortality as visits come: Brier score",
            figure=f"{_mean(ours, 'brier'):.4f}",
            peer=f"Cox of last values {_mean(last, 'brier'):.4f}, "
            f"first {_mean(first, 'brier'):.4f}",
            goal="0.079 or less",
            kept=_mean(ours, "brier") <= 0.079,
            how=how + ", ".join(f"{each.brier:.4f}" for each in ours),
        ),
        Measurement(
            what="PBC, one fit of the supermodel, its ridge chosen within, and predictions",
            figure=f"{cpu_s:.2f} s CPU",
            how="eleven landmarks, death and transplant each with a model of its own",
        ),
    ]


def _mean(scores: list[Score], name: str) -> float:
    return float(np.mean([getattr(each, name) for each in scores]))


def _read() -> tuple[Visits, Courses]:
    table = pl.read_csv(lzma.open(FILE).read(), null_values=["", "NA"])
    visits = read_visits(table, patient="id", time="year", columns=COLUMNS)
    first = table.sort("id", "year").group_by("id", maintain_order=True).first()
    cause = first["status"].replace_strict({"alive": 0, "dead": 1, "transplanted": 2})
    return visits, read_courses(
        first["id"].to_numpy(), first["years"].to_numpy(), cause.to_numpy()
    )


def _supermodel() -> Risk:
    """One model for all landmarks, fitted once a fold."""
    held: dict[int, Landmark] = {}

    def risk(visits: Visits, courses: Courses, others: Visits, at: float) -> NDArray[np.float64]:
        model = held.get(id(courses))
        if model is None:
            held.clear()
            model = held[id(courses)] = fit_landmark(
                visits, courses, landmarks=LANDMARKS, horizon=HORIZON, categories=CATEGORIES
            )
        return 1 - model.free_of_event(others.snapshot(at), [HORIZON])[:, 0]

    return risk


def _own_cox(*, first: bool) -> Risk:
    """A model of its own at each landmark, from the first values or from the last ones."""
    declared = [
        {"name": name, "kind": "category" if name in CATEGORIES else "number"} for name in COLUMNS
    ]

    def known(visits: Visits, at: float) -> pl.DataFrame:
        if not first:
            return visits.snapshot(at)
        return Visits(table=visits.table.filter(pl.col(TIME) <= 0)).snapshot(at)

    def risk(visits: Visits, courses: Courses, others: Visits, at: float) -> NDArray[np.float64]:
        there = courses.among(courses.patient[courses.time > at])
        seen = known(visits.of(there.patient), at)
        left = dict(zip(there.patient, there.time - at, strict=True))
        died = dict(zip(there.patient, there.cause == 1, strict=True))
        encoding = fit_encoding(seen, declared, fewest=5)
        model = fit_cox(
            encoding.matrix(seen),
            [left[name] for name in seen[PATIENT]],
            [died[name] for name in seen[PATIENT]],
            penalty=0.01,
            l1_ratio=0.0,
        )
        return 1 - model.survival(encoding.matrix(known(others, at)), [HORIZON])[:, 0]

    return risk


def _score(
    visits: Visits,
    courses: Courses,
    risk: Risk,
    deal: int,
) -> Score:
    from sklearn.model_selection import StratifiedKFold

    told: dict[float, list[tuple[float, bool, float]]] = {at: [] for at in YEARS}
    dealt = StratifiedKFold(FOLDS, shuffle=True, random_state=deal)
    for kept, left_out in dealt.split(courses.patient, courses.cause == 1):
        own = courses.among(courses.patient[kept])
        rest = courses.among(courses.patient[left_out])
        for at in YEARS:
            there = rest.among(rest.patient[rest.time > at])
            seen = visits.of(there.patient)
            found = risk(visits.of(own.patient), own, seen, at)
            names = seen.snapshot(at)[PATIENT].to_list()
            of = dict(zip(names, found, strict=True))
            told[at] += [
                (float(end - at), bool(cause == 1), float(of[name]))
                for name, end, cause in zip(*there, strict=True)
            ]
    areas, errors = [], []
    for rows in told.values():
        when, event, risks = (np.array(each) for each in zip(*rows, strict=True))
        outcomes = Outcomes(when, event.astype(bool))
        curve = censoring_curve(outcomes)
        areas.append(auc_at(outcomes, risks, curve.at(when), HORIZON))
        followed = followed_alike(curve, outcomes, [HORIZON])
        errors.append(brier_losses(outcomes, 1 - risks[:, None], [HORIZON], followed).mean())
    return Score(float(np.mean(areas)), float(np.mean(errors)))
