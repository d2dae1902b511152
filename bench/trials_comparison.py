"""Do the final comparison's intervals hold the truth, and does it call equals different?

Simulated classification demands go through `madang.trials.engine.comparison.compare_all` and the
registered rule, as in a real trial. What each solution is worth in the long run is computed
beside them by Gauss-Hermite quadrature, so that the truth owes nothing to the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from scipy.optimize import brentq
from scipy.special import expit, ndtr

from bench.table import Measurement
from madang.trials.engine.comparison import compare_all
from madang.trials.engine.decision import decide
from madang.trials.engine.demand import DecisionRule
from madang.trials.engine.scoring import Scale, Solution
from madang.trials.engine.tasks.classification import Classification

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

CASES, DEMANDS, SLOW_DEMANDS = 400, 1000, 120
LEVEL, BASELINE = 0.95, "baseline"
_NODES = np.polynomial.hermite_e.hermegauss(80)


@dataclass(frozen=True)
class World:
    """Cases of varying risk, and solutions that see each risk through noise of their own.

    The logit of a case's risk is normal; a solution states the risk whose logit is off by a normal
    error of its own spread. Two solutions of one spread are equally good and never agree.
    """

    spreads: tuple[float, ...]
    mean: float = -0.3
    deviation: float = 1.5
    constant: float = 0.44
    """What the baseline states for everybody."""

    def outcomes_and_answers(
        self, rng: np.random.Generator
    ) -> tuple[pl.DataFrame, list[Solution]]:
        """One demand's sealed part and what the baseline and the solutions answer."""
        logit = self.mean + self.deviation * rng.normal(size=CASES)
        happened = rng.random(CASES) < expit(logit)
        stated = [np.full(CASES, self.constant)]
        stated += [expit(logit + spread * rng.normal(size=CASES)) for spread in self.spreads]
        outcomes = pl.DataFrame({"y": np.where(happened, "yes", "no")})
        named = zip(self.names, stated, strict=True)
        return outcomes, [
            Solution(name=name, answers=np.column_stack([1 - risk, risk])) for name, risk in named
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """The baseline and the solutions."""
        return (BASELINE, *(f"s{number}" for number in range(len(self.spreads))))

    def truths(self, metric: str) -> dict[str, float]:
        """What each would score on endless cases, as published."""
        exact = {"brier": self._brier, "auc": self._auc, "macro_f1": self._macro_f1}[metric]
        constant = {"brier": self._constant_brier, "auc": 0.5, "macro_f1": self._constant_f1}
        scores = [constant[metric], *(exact(spread) for spread in self.spreads)]
        return dict(zip(self.names, scores, strict=True))

    @cached_property
    def _risks(self) -> tuple[Floats, Floats, Floats]:
        """Logits of cases at the nodes, their risks, and their weights."""
        nodes, weights = _NODES
        logits = self.mean + self.deviation * nodes
        return logits, expit(logits), weights / weights.sum()

    def _brier(self, spread: float) -> float:
        logits, risks, weights = self._risks
        stated = expit(logits[:, None] + spread * _NODES[0])
        errors = (stated - risks[:, None]) ** 2 @ weights
        return float(weights @ (errors + risks * (1 - risks)))

    @property
    def _constant_brier(self) -> float:
        _, risks, weights = self._risks
        return float(weights @ ((self.constant - risks) ** 2 + risks * (1 - risks)))

    def _auc(self, spread: float) -> float:
        logits, risks, weights = self._risks
        wins = ndtr((logits[:, None] - logits) / (spread * np.sqrt(2)))
        yes, no = weights * risks, weights * (1 - risks)
        return float(yes @ wins @ no / (yes.sum() * no.sum()))

    def _macro_f1(self, spread: float) -> float:
        logits, risks, weights = self._risks
        says_yes = ndtr(logits / spread)
        return self._f1(float(weights @ (risks * says_yes)), float(weights @ says_yes))

    @property
    def _constant_f1(self) -> float:
        return self._f1(0.0, 0.0)  # its constant lies below one half: it never says yes

    def _f1(self, right_yes: float, said_yes: float) -> float:
        _, risks, weights = self._risks
        yes = float(weights @ risks)
        right_no = 1 - yes - said_yes + right_yes
        return right_yes / (yes + said_yes) + right_no / (2 - yes - said_yes)

    def as_bad_as_the_baseline(self) -> float:
        """The spread at which a solution scores exactly what the baseline scores."""
        return float(brentq(lambda spread: self._brier(spread) - self._constant_brier, 0.1, 20))


@dataclass
class Seen:
    """What the intervals of many demands did."""

    alone: int = 0
    pairs: int = 0
    scores: int = 0
    baseline: int = 0
    """Demands in which the baseline's own score lies in its interval."""
    against: int = 0
    every_pair: int = 0
    different: int = 0
    """Demands in which the equal pair's simultaneous interval leaves out 0."""
    told_apart: int = 0
    """Demands in which the rule adopted one of the equal pair and not the other as its equal."""
    adopted: int = 0
    """Demands in which any solution was adopted."""


def simulate(world: World, metric: str, demands: int) -> Seen:
    """Compare and decide so many demands of one world."""
    options = {"outcome": "y", "classes": ["no", "yes"]}
    scale = Scale(task=Classification(), frame={"classes": ["no", "yes"]}, options=options)
    truths, seen = world.truths(metric), Seen()
    for demand in range(demands):
        outcomes, solutions = world.outcomes_and_answers(np.random.default_rng([7, demand]))
        comparison = compare_all(
            scale,
            metric,
            outcomes,
            solutions,
            baseline=BASELINE,
            among=world.names[1:],
            level=LEVEL,
            seed=demand,
        )
        _count(seen, comparison, truths, scale.sign(metric))
        _count_decision(seen, comparison, metric, world.names[1:])
    return seen


def _count(
    seen: Seen, comparison: Mapping[str, Any], truths: Mapping[str, float], sign: float
) -> None:
    """Which intervals of one comparison hold the truth? Differences are turned, scores are not."""
    against = [
        (row, sign * (truths[name] - truths[BASELINE]))
        for name, row in comparison["against_baseline"].items()
    ]
    pairs = [
        (row, sign * (truths[row["first"]] - truths[row["second"]])) for row in comparison["pairs"]
    ]
    held = {
        name: row["low"] <= truths[name] <= row["high"]
        for name, row in comparison["scores"].items()
    }
    seen.baseline += held.pop(BASELINE)
    seen.scores += all(held.values())
    seen.against += all(row["low"] <= true <= row["high"] for row, true in against)
    seen.every_pair += all(row["low"] <= true <= row["high"] for row, true in pairs)
    seen.alone += sum(row["alone_low"] <= true <= row["alone_high"] for row, true in pairs)
    seen.pairs += len(pairs)
    equal = next(
        row for row in comparison["pairs"] if {row["first"], row["second"]} == {"s0", "s1"}
    )
    seen.different += not equal["low"] <= 0 <= equal["high"]


def _count_decision(
    seen: Seen, comparison: Mapping[str, Any], metric: str, names: Sequence[str]
) -> None:
    rule = DecisionRule(metric=metric, baseline=BASELINE, rule="superiority", guard={})
    decision = decide(rule, {"primary": comparison, "all": {}}, solutions=names, directions={})
    seen.adopted += decision.adopted is not None
    pair = {"s0", "s1"}
    if decision.adopted in pair:
        other = (pair - {decision.adopted}).pop()
        seen.told_apart += other in decision.passed and other not in decision.equals


WORLD = World((0.6, 0.6, 0.8, 1.1, 1.5))


def measure() -> list[Measurement]:
    """Coverage by a mean loss, by the AUC and by a score of all cases; equals; useless ones."""
    rows = []
    for metric, title, demands in (
        ("brier", "Brier score, a mean", DEMANDS),
        ("auc", "AUC, by DeLong", DEMANDS),
        ("macro_f1", "macro F1, by the bootstrap of the whole score", SLOW_DEMANDS),
    ):
        rows += _rows(simulate(WORLD, metric, demands), title, demands)
    return [*rows, _useless()]


def _rows(seen: Seen, title: str, demands: int) -> list[Measurement]:
    how = (
        f"{demands:,} simulated demands of {CASES} cases, a baseline and "
        f"{len(WORLD.spreads)} solutions"
    )
    error = (LEVEL * (1 - LEVEL) / demands) ** 0.5
    few = 0.0 if demands >= DEMANDS else 2 * error
    shares = {
        "of all five solutions' scores at once": seen.scores / demands,
        "of every difference from the baseline at once": seen.against / demands,
        "of all ten pairs at once": seen.every_pair / demands,
        "of one pair, its interval alone": seen.alone / seen.pairs,
    }
    return [
        *(
            Measurement(
                what=f"coverage {what} ({title})",
                figure=f"{share:.1%}",
                peer=f"standard error {error:.1%}",
                goal="93 to 97 %" + (", give or take two standard errors" if few else ""),
                kept=0.93 - few <= share <= 0.97 + few,
                how=how,
            )
            for what, share in shares.items()
        ),
        Measurement(
            what=f"coverage of the trivial baseline's own score ({title})",
            figure=f"{seen.baseline / demands:.1%}",
            goal="at least 93 %: its interval is one of the scores' family",
            kept=seen.baseline >= 0.93 * demands,
            how=how,
        ),
        Measurement(
            what=f"two equally good solutions called different ({title})",
            figure=f"{seen.different / demands:.1%} by the simultaneous interval, "
            f"{seen.told_apart / demands:.1%} by the rule that adopts one of them",
            peer=f"standard error {error:.1%}",
            goal="at most 5 %",
            kept=max(seen.different, seen.told_apart) <= 0.05 * demands,
            how=how,
        ),
    ]


def _useless() -> Measurement:
    """Solutions that are worth exactly the baseline, each in its own way."""
    world = World((World(()).as_bad_as_the_baseline(),) * 5)
    seen = simulate(world, "brier", DEMANDS)
    return Measurement(
        what="any of five solutions adopted, all of them worth exactly the baseline (Brier score)",
        figure=f"{seen.adopted / DEMANDS:.1%}",
        goal="at most 5 %",
        kept=seen.adopted <= 0.05 * DEMANDS,
        how=f"{DEMANDS:,} simulated demands of {CASES} cases, superiority over the baseline",
    )
