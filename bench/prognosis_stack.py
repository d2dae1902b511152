"""Is the convex stack ever worse than the best of its peers, and what does it cost?

On the eight cohorts of the programme's reference data, with the peers' folds, grid and losses of
every patient: IBS paired with the best of CoxPH, CoxNet, RSF and GBSA (chosen after the fact, in
every patient: IBS paired with the best of CoxPH, CoxNet, RSF, GBSA (chosen after the fact, in
in the same run where n is at least 4 000. Without the reference data there is nothing to measure.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.prognosis_models import REFERENCE, Cohort, paired_interval, reference_cohort
from bench.table import Measurement
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.intervals import Watched
from madang.prognosis.engine.models.kaplan_meier import censoring_curve
from madang.prognosis.engine.outcomes import Outcomes
from madang.prognosis.engine.quality.calibration import (
    in_the_large,
    in_the_large_weighted,
    smooth_calibration,
)
from madang.prognosis.engine.quality.censoring import chances_of_being_followed
from madang.prognosis.engine.quality.uno import curve_risk, uno_c_score
from madang.prognosis.engine.stack.model import Model, fit_model, predict
from madang.prognosis.engine.stack.stacking import Fitted, fit_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SETS = ("gbsg2", "whas500", "metabric", "rott2", "framingham", "flchain", "support2", "support")
PEERS = ("CoxPH", "CoxNet", "RSF", "GBSA")
MARGIN, BETTER_ON, LARGE, MANY = 0.0005, 3, 4000, 10_000


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Answers for patients that were left out, and CPU seconds a fold."""

    curves: NDArray[np.float64]
    uno_c: float
    refit_cpu_s: float
    nested_cpu_s: float
    weights: str


def measure() -> list[Measurement]:
    """Every cohort, and the summary over them."""
    if not REFERENCE.is_dir():
        return []
    from threadpoolctl import threadpool_limits

    rows: list[Measurement] = []
    against: dict[str, tuple[float, float]] = {}
    with threadpool_limits(1):
        for name in SETS:
            cohort = reference_cohort(name)
            outside = left_out(cohort)
            losses = cohort.losses(outside.curves)
            peer = best_peer(cohort)
            difference = losses - cohort.peers[f"loss_{peer}"].to_numpy()
            against[name] = (float(difference.mean()), paired_interval(difference)[1])
            rows += [_error(cohort, peer, losses, outside), *_calibrated(cohort, outside)]
            rows.append(_fit_cost(cohort, outside))
        rows += [_summary(against), *_answer_cost(reference_cohort("support2"))]
    return rows


def best_peer(cohort: Cohort) -> str:
    """The peer with the lowest stored IBS."""
    return min(PEERS, key=lambda name: float(cohort.peers[f"loss_{name}"].mean()))


def left_out(cohort: Cohort) -> Outside:
    """Fit on all folds but one, answer for that one, in turn."""
    curves = np.empty((len(cohort.table), len(cohort.grid)))
    fits: list[Fitted] = []
    concordance = []
    for number in range(cohort.folds):
        out = cohort.fold == number
        training = cohort.part(~out)
        fits.append(
            fit_stack(
                cohort.table[~out].reset_index(drop=True), cohort.columns, Watched.of(*training)
            )
        )
        curves[out] = fits[-1].stack.survival(cohort.table[out], cohort.grid)
        followed = censoring_curve(training).at(cohort.outcomes.time[out])
        risk = curve_risk(curves[out])
        concordance.append(uno_c_score(cohort.part(out), risk, followed, limit=cohort.limit))
    weights = {
        name: np.mean([fit.stack.parts.weights[name] for fit in fits])
        for name in ("cox", "hazards", "forest")
    }
    return Outside(
        curves=curves,
        uno_c=float(np.mean(concordance)),
        refit_cpu_s=float(np.mean([fit.refit_cpu_s for fit in fits])),
        nested_cpu_s=float(np.mean([fit.nested_cpu_s for fit in fits])),
        weights=", ".join(f"{name} {share:.2f}" for name, share in weights.items()),
    )


def _error(
    cohort: Cohort, peer: str, losses: NDArray[np.float64], outside: Outside
) -> Measurement:
    stored = cohort.peers[f"loss_{peer}"].to_numpy()
    low, high = paired_interval(losses - stored)
    mean = float((losses - stored).mean())
    return Measurement(
        what=f"{cohort.name}: IBS of the stack (Uno's C {outside.uno_c:.4f})",
        figure=f"{losses.mean():.4f}",
        peer=f"{peer} {stored.mean():.4f} (ours − theirs {mean:+.4f}, {low:+.4f} to {high:+.4f})",
        goal=f"never worse than the best peer by more than {MARGIN}",
        kept=mean <= MARGIN,
        how=f"{cohort.folds} folds, n = {len(losses)}; mean weights {outside.weights}",
    )


def _calibrated(cohort: Cohort, outside: Outside) -> list[Measurement]:
    risk, horizon = 1 - outside.curves[:, -1], float(cohort.grid[-1])
    found = smooth_calibration(cohort.outcomes, risk, horizon)
    matrix = fit_encoding(cohort.table, cohort.columns, fewest=10).matrix(cohort.table)
    chances = chances_of_being_followed(matrix, cohort.outcomes, [horizon])
    until = np.where(
        cohort.outcomes.time <= horizon, chances.better.own, chances.better.grid[:, -1]
    )
    large = in_the_large(cohort.outcomes, risk, horizon)
    weighted = in_the_large_weighted(cohort.outcomes, risk, horizon, until)
    depends = "depends" if chances.dependent else "does not depend"
    return [
        Measurement(
            what=f"{cohort.name}: calibration slope of the stack",
            figure=f"{found.slope:.3f}",
            goal="0.9 to 1.1 after recalibration",
            kept=0.9 <= found.slope <= 1.1,
            how="out of fold, at the horizon",
        ),
        Measurement(
            what=f"{cohort.name}: ICI of the stack",
            figure=f"{found.ici:.4f} (E50 {found.e50:.4f}, E90 {found.e90:.4f})",
            goal="at most 0.02 after recalibration",
            kept=found.ici <= 0.02,
            how=f"up to {_by_chance(cohort, outside):.4f} if curves were exactly right (95 % of "
            f"draws); in the large {large:+.4f} by Kaplan–Meier, {weighted:+.4f} by "
            f"patient; censoring {depends} on the patient",
        ),
    ]


