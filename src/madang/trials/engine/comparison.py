"""Which solution is better, on one metric and one part? Told with simultaneous intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from madang.kernel.stats.bootstrap import (
    COUNT,
    Resampled,
    differences,
    resampled_means,
    resampled_statistic,
)
from madang.kernel.stats.comparison import covariance_differences

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.stats.comparison import Comparison
    from madang.kernel.trial import Floats
    from madang.trials.engine.measuring import Measure
    from madang.trials.engine.scoring import Scale, Solution

SLOW_COUNT = 400
"""Resamples for metrics that are no mean over cases (Uno's C, F1): each is a whole new score."""

SLOW_BLOCKS = 50
"""Blocks of their jackknife."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """k solutions judged on the same cases. Scores are turned so that lower is better."""

    names: tuple[str, ...]
    sign: float
    estimates: Floats
    """(k,) turned scores."""
    spread: Resampled | Floats
    """Their resampling, or their (k, k) covariance where a closed form exists (DeLong)."""

    @classmethod
    def of(
        cls,
        scale: Scale,
        metric: str,
        outcomes: pl.DataFrame,
        solutions: Sequence[Solution],
        *,
        seed: int,
        clusters: NDArray[Any] | None = None,
    ) -> Compared:
        """Judge all solutions at once.

        Args:
            scale: The task with its frame.
            metric: What to compare by.
            outcomes: (n) outcomes.
            solutions: k solutions with n answers each.
            seed: Of the resampling; the same seed gives the same intervals.
            clusters: (n) labels of cases that belong together, or None.
        """
        names, sign = tuple(each.name for each in solutions), scale.sign(metric)
        closed = None if clusters is not None else scale.covariance(metric, outcomes, solutions)
        if closed is not None:
            return cls(
                names=names,
                sign=sign,
                estimates=_scores(scale, metric, outcomes, solutions),
                spread=closed,
            )
        resampled = _resampled(scale, metric, outcomes, solutions, seed=seed, clusters=clusters)
        return cls(names=names, sign=sign, estimates=resampled.estimates, spread=resampled)

    def scores(self, level: float) -> dict[str, dict[str, float]]:
        """Each solution's score with an interval that holds together with all others."""
        # A score is its difference from nothing: a solution of loss 0 stands in as the reference.
        alone = self._chosen(list(range(len(self.names))), nothing=True)
        rows = {}
        for each in alone._differences(level, reference=len(self.names)):
            whole = each.simultaneous
            ends = sorted((self.sign * whole.low, self.sign * whole.high))
            rows[self.names[each.first]] = {
                # Adding 0.0 turns the -0.0 of a turned score into 0.0.
                "estimate": self.sign * whole.estimate + 0.0,
                "low": ends[0] + 0.0,
                "high": ends[1] + 0.0,
            }
        return rows

    def against(self, baseline: str, level: float) -> dict[str, dict[str, Any]]:
        """Each solution less the baseline; below 0 is better than the baseline."""
        reference = self.names.index(baseline)
        return {
            self.names[each.first]: _plain(each)
            for each in self._differences(level, reference=reference)
        }

    def pairs(self, level: float, among: Collection[str]) -> list[dict[str, Any]]:
        """Every pair of the named solutions; below 0 the first is better."""
        kept = [row for row, name in enumerate(self.names) if name in among]
        return [
            {
                "first": self.names[kept[each.first]],
                "second": self.names[kept[each.second]],
                **_plain(each),
            }
            for each in self._chosen(kept)._differences(level)
        ]

    def _differences(self, level: float, reference: int | None = None) -> tuple[Comparison, ...]:
        if isinstance(self.spread, Resampled):
            return differences(self.spread, level=level, reference=reference)
        return covariance_differences(
            self.estimates, self.spread, level=level, reference=reference
        )

    def _chosen(self, kept: list[int], *, nothing: bool = False) -> Compared:
        """Some of the solutions, and beside them, if asked for, one whose score is always 0."""
        import numpy as np

        extra = int(nothing)
        estimates = np.pad(self.estimates[kept], (0, extra))
        spread: Resampled | Floats
        if isinstance(self.spread, Resampled):
            spread = self.spread._replace(
                estimates=estimates,
                replicates=np.pad(self.spread.replicates[:, kept], ((0, 0), (0, extra))),
                jackknife=np.pad(self.spread.jackknife[:, kept], ((0, 0), (0, extra))),
            )
        else:
            spread = np.pad(self.spread[np.ix_(kept, kept)], (0, extra))
        return replace(self, estimates=estimates, spread=spread)


def _scores(
    scale: Scale, metric: str, outcomes: pl.DataFrame, solutions: Sequence[Solution]
) -> Floats:
    """(k,) turned scores."""

    def work(measure: Measure) -> Floats:
        return _turned(scale.sign(metric), measure, len(solutions))

    return scale.measured(metric, outcomes, [each.answers for each in solutions], work)


def _turned(
    sign: float, measure: Measure, count: int, rows: NDArray[np.int64] | None = None
) -> Floats:
    """(k,) turned scores on all cases, or on some rows."""
    import numpy as np

    return sign * np.array([measure.score(which, rows) for which in range(count)])


def _resampled(
    scale: Scale,
    metric: str,
    outcomes: pl.DataFrame,
    solutions: Sequence[Solution],
    *,
    seed: int,
    clusters: NDArray[Any] | None,
) -> Resampled:
    """Turned scores on the same resamples of the cases."""
    import numpy as np

    rng, sign = np.random.default_rng(seed), scale.sign(metric)

    def work(measure: Measure) -> Resampled:
        each = [measure.losses(which) for which in range(len(solutions))]
        exact = [sign * losses for losses in each if losses is not None]
        if len(exact) == len(solutions):
            return resampled_means(np.stack(exact), count=COUNT, rng=rng, clusters=clusters)

        def resampled(strata: NDArray[Any] | None) -> Resampled:
            return resampled_statistic(
                lambda rows: _turned(sign, measure, len(solutions), rows),
                outcomes.height,
                count=SLOW_COUNT,
                blocks=SLOW_BLOCKS,
                rng=rng,
                strata=strata,
                clusters=clusters,
            )

        # Strata hold the class shares fixed, which hides how much a score depends on them: they
        # come in only where a resample without a class would have no score.
        free = resampled(None)
        if np.isfinite(free.replicates).all() and np.isfinite(free.jackknife).all():
            return free
        strata = None if clusters is not None else scale.strata(outcomes)
        return free if strata is None else resampled(strata)

    return scale.measured(metric, outcomes, [each.answers for each in solutions], work)


def compare_all(
    scale: Scale,
    metric: str,
    outcomes: pl.DataFrame,
    solutions: Sequence[Solution],
    *,
    baseline: str,
    among: Collection[str],
    level: float,
    seed: int,
    clusters: NDArray[Any] | None = None,
) -> dict[str, Any]:
    """Scores with simultaneous intervals, differences from the baseline, and all pairs.

    Args:
        scale: The task with its frame.
        metric: The metric to compare by.
        outcomes: (n) outcomes of the part.
        solutions: k solutions, the baseline among them.
        baseline: Its name.
        among: Those that are compared in pairs as well (trivial baselines are not).
        level: Of every family of intervals, such as .95.
        seed: Of the resampling.
        clusters: (n) labels of cases that belong together, or None.

    Returns:
        `scores`: name → estimate, low, high (published direction). `against_baseline` and `pairs`:
        differences turned so that *negative is better for the first*, with adjusted p values.
    """
    compared = Compared.of(scale, metric, outcomes, solutions, seed=seed, clusters=clusters)
    return {
        "metric": metric,
        "scores": compared.scores(level),
        "against_baseline": compared.against(baseline, level),
        "pairs": compared.pairs(level, among),
    }


def _plain(each: Comparison) -> dict[str, Any]:
    return {
        "difference": each.difference.estimate,
        "low": each.simultaneous.low,
        "high": each.simultaneous.high,
        "alone_low": each.difference.low,
        "alone_high": each.difference.high,
        "standard_error": each.standard_error,
        "p": each.p_value,
        "p_adjusted": each.adjusted_p_value,
    }
