"""How is won divided and compared without losing any? Amounts are integers, always."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EOK_KRW = 100_000_000
"""1억원."""


def split(total_krw: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide an amount in proportion to weights, to the won: the parts add up to the whole.

    Args:
        total_krw: What is divided, at least 0.
        weights: Non-negative whole numbers, not all of them 0.

    Returns:
        One part a weight. What rounding leaves goes, won by won, to the largest fractions; among
        equals to the earlier one.

    Raises:
        ValueError: A negative amount or weight, or nothing to divide by.

    Source: the largest-remainder method (Hamilton).
    """
    whole = sum(weights)
    if total_krw < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError(f"cannot divide {total_krw} by {list(weights)}")
    parts = [total_krw * weight // whole for weight in weights]
    fractions = [-(total_krw * weight % whole) for weight in weights]
    for place in sorted(range(len(parts)), key=fractions.__getitem__)[: total_krw - sum(parts)]:
        parts[place] += 1
    return tuple(parts)


def share(part_krw: int, whole_krw: int) -> float:
    """The part as a share of the whole, 0.0 where there is no whole."""
    return part_krw / whole_krw if whole_krw else 0.0
