"""Does an agency's own metric do what it says? Tried before anything is sealed by it.

On the trivial baselines' answers it must give numbers within its bounds, the same ones each time,
whatever the order of the cases; and whoever knows the outcomes must not fare worse by it than
every baseline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.trial import Column
from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.exchange import BadOutput, check_numbers, check_texts
from madang.trials.engine.intake import open_sample
from madang.trials.engine.measuring import MetricFailed, measured
from madang.trials.engine.trivial import trivial_answers, with_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats, Outputs, Part, Predictions
    from madang.trials.engine.demand import Demand
    from madang.trials.engine.intake import Dealt
    from madang.trials.engine.measuring import OwnMeasure
    from madang.trials.engine.own_metric import OwnMetric
    from madang.trials.engine.scoring import Scale

_CLOSE = 1e-9


def prove_on(demand: Demand, scale: Scale, dealt: Dealt, parts: Sequence[Part]) -> None:
    """Try the demand's own metric, if it has one, on each of these parts.

    Raises:
        DemandError: The metric fails.
        Unavailable: No jail works here.
    """
    if scale.own is None:
        return
    opened = open_sample(dealt)
    for part in parts:
        cases = with_inputs(dealt.inputs[part], dealt.outcomes[part])
        answers = {
            each.name: trivial_answers(
                scale, each, open_sample=opened, inputs=dealt.inputs[part], outcomes=cases
            )
            for each in demand.task.baselines(options=demand.options)
        }
        prove(scale, cases, answers, outcomes=demand.outcomes, seed=demand.seed)


def prove(
    scale: Scale,
    cases: pl.DataFrame,
    answers: Mapping[str, Predictions],
    *,
    outcomes: Sequence[Column],
    seed: int,
) -> None:
    """Try the metric on some cases.

    Args:
        scale: The scale with the agency's own metric.
        cases: (n) outcomes with the inputs beside.
        answers: Baseline → its n answers.
        outcomes: The declared outcome columns.
        seed: Of the other order of the cases.

    Raises:
        DemandError: The metric fails. The sentence holds no value.
        Unavailable: No jail works here.
    """
    import numpy as np

    assert scale.own is not None
    order = np.random.default_rng(seed).permutation(cases.height)
    knowing = list(_knowing(scale, cases, answers, outcomes))
    given = [*answers.values(), *knowing]

    def work(measure: OwnMeasure) -> tuple[list[Floats], list[Floats], list[float]]:
        return (
            [measure.values(which) for which in range(len(answers))],
            [measure.values(which, order) for which in range(len(answers))],
            [measure.score(which) for which in range(len(given))],
        )

    try:
        values, turned, scores = measured(scale.own, cases, given, work)
        again, _, _ = measured(scale.own, cases, given, work)
    except MetricFailed as fault:
        if fault.is_platforms:
            raise
        raise _fails(_STOPPED) from fault
    _check_values(scale.own, values)
    if any(
        first.tobytes() != second.tobytes() for first, second in zip(values, again, strict=True)
    ):
        raise _fails(_RANDOM)
    if not all(_same(*pair, order) for pair in zip(values, turned, strict=True)):
        raise _fails(_ORDER)
    sign = 1 if scale.own.direction == "lower" else -1
    worst = max(sign * trivial for trivial in scores[: len(answers)])
    if any(sign * known > worst + _CLOSE for known in scores[len(answers) :]):
        raise _fails(_BACKWARDS)


def _check_values(metric: OwnMetric, values: Sequence[Floats]) -> None:
    import numpy as np

    for each in values:
        if not np.isfinite(each).all():
            raise _fails(_NO_NUMBER)
        if (each < metric.lowest).any() or (each > metric.highest).any():
            raise _fails(_OUTSIDE)


def _same(values: Floats, turned: Floats, order: NDArray[np.int64]) -> bool:
    """Is each case worth the same in another order of the cases?"""
    import numpy as np

    expected = values[order] if values.ndim else values
    return bool(np.allclose(expected, turned, rtol=_CLOSE, atol=_CLOSE, equal_nan=True))


def _knowing(
    scale: Scale,
    cases: pl.DataFrame,
    answers: Mapping[str, Predictions],
    outcomes: Sequence[Column],
) -> Iterator[Predictions]:
    """Answers of somebody who knows the outcomes, where the task's own first metric says so.

    The task has no word for them, so each outcome column is tried in the forms that answers have.
    """
    outputs = scale.task.outputs(frame=scale.frame, options=scale.options)
    first = next(iter(scale.metrics))
    sign = scale.sign(first)
    trivial = [sign * scale.score(first, cases, each) for each in answers.values()]
    for column in outcomes:
        for known in _forms(cases[column.name], column, outputs):
            if all(sign * scale.score(first, cases, known) <= each for each in trivial):
                yield known


def _forms(values: pl.Series, column: Column, outputs: Outputs) -> Iterator[Predictions]:
    import polars as pl

    texts = values.cast(pl.String).fill_null("").to_list()
    try:
        if outputs.kind == "texts":
            yield check_texts(texts, outputs, len(texts))
            yield check_texts([text.split("|")[0] for text in texts], outputs, len(texts))
        elif outputs.kind == "numbers":
            yield check_numbers(_as_numbers(values, texts, outputs), outputs)
    except BadOutput:
        return


def _as_numbers(values: pl.Series, texts: Sequence[str], outputs: Outputs) -> Floats:
    """The outcome itself in every column, or certainty of the class that the column is called."""
    import numpy as np
    import polars as pl

    width = len(outputs.columns)
    if outputs.row_rule == "sums_to_one":
        named = [[f"_{name}".endswith(f"_{text}") for name in outputs.columns] for text in texts]
        return np.array(named, dtype=np.float64)
    if values.dtype == pl.String:
        return np.full((len(values), width), np.nan)
    truth = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.tile(truth[:, None], (1, width))


_STOPPED = words("격리 안에서 멈추는 자체 지표", "a metric of the agency's own that was stopped")
_NO_NUMBER = words(
    "기준 해법에 수를 내지 못하는 자체 지표",
    "a metric of the agency's own that gives no number for a baseline",
)
_OUTSIDE = words(
    "기준 해법에 범위 밖의 값을 내는 자체 지표",
    "a metric of the agency's own that leaves its bounds on a baseline",
)
_RANDOM = words(
    "두 번 계산하면 달라지는 자체 지표",
    "a metric of the agency's own that differs when it is computed twice",
)
_ORDER = words(
    "사례의 순서에 따라 달라지는 자체 지표",
    "a metric of the agency's own that depends on the order of the cases",
)
_BACKWARDS = words(
    "결과를 아는 답을 모든 기준 해법보다 나쁘게 매기는 자체 지표",
    "a metric of the agency's own that rates knowing the outcomes worse than every baseline",
)


def _fails(found: Words) -> DemandError:
    return DemandError(
        found,
        words(
            "모든 기준 해법에 범위 안의 값을 늘 같게 내고 direction이 맞는 지표",
            "one that gives every baseline the same values within the bounds, in its direction",
        ),
        words(
            "own_metric의 per, bounds, direction과 원본을 확인하십시오.",
            "See per, bounds, direction and the source in own_metric.",
        ),
    )
