"""How would the same money have done in a public market? Four comparisons, by their formulas.

FV is a flow carried to the valuation day with the index: flow · index_end / index_then.

    KS-PME        (FV of distributions + NAV) / FV of contributions
    Direct Alpha  the rate of return of the FV flows, the NAV added on the valuation day
    PME+          λ = (FV contributions - NAV) / FV distributions; the rate of return of the
                  contributions, the distributions times λ, the NAV added
    LN-PME        the rate of return of the flows, FV contributions - FV distributions added

A flow on the valuation day itself stays: the NAV is added to it, never put in its place.

Source: Kaplan and Schoar (2005); Gredil, Griffiths and Stucke (2014); Rouvinez (2003); Long and
Nickels (1996).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.measures import rates
from madang.fund.engine.measures.flows import Flow, merged
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from madang.fund.engine.measures.rates import Rates

_FINE = 10**6
"""Carried flows are counted in millionths of a won: rounding is far below a rate's digits."""


@dataclass(frozen=True)
class Index:
    """A public index: its level on days, the last known one counting."""

    name: str
    source: str
    levels: Mapping[date, Fraction]

    def at(self, on: date) -> Fraction:
        """The level of a day.

        Raises:
            PortfolioRefused: The index begins later, or has a level that is not above 0.
        """
        days = sorted(self.levels)
        place = bisect_right(days, on)
        if not place or self.levels[days[place - 1]] <= 0:
            raise PortfolioRefused(
                words(f"{self.name}의 {on} 지수", f"the level of {self.name} on {on}"),
                words(
                    f"{days[0] if days else '-'}부터의 0보다 큰 지수",
                    f"a level above 0 from {days[0] if days else '-'} on",
                ),
            )
        return self.levels[days[place - 1]]


class PublicMarket(NamedTuple):
    """The four comparisons; None where a formula divides by nothing."""

    ks_pme: Fraction | None
    direct_alpha: Rates
    pme_plus: Rates | None
    pme_plus_lambda: Fraction | None
    ln_pme: Rates


def compared(flows: Sequence[Flow], *, nav: int, on: date, index: Index) -> PublicMarket:
    """The flows of an investor beside an index.

    Args:
        flows: The investor's, up to the day.
        nav: What is left on the day, in won.
        on: The valuation day.
        index: The public market.

    Raises:
        PortfolioRefused: The index begins after the first flow.
    """
    own = merged(flows)
    end = index.at(on)
    carried = [(each.on, each.won * end / index.at(each.on)) for each in own]
    into = -sum((won for _, won in carried if won < 0), Fraction(0))
    out = sum((won for _, won in carried if won > 0), Fraction(0))
    ratio = (into - nav) / out if out else None
    return PublicMarket(
        ks_pme=(out + nav) / into if into else None,
        direct_alpha=_rates([*carried, (on, Fraction(nav))]),
        pme_plus=None if ratio is None else _rates(_scaled(own, ratio, nav, on)),
        pme_plus_lambda=ratio,
        ln_pme=_rates([*((each.on, Fraction(each.won)) for each in own), (on, into - out)]),
    )


def _scaled(
    flows: Sequence[Flow], ratio: Fraction, nav: int, on: date
) -> list[tuple[date, Fraction]]:
    found = [(each.on, each.won * (ratio if each.won > 0 else Fraction(1))) for each in flows]
    return [*found, (on, Fraction(nav))]


def _rates(flows: Sequence[tuple[date, Fraction]]) -> Rates:
    return rates.of_days([Flow(on, round(won * _FINE)) for on, won in flows])
