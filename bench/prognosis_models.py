"""Are our survival models as good as their peers, patient by patient, and what does a fit cost?

Out of fold on GBSG-2, Rotterdam and METABRIC. The peers' losses of every patient lie in the
programme's reference data; where those are not beside the checkout, GBSG-2 alone is measured,
without peers.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.table import Measurement
from madang.prognosis.engine.cohort import gbsg2
from madang.prognosis.engine.models.boosting import fit_boosting
from madang.prognosis.engine.models.cox import fit_cox, fit_cox_cross_validated
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.models.kaplan_meier import censoring_curve, kaplan_meier
from madang.prognosis.engine.outcomes import Outcomes, read_outcomes
from madang.prognosis.engine.quality.brier import followed_alike, integrated_brier_losses
from madang.prognosis.engine.quality.calibration import in_the_large, smooth_calibration
from madang.prognosis.engine.quality.uno import curve_risk, uno_c_score

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

REFERENCE = Path(__file__).parents[2] / "shared" / "data" / "prognosis"
SETS = ("gbsg2", "rott2", "metabric")
MOST_TIMES = 400
"""With more different times than this they are raised to 300 quantiles, as the peers saw them."""

FEWEST = 10
"""Levels with fewer training rows share one indicator, as the peers saw them."""

KINDS = {"num": "number", "fac": "category"}


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """One set as the peers saw it: binned outcomes, the grid, folds, and the peers' losses."""

    name: str
    table: pd.DataFrame
    columns: tuple[dict[str, Any], ...]
    outcomes: Outcomes
    grid: NDArray[np.float64]
    limit: float
    fold: NDArray[np.int64]
    peers: pd.DataFrame | None
    """`loss_<model>` and `risk_<model>` of each patient."""

    @property
    def folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    def part(self, chosen: NDArray[np.bool_]) -> Outcomes:
        """Outcomes of some patients."""
        return Outcomes(self.outcomes.time[chosen], self.outcomes.event[chosen])

    def losses(self, curves: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) integrated Brier losses, censoring weights pooled over all patients."""
        followed = followed_alike(censoring_curve(self.outcomes), self.outcomes, self.grid)
        return integrated_brier_losses(self.outcomes, curves, self.grid, followed)


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Out-of-fold curves of one model, Uno's C by fold, and CPU seconds a fit."""

    curves: NDArray[np.float64]
    uno_c: float
    fit_cpu_s: float


def cohorts() -> list[Cohort]:
    """The sets that this machine has."""
    if not REFERENCE.is_dir():
        return [installed_cohort()]
    return [reference_cohort(name) for name in SETS]


def reference_cohort(name: str, folder: Path = REFERENCE) -> Cohort:
    """A set of the reference data with the peers' folds, grid and losses."""
    table = read(folder / f"{name}.csv.xz").rename(columns={"duration": "time"})
    peers = read(folder / "peers" / f"{name}.csv.xz")
    grid = json.loads((folder / "peers" / "grids.json").read_text("utf-8"))[name]
    table = table.loc[peers["row"]].reset_index(drop=True)
    leaks = {"num_surv2m", "num_surv6m", "fac_dnr", "fac_sfdm2", "fac_chapter"}
    columns = tuple(
        {"name": column, "kind": KINDS.get(column[:3], "number")}
        for column in table.columns
        if column not in {"pid", "time", "event", "row"} | leaks
    )
    return Cohort(
        name=name,
        table=table,
        columns=columns,
        outcomes=read_outcomes(binned(table["time"].to_numpy(float)), table["event"]),
        grid=np.array(grid["times"]),
        limit=float(grid["tau"]),
        fold=peers["fold"].to_numpy(),
        peers=peers,
    )


def read(path: Path) -> pd.DataFrame:
    """A table with every number exactly as written: a time must equal its point on the grid."""
    import pandas as pd

    return pd.read_csv(path, float_precision="round_trip")


def installed_cohort() -> Cohort:
    """GBSG-2 from the installed package, under the same protocol, without peers."""
    import pandas as pd
    from sklearn.model_selection import StratifiedKFold

    found = gbsg2()
    table = pd.DataFrame({name: found[name].to_list() for name in found.columns})
    outcomes = read_outcomes(binned(table["time"].to_numpy(float)), table["cens"])
    limit = float(np.quantile(outcomes.time, 0.9))
    early = outcomes.time[outcomes.event & (outcomes.time < limit)]
    fold = np.empty(len(table), dtype=np.int64)
    dealt = StratifiedKFold(5, shuffle=True, random_state=0).split(table, outcomes.event)
    for number, (_, left_out) in enumerate(dealt):
        fold[left_out] = number
    return Cohort(
        name="gbsg2",
        table=table,
        columns=tuple(
            {"name": name, "kind": "category" if table[name].dtype == object else "number"}
            for name in table.columns
            if name not in ("id", "time", "cens")
        ),
        outcomes=outcomes,
        grid=np.unique(np.quantile(early, np.linspace(0.1, 1, 30))),
        limit=limit,
        fold=fold,
        peers=None,
    )


