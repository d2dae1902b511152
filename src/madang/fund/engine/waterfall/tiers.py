"""How does money run through the tiers? Exact fractions for each partner and tier, then whole won.

Money fills one tier after the other. Within a tier everyone gets a part in proportion to what is
due there (capital and preferred return), or to what was paid in (catch-up and residual).
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine import money
from madang.fund.engine.terms.agreement import Pay
from madang.fund.engine.waterfall.standing import Goal, Lot, Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from madang.fund.engine.terms.agreement import Tier

CARRY = 0
"""The place of the manager's carry in a part: it is no partner's capital."""


class Part(NamedTuple):
    """What one partner gets in one tier."""

    tier: int
    """Its place in the agreement, from 0."""
    lot: Lot
    carry: bool = False
    """The manager's carried interest, not a partner's share."""


class Allotment(NamedTuple):
    """How an amount is divided."""

    amount_krw: int
    exact: Mapping[Part, Fraction]
    """Each above 0; together they are the amount."""
    won: Mapping[Part, int]
    """The same in whole won, none a whole won away from the exact one; may be 0."""

    def partner(self, number: int) -> int:
        """What a partner gets, carry left out, in won."""
        return sum(
            won for part, won in self.won.items() if part.lot.partner == number and not part.carry
        )

    def by_partner(self) -> dict[int, int]:
        """What each partner gets, carry left out, in won; those who get nothing are left out."""
        found: dict[int, int] = {}
        for part, won in self.won.items():
            if not part.carry:
                found[part.lot.partner] = found.get(part.lot.partner, 0) + won
        return found

    @property
    def carry(self) -> int:
        """The manager's carried interest, in won."""
        return sum(won for part, won in self.won.items() if part.carry)


def allot(
    standing: Standing, amount_krw: int, *, released: Collection[str] | None = None
) -> Allotment:
    """Divide an amount by the tiers, as of the standing's day, and change nothing.

    Args:
        standing: Brought to the day of the distribution.
        amount_krw: What is distributed, in won.
        released: The deals whose capital comes first, in a deal-by-deal fund; None takes those
            that have ended.
    """
    deals = standing.released if released is None else released
    run = _Run(standing, deals, amount_krw)
    for place, tier in enumerate(standing.agreement.distribution.tiers):
        if run.left <= 0:
            break
        _FILLS[tier.pay](run, place, tier)
    if run.left:
        raise ValueError(f"{run.left} of {amount_krw} found no taker")
    return Allotment(amount_krw, run.exact, settled(run.exact))


