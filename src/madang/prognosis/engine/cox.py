"""How do covariates multiply the hazard? Cox's model with an elastic-net penalty.

The objective is −(log partial likelihood)/n + penalty·(l1_ratio·|β|₁ + (1 − l1_ratio)/2·|β|²),
with Efron's or Breslow's treatment of ties, minimised by proximal Newton steps whose quadratic
is solved by coordinate descent. The file needs numpy alone, so that it can be handed in as it
stands.

Sources: Cox (1972); Efron (1977); Breslow (1974); Simon, Friedman, Hastie and Tibshirani (2011);
Verweij and van Houwelingen (1993) for the cross-validated partial likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]
    Integers: TypeAlias = NDArray[np.intp]

Ties: TypeAlias = Literal["efron", "breslow"]

_STEPS, _SWEEPS, _HALVINGS = 60, 1000, 30
_FARTHEST_BELOW = -600.0  # a linear predictor this far below the largest still has a positive exp


@dataclass(frozen=True, kw_only=True)
class Cox:
    """A fitted model: S(t | x) = exp(−H₀(t)·exp((x − centre)·β)).

    `times` (K) are the event times in ascending order and `hazard` (K) the cumulative baseline
    hazard H₀ at and after each of them, for a patient at `centre` (p).
    """

    coefficients: Floats
    centre: Floats
    times: Floats
    hazard: Floats
    penalty: float
    converged: bool

    def predictor(self, matrix: ArrayLike) -> Floats:
        """(n,) logarithm of each patient's hazard relative to a patient at the centre."""
        rows: Floats = np.asarray(matrix, dtype=np.float64) - self.centre
        eta: Floats = rows @ self.coefficients
        return eta

    def cumulative_hazard(self, times: ArrayLike) -> Floats:
        """The baseline's cumulative hazard at these times: a right-continuous step."""
        steps = np.concatenate([[0.0], self.hazard])
        at: Floats = steps[np.searchsorted(self.times, np.asarray(times), side="right")]
        return at

    def survival(self, matrix: ArrayLike, grid: ArrayLike) -> Floats:
        """(n, k) probability of being free of the event at each time of the grid."""
        with np.errstate(over="ignore"):
            relative = np.exp(self.predictor(matrix))
        exposure = np.outer(np.minimum(relative, 1e300), self.cumulative_hazard(grid))
        curves: Floats = np.exp(-exposure)
        return curves


def fit_cox(
    matrix: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    penalty: float = 0.0,
    l1_ratio: float = 0.5,
    ties: Ties = "efron",
) -> Cox:
    """Fit at one penalty.

    Args:
        matrix: (n, p) covariates; the penalty is fair only if they are on one scale.
        time: (n) follow-up.
        event: (n) true where the follow-up ended with the event.
        penalty: 0 or more.
        l1_ratio: 0 (ridge) to 1 (lasso).
        ties: Treatment of events at one time.

    Raises:
        ValueError: The sizes differ, there is no row, or a value is not finite.
    """
    return fit_cox_path(matrix, time, event, penalties=[penalty], l1_ratio=l1_ratio, ties=ties)[0]


def fit_cox_path(
    matrix: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    penalties: Sequence[float],
    l1_ratio: float = 0.5,
    ties: Ties = "efron",
) -> list[Cox]:
    """Fit along falling penalties, each from the coefficients of the one before.

    Raises:
        ValueError: The sizes differ, there is no row, or a value is not finite.
    """
    rows, when, happened = _checked(matrix, time, event)
    centre = rows.mean(axis=0)
    partial = _Partial.of(rows - centre, when, happened, ties)
    beta, models = np.zeros(rows.shape[1]), []
    for penalty in penalties:
        beta, converged = _minimise(partial, beta, penalty * l1_ratio, penalty * (1 - l1_ratio))
        times, hazard = partial.baseline(beta)
        models.append(
            Cox(
                coefficients=beta,
                centre=centre,
                times=times,
                hazard=hazard,
                penalty=float(penalty),
                converged=converged,
            )
        )
    return models


def penalty_path(
    matrix: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    l1_ratio: float = 0.5,
    count: int = 30,
    lowest: float = 0.01,
    ties: Ties = "efron",
) -> Floats:
    """(count,) penalties from the smallest that keeps every coefficient at 0, falling.

    A ridge (l1_ratio 0) never reaches 0: its path starts as if l1_ratio were 0.001. The last is
    `lowest` times the first.
    """
    rows, when, happened = _checked(matrix, time, event)
    partial = _Partial.of(rows - rows.mean(axis=0), when, happened, ties)
    slope = np.abs(partial.gradient(np.zeros(rows.shape[1])))
    highest = max(float(slope.max(initial=0.0)), 1e-8) / max(l1_ratio, 1e-3)
    path: Floats = np.geomspace(highest, highest * lowest, count)
    return path


