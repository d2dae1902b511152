"""Whom does the money reach? Sub-awards, their recipients, and firms and people by region."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from madang.kernel.words import Words, words
from madang.programme.engine.errors import BookingRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


class Nature(StrEnum):
    """What kind of body receives money."""

    FIRM = "firm"
    INSTITUTE = "institute"
    UNIVERSITY = "university"
    AGENCY = "agency"
    OTHER = "other"


REGIONS: dict[str, Words] = {
    "KR-11": words("서울", "Seoul"),
    "KR-26": words("부산", "Busan"),
    "KR-27": words("대구", "Daegu"),
    "KR-28": words("인천", "Incheon"),
    "KR-29": words("광주", "Gwangju"),
    "KR-30": words("대전", "Daejeon"),
    "KR-31": words("울산", "Ulsan"),
    "KR-41": words("경기", "Gyeonggi"),
    "KR-42": words("강원", "Gangwon"),
    "KR-43": words("충북", "North Chungcheong"),
    "KR-44": words("충남", "South Chungcheong"),
    "KR-45": words("전북", "North Jeolla"),
    "KR-46": words("전남", "South Jeolla"),
    "KR-47": words("경북", "North Gyeongsang"),
    "KR-48": words("경남", "South Gyeongsang"),
    "KR-49": words("제주", "Jeju"),
    "KR-50": words("세종", "Sejong"),
}
"""The 17 first-level divisions of the Republic of Korea, by ISO 3166-2 code."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A body that money reaches.

    Raises:
        BookingRefused: Its region is no ISO 3166-2 code of Korea.
    """

    id: str
    name: str
    nature: Nature
    region: str = ""
    """A key of `REGIONS`; empty where it is not known."""

    def __post_init__(self) -> None:
        if self.region and self.region not in REGIONS:
            raise BookingRefused(
                words(f"{self.id!r}의 지역 {self.region!r}", f"region {self.region!r}"),
                words("KR-11과 같은 시·도 부호", "an ISO 3166-2 code such as KR-11"),
            )


@dataclass(frozen=True, kw_only=True)
class Award:
    """A part of a line promised to one recipient: a contract or an agreement (협약)."""

    id: str
    line: str
    recipient: str
    amount_krw: int
    signed_on: date
    title: str = ""
    announced_on: date | None = None
    """When the call for it was published."""
    spendable_by: date | None = None
    """Until when it can be spent, by the recipient's own plan."""
    people: int = 0
    """People that it reaches, as the recipient reports."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Firms, other bodies and people reached in one region, and what was awarded there."""

    region: str
    """A key of `REGIONS`; empty where it is not known."""
    firms: int
    bodies: int
    """Recipients that are no firm."""
    people: int
    awarded_krw: int


def reach(
    awards: Iterable[Award], recipients: Sequence[Recipient], *, on: date, line: str = ""
) -> tuple[Reach, ...]:
    """Whom the awards signed by a day reach, by region; a recipient counts once.

    Args:
        awards: All awards.
        recipients: Those that they name.
        on: The last day of signature that counts.
        line: Only this line's awards; all lines' where empty.

    Raises:
        BookingRefused: An award names an unknown recipient.
    """
    known = {each.id: each for each in recipients}
    found: dict[str, list[Award]] = {}
    for award in awards:
        if award.signed_on <= on and line in ("", award.line):
            if award.recipient not in known:
                raise unknown_recipient(award)
            found.setdefault(known[award.recipient].region, []).append(award)
    return tuple(_reach(region, found[region], known) for region in sorted(found))


def _reach(region: str, awards: list[Award], known: dict[str, Recipient]) -> Reach:
    names = {award.recipient for award in awards}
    firms = sum(known[name].nature is Nature.FIRM for name in names)
    return Reach(
        region=region,
        firms=firms,
        bodies=len(names) - firms,
        people=sum(award.people for award in awards),
        awarded_krw=sum(award.amount_krw for award in awards),
    )


def unknown_recipient(award: Award) -> BookingRefused:
    """Why an award without a known recipient is refused."""
    return BookingRefused(
        words(f"협약 {award.id!r}의 수령자 {award.recipient!r}", f"recipient {award.recipient!r}"),
        words("등록된 수령자", "a recipient that is registered"),
    )
