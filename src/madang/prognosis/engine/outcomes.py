"""What became of each patient: how long was the follow-up, and did it end with the event?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from madang.kernel.words import Words

    Floats: TypeAlias = NDArray[np.float64]
    Bools: TypeAlias = NDArray[np.bool_]


class Outcomes(NamedTuple):
    """(n) follow-up times above 0 and (n) whether each ended with the event (else censored)."""

    time: Floats
    event: Bools

    def before(self, horizon: float) -> Outcomes:
        """The same patients, watched no longer than to the horizon."""
        return Outcomes(np.minimum(self.time, horizon), self.event & (self.time <= horizon))


def read_outcomes(time: ArrayLike, event: ArrayLike) -> Outcomes:
    """Outcomes from columns: times in any one unit, events as 0/1 or truth values.

    Raises:
        InputError: There is no patient, the lengths differ, a time is missing or not above 0, or
            an event is neither 0 nor 1.
    """
    when, happened = _numbers(time), _numbers(event)
    if when.ndim != 1 or when.shape != happened.shape or not len(when):
        raise InputError(
            words(
                f"추적 기간 {when.size}건, 사건 여부 {happened.size}건",
                f"{when.size} times and {happened.size} events",
            ),
            words("한 명 이상, 같은 건수", "at least one patient and as many of each"),
        )
    _refuse(
        int((~(np.isfinite(when) & (when > 0))).sum()),
        words("0보다 큰 추적 기간", "follow-up times above 0"),
    )
    _refuse(
        int((~np.isin(happened, (0.0, 1.0))).sum()),
        words("사건 여부 1(발생) 또는 0(중도절단)", "events of 1 (happened) or 0 (censored)"),
    )
    return Outcomes(when, happened == 1.0)


def _numbers(values: ArrayLike) -> Floats:
    try:
        numbers: Floats = np.asarray(values).astype(np.float64)
    except (TypeError, ValueError) as fault:
        raise InputError(
            words("숫자가 아닌 결과 값", "outcome values that are not numbers"),
            words("숫자로 된 추적 기간과 사건 여부", "numeric times and events"),
        ) from fault
    return numbers


def _refuse(count: int, expected: Words) -> None:
    if count:
        raise InputError(
            words(f"맞지 않는 결과 값 {count}건", f"{count} outcome values that do not fit"),
            expected,
        )
