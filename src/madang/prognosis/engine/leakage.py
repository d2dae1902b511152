"""Does a column give the outcome away? Each one alone, its gaps, and the order of the rows.

A covariate that was known at the start predicts; one that was written later *knows*. Three
measures tell them apart. Limits lie between honest covariates and planted or historical leaks:

* the event: AUC of the column alone. Age reached 0.82 in 7 871 free-light-chain patients, a
  cause of death 1.0;
* the time, among those who had the event: Kendall's τ-b. Honest columns of eight public cohorts
  stay below 0.32; earlier survival estimates (0.39, 0.42), a do-not-resuscitate order written
  during the stay (0.43) and function two months later (0.66) lie above;
* the follow-up, among the censored: τ-b again. A year of sampling reached 0.76; above 0.78 the
  column fixes when watching ended (a year of entry: 0.82): censoring is not independent of it.

τ-b must exceed its limit by two standard errors, so that small samples raise no false alarm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.trial import Leak
from madang.prognosis.engine.models.cox import fit_cox
from madang.prognosis.engine.models.encoding import fit_encoding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from madang.prognosis.engine.outcomes import Outcomes

    Floats: TypeAlias = NDArray[np.float64]

EVENT_AUC, EVENT_TIME_TAU, FOLLOW_UP_TAU, GAP_AUC = 0.95, 0.35, 0.78, 0.8
FEWEST_EVENTS = 20
"""Below so many events (or censored patients) a measure says nothing."""

_CERTAIN = 2.0  # standard errors of τ-b by which a leak must exceed the limit
_RIDGE = 1e-4
_FEWEST_OF_LEVEL = 10


class _Measure(NamedTuple):
    name: str
    limit: float
    sentence_ko: str
    sentence_en: str


_EVENT = _Measure(
    "AUC of the column alone for the event",
    EVENT_AUC,
    "이 열만으로 사건 발생 여부를 거의 알 수 있습니다",
    "The column alone nearly tells whether the event happened",
)
EVENT_MEASURE = _EVENT.name
"""A column found by this measure nearly is the outcome itself."""

_TIME = _Measure(
    "Kendall's tau-b of the column alone with the time among events",
    EVENT_TIME_TAU,
    "사건이 발생한 환자에서 이 열이 발생 시점을 따라갑니다. 시작 시점 이후에 적힌 값으로 보입니다",
    "Among patients with the event the column follows its time, as if written after the start",
)
_FOLLOW_UP = _Measure(
    "Kendall's tau-b of the column alone with the follow-up among the censored",
    FOLLOW_UP_TAU,
    "중도절단된 환자에서 이 열이 추적 기간을 거의 결정합니다",
    "Among censored patients the column nearly fixes the length of follow-up",
)
_GAP = _Measure(
    "AUC of the column's gaps for the event",
    GAP_AUC,
    "이 열의 결측 여부가 사건 발생 여부를 드러냅니다",
    "Whether the column is empty tells whether the event happened",
)


def find_leaks(columns: Mapping[str, Any], outcomes: Outcomes) -> tuple[Leak, ...]:
    """Columns, and the order of rows, that (nearly) are a function of the outcome.

    Args:
        columns: Name → (n) values: numbers, or anything else for categories; None and NaN are
            gaps.
        outcomes: (n) of the same patients, in the table's order.

    Returns:
        For each guilty column every measure that it exceeds; the order of rows is named `(row
        order)`.
    """
    found = [
        leak
        for name, values in columns.items()
        for leak in (*_of_column(name, values, outcomes), *_of_gaps(name, values, outcomes))
    ]
    order = np.arange(len(outcomes.time), dtype=np.float64)
    return (*found, *_of_column("(row order)", order, outcomes))


def _of_column(name: str, values: Any, outcomes: Outcomes) -> list[Leak]:
    found = []
    shown = _shown(name, values, outcomes)
    for measure, value, margin in (
        (_EVENT, _auc(shown[0], outcomes.event), 0.0),
        (_TIME, *_tau(shown, outcomes.time, outcomes.event)),
        (_FOLLOW_UP, *_tau(shown, outcomes.time, ~outcomes.event)),
    ):
        if value >= measure.limit + margin:
            found.append(_leak(name, measure, value))
    return found


def _of_gaps(name: str, values: Any, outcomes: Outcomes) -> list[Leak]:
    gaps = np.array([value is None or value != value for value in np.asarray(values).tolist()])
    value = _auc(gaps.astype(np.float64), outcomes.event)
    return [_leak(name, _GAP, value)] if value >= GAP_AUC else []


def _leak(column: str, measure: _Measure, value: float) -> Leak:
    return Leak(
        column=column,
        measure=measure.name,
        value=value,
        limit=measure.limit,
        sentence_ko=f"{measure.sentence_ko} ({value:.2f}, 한도 {measure.limit:g}).",
        sentence_en=f"{measure.sentence_en} ({value:.2f}, limit {measure.limit:g}).",
    )


def _shown(name: str, values: Any, outcomes: Outcomes) -> list[Floats]:
    """What the column can say: the risk that Cox reads from it, and itself if it is a number."""
    array = np.asarray(values)
    numeric = array.dtype != object and array.dtype.kind in "biuf"
    kind = "number" if numeric else "category"
    table = {name: _ranks(array) if numeric else array}
    fewest = min(_FEWEST_OF_LEVEL, max(1, len(array) // 20))
    encoding = fit_encoding(table, [{"name": name, "kind": kind}], fewest=fewest)
    matrix = encoding.matrix(table)
    if numeric:
        matrix = np.hstack([matrix, matrix**2, matrix**3])
    if not matrix.shape[1]:
        return [np.zeros(len(array))]
    model = fit_cox(matrix, *outcomes, penalty=_RIDGE, l1_ratio=0.0)
    risk = model.predictor(matrix)
    return [risk, matrix[:, 0]] if numeric else [risk]


def _ranks(numbers: Any) -> Floats:
    """Ranks instead of values: what a column tells must not hang on its unit or its tails."""
    from scipy.stats import rankdata

    ranks: Floats = rankdata(numbers.astype(np.float64), nan_policy="omit")
    return ranks


def _auc(risk: Floats, event: NDArray[np.bool_]) -> float:
    """Chance that a patient with the event shows the higher value, or else the lower one."""
    from scipy.stats import rankdata

    events, others = int(event.sum()), int((~event).sum())
    if min(events, others) < FEWEST_EVENTS:
        return 0.5
    above = rankdata(risk)[event].sum() - events * (events + 1) / 2
    auc = float(above / (events * others))
    return max(auc, 1 - auc)


def _tau(shown: list[Floats], time: Floats, chosen: NDArray[np.bool_]) -> tuple[float, float]:
    """The largest |τ-b| with time among the chosen, and two of its standard errors."""
    from scipy.stats import kendalltau

    count = int(chosen.sum())
    if count < FEWEST_EVENTS:
        return 0.0, 0.0
    taus = [
        abs(float(kendalltau(values[chosen], time[chosen]).statistic))
        for values in shown
        if np.ptp(values[chosen]) > 0
    ]
    tau = max(taus, default=0.0)
    error = np.sqrt(2 * (2 * count + 5) / (9 * count * (count - 1))) * (1 - tau**2)
    return tau, _CERTAIN * float(error)
