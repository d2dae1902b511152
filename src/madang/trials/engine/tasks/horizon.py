"""How far ahead lies a case, and how much does its series usually change in a season?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.trials.engine.tasks.columns import take
from madang.trials.engine.tasks.timeline import rows_by_series, series_names, times_in

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats, Frame, Options


def scales_and_steps(
    outcomes: pl.DataFrame, *, frame: Frame, options: Options
) -> tuple[Floats, Floats]:
    """(n,) scale of each case's series, and steps of the case after its last open time.

    Raises:
        InputError: A case of a series that the open sample does not have.
    """
    import numpy as np

    names = series_names(outcomes, options)
    times = times_in(take(outcomes, options["time"]), frame["unit"])
    check_known(names, frame)
    facts = frame["series"]
    scales = np.array([facts[name]["scale"] for name in names], dtype=np.float64)
    origins = np.array([facts[name]["origin"] for name in names], dtype=np.float64)
    return scales, np.round((times - origins) / frame["step"])


def check_known(names: NDArray[Any], frame: Frame) -> None:
    """Are all series in the open sample?

    Raises:
        InputError: Some are not.
    """
    unknown = len(set(names) - set(frame["series"]))
    if unknown:
        raise InputError(
            words(f"공개 표본에 없는 계열 {unknown}개", f"{unknown} series without an open past"),
            words("모든 계열의 공개된 과거", "an open past of every series"),
            words(
                "cut을 series로 하거나 새 계열을 빼십시오.",
                "Set cut to series, or leave the new series out.",
            ),
        )


def facts_of_series(
    names: NDArray[Any], times: Floats, values: Floats, *, step: float, options: Options
) -> dict[str, dict[str, float]]:
    """Each series' last open time (`origin`) and usual seasonal change (`scale`).

    Raises:
        InputError: A series has no two open cases a season apart, or never changes.
    """
    facts = {}
    flat = 0
    for name, rows in rows_by_series(names):
        origin = float(times[rows].max())
        steps = whole_steps((times[rows] - origin) / step)
        scale = seasonal_difference(steps, values[rows], options.get("season", 1))
        flat += not scale > 0
        facts[name] = {"origin": origin, "scale": scale}
    if flat:
        raise InputError(
            words(
                f"공개된 과거로 오차의 척도를 정할 수 없는 계열 {flat}개",
                f"{flat} series whose open past gives no scale of errors",
            ),
            words(
                "season보다 길고 값이 변하는 과거", "a past longer than a season that is not flat"
            ),
            words("해당 계열을 빼거나 parts.open을 늘리십시오.", "Drop them or raise parts.open."),
        )
    return facts


def whole_steps(numbers: Floats) -> NDArray[np.int64]:
    """Numbers of steps as whole numbers."""
    import numpy as np

    return np.round(numbers).astype(np.int64)


def seasonal_difference(steps: NDArray[np.int64], values: Floats, season: int) -> float:
    """Mean absolute difference of values a season apart; 0 where no two are."""
    known = dict(zip(steps.tolist(), values.tolist(), strict=True))
    gaps = [abs(value - known[at - season]) for at, value in known.items() if at - season in known]
    return sum(gaps) / len(gaps) if gaps else 0.0