def _by_chance(cohort: Cohort, outside: Outside, *, draws: int = 60) -> float:
    """95 % quantile of the ICI if every patient's time were drawn from the predicted curve."""
    rng = np.random.default_rng(0)
    horizon, count = float(cohort.grid[-1]), len(cohort.table)
    curves = np.hstack([np.ones((count, 1)), outside.curves])
    times = np.r_[0.0, cohort.grid]
    watched = censoring_curve(cohort.outcomes)
    found = []
    for _ in range(draws):
        # Beyond the horizon a patient is free of the event: the time does not matter.
        drawn = np.maximum(rng.uniform(size=count), 1e-12)
        event = np.where(drawn < curves[:, -1], 2 * horizon, 0.0)
        inside = np.flatnonzero(event == 0)
        event[inside] = [np.interp(-drawn[row], -curves[row], times) for row in inside]
        place = np.searchsorted(-watched.survival, -rng.uniform(size=count))
        end = np.r_[watched.times, 2 * horizon][place]
        outcomes = Outcomes(np.maximum(np.minimum(event, end), 1e-6), event <= end)
        found.append(smooth_calibration(outcomes, 1 - curves[:, -1], horizon).ici)
    return float(np.quantile(found, 0.95))


def _fit_cost(cohort: Cohort, outside: Outside) -> Measurement:
    whole = f"nested selection before it {outside.nested_cpu_s:.2f}"
    if len(cohort.table) < LARGE:
        return Measurement(
            what=f"{cohort.name}: CPU s of the final fit of the stack",
            figure=f"{outside.refit_cpu_s:.2f}",
            how=f"mean of {cohort.folds} folds; {whole}",
        )
    theirs = _gradient_boosting(cohort)
    return Measurement(
        what=f"{cohort.name}: CPU s of the final fit of the stack",
        figure=f"{outside.refit_cpu_s:.2f}",
        peer=f"GBSA {theirs:.2f}",
        goal="at most one third of GBSA",
        kept=outside.refit_cpu_s <= theirs / 3,
        how=f"mean of {cohort.folds} folds, GBSA on the first; {whole}",
    )


def _gradient_boosting(cohort: Cohort) -> float:
    """CPU seconds of the peer's fit without the first fold, as the peers' table was made."""
    from sksurv.ensemble import GradientBoostingSurvivalAnalysis
    from sksurv.util import Surv

    rows = cohort.fold != 0
    training = cohort.part(rows)
    matrix = fit_encoding(cohort.table[rows], cohort.columns, fewest=10).matrix(cohort.table[rows])
    peer = GradientBoostingSurvivalAnalysis(
        n_estimators=100, learning_rate=0.1, max_depth=3, subsample=0.7, random_state=0
    )
    outcome = Surv.from_arrays(training.event, training.time)
    return _cpu_s(lambda: peer.fit(matrix, outcome))


def _summary(against: dict[str, tuple[float, float]]) -> Measurement:
    better = [name for name, (_, high) in against.items() if high < 0]
    worst = max(mean for mean, _ in against.values())
    return Measurement(
        what="all cohorts: stack against the best peer of each",
        figure=f"shown to be better on {len(better)} of {len(against)}, worst {worst:+.4f}",
        goal=f"better on at least {BETTER_ON} (interval below 0), worst at most +{MARGIN}",
        kept=len(better) >= BETTER_ON and worst <= MARGIN,
        how=", ".join(better),
    )


def _answer_cost(cohort: Cohort) -> list[Measurement]:
    """Ten thousand patients through the model with the most columns."""
    table = {each["name"]: cohort.table[each["name"]].to_numpy() for each in cohort.columns}
    model, _ = fit_model(table, cohort.columns, Watched.of(*cohort.outcomes))
    chosen = np.arange(MANY) % len(cohort.table)
    many: dict[str, Any] = {name: values[chosen] for name, values in table.items()}
    curves = min(_cpu_s(lambda: model.stack.survival(many, cohort.grid)) for _ in range(5))
    return [
        Measurement(
            what=f"{cohort.name}: CPU s to predict {MANY:,} patients at 30 times",
            figure=f"{curves:.2f}",
            goal="at most 0.3",
            kept=curves <= 0.3,
            how=f"from {len(cohort.columns)} raw columns, best of 5",
        ),
        Measurement(
            what=f"{cohort.name}: CPU s for the same with scope and bound, and with intervals too",
            figure=f"{_whole(model, many, intervals=False):.2f}, "
            f"{_whole(model, many, intervals=True):.2f}",
            how="intervals ask five more stacks",
        ),
    ]


def _whole(model: Model, many: dict[str, Any], *, intervals: bool) -> float:
    times = np.linspace(0, model.stack.horizon, 31)[1:]
    return _cpu_s(lambda: predict(model, many, times, intervals=intervals))


def _cpu_s(act: Callable[[], Any]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start
