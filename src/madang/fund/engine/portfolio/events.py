"""What can happen to the shares of a company, and on which day?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from madang.fund.engine.portfolio.instruments import (
        Common,
        ConvertibleBond,
        Preferred,
        Safe,
    )


@dataclass(frozen=True, kw_only=True)
class Founded:
    """The first common shares."""

    on: date
    shares: Mapping[str, int]
    """By holder."""


@dataclass(frozen=True, kw_only=True)
class PoolReserved:
    """Shares set aside for options; not outstanding until exercised."""

    on: date
    shares: int


@dataclass(frozen=True, kw_only=True)
class OptionsExercised:
    """Reserved shares become somebody's common shares."""

    on: date
    holder: str
    shares: int


@dataclass(frozen=True, kw_only=True)
class SafeSigned:
    """Money for shares at the next priced round."""

    on: date
    id: str
    holder: str
    safe: Safe


@dataclass(frozen=True, kw_only=True)
class BondIssued:
    """A convertible bond."""

    on: date
    id: str
    holder: str
    bond: ConvertibleBond


@dataclass(frozen=True, kw_only=True)
class BondConverted:
    """A bond becomes common shares at its conversion price."""

    on: date
    id: str


@dataclass(frozen=True, kw_only=True)
class Round:
    """New shares for new money; all SAFEs convert in it."""

    on: date
    share_class: str
    """Name of the new class; `common` for common shares."""
    terms: Common | Preferred
    """Its issue price is the agreed price, unless `pre_money_krw` sets it."""
    paid: Mapping[str, int]
    """Won, by investor."""
    pre_money_krw: int | None = None
    """Valuation before the new money, of all shares fully diluted, SAFEs and `pool_added`."""
    pool_added: int = 0


@dataclass(frozen=True, kw_only=True)
class Converted:
    """Preferred shares become common shares."""

    on: date
    holder: str
    share_class: str
    shares: int


@dataclass(frozen=True, kw_only=True)
class Transferred:
    """Shares change hands."""

    on: date
    giver: str
    taker: str
    share_class: str
    shares: int


@dataclass(frozen=True, kw_only=True)
class Split:
    """Each `old` shares become `new`; prices move the other way."""

    on: date
    new: int
    old: int = 1


@dataclass(frozen=True, kw_only=True)
class Exited:
    """The company is sold or closed; its table changes no more."""

    on: date
    note: str = field(default="")


Event: TypeAlias = (
    Founded
    | PoolReserved
    | OptionsExercised
    | SafeSigned
    | BondIssued
    | BondConverted
    | Round
    | Converted
    | Transferred
    | Split
    | Exited
)
