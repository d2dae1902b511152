"""What is drawn as one piece when cases are resampled? A case or a cluster, within its stratum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]

FEWEST_UNITS = 6
"""With fewer pieces no two-sided sign-flip test reaches 5 % (2 / 2^5), whatever the data say."""

_BLOCK = 2_000_000
"""Draws held at once: about 50 MB, so that 2,000 replicates of 100,000 cases need no more."""


@dataclass(frozen=True, kw_only=True)
class Units:
    """The pieces of n cases that are drawn or left out together.

    Units are ordered by stratum. Build them with `units`.
    """

    of_case: Integers
    """(n,) position of each case's unit."""
    sizes: Integers
    """(u,) cases in each unit."""
    strata: Integers
    """(u,) stratum of each unit, 0 …, nondecreasing."""

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self.sizes)

    @property
    def degrees(self) -> int:
        """Degrees of freedom of a variance among units: units less strata."""
        return self.count - int(self.strata[-1]) - 1

    def totals(self, values: Floats) -> Floats:
        """Sum per-case values over each unit: (m, n) → (u, m)."""
        if self.count == values.shape[1]:
            totals = np.empty((self.count, len(values)))
            totals[self.of_case] = values.T
            return totals
        return np.stack(
            [np.bincount(self.of_case, weights=row, minlength=self.count) for row in values],
            axis=1,
        )


def units(
    n: int, *, strata: NDArray[Any] | None = None, clusters: NDArray[Any] | None = None
) -> Units:
    """Group n cases into the pieces that are resampled.

    Args:
        n: Number of cases.
        strata: (n,) labels; the number of units in each stratum stays fixed.
        clusters: (n,) labels of cases that depend on one another (person, hospital); drawn whole.

    Raises:
        InputError: Too few units, a stratum of one unit, or a cluster in several strata.
    """
    stratum_of_case = _codes(strata, n) if strata is not None else np.zeros(n, dtype=np.int64)
    cluster_of_case = _codes(clusters, n) if clusters is not None else np.arange(n, dtype=np.int64)
    total = int(cluster_of_case.max(initial=-1)) + 1
    _enough(total, clustered=clusters is not None)
    stratum = np.zeros(total, dtype=np.int64)
    stratum[cluster_of_case] = stratum_of_case
    if not np.array_equal(stratum[cluster_of_case], stratum_of_case):
        raise InputError(
            words("둘 이상의 층에 걸친 군집", "a cluster that lies in several strata"),
            words("한 층에만 속하는 군집", "clusters that lie in one stratum each"),
            words(
                "군집 안에서 값이 같은 층을 지정하십시오.",
                "Choose strata that are constant within a cluster.",
            ),
        )
    _no_lonely_stratum(np.bincount(stratum))
    order = np.argsort(stratum, kind="stable")
    place = np.empty(total, dtype=np.int64)
    place[order] = np.arange(total)
    of_case = place[cluster_of_case]
    return Units(of_case=of_case, sizes=np.bincount(of_case), strata=stratum[order])


def drawn(grouped: Units, *, count: int, rng: np.random.Generator) -> Iterator[Integers]:
    """Draw units with replacement within their strata, in blocks of bounded memory.

    Args:
        grouped: The units.
        count: Number of replicates over all blocks.
        rng: The only source of randomness; the draws do not depend on the size of the blocks.

    Yields:
        (b, u) how often each unit was drawn in each of b replicates.
    """
    total = grouped.count
    members = np.bincount(grouped.strata)
    first = np.cumsum(members) - members
    first_of_slot, members_of_slot = first[grouped.strata], members[grouped.strata]
    rows = max(1, _BLOCK // total)
    for start in range(0, count, rows):
        block = min(rows, count - start)
        picks = (rng.random((block, total)) * members_of_slot).astype(np.int64)
        picks += first_of_slot + np.arange(block)[:, None] * total
        yield np.bincount(picks.ravel(), minlength=block * total).reshape(block, total)


def _codes(labels: NDArray[Any], n: int) -> Integers:
    """Labels as 0 … in the order of first sorting."""
    if len(labels) != n:
        raise ValueError(f"{len(labels)} labels for {n} cases")
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64)


def _enough(total: int, *, clustered: bool) -> None:
    if total >= FEWEST_UNITS:
        return
    ko, en = ("군집", "clusters") if clustered else ("사례", "cases")
    raise InputError(
        words(f"{ko} {total}개", f"{total} {en}"),
        words(f"{ko} {FEWEST_UNITS}개 이상", f"at least {FEWEST_UNITS} {en}"),
        words("사례를 더 모으십시오.", "Collect more of them before comparing."),
    )


def _no_lonely_stratum(members: Integers) -> None:
    lonely = int((members == 1).sum())
    if lonely:
        raise InputError(
            words(f"단위가 하나뿐인 층 {lonely}개", f"{lonely} strata of a single unit"),
            words("층마다 단위 2개 이상", "at least two units in every stratum"),
            words("층을 합치십시오.", "Merge strata."),
        )
