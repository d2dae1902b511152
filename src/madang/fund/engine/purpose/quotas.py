"""Can a purpose quota still be reached, and how much may yet go elsewhere?

Definitions, with I invested in the purpose, O outside it, K still investable, s the least share:
the goal is `ceil(s × committed)`, or `ceil(s × (I + O + K))` where the base is what is invested (K
included, for what is not invested in the purpose will be outside it). Reachable: `I + K ≥ goal`.
Headroom: the most that may go outside with the goal still reachable, `I + K − goal`, from 0 to K.
Met: `I ≥ goal`, whatever the rest is invested in. After the day by which the quota is due, K is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.fund.engine import money
from madang.fund.engine.errors import PortfolioRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

State: TypeAlias = Literal["met", "on-track", "warning", "unreachable"]
STATES: dict[State, Words] = {
    "met": words("충족", "Met"),
    "on-track": words("진행 중", "On track"),
    "warning": words("주의", "Warning"),
    "unreachable": words("달성 불가", "Out of reach"),
}
_YEAR_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A purpose into which at least a share has to go by a day."""

    id: str
    title: Words
    measure: str
    """`early-stage`, `field`, `region`, or another tag of an investment."""
    least_share: Fraction
    base: Literal["committed", "invested"]
    by: date
    values: tuple[str, ...] = ()
    """Which values of the measure count; empty for `early-stage`."""

    def __post_init__(self) -> None:
        share: object = self.least_share
        if not isinstance(share, (Fraction, int)) or not 0 < share <= 1:
            raise PortfolioRefused(
                words(f"의무비율 {self.least_share!r}", f"the share {self.least_share!r}"),
                words("0 초과 1 이하의 분수", "an exact fraction above 0 and up to 1"),
            )
        if self.base not in ("committed", "invested"):
            raise PortfolioRefused(
                words(f"의무비율 기준 {self.base!r}", f"the base {self.base!r}"),
                words("committed(약정) 또는 invested(투자)", "committed or invested"),
            )


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast the fund can invest in the purpose."""

    krw_a_quarter: int
    """Evenly over its days, a quarter being 365/4 days."""
    least_days: int
    """From the start of looking to the first payment."""
    notice_days: int = 180
    """So long before it is too late a warning begins."""


@dataclass(frozen=True, kw_only=True)
class Invested:
    """One payment of the fund into a company, with its tags on the day of first investment."""

    company: str
    krw: int
    tags: Mapping[str, str]
    """By measure; `early-stage` is `yes` where the test says so."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a quota stands on a day."""

    quota: Quota
    on: date
    within_krw: int
    outside_krw: int
    investable_krw: int
    goal_krw: int
    headroom_krw: int
    state: State
    lacking: Literal["", "money", "time"]
    """Why it is out of reach."""
    too_late_after: date | None
    """The last day to begin at the given pace; None where it is met or out of money."""

    @property
    def needed_krw(self) -> int:
        """What has yet to go into the purpose."""
        return max(self.goal_krw - self.within_krw, 0)


def counts(quota: Quota, invested: Invested) -> bool:
    """Whether a payment is in the purpose."""
    told = invested.tags.get(quota.measure)
    return told == "yes" if not quota.values else told in quota.values


def split(quota: Quota, invested: Iterable[Invested]) -> tuple[int, int]:
    """Won in the purpose, and outside it."""
    within = outside = 0
    for each in invested:
        if counts(quota, each):
            within += each.krw
        else:
            outside += each.krw
    return within, outside


def standing(
    quota: Quota,
    invested: Iterable[Invested],
    *,
    on: date,
    committed_krw: int,
    investable_krw: int,
    pace: Pace,
) -> Standing:
    """How the quota stands.

    Args:
        quota: Which one.
        invested: All payments up to the day.
        on: The day.
        committed_krw: All commitments.
        investable_krw: What may still be invested: unfunded and cash, less fees and reserves.
        pace: How fast money can go into the purpose.

    Raises:
        PortfolioRefused: A pace of nothing.
        AmountRefused: No whole number of won.
    """
    if pace.krw_a_quarter <= 0 or pace.least_days < 0 or pace.notice_days < 0:
        raise PortfolioRefused(
            words(f"투자 속도 {pace}", f"the pace {pace}"),
            words("분기마다 1원 이상, 0일 이상", "1 won a quarter or more, 0 days or more"),
        )
    where = words("투자 가능 금액", "what may still be invested")
    left = money.whole_won(investable_krw, where=where, least=0) if on <= quota.by else 0
    within, outside = split(quota, invested)
    base = committed_krw if quota.base == "committed" else within + outside + left
    goal = ceil(quota.least_share * base)
    slack = within + left - goal
    late = too_late_after(quota, needed_krw=goal - within, pace=pace)
    is_open = within < goal and slack >= 0
    state, lacking = _state(within >= goal, slack, on, late, pace)
    return Standing(
        quota=quota,
        on=on,
        within_krw=within,
        outside_krw=outside,
        investable_krw=left,
        goal_krw=goal,
        headroom_krw=max(0, min(slack, left)),
        state=state,
        lacking=lacking,
        too_late_after=late if is_open else None,
    )


def too_late_after(quota: Quota, *, needed_krw: int, pace: Pace) -> date:
    """The last day to begin looking, so that the money is in by the quota's day at this pace."""
    quarters = Fraction(max(needed_krw, 0), pace.krw_a_quarter)
    days = pace.least_days + ceil(quarters * _YEAR_DAYS / 4)
    return quota.by - timedelta(days=min(days, (quota.by - date.min).days))


def _state(
    is_met: bool, slack: int, on: date, late: date, pace: Pace
) -> tuple[State, Literal["", "money", "time"]]:
    if is_met:
        return "met", ""
    if slack < 0:
        return "unreachable", "money"
    if on > late:
        return "unreachable", "time"
    return ("warning" if (late - on).days < pace.notice_days else "on-track"), ""
