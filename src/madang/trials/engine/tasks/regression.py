"""How much, how long, how dear? One number a case, and its quantiles where they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.trial import Baseline, Metric, Outputs, stratified_parts
from madang.kernel.words import words
from madang.trials.engine.tasks.answers import as_numbers
from madang.trials.engine.tasks.columns import (
    check_apart,
    find_column,
    finite_numbers,
    name_property,
    options_object,
    take,
)
from madang.trials.engine.tasks.leaks import table_leaks
from madang.trials.engine.tasks.one_column import as_numeric
from madang.trials.engine.tasks.quantiles import (
    QUANTILES_PROPERTY,
    answer_columns,
    quantile_measures,
)
from madang.trials.engine.tasks.table import Measure, Scored, TableTask, error_metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import (
        Column,
        Floats,
        Frame,
        Leak,
        Options,
        Part,
        Predictions,
    )

STRATA = 10
"""Bands of the outcome that each keep the shares of the parts."""
_BAND = 8
"""Fewest cases in a band, so that each part can get some of it."""


class Regression(TableTask):
    """One number a case; with `quantiles`, one more column each."""

    name = "trials.regression"
    version = 1
    title_ko = "수치 예측"
    title_en = "Regression"

    def options_schema(self) -> dict[str, Any]:
        """`outcome` names the column of the number; all else may be left out."""
        return options_object(
            {
                "outcome": name_property("맞힐 수의 열", "column of the number to be told"),
                "quantiles": QUANTILES_PROPERTY,
                "unit": {
                    "type": "string",
                    "maxLength": 40,
                    "description": "결과의 단위 · unit of the outcome",
                },
                "lowest": {
                    "type": "number",
                    "description": "있을 수 있는 가장 작은 값 · smallest possible value",
                },
                "highest": {
                    "type": "number",
                    "description": "있을 수 있는 가장 큰 값 · largest possible value",
                },
            },
            required=["outcome"],
        )

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """The outcome is declared as a number.

        Raises:
            InputError: It is not, or `lowest` is not below `highest`.
        """
        find_column(outcomes, options["outcome"], ("number", "integer"))
        check_apart([options["outcome"], *(column.name for column in inputs)])
        if options.get("lowest", float("-inf")) >= options.get("highest", float("inf")):
            raise InputError(
                words("highest보다 작지 않은 lowest", "lowest not below highest"),
                words("lowest < highest", "lowest < highest"),
            )

    def check_outcomes(self, outcomes: pl.DataFrame, *, options: Options) -> None:
        """Finite numbers, not all equal, within the stated bounds.

        Raises:
            InputError: They are not so.
        """
        import numpy as np

        truth = finite_numbers(take(outcomes, options["outcome"]))
        low, high = options.get("lowest", -np.inf), options.get("highest", np.inf)
        outside = int(((truth < low) | (truth > high)).sum())
        if outside:
            raise InputError(
                words(f"범위 밖의 결과 {outside}건", f"{outside} outcomes out of bounds"),
                words("lowest 이상 highest 이하", "values from lowest to highest"),
            )
        check_varied(truth, options["outcome"])

    def split(
        self,
        inputs: pl.DataFrame,
        outcomes: pl.DataFrame,
        *,
        groups: NDArray[Any] | None,
        shares: Mapping[Part, float],
        rng: np.random.Generator,
        options: Options,
    ) -> NDArray[np.int64]:
        """Each tenth of the outcome's range of ranks keeps the shares; groups stay whole.

        Returns:
            (n,) positions in `PARTS`.
        """
        strata = outcome_bands(finite_numbers(take(outcomes, options["outcome"])))
        return stratified_parts(strata, groups=groups, shares=shares, rng=rng)

    def frame(
        self, open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, options: Options
    ) -> dict[str, Any]:
        """Mean, median and standard deviation of the open sample."""
        import numpy as np

        truth = finite_numbers(take(open_outcomes, options["outcome"]))
        return {
            "mean": float(truth.mean()),
            "median": float(np.median(truth)),
            "standard_deviation": float(truth.std()),
        }

    def outputs(self, *, frame: Frame, options: Options) -> Outputs:
        """`prediction`, then one column a quantile."""
        return Outputs(
            kind="numbers",
            columns=answer_columns(options.get("quantiles", ())),
            lowest=options.get("lowest"),
            highest=options.get("highest"),
        )

    def measures(self, *, frame: Frame, options: Options) -> tuple[Measure, ...]:
        """Mean absolute error first; pinball and coverage where quantiles are asked for."""
        unit = options.get("unit", "")
        return (
            *_point_measures(unit),
            *quantile_measures(options.get("quantiles", ()), unit=unit),
        )

    def scored(
        self, outcomes: pl.DataFrame, predictions: Predictions, *, frame: Frame, options: Options
    ) -> Scored:
        """Numbers and answers.

        Raises:
            InputError: Outcomes are no finite numbers, or answers are of another form.
        """
        truth = finite_numbers(take(outcomes, options["outcome"]))
        width = 1 + len(options.get("quantiles", ()))
        return Scored(truth, as_numbers(predictions, rows=len(truth), width=width))

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """Mean, median, and a straight line on the best single column."""
        return BASELINES

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Columns, or the row order, that nearly give the number."""
        truth = finite_numbers(take(outcomes, options["outcome"]))
        return table_leaks(inputs, truth[:, None])


