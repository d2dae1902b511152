"""Which colours may a report use? Named for what they mean, each for light and for dark paper.

Values follow the palette of the Korean government design system (KRDS) where it has the meaning.
The six hues of charts were chosen so that any two stay apart for the three kinds of
colour-blindness, and each stands out from the paper at 3:1 or more (WCAG 2.2, 1.4.11); a test
computes both.
"""

from __future__ import annotations

from typing import NamedTuple


class Colour(NamedTuple):
    """One meaning, as it looks on light and on dark paper."""

    light: str
    dark: str


PAPER = Colour("#ffffff", "#12161b")
SURFACE = Colour("#f4f5f6", "#1c2127")
GRID = Colour("#e4e7ea", "#2b3138")
LINE = Colour("#cdd1d5", "#3d444c")
EDGE = Colour("#6d7882", "#8a949e")
"""Borders that carry meaning: controls, the dashed edge of what is unproved."""
INK = Colour("#1e2124", "#eef0f2")
SOFT_INK = Colour("#464c53", "#b8c0c9")
ACCENT = Colour("#0b50d0", "#6bb0ff")
ACCENT_PAPER = Colour("#ecf2fe", "#16294a")
DANGER = Colour("#bd2c0f", "#ff9c88")
DANGER_PAPER = Colour("#fdefec", "#3a1a14")
LATE = Colour("#7d5200", "#f0b93a")
LATE_PAPER = Colour("#fff3db", "#33270a")
HUES = (
    ACCENT,
    Colour("#783403", "#dd4c09"),
    Colour("#379d80", "#8ffffb"),
    Colour("#b470d9", "#977197"),
    Colour("#757505", "#f6ef5d"),
    Colour("#38031c", "#f59a89"),
)
"""At most six things in one chart; the seventh would need a legend that nobody can read."""

TOKENS: dict[str, Colour] = {
    "paper": PAPER,
    "surface": SURFACE,
    "grid": GRID,
    "line": LINE,
    "edge": EDGE,
    "ink": INK,
    "soft-ink": SOFT_INK,
    "accent": ACCENT,
    "accent-paper": ACCENT_PAPER,
    "danger": DANGER,
    "danger-paper": DANGER_PAPER,
    "late": LATE,
    "late-paper": LATE_PAPER,
    **{f"hue-{position}": hue for position, hue in enumerate(HUES[1:], start=2)},
}
"""The name of each colour in the style sheet; no two share a light value."""
