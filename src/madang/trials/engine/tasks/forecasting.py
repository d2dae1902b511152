"""What comes next? Series in time: the past is open, the future sealed, the final part last.

Answers are one number a case (a series at a time), and its quantiles where they are asked for.
Scaled errors divide by the mean absolute difference of the open past from one season earlier
(Hyndman & Koehler 2006), fixed at registration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.trial import Baseline, Outputs
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
from madang.trials.engine.tasks.forecast_errors import Actual, forecast_measures
from madang.trials.engine.tasks.forecast_leaks import forecast_leaks
from madang.trials.engine.tasks.horizon import facts_of_series, scales_and_steps
from madang.trials.engine.tasks.naive_forecasts import BASELINES
from madang.trials.engine.tasks.quantiles import QUANTILES_PROPERTY, answer_columns
from madang.trials.engine.tasks.regression import check_varied
from madang.trials.engine.tasks.table import Measure, Scored, TableTask
from madang.trials.engine.tasks.timeline import (
    KINDS,
    check_once,
    parts_in_time,
    rows_by_series,
    series_names,
    time_unit,
    times_in,
    usual_step,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Column, Frame, Leak, Options, Part, Predictions


class Forecasting(TableTask):
    """One number for each future time of each series."""

    name = "trials.forecasting"
    version = 1
    title_ko = "시계열 예측"
    title_en = "Forecasting"

    def options_schema(self) -> dict[str, Any]:
        """`outcome` and `time` name columns; `series` too where there is more than one."""
        return options_object(OPTIONS, required=["outcome", "time"])

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """The outcome is a number; time and series are inputs of a fitting kind.

        Raises:
            InputError: They are not, or two options name one column.
        """
        find_column(outcomes, options["outcome"], ("number", "integer"))
        find_column(inputs, options["time"], KINDS)
        if "series" in options:
            find_column(inputs, options["series"], ("category", "text", "integer"))
        roles = [options[role] for role in ("outcome", "time", "series") if role in options]
        check_apart(roles)
        check_apart([options["outcome"], *(column.name for column in inputs)])

    def check_outcomes(self, outcomes: pl.DataFrame, *, options: Options) -> None:
        """Finite numbers that differ.

        Raises:
            InputError: They are not so.
        """
        truth = finite_numbers(take(outcomes, options["outcome"]))
        check_varied(truth, options["outcome"])

    def scoring_columns(self, *, options: Options) -> tuple[str, ...]:
        """Inputs that scoring needs beside the outcomes: the series, and the time for horizons."""
        return tuple(options[role] for role in ("series", "time") if role in options)

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
        """Open < develop < board < final in time; nothing is left to chance.

        By `calendar` (the default) all series are cut at the same times, so that no series tells
        what another will do; by `series` each is cut at its own times.

        Returns:
            (n,) positions in `PARTS`.

        Raises:
            InputError: Unreadable or repeated times, or a group on both sides of a cut.
        """
        import numpy as np

        column = take(inputs, options["time"])
        times, names = times_in(column, time_unit(column)), series_names(inputs, options)
        check_once(names, times)
        if options.get("cut", "calendar") == "calendar":
            parts = parts_in_time(times, shares)
        else:
            parts = np.zeros(len(times), dtype=np.int64)
            for _, rows in rows_by_series(names):
                parts[rows] = parts_in_time(times[rows], shares)
        _check_groups(groups, parts)
        return parts

    def frame(
        self, open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, options: Options
    ) -> dict[str, Any]:
        """The unit and step of time; each series' last open time and its scale.

        Raises:
            InputError: A series has no two open cases a season apart, or never changes.
        """
        column = take(open_inputs, options["time"])
        unit = time_unit(column)
        times, names = times_in(column, unit), series_names(open_inputs, options)
        values = finite_numbers(take(open_outcomes, options["outcome"]))
        step = usual_step(names, times)
        carried = set(self.scoring_columns(options=options)) <= set(open_outcomes.columns)
        _check_horizons(carried, options)
        return {
            "unit": unit,
            "step": step,
            "carried": carried,
            "series": facts_of_series(names, times, values, step=step, options=options),
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
        """Mean absolute scaled error first."""
        return forecast_measures(options)

    def scored(
        self, outcomes: pl.DataFrame, predictions: Predictions, *, frame: Frame, options: Options
    ) -> Scored:
        """Values with their scales and steps, and answers.

        Raises:
            InputError: Outcomes are no finite numbers, or answers are of another form.
        """
        import numpy as np

        values = finite_numbers(take(outcomes, options["outcome"]))
        answers = as_numbers(
            predictions, rows=len(values), width=1 + len(options.get("quantiles", ()))
        )
        if not frame["carried"]:
            pooled = float(np.mean([facts["scale"] for facts in frame["series"].values()]))
            scales, steps = np.full(len(values), pooled), np.zeros(len(values))
        else:
            scales, steps = scales_and_steps(outcomes, frame=frame, options=options)
        return Scored(Actual(values, scales, steps), answers)

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """The last value, the value one season earlier, and the straight drift."""
        return BASELINES

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Columns that move with the outcome, or hold it some steps away."""
        return forecast_leaks(inputs, outcomes, options=options)


OPTIONS: dict[str, Any] = {
    "outcome": name_property("예측할 수의 열", "column of the number to be forecast"),
    "time": name_property("시각의 열", "column of the time"),
    "series": name_property("계열을 가르는 열", "column that tells one series from another"),
    "season": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100_000,
        "default": 1,
        "description": "한 계절의 걸음 수(시간 단위 하루 주기는 24) · steps in a season",
    },
    "cut": {
        "enum": ["calendar", "series"],
        "default": "calendar",
        "description": (
            "모든 계열을 같은 시각에서 자를지, 계열마다 자를지 · "
            "cut all series at the same times, or each at its own"
        ),
    },
    "horizons": {
        "type": "array",
        "maxItems": 20,
        "default": [],
        "items": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {"type": "integer", "minimum": 1},
        },
        "description": (
            "따로 채점할 앞선 걸음의 범위(예: [1, 24]) · ranges of steps ahead to be scored apart"
        ),
    },
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
}


def _check_horizons(carried: bool, options: Options) -> None:
    if options.get("horizons") and not carried:
        raise InputError(
            words("시각이 없는 채점 자료", "outcomes that carry no time"),
            words("시각이 함께 있는 채점 자료", "outcomes together with their time"),
        )
    for first, last in options.get("horizons", ()):
        if first > last:
            raise InputError(
                words(
                    f"거꾸로 된 범위 [{first}, {last}]", f"the reversed range [{first}, {last}]"
                ),
                words("[처음, 끝]", "[first, last]"),
            )


def _check_groups(groups: NDArray[Any] | None, parts: NDArray[np.int64]) -> None:
    import numpy as np

    if groups is None:
        return
    places = np.unique(groups, return_inverse=True)[1]
    pairs = np.unique(np.column_stack([places, parts]), axis=0)
    torn = int((np.bincount(pairs[:, 0]) > 1).sum())
    if torn:
        raise InputError(
            words(
                f"여러 시기에 걸친 묶음 {torn}개", f"{torn} groups on both sides of a cut in time"
            ),
            words("한 시기 안에 있는 묶음", "groups that lie within one period"),
            words(
                "예측은 시간으로 나눕니다. data.group을 비우거나 날짜처럼 이어진 시간을 쓰십시오.",
                "Forecasts are split by time: leave data.group out, or use a span of time in it.",
            ),
        )
