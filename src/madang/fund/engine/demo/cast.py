"""Who appears in the demonstration? Invented companies with their fates, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from random import Random

_STEMS = (
    ("새벽", "Saebyeok"),
    ("누리", "Nuri"),
    ("한빛", "Hanbit"),
    ("다온", "Daon"),
    ("가람", "Garam"),
    ("미르", "Mir"),
    ("라온", "Raon"),
    ("도담", "Dodam"),
    ("이든", "Ideun"),
    ("소리", "Sori"),
    ("바른", "Bareun"),
    ("온결", "Ongyeol"),
    ("푸름", "Pureum"),
    ("해솔", "Haesol"),
    ("너울", "Neoul"),
    ("윤슬", "Yunseul"),
)
_TRADES = (
    ("비전", "Vision"),
    ("로보틱스", "Robotics"),
    ("랭귀지", "Language"),
    ("메디", "Medi"),
    ("칩스", "Chips"),
    ("시큐어", "Secure"),
)
REGIONS = ("11", "41", "26", "27", "29", "30", "43", "46", "47", "50")
"""Codes of provinces and metropolitan cities (KS X 1501-2 order of the resident register)."""


@dataclass(frozen=True, kw_only=True)
class Company:
    """An invented company, and what will become of it."""

    id: str
    name: Words
    founded_on: date
    region: str
    field: str
    revenue_krw: int
    """In the year before the first investment."""
    grows: tuple[int, ...]
    """Percent by which its fair value changes in each year it is held."""
    ends: str
    """`sold`, `listed`, `lost` or `handed-out`."""
    held_years: int


def companies(
    random: Random, count: int, *, since: int, handed_out: int | None = None
) -> list[Company]:
    """So many companies with names of their own.

    Args:
        random: Where chance comes from.
        count: How many.
        since: The year of the fund's first close.
        handed_out: The place of the one whose shares the partners get in kind.
    """
    pairs = [(stem, trade) for stem in _STEMS for trade in _TRADES]
    random.shuffle(pairs)
    found = []
    for number, (stem, trade) in enumerate(pairs[:count]):
        held = random.randint(3, 6)
        ends = random.choices(("sold", "listed", "lost"), (6, 3, 4))[0]
        found.append(
            Company(
                id=f"{stem[1]}-{trade[1]}".lower(),
                name=words(f"{stem[0]}{trade[0]}", f"{stem[1]} {trade[1]}"),
                founded_on=date(
                    since - random.randint(0, 5), random.randint(1, 12), random.randint(1, 28)
                ),
                region=random.choice(REGIONS),
                field="ai" if number % 5 else "semiconductor",
                revenue_krw=random.randint(0, 60) * 100_000_000,
                grows=tuple(_growth(random, ends) for _ in range(held + 1)),
                ends="handed-out" if number == handed_out else ends,
                held_years=held,
            )
        )
    return found


def _growth(random: Random, ends: str) -> int:
    if ends == "lost":
        return random.randint(-60, 10)
    return random.randint(-10, 75)
