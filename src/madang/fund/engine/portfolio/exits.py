"""Who gets how much when a company is sold?

Every claim's payment is a rising function of what one common share gets (`v`): common shares get
v, non-participating ones the larger of preference and v, participating ones preference plus v up
to their cap, or v where that is more. The sum is piecewise linear in v, so the v at which all
payments add up to the proceeds is found exactly; it is the equilibrium in which no class gains by
converting or by not converting. While the preferences are not covered v is 0, and they are paid
by seniority.

Source: Metrick & Yasuda, Venture Capital and the Finance of Innovation (2nd ed.), ch. 9 and 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from madang.fund.engine import money
from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.portfolio.cap_table import COMMON
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from madang.fund.engine.portfolio.cap_table import CapTable

BOND_SENIORITY = 10**6
"""A bond is a debt: it comes before all shares."""


@dataclass(frozen=True, kw_only=True, order=True)
class Claim:
    """What one holder may ask for with one class."""

    holder: str
    share_class: str
    shares: Fraction
    """As converted into common shares."""
    preference_krw: Fraction = Fraction(0)
    is_participating: bool = False
    most_krw: Fraction | None = None
    """Cap of a participating claim in all, unless it converts."""
    seniority: int = 0

    def asks(self, v: Fraction) -> Fraction:
        """Its payment when one common share gets v won."""
        converted = self.shares * v
        if not self.is_participating:
            return max(self.preference_krw, converted)
        held = self.preference_krw + converted
        if self.most_krw is not None:
            held = min(held, self.most_krw)
        return max(held, converted)

    def breaks(self) -> tuple[Fraction, ...]:
        """The values of v at which its payment bends."""
        if not self.shares:
            return ()
        if not self.is_participating:
            return (self.preference_krw / self.shares,)
        if self.most_krw is None:
            return ()
        return (
            (self.most_krw - self.preference_krw) / self.shares,
            self.most_krw / self.shares,
        )

    def converts(self, v: Fraction) -> bool:
        """Whether it is better off as common shares (where equal it stays)."""
        if self.is_participating and self.most_krw is None:
            return False
        floor = self.most_krw if self.is_participating else self.preference_krw
        return self.shares * v > (floor or 0)


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What one claim gets."""

    claim: Claim
    exact_krw: Fraction
    krw: int
    is_converted: bool


def claims(table: CapTable, *, on: date) -> tuple[Claim, ...]:
    """What every holder may ask for on a day.

    The pool that nobody exercised gets nothing. A bond asks for what is owed or its shares. A SAFE
    with a cap asks for its money or for its part of the capitalization with all SAFEs, one without
    for its money; it ranks with the most senior preferred shares.
    """
    found = []
    top = max((each.seniority for each in table.classes.values()), default=1)
    for (who, name), shares in table.holdings.items():
        if name == COMMON:
            found.append(Claim(holder=who, share_class=name, shares=Fraction(shares)))
            continue
        terms = table.classes[name]
        issue = shares * terms.issue_price_krw
        cap = terms.participation_cap
        found.append(
            Claim(
                holder=who,
                share_class=name,
                shares=shares * terms.conversion_ratio,
                preference_krw=issue * terms.preference,
                is_participating=terms.is_participating,
                most_krw=issue * cap if cap is not None else None,
                seniority=terms.seniority,
            )
        )
    return tuple(sorted([*found, *_promises(table, on, top)]))


def _promises(table: CapTable, on: date, top: int) -> list[Claim]:
    bonds = [
        Claim(
            holder=each.holder,
            share_class=f"bond:{key}",
            shares=each.bond.converts_krw(on) / each.bond.conversion_price_krw,
            preference_krw=each.bond.owed_krw(on),
            seniority=BOND_SENIORITY,
        )
        for key, each in table.bonds.items()
    ]
    parts = {
        key: Fraction(each.safe.amount_krw, each.safe.cap_krw)
        for key, each in table.safes.items()
        if each.safe.cap_krw
    }
    taken = sum(parts.values(), Fraction(0))
    if taken >= 1:
        raise PortfolioRefused(
            words("조건부지분인수계약의 지분 합계", "what the SAFEs take together"),
            words("100% 미만", "less than the whole company"),
        )
    whole = table.fully_diluted - table.pool
    return bonds + [
        Claim(
            holder=each.holder,
            share_class=f"safe:{key}",
            shares=parts.get(key, Fraction(0)) * whole / (1 - taken),
            preference_krw=Fraction(each.safe.amount_krw),
            seniority=top,
        )
        for key, each in table.safes.items()
    ]


def distributed(proceeds_krw: int, found: Sequence[Claim]) -> tuple[Payment, ...]:
    """The proceeds over all claims, in whole won that add up to them.

    Args:
        proceeds_krw: What is paid for the company, after costs.
        found: All claims, each holder and class once.

    Returns:
        One payment a claim, by holder and class.

    Raises:
        PortfolioRefused: A negative amount, a claim twice, or nobody who may take what is left.
        AmountRefused: No whole number of won.
    """
    total = money.whole_won(proceeds_krw, where=words("회수 대금", "exit proceeds"), least=0)
    keys = [(each.holder, each.share_class) for each in found]
    if len(set(keys)) != len(keys) or not any(each.shares for each in found):
        raise PortfolioRefused(
            words("회수 대금을 나눌 주주", "the holders to share the proceeds"),
            words("주주와 종류마다 한 줄", "one line for each holder and class, with shares"),
        )
    if sum(each.asks(Fraction(0)) for each in found) >= total:
        v, exact = Fraction(0), _by_seniority(Fraction(total), found)
    else:
        v = _common_value(Fraction(total), found)
        exact = {(each.holder, each.share_class): each.asks(v) for each in found}
    won = money.settled(exact)
    return tuple(
        Payment(claim=each, exact_krw=exact[key], krw=won[key], is_converted=each.converts(v))
        for each, key in sorted(zip(found, keys, strict=True), key=lambda pair: pair[1])
    )


def _by_seniority(left: Fraction, found: Sequence[Claim]) -> dict[tuple[str, str], Fraction]:
    """Preferences by rank, of one rank in proportion."""
    exact = {(each.holder, each.share_class): Fraction(0) for each in found}
    for rank in sorted({each.seniority for each in found}, reverse=True):
        equal = [each for each in found if each.seniority == rank]
        asked = sum((each.preference_krw for each in equal), Fraction(0))
        paid = min(asked, left)
        left -= paid
        for each in equal:
            if asked:
                exact[each.holder, each.share_class] = each.preference_krw * paid / asked
    return exact


def _common_value(total: Fraction, found: Sequence[Claim]) -> Fraction:
    """The v at which all payments add up to the proceeds: between two bends it is linear."""
    low = Fraction(0)
    for high in sorted({each for claim in found for each in claim.breaks()}):
        if high > low:
            if sum(each.asks(high) for each in found) >= total:
                break
            low = high
    at_low = sum((each.asks(low) for each in found), Fraction(0))
    one_on = low + 1 if low >= _last(found) else _next(low, found)
    at_next = sum((each.asks(one_on) for each in found), Fraction(0))
    return low + (one_on - low) * (total - at_low) / (at_next - at_low)


def _last(found: Sequence[Claim]) -> Fraction:
    return max((each for claim in found for each in claim.breaks()), default=Fraction(0))


def _next(low: Fraction, found: Sequence[Claim]) -> Fraction:
    return min(each for claim in found for each in claim.breaks() if each > low)
