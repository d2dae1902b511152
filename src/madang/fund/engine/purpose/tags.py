"""Whose won was invested, and how much private money went in beside the public?

Each won of an investment is public or private after the partners who paid it; the money of other
investors in the same round is co-invested, private money of later rounds is follow-on. What is
counted is money that stands beside other money; nothing is said about why it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from madang.fund.engine import money
from madang.fund.engine.errors import PortfolioRefused
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

Tag: TypeAlias = Literal["public", "private", "co-invested", "follow-on"]
TAGS: dict[Tag, Words] = {
    "public": words("공공", "public"),
    "private": words("민간", "private"),
    "co-invested": words("공동투자", "co-invested"),
    "follow-on": words("후속투자", "follow-on"),
}


@dataclass(frozen=True, kw_only=True)
class Payer:
    """A partner whose money an investment is paid from."""

    number: int
    nature: Literal["public", "private"]
    paid_krw: int
    """What they have paid in; an investment is divided in this proportion."""


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """An amount under one tag, and where it is from."""

    company: str
    on: date
    tag: Tag
    krw: int
    source: str
    """The partner's number, or the name of the other investor."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Private won per public won, with every amount that was counted."""

    private_per_public: Fraction | None
    """None where no public won was invested."""
    addends: tuple[Tagged, ...]
    by_tag: Mapping[Tag, int]

    @property
    def statement(self) -> Words:
        """The sentence for a report; it says what stands beside what, not why."""
        public = self.by_tag["public"]
        beside = sum(self.by_tag.values()) - public
        if self.private_per_public is None:
            return words(
                f"공공자금 없이 민간자금 {beside:,d}원이 투자되었습니다.",
                f"{beside:,d} won of private money were invested, without public money.",
            )
        shown = f"{money.rounded(self.private_per_public * 100) / 100:.2f}"
        return words(
            f"공공자금 {public:,d}원과 민간자금 {beside:,d}원이 함께 투자되었습니다"
            f"(공공 1원당 민간 {shown}원).",
            f"{public:,d} won of public and {beside:,d} won of private money were invested"
            f" together ({shown} private won for each public won).",
        )


def by_partner(amount_krw: int, payers: Iterable[Payer]) -> dict[int, int]:
    """An investment's won by partner, by the largest remainder; ties to the smaller number.

    Raises:
        PortfolioRefused: Nobody paid, or a partner stands twice.
        AmountRefused: No whole number of won.
    """
    listed = list(payers)
    shares = {each.number: each.paid_krw for each in listed}
    total = money.whole_won(amount_krw, where=words("투자금", "investment"))
    if len(shares) != len(listed) or sum(shares.values()) <= 0 or min(shares.values()) < 0:
        raise PortfolioRefused(
            words("투자금을 낸 출자자", "the partners who paid for the investment"),
            words(
                "출자자마다 한 줄, 낸 금액의 합은 0보다 큼", "one line each, more than 0 in all"
            ),
        )
    return money.apportioned(total, shares)


def of_fund(
    company: str, on: date, *, amount_krw: int, payers: Iterable[Payer]
) -> tuple[Tagged, ...]:
    """The fund's own won in an investment, tagged by who paid them; they add up to the amount."""
    listed = {each.number: each for each in payers}
    parts = by_partner(amount_krw, listed.values())
    return tuple(
        Tagged(company=company, on=on, tag=listed[number].nature, krw=krw, source=str(number))
        for number, krw in sorted(parts.items())
        if krw
    )


def of_others(
    company: str, on: date, *, others: Mapping[str, int], is_same_round: bool
) -> tuple[Tagged, ...]:
    """Private money of other investors: beside the fund's round, or in a later one.

    Args:
        company: The company's id.
        on: Day of the round.
        others: Won by investor; public investors are left to their own reports.
        is_same_round: Whether the fund invested in this round.
    """
    tag: Tag = "co-invested" if is_same_round else "follow-on"
    where = words("함께 투자한 금액", "another investor's amount")
    return tuple(
        Tagged(company=company, on=on, tag=tag, krw=money.whole_won(krw, where=where), source=who)
        for who, krw in sorted(others.items())
    )


def private_per_public(addends: Iterable[Tagged]) -> Drawn:
    """How many private won were invested for each public won, with all that was counted.

    Args:
        addends: Tagged amounts of any number of investments, in any order.
    """
    listed = tuple(
        sorted(addends, key=lambda each: (each.on, each.company, each.tag, each.source, each.krw))
    )
    totals: dict[Tag, int] = dict.fromkeys(TAGS, 0)
    for each in listed:
        totals[each.tag] += each.krw
    public = totals["public"]
    private = sum(totals.values()) - public
    found = Fraction(private, public) if public else None
    return Drawn(private_per_public=found, addends=listed, by_tag=totals)
