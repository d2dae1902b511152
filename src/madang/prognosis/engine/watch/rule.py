"""When is a model in use doubted, and when is it stopped? By rules that are data.

The chance of a false alarm is divided among the questions: half of it to the level, a quarter to
the slope, a quarter to all inputs together. An alarm doubts the model. It is stopped where
patients may be harmed: where the ratio of observed to expected, as far as it is known by now, lies
outside the bounds altogether. A stopped model stays stopped until somebody takes it up again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from typing import TYPE_CHECKING, Any

from madang.prognosis.engine.watch.inputs import Inputs, Missing
from madang.prognosis.engine.watch.outcomes import Level, Slope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

WATCHED, DOUBTED, STOPPED = "watched", "doubted", "stopped"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is tolerated."""

    alpha: float = 0.05
    """The chance that a model which holds is ever doubted."""
    low: float = 0.67
    """Below this ratio of observed to expected the model is stopped."""
    high: float = 1.5
    """Above it as well."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A model in use, so far."""

    rule: Rule
    level: Level
    slope: Slope
    inputs: Inputs
    state: str = WATCHED
    raised: frozenset[str] = frozenset()
    """The alarms that were told: each is told once."""

    @classmethod
    def begin(cls, rule: Rule, *, centre: float, missing: Mapping[str, float]) -> Watch:
        """The first day.

        Args:
            rule: What is tolerated.
            centre: Mean logarithm of the risk in the training sample.
            missing: By column, the share of missing values there.
        """
        return cls(rule=rule, level=Level(), slope=Slope(centre=centre), inputs=Inputs.of(missing))

    def outcomes(
        self, observed: ArrayLike, expected: ArrayLike, log_risk: ArrayLike
    ) -> tuple[Watch, list[dict[str, Any]]]:
        """After another period (`outcomes.accrued`); and what an evidence log is to be told.

        Raises:
            InputError: As `Level.seen`.
        """
        found = replace(
            self,
            level=self.level.seen(observed, expected),
            slope=self.slope.seen(observed, expected, log_risk),
        )
        return found._told()

    def patients(
        self, count: int, missing: Mapping[str, int]
    ) -> tuple[Watch, list[dict[str, Any]]]:
        """After more patients were predicted; and what is to be told of it.

        Raises:
            InputError: As `Inputs.seen`.
        """
        return replace(self, inputs=self.inputs.seen(count, missing))._told()

    def resumed(self) -> Watch:
        """After somebody recalibrated or replaced the model: it is watched from the start."""
        fresh = {name: Missing(normal=each.normal) for name, each in self.inputs.columns.items()}
        return Watch(
            rule=self.rule,
            level=Level(),
            slope=Slope(centre=self.slope.centre),
            inputs=Inputs(columns=fresh),
        )

    def _told(self) -> tuple[Watch, list[dict[str, Any]]]:
        events = [each for each in self._alarms() if each["alarm"] not in self.raised]
        state = self.state
        if events and state == WATCHED:
            state = DOUBTED
        low, high = self.level.interval(self.rule.alpha / 2)
        if (low > self.rule.high or high < self.rule.low) and state != STOPPED:
            state = STOPPED
            events.append(
                {"alarm": "stop", **self._ratio(), "low": round(low, 4), "high": _shown(high)}
            )
        found = replace(self, state=state, raised=self.raised | {each["alarm"] for each in events})
        return found, events

    def _alarms(self) -> list[dict[str, Any]]:
        """What has reached its share of the chance."""
        alpha = self.rule.alpha
        found: list[dict[str, Any]] = []
        if self.level.log_evidence() >= -log(alpha / 2):
            found.append(
                {"alarm": "level", **self._ratio(), "evidence": _odds(self.level.log_evidence())}
            )
        if self.slope.log_evidence >= -log(alpha / 4):
            found.append(
                {
                    "alarm": "slope",
                    "further_apart": self.slope.likeliest > 0,
                    "evidence": _odds(self.slope.log_evidence),
                }
            )
        limit = -log(alpha / 4 / max(len(self.inputs.columns), 1))
        found += [
            {
                "alarm": f"missing:{name}",
                "share": round(each.share, 4),
                "normal": round(each.normal, 4),
                "evidence": _odds(each.log_evidence),
            }
            for name, each in self.inputs.columns.items()
            if each.log_evidence >= limit
        ]
        return found

    def _ratio(self) -> dict[str, Any]:
        return {
            "observed": self.level.observed,
            "expected": round(self.level.expected, 4),
            "ratio": round(self.level.ratio, 4),
        }


def _odds(log_evidence: float) -> float:
    """Evidence as a number that a log can hold."""
    return round(exp(min(log_evidence, 50.0)), 1)


def _shown(value: float) -> float:
    return round(min(value, 1e9), 4)
