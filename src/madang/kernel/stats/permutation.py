"""Could chance alone have made these paired differences? The sign-flip permutation test.

If two solutions are exchangeable case by case, each difference could as well have had the other
sign (R. Fisher, The Design of Experiments (1935), section 21). Exact for few pieces; else sampled,
counting the observed arrangement itself (B. Phipson & G. Smyth, Stat. Appl. Genet. Mol. Biol. 9
(2010), article 39), so that p is never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

_EXACT = 14
"""2^13 arrangements, halved by symmetry, cost less than the usual number of samples does."""
_BLOCK = 4_000_000
_TIED = 1e-12
"""Sums that differ by less than this share of the largest possible sum differ by rounding."""


def sign_flip(
    differences: Floats,
    *,
    count: int = 10_000,
    rng: np.random.Generator,
    clusters: NDArray[Any] | None = None,
) -> float:
    """The two-sided p value of "the mean difference is 0".

    Args:
        differences: (n,) paired differences.
        count: Number of sampled arrangements where exact enumeration is too long.
        rng: The only source of randomness.
        clusters: (n,) labels; the differences of a cluster change sign together.

    Returns:
        p within (0, 1]; 1 where all differences are 0.

    Raises:
        InputError: No cases, or a difference that is not a finite number.
    """
    _checked(differences)
    if clusters is not None:
        of_case = np.unique(clusters, return_inverse=True)[1]
        differences = np.asarray(np.bincount(of_case, weights=differences), dtype=np.float64)
    # A piece of 0 has no sign to flip.
    pieces = differences[differences != 0]
    if not len(pieces):
        return 1.0
    reached = abs(float(pieces.sum())) - _TIED * float(np.abs(pieces).sum())
    if len(pieces) <= _EXACT:
        sums = _all_signs(len(pieces)) @ pieces
        return float((np.abs(sums) >= reached).mean())
    beyond = sum(
        int((np.abs(signs @ pieces) >= reached).sum())
        for signs in _some_signs(len(pieces), count, rng)
    )
    return (1 + beyond) / (1 + count)


def _all_signs(n: int) -> Floats:
    """(2^(n-1), n) every arrangement but for a common sign, which the absolute sum forgets."""
    numbers = np.arange(1 << (n - 1))[:, None]
    return np.asarray(1.0 - 2.0 * (numbers >> np.arange(n) & 1))


def _some_signs(n: int, count: int, rng: np.random.Generator) -> Iterator[Floats]:
    """(b, n) random arrangements in blocks of bounded memory, eight signs a random byte."""
    width = -(-n // 8)
    rows = max(1, _BLOCK // n)
    for start in range(0, count, rows):
        block = min(rows, count - start)
        drawn = rng.integers(0, 256, size=(block, width), dtype=np.uint8)
        yield 1.0 - 2.0 * np.unpackbits(drawn, axis=1, count=n).astype(np.float64)


def _checked(differences: Floats) -> None:
    broken = int((~np.isfinite(differences)).sum())
    if len(differences) and not broken:
        return
    raise InputError(
        words(
            f"사례 {len(differences)}건 중 유한한 수가 아닌 차이 {broken}건",
            f"{len(differences)} cases, {broken} of them without a finite difference",
        ),
        words("사례마다 유한한 차이", "a finite difference for every case"),
    )
