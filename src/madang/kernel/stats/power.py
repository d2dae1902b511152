"""How small a difference can n sealed cases show? To be told before a demand is published.

For the paired t test of a mean difference. The margin of a multiple comparison is Bonferroni's, so
that a family's promise holds whichever pair is meant.
"""

from __future__ import annotations

import math

from scipy.special import nctdtr, nctdtrinc, ndtri, stdtrit

from madang.kernel.errors import InputError
from madang.kernel.words import words

FEWEST_CASES = 4


def smallest_detectable_difference(
    sd_of_differences: float,
    n: int,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    comparisons: int = 1,
) -> float:
    """The true mean difference that n paired cases show with the given power.

    Args:
        sd_of_differences: Standard deviation of the per-case differences. For two solutions whose
            losses have standard deviation s and correlation r it is s · sqrt(2 (1 - r)).
        n: Number of independent cases (of clusters, with the deviation of cluster means).
        power: Chance to find it.
        alpha: Two-sided error of the family.
        comparisons: Number of comparisons in the family.

    Returns:
        The difference, in the unit of the loss.

    Raises:
        InputError: Fewer than four cases.
    """
    _enough(n)
    _sensible(power, alpha, comparisons)
    critical = float(stdtrit(n - 1, 1 - alpha / (2 * comparisons)))
    return float(nctdtrinc(n - 1, 1 - power, critical)) * sd_of_differences / math.sqrt(n)


def power_of(
    difference: float,
    sd_of_differences: float,
    n: int,
    *,
    alpha: float = 0.05,
    comparisons: int = 1,
) -> float:
    """The chance that n paired cases show a true mean difference, on its own side.

    Args:
        difference: True mean difference.
        sd_of_differences: Standard deviation of the per-case differences, positive.
        n: Number of independent cases.
        alpha: Two-sided error of the family.
        comparisons: Number of comparisons in the family.

    Raises:
        InputError: Fewer than four cases.
    """
    _enough(n)
    _sensible(0.5, alpha, comparisons)
    critical = float(stdtrit(n - 1, 1 - alpha / (2 * comparisons)))
    shift = abs(difference) / sd_of_differences * math.sqrt(n)
    return 1 - float(nctdtr(n - 1, shift, critical))


def needed_n(
    difference: float,
    sd_of_differences: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    comparisons: int = 1,
) -> int:
    """The fewest paired cases that show a true mean difference with the given power.

    Args:
        difference: True mean difference, not 0.
        sd_of_differences: Standard deviation of the per-case differences.
        power: Chance to find it.
        alpha: Two-sided error of the family.
        comparisons: Number of comparisons in the family.

    Raises:
        ValueError: The difference is 0.
    """
    _sensible(power, alpha, comparisons)
    if not difference:
        raise ValueError("no number of cases shows a difference of 0")
    places = float(ndtri(1 - alpha / (2 * comparisons)) + ndtri(power))
    # The normal needs a few cases fewer than Student's t: start there and climb.
    n = max(FEWEST_CASES, math.floor((places * sd_of_differences / difference) ** 2))
    while smallest_detectable_difference(
        sd_of_differences, n, power=power, alpha=alpha, comparisons=comparisons
    ) > abs(difference):
        n += 1
    return n


def _enough(n: int) -> None:
    if n < FEWEST_CASES:
        raise InputError(
            words(f"사례 {n}건", f"{n} cases"),
            words(f"사례 {FEWEST_CASES}건 이상", f"at least {FEWEST_CASES} cases"),
            words("사례를 더 모으십시오.", "Collect more cases."),
        )


def _sensible(power: float, alpha: float, comparisons: int) -> None:
    if not (0 < alpha < power < 1 and comparisons >= 1):
        raise ValueError(f"power {power}, alpha {alpha}, comparisons {comparisons}")
