"""Can a firm learn sealed labels by asking the board 1,000 times? Attacks on the board as it runs.

Every question goes through `madang.trials.engine.ladder.release` as the scorer calls it: the
demand's own metric, its trivial baseline as the first rung, its quota. The labels are coin flips,
so that whatever an attack gains is fake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.kernel_stats import (
    BLOCKS,
    CASES,
    QUERIES,
    Answer,
    ParameterFree,
    Rounded,
    boost,
    climb,
    greedy,
)
from bench.table import Measurement
from madang.trials.engine.ladder import release
from madang.trials.engine.tasks.probability import ACCURACY, BRIER

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    from bench.kernel_stats import Board
    from madang.kernel.trial import Metric

    Floats: TypeAlias = NDArray[np.float64]
    Act: TypeAlias = Callable[[Board, Floats, np.random.Generator], Floats]

SEEDS = 12


@dataclass
class Demanded:
    """The board of a classification demand. Losses come as errors or as squared distances."""

    metric: Metric
    baseline: Floats
    """(n,) turned losses of the trivial baseline."""
    shift: float
    """What turns a loss of the attack into the metric's turned loss: accuracy is 1 less errors."""
    best: Floats = field(init=False)
    shown: float = 1.0
    bits: float = 0.0

    def __post_init__(self) -> None:
        self.best = self.baseline

    @classmethod
    def of_labels(cls, truth: Floats) -> Demanded:
        """Decided by accuracy; the baseline is one class for everybody."""
        return cls(ACCURACY, truth - 1.0, -1.0)

    @classmethod
    def of_probabilities(cls, truth: Floats) -> Demanded:
        """Decided by the Brier score; the baseline is a share of .52 seen in the open sample."""
        return cls(BRIER, (truth - 0.52) ** 2, 0.0)

    def ask(self, losses: Floats) -> Answer:
        """One submission: the facts of its release, as a loss."""
        turned = losses + self.shift
        facts: dict[str, Any] = release(
            self.metric, new=turned, best=self.best, baseline=self.baseline, quota=QUERIES
        )
        self.bits += facts["bits"]
        if facts["improved"]:
            sign = -1.0 if self.metric.direction == "higher" else 1.0
            self.best, self.shown = turned, sign * facts["shown"] - self.shift
        return Answer(self.shown, facts["improved"])


def greedy_from_baseline(
    board: Board, truth: Floats, rng: np.random.Generator, *, block: int
) -> Floats:
    """As `greedy`, but from the class of the baseline: on the first rung from the start."""
    labels = np.zeros(CASES)
    for _ in range(QUERIES):
        tried = labels.copy()
        flipped = rng.choice(CASES, block, replace=False)
        tried[flipped] = 1 - tried[flipped]
        if board.ask(np.abs(tried - truth)).improved:
            labels = tried
    return labels


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One way to ask, and the weaker board on which it is seen to work."""

    name: str
    act: Act
    made: Callable[[Floats], Demanded] = Demanded.of_labels
    peer: str = "raw score"
    peer_act: Act | None = None
    peer_board: Callable[[], Board] = Rounded


ATTACKS = (
    Attack(name="boosting (Blum & Hardt)", act=boost),
    *(
        Attack(
            name=f"greedy from random labels, blocks of {block}", act=partial(greedy, block=block)
        )
        for block in BLOCKS
    ),
    *(
        Attack(
            name=f"greedy from the baseline, blocks of {block}",
            act=partial(greedy_from_baseline, block=block),
        )
        for block in BLOCKS
    ),
    *(
        Attack(
            name=f"climb by calming probabilities, counting on {errors:g} standard errors",
            act=partial(climb, errors=errors, floor=0.004),
            made=Demanded.of_probabilities,
            peer="parameter-free Ladder",
            peer_act=partial(climb, errors=1.0, floor=0.0),
            peer_board=ParameterFree,
        )
        for errors in (3.72, 1.86)
    ),
)


def measure() -> list[Measurement]:
    """What each attack reaches on the board, and on a weaker one."""
    return [_attacked(attack) for attack in ATTACKS]


def _attacked(attack: Attack) -> Measurement:
    gains, weaker, bits = [], [], []
    for seed in range(SEEDS):
        truth = np.random.default_rng(seed).integers(0, 2, CASES).astype(float)
        board = attack.made(truth)
        gains.append(_gain(attack.act, board, truth, seed))
        bits.append(board.bits)
        act = attack.peer_act or attack.act
        weaker.append(_gain(act, attack.peer_board(), truth, seed))
    gain = float(np.mean(gains))
    error = float(np.std(gains, ddof=1) / np.sqrt(SEEDS))
    return Measurement(
        what=f"fake gain after {QUERIES:,} submissions: {attack.name}",
        figure=f"{gain:.1f} points (standard error {error:.1f}); "
        f"{np.mean(bits):,.0f} bits left the seal",
        peer=f"{attack.peer}: {np.mean(weaker):.1f} points",
        goal="at most 3 points",
        kept=gain <= 3,
        how=f"{CASES:,} coin-flip labels, quota {QUERIES:,}, mean of {SEEDS} boards, "
        f"decided by {board.metric.title_en.lower()}",
    )


def _gain(act: Act, board: Board, truth: Floats, seed: int) -> float:
    """Points of accuracy above the half that knowing nothing gives."""
    labels = act(board, truth, np.random.default_rng([seed, 1]))
    return 100 * (0.5 - float(np.abs(labels - truth).mean()))
