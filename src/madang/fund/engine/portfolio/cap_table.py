"""Who holds how many shares of a company after a history of dated events?

Rounding: whoever is due a fraction of a share gets the whole shares below it and is owed the
fraction in cash, at the price of that share (`InLieu`, exact won).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import singledispatch
from typing import TYPE_CHECKING

from madang.fund.engine.errors import PortfolioRefused
from madang.fund.engine.portfolio import events as acts
from madang.fund.engine.portfolio import rounds
from madang.fund.engine.portfolio.instruments import Preferred
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

COMMON = "common"


@dataclass(frozen=True, kw_only=True)
class InLieu:
    """Cash that a holder is owed for a fraction of a share."""

    on: date
    holder: str
    fraction: Fraction
    """Of a share, from 0 to below 1."""
    krw: Fraction


@dataclass(frozen=True, kw_only=True)
class Valued:
    """What a round said the company was worth."""

    on: date
    share_class: str
    price_krw: Fraction
    pre_money_krw: Fraction
    new_money_krw: int

    @property
    def post_money_krw(self) -> Fraction:
        """Pre-money valuation and new money."""
        return self.pre_money_krw + self.new_money_krw


@dataclass(frozen=True, kw_only=True)
class CapTable:
    """The shares of a company on a day."""

    on: date | None = None
    holdings: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Holder and class → whole shares, above 0."""
    classes: Mapping[str, Preferred] = field(default_factory=dict)
    """Preferred classes with their present conversion price."""
    pool: int = 0
    """Reserved and not exercised."""
    safes: Mapping[str, acts.SafeSigned] = field(default_factory=dict)
    bonds: Mapping[str, acts.BondIssued] = field(default_factory=dict)
    in_lieu: tuple[InLieu, ...] = ()
    valued: tuple[Valued, ...] = ()
    is_closed: bool = False

    def ratio(self, share_class: str) -> Fraction:
        """Common shares for one share of a class."""
        if share_class == COMMON:
            return Fraction(1)
        return self.classes[share_class].conversion_ratio

    @property
    def outstanding(self) -> int:
        """Shares that are issued, of all classes."""
        return sum(self.holdings.values())

    @property
    def fully_diluted(self) -> Fraction:
        """All shares as converted, with the pool and the bonds.

        SAFEs are not in it: how many shares they become is known at the next priced round.
        """
        held = sum((n * self.ratio(key[1]) for key, n in self.holdings.items()), Fraction(0))
        bonds = (
            each.bond.converts_krw(self.on or each.on) / each.bond.conversion_price_krw
            for each in self.bonds.values()
        )
        return held + self.pool + sum(bonds, Fraction(0))

    def held(self, holder: str) -> int:
        """A holder's issued shares, of all classes."""
        return sum(shares for (who, _), shares in self.holdings.items() if who == holder)

    def ownership(self) -> dict[str, Fraction]:
        """Each holder's part of the issued shares; together exactly 1."""
        if not self.outstanding:
            return {}
        holders = sorted({who for who, _ in self.holdings})
        return {who: Fraction(self.held(who), self.outstanding) for who in holders}

    def ownership_diluted(self) -> dict[str, Fraction]:
        """Each holder's part of the fully diluted shares, as converted.

        The pool is held by `""`. Together exactly 1; an unconverted bond counts for its holder.
        """
        found: dict[str, Fraction] = defaultdict(Fraction)
        for (who, share_class), shares in self.holdings.items():
            found[who] += shares * self.ratio(share_class)
        for each in self.bonds.values():
            owed = each.bond.converts_krw(self.on or each.on)
            found[each.holder] += owed / each.bond.conversion_price_krw
        if self.pool:
            found[""] += self.pool
        whole = self.fully_diluted
        return {who: shares / whole for who, shares in sorted(found.items())}


def cap_table(events: Iterable[acts.Event], *, on: date | None = None) -> CapTable:
    """The table after all events up to a day; events of one day in the order given.

    Args:
        events: The history, in any order of days.
        on: The day, inclusive; None for all of it.

    Raises:
        PortfolioRefused: An event that cannot be: shares nobody has, a class that exists, the
            fraction of a share, or something after the exit.
    """
    table = CapTable()
    for event in sorted(events, key=lambda each: each.on):
        if on is not None and event.on > on:
            break
        if table.is_closed:
            raise _refused(
                f"{event.on} 회수 뒤의 변동", f"an event on {event.on} after the exit",
                "회수 전의 변동", "events before the exit",
            )  # fmt: skip
        table = applied(event, replace(table, on=event.on))
    return table if on is None else replace(table, on=on)


