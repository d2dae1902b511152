"""How far off is a forecast, in its own unit and beside the usual change in a season?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from madang.trials.engine.tasks.quantiles import pinball_losses, quantile_measures
from madang.trials.engine.tasks.table import Measure, error_metric

if TYPE_CHECKING:
    from madang.kernel.trial import Floats, Options


class Actual(NamedTuple):
    """What happened: (n,) values, scales of their series, and steps ahead."""

    values: Floats
    scales: Floats
    steps: Floats


Losses: TypeAlias = "Callable[[Actual, Floats], Floats]"


def absolute_errors(actual: Actual, answers: Floats) -> Floats:
    """(n,) |value - prediction|."""
    return abs(actual.values - answers[:, 0])


def scaled_errors(actual: Actual, answers: Floats) -> Floats:
    """(n,) absolute errors divided by the series' scale; their mean is the MASE."""
    return absolute_errors(actual, answers) / actual.scales


def root_mean_square_scaled(actual: Actual, answers: Floats) -> float:
    """Root of the mean squared scaled error."""
    return float((scaled_errors(actual, answers) ** 2).mean() ** 0.5)


def within_horizon(each: Losses, first: int, last: int) -> Callable[[Actual, Floats], float]:
    """The mean of these losses over the cases `first` to `last` steps ahead; NaN without any."""

    def mean(actual: Actual, answers: Floats) -> float:
        rows = (actual.steps >= first) & (actual.steps <= last)
        return float(each(actual, answers)[rows].mean()) if rows.any() else float("nan")

    return mean


def forecast_measures(options: Options) -> tuple[Measure, ...]:
    """MASE first, then errors in the outcome's unit, quantiles and horizons."""
    unit, quantiles = options.get("unit", ""), options.get("quantiles", ())
    points = (
        Measure(metric=error_metric("mase", "평균 절대 척도오차", "MASE"), each=scaled_errors),
        Measure(
            metric=error_metric("mae", "평균 절대오차", "Mean absolute error", unit),
            each=absolute_errors,
        ),
        Measure(
            metric=error_metric("rmsse", "평균 제곱근 척도오차", "RMSSE"),
            whole=root_mean_square_scaled,
        ),
    )
    measures = (*points, *_of_quantiles(quantiles, unit))
    ahead = (
        _ahead(measure, first, last)
        for first, last in options.get("horizons", ())
        for measure in measures
    )
    return (*measures, *(each for each in ahead if each))


def _ahead(measure: Measure, first: int, last: int) -> Measure | None:
    """The same measure over some steps ahead, where it is a mean over cases."""
    if measure.each is None:
        return None
    name = replace(
        measure.metric,
        name=f"{measure.metric.name}_{first}_{last}",
        title_ko=f"{measure.metric.title_ko}, {first}~{last}걸음 앞",
        title_en=f"{measure.metric.title_en}, {first} to {last} steps ahead",
    )
    return Measure(metric=name, whole=within_horizon(measure.each, first, last))


def _of_quantiles(quantiles: Any, unit: str) -> tuple[Measure, ...]:
    if not quantiles:
        return ()
    scaled = Measure(
        metric=error_metric("scaled_pinball_loss", "척도 분위수 손실", "Scaled pinball loss"),
        each=lambda actual, answers: (
            pinball_losses(actual.values, answers, quantiles) / actual.scales
        ),
    )
    return (scaled, *(_on_values(each) for each in quantile_measures(quantiles, unit=unit)))


def _on_values(measure: Measure) -> Measure:
    """The same measure where the truth comes with scales and steps."""
    each, whole = measure.each, measure.whole
    return Measure(
        metric=measure.metric,
        each=None if each is None else lambda actual, answers: each(actual.values, answers),
        whole=None if whole is None else lambda actual, answers: whole(actual.values, answers),
    )
