"""What does prognosis offer to the trials? The survival task, and its demonstration.

A solution returns, for every patient, the probability of still being free of the event at each
time of a grid. Weights for censoring come from the open sample and stand in the public frame: a
patient's loss then never depends on who else is scored, so resampling and re-scoring are exact.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from madang.kernel.errors import InputError
from madang.kernel.trial import Baseline, Demonstration, Metric, Outputs, Task, stratified_parts
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Column, Entry, Floats, Frame, Leak, Options, Part, Predictions
    from madang.prognosis.engine.outcomes import Outcomes

_IBS = Metric(
    name="ibs",
    title_ko="통합 브라이어 점수",
    title_en="Integrated Brier score",
    direction="lower",
    lowest=0.0,
)
_METRICS = (
    _IBS,
    Metric(
        name="ibs_conditional",
        title_ko="통합 브라이어 점수 (환자별 중도절단 가중)",
        title_en="Integrated Brier score, censoring weights by patient",
        direction="lower",
        lowest=0.0,
    ),
    Metric(
        name="uno_c",
        title_ko="Uno의 C 지수",
        title_en="Uno's C",
        direction="higher",
        lowest=0.0,
        highest=1.0,
    ),
    Metric(
        name="calibration_in_the_large",
        title_ko="전체 보정 오차 (절댓값)",
        title_en="Calibration in the large (absolute)",
        direction="lower",
        lowest=0.0,
        highest=1.0,
    ),
    Metric(
        name="ici",
        title_ko="통합 보정 지수 (ICI)",
        title_en="Integrated calibration index",
        direction="lower",
        lowest=0.0,
        highest=1.0,
    ),
)


class Survival(Task):
    """How long until the event? Answers are survival curves; follow-up may be censored."""

    name = "prognosis.survival"
    version = 1
    title_ko = "생존 예측"
    title_en = "Survival prediction"
    kind: Literal["table", "replay"] = "table"

    def options_schema(self) -> dict[str, Any]:
        """`time` and `event` name outcome columns; `grid` (times) or `horizon` may be fixed."""
        name: dict[str, Any] = {"type": "string", "minLength": 1}
        positive: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}
        return {
            "type": "object",
            "required": ["time", "event"],
            "additionalProperties": False,
            "properties": {
                "time": {**name, "description": "추적 시간의 열 · column of the follow-up time"},
                "event": {**name, "description": "사건 여부의 열 · column that says event or not"},
                "grid": {
                    "type": "array",
                    "items": positive,
                    "minItems": 1,
                    "maxItems": 1000,
                    "description": "확률을 답할 시점들 · times at which curves are stated",
                },
                "horizon": {**positive, "description": "마지막 시점 · last time of the curves"},
            },
        }

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """The outcome columns exist, are numbers, and the grid ascends to the horizon."""
        kinds = {column.name: column.kind for column in outcomes}
        _require_kind(kinds, options["time"], ("number", "integer"))
        _require_kind(kinds, options["event"], ("integer", "boolean", "number"))
        grid = list(options.get("grid", ()))
        if grid != sorted(set(grid)) or (grid and options.get("horizon", grid[-1]) != grid[-1]):
            raise InputError(
                words("오름차순이 아니거나 horizon에서 끝나지 않는 grid", "a grid out of order"),
                words(
                    "horizon에서 끝나는 서로 다른 오름차순 시점",
                    "different times in ascending order that end at the horizon, if one is given",
                ),
            )

    def check_outcomes(self, outcomes: pl.DataFrame, *, options: Options) -> None:
        """Times are above 0, events 0 or 1, and both events and different times are there."""
        sample = _outcomes(outcomes, options)
        if len(set(sample.time[sample.event].tolist())) < 2:
            raise InputError(
                words(
                    f"사건 {int(sample.event.sum())}건, 서로 다른 발생 시점 2개 미만",
                    f"{int(sample.event.sum())} events at fewer than two different times",
                ),
                words("서로 다른 시점에 일어난 사건 2건 이상", "events at two times or more"),
            )

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
        """Every part keeps the share of events."""
        event = _outcomes(outcomes, options).event
        return stratified_parts(event, groups=groups, shares=shares, rng=rng)

    def frame(
        self, open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, options: Options
    ) -> dict[str, Any]:
        """Grid, horizon, limit of Uno's C, and both censoring models, from the open sample."""
        from madang.prognosis.engine.frame import survival_frame

        return survival_frame(
            _columns(open_inputs),
            _outcomes(open_outcomes, options),
            grid=options.get("grid"),
            horizon=options.get("horizon"),
        )

    def outputs(self, *, frame: Frame, options: Options) -> Outputs:
        """One column a time of the grid, `s_0001` onwards."""
        names = tuple(f"s_{number:04d}" for number in range(1, len(frame["grid"]) + 1))
        return Outputs(
            kind="numbers", columns=names, lowest=0.0, highest=1.0, row_rule="nonincreasing"
        )

    def metrics(self, *, frame: Frame, options: Options) -> tuple[Metric, ...]:
        """IBS first; then discrimination and calibration at the horizon."""
        return _METRICS

    def losses(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Predictions,
        *,
        frame: Frame,
        options: Options,
    ) -> Floats | None:
        """Each patient's integrated Brier loss; None for the other metrics.

        `ibs_conditional` needs the covariates of the scored patients: it is there where the
        outcome rows carry the input columns beside, and None where they do not.
        """
        from madang.prognosis.engine.frame import conditional_losses, marginal_losses

        if metric == "ibs":
            return marginal_losses(_outcomes(outcomes, options), predictions, frame)
        if metric == "ibs_conditional":
            sample = _outcomes(outcomes, options)
            return conditional_losses(_columns(outcomes), sample, predictions, frame)
        return None

    def score(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Predictions,
        *,
        frame: Frame,
        options: Options,
    ) -> float:
        """The metric over all given patients; NaN for `ibs_conditional` without covariates."""
        from madang.prognosis.engine.frame import OTHER_SCORES

        if metric in ("ibs", "ibs_conditional"):
            losses = self.losses(metric, outcomes, predictions, frame=frame, options=options)
            return float("nan") if losses is None else float(losses.mean())
        return OTHER_SCORES[metric](_outcomes(outcomes, options), predictions, frame)

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """Kaplan–Meier of the open sample for everybody."""
        return (
            Baseline(
                name="kaplan_meier",
                title_ko="모두에게 같은 카플란–마이어 곡선",
                title_en="Kaplan–Meier for everybody",
                predict=_kaplan_meier_for_everybody,
            ),
        )

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Columns that know when the event or the censoring came."""
        from madang.prognosis.engine.leakage import find_leaks

        return find_leaks(_columns(inputs), _outcomes(outcomes, options))


def _require_kind(kinds: Mapping[str, str], name: str, wanted: tuple[str, ...]) -> None:
    if kinds.get(name) not in wanted:
        found = kinds.get(name)
        raise InputError(
            words(
                f"결과 열 {name!r}: {found or '없음'}",
                f"outcome column {name!r}: {found or 'none'}",
            ),
            words(f"{' 또는 '.join(wanted)} 열", f"a column of kind {' or '.join(wanted)}"),
        )


def _outcomes(table: pl.DataFrame, options: Options) -> Outcomes:
    from madang.prognosis.engine.outcomes import read_outcomes

    for name in (options["time"], options["event"]):
        if name not in table.columns:
            raise InputError(
                words(f"결과 열 {name!r} 없음", f"no outcome column {name!r}"),
                words("수요에 적힌 결과 열", "the outcome columns that the demand names"),
            )
    return read_outcomes(table[options["time"]].to_numpy(), table[options["event"]].to_numpy())


def _columns(table: pl.DataFrame) -> dict[str, Any]:
    """Columns as arrays: numbers as floats with NaN, everything else as objects with None."""
    import numpy as np
    import polars as pl

    columns: dict[str, Any] = {}
    for series in table.get_columns():
        if series.dtype.is_numeric() or series.dtype == pl.Boolean:
            columns[series.name] = series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        else:
            columns[series.name] = np.array(series.to_list(), dtype=object)
    return columns


def _kaplan_meier_for_everybody(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    import numpy as np

    from madang.prognosis.engine.models.kaplan_meier import kaplan_meier

    curve = kaplan_meier(_outcomes(open_outcomes, options)).at(frame["grid"])
    return np.tile(curve, (inputs.height, 1))


def _cohort() -> pl.DataFrame:
    from madang.prognosis.engine.cohort import gbsg2

    return gbsg2()


def _entries(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs_by_part: Mapping[Part, pl.DataFrame],
    frame: Frame,
    options: Options,
) -> tuple[Entry, ...]:
    from madang.prognosis.engine.demonstration import entries

    return entries(
        _columns(open_inputs),
        _outcomes(open_outcomes, options),
        {part: _columns(inputs) for part, inputs in inputs_by_part.items()},
        grid=frame["grid"],
    )


demonstration = Demonstration(
    demand=(Path(__file__).parent / "solutions" / "demand.yaml").read_text("utf-8"),
    data=_cohort,
    entries=_entries,
    own="discrete_boosting",
)
