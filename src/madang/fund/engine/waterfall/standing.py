"""Where does every partner stand on a day? Capital not returned, return due, profit received.

A `Standing` goes through a fund's flows day by day. Whole won stand in it for everything that was
paid; returns that accrue are exact: integers over a common denominator, which is a day's share of
the rate and grows by the same factor with each anniversary where the return is compounded.

The preferred return accrues on capital that was not returned; receipts go first to capital, then
to the return due. What partners received as residual never counts as preferred return of later
calls: at the end, `clawback` computes the entitlements again over everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from madang.fund.engine import day_count
from madang.fund.engine.terms.agreement import Hurdle, Pay, anniversary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from madang.fund.engine.terms.agreement import Agreement, Nature


class Lot(NamedTuple):
    """Capital of one partner; in a fund that distributes deal by deal, for one deal."""

    partner: int
    deal: str = ""
    """The company, or empty for fees and expenses; always empty in a whole-fund waterfall."""


class Goal(NamedTuple):
    """A return that is measured: of a preferred tier, or up to which a residual goes."""

    hurdle: Hurdle
    preferred: bool
    """Only preferred return counts towards it; otherwise every profit does."""


@dataclass(slots=True)
class _Accrual:
    """The return of one goal on one lot, in units of 1/`scale` won."""

    since: int
    """The day (ordinal) up to which it has accrued."""
    scale: int
    accrued: int = 0
    capitalised: int = 0
    """The part, not yet received, that earns the rate as well."""
    year: int = 1
    """The anniversary of the first close that comes next."""


@dataclass(slots=True)
class Account:
    """One lot: what was paid in, what came back, in whole won."""

    paid_in: int = 0
    returned: int = 0
    """Of what was paid in."""
    preferred: int = 0
    """Received as preferred return."""
    profit: int = 0
    """Received beyond capital, preferred return included."""
    accruals: list[_Accrual] = field(default_factory=list)
    """In the order of `Standing.goals`."""
    day: date | None = None
    """Up to which all of them have accrued."""

    @property
    def capital(self) -> int:
        """Paid in and not returned."""
        return self.paid_in - self.returned

    def copy(self) -> Account:
        """Another one that stands where this one does."""
        accruals = [
            _Accrual(each.since, each.scale, each.accrued, each.capitalised, each.year)
            for each in self.accruals
        ]
        return Account(
            self.paid_in, self.returned, self.preferred, self.profit, accruals, self.day
        )


def _counted(account: Account, goal: Goal) -> int:
    """What was received of a goal's return, in won."""
    return account.preferred if goal.preferred else account.profit