def check_varied(truth: Floats, name: str) -> None:
    """Do the outcomes differ at all?

    Raises:
        InputError: All are equal.
    """
    import numpy as np

    if np.ptp(truth) == 0:
        raise InputError(
            words(f"값이 모두 같은 열 {name!r}", f"one and the same value in all of {name!r}"),
            words("서로 다른 결과", "outcomes that differ"),
        )


def outcome_bands(truth: Floats) -> NDArray[np.int64]:
    """(n,) bands of the outcome's ranks: up to ten, of eight cases or more; ties share one."""
    import numpy as np
    from scipy.stats import rankdata

    bands = max(1, min(STRATA, len(truth) // _BAND))
    ranks = np.asarray(rankdata(truth, method="min")) - 1
    return np.asarray(ranks * bands // len(truth), dtype=np.int64)


def squared_error_share(truth: Floats, answers: Floats) -> float:
    """R²: 1 - squared error / squared distance from the mean of these cases; NaN if all equal."""
    spread = float(((truth - truth.mean()) ** 2).sum())
    error = float(((truth - answers[:, 0]) ** 2).sum())
    return 1 - error / spread if spread > 0 else float("nan")


def _point_measures(unit: str) -> tuple[Measure, ...]:
    squared = f"{unit}²" if unit else ""
    return (
        Measure(
            metric=error_metric("mae", "평균 절대오차", "Mean absolute error", unit),
            each=lambda truth, answers: abs(truth - answers[:, 0]),
        ),
        Measure(
            metric=error_metric("mse", "평균 제곱오차", "Mean squared error", squared),
            each=lambda truth, answers: (truth - answers[:, 0]) ** 2,
        ),
        Measure(
            metric=error_metric("rmse", "평균 제곱근 오차", "Root mean squared error", unit),
            whole=lambda truth, answers: ((truth - answers[:, 0]) ** 2).mean() ** 0.5,
        ),
        R_SQUARED,
    )


R_SQUARED = Measure(
    metric=Metric(
        name="r2", title_ko="결정계수", title_en="R squared", direction="higher", highest=1.0
    ),
    whole=squared_error_share,
)


def _with_quantiles(points: Floats, residuals: Floats, options: Options) -> Floats:
    """Points, and beside them the open sample's residual quantiles around each."""
    import numpy as np

    levels = sorted(options.get("quantiles", ()))
    shifts = np.concatenate([[0.0], np.quantile(residuals, levels)]) if levels else np.zeros(1)
    return np.clip(
        points[:, None] + shifts, options.get("lowest", -np.inf), options.get("highest", np.inf)
    )


def mean_of_open(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    """The mean of the open sample for everybody."""
    import numpy as np

    truth = finite_numbers(take(open_outcomes, options["outcome"]))
    points = np.full(inputs.height, frame["mean"])
    return _with_quantiles(points, truth - frame["mean"], options)


def median_of_open(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    """The median of the open sample for everybody."""
    import numpy as np

    truth = finite_numbers(take(open_outcomes, options["outcome"]))
    points = np.full(inputs.height, frame["median"])
    return _with_quantiles(points, truth - frame["median"], options)


def best_line(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    """A straight line on the one numeric column that fits the open sample best.

    Missing values count as the column's mean; without a numeric column the mean answers.
    """
    import numpy as np

    truth = finite_numbers(take(open_outcomes, options["outcome"]))
    best, residuals = np.full(inputs.height, truth.mean()), truth - truth.mean()
    for name in open_inputs.columns:
        if name not in inputs.columns:
            continue
        known, asked = as_numeric(open_inputs[name]), as_numeric(inputs[name])
        if known is None or asked is None:
            continue
        fitted, answered = _line(known, truth, asked)
        if ((truth - fitted) ** 2).sum() < (residuals**2).sum():
            best, residuals = answered, truth - fitted
    return _with_quantiles(best, residuals, options)


def _line(known: Floats, truth: Floats, asked: Floats) -> tuple[Floats, Floats]:
    """Least squares on one column: fitted values, and answers for other cases."""
    import numpy as np

    mean = float(np.nanmean(known)) if np.isfinite(known).any() else 0.0
    x, y = (np.nan_to_num(each, nan=mean) - mean for each in (known, asked))
    spread = float((x**2).sum())
    slope = float((x * truth).sum()) / spread if spread > 0 else 0.0
    return truth.mean() + slope * x, truth.mean() + slope * y


BASELINES = (
    Baseline(name="mean", title_ko="평균", title_en="Mean for everybody", predict=mean_of_open),
    Baseline(
        name="median", title_ko="중앙값", title_en="Median for everybody", predict=median_of_open
    ),
    Baseline(
        name="best_line",
        title_ko="가장 나은 열 하나의 직선",
        title_en="Line on the best single column",
        predict=best_line,
    ),
)
