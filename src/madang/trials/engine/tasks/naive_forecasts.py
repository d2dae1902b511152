"""What would anybody say who only looks back? The last value, last season's, a straight drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.trial import Baseline
from madang.trials.engine.tasks.columns import finite_numbers, take
from madang.trials.engine.tasks.horizon import check_known
from madang.trials.engine.tasks.timeline import rows_by_series, series_names, times_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from madang.kernel.trial import Floats, Frame, Options


class Past(NamedTuple):
    """One series' open past: value at each step up to its last one, step 0."""

    values: Mapping[int, float]
    season: int

    @property
    def last(self) -> float:
        """The latest known value."""
        return self.values[max(self.values)]


def last_value(past: Past, ahead: int) -> float:
    """The latest known value, however far ahead."""
    return past.last


def season_earlier(past: Past, ahead: int) -> float:
    """The value at the same place of the last known season; where missing, the last value."""
    return past.values.get((ahead - 1) % past.season + 1 - past.season, past.last)


def drift(past: Past, ahead: int) -> float:
    """The last value, carried on with the mean step from the first to the last."""
    first, last = min(past.values), max(past.values)
    if first == last:
        return past.last
    return past.last + (ahead - last) * (past.last - past.values[first]) / (last - first)


def forecast_by(rule: Callable[[Past, int], float]) -> Callable[..., Floats]:
    """A baseline's `predict` from a rule for one series."""

    def predict(
        open_inputs: pl.DataFrame,
        open_outcomes: pl.DataFrame,
        inputs: pl.DataFrame,
        *,
        frame: Frame,
        options: Options,
    ) -> Floats:
        import numpy as np

        pasts = _pasts(open_inputs, open_outcomes, frame=frame, options=options)
        names = series_names(inputs, options)
        steps = _steps(inputs, frame=frame, options=options)
        levels = sorted(options.get("quantiles", ()))
        spreads = {name: _spread(past, rule, levels) for name, past in pasts.items()}
        rows = [
            rule(pasts[name], ahead) + spreads[name]
            for name, ahead in zip(names, steps, strict=True)
        ]
        low, high = options.get("lowest", -np.inf), options.get("highest", np.inf)
        return np.clip(np.array(rows, dtype=np.float64), low, high)

    return predict


def _spread(past: Past, rule: Callable[[Past, int], float], levels: list[float]) -> Floats:
    """(1 + q,) zero, then quantiles of the past's own differences over one season."""
    import numpy as np

    gaps = [
        value - past.values[step - past.season]
        for step, value in past.values.items()
        if step - past.season in past.values
    ]
    return np.concatenate([[0.0], np.quantile(gaps or [0.0], levels)]) if levels else np.zeros(1)


def _pasts(
    open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, frame: Frame, options: Options
) -> dict[str, Past]:
    values = finite_numbers(take(open_outcomes, options["outcome"]))
    names = series_names(open_inputs, options)
    steps = _steps(open_inputs, frame=frame, options=options)
    return {
        name: Past(
            values={steps[row]: float(values[row]) for row in rows},
            season=options.get("season", 1),
        )
        for name, rows in rows_by_series(names)
    }


def _steps(inputs: pl.DataFrame, *, frame: Frame, options: Options) -> list[int]:
    """(n,) steps after each series' last open time; 0 and below in the open past."""
    import numpy as np

    names = series_names(inputs, options)
    check_known(names, frame)
    origins = np.array([frame["series"][name]["origin"] for name in names], dtype=np.float64)
    times = times_in(take(inputs, options["time"]), frame["unit"])
    return [int(step) for step in np.round((times - origins) / frame["step"])]


BASELINES = (
    Baseline(
        name="last_value",
        title_ko="마지막 값",
        title_en="Last value",
        predict=forecast_by(last_value),
    ),
    Baseline(
        name="season_earlier",
        title_ko="한 계절 전의 값",
        title_en="Value one season earlier",
        predict=forecast_by(season_earlier),
    ),
    Baseline(name="drift", title_ko="직선 추세", title_en="Drift", predict=forecast_by(drift)),
)
