"""At the end, did the manager receive more carry than everything together allows?

Two tests, of which the larger counts: what partners lack of their capital and preferred return,
and what the carry exceeds its share of the fund's whole profit by. The manager gives back at most
what tax left of the carry.

Source: ILPA Model Limited Partnership Agreement (2020), on the general partner's clawback.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine import money
from madang.fund.engine.terms.agreement import Pay
from madang.fund.engine.waterfall.standing import Goal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.waterfall.standing import Lot, Standing


class Clawback(NamedTuple):
    """What the manager owes, and from which test it comes."""

    shortfall: Fraction
    """What partners lack of capital and preferred return."""
    excess: Fraction
    """Carry beyond its share of the whole profit; may be below 0."""
    most_krw: int
    """The carry received, less tax."""
    owed_krw: int
    to: Mapping[int, int]
    """Won by partner."""


def owed(standing: Standing, on: date) -> Clawback:
    """What the manager has to give back if the fund ends on a day.

    Args:
        standing: Told of every flow; it is brought to the day.
        on: The day.
    """
    standing.bring_to(on)
    lacking = _lacking(standing)
    shortfall = sum(lacking.values(), Fraction(0))
    carry_rate = standing.agreement.distribution.tiers[-1].carry or Fraction(0)
    unreturned = sum(each.capital for each in standing.lots.values())
    whole_profit = standing.profit + standing.carry - unreturned
    excess = standing.carry - carry_rate * max(whole_profit, 0)
    most = int(standing.carry * (1 - standing.agreement.distribution.tax))
    amount = min(max(money.rounded(max(shortfall, excess)), 0), most)
    shares = lacking if shortfall else _paid_in(standing)
    return Clawback(
        shortfall, excess, most, amount, money.apportioned(amount, shares) if amount else {}
    )


def _lacking(standing: Standing) -> dict[int, Fraction]:
    """By partner: capital not returned, and the largest preferred return that is due."""
    best: dict[Lot, Fraction] = {}
    for tier in standing.agreement.distribution.tiers:
        if tier.pay is not Pay.PREFERRED or tier.hurdle is None:
            continue
        takers = standing.of_nature(tier.to)
        goal = Goal(tier.hurdle, preferred=True)
        for lot in standing.lots:
            if lot.partner in takers:
                best[lot] = max(best.get(lot, Fraction(0)), standing.due(lot, goal))
    found: dict[int, Fraction] = {}
    for lot, account in sorted(standing.lots.items()):
        # Profit above the preferred return makes up for what another lot lacks.
        above = account.profit - account.preferred
        due = account.capital + best.get(lot, Fraction(0)) - above
        found[lot.partner] = found.get(lot.partner, Fraction(0)) + due
    return {partner: max(due, Fraction(0)) for partner, due in found.items()}


def _paid_in(standing: Standing) -> dict[int, Fraction]:
    return {partner: Fraction(amount) for partner, amount in sorted(standing.paid_in.items())}
