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
_ROUGH = 1e-7  # relative gain of a step at which the choice of a penalty rests; a fit: 1e-10
_AT_REST = 1e-14  # squared step, in units of the objective
_FARTHEST_BELOW = -300.0  # exp of this, squared, is still above 0


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
        return steps[np.searchsorted(self.times, np.asarray(times), side="right")]

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
    """Fit along falling penalties, each from the coefficients of the one before."""
    rows, when, happened = _checked(matrix, time, event)
    centre = rows.mean(axis=0)
    partial = _Partial.of(rows - centre, when, happened, ties)
    beta, models = np.zeros(rows.shape[1]), []
    for penalty in penalties:
        beta, converged = _minimise(partial, beta, penalty * l1_ratio, penalty * (1 - l1_ratio))
        times, hazard = partial.baseline(partial.sums(beta))
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
    slope = np.abs(partial.gradient(partial.sums(np.zeros(rows.shape[1]))))
    highest = max(float(slope.max(initial=0.0)), 1e-8) / max(l1_ratio, 1e-3)
    return np.geomspace(highest, highest * lowest, count).astype(np.float64)


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
        event: (n) whether it ended with the event.
        l1_ratio: 0 (ridge) to 1 (lasso).
        folds: Parts of the cross-validation, balanced by event.
        count: Penalties on the path.
        lowest: The last penalty as a share of the first.
        seed: Deals the rows into folds; nothing else is random.
        ties: Treatment of events at one time.
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
            lasso, ridge = penalty * l1_ratio, penalty * (1 - l1_ratio)
            beta, _ = _minimise(part, beta, lasso, ridge, tolerance=_ROUGH)
            gain[place] += whole.log_likelihood(whole.sums(beta))
            gain[place] -= part.log_likelihood(part.sums(beta))
    best = int(np.argmax(gain))
    return fit_cox_path(
        rows, when, happened, penalties=path[: best + 1].tolist(), l1_ratio=l1_ratio, ties=ties
    )[-1]


def log_likelihood(
    predictor: ArrayLike, time: ArrayLike, event: ArrayLike, *, ties: Ties = "efron"
) -> float:
    """Log partial likelihood of (n) given linear predictors."""
    rows, when, happened = _checked(np.asarray(predictor)[:, None], time, event)
    partial = _Partial.of(rows, when, happened, ties)
    return partial.log_likelihood(partial.sums(np.ones(1)))


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
    """What the likelihood sums up at some coefficients; η is the linear predictor.

    Per event the weight of its risk set; per row exp(η − shift), expected events, and η − shift.
    """

    at_risk: Floats
    relative: Floats
    expected: Floats
    eta: Floats
    shift: float


