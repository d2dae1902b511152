"""What does it cost to say why, and how far off are the sampled answers?

GBSG-2 has eight columns, so that all coalitions give the exact contributions beside the sampled
ones. What a page waits for is measured on the reference cohort with the most columns, where that
is beside the checkout.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bench.prognosis_models import REFERENCE, Cohort, installed_cohort, reference_cohort
from bench.table import Measurement
from madang.prognosis.engine.explain.contributions import (
    PERMUTATIONS,
    Contributions,
    contributions,
    reference_of,
)
from madang.prognosis.engine.explain.similar import similar
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.model import Model, fit_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PATIENTS = 60
MOST_MS, MOST_POINTS = 150, 1.0


class Explained(NamedTuple):
    """A stack fitted to a cohort, and what is needed to ask it."""

    model: Model
    table: dict[str, Any]
    watched: Watched
    reference: dict[str, Any]
    times: Floats

    @classmethod
    def of(cls, cohort: Cohort) -> Explained:
        """Fit to everybody; three times of the grid, the horizon among them."""
        table = {each["name"]: cohort.table[each["name"]].to_numpy() for each in cohort.columns}
        watched = Watched.of(*cohort.outcomes)
        model, _ = fit_model(table, cohort.columns, watched)
        reference = reference_of(model.stack.parts.columns.encoding, model.scope.centre)
        return cls(model, table, watched, reference, cohort.grid[[5, 15, -1]])

    def rows(self) -> list[int]:
        """Patients spread over the cohort."""
        return np.linspace(0, len(self.watched.time) - 1, PATIENTS).astype(int).tolist()

    def patient(self, row: int) -> dict[str, Any]:
        """A patient's values."""
        return {name: values[row] for name, values in self.table.items()}

    def asked(self, row: int, **more: Any) -> Contributions:
        """A patient's contributions."""
        survival = self.model.stack.survival
        return contributions(survival, self.patient(row), self.reference, self.times, **more)


def measure() -> list[Measurement]:
    """The sampling error on GBSG-2, and the cost on the widest cohort."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        rows = _accuracy(Explained.of(installed_cohort()))
        if REFERENCE.is_dir():
            rows += _cost(Explained.of(reference_cohort("support2")))
    return rows


def _accuracy(gbsg2: Explained) -> list[Measurement]:
    off, scores = [], []
    exact_ms, drawn_ms = [], []
    for row in gbsg2.rows():
        exact, first = _timed(gbsg2, row)
        drawn, second = _timed(gbsg2, row, exact=0, seed=row)
        exact_ms.append(first)
        drawn_ms.append(second)
        difference = drawn.points - exact.points
        off.append(np.abs(difference).max())
        scores.append((difference / np.maximum(drawn.error, 1e-9))[drawn.error > 1e-6])
    score = np.concatenate(scores)
    return [
        Measurement(
            what="gbsg2: sampled contributions, points off the exact ones",
            figure=f"median {100 * np.median(off):.2f}, worst {100 * max(off):.2f} of 100",
            goal=f"at most {MOST_POINTS:g} point",
            kept=100 * max(off) <= MOST_POINTS,
            how=f"{PERMUTATIONS} orders; the column and time farthest off, {PATIENTS} patients",
        ),
        Measurement(
            what="gbsg2: exact value within two standard errors of the sampled one",
            figure=f"{100 * (np.abs(score) <= 2).mean():.1f} %",
            goal="94 to 97 %",
            kept=bool(0.94 <= (np.abs(score) <= 2).mean() <= 0.97),
            how=f"{len(score)} contributions, root mean square {np.sqrt((score**2).mean()):.2f}",
        ),
        Measurement(
            what="gbsg2: CPU ms a patient, exact and sampled",
            figure=f"{np.median(exact_ms):.0f}, {np.median(drawn_ms):.0f}",
            how=f"median of {PATIENTS} patients, at three times of follow-up",
        ),
    ]


def _cost(support2: Explained) -> list[Measurement]:
    spent, errors, moving, alike = [], [], [], []
    support2.asked(0)
    columns, scope = support2.model.stack.parts.columns, support2.model.scope
    for row in support2.rows():
        found, ms = _timed(support2, row)
        spent.append(ms)
        errors.append(100 * found.error.max())
        moving.append(int((found.points != 0).any(axis=1).sum()))
        start = time.process_time()
        similar(
            support2.patient(row),
            support2.table,
            support2.watched,
            support2.times,
            columns=columns,
            scope=scope,
        )
        alike.append(1000 * (time.process_time() - start))
    width = len(support2.model.scope.centre)
    return [
        Measurement(
            what="support2: CPU ms to share out one patient's risk",
            figure=f"median {np.median(spent):.0f}, worst {max(spent):.0f}",
            goal=f"at most {MOST_MS}",
            kept=max(spent) <= MOST_MS,
            how=f"{len(support2.table)} columns ({width} encoded), "
            f"{min(moving)} to {max(moving)} of them moving, {PATIENTS} patients",
        ),
        Measurement(
            what="support2: standard error of the contributions, in points of 100",
            figure=f"median {np.median(errors):.2f}, worst {max(errors):.2f}",
            goal=f"at most {MOST_POINTS:g}",
            kept=max(errors) <= MOST_POINTS,
            how="of each patient the column and time with the largest",
        ),
        Measurement(
            what="support2: CPU ms to tell of the hundred most alike",
            figure=f"median {np.median(alike):.0f}, worst {max(alike):.0f}",
            how=f"of {len(support2.watched.time)} patients",
        ),
    ]


def _timed(cohort: Explained, row: int, **more: Any) -> tuple[Contributions, float]:
    """Contributions, and CPU ms."""
    start = time.process_time()
    found = cohort.asked(row, **more)
    return found, 1000 * (time.process_time() - start)
