"""Which rooms does the programme have, in which order, and what was promised for each?

The facts stand in `programme.toml` with their source.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FACTS = Path(__file__).with_name("programme.toml")


@dataclass(frozen=True, kw_only=True)
class Room:
    """One system of the programme, built or not."""

    name: str
    lines: tuple[str, ...]
    """Identifiers of the appropriation lines that it answers; none for the whole programme."""
    amount_krw: int
    """What those lines carry together, in won; `vulns` and `isms` share one line."""
    title_ko: str
    title_en: str
    sentence_ko: str
    """What the programme promised, paraphrased."""
    sentence_en: str
    command: str = ""
    """The command that shows it; empty while the room is not built."""
    proof: str = ""
    """The folder or page that proves it, from the root of the repository."""


def rooms(facts: Path = FACTS) -> tuple[Room, ...]:
    """All rooms in the order of the programme."""
    rows = tomllib.loads(facts.read_text(encoding="utf-8"))["rooms"]
    return tuple(Room(**{**row, "lines": tuple(row["lines"])}) for row in rows)
