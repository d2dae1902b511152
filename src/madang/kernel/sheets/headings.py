"""What words stand above each column of a table?"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 200
"""Characters of a name that are looked at: searching brackets in long ones takes too long."""
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|<[^>]*>")
_SIGNS = re.compile(r"[\s._\-/·ㆍ:*#'\"]+")


def bare(text: str) -> str:
    """A heading without blanks, signs and what stands in brackets, in small letters."""
    flat = unicodedata.normalize("NFKC", text[:_LONGEST]).lower()
    return _SIGNS.sub("", _BRACKETS.sub("", flat))


def stacked(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The words above each column from top to bottom; a merged heading reaches to the right."""
    width = max(map(len, rows))
    lines = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    for number, line in enumerate(lines[:-1]):
        below = lines[number + 1]
        for at in range(1, width):
            if not line[at] and below[at] and not _stands_alone(lines, number, at):
                line[at] = line[at - 1]
    found = []
    for at in range(width):
        parts = [line[at] for line in lines if line[at]]
        found.append(list(dict.fromkeys(parts)))
    return found


def _stands_alone(lines: Sequence[Sequence[str]], number: int, at: int) -> bool:
    """Whether the column to the left ends there, without anything below."""
    return not lines[number + 1][at - 1]
