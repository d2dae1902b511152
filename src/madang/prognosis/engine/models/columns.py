"""How do raw columns reach the parts of a model? Once for sums, once for trees.

Sums (Cox) need gaps filled, one scale and an indicator per level: that is `encoding`. Trees need
none of it: a number stays as it is, with its gaps, and a category becomes one number by which its
levels are ordered, that of the hazard seen in each. One column then does what many indicators
would, and the trees are far quicker.

Source: Fisher (1958), in Breiman et al. (1984), section 4.2.2: for one outcome the best split of
levels is a split of their order by mean outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.prognosis.engine.models.encoding import Encoding, Number, fit_encoding, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from madang.prognosis.engine.models.intervals import Watched

    Floats: TypeAlias = NDArray[np.float64]

FEWEST = 10
"""Levels with fewer training patients share one indicator."""

_PRIOR = 10.0  # expected events that a level must outweigh: rare levels stay near the average


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the training patients taught: the encoding, and for each category its levels' codes."""

    encoding: Encoding
    codes: Mapping[str, Mapping[str, float]]

    def for_sums(self, table: Any) -> Floats:
        """(n, p) standardised numbers and indicators, without gaps."""
        return self.encoding.matrix(table)

    def for_trees(self, table: Any) -> Floats:
        """(n, q) one column each; NaN is a gap, and a level never seen is 0, the average."""
        shown = []
        for column in self.encoding.columns:
            values = table[column.name]
            if isinstance(column, Number):
                shown.append(column.numbers(values))
            else:
                codes = self.codes[column.name]
                shown.append(np.array([codes.get(text, 0.0) for text in texts(values).tolist()]))
        return np.column_stack(shown) if shown else np.empty((len(table), 0))

    def filled(self, trees: Floats) -> Floats:
        """The columns for trees with gaps at the training patients' medians."""
        medians = [
            column.median if isinstance(column, Number) else 0.0
            for column in self.encoding.columns
        ]
        return np.where(np.isnan(trees), medians, trees)


def fit_columns(
    table: Any, declared: Iterable[Mapping[str, Any]], watched: Watched, *, fewest: int = FEWEST
) -> Columns:
    """Learn medians, scales, levels and the order of levels.

    Args:
        table: Training rows; `table[name]` gives a column.
        declared: `name`, `kind` and perhaps `levels` of each column, as `fit_encoding` takes them.
        watched: Of the same patients.
        fewest: Levels with fewer training rows share one indicator.

    Raises:
        KeyError: The table lacks a declared column.
        ValueError: A number cannot be read as one.
    """
    encoding = fit_encoding(table, declared, fewest=fewest)
    surplus = watched.martingale_residuals() * watched.weight
    expected = watched.event * watched.weight - surplus
    codes = {
        column.name: _ordered(texts(table[column.name]), surplus, expected)
        for column in encoding.columns
        if not isinstance(column, Number)
    }
    return Columns(encoding=encoding, codes=codes)


def _ordered(found: NDArray[Any], surplus: Floats, expected: Floats) -> dict[str, float]:
    """Level → events beyond those expected, per expected event, drawn towards 0."""
    levels, place = np.unique(found, return_inverse=True)
    more = np.bincount(place, surplus, len(levels))
    base = np.bincount(place, expected, len(levels))
    return dict(zip(levels.tolist(), (more / (base + _PRIOR)).tolist(), strict=True))