def settled(exact: Mapping[Part, Fraction]) -> dict[Part, int]:
    """Whole won of exact parts: first of each taker's sum, then of its tiers.

    A taker's sum is within one won of the exact one, and so is each of its tiers.
    """
    # Integers over one denominator: comparing fractions is most of the time otherwise.
    whole = lcm(*{amount.denominator for amount in exact.values()})
    parts: dict[tuple[int, bool], dict[Part, int]] = {}
    for part, amount in exact.items():
        own = parts.setdefault((part.lot.partner, part.carry), {})
        own[part] = amount.numerator * (whole // amount.denominator)
    sums = {taker: Fraction(sum(own.values()), whole) for taker, own in parts.items()}
    won: dict[Part, int] = {}
    for taker, total in money.settled(sums).items():
        own = parts[taker]
        floors = {part: units // whole for part, units in own.items()}
        over = total - sum(floors.values())
        if over > len(own) or over < 0:
            raise ValueError(f"{total} won for {sums[taker]}")
        if over:
            for part in sorted(own, key=lambda part: (-(own[part] % whole), part))[:over]:
                floors[part] += 1
        won |= floors
    return won


class _Run:
    """An amount on its way down."""

    def __init__(self, standing: Standing, deals: Collection[str], amount_krw: int) -> None:
        self.standing = standing
        self.lots = standing.waiting(deals)
        self.left = Fraction(amount_krw)
        self.exact: dict[Part, Fraction] = {}
        self.profit = Fraction(standing.profit)
        self.carry = Fraction(standing.carry)
        self.gained: dict[int, Fraction] = {}
        """Profit of each partner in this run, which counts towards a residual's end."""
        self.held_back = _held_back(standing)

    def give(self, part: Part, amount: Fraction) -> None:
        """Put an amount where it belongs."""
        self._put(part, amount)
        self.left -= amount

    def _put(self, part: Part, amount: Fraction) -> None:
        if amount:
            before = self.exact.get(part)
            self.exact[part] = before + amount if before else amount

    def fill(self, place: int, dues: Mapping[Lot, Fraction | int], *, profit: bool) -> None:
        """Give lots what is due to them, or the same part of it where the money ends."""
        total = Fraction(sum(dues.values()))
        if not total:
            return
        given = min(self.left, total)
        part_of = given / total
        over, under = part_of.numerator, part_of.denominator
        for lot, due in dues.items():
            amount = Fraction(due.numerator * over, due.denominator * under)
            self._put(Part(place, lot), amount)
            if profit:
                self.gained[lot.partner] = self.gained.get(lot.partner, 0) + amount
        self.left -= given
        if profit:
            self.profit += given

    def share(self, place: int, amount: Fraction, natures: Collection[int]) -> None:
        """Divide profit among partners by what they paid in."""
        for partner, part_of in self.weights(natures).items():
            self.gain(place, partner, amount * part_of)

    def gain(self, place: int, partner: int, amount: Fraction) -> None:
        self.give(Part(place, Lot(partner)), amount)
        self.profit += amount
        self.gained[partner] = self.gained.get(partner, Fraction(0)) + amount

    def weights(self, natures: Collection[int]) -> dict[int, Fraction]:
        """Each partner's part of what was paid in."""
        paid = {
            number: amount
            for number, amount in sorted(self.standing.paid_in.items())
            if number in natures and amount > 0
        }
        whole = sum(paid.values())
        return {number: Fraction(amount, whole) for number, amount in paid.items()}

    def pay_carry(self, place: int, amount: Fraction) -> None:
        self.give(Part(place, Lot(self.standing.manager), carry=True), amount)
        self.carry += amount


def _held_back(standing: Standing) -> dict[Lot, Fraction]:
    """The capital of the first-loss bearer that waits until all others have theirs."""
    rule = standing.agreement.distribution.first_loss
    if rule is None:
        return {}
    bearers = standing.of_nature((rule.bearer,))
    open_capital = {
        lot: account.capital
        for lot, account in standing.lots.items()
        if lot.partner in bearers and account.capital > 0
    }
    whole = sum(open_capital.values())
    if not whole:
        return {}
    most = min(rule.share * sum(standing.paid_in.values()), Fraction(whole))
    return {lot: most * capital / whole for lot, capital in open_capital.items()}


def _capital(run: _Run, place: int, tier: Tier) -> None:
    takers = run.standing.of_nature(tier.to)
    already = _given(run, Pay.CAPITAL)
    dues = {
        lot: due
        for lot in run.lots
        if lot.partner in takers and (due := _open_capital(run, lot) - already.get(lot, 0)) > 0
    }
    run.fill(place, dues, profit=False)


def _open_capital(run: _Run, lot: Lot) -> Fraction | int:
    """What a lot has paid in and not got back, first-loss capital left out."""
    return run.standing.lots[lot].capital - run.held_back.get(lot, 0)


def _first_loss(run: _Run, place: int, tier: Tier) -> None:
    run.fill(
        place, {lot: run.held_back[lot] for lot in run.lots if lot in run.held_back}, profit=False
    )


def _given(run: _Run, pay: Pay) -> dict[Lot, Fraction]:
    """What earlier tiers of a kind gave to lots in this run."""
    tiers = run.standing.agreement.distribution.tiers
    found: dict[Lot, Fraction] = {}
    for part, amount in run.exact.items():
        if tiers[part.tier].pay is pay and not part.carry:
            found[part.lot] = found.get(part.lot, Fraction(0)) + amount
    return found


def _preferred(run: _Run, place: int, tier: Tier) -> None:
    if tier.hurdle is None:
        raise ValueError(f"tier {place} has no rate")
    takers = run.standing.of_nature(tier.to)
    goal = Goal(tier.hurdle, preferred=True)
    already = _given(run, Pay.PREFERRED)
    dues = {
        lot: due
        for lot in run.lots
        if lot.partner in takers and (due := run.standing.due(lot, goal) - already.get(lot, 0)) > 0
    }
    run.fill(place, dues, profit=True)


def _catch_up(run: _Run, place: int, tier: Tier) -> None:
    if tier.catch_up is None or tier.carry is None:
        raise ValueError(f"tier {place} has no catch-up")
    # Until carry / (carry + profit) is what was agreed: the equation solved for the money needed.
    missing = tier.carry * (run.profit + run.carry) - run.carry
    if missing <= 0:
        return
    amount = min(run.left, missing / (tier.catch_up - tier.carry))
    run.pay_carry(place, amount * tier.catch_up)
    run.share(place, amount * (1 - tier.catch_up), run.standing.of_nature(tier.to))


def _residual(run: _Run, place: int, tier: Tier) -> None:
    if tier.carry is None:
        raise ValueError(f"tier {place} has no carry")
    takers = run.standing.of_nature(tier.to)
    weights = run.weights(takers)
    amount = run.left
    if tier.until:
        amount = min(amount, _upto(run, tier, weights))
    partners = amount * (1 - tier.carry)
    run.pay_carry(place, amount - partners)
    given = {partner: partners * part_of for partner, part_of in weights.items()}
    if tier.option:
        given = _optioned(run, tier, given)
    for partner in sorted(given):
        run.gain(place, partner, given[partner])


def _upto(run: _Run, tier: Tier, weights: Mapping[int, Fraction]) -> Fraction:
    """The money after which all partners named in `until` have had their return."""
    if tier.hurdle is None or tier.carry is None:
        raise ValueError("a residual with an end has a rate")
    goal = Goal(tier.hurdle, preferred=False)
    named = run.standing.of_nature(tier.until)
    missing: dict[int, Fraction] = {}
    for lot in run.lots:
        if lot.partner in named:
            due = run.standing.due(lot, goal)
            missing[lot.partner] = missing.get(lot.partner, Fraction(0)) + due
    needs = [
        (missing.get(partner, Fraction(0)) - run.gained.get(partner, Fraction(0)))
        / ((1 - tier.carry) * weights[partner])
        for partner in named
        if partner in weights
    ]
    return max(max(needs, default=Fraction(0)), Fraction(0))


def _optioned(run: _Run, tier: Tier, given: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """Shares after the holders of a call option have taken their part of the givers' shares."""
    option = tier.option
    holders = run.weights(run.standing.of_nature((option.holder,))) if option else {}
    if option is None or not holders:
        return dict(given)
    givers = run.standing.of_nature((option.giver,))
    found = dict(given)
    taken = Fraction(0)
    for partner in givers & set(found):
        part = found[partner] * option.share
        found[partner] -= part
        taken += part
    for partner, part_of in holders.items():
        found[partner] = found.get(partner, Fraction(0)) + taken * part_of
    return found


_FILLS = {
    Pay.CAPITAL: _capital,
    Pay.FIRST_LOSS: _first_loss,
    Pay.PREFERRED: _preferred,
    Pay.CATCH_UP: _catch_up,
    Pay.RESIDUAL: _residual,
}


def distribute(
    standing: Standing, on: date, amount_krw: int, *, released: Collection[str] | None = None
) -> Allotment:
    """Divide an amount by the tiers and let everyone receive it.

    Args:
        standing: Told of everything before.
        on: The day of the distribution.
        amount_krw: In won.
        released: As `allot`.
    """
    standing.bring_to(on)
    found = allot(standing, amount_krw, released=released)
    take(standing, on, found)
    return found


def take(standing: Standing, on: date, found: Allotment) -> None:
    """Let everyone receive what was allotted."""
    tiers = standing.agreement.distribution.tiers
    for part, won in found.won.items():
        pay = tiers[part.tier].pay
        if part.carry:
            standing.carry += won
        elif pay in (Pay.CAPITAL, Pay.FIRST_LOSS):
            standing.receive(on, part.lot, capital=won)
        elif pay is Pay.PREFERRED:
            standing.receive(on, part.lot, preferred=won)
        else:
            standing.receive(on, part.lot, residual=won)
