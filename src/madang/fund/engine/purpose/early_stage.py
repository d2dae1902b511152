"""Was a company early-stage on the day of the first investment, by the rule of that day?

The rule in force on that day decides, for good: a later version of the rule or a later investment
changes nothing. Years run to the end of the anniversary (민법 제157조, 제160조).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from madang.fund.engine.errors import PortfolioRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class EarlyStageRule:
    """One version of the test; a condition that is None is not asked."""

    effective_on: date
    source: str
    """Law, notice or article of the fund's agreement."""
    most_years: int | None = None
    """Since founding."""
    most_revenue_krw: int | None = None
    """Of the last business year."""
    least_rnd_share: Fraction | None = None
    """Research and development of revenue, in the last business year."""
    needs: Literal["all", "any"] = "all"

    def __post_init__(self) -> None:
        given = (self.most_years, self.most_revenue_krw, self.least_rnd_share)
        if not self.source.strip() or all(each is None for each in given):
            raise PortfolioRefused(
                words(f"{self.effective_on} 초기기업 기준", f"the rule of {self.effective_on}"),
                words("출처와 조건 하나 이상", "its source and at least one condition"),
            )


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of the rule, and whether it holds; None where it is not known."""

    holds: bool | None
    reason: Words


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a company counts as early-stage, and why."""

    is_early: bool | None
    """None: a figure is missing on which it hangs."""
    on: date
    """Day of the first investment."""
    rule: EarlyStageRule
    conditions: tuple[Condition, ...]


def anniversary(start: date, years: int) -> date:
    """The last day of a period of years; 29 February ends on the last day of its month."""
    year = start.year + years
    return date(year, start.month, min(start.day, calendar.monthrange(year, start.month)[1]))


def verdict(
    rules: Iterable[EarlyStageRule],
    *,
    investments_on: Iterable[date],
    founded_on: date,
    revenue_krw: int | None = None,
    rnd_krw: int | None = None,
) -> Verdict:
    """The test at the first investment.

    Args:
        rules: All versions.
        investments_on: Days of all investments of the fund in the company; the first one counts.
        founded_on: The company's founding.
        revenue_krw: Of the last business year before the first investment; None: not known.
        rnd_krw: Spent on research and development in that year.

    Raises:
        PortfolioRefused: No investment, one before the founding, no rule in force on the day, or
            two rules of one day.
    """
    on = min(investments_on, default=None)
    if on is None or on < founded_on:
        raise PortfolioRefused(
            words(f"첫 투자일 {on or '없음'}", f"the first investment on {on or 'no day'}"),
            words(f"설립일 {founded_on} 이후", f"one from the founding on, {founded_on}"),
        )
    rule = in_force(rules, on)
    found = tuple(_conditions(rule, on, founded_on, revenue_krw, rnd_krw))
    told = [each.holds for each in found]
    stop = rule.needs == "any"  # one such answer decides, whatever is unknown
    is_early = stop if stop in told else (None if None in told else not stop)
    return Verdict(is_early=is_early, on=on, rule=rule, conditions=found)


def in_force(rules: Iterable[EarlyStageRule], on: date) -> EarlyStageRule:
    """The version in force on a day.

    Raises:
        PortfolioRefused: None, or two of one day.
    """
    past = sorted((r for r in rules if r.effective_on <= on), key=lambda each: each.effective_on)
    if not past or sum(each.effective_on == past[-1].effective_on for each in past) > 1:
        raise PortfolioRefused(
            words(f"{on}에 시행 중인 초기기업 기준", f"the early-stage rule in force on {on}"),
            words("그날 시행 중인 기준 하나", "exactly one"),
        )
    return past[-1]


def _conditions(
    rule: EarlyStageRule, on: date, founded: date, revenue: int | None, rnd: int | None
) -> Iterable[Condition]:
    if rule.most_years is not None:
        until = anniversary(founded, rule.most_years)
        yield Condition(
            holds=on <= until,
            reason=words(
                f"설립 {rule.most_years}년 이내({until}까지), 첫 투자 {on}",
                f"within {rule.most_years} years of founding (until {until}); invested {on}",
            ),
        )
    if rule.most_revenue_krw is not None:
        most = rule.most_revenue_krw
        yield Condition(
            holds=None if revenue is None else revenue <= most,
            reason=words(
                f"매출 {most:,d}원 이하, 확인된 매출 {_won(revenue).ko}",
                f"revenue of up to {most:,d} won; found {_won(revenue).en}",
            ),
        )
    if (least := rule.least_rnd_share) is not None:
        known = None if revenue is None or rnd is None else rnd >= least * revenue
        yield Condition(
            holds=known,
            reason=words(
                f"매출의 {least} 이상 연구개발비, 확인된 연구개발비 {_won(rnd).ko}",
                f"research of at least {least} of revenue; found {_won(rnd).en}",
            ),
        )


def _won(amount: int | None) -> Words:
    return words("없음", "none") if amount is None else words(f"{amount:,d}원", f"{amount:,d} won")
