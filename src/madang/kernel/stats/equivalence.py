"""Is a solution not worse than, or as good as, another within a margin fixed beforehand?

Non-inferiority: the difference *new less reference* lies on the right side of the margin, shown.
Equivalence: both sides are shown (two one-sided tests: D. Schuirmann, J. Pharmacokin. Biopharm. 15
(1987), 657-680). Lack of a significant difference shows neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from scipy.special import ndtr, ndtri, stdtr, stdtrit

if TYPE_CHECKING:
    from madang.kernel.stats.interval import Interval

Direction: TypeAlias = Literal["lower", "higher"]
"""Which way is better, as in `kernel.trial.Metric`."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a test against a margin has shown."""

    shown: bool
    """False says only that it was not shown."""
    p_value: float
    """One-sided; for equivalence the larger of the two."""
    low: float
    high: float
    """The confidence limits that are held against the margin: an interval of level 1 - 2 alpha."""
    margin: float
    alpha: float


def non_inferior(
    difference: float,
    standard_error: float,
    *,
    margin: float,
    alpha: float = 0.025,
    better: Direction = "lower",
    degrees: float | None = None,
) -> Verdict:
    """Is the new solution worse than the reference by less than the margin?

    Args:
        difference: New less reference.
        standard_error: Of the difference.
        margin: Largest acceptable loss, positive, in the unit of the score.
        alpha: One-sided error.
        better: Which way the score is better.
        degrees: Student's t with these degrees of freedom; normal if None.

    Raises:
        ValueError: The margin is not positive or the standard error negative.
    """
    _sensible(margin, standard_error)
    worse = difference if better == "lower" else -difference
    p_value = _tail(worse - margin, standard_error, degrees)
    half = _place(1 - alpha, degrees) * standard_error
    return Verdict(
        shown=p_value <= alpha and worse < margin,
        p_value=p_value,
        low=difference - half,
        high=difference + half,
        margin=margin,
        alpha=alpha,
    )


def tost(
    difference: float,
    standard_error: float,
    *,
    margin: float,
    alpha: float = 0.05,
    degrees: float | None = None,
) -> Verdict:
    """Do the two solutions differ by less than the margin, either way?

    Args:
        difference: New less reference.
        standard_error: Of the difference.
        margin: Largest difference that does not matter, positive, in the unit of the score.
        alpha: Error of each of the two one-sided tests, and of the verdict.
        degrees: Student's t with these degrees of freedom; normal if None.

    Raises:
        ValueError: The margin is not positive or the standard error negative.
    """
    _sensible(margin, standard_error)
    p_value = max(
        _tail(difference - margin, standard_error, degrees),
        _tail(-difference - margin, standard_error, degrees),
    )
    half = _place(1 - alpha, degrees) * standard_error
    return Verdict(
        shown=p_value <= alpha and abs(difference) < margin,
        p_value=p_value,
        low=difference - half,
        high=difference + half,
        margin=margin,
        alpha=alpha,
    )


def within_margin(interval: Interval, *, margin: float, better: Direction = "lower") -> bool:
    """Does an interval of new less reference show non-inferiority?

    Any interval serves (BCa, simultaneous); a two-sided level of .95 tests at .025 one-sided.

    Raises:
        ValueError: The margin is not positive.
    """
    _sensible(margin, 0.0)
    return interval.high < margin if better == "lower" else interval.low > -margin


def equivalent(interval: Interval, *, margin: float) -> bool:
    """Does an interval of new less reference show equivalence? Level .90 tests at .05.

    Raises:
        ValueError: The margin is not positive.
    """
    _sensible(margin, 0.0)
    return -margin < interval.low and interval.high < margin


def _sensible(margin: float, standard_error: float) -> None:
    if not margin > 0:
        raise ValueError(f"margin {margin} is not positive")
    if not standard_error >= 0:
        raise ValueError(f"standard error {standard_error} is negative or not a number")


def _tail(excess: float, standard_error: float, degrees: float | None) -> float:
    """The chance of so low an excess over the margin where the truth lies on the margin."""
    if standard_error == 0:
        return 0.0 if excess < 0 else 1.0
    ratio = excess / standard_error
    return float(ndtr(ratio) if degrees is None else stdtr(degrees, ratio))


def _place(share: float, degrees: float | None) -> float:
    return float(ndtri(share) if degrees is None else stdtrit(degrees, share))
