"""At which price do new shares come, and what do SAFEs and protected shares become thereby?

Source: Y Combinator, Post-Money SAFE (v1.1, 2018), sections 1 and 2; NVCA Model Certificate of
Incorporation, section 4.4.4 (conversion price after a down round).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from madang.fund.engine.errors import PortfolioRefused
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.fund.engine.portfolio.instruments import AntiDilution, Safe


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """The price of a round and the exact shares of the SAFEs that convert in it."""

    price_krw: Fraction
    """Of one new share."""
    capitalization: Fraction
    """Shares before the new money: fully diluted, with all converted SAFEs, without new pool."""
    safe_shares: Mapping[str, Fraction]
    """Before rounding, by the SAFE's id."""

    def safe_price(self, name: str, safe: Safe) -> Fraction:
        """What one share costs the holder of a SAFE."""
        return safe.amount_krw / self.safe_shares[name]


def pricing(
    safes: Mapping[str, Safe],
    *,
    shares: Fraction,
    pool_added: int = 0,
    pre_money_krw: int | None = None,
    price_krw: Fraction | None = None,
) -> Pricing:
    """Solve for the price of a round in which SAFEs convert, exactly.

    With a cap, a post-money SAFE takes `amount / cap` of a capitalization which holds its own
    shares and those of all other SAFEs; with a discount, its shares hang on the price, which (for
    a given pre-money valuation) hangs on the capitalization again. Each holder takes the larger
    number. The capitalization is the least fixed point of a convex piecewise linear function:
    from any choice of cap or discount, solve the linear equation and let each holder choose anew;
    the solutions rise and end after finitely many steps.

    Args:
        safes: Those that convert, by id.
        shares: Fully diluted before the round, without SAFEs.
        pool_added: Shares reserved anew before the new money; they lower the price of a
            pre-money round but are not in a SAFE's capitalization.
        pre_money_krw: The valuation before the new money, or None where the price is agreed.
        price_krw: The agreed price, where there is no valuation.

    Raises:
        PortfolioRefused: The SAFEs would take the whole company, or more; neither or both of
            valuation and price are given.
    """
    if (pre_money_krw is None) == (price_krw is None) or shares <= 0:
        raise PortfolioRefused(
            words("투자 라운드의 가격", "the price of the round"),
            words(
                "발행주식이 있는 기업과, 투자 전 가치나 주당 가격 가운데 하나",
                "a company with shares, and either a pre-money valuation or a price per share",
            ),
        )
    by_cap = {key: (_cap_share(safe), Fraction(0)) for key, safe in safes.items() if safe.cap_krw}
    by_price = {
        key: _at_price(safe, pool_added, pre_money_krw, price_krw) for key, safe in safes.items()
    }
    chosen = dict(by_price)
    while True:
        total = _solved(chosen, shares)
        better = {
            key: max(
                (rule for rule in (chosen[key], by_cap.get(key), by_price[key]) if rule),
                key=lambda rule: rule[0] * total + rule[1],
            )
            for key in safes
        }
        if better == chosen:
            break
        chosen = better
    price = price_krw or Fraction(pre_money_krw or 0) / (total + pool_added)
    found = {key: slope * total + fixed for key, (slope, fixed) in chosen.items()}
    return Pricing(price_krw=price, capitalization=total, safe_shares=found)


def _cap_share(safe: Safe) -> Fraction:
    return Fraction(safe.amount_krw, safe.cap_krw or 1)


def _at_price(
    safe: Safe, pool_added: int, pre_money_krw: int | None, price_krw: Fraction | None
) -> tuple[Fraction, Fraction]:
    """Shares at the discounted price: slope in the capitalization, and the fixed part."""
    if price_krw is not None:
        return Fraction(0), safe.amount_krw / (price_krw * (1 - safe.discount))
    slope = safe.amount_krw / ((pre_money_krw or 1) * (1 - safe.discount))
    return slope, slope * pool_added


def _solved(chosen: Mapping[str, tuple[Fraction, Fraction]], shares: Fraction) -> Fraction:
    slope = sum((each[0] for each in chosen.values()), Fraction(0))
    if slope >= 1:
        raise PortfolioRefused(
            words(
                f"조건부지분인수계약 전환 지분 {float(slope):.0%}",
                f"SAFEs that convert into {float(slope):.0%} of the company",
            ),
            words("투자 전 지분의 100% 미만", "less than all of it before the new money"),
        )
    return (shares + sum((each[1] for each in chosen.values()), Fraction(0))) / (1 - slope)


def new_conversion_price(
    rule: AntiDilution,
    old_krw: Fraction,
    *,
    price_krw: Fraction,
    new_shares: int,
    broad_shares: Fraction,
    narrow_shares: Fraction,
) -> Fraction:
    """The conversion price after a round; never above the old one.

    `CP2 = CP1 × (A + B) / (A + C)`: A shares before the round, B what the new money would have
    bought at CP1, C what it did buy. A full ratchet takes the new price itself.

    Args:
        rule: Which protection was agreed.
        old_krw: CP1.
        price_krw: Of one new share.
        new_shares: C; shares from SAFEs and the pool are not new money and do not count.
        broad_shares: A of the broad base: fully diluted, with converted SAFEs.
        narrow_shares: A of the narrow base: preferred shares alone, as converted.
    """
    if rule == "none" or price_krw >= old_krw:
        return old_krw
    if rule == "full-ratchet":
        return price_krw
    before = broad_shares if rule == "broad-based" else narrow_shares
    return old_krw * (before + new_shares * price_krw / old_krw) / (before + new_shares)
