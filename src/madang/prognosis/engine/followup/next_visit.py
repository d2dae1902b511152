"""When should a patient be seen next? Before the risk could cross the line at which one acts.

At a visit on day u one looks at the risk of the event within a window behind it, given that the
patient is free of it on day u: 1 − S(u + w)/S(u). The next visit is the first day on which that
risk, at the edge of its interval, reaches the threshold of action; never sooner nor later than the
clinic's own limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]

Why: TypeAlias = Literal["above", "crosses", "below"]
WHY: dict[str, Words] = {
    "above": words(
        "위험이 이미 조치 기준에 이르렀습니다.", "The risk has reached the line already."
    ),
    "crosses": words(
        "그날 위험이 조치 기준에 이를 수 있습니다.", "The risk could reach the line on that day."
    ),
    "below": words(
        "가장 긴 간격 안에는 조치 기준에 이르지 않습니다.",
        "The risk stays below the line for the longest interval.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a clinic asks for, in the unit of the curve's times."""

    threshold: float
    """The risk at which one acts, above 0 and below 1."""
    window: float
    """Over how long a time that risk is looked at."""
    shortest: float
    longest: float

    def __post_init__(self) -> None:
        fits = 0 < self.threshold < 1 and self.window > 0 and 0 < self.shortest <= self.longest
        if not fits:
            raise InputError(
                words(
                    f"기준 {self.threshold:g}, 기간 {self.window:g}, "
                    f"간격 {self.shortest:g}-{self.longest:g}",
                    f"threshold {self.threshold:g}, window {self.window:g}, "
                    f"intervals {self.shortest:g} to {self.longest:g}",
                ),
                words(
                    "0과 1 사이의 기준, 0보다 큰 기간과 간격",
                    "a threshold between 0 and 1, a window and intervals above 0",
                ),
            )


class Plan(NamedTuple):
    """The next visit, from today on, and why then."""

    at: float
    why: Why
    risk: float
    """At the edge of the interval, on the day of the visit."""


def next_visit(times: ArrayLike, survival: ArrayLike, limits: Limits) -> Plan:
    """When the patient should be seen next.

    Args:
        times: (k) days from today on, ascending, the first above 0; beyond `longest + window` the
            curve says nothing that is needed.
        survival: (k) probability of being free of the event, at the cautious edge of its interval;
            linear between the times.
        limits: What the clinic asks for.

    Raises:
        InputError: The curve ends before `shortest + window`, rises, or leaves 0 to 1.
    """
    days, curve = _read(times, survival, limits)
    last = min(limits.longest, float(days[-1]) - limits.window)
    looks = np.unique(np.concatenate([np.linspace(limits.shortest, last, 400), [last]]))
    risks = _risk(days, curve, looks, limits.window)
    today = float(_risk(days, curve, np.zeros(1), limits.window)[0])
    if today >= limits.threshold:
        return Plan(limits.shortest, "above", today)
    reached = np.flatnonzero(risks >= limits.threshold)
    if len(reached):
        place = int(reached[0])
        return Plan(float(looks[place]), "crosses", float(risks[place]))
    return Plan(last, "below", float(risks[-1]))


def _read(times: ArrayLike, survival: ArrayLike, limits: Limits) -> tuple[Floats, Floats]:
    days = np.concatenate([[0.0], np.asarray(times, dtype=np.float64)])
    curve = np.concatenate([[1.0], np.asarray(survival, dtype=np.float64)])
    fits = (
        days.shape == curve.shape
        and bool((np.diff(days) > 0).all())
        and bool((np.diff(curve) <= 0).all())
        and float(curve[-1]) >= 0
        and float(days[-1]) >= limits.shortest + limits.window
    )
    if not fits:
        raise InputError(
            words(
                f"{len(days) - 1}개 시점, 마지막 {days[-1]:g}",
                f"a curve of {len(days) - 1} times up to {days[-1]:g}",
            ),
            words(
                f"{limits.shortest + limits.window:g} 이상까지 내려가기만 하는 곡선",
                f"a curve that only falls, up to {limits.shortest + limits.window:g} or more",
            ),
        )
    return days, curve


def _risk(days: Floats, curve: Floats, looks: Floats, window: float) -> Floats:
    now = np.interp(looks, days, curve)
    then = np.interp(looks + window, days, curve)
    risk: Floats = 1 - then / np.maximum(now, 1e-300)
    return risk
