"""Do several people who judge the same things judge alike? Krippendorff's alpha.

1 is perfect agreement, 0 is what chance alone would give, below 0 they contradict one another.
Any number of judges, missing judgements, nominal, ordinal or interval values.

Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

Scale: TypeAlias = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(
    units: Sequence[Sequence[float]], *, scale: Scale = "ordinal"
) -> float | None:
    """The agreement of judges about units.

    Args:
        units: For each judged thing the values it was given, whoever gave them; absent judgements
            are left out. Things judged once say nothing about agreement and are passed over.
        scale: How far two values are apart: equal or not, by rank, or by difference.

    Returns:
        Alpha; None where nothing was judged twice, or where only one value ever occurs, for then
        there is nothing to tell agreement from chance.
    """
    paired = [Counter(float(value) for value in unit) for unit in units if len(unit) > 1]
    values = sorted(set().union(*paired))
    if len(values) < 2:
        return None
    place = {value: number for number, value in enumerate(values)}
    coincidences = np.zeros((len(values), len(values)))
    for unit in paired:
        counts = np.zeros(len(values))
        for value, count in unit.items():
            counts[place[value]] = count
        coincidences += (np.outer(counts, counts) - np.diag(counts)) / (counts.sum() - 1)
    totals = coincidences.sum(axis=0)
    distances = _distances(np.array(values), totals, scale)
    expected = float(totals @ distances @ totals) / float(totals.sum() - 1)
    observed = float((coincidences * distances).sum())
    return 1.0 - observed / expected


def _distances(values: Floats, totals: Floats, scale: Scale) -> Floats:
    """(v, v) squared distances of the values."""
    if scale == "nominal":
        return 1.0 - np.eye(len(values))
    # By rank, a value stands in the middle of all judgements that gave it.
    marks = values if scale == "interval" else np.cumsum(totals) - totals / 2
    return np.asarray((marks[:, None] - marks) ** 2)
