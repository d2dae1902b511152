"""How does an amount become whole won, and who gets the won that a division leaves over?

Amounts are Python integers of won, rates are exact fractions; nothing here is ever a float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

from madang.fund.engine.errors import AmountRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import date
    from typing import TypeVar

    Key = TypeVar("Key", bound=Hashable)

MOST_KRW = 10**16
"""No amount is larger: a hundred times what the state spends in ten years."""
_PERCENT = re.compile(r"(-?\d{1,6}(?:\.\d{1,10})?) ?%")
_RATIO = re.compile(r"(-?\d{1,12})/(\d{1,12})")


def whole_won(amount: Any, *, where: Words, least: int = 1) -> int:
    """The amount, if it is a whole number of won from `least` on.

    Args:
        amount: What was handed in.
        where: The place that a refusal names.
        least: The smallest amount that has a meaning here.

    Raises:
        AmountRefused: A float, a text, a truth value, too small or too large.
    """
    if type(amount) is not int or not least <= amount <= MOST_KRW:
        shown = f"{amount:,d}" if type(amount) is int else repr(amount)
        raise AmountRefused(
            words(f"{where.ko} 금액 {shown}", f"the amount {shown} ({where.en})"),
            words(
                f"{least:,d}원 이상의 정수(소수점 없이)",
                f"a whole number of won from {least:,d} on, without a decimal point",
            ),
        )
    return amount


def ratio(text: Any, *, where: Words) -> Fraction:
    """The exact fraction that a text such as `2.1%`, `1/3` or `0` writes.

    Raises:
        AmountRefused: A float, or no such text.
    """
    if type(text) is int:
        return Fraction(text)
    if isinstance(text, str):
        if found := _PERCENT.fullmatch(text):
            return Fraction(found[1]) / 100
        if (found := _RATIO.fullmatch(text)) and int(found[2]):
            return Fraction(int(found[1]), int(found[2]))
    raise AmountRefused(
        words(f"{where.ko} 비율 {text!r}", f"the rate {text!r} ({where.en})"),
        words("'2.1%'나 '1/3'처럼 적은 비율", "a rate written as '2.1%' or '1/3'"),
    )


def rounded(amount: Fraction) -> int:
    """The nearest whole number of won; of two equally near ones the even."""
    return round(amount)


def apportioned(total: int, shares: Mapping[Key, Fraction | int]) -> dict[Key, int]:
    """Whole won that add up to `total`, in proportion to `shares`, by the largest remainder.

    The result does not depend on the order of `shares`: of equal remainders the smaller key comes
    first, so keys are partner numbers or tuples that begin with something that has an order.

    Args:
        total: What is divided, in won; below zero where a loss is.
        shares: What each one's part is proportional to, none below zero.

    Raises:
        ValueError: Nothing to divide by, or a share below zero: a defect of the caller.
    """
    if total < 0:
        return {key: -part for key, part in apportioned(-total, shares).items()}
    whole = sum(shares.values())
    if any(share < 0 for share in shares.values()) or (total and not whole):
        raise ValueError("shares are not negative and not all zero")
    if not total:
        return dict.fromkeys(shares, 0)
    exact = {key: total * Fraction(share) / whole for key, share in shares.items()}
    return settled(exact)


def settled(exact: Mapping[Key, Fraction]) -> dict[Key, int]:
    """Whole won with the same sum as exact amounts, by the largest remainder.

    Each amount is rounded down, and the won left over go, one each, to the largest remainders; of
    equal ones to the smaller key. With another total an amount may change by one won against the
    trend (Alabama paradox); it is never a whole won away from its exact value.

    Raises:
        ValueError: The sum is no whole number: a defect of the caller.
    """
    # Integers over one denominator: comparing fractions is most of the time otherwise.
    whole = lcm(*{amount.denominator for amount in exact.values()})
    units = {
        key: amount.numerator * (whole // amount.denominator) for key, amount in exact.items()
    }
    floors = {key: each // whole for key, each in units.items()}
    over, rest = divmod(sum(units.values()) - whole * sum(floors.values()), whole)
    if rest:
        raise ValueError(f"the exact amounts add up to {sum(exact.values())}")
    for key in sorted(units, key=lambda key: (-(units[key] % whole), key))[:over]:
        floors[key] += 1
    return floors


@dataclass(frozen=True, kw_only=True)
class ExchangeRate:
    """What one unit of another currency is worth, and who says so."""

    currency: str
    """Its ISO 4217 code."""
    krw: Fraction
    """Won for one unit."""
    on: date
    source: str
    """Such as the name of the bank's notice; a rate without a source is none."""


def in_won(amount: Any, currency: str, rate: ExchangeRate | None, *, where: Words) -> int:
    """An amount of another currency in whole won.

    Args:
        amount: A whole number of the currency's smallest written unit, or an exact `Fraction`.
        currency: Its ISO 4217 code; `KRW` needs no rate.
        rate: The rate of the day.
        where: The place that a refusal names.

    Raises:
        AmountRefused: A float, or a rate that is missing, of another currency or without a source.
    """
    if currency == "KRW":
        return whole_won(amount, where=where)
    if rate is None or rate.currency != currency or not rate.source.strip() or rate.krw <= 0:
        raise AmountRefused(
            words(f"{where.ko} 통화 {currency}, 환율 없음", f"{currency}, no rate ({where.en})"),
            words("그날의 환율과 출처", "the rate of the day and its source"),
        )
    if isinstance(amount, bool) or not isinstance(amount, (int, Fraction)) or amount <= 0:
        raise AmountRefused(
            words(f"{where.ko} 금액 {amount!r}", f"the amount {amount!r} ({where.en})"),
            words("0보다 큰 정수나 분수", "a whole number or a fraction above 0"),
        )
    return rounded(Fraction(amount) * rate.krw)
