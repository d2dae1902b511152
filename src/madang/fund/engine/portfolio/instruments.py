"""On which terms was the money given: common shares, RCPS, a convertible bond or a SAFE?

Every instrument is a frozen value of its parameters; rates and prices are exact fractions.

Source: 상법 제345조 (redemption), 제346조 (conversion), 제513조 (convertible bonds); 벤처투자
촉진에 관한 법률 제2조 (조건부지분인수계약); Y Combinator, Post-Money SAFE User Guide (2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from madang.fund.engine.errors import PortfolioRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from datetime import date

AntiDilution: TypeAlias = Literal["none", "full-ratchet", "broad-based", "narrow-based"]
ANTI_DILUTION: tuple[AntiDilution, ...] = ("none", "full-ratchet", "broad-based", "narrow-based")


@dataclass(frozen=True, kw_only=True)
class Common:
    """Common shares (보통주): they share in what is left, and have one vote each."""

    issue_price_krw: Fraction
    """What one share cost."""

    def __post_init__(self) -> None:
        above_zero(self.issue_price_krw, words("보통주 발행가", "issue price of the shares"))


@dataclass(frozen=True, kw_only=True)
class Preferred:
    """Redeemable convertible preferred shares (RCPS, 상환전환우선주)."""

    issue_price_krw: Fraction
    """What one share cost; the preference is a multiple of it."""
    conversion_price_krw: Fraction | None = None
    """One share becomes `issue price / conversion price` common shares; None: one for one."""
    preference: Fraction = Fraction(1)
    """How many times the issue price is paid before those behind get anything."""
    is_participating: bool = False
    """Whether the holder also shares in the rest beside the common shares, without conversion."""
    participation_cap: Fraction | None = None
    """At most so many times the issue price in all when participating; None: no cap."""
    seniority: int = 1
    """The larger number is paid first; equal numbers share in proportion."""
    anti_dilution: AntiDilution = "none"
    redemption_rate: Fraction = Fraction(0)
    """Simple yearly interest on redemption."""
    redeemable_from: date | None = None
    """From this day redemption may be asked; None: never."""

    def __post_init__(self) -> None:
        above_zero(self.issue_price_krw, words("우선주 발행가", "issue price of the RCPS"))
        if self.conversion_price_krw is not None:
            above_zero(self.conversion_price_krw, words("전환가", "conversion price"))
        _not_negative(self.preference, words("잔여재산 우선배수", "liquidation preference"))
        _not_negative(self.redemption_rate, words("상환이율", "redemption rate"))
        if self.anti_dilution not in ANTI_DILUTION:
            raise PortfolioRefused(
                words(f"희석방지 {self.anti_dilution!r}", f"anti-dilution {self.anti_dilution!r}"),
                words(", ".join(ANTI_DILUTION), "one of " + ", ".join(ANTI_DILUTION)),
            )
        if self.participation_cap is not None and (
            not self.is_participating or self.participation_cap < self.preference
        ):
            raise PortfolioRefused(
                words(f"참가 한도 {self.participation_cap}", f"the cap {self.participation_cap}"),
                words(
                    "참가형 우선주, 우선배수 이상의 한도",
                    "participating shares and a cap from the preference on",
                ),
            )

    @property
    def conversion_ratio(self) -> Fraction:
        """Common shares for one preferred share."""
        if self.conversion_price_krw is None:
            return Fraction(1)
        return self.issue_price_krw / self.conversion_price_krw


@dataclass(frozen=True, kw_only=True)
class ConvertibleBond:
    """A bond that its holder may turn into common shares (CB, 전환사채)."""

    principal_krw: int
    coupon: Fraction
    """Simple yearly interest; it buys shares too where `converts_interest`."""
    issued_on: date
    matures_on: date
    conversion_price_krw: Fraction
    converts_interest: bool = False

    def __post_init__(self) -> None:
        above_zero(self.principal_krw, words("전환사채 원금", "principal of the bond"))
        above_zero(self.conversion_price_krw, words("전환가", "conversion price"))
        _not_negative(self.coupon, words("표면이율", "coupon"))
        if self.matures_on <= self.issued_on:
            raise PortfolioRefused(
                words(f"만기일 {self.matures_on}", f"maturity on {self.matures_on}"),
                words(f"발행일 {self.issued_on} 뒤의 날", f"a day after issue {self.issued_on}"),
            )

    def owed_krw(self, on: date) -> Fraction:
        """Principal and simple interest (actual/365) up to a day, at the latest to maturity."""
        days = max((min(on, self.matures_on) - self.issued_on).days, 0)
        return self.principal_krw * (1 + self.coupon * Fraction(days, 365))

    def converts_krw(self, on: date) -> Fraction:
        """What the holder may pay for shares with on that day."""
        return self.owed_krw(on) if self.converts_interest else Fraction(self.principal_krw)


@dataclass(frozen=True, kw_only=True)
class Safe:
    """A post-money SAFE (조건부지분인수계약): money now, shares at the next priced round."""

    amount_krw: int
    cap_krw: int | None = None
    """Post-money valuation cap: the holder gets at least `amount / cap` of the company before
    the new money. Post-money means: after all SAFEs, before the round."""
    discount: Fraction = Fraction(0)
    """Off the price of the round, from 0 to below 1."""

    def __post_init__(self) -> None:
        above_zero(self.amount_krw, words("SAFE 투자금", "amount of the SAFE"))
        if not 0 <= self.discount < 1:
            raise PortfolioRefused(
                words(f"할인율 {self.discount}", f"a discount of {self.discount}"),
                words("0 이상 1 미만", "one from 0 to below 1"),
            )
        if self.cap_krw is not None and self.cap_krw <= self.amount_krw:
            raise PortfolioRefused(
                words(f"가치상한 {self.cap_krw:,d}원", f"a cap of {self.cap_krw:,d} won"),
                words(
                    f"투자금 {self.amount_krw:,d}원보다 큰 상한",
                    f"one above the amount of {self.amount_krw:,d} won",
                ),
            )


Instrument: TypeAlias = Common | Preferred | ConvertibleBond | Safe

KINDS: dict[str, type[Common | Preferred | ConvertibleBond | Safe]] = {
    "common": Common,
    "rcps": Preferred,
    "cb": ConvertibleBond,
    "safe": Safe,
}
TITLES: dict[str, Words] = {
    "common": words("보통주", "Common shares"),
    "rcps": words("상환전환우선주", "Redeemable convertible preferred shares"),
    "cb": words("전환사채", "Convertible bond"),
    "safe": words("조건부지분인수계약", "SAFE"),
}


def instrument(kind: str, **parameters: Any) -> Instrument:
    """The instrument of a kind.

    Args:
        kind: One of `KINDS`.
        parameters: What that kind takes; a rate or price as `Fraction` or `int`.

    Raises:
        PortfolioRefused: An unknown kind or parameter, one that is missing, or a float.
    """
    if kind not in KINDS:
        known = ", ".join(f"{key}({TITLES[key].ko})" for key in KINDS)
        raise PortfolioRefused(
            words(f"투자 방식 {kind!r}", f"the instrument {kind!r}"),
            words(known, "one of " + ", ".join(KINDS)),
        )
    for name, value in parameters.items():
        if isinstance(value, float):
            raise PortfolioRefused(
                words(f"{name}: 소수 {value!r}", f"the float {value!r} at {name}"),
                words("정수나 분수", "a whole number or an exact fraction"),
            )
    try:
        return KINDS[kind](**parameters)
    except TypeError:
        fields = ", ".join(KINDS[kind].__dataclass_fields__)
        raise PortfolioRefused(
            words(
                f"{TITLES[kind].ko} 항목 {', '.join(parameters) or '없음'}",
                f"the parameters {', '.join(parameters) or 'none'} for {kind}",
            ),
            words(fields, f"those of {fields}"),
        ) from None


def above_zero(value: object, what: Words) -> None:
    """Refuse a float, a truth value, and what is not above zero.

    Raises:
        PortfolioRefused: With `what` it is.
    """
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)) or value <= 0:
        raise PortfolioRefused(
            words(f"{what.ko} {value}", f"{what.en} {value}"),
            words("0보다 큰 정수나 분수", "a whole number or fraction above 0"),
        )


def _not_negative(value: object, what: Words) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)) or value < 0:
        raise PortfolioRefused(
            words(f"{what.ko} {value}", f"{what.en} {value}"),
            words("0 이상의 정수나 분수", "a whole number or fraction from 0 on"),
        )