class Standing:
    """All lots of a fund, on the day up to which flows were told.

    Args:
        agreement: The terms in force.
    """

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.by_deal = agreement.distribution.by_deal
        self.natures = {each.number: each.nature for each in agreement.partners}
        self.manager = agreement.manager.number
        found = [
            Goal(tier.hurdle, tier.pay is Pay.PREFERRED)
            for tier in agreement.distribution.tiers
            if tier.hurdle
        ]
        self.goals = tuple(dict.fromkeys(found))
        self.per_year = day_count.PER_YEAR[agreement.day_count]
        self.lots: dict[Lot, Account] = {}
        self._open: dict[str, dict[Lot, None]] = {}
        """By deal, the lots that still have something to get: few of those of a long life."""
        self.released = {""}
        self.day: date | None = None
        self.paid_in: dict[int, int] = {}
        self.profit = 0
        """Of all partners, carry left out."""
        self.carry = 0

    # What happens ----------------------------------------------------------------------------

    def pay_in(self, on: date, amounts: Mapping[int, int], deal: str = "") -> None:
        """Partners pay in.

        Args:
            on: The day on which the money came.
            amounts: Won by partner number.
            deal: What it is for; only a deal-by-deal waterfall looks at it.
        """
        self._turn(on)
        key = deal if self.by_deal else ""
        for partner, amount in amounts.items():
            account = self._account(Lot(partner, key), on)
            account.paid_in += amount
            self._look(Lot(partner, key), account)
            self.paid_in[partner] = self.paid_in.get(partner, 0) + amount

    def release(self, deals: Iterable[str]) -> None:
        """Deals have ended, by an exit or a write-off: their capital comes back first now."""
        self.released.update(deals)

    def receive(
        self, on: date, lot: Lot, *, capital: int = 0, preferred: int = 0, residual: int = 0
    ) -> None:
        """A partner gets whole won, as return of capital, preferred return or more than that."""
        self._turn(on)
        account = self._account(lot, on)
        account.returned += capital
        account.preferred += preferred
        account.profit += preferred + residual
        self.profit += preferred + residual
        for goal, accrual in zip(self.goals, account.accruals, strict=True):
            counts = preferred if goal.preferred else preferred + residual
            # What was due longest is received first, so that it stops earning the rate.
            accrual.capitalised = max(accrual.capitalised - counts * accrual.scale, 0)
        self._look(lot, account)

    def transfer(self, on: date, giver: int, taker: int, share: Fraction) -> None:
        """A partner's interest goes to another one in part or whole, with its history."""
        self._turn(on)
        for lot in [each for each in self.lots if each.partner == giver]:
            self._share_lot(on, lot, Lot(taker, lot.deal), share)
        for number in (giver, taker):
            self.paid_in[number] = sum(
                account.paid_in for lot, account in self.lots.items() if lot.partner == number
            )

    def _share_lot(self, on: date, of: Lot, to: Lot, share: Fraction) -> None:
        old, new = self._account(of, on), self._account(to, on)
        for name in ("paid_in", "returned", "preferred", "profit"):
            moved = int(getattr(old, name) * share)
            setattr(old, name, getattr(old, name) - moved)
            setattr(new, name, getattr(new, name) + moved)
        for mine, theirs in zip(old.accruals, new.accruals, strict=True):
            # Both stand on the same day, so they are written in the same units.
            accrued, capitalised = int(mine.accrued * share), int(mine.capitalised * share)
            mine.accrued, theirs.accrued = mine.accrued - accrued, theirs.accrued + accrued
            mine.capitalised -= capitalised
            theirs.capitalised += capitalised
        for lot, account in ((of, old), (to, new)):
            self._look(lot, account)

    def _look(self, lot: Lot, account: Account) -> None:
        """Keep a lot that changed among those with something to get, or no longer."""
        has = account.capital or any(
            accrual.accrued > _counted(account, goal) * accrual.scale
            for goal, accrual in zip(self.goals, account.accruals, strict=True)
        )
        if has:
            self._open.setdefault(lot.deal, {})[lot] = None
        else:
            self._open.get(lot.deal, {}).pop(lot, None)

    # How it accrues --------------------------------------------------------------------------

    def _turn(self, on: date) -> None:
        if self.day is not None and on < self.day:
            raise ValueError(f"flows go by day: {on} after {self.day}")
        self.day = on

    def _account(self, lot: Lot, on: date) -> Account:
        """The account of a lot, with everything accrued up to a day."""
        account = self.lots.get(lot)
        if account is None:
            account = self.lots[lot] = Account()
            account.accruals = [
                _Accrual(since=on.toordinal(), scale=goal.hurdle.rate.denominator * self.per_year)
                for goal in self.goals
            ]
        if account.day != on:
            for goal, accrual in zip(self.goals, account.accruals, strict=True):
                if goal.hurdle.compounded:
                    self._compound(account, goal, accrual, on)
                self._grow(account, goal.hurdle, accrual, on.toordinal())
            account.day = on
        return account

    def _grow(self, account: Account, hurdle: Hurdle, accrual: _Accrual, until: int) -> None:
        """Simple growth within one year."""
        if accrual.since < until and (account.capital or accrual.capitalised):
            unit = hurdle.rate.denominator * self.per_year
            days = day_count.units(
                self.agreement.day_count,
                date.fromordinal(accrual.since),
                date.fromordinal(until),
            )
            # In units of 1/scale and divided by `unit`: exact, because capital is whole won and
            # `capitalised` got its factor `unit` at the anniversary.
            base = account.capital * (accrual.scale // unit) + accrual.capitalised // unit
            accrual.accrued += base * hurdle.rate.numerator * days
        accrual.since = max(accrual.since, until)

    def _compound(self, account: Account, goal: Goal, accrual: _Accrual, on: date) -> None:
        unit = goal.hurdle.rate.denominator * self.per_year
        received = _counted(account, goal)
        first = self.agreement.life.first_close
        while (turn := anniversary(first, accrual.year)) <= on:
            self._grow(account, goal.hurdle, accrual, turn.toordinal())
            accrual.year += 1
            accrual.scale *= unit
            accrual.accrued *= unit
            accrual.capitalised = max(accrual.accrued - received * accrual.scale, 0)

    # What it says ----------------------------------------------------------------------------

    def bring_to(self, on: date) -> None:
        """Let everything accrue up to a day: each lot does so once it is looked at."""
        self._turn(on)

    def waiting(self, deals: Collection[str]) -> list[Lot]:
        """The lots of deals with capital or a return to get, in the order of their names."""
        return sorted(lot for deal in deals for lot in self._open.get(deal, ()))

    def due(self, lot: Lot, goal: Goal) -> Fraction:
        """What a lot has earned of a goal and not received, as of the last day told."""
        account = self._account(lot, self.day) if self.day else self.lots[lot]
        accrual = account.accruals[self.goals.index(goal)]
        missing = accrual.accrued - _counted(account, goal) * accrual.scale
        return Fraction(missing, accrual.scale) if missing > 0 else Fraction(0)

    def copy(self) -> Standing:
        """Another one that stands where this one does."""
        found = Standing.__new__(Standing)
        # By hand: there may be a lot for each partner and deal, and a general copy of so many
        # takes longer than a whole distribution.
        found.__dict__ = self.__dict__ | {
            "lots": {lot: account.copy() for lot, account in self.lots.items()},
            "_open": {deal: dict(lots) for deal, lots in self._open.items()},
            "released": set(self.released),
            "paid_in": dict(self.paid_in),
        }
        return found

    def of_nature(self, natures: Iterable[Nature]) -> set[int]:
        """The numbers of the partners of these natures."""
        wanted = set(natures)
        return {number for number, nature in self.natures.items() if nature in wanted}
