"""How well do scores rank the positive cases above the negative ones? AUC and its covariance.

The area under the ROC curve is the chance that a positive case scores above a negative one, ties
counting half. DeLong's covariance of several areas on the same cases comes from mid-ranks in
O(n log n) a score.

Source: E. DeLong, D. DeLong & D. Clarke-Pearson, Biometrics 44 (1988), 837-845; X. Sun & W. Xu,
IEEE Signal Processing Letters 21 (2014), 1389-1393; for clusters N. Obuchowski, Biometrics 53
(1997), 567-578.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Booleans: TypeAlias = NDArray[np.bool_]


class Areas(NamedTuple):
    """AUCs of k scores on the same cases."""

    estimates: Floats
    """(k,)"""
    covariance: Floats
    """(k, k)"""


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """The area under the ROC curve of one score.

    Args:
        labels: (n,) true for positive cases.
        scores: (n,) higher means more likely positive.

    Raises:
        InputError: No positive or no negative case, or a score that is not a number.
    """
    positive, rows = _checked(labels, scores)
    return float(_areas(positive, _rightly_ranked(positive, rows[0])[None])[0])


def delong(labels: ArrayLike, scores: ArrayLike, *, clusters: NDArray[Any] | None = None) -> Areas:
    """AUCs of k scores with their covariance.

    Args:
        labels: (n,) true for positive cases.
        scores: (k, n) one row a score; higher means more likely positive.
        clusters: (n,) labels of cases that depend on one another, positive or not.

    Raises:
        InputError: Fewer than two positive or two negative cases (or clusters with such), or a
            score that is not a number.
    """
    positive, rows = _checked(labels, scores)
    counts = np.stack([_rightly_ranked(positive, row) for row in rows])
    estimates = _areas(positive, counts)
    placements = counts / np.where(positive, (~positive).sum(), positive.sum())
    if clusters is not None:
        return Areas(estimates, _clustered(positive, placements - estimates[:, None], clusters))
    _enough(int(positive.sum()), int((~positive).sum()))
    covariance = np.zeros((len(rows), len(rows)))
    for side in (positive, ~positive):
        covariance += np.atleast_2d(np.cov(placements[:, side])) / side.sum()
    return Areas(estimates, covariance)


def _areas(positive: Booleans, counts: Floats) -> Floats:
    """(k,) areas. Sums of halves are exact, so that no machine gives another last digit."""
    return np.asarray(counts[:, positive].sum(axis=1) / (positive.sum() * (~positive).sum()))


def _rightly_ranked(positive: Booleans, scores: Floats) -> Floats:
    """(n,) against how many of the other class each case is ranked rightly, ties half.

    One sort serves both classes: within a run of tied scores, what stands before it is below.
    """
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    run_of_rank = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(ranked))))
    positives = np.add.reduceat(positive[order].astype(np.float64), starts)
    negatives = np.diff(np.append(starts, len(ranked))) - positives
    # Cases below the run, and half of those inside it.
    positives_below = np.cumsum(positives) - positives / 2
    negatives_below = np.cumsum(negatives) - negatives / 2
    positives_above = positives.sum() - positives_below
    counts = np.empty(len(scores))
    counts[order] = np.where(
        positive[order], negatives_below[run_of_rank], positives_above[run_of_rank]
    )
    return counts


def _clustered(positive: Booleans, deviations: Floats, clusters: NDArray[Any]) -> Floats:
    """Covariance where whole clusters are sampled: the classes of one cluster may depend."""
    names, of_case = np.unique(clusters, return_inverse=True)
    sums, holders = [], []
    for side in (positive, ~positive):
        sums.append(
            np.stack(
                [np.bincount(of_case, row * side, minlength=len(names)) for row in deviations]
            )
        )
        holders.append(len(np.unique(of_case[side])))
    _enough(*holders)
    m, n = positive.sum(), (~positive).sum()
    upper, lower = sums
    cross = upper @ lower.T * len(names) / ((len(names) - 1) * m * n)
    covariance = (
        upper @ upper.T * holders[0] / ((holders[0] - 1) * m**2)
        + lower @ lower.T * holders[1] / ((holders[1] - 1) * n**2)
        + cross
        + cross.T
    )
    return np.asarray(covariance)


def _checked(labels: ArrayLike, scores: ArrayLike) -> tuple[Booleans, Floats]:
    positive = np.asarray(labels).astype(bool)
    rows = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if rows.shape[1] != len(positive):
        raise ValueError(f"{rows.shape[1]} scores for {len(positive)} labels")
    broken = int(np.isnan(rows).any(axis=0).sum())
    if broken:
        raise InputError(
            words(f"점수가 없는 사례 {broken}건", f"{broken} cases without a score"),
            words("사례마다 점수", "a score for every case"),
            words("해당 예측을 확인하십시오.", "Check the predictions of those cases."),
        )
    _both(positive)
    return positive, rows


def _both(positive: Booleans) -> None:
    count = int(positive.sum())
    if 0 < count < len(positive):
        return
    raise InputError(
        words(
            f"양성 {count}건, 음성 {len(positive) - count}건",
            f"{count} positive and {len(positive) - count} negative cases",
        ),
        words("양성과 음성 각 1건 이상", "at least one of each"),
        words("AUC를 쓰려면 두 종류가 모두 필요합니다.", "AUC needs both classes."),
    )


def _enough(positives: int, negatives: int) -> None:
    if min(positives, negatives) >= 2:
        return
    raise InputError(
        words(
            f"독립된 양성 {positives}개, 음성 {negatives}개",
            f"{positives} independent positives and {negatives} independent negatives",
        ),
        words("각 2개 이상", "at least two of each"),
        words("사례를 더 모으십시오.", "Collect more cases."),
    )
