"""How does a commitment run through a fund's life? The model of Takahashi and Alexander.

In each year a share of what is uncalled is called, a share of the net assets, which rises with the
fund's age, is paid out, and what stays grows. The call of a year enters after its growth.

Source: Takahashi and Alexander, Illiquid Alternative Asset Fund Modeling (Yale, 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from madang.fund.engine.errors import TermsRefused
from madang.kernel.words import words


@dataclass(frozen=True, kw_only=True)
class Pacing:
    """The parameters of one fund."""

    commitment: float
    """Won, or any unit: the path is in the same."""
    rates: tuple[float, ...]
    """Of what is uncalled, by year; the last one holds for the years that follow."""
    life: int
    """Years."""
    bow: float
    """How late distributions come: 1 evenly, more later."""
    growth: float
    """Of net assets, a year."""
    least_yield: float = 0.0
    """Of net assets, paid out in every year at least."""

    def __post_init__(self) -> None:
        within = all(0 <= rate <= 1 for rate in self.rates) and 0 <= self.least_yield <= 1
        if not self.rates or not within or self.life < 1 or self.bow <= 0 or self.growth <= -1:
            raise TermsRefused(
                words(f"계획의 값 {self}", f"the parameters {self}"),
                words(
                    "0~1의 요청률, 1년 이상의 기간, 0보다 큰 곡률, -100% 초과의 성장률",
                    "rates from 0 to 1, a life from 1 year, a bow above 0, growth above -100 %",
                ),
            )


class Year(NamedTuple):
    """One year of a plan."""

    year: int
    contribution: float
    distribution: float
    nav: float
    uncalled: float


def path(pacing: Pacing) -> tuple[Year, ...]:
    """The plan, year by year, to the end of the fund's life."""
    found = []
    uncalled, nav = pacing.commitment, 0.0
    for year in range(1, pacing.life + 1):
        rate = pacing.rates[min(year, len(pacing.rates)) - 1]
        contribution = rate * uncalled
        grown = nav * (1 + pacing.growth)
        share = 1.0 if year == pacing.life else (year / pacing.life) ** pacing.bow
        distribution = max(share, pacing.least_yield) * grown
        uncalled -= contribution
        nav = grown - distribution + contribution
        found.append(Year(year, contribution, distribution, nav, uncalled))
    return tuple(found)