@singledispatch
def applied(event: object, table: CapTable) -> CapTable:
    """The table after one event.

    Raises:
        PortfolioRefused: As `cap_table`.
    """
    raise _refused(f"변동 {event!r}", f"the event {event!r}", "정해진 변동", "a known event")


@applied.register
def _founded(event: acts.Founded, table: CapTable) -> CapTable:
    if table.holdings or not event.shares:
        raise _refused("설립 주식", "founding shares", "처음 한 번의 설립", "one founding, once")
    return _moved(table, {(who, COMMON): _whole(n) for who, n in event.shares.items()})


@applied.register
def _reserved(event: acts.PoolReserved, table: CapTable) -> CapTable:
    return replace(table, pool=table.pool + _whole(event.shares))


@applied.register
def _exercised(event: acts.OptionsExercised, table: CapTable) -> CapTable:
    if _whole(event.shares) > table.pool:
        raise _refused(
            f"주식매수선택권 행사 {event.shares:,d}주", f"an exercise of {event.shares:,d} shares",
            f"남은 {table.pool:,d}주 이하", f"at most the {table.pool:,d} reserved",
        )  # fmt: skip
    table = _moved(table, {(event.holder, COMMON): event.shares})
    return replace(table, pool=table.pool - event.shares)


@applied.register
def _signed(event: acts.SafeSigned, table: CapTable) -> CapTable:
    _new(event.id, table.safes)
    return replace(table, safes={**table.safes, event.id: event})


@applied.register
def _issued(event: acts.BondIssued, table: CapTable) -> CapTable:
    _new(event.id, table.bonds)
    return replace(table, bonds={**table.bonds, event.id: event})


@applied.register
def _bond_converted(event: acts.BondConverted, table: CapTable) -> CapTable:
    if event.id not in table.bonds:
        raise _refused(
            f"전환사채 {event.id!r}", f"the bond {event.id!r}",
            ", ".join(table.bonds) or "발행된 사채", ", ".join(table.bonds) or "an issued bond",
        )  # fmt: skip
    issued = table.bonds[event.id]
    price = issued.bond.conversion_price_krw
    exact = issued.bond.converts_krw(event.on) / price
    left = {key: each for key, each in table.bonds.items() if key != event.id}
    return _given(replace(table, bonds=left), issued.holder, COMMON, exact=exact, price=price)


@applied.register
def _converted(event: acts.Converted, table: CapTable) -> CapTable:
    if event.share_class not in table.classes:
        raise _refused(
            f"전환할 주식 {event.share_class!r}", f"shares of {event.share_class!r} to convert",
            ", ".join(table.classes) or "우선주", ", ".join(table.classes) or "preferred shares",
        )  # fmt: skip
    terms = table.classes[event.share_class]
    price = terms.conversion_price_krw or terms.issue_price_krw
    left = _moved(table, {(event.holder, event.share_class): -_whole(event.shares)})
    exact = event.shares * terms.conversion_ratio
    return _given(left, event.holder, COMMON, exact=exact, price=price)


@applied.register
def _transferred(event: acts.Transferred, table: CapTable) -> CapTable:
    shares = _whole(event.shares)
    gone = _moved(table, {(event.giver, event.share_class): -shares})
    return _moved(gone, {(event.taker, event.share_class): shares})


@applied.register
def _exited(event: acts.Exited, table: CapTable) -> CapTable:
    return replace(table, is_closed=True)


@applied.register
def _split(event: acts.Split, table: CapTable) -> CapTable:
    by = Fraction(_whole(event.new), _whole(event.old))
    found = replace(
        table,
        holdings={},
        pool=int(table.pool * by),
        classes={key: _repriced(each, by) for key, each in table.classes.items()},
        bonds={
            key: replace(
                each,
                bond=replace(each.bond, conversion_price_krw=each.bond.conversion_price_krw / by),
            )
            for key, each in table.bonds.items()
        },
    )
    for (who, share_class), shares in table.holdings.items():
        price = _last_price(table, share_class) / by
        found = _given(found, who, share_class, exact=shares * by, price=price)
    return replace(
        found, valued=tuple(replace(v, price_krw=v.price_krw / by) for v in table.valued)
    )


def _repriced(terms: Preferred, by: Fraction) -> Preferred:
    price = terms.conversion_price_krw
    return replace(
        terms,
        issue_price_krw=terms.issue_price_krw / by,
        conversion_price_krw=price / by if price else None,
    )


def _last_price(table: CapTable, share_class: str) -> Fraction:
    """What a fraction is paid by in a split: the last round's price, or the class's own."""
    if share_class in table.classes:
        return table.classes[share_class].issue_price_krw
    return table.valued[-1].price_krw if table.valued else Fraction(0)


