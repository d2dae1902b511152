"""Is a pilot within the harm that was agreed, beyond it, or not yet known?

A rule watches one bounded quantity of which more is worse. It trips when the lower anytime-valid
limit of its mean exceeds `limit`: the harm is shown. It is kept when enough cases are seen and the
upper limit lies at or below `limit`. In between nothing is shown, and the pilot goes on observing.

Chance of error: a harmless solution (mean at most `limit`) is ever stopped, and a harmful one
(mean above it) is ever let on, with probability at most `alpha` each, over all gates and all
attempts together: each gate of each attempt spends its own part of alpha.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from madang.kernel.stats.sequential import Tally
from madang.kernel.words import Words, words
from madang.trials.engine.errors import MoveRefused
from madang.trials.engine.record import Record

Standing: TypeAlias = Literal["observing", "kept", "tripped"]
STANDINGS: dict[Standing, Words] = {
    "observing": words("관찰 중", "observing"),
    "kept": words("한도 안", "within the limit"),
    "tripped": words("한도 초과", "beyond the limit"),
}


@dataclass(frozen=True, kw_only=True)
class Measure(Record):
    """A bounded quantity that the agency observes case by case; more of it is worse.

    `rate`: yes or no (an error, a complaint). `paired`: the solution against the present practice
    on the same case, +1 where the solution alone was wrong, -1 where the practice alone was.
    `amount`: any number between `low` and `high`, such as a loss.
    """

    name: str
    title: Words
    kind: Literal["rate", "paired", "amount"] = "rate"
    low: float = 0.0
    high: float = 1.0
    unit: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        needed = {"rate": (0.0, 1.0), "paired": (-1.0, 1.0)}.get(self.kind)
        if not self.low < self.high or (needed and (self.low, self.high) != needed):
            low, high = needed or ("-", "-")
            raise MoveRefused(
                words(
                    f"측정값 {self.title.ko!r}의 범위 {self.low:g}~{self.high:g}",
                    f"the range {self.low:g} to {self.high:g} of {self.title.en!r}",
                ),
                words(f"{low}~{high}", f"{low} to {high}")
                if needed
                else words("작은 값부터 큰 값까지", "a lower and a higher end"),
            )


@dataclass(frozen=True, kw_only=True)
class StopRule(Record):
    """How much of a measure is acceptable, and how surely it must be known."""

    measure: str
    limit: float
    """The largest acceptable mean."""
    alpha: float = 0.05
    fewest: int = 100
    """Cases that each gate must see before it can be kept."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.alpha < 0.5 or self.fewest < 1:
            raise MoveRefused(
                words(
                    f"오류 확률 {self.alpha:g}, 최소 {self.fewest}건",
                    f"an error probability of {self.alpha:g}, at least {self.fewest} cases",
                ),
                words(
                    "0과 0.5 사이의 확률, 1건 이상",
                    "a probability between 0 and 0.5, and one case or more",
                ),
            )

    def part(self, *, gates: int, attempt: int) -> float:
        """The part of alpha that one gate of one attempt spends.

        Attempts count from 1 and spend alpha / (a (a + 1)), which sums to alpha however often the
        pilot begins again.
        """
        return self.alpha / (gates * attempt * (attempt + 1))

    def read(self, tally: Tally, *, alpha: float) -> Reading:
        """What the observations of one gate say.

        Args:
            tally: All of them.
            alpha: The gate's part.
        """
        lower, upper = tally.lower(alpha), tally.upper(alpha)
        standing: Standing = "observing"
        if lower > self.limit:
            standing = "tripped"
        elif tally.n >= self.fewest and upper <= self.limit:
            standing = "kept"
        return Reading(
            measure=self.measure,
            n=tally.n,
            mean=tally.mean,
            lower=lower,
            upper=upper,
            limit=self.limit,
            fewest=self.fewest,
            alpha=alpha,
            standing=standing,
        )


class Reading(NamedTuple):
    """One rule held against what was observed."""

    measure: str
    n: int
    mean: float | None
    lower: float
    """The mean lies above it, at all times together but with probability alpha."""
    upper: float
    limit: float
    fewest: int
    alpha: float
    standing: Standing

    def sentence(self, title: Words) -> Words:
        """The reading in one sentence."""
        if self.mean is None:
            return words(f"{title.ko}: 아직 관찰한 사례가 없습니다.", f"{title.en}: no case yet.")
        ko = f"{title.ko}: {self.n:,}건에서 평균 {self.mean:.4g}, 한도 {self.limit:.4g}. "
        en = f"{title.en}: mean {self.mean:.4g} in {self.n:,} cases, limit {self.limit:.4g}. "
        if self.standing == "tripped":
            return words(
                ko + f"참값이 {self.lower:.4g}보다 크다고 보므로 한도를 넘었습니다.",
                en + f"The true value lies above {self.lower:.4g}: the limit is exceeded.",
            )
        if self.standing == "kept":
            return words(
                ko + f"참값이 {self.upper:.4g}보다 작다고 보므로 한도 안입니다.",
                en + f"The true value lies below {self.upper:.4g}: within the limit.",
            )
        if self.n < self.fewest:
            return words(
                ko + f"{self.fewest:,}건까지 더 관찰합니다.",
                en + f"Observing until there are {self.fewest:,} cases.",
            )
        return words(
            ko + f"참값은 {self.lower:.4g}~{self.upper:.4g} 사이이며 더 관찰해야 압니다.",
            en + f"The true value lies between {self.lower:.4g} and {self.upper:.4g}: "
            "more cases must tell.",
        )

    def lack(self, title: Words) -> Words:
        """What is wanting before the rule is shown to be kept, as a phrase."""
        if self.n < self.fewest:
            more = self.fewest - self.n
            return words(f"{title.ko} {more:,}건의 관찰", f"{more:,} more cases of {title.en}")
        return words(
            f"{title.ko}의 상한 {self.upper:.4g}이(가) 한도 {self.limit:.4g} 이하일 것",
            f"an upper limit of {title.en} of at most {self.limit:.4g} (now {self.upper:.4g})",
        )


def cases_needed(
    rule: StopRule, measure: Measure, *, mean: float, gates: int, attempt: int = 1
) -> int | None:
    """How many cases a gate will about need until the rule is kept, if the mean is as expected.

    Args:
        rule: The rule.
        measure: What it watches.
        mean: The expected mean, below the limit.
        gates: Gates of the plan.
        attempt: Which attempt.

    Returns:
        A number of cases, taking the values as yes-no at the ends of the range (the most
        scattered that there are); None where ten million would not do.
    """
    alpha = rule.part(gates=gates, attempt=attempt)
    n, most = max(1, rule.fewest), 10_000_000
    empty = Tally.empty(measure.low, measure.high)
    while n <= most:
        if empty.with_mean(n=n, mean=mean).upper(alpha) <= rule.limit:
            return n
        n = max(n + 1, int(n * 1.1))
    return None
