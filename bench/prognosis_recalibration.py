"""What do few local events buy? A model whose hazards are twice too high, put right at a new site.

The stack is fitted to one half of a cohort and its hazards are doubled. Patients of the other half
are dealt at random: the first of them, up to 200 events, are the site that recalibrates; the rest
score it. Beside stands the model before its hazards were doubled, on the same patients: what is
left there is chance and the model's own. The cohorts lie in the programme's reference data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bench.prognosis_models import REFERENCE, reference_cohort
from bench.table import Measurement
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.stack.model import fit_model
from madang.prognosis.engine.stack.recalibration import Recalibration
from madang.prognosis.engine.stack.site import fit_site, recalibrated
from madang.prognosis.engine.stack.validation import validate

if TYPE_CHECKING:
    from pathlib import Path

    from madang.prognosis.engine.stack.model import Model
    from madang.prognosis.engine.stack.validation import Validation

SETS = ("flchain", "support2", "metabric")
EVENTS = (25, 50, 200)
SITES = 20


@dataclass(frozen=True, kw_only=True)
class Half:
    """A model of one half of a cohort, the same with doubled hazards, and the other half."""

    name: str
    model: Model
    doubled: Model
    table: dict[str, Any]
    watched: Watched


class Proof(NamedTuple):
    """One site: before, after, and the model that never was doubled, on the same patients."""

    after: Validation
    own: Validation
    patients: int


def halved(name: str, folder: Path = REFERENCE) -> Half:
    """Fit to one half."""
    cohort = reference_cohort(name, folder)
    table = {each["name"]: _column(cohort.table[each["name"]], each) for each in cohort.columns}
    watched = Watched.of(cohort.outcomes.time, cohort.outcomes.event.astype(np.int64))
    dealt = np.random.default_rng(5).permutation(len(watched.time))
    first, second = np.array_split(dealt, 2)
    model, _ = fit_model(_part(table, first), cohort.columns, watched.part(first))
    moved = tuple(
        replace(each, constant=each.constant + float(np.log(2)))
        for each in model.stack.recalibration.corrections
    )
    doubled = replace(
        model, stack=replace(model.stack, recalibration=Recalibration(corrections=moved))
    )
    return Half(
        name=name,
        model=model,
        doubled=doubled,
        table=_part(table, second),
        watched=watched.part(second),
    )


def proof(half: Half, events: int, seed: int) -> Proof:
    """Recalibrate at the site of this seed, and score on the rest."""
    order = np.random.default_rng(seed).permutation(len(half.watched.time))
    stack = half.model.stack
    known = half.watched.event[order] & (half.watched.time[order] <= stack.horizon)
    size = int(np.searchsorted(np.cumsum(known), events)) + 1
    local, rest = order[:size], order[size:]
    site = fit_site(
        half.doubled,
        _part(half.table, local),
        half.watched.part(local),
        times=stack.ends,
        horizon=stack.horizon,
    )
    others = _part(half.table, rest), half.watched.part(rest)
    after = validate(recalibrated(half.doubled, site, ""), *others)
    return Proof(after, validate(half.model, *others), size)


def measure() -> list[Measurement]:
    """Calibration after recalibration, over sites; nothing without the reference data."""
    if not REFERENCE.is_dir():
        return []
    return [row for name in SETS for row in _rows(halved(name))]


def _rows(half: Half) -> list[Measurement]:
    rows = []
    for events in EVENTS:
        found = [proof(half, events, seed) for seed in range(SITES)]
        ici = np.array([(p.after.calibration.ici, p.own.calibration.ici) for p in found])
        slope = np.array([(p.after.calibration.slope, p.own.calibration.slope) for p in found])
        groups = np.array([(_groups(p.after), _groups(p.own)) for p in found])
        right = (np.abs(slope - 1) <= 0.1).mean(axis=0)
        last = events == EVENTS[-1]
        middle = np.median(ici, axis=0)
        how = f"{SITES} sites of {np.mean([p.patients for p in found]):.0f} patients on average"
        rows += [
            Measurement(
                what=f"{half.name}: ICI after {events} local events",
                figure=f"median {middle[0]:.4f}, at most 0.02 at {(ici[:, 0] <= 0.02).mean():.0%}",
                peer=f"never doubled: median {middle[1]:.4f}",
                goal="median at most 0.02" if last else "",
                kept=bool(middle[0] <= 0.02) if last else None,
                how=how,
            ),
            Measurement(
                what=f"{half.name}: slope after {events} local events",
                figure=f"0.9 to 1.1 at {right[0]:.0%}, median {np.median(slope[:, 0]):.3f}",
                peer=f"never doubled: 0.9 to 1.1 at {right[1]:.0%}",
                goal="0.9 to 1.1 at nine of ten" if last else "",
                kept=bool(right[0] >= 0.9) if last else None,
                how=how,
            ),
            Measurement(
                what=f"{half.name}: subgroups with ICI at most 0.02 after {events} local events",
                figure=f"{groups[:, 0].mean():.0%}",
                peer=f"never doubled: {groups[:, 1].mean():.0%}",
                how=f"subgroups of 200 patients or more; {how}",
            ),
        ]
    return rows


def _groups(shown: Validation) -> float:
    """Share of the large subgroups whose ICI is at most 0.02."""
    return float(np.mean([each.ici <= 0.02 for each in shown.subgroups if each.ici is not None]))


def _part(table: dict[str, Any], chosen: Any) -> dict[str, Any]:
    return {name: values[chosen] for name, values in table.items()}


def _column(values: Any, declared: dict[str, Any]) -> Any:
    if declared["kind"] == "number":
        return values.to_numpy(float)
    cells = [None if value != value else str(value) for value in values.tolist()]
    return np.array(cells, dtype=object)
