"""By which rubric do evaluators judge, and how are their scores taken together?

The rubric is fixed before the first run: criteria with weights, and levels each of which says in
words what it means. What the panel says stands *beside* the measured part; the two are mixed into
one number only by a `Mixture` that the demand declared with its rubric.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from madang.kernel.words import Words, words
from madang.trials.engine.errors import RubricError
from madang.trials.engine.record import Record


@dataclass(frozen=True, kw_only=True)
class Anchor(Record):
    """One level of a criterion and what it means."""

    level: int
    meaning: Words


@dataclass(frozen=True, kw_only=True)
class Criterion(Record):
    """One thing that evaluators look at."""

    name: str
    title: Words
    weight: float
    """Its share of the panel's points, relative to the other weights."""
    anchors: tuple[Anchor, ...]
    """From the worst level to the best."""

    def __post_init__(self) -> None:
        super().__post_init__()
        levels = [anchor.level for anchor in self.anchors]
        if len(levels) < 2 or levels != sorted(set(levels)):
            raise RubricError(
                words(f"기준 {self.title.ko!r}의 단계", f"the levels of {self.title.en!r}"),
                words("낮은 것부터 서로 다른 둘 이상", "two or more, rising from the worst"),
            )
        if not self.weight > 0:
            raise RubricError(
                words(f"기준 {self.title.ko!r}의 가중치", f"the weight of {self.title.en!r}"),
                words("0보다 큰 수", "a number above 0"),
            )

    def points(self, level: float) -> float:
        """A level, or a middle of levels, as 0 (the worst) to 100 (the best)."""
        worst, best = self.anchors[0].level, self.anchors[-1].level
        return 100 * (level - worst) / (best - worst)


@dataclass(frozen=True, kw_only=True)
class Mixture(Record):
    """How measured and judged parts make one number, declared before the first run."""

    measured_share: float
    """Weight of the measured part; the panel has the rest."""
    zero: float
    """The value of the demand's metric that is worth 0 points, such as the baseline's."""
    full: float
    """The value that is worth 100 points; beyond it there are no more."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.measured_share < 1 or self.zero == self.full:
            raise RubricError(
                words(
                    f"측정 비중 {self.measured_share:g}, 0점 {self.zero:g}, 만점 {self.full:g}",
                    f"a measured share of {self.measured_share:g}, 0 points at {self.zero:g}, "
                    f"100 at {self.full:g}",
                ),
                words(
                    "0과 1 사이의 비중, 서로 다른 두 값",
                    "a share between 0 and 1, and two values that differ",
                ),
            )

    def points(self, measured: float) -> float:
        """A value of the metric as 0 to 100; either direction of the metric serves."""
        share = (measured - self.zero) / (self.full - self.zero)
        return 100 * min(max(share, 0.0), 1.0)

    def mixed(self, measured: float, judged: float) -> float:
        """The one number, 0 to 100."""
        return self.measured_share * self.points(measured) + (1 - self.measured_share) * judged


@dataclass(frozen=True, kw_only=True)
class Rubric(Record):
    """What the panel judges and how its scores are taken together."""

    criteria: tuple[Criterion, ...]
    aggregate: Literal["median", "trimmed_mean"] = "median"
    trim: float = 0.2
    """Share of scores that a trimmed mean leaves out at each end."""
    fewest: int = 3
    """Evaluators without a conflict that each team needs."""
    mixture: Mixture | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        names = [criterion.name for criterion in self.criteria]
        if not names or len(set(names)) != len(names):
            raise RubricError(
                words("평가 기준의 이름", "the names of the criteria"),
                words(
                    "서로 다른 이름의 기준 하나 이상", "one criterion or more, names that differ"
                ),
            )
        if not 0 <= self.trim < 0.5 or self.fewest < 1:
            raise RubricError(
                words(
                    f"절사 비율 {self.trim:g}, 최소 위원 {self.fewest}명",
                    f"a trim of {self.trim:g} and {self.fewest} evaluators",
                ),
                words(
                    "0 이상 0.5 미만의 비율, 1명 이상의 위원",
                    "a trim from 0 to below 0.5, and at least one evaluator",
                ),
            )

    def centre(self, levels: Sequence[float]) -> float:
        """Scores of one criterion as one, by the declared rule."""
        if self.aggregate == "median":
            return float(statistics.median(levels))
        cut = math.floor(self.trim * len(levels) + 1e-9)
        return statistics.fmean(sorted(levels)[cut : len(levels) - cut])

    def judged(self, points: Mapping[str, float]) -> float:
        """Points of the criteria as the weighted whole, 0 to 100."""
        total = math.fsum(criterion.weight for criterion in self.criteria)
        return math.fsum(c.weight * points[c.name] for c in self.criteria) / total


def require_fixed(rubric: Rubric, *, fixed: str, first_run: datetime | None, at: datetime) -> None:
    """Refuse a rubric that changed after the first run.

    Args:
        rubric: The rubric as it is to be used.
        fixed: The digest that stands in the log.
        first_run: When the demand's first run began; None before it.
        at: When the rubric is to be used or stored.

    Raises:
        RubricError: Another rubric than the fixed one, although a run has begun.
    """
    if first_run is not None and at >= first_run and rubric.digest != fixed:
        raise RubricError(
            words("첫 실행 뒤에 바뀐 평가표", "a rubric changed after the first run"),
            words(f"지문 {fixed}의 평가표", f"the rubric with the digest {fixed}"),
        )