def fit_cox_cross_validated(
    matrix: ArrayLike,
    time: ArrayLike,
    event: ArrayLike,
    *,
    l1_ratio: float = 0.5,
    folds: int = 5,
    count: int = 30,
    lowest: float = 0.01,
    seed: int = 0,
    ties: Ties = "efron",
) -> Cox:
    """Fit at the penalty with the best cross-validated partial likelihood.

    A fold's contribution is the log likelihood of all rows less that of the training rows, both at
    the coefficients of the training rows, so that the left-out rows keep their risk sets.

    Args:
        matrix: (n, p) covariates on one scale.
        time: (n) follow-up.
        event: (n) true where the follow-up ended with the event.
        l1_ratio: 0 (ridge) to 1 (lasso).
        folds: Parts of the cross-validation, balanced by event.
        count: Penalties on the path.
        lowest: The last penalty as a share of the first.
        seed: Deals the rows into folds; nothing else is random.
        ties: Treatment of events at one time.

    Raises:
        ValueError: The sizes differ, there is no row, or a value is not finite.
    """
    rows, when, happened = _checked(matrix, time, event)
    path = penalty_path(
        rows, when, happened, l1_ratio=l1_ratio, count=count, lowest=lowest, ties=ties
    )
    whole = _Partial.of(rows - rows.mean(axis=0), when, happened, ties)
    gain = np.zeros(count)
    for left_out in _dealt(happened, folds, seed):
        kept = ~left_out
        part = _Partial.of(rows[kept] - rows.mean(axis=0), when[kept], happened[kept], ties)
        beta = np.zeros(rows.shape[1])
        for place, penalty in enumerate(path):
            beta, _ = _minimise(part, beta, penalty * l1_ratio, penalty * (1 - l1_ratio))
            gain[place] += whole.log_likelihood(beta) - part.log_likelihood(beta)
    best = int(np.argmax(gain))
    return fit_cox_path(
        rows, when, happened, penalties=path[: best + 1].tolist(), l1_ratio=l1_ratio, ties=ties
    )[-1]


def _checked(matrix: ArrayLike, time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats, Bools]:
    rows = np.asarray(matrix, dtype=np.float64)
    when, happened = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=bool)
    if rows.ndim != 2 or not len(rows):
        raise ValueError(f"covariates of shape {rows.shape}: rows and columns are needed")
    if when.shape != (len(rows),) or happened.shape != (len(rows),):
        raise ValueError(f"{len(rows)} rows, {when.shape} times and {happened.shape} events")
    if not (np.isfinite(rows).all() and np.isfinite(when).all()):
        raise ValueError("covariates or times are not finite")
    return rows, when, happened


def _dealt(event: Bools, folds: int, seed: int) -> list[Bools]:
    """Which rows each fold leaves out, events and censored rows dealt separately."""
    fold = np.empty(len(event), dtype=int)
    rng = np.random.default_rng(seed)
    for group in (np.flatnonzero(event), np.flatnonzero(~event)):
        fold[rng.permutation(group)] = np.arange(len(group)) % folds
    return [fold == each for each in range(folds)]


class _Sums(NamedTuple):
    """Per event: weighted size of its risk set; per row: its exp(η) and its expected events."""

    at_risk: Floats
    relative: Floats
    expected: Floats
    shift: float


