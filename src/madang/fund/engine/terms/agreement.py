"""Which rules does a fund follow? Everything that partners can agree on, as values.

Nothing here is a default: each rule stands in the fund's own term file beside its source
(`reading.read`), and a version is in force from its day on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from madang.fund.engine.errors import TermsRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from fractions import Fraction


class Nature(StrEnum):
    """Whose money a partner brings."""

    PUBLIC = "public"
    PRIVATE = "private"
    MANAGER = "manager"
    """The general partner: receives the carried interest, and may have a commitment as well."""


NATURE_NAMES: dict[Nature, Words] = {
    Nature.PUBLIC: words("공공 출자자", "Public partner"),
    Nature.PRIVATE: words("민간 출자자", "Private partner"),
    Nature.MANAGER: words("업무집행조합원", "General partner"),
}


@dataclass(frozen=True, kw_only=True)
class Partner:
    """One who has a share in the fund."""

    number: int
    """From 1; ties of a division go to the smaller one."""
    name: Words
    nature: Nature
    commitment_krw: int


@dataclass(frozen=True, kw_only=True)
class Life:
    """How long the fund runs."""

    first_close: date
    investment_years: int
    """New investments are made within so many years."""
    years: int
    extension_years: int = 0

    def day(self, year: int) -> date:
        """The day on which the year of this number ends, counted from the first close."""
        return anniversary(self.first_close, year)


class Base(StrEnum):
    """What a management fee is a share of."""

    COMMITTED = "committed"
    INVESTED = "invested"
    """The cost of what is still held."""
    PAID_IN = "paid-in"


@dataclass(frozen=True, kw_only=True)
class Bracket:
    """A rate for the part of the base up to an amount."""

    upto_krw: int | None
    """None: without an end."""
    rate: Fraction
    """Of a year."""


@dataclass(frozen=True, kw_only=True)
class FeePhase:
    """The fee from a year of the fund's life on."""

    from_year: int
    """From 1."""
    base: Base
    brackets: tuple[Bracket, ...]
    whole: bool = False
    """The bracket that the whole base falls into counts for all of it; otherwise each part has
    the rate of its own bracket."""


@dataclass(frozen=True, kw_only=True)
class Fee:
    """The management fee."""

    every_months: int
    in_advance: bool
    phases: tuple[FeePhase, ...]

    def phase(self, year: int) -> FeePhase:
        """The phase in force in a year of the fund's life."""
        return [each for each in self.phases if each.from_year <= year][-1]


class Pay(StrEnum):
    """What a tier of the distribution pays."""

    CAPITAL = "capital"
    FIRST_LOSS = "first-loss"
    PREFERRED = "preferred"
    CATCH_UP = "catch-up"
    RESIDUAL = "residual"


PAY_NAMES: dict[Pay, Words] = {
    Pay.CAPITAL: words("출자 원금", "Return of capital"),
    Pay.FIRST_LOSS: words("우선손실충당분 원금", "Capital that bears the first loss"),
    Pay.PREFERRED: words("기준수익", "Preferred return"),
    Pay.CATCH_UP: words("성과보수 캐치업", "Catch-up"),
    Pay.RESIDUAL: words("초과수익", "Residual"),
}


@dataclass(frozen=True, kw_only=True)
class Hurdle:
    """A yearly return on capital that has not been returned."""

    rate: Fraction
    compounded: bool
    """What is not paid by an anniversary of the first close earns the rate as well."""


@dataclass(frozen=True, kw_only=True)
class CallOption:
    """A call option on excess return: part of what one nature would get goes to another."""

    giver: Nature
    holder: Nature
    share: Fraction


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One step of the distribution; money goes to the next when all here have their due."""

    pay: Pay
    to: tuple[Nature, ...] = tuple(Nature)
    """Whose partners take part."""
    hurdle: Hurdle | None = None
    """Of a preferred return; of a residual: it ends when all in `until` have had it."""
    until: tuple[Nature, ...] = ()
    catch_up: Fraction | None = None
    """The manager's part of each won in a catch-up."""
    carry: Fraction | None = None
    """The manager's part of the profit, in a catch-up and in a residual."""
    option: CallOption | None = None


