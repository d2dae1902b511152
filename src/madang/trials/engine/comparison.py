"""Which solution is better, on one metric and one part? Told with simultaneous intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.stats.bootstrap import (
    COUNT,
    Resampled,
    differences,
    resampled_means,
    resampled_statistic,
)
from madang.trials.engine.scoring import take

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.stats.comparison import Comparison
    from madang.trials.engine.scoring import Scale, Solution

SLOW_COUNT = 400
"""Resamples for metrics that are no mean over cases (Uno's C, F1): each is a whole new score."""

SLOW_BLOCKS = 50
"""Blocks of their jackknife."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """k solutions resampled together. Scores are turned so that lower is better."""

    names: tuple[str, ...]
    sign: float
    resampled: Resampled

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
        """Resample the cases once, for all solutions.

        Args:
            scale: The task with its frame.
            metric: What to compare by.
            outcomes: (n) outcomes.
            solutions: k solutions with n answers each.
            seed: Of the resampling; the same seed gives the same intervals.
            clusters: (n) labels of cases that belong together, or None.
        """
        import numpy as np

        rng = np.random.default_rng(seed)
        sign = scale.sign(metric)
        if scale.is_mean(metric, outcomes, solutions[0].answers):
            losses = np.stack([scale.losses(metric, outcomes, each.answers) for each in solutions])
            resampled = resampled_means(losses, count=COUNT, rng=rng, clusters=clusters)
        else:
            resampled = resampled_statistic(
                lambda rows: (
                    sign
                    * np.array(
                        [
                            scale.score(metric, outcomes[rows], take(s.answers, rows))
                            for s in solutions
                        ]
                    )
                ),
                outcomes.height,
                count=SLOW_COUNT,
                blocks=SLOW_BLOCKS,
                rng=rng,
                clusters=clusters,
            )
        return cls(names=tuple(s.name for s in solutions), sign=sign, resampled=resampled)

    def scores(self, level: float) -> dict[str, dict[str, float]]:
        """Each solution's score with an interval that holds together with all others."""
        # A score is its difference from nothing: a solution of loss 0 stands in as the reference.
        family = [
            each.simultaneous
            for each in differences(
                _beside_nothing(self.resampled), level=level, reference=len(self.names)
            )
        ]
        rows = {}
        for name, interval in zip(self.names, family, strict=True):
            ends = sorted((self.sign * interval.low, self.sign * interval.high))
            rows[name] = {
                "estimate": self.sign * interval.estimate,
                "low": ends[0],
                "high": ends[1],
            }
        return rows

    def against(self, baseline: str, level: float) -> dict[str, dict[str, Any]]:
        """Each solution less the baseline; below 0 is better than the baseline."""
        reference = self.names.index(baseline)
        return {
            self.names[each.first]: _plain(each)
            for each in differences(self.resampled, level=level, reference=reference)
        }

    def pairs(self, level: float, among: Collection[str]) -> list[dict[str, Any]]:
        """Every pair of the named solutions; below 0 the first is better."""
        kept = [row for row, name in enumerate(self.names) if name in among]
        chosen = self.resampled._replace(
            estimates=self.resampled.estimates[kept],
            replicates=self.resampled.replicates[:, kept],
            jackknife=self.resampled.jackknife[:, kept],
        )
        return [
            {
                "first": self.names[kept[each.first]],
                "second": self.names[kept[each.second]],
                **_plain(each),
            }
            for each in differences(chosen, level=level)
        ]


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


def _beside_nothing(resampled: Resampled) -> Resampled:
    """The same quantities with one more that is always 0."""
    import numpy as np

    return resampled._replace(
        estimates=np.append(resampled.estimates, 0.0),
        replicates=np.pad(resampled.replicates, ((0, 0), (0, 1))),
        jackknife=np.pad(resampled.jackknife, ((0, 0), (0, 1))),
    )


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
