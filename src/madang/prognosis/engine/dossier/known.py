"""What does the record itself say to an item? A text, and whether it is all that the item asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from madang.kernel.words import Words
from madang.prognosis.engine.dossier.record import Record


class Known(NamedTuple):
    """A text out of the record; where it is not whole the team has to add the rest."""

    text: Words
    is_whole: bool


Knows: TypeAlias = Callable[[Record, Mapping[str, Words]], "Known | None"]


def whole(text: Words) -> Known:
    """All that the item asks."""
    return Known(text, is_whole=True)


def part(text: Words) -> Known:
    """Some of what the item asks."""
    return Known(text, is_whole=False)
