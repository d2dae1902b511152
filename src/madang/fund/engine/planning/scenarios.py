"""What if it goes otherwise? The same fund under several suppositions, side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.fund.engine.planning.paths import Assumptions, Paths, Start, play
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping

_BASE = Assumptions()
SCENARIOS: Mapping[str, tuple[Words, Assumptions]] = {
    "base": (words("기본", "Base"), _BASE),
    "slow": (words("느린 투자", "Slow investing"), replace(_BASE, pace=_BASE.pace / 2)),
    "late": (words("늦은 회수", "Late exits"), replace(_BASE, exits=_BASE.exits / 2)),
    "weak": (
        words("약한 시장", "Weak market"),
        replace(_BASE, growth=0.03, common=0.2),
    ),
}
"""Name → its title and what it supposes; examples, not forecasts."""


class Row(NamedTuple):
    """What a scenario gives: medians, and chances as shares of the paths."""

    name: str
    title: Words
    multiple: float
    """What comes out for each won that was there or is called, fees paid."""
    multiple_low: float
    """The value that one path in twenty stays below."""
    called: float
    distributed: float
    short: float
    """The chance that cash falls short in some quarter, without a line of credit."""
    reached: Mapping[str, float]
    """By quota: the chance to reach it in time."""


def compared(start: Start, *, paths: int = 10_000, seed: int = 1) -> tuple[Row, ...]:
    """Every scenario from the same start, with the same chance.

    Args:
        start: Where the fund stands.
        paths: How many random paths each has.
        seed: The same for all, so that they differ by their suppositions alone.

    Raises:
        TermsRefused: No path, or no quarter left.
    """
    return tuple(
        row(name, title, play(start, assumed, paths=paths, seed=seed))
        for name, (title, assumed) in SCENARIOS.items()
    )


def row(name: str, title: Words, found: Paths) -> Row:
    """A scenario's paths in one row."""
    multiple = found.multiple
    return Row(
        name=name,
        title=title,
        multiple=float(np.median(multiple)),
        multiple_low=float(np.quantile(multiple, 0.05)),
        called=float(np.median(found.called.sum(axis=1))),
        distributed=float(np.median(found.distributed.sum(axis=1))),
        short=float(found.short.any(axis=1).mean()),
        reached=found.reached,
    )