@dataclass(frozen=True, kw_only=True)
class FirstLoss:
    """Who stands in for the loss of the others, up to a share of all that was paid in."""

    bearer: Nature
    share: Fraction


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """The waterfall."""

    by_deal: bool
    """The capital of deals that have ended (and all fees) comes first; otherwise all capital."""
    tiers: tuple[Tier, ...]
    first_loss: FirstLoss | None = None
    tax: Fraction
    """The part of the carry that a clawback leaves to the manager, because tax took it."""


@dataclass(frozen=True, kw_only=True)
class Late:
    """What happens to a partner who does not pay."""

    rate: Fraction
    """Interest of a year on what is late."""
    default_after_days: int
    forfeit: Fraction
    """The part of the defaulting partner's capital account that goes to the others."""


@dataclass(frozen=True, kw_only=True)
class CreditLine:
    """The line that bridges calls."""

    limit_krw: int
    rate: Fraction
    share_of_unfunded: Fraction
    """It never exceeds this share of what is left of the commitments."""
    repay_within_days: int


@dataclass(frozen=True, kw_only=True)
class Recycling:
    """Capital that came back may be called again."""

    share: Fraction
    """Of all commitments, at most."""
    until_year: int


@dataclass(frozen=True, kw_only=True)
class QuotaTerm:
    """A purpose into which at least a share has to go."""

    id: str
    title: Words
    measure: str
    """`early-stage`, `field`, `region`, or another tag of an investment."""
    values: tuple[str, ...]
    """Which values of the measure count; empty for `early-stage`."""
    least_share: Fraction
    base: Base
    by_year: int
    """To be reached by the end of this year of the fund's life."""


@dataclass(frozen=True, kw_only=True)
class EarlyStage:
    """When a company counts as early-stage, on the day of the first investment."""

    most_years: int
    most_revenue_krw: int | None


@dataclass(frozen=True, kw_only=True)
class RelatedParty:
    """Somebody with whom a deal of the fund is a conflict of interest."""

    name: str
    business_number: str
    """Empty where it is not known."""
    kind: str
    """`related-party` of the manager, `cross-fund` or `partner-affiliate`."""
    relation: Words


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The terms of one fund in one version."""

    id: str
    title: Words
    version: int
    effective_on: date
    parent: str
    """The fund that this is a sub-fund of; empty where it is none."""
    life: Life
    partners: tuple[Partner, ...]
    public_share_most: Fraction
    """Matching: the public part of all commitments, at most."""
    fee: Fee
    distribution: Distribution
    late: Late
    credit: CreditLine | None
    recycling: Recycling | None
    quotas: tuple[QuotaTerm, ...]
    early_stage: EarlyStage
    related: tuple[RelatedParty, ...]
    """With whom a deal has to be looked at before it is made."""
    diligence_share: Fraction
    """The part of due-diligence costs that the fund bears."""
    interim_principal: bool
    """Capital may be paid back before the quotas are reached."""
    day_count: str
    """`actual/365`, `actual/actual` or `30/360`."""
    sources: Mapping[str, str]
    """Rule → where it was agreed."""
    text: Mapping[str, Any]
    """The term file as plain data, from which a what-if starts."""
    digest: str
    """SHA-256 of the term file."""

    @property
    def commitment_krw(self) -> int:
        """All commitments together."""
        return sum(each.commitment_krw for each in self.partners)

    @property
    def manager(self) -> Partner:
        """The general partner."""
        return next(each for each in self.partners if each.nature is Nature.MANAGER)

    def partner(self, number: int) -> Partner:
        """The partner of a number.

        Raises:
            TermsRefused: The fund has none of this number.
        """
        for each in self.partners:
            if each.number == number:
                return each
        raise TermsRefused(
            words(f"조합원 {number}", f"partner {number}"),
            words(
                f"{self.title.ko}의 조합원 번호 1~{len(self.partners)}",
                f"a partner of {self.title.en}, 1 to {len(self.partners)}",
            ),
        )

    def year_of(self, on: date) -> int:
        """In which year of the fund's life a day lies, from 1."""
        year = max(1, on.year - self.life.first_close.year)
        return year + 1 if on >= anniversary(self.life.first_close, year) else year


def anniversary(first: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March where the year has none."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:
        return first.replace(year=first.year + years, month=3, day=1)
