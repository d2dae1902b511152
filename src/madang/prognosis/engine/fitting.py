"""How does a file of patients become a model? Read, looked through for leaks, fitted, labelled."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import asdict, replace
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.cohort_file import OutcomeColumns, read_watched
from madang.prognosis.engine.description import described
from madang.prognosis.engine.leakage import find_leaks
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.stack.model import Model, fit_model
from madang.prognosis.engine.stack.out_of_fold import checks_out_of_fold
from madang.prognosis.engine.table import columns, covariates, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from madang.kernel.trial import Leak


class FromFile(NamedTuple):
    """A model, what it cost, and what the file showed."""

    model: Model
    left_out: list[str]
    """Text columns with too many different values to be categories."""
    leaks: tuple[Leak, ...]
    nested_cpu_s: float
    refit_cpu_s: float


def fit_file(
    path: Path,
    named: OutcomeColumns,
    *,
    leave_out: Sequence[str] = (),
    categories: Sequence[str] = (),
    group: str | None = None,
    seed: int = 0,
) -> FromFile:
    """Fit a model to a CSV file, a row a patient.

    Args:
        path: The file.
        named: Its columns of follow-up.
        leave_out: Columns that are not to predict.
        categories: Columns whose numbers are names of levels.
        group: Column of what belongs together (a hospital): it stays in one fold, and does not
            predict.
        seed: Deals and samples.

    Raises:
        InputError: A cell, a column or the file cannot be used; the row and column are named.
    """
    table = read_table(path)
    watched = read_watched(table, named)
    away = {*named.names, *leave_out, *([group] if group else [])}
    for name in (*leave_out, *categories):
        table.of(name)
    found = covariates(table, [n for n in table.cells if n not in away], categories=categories)
    values = columns(table, found.declared)
    groups = None if group is None else _labels(table.of(group), group)
    model, fitted = fit_model(values, found.declared, watched, groups=groups, seed=seed)
    leaks = find_leaks(values, Outcomes(watched.time, watched.event))
    facts = model.facts | {
        "outcome": named._asdict(),
        "described": described(values, found.declared, watched),
        "checks_out_of_fold": checks_out_of_fold(fitted, watched),
        "leaks": [asdict(leak) for leak in leaks],
        "not_used": _not_used(found.left_out, leave_out, group),
        "groups": None if groups is None else {"column": group, "count": len(set(groups))},
        "data_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "seed": seed,
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in ("numpy", "scikit-learn", "scipy")},
        },
    }
    return FromFile(
        model=replace(model, facts=facts),
        left_out=found.left_out,
        leaks=leaks,
        nested_cpu_s=fitted.nested_cpu_s,
        refit_cpu_s=fitted.refit_cpu_s,
    )


def _not_used(
    many: Sequence[str], asked: Sequence[str], group: str | None
) -> list[dict[str, str]]:
    """Columns of the file that neither predict nor tell the outcome, and why."""
    whys = dict.fromkeys(many, "too_many_levels") | dict.fromkeys(asked, "asked")
    whys |= {group: "group"} if group else {}
    return [{"column": name, "why": why} for name, why in whys.items()]


def _labels(cells: Sequence[str | None], column: str) -> np.ndarray:
    if any(cell is None for cell in cells):
        raise InputError(
            words(f"묶음 열 {column!r}의 빈칸", f"gaps in the column of groups {column!r}"),
            words("모든 환자의 묶음", "a group for every patient"),
        )
    return np.array(cells)