@dataclass(frozen=True, kw_only=True)
class _Partial:
    """The partial likelihood of one sample: rows in order of time, and each event's risk set."""

    rows: Floats
    event: Bools
    first: Integers
    """Per event: the first row of its risk set."""
    tied: Integers
    """Per event: position of its time among the different event times."""
    fraction: Floats
    """Per event: share of its tied events' weight that has left the risk set (Breslow: 0)."""
    times: Floats
    opening: Integers
    """Per different event time: its first event."""
    passed: Integers
    """Per row: how many different event times its follow-up reached."""

    @classmethod
    def of(cls, rows: Floats, time: Floats, event: Bools, ties: Ties) -> _Partial:
        order = np.argsort(time, kind="stable")
        when, happened = time[order], event[order]
        times, opening, tied, count = np.unique(
            when[happened], return_index=True, return_inverse=True, return_counts=True
        )
        rank = np.arange(len(tied)) - opening[tied]
        fraction = rank / count[tied] if ties == "efron" else np.zeros(len(tied))
        return cls(
            rows=np.ascontiguousarray(rows[order]),
            event=happened,
            first=np.searchsorted(when, when[happened], side="left"),
            tied=tied,
            fraction=fraction,
            times=times,
            opening=opening,
            passed=np.searchsorted(times, when, side="right"),
        )

    def sums(self, beta: Floats) -> _Sums:
        eta = self.rows @ beta
        shift = float(eta.max())
        eta = np.maximum(eta - shift, _FARTHEST_BELOW)
        relative = np.exp(eta)
        at_event = relative[self.event]
        beyond = np.cumsum(relative[::-1])[::-1]
        at_risk = beyond[self.first] - self.fraction * self.per_time(at_event)[self.tied]
        expected = np.concatenate([[0.0], np.cumsum(self.per_time(1 / at_risk))])[self.passed]
        expected[self.event] -= self.per_time(self.fraction / at_risk)[self.tied]
        return _Sums(at_risk, relative, relative * expected, eta, shift)

    def per_time(self, values: Floats) -> Floats:
        """(K,) sums over the events of each time."""
        return np.bincount(self.tied, values, len(self.times)).astype(np.float64)

    def log_likelihood(self, at: _Sums) -> float:
        return float(at.eta[self.event].sum() - np.log(at.at_risk).sum())

    def gradient(self, at: _Sums) -> Floats:
        """Of −(log likelihood)/n."""
        slope: Floats = self.rows.T @ (at.expected - self.event) / len(self.rows)
        return slope

    def curvature(self, at: _Sums) -> Floats:
        """(p, p) Hessian of −(log likelihood)/n."""
        weighted = self.rows * at.relative[:, None]
        hessian: Floats = (self.rows.T * at.expected) @ self.rows
        if not len(self.times):
            return hessian / len(self.rows)
        # Blocks between event times, summed from the last: far fewer than rows where times tie.
        blocks = np.add.reduceat(weighted, self.first[self.opening], axis=0)
        beyond = np.cumsum(blocks[::-1], axis=0)[::-1]
        tied = np.add.reduceat(weighted[self.event], self.opening, axis=0)
        whole, cross, square = (
            self.per_time(self.fraction**power / at.at_risk**2)[:, None] for power in range(3)
        )
        mixed = beyond.T @ (cross * tied)
        hessian -= beyond.T @ (whole * beyond) - mixed - mixed.T + tied.T @ (square * tied)
        return hessian / len(self.rows)

    def baseline(self, at: _Sums) -> tuple[Floats, Floats]:
        """Event times and the cumulative hazard (Breslow's estimator, Efron's where times tie)."""
        hazard: Floats = np.cumsum(self.per_time(1 / at.at_risk)) * np.exp(-at.shift)
        return self.times, hazard


def _minimise(
    partial: _Partial, start: Floats, lasso: float, ridge: float, *, tolerance: float = 1e-10
) -> tuple[Floats, bool]:
    """Proximal Newton from `start`, with step halving; and whether it came to rest."""

    def objective(beta: Floats, at: _Sums) -> float:
        loss = -partial.log_likelihood(at) / len(partial.rows)
        return loss + lasso * float(np.abs(beta).sum()) + ridge / 2 * float(beta @ beta)

    beta, at = start.copy(), partial.sums(start)
    value = objective(beta, at)
    for _ in range(_STEPS):
        slope, hessian = partial.gradient(at), partial.curvature(at)
        step = _quadratic_minimum(hessian, slope, beta, lasso, ridge) - beta
        for _ in range(_HALVINGS):
            candidate = beta + step
            at = partial.sums(candidate)
            reached = objective(candidate, at)
            if reached <= value:
                break
            step /= 2
        gained = value - reached
        if gained < 0:
            return beta, True
        beta, value = candidate, reached
        if gained <= tolerance * max(1.0, abs(value)):
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
        if _sweep(usable, curved, diagonal, residual, at, lasso) < _AT_REST:
            break
        # Most coordinates stay at 0: settle the others before all are looked at again.
        active = usable[at[usable] != 0]
        for _ in range(_SWEEPS):
            if _sweep(active, curved, diagonal, residual, at, lasso) < _AT_REST:
                break
    return at


def _sweep(
    places: Integers, curved: Floats, diagonal: Floats, residual: Floats, at: Floats, lasso: float
) -> float:
    """Move each of these coordinates to its minimum, in place; the largest gain among them."""
    largest = 0.0
    for j in places.tolist():
        slope, now = float(diagonal[j]), float(at[j])
        whole = float(residual[j]) + slope * now
        shrunk = whole - lasso if whole > lasso else whole + lasso if whole < -lasso else 0.0
        moved = shrunk / slope - now
        if moved:
            residual -= curved[j] * moved
            at[j] = shrunk / slope
            largest = max(largest, slope * moved * moved)
    return largest