@applied.register
def _round(event: acts.Round, table: CapTable) -> CapTable:
    is_preferred = isinstance(event.terms, Preferred)
    if is_preferred == (event.share_class == COMMON) or event.share_class in table.classes:
        raise _refused(
            f"주식 종류 {event.share_class!r}", f"the class {event.share_class!r}",
            "보통주는 common, 우선주는 새 이름", "common for common shares, else a new name",
        )  # fmt: skip
    for paid in event.paid.values():
        _whole(paid)
    given = event.pre_money_krw
    priced = rounds.pricing(
        {key: each.safe for key, each in table.safes.items()},
        shares=table.fully_diluted,
        pool_added=event.pool_added,
        pre_money_krw=given,
        price_krw=None if given is not None else event.terms.issue_price_krw,
    )
    before = table
    table = _safes_converted(event, table, priced)
    if isinstance(event.terms, Preferred):
        fresh = replace(event.terms, issue_price_krw=priced.price_krw)
        table = replace(table, classes={**table.classes, event.share_class: fresh})
    issued = 0
    for who, paid in event.paid.items():
        exact = paid / priced.price_krw
        issued += int(exact)
        table = _given(table, who, event.share_class, exact=exact, price=priced.price_krw)
    table = _protected(table, before, priced, issued)
    told = Valued(
        on=event.on,
        share_class=event.share_class,
        price_krw=priced.price_krw,
        pre_money_krw=priced.price_krw * (priced.capitalization + event.pool_added),
        new_money_krw=sum(event.paid.values()),
    )
    pool = table.pool + event.pool_added
    return replace(table, pool=pool, valued=(*table.valued, told))


def _safes_converted(event: acts.Round, table: CapTable, priced: rounds.Pricing) -> CapTable:
    """SAFEs become shares of the round's kind, with their own price as issue price."""
    signed = table.safes
    table = replace(table, safes={})
    for key, each in signed.items():
        price, name = priced.safe_price(key, each.safe), COMMON
        if isinstance(event.terms, Preferred):
            name = f"{event.share_class}-{key}"
            _new(name, table.classes)
            terms = replace(event.terms, issue_price_krw=price, conversion_price_krw=None)
            table = replace(table, classes={**table.classes, name: terms})
        table = _given(table, each.holder, name, exact=priced.safe_shares[key], price=price)
    return table


def _protected(
    table: CapTable, before: CapTable, priced: rounds.Pricing, new_shares: int
) -> CapTable:
    """Older classes with an anti-dilution rule, at their new conversion price."""
    as_converted = (
        n * before.ratio(key[1]) for key, n in before.holdings.items() if key[1] != COMMON
    )
    narrow = sum(as_converted, Fraction(0))
    found = dict(table.classes)
    for name, terms in before.classes.items():
        old = terms.conversion_price_krw or terms.issue_price_krw
        new = rounds.new_conversion_price(
            terms.anti_dilution,
            old,
            price_krw=priced.price_krw,
            new_shares=new_shares,
            broad_shares=priced.capitalization,
            narrow_shares=narrow,
        )
        if new != old:
            found[name] = replace(terms, conversion_price_krw=new)
    return replace(table, classes=found)


def _given(
    table: CapTable, holder: str, share_class: str, *, exact: Fraction, price: Fraction
) -> CapTable:
    """Whole shares to a holder, and the fraction as cash owed."""
    shares = int(exact)
    if fraction := exact - shares:
        owed = InLieu(
            on=table.on or _never(), holder=holder, fraction=fraction, krw=fraction * price
        )
        table = replace(table, in_lieu=(*table.in_lieu, owed))
    return _moved(table, {(holder, share_class): shares})


def _moved(table: CapTable, by: Mapping[tuple[str, str], int]) -> CapTable:
    found = dict(table.holdings)
    for key, shares in by.items():
        left = found.pop(key, 0) + shares
        if left < 0:
            raise _refused(
                f"{key[0]}: {key[1]} {-shares:,d}주", f"{-shares:,d} of {key[1]} by {key[0]}",
                f"가진 {left - shares:,d}주 이하", f"at most the {left - shares:,d} held",
            )  # fmt: skip
        if left:
            found[key] = left
    return replace(table, holdings=found)


def _whole(number: int) -> int:
    if type(number) is not int or number <= 0:
        raise _refused(f"수량 {number!r}", f"the number {number!r}", "1 이상의 정수", "1 or more")
    return number


def _new(name: str, known: Mapping[str, object]) -> None:
    if name in known:
        raise _refused(f"이미 있는 {name!r}", f"{name!r} again", "새 이름", "a new name")


def _never() -> date:
    raise AssertionError("an event has a day")


def _refused(ko: str, en: str, expected_ko: str, expected_en: str) -> PortfolioRefused:
    return PortfolioRefused(words(ko, en), words(expected_ko, expected_en))
