"""How much of an outcome does a single column give? Bin the column, take the mean of each bin.

A target is an (n, k) table: one-hot classes, or one column of numbers. The share explained is
1 - sum of squared errors / sum of squared distances from the mean: R² of a number, the Brier skill
of classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats

BINS = 32
FOLDS = 5
_MOSTLY = 0.95
"""Share of the filled values that must read as numbers before a text column counts as numeric."""


def as_numeric(column: pl.Series) -> Floats | None:
    """(n,) values with NaN where missing, or None for a column that holds no numbers.

    A text column nearly all of whose values read as numbers counts as numeric.
    """
    import numpy as np
    import polars as pl

    if column.dtype == pl.Boolean or column.dtype.is_numeric():
        values = column.cast(pl.Float64)
    elif column.dtype == pl.String:
        values = column.str.strip_chars().cast(pl.Float64, strict=False)
        filled = column.len() - column.null_count()
        if not filled or values.is_not_null().sum() < _MOSTLY * filled:
            return None
    else:
        return None
    numbers = values.fill_null(float("nan")).to_numpy().astype(np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def bin_codes(
    fitted: pl.Series, applied: pl.Series, *, bins: int = BINS
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bins learnt from one column and read off another: equal counts of numbers, or single values.

    The last bin but one holds missing values, the last one values never seen.

    Args:
        fitted: (n) column from which the bins come.
        applied: (m) the same column of other cases.
        bins: Number of bins of a numeric column.

    Returns:
        (n,) and (m,) bin numbers.
    """
    import numpy as np
    import polars as pl

    numbers, others = as_numeric(fitted), as_numeric(applied)
    if numbers is not None and others is not None:
        known = numbers[~np.isnan(numbers)]
        cuts = np.unique(np.quantile(known, np.arange(1, bins) / bins)) if len(known) else known
        return _cut(numbers, cuts), _cut(others, cuts)
    values = fitted.cast(pl.String).drop_nulls().unique().sort()
    places = {value: place for place, value in enumerate(values.to_list())}
    places_with_missing = {**places, None: len(places)}
    unseen = len(places) + 1
    codes = [
        np.array(
            [places_with_missing.get(value, unseen) for value in each.cast(pl.String).to_list()],
            dtype=np.int64,
        )
        for each in (fitted, applied)
    ]
    return codes[0], codes[1]


def _cut(numbers: Floats, cuts: Floats) -> NDArray[np.int64]:
    import numpy as np

    return np.where(
        np.isnan(numbers), len(cuts) + 1, np.searchsorted(cuts, numbers, side="left")
    ).astype(np.int64)


def bin_means(
    codes: NDArray[np.int64], target: Floats, applied: NDArray[np.int64], *, prior: float = 1.0
) -> Floats:
    """Mean target of each bin, drawn to the overall mean with the weight of `prior` cases.

    Args:
        codes: (n,) bins of the cases with known target.
        target: (n, k) their targets.
        applied: (m,) bins of the cases to answer for.
        prior: Weight of the overall mean, in cases.

    Returns:
        (m, k) means; the overall mean for bins never seen.
    """
    import numpy as np

    size = int(max(codes.max(), applied.max(initial=0))) + 1
    counts = np.bincount(codes, minlength=size).astype(np.float64)
    sums = np.column_stack([np.bincount(codes, weights=each, minlength=size) for each in target.T])
    means = (sums + prior * target.mean(axis=0)) / (counts + prior)[:, None]
    return np.asarray(means[applied])


def explained(target: Floats, answers: Floats) -> float:
    """Share of the target's squared spread that the answers explain; 0 for a constant target."""
    spread = float(((target - target.mean(axis=0)) ** 2).sum())
    return 1 - float(((target - answers) ** 2).sum()) / spread if spread > 0 else 0.0


def explained_alone(column: pl.Series, target: Floats, *, bins: int = BINS) -> float:
    """Share of the target that the column alone explains in cases from which nothing was learnt.

    Cross-fitted over five folds, the same every time, so that a column of many different values
    gains nothing by itself.

    Args:
        column: (n) any column.
        target: (n, k) the outcome.
        bins: Number of bins of a numeric column.

    Returns:
        At most 1; below 0 where the column only adds noise.
    """
    import numpy as np

    rows = len(column)
    # A fixed shuffle: folds in row order would be blind to an outcome that follows the row order.
    folds = np.random.default_rng(0).permutation(rows) % FOLDS
    answers = np.zeros_like(target)
    for fold in range(min(FOLDS, rows)):
        held, kept = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        if not len(held) or not len(kept):
            continue
        codes, applied = bin_codes(column[kept.tolist()], column[held.tolist()], bins=bins)
        answers[held] = bin_means(codes, target[kept], applied, prior=0.1)
    return explained(target, answers)
