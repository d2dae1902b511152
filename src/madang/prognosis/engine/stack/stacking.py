"""Which mixture of models errs least on patients that none of them saw? The convex stack.

Three parts: Cox's model with an elastic net (sums), boosted discrete hazards and a forest (trees).
Each is fitted on all folds but one and answers for that one; the weights, at least 0 and together
1, minimise the integrated Brier score of those answers. With the same answers the mixture is
recalibrated, since mixing draws risks together. Then every part that has a weight is fitted once
more on all patients.

Sources: Wolpert (1992) and Breiman (1996) for stacking with weights of at least 0; van der Laan,
Polley and Hubbard (2007).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.prognosis.engine.models.columns import Columns, fit_columns
from madang.prognosis.engine.models.cox import fit_cox_path, penalty_path
from madang.prognosis.engine.models.forest import fit_forest
from madang.prognosis.engine.models.hazards import fit_hazards
from madang.prognosis.engine.models.intervals import Intervals, Watched
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.stack.mixing import Score
from madang.prognosis.engine.stack.mixture import Parts, Stack
from madang.prognosis.engine.stack.recalibration import Recalibration, fit_recalibration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]

FOLDS, KNOTS = 5, 40
PENALTIES, LOWEST_PENALTY, L1_RATIO = 8, 0.003, 0.5


class Fitted(NamedTuple):
    """A stack, and what its making showed."""

    stack: Stack
    out_of_fold: Floats
    """(n, 1 + m) recalibrated curves of training patients, at 0 and at the stack's ends, from
    parts that did not see them."""
    losses: dict[str, float]
    """Integrated Brier score out of fold: of each part, the mixture, and the recalibrated one."""
    penalty: float
    nested_cpu_s: float
    refit_cpu_s: float


@dataclass(frozen=True, kw_only=True)
class _Training:
    """Everything that the parts are fitted on."""

    table: Any
    declared: Sequence[Mapping[str, Any]]
    watched: Watched
    names: tuple[str, ...]
    penalties: Floats
    seed: int

    def models(self, chosen: Bools | None, names: Sequence[str], most: int) -> _Models:
        """Columns and parts of the chosen patients (all: None), Cox at the first penalties."""
        table = self.table if chosen is None else rows(self.table, chosen)
        watched = self.watched if chosen is None else self.watched.part(chosen)
        columns = fit_columns(table, self.declared, watched)
        trees = columns.for_trees(table)
        found: dict[str, Any] = {}
        if "cox" in names:
            found["cox"] = fit_cox_path(
                columns.for_sums(table),
                watched.time,
                watched.event,
                penalties=self.penalties[:most].tolist(),
                l1_ratio=L1_RATIO,
            )
        if "hazards" in names:
            causes = max(self.watched.causes, 1)
            found["hazards"] = fit_hazards(trees, watched, causes=causes, seed=self.seed)
        if "forest" in names:
            found["forest"] = fit_forest(columns.filled(trees), watched, seed=self.seed)
        return _Models(columns, found)


class _Models(NamedTuple):
    """Columns and parts; of Cox's model one for each penalty."""

    columns: Columns
    found: dict[str, Any]

    def parts(self, cut: Intervals, weights: Mapping[str, float], kept: Sequence[str]) -> Parts:
        """Those with a use; Cox's model at its last penalty."""
        shown = {name: self.found.get(name) for name in kept}
        cox = shown.get("cox")
        return Parts(
            columns=self.columns,
            intervals=cut,
            weights={"cox": 0.0, "hazards": 0.0, "forest": 0.0, **weights},
            cox=cox[-1] if cox else None,
            hazards=shown.get("hazards"),
            forest=shown.get("forest"),
        )