@dataclass(frozen=True, kw_only=True)
class _Partial:
    """The partial likelihood of one sample: rows in order of time, and each event's risk set."""

    rows: Floats
    when: Floats
    event: Bools
    first: Integers
    """Per event: the first row of its risk set."""
    tied: Integers
    """Per event: position of its time among the different event times."""
    fraction: Floats
    """Per event: share of its tied events' weight that has left the risk set (Breslow: 0)."""
    times: Floats

    @classmethod
    def of(cls, rows: Floats, time: Floats, event: Bools, ties: Ties) -> _Partial:
        order = np.argsort(time, kind="stable")
        when, happened = time[order], event[order]
        times, first_event, tied, count = np.unique(
            when[happened], return_index=True, return_inverse=True, return_counts=True
        )
        rank = np.arange(len(tied)) - first_event[tied]
        fraction = rank / count[tied] if ties == "efron" else np.zeros(len(tied))
        return cls(
            rows=np.ascontiguousarray(rows[order]),
            when=when,
            event=happened,
            first=np.searchsorted(when, when[happened], side="left"),
            tied=tied,
            fraction=fraction,
            times=times,
        )

    def sums(self, beta: Floats) -> _Sums:
        eta = self.rows @ beta
        shift = float(eta.max())
        relative = np.exp(np.maximum(eta - shift, _FARTHEST_BELOW))
        tied_weight = np.bincount(self.tied, relative[self.event], len(self.times))
        beyond = np.cumsum(relative[::-1])[::-1]
        at_risk = beyond[self.first] - self.fraction * tied_weight[self.tied]
        per_time = np.bincount(self.tied, 1 / at_risk, len(self.times))
        passed = np.searchsorted(self.times, self.when, side="right")
        expected = relative * np.concatenate([[0.0], np.cumsum(per_time)])[passed]
        spared = np.bincount(self.tied, self.fraction / at_risk, len(self.times))
        expected[self.event] -= relative[self.event] * spared[self.tied]
        return _Sums(at_risk, relative, expected, shift)

    def log_likelihood(self, beta: Floats) -> float:
        sums = self.sums(beta)
        eta = np.maximum(self.rows @ beta - sums.shift, _FARTHEST_BELOW)
        return float(eta[self.event].sum() - np.log(sums.at_risk).sum())

    def gradient(self, beta: Floats) -> Floats:
        """Of −(log likelihood)/n."""
        slope: Floats = self.rows.T @ (self.sums(beta).expected - self.event) / len(self.rows)
        return slope

    def curvature(self, beta: Floats) -> Floats:
        """(p, p) Hessian of −(log likelihood)/n."""
        sums = self.sums(beta)
        weighted = self.rows * sums.relative[:, None]
        beyond = np.cumsum(weighted[::-1], axis=0)[::-1]
        tied = np.zeros((len(self.times), self.rows.shape[1]))
        np.add.at(tied, self.tied, weighted[self.event])
        mean = beyond[self.first] - self.fraction[:, None] * tied[self.tied]
        mean /= sums.at_risk[:, None]
        hessian: Floats = (self.rows.T * sums.expected) @ self.rows - mean.T @ mean
        return hessian / len(self.rows)

    def baseline(self, beta: Floats) -> tuple[Floats, Floats]:
        """Event times and the cumulative hazard (Breslow's estimator, Efron's where ties are)."""
        sums = self.sums(beta)
        steps = np.bincount(self.tied, 1 / sums.at_risk, len(self.times)) * np.exp(-sums.shift)
        hazard: Floats = np.cumsum(steps)
        return self.times, hazard


def _minimise(partial: _Partial, start: Floats, lasso: float, ridge: float) -> tuple[Floats, bool]:
    """Proximal Newton from `start`, with step halving; and whether it came to rest."""
    beta, size = start.copy(), len(partial.rows)

    def objective(at: Floats) -> float:
        loss = -partial.log_likelihood(at) / size
        return loss + lasso * float(np.abs(at).sum()) + ridge / 2 * float(at @ at)

    value = objective(beta)
    for _ in range(_STEPS):
        slope, hessian = partial.gradient(beta), partial.curvature(beta)
        direction = _quadratic_minimum(hessian, slope, beta, lasso, ridge) - beta
        step, candidate = 1.0, beta + direction
        while (reached := objective(candidate)) > value and step > 0.5**_HALVINGS:
            step /= 2
            candidate = beta + step * direction
        gained = value - reached
        if gained <= 0:
            return beta, True
        beta, value = candidate, reached
        if gained <= 1e-10 * max(1.0, abs(value)):
            return beta, True
    return beta, False


def _quadratic_minimum(
    hessian: Floats, slope: Floats, beta: Floats, lasso: float, ridge: float
) -> Floats:
    """The minimum of the local quadratic plus penalty.

    Without a lasso it is one solve, of least norm where columns are redundant. A column without
    curvature (constant, or in no risk set) keeps its coefficient at 0.
    """
    curved = hessian + ridge * np.eye(len(beta))
    target = hessian @ beta - slope
    if lasso == 0:
        return np.linalg.lstsq(curved, target, rcond=1e-10)[0].astype(np.float64)
    return _coordinate_descent(curved, target, beta.copy(), lasso)


def _coordinate_descent(curved: Floats, target: Floats, at: Floats, lasso: float) -> Floats:
    """Minimise ½·b'Cb − t'b + lasso·|b|₁ one coordinate at a time."""
    diagonal = np.diagonal(curved)
    usable = np.flatnonzero(diagonal > 1e-12)
    residual = target - curved @ at
    for _ in range(_SWEEPS):
        largest = 0.0
        for j in usable:
            whole = residual[j] + diagonal[j] * at[j]
            new = np.sign(whole) * max(abs(whole) - lasso, 0.0) / diagonal[j]
            moved = new - at[j]
            if moved:
                residual -= curved[:, j] * moved
                at[j] = new
                largest = max(largest, diagonal[j] * moved * moved)
        if largest < 1e-14:
            break
    return at