def binned(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times raised to the next of 300 quantiles, where there are many different ones."""
    if len(np.unique(times)) <= MOST_TIMES:
        return times
    steps = np.unique(np.quantile(times, np.arange(1, 301) / 300))
    return steps[np.searchsorted(steps, times)]


def out_of_fold(cohort: Cohort, fit: Callable[..., Any]) -> Fitted:
    """Fit on all folds but one, answer for that one, in turn."""
    curves = np.empty((len(cohort.table), len(cohort.grid)))
    spent, concordance = 0.0, []
    for number in range(cohort.folds):
        left_out = cohort.fold == number
        training = cohort.part(~left_out)
        encoding = fit_encoding(cohort.table[~left_out], cohort.columns, fewest=FEWEST)
        matrix = encoding.matrix(cohort.table[~left_out])
        start = time.process_time()
        model = fit(matrix, *training)
        spent += time.process_time() - start
        new = encoding.matrix(cohort.table[left_out])
        curves[left_out] = model.survival(new, cohort.grid)
        tested = cohort.part(left_out)
        followed = censoring_curve(training).at(tested.time)
        risk = curve_risk(curves[left_out])
        concordance.append(uno_c_score(tested, risk, followed, limit=cohort.limit))
    return Fitted(curves=curves, uno_c=float(np.mean(concordance)), fit_cpu_s=spent / cohort.folds)


def everybodys(cohort: Cohort) -> NDArray[np.float64]:
    """Kaplan–Meier of the other folds for each patient."""
    curves = np.empty((len(cohort.table), len(cohort.grid)))
    for number in range(cohort.folds):
        left_out = cohort.fold == number
        curves[left_out] = kaplan_meier(cohort.part(~left_out)).at(cohort.grid)
    return curves


def paired_interval(difference: NDArray[np.float64]) -> tuple[float, float]:
    """95 % interval of the mean of paired differences, by 2 000 bootstrap samples."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(difference), (2000, len(difference)))
    low, high = np.quantile(difference[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _compared(cohort: Cohort, model: str, fitted: Fitted, peer: str) -> list[Measurement]:
    losses = cohort.losses(fitted.curves)
    risk, horizon = 1 - fitted.curves[:, -1], float(cohort.grid[-1])
    calibration = smooth_calibration(cohort.outcomes, risk, horizon)
    how = f"{cohort.folds} folds, n = {len(losses)}"
    beside, goal, kept = "", "", None
    if cohort.peers is not None:
        stored = cohort.peers[f"loss_{peer}"].to_numpy()
        low, high = paired_interval(losses - stored)
        beside = f"{peer} {stored.mean():.4f} (ours − theirs: {low:+.4f} to {high:+.4f})"
        goal, kept = "not shown to be worse (interval reaches 0)", bool(low <= 0)
    return [
        Measurement(
            what=f"{cohort.name}: IBS of {model}",
            figure=f"{losses.mean():.4f}",
            peer=beside,
            goal=goal,
            kept=kept,
            how=how,
        ),
        Measurement(
            what=f"{cohort.name}: Uno's C of {model}",
            figure=f"{fitted.uno_c:.4f}",
            peer=_stored(cohort, peer, "uno_c"),
            how=how,
        ),
        Measurement(
            what=f"{cohort.name}: calibration of {model}",
            figure=f"in the large {in_the_large(cohort.outcomes, risk, horizon):+.4f}, "
            f"slope {calibration.slope:.3f}, ICI {calibration.ici:.4f}",
            peer=_stored(cohort, peer, "citl", "slope", "ici"),
            how=how,
        ),
        Measurement(
            what=f"{cohort.name}: CPU s a fit of {model}",
            figure=f"{fitted.fit_cpu_s:.3f}",
            peer=_stored(cohort, peer, "fit_cpu_s"),
            how=f"{how}; the peer's as stored, on another day",
        ),
    ]


def _stored(cohort: Cohort, peer: str, *figures: str) -> str:
    if cohort.peers is None:
        return ""
    table = read(REFERENCE / "peers" / "peer_table.csv")
    row = table[(table["set"] == cohort.name) & (table["model"] == peer)].iloc[0]
    return f"{peer} {', '.join(str(row[figure]) for figure in figures)}"


def _beside_lifelines(cohort: Cohort) -> Measurement:
    """The same unpenalised fit by both, in one run."""
    import warnings

    import pandas as pd
    from lifelines import CoxPHFitter

    matrix = fit_encoding(cohort.table, cohort.columns, fewest=FEWEST).matrix(cohort.table)
    when, happened = cohort.outcomes
    table = pd.DataFrame(matrix).assign(time=when, event=happened)
    ours = _cpu_s(lambda: fit_cox(matrix, when, happened))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = _cpu_s(lambda: CoxPHFitter().fit(table, "time", "event"))
    return Measurement(
        what=f"{cohort.name}: CPU s of one Cox fit without penalty",
        figure=f"{ours:.4f}",
        peer=f"lifelines {theirs:.4f}",
        goal="no slower than lifelines",
        kept=ours <= theirs,
        how="best of 5, same matrix",
    )


def _cpu_s(act: Callable[[], Any]) -> float:
    spent = []
    for _ in range(5):
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return min(spent)


def measure() -> list[Measurement]:
    """Both models on every set, beside their nearest peers."""
    from threadpoolctl import threadpool_limits

    rows = []
    with threadpool_limits(1):
        for cohort in cohorts():
            cox = out_of_fold(cohort, fit_cox_cross_validated)
            rows += _compared(cohort, "Cox elastic net", cox, "CoxNet")
            boosting = out_of_fold(cohort, fit_boosting)
            rows += _compared(cohort, "discrete boosting", boosting, "DT-HGB")
            rows.append(_beside_lifelines(cohort))
    return rows