def fit_stack(
    table: Any,
    declared: Sequence[Mapping[str, Any]],
    watched: Watched,
    *,
    groups: ArrayLike | None = None,
    folds: int = FOLDS,
    seed: int = 0,
) -> Fitted:
    """Fit parts by fold, choose weights, recalibrate, fit on all.

    With delayed entry or unequal weights the mixture is of trees alone, not recalibrated: Cox's
    model here takes everybody from the start and once. With delayed entry its weights are equal,
    since no score that ignores entry would choose them well.

    Args:
        table: Raw training columns, indexable by name and by a mask of rows.
        declared: `name` and `kind` (number, integer, boolean, category) of each column.
        watched: Of the same patients.
        groups: (n) patients of one group (a hospital, a person seen twice) stay in one fold.
        folds: Parts of the cross-validation.
        seed: Deals patients into folds and seeds the forest.
    """
    begin = time.process_time()
    training = _training(table, declared, watched, seed)
    cut, fold = Intervals.at_events(watched, KNOTS), dealt(watched, folds, seed, groups)
    kept, answers = _answers(training, fold, cut)
    score = Score.of(Outcomes(watched.time, watched.event), watched.weight, cut)
    best = _best_penalty(answers, score)
    weights = _weights(training, answers, score)
    mixed = np.sum([weights[name] * answers[name] for name in training.names], axis=0)
    fix = Recalibration(corrections=())
    if watched.plain:
        outcomes = Outcomes(watched.time, watched.event)
        fix = fit_recalibration(outcomes, mixed, cut.ends, horizon=score.horizon)
    fixed = fix.corrected(mixed, cut.ends)
    losses = {name: score.of_curves(answers[name]) for name in training.names}
    losses |= {"mixture": score.of_curves(mixed), "recalibrated": score.of_curves(fixed)}
    used = [n for n in training.names if weights[n] or (n == "hazards" and watched.causes > 1)]
    middle = time.process_time()
    whole = training.models(None, used, best + 1).parts(cut, weights, used)
    stack = Stack(
        parts=whole,
        without=tuple(_at(each, best).parts(cut, weights, used) for each in kept),
        recalibration=fix,
        horizon=score.horizon,
        causes=max(watched.causes, 1),
    )
    return Fitted(
        stack=stack,
        out_of_fold=np.hstack([np.ones((len(fixed), 1)), fixed]),
        losses=losses,
        penalty=float(training.penalties[best]) if len(training.penalties) else 0.0,
        nested_cpu_s=middle - begin,
        refit_cpu_s=time.process_time() - middle,
    )


def _training(
    table: Any, declared: Sequence[Mapping[str, Any]], watched: Watched, seed: int
) -> _Training:
    penalties: Floats = np.empty(0)
    if watched.plain:
        penalties = penalty_path(
            fit_columns(table, declared, watched).for_sums(table),
            watched.time,
            watched.event,
            l1_ratio=L1_RATIO,
            count=PENALTIES,
            lowest=LOWEST_PENALTY,
        )
    return _Training(
        table=table,
        declared=declared,
        watched=watched,
        names=("cox", "hazards", "forest") if watched.plain else ("hazards", "forest"),
        penalties=penalties,
        seed=seed,
    )


def _answers(
    training: _Training, fold: NDArray[np.intp], cut: Intervals
) -> tuple[list[_Models], dict[str, Floats]]:
    """The parts without each fold, and their curves of it; of Cox's model for each penalty."""
    shape = (len(fold), len(cut.ends))
    answers = {name: np.empty(shape) for name in training.names if name != "cox"}
    if "cox" in training.names:
        answers["cox"] = np.empty((len(training.penalties), *shape))
    kept = []
    for number in range(int(fold.max()) + 1):
        out = fold == number
        models = training.models(~out, training.names, len(training.penalties))
        asked = rows(training.table, out)
        trees = models.columns.for_trees(asked)
        answers["hazards"][out] = models.found["hazards"].survival(trees, cut.ends)
        filled = models.columns.filled(trees)
        answers["forest"][out] = models.found["forest"].survival(filled, cut.ends)
        for place, model in enumerate(models.found.get("cox", ())):
            sums = models.columns.for_sums(asked)
            answers["cox"][place, out] = model.survival(sums, cut.ends)
        kept.append(models)
    return kept, answers


def _best_penalty(answers: dict[str, Floats], score: Score) -> int:
    """Keep the curves of the penalty that erred least, and tell which it was."""
    if "cox" not in answers:
        return 0
    best = int(np.argmin([score.of_curves(each) for each in answers["cox"]]))
    answers["cox"] = answers["cox"][best]
    return best


def _weights(training: _Training, answers: Mapping[str, Floats], score: Score) -> dict[str, float]:
    names = training.names
    if training.watched.late:
        return {name: 1 / len(names) for name in names}
    found = score.weights([answers[name] for name in names])
    return dict(zip(names, found, strict=True))


def _at(models: _Models, penalty: int) -> _Models:
    found = dict(models.found)
    if "cox" in found:
        found["cox"] = found["cox"][: penalty + 1]
    return _Models(models.columns, found)


def dealt(
    watched: Watched, folds: int, seed: int, groups: ArrayLike | None = None
) -> NDArray[np.intp]:
    """(n) fold of each patient: groups stay together, events are spread evenly."""
    labels = np.arange(len(watched.time)) if groups is None else np.asarray(groups)
    names, member = np.unique(labels, return_inverse=True)
    happened = np.bincount(member, watched.event, len(names)) > 0
    rng = np.random.default_rng(seed)
    order = [rng.permutation(np.flatnonzero(kind)) for kind in (happened, ~happened)]
    fold = np.empty(len(names), dtype=np.intp)
    fold[np.concatenate(order)] = np.arange(len(names)) % min(folds, len(names))
    found: NDArray[np.intp] = fold[member]
    return found


def rows(table: Any, chosen: Any) -> Any:
    """Some rows of a table of columns: a dictionary of arrays, or a polars or pandas frame."""
    if isinstance(table, dict):
        return {name: np.asarray(values)[chosen] for name, values in table.items()}
    return table.filter(chosen) if hasattr(table, "height") else table[chosen]
