"""Through which gates does a solution come into use, and what is measured at each?

The first gate is the shadow: the solution answers beside the present practice and nobody acts on
it. Then it serves growing shares of the cases (canary), at last all of them (live). The plan is
fixed before the first gate opens; its digest stands in the minutes of the consultation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from madang.kernel.stats.sequential import Tally
from madang.kernel.words import Words, words
from madang.trials.engine.errors import MoveRefused
from madang.trials.engine.record import Record
from madang.trials.engine.stop_rule import Measure, StopRule

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Gate(Record):
    """One step into use."""

    name: str
    title: Words
    share: float
    """Share of the cases that the solution serves; 0 in the shadow, 1 when live."""
    fewest_days: int = 0
    """How long the gate stays open at least, whatever the rules say."""


GATES = (
    Gate(name="shadow", title=words("그림자 운영", "shadow"), share=0.0, fewest_days=7),
    Gate(name="canary-5", title=words("시범 5 %", "canary, 5 %"), share=0.05, fewest_days=7),
    Gate(name="canary-20", title=words("시범 20 %", "canary, 20 %"), share=0.2, fewest_days=14),
    Gate(name="live", title=words("전면 운영", "live"), share=1.0),
)
"""The usual gates."""


@dataclass(frozen=True, kw_only=True)
class AdoptionPlan(Record):
    """Gates, measures and stop rules, fixed before the first gate opens.

    Raises:
        MoveRefused: Gates that do not rise from the shadow to live, or rules without a measure.
    """

    gates: tuple[Gate, ...] = GATES
    measures: tuple[Measure, ...]
    rules: tuple[StopRule, ...]
    silence_days: int = 7
    """After so many days without a report of every measure no gate opens."""

    def __post_init__(self) -> None:
        super().__post_init__()
        shares = [gate.share for gate in self.gates]
        rises = all(one < next_ for one, next_ in zip(shares, shares[1:], strict=False))
        if len(shares) < 2 or shares[0] != 0 or shares[-1] != 1 or not rises:
            raise MoveRefused(
                words(f"단계의 비율 {shares}", f"gates with the shares {shares}"),
                words("0에서 1까지 커지는 둘 이상", "two or more, rising from 0 to 1"),
            )
        self._check_names()
        if self.silence_days < 1 or any(gate.fewest_days < 0 for gate in self.gates):
            raise MoveRefused(
                words("음수이거나 없는 날수", "a number of days that is none"),
                words("1일 이상의 보고 간격", "a report at least every so many days, from 1"),
            )

    def _check_names(self) -> None:
        known = {measure.name: measure for measure in self.measures}
        names = {gate.name for gate in self.gates}
        if len(known) != len(self.measures) or len(names) != len(self.gates):
            raise MoveRefused(
                words("겹치는 이름", "names that occur twice"),
                words(
                    "단계와 측정값마다 다른 이름", "a name of its own for each gate and measure"
                ),
            )
        if not self.rules:
            raise MoveRefused(
                words("중단 규칙이 없는 계획", "a plan without a stop rule"),
                words("중단 규칙 하나 이상", "one stop rule or more"),
            )
        for rule in self.rules:
            measure = known.get(rule.measure)
            if measure is None or not measure.low <= rule.limit < measure.high:
                raise MoveRefused(
                    words(
                        f"측정값 {rule.measure!r}의 한도 {rule.limit:g}",
                        f"a limit of {rule.limit:g} on {rule.measure!r}",
                    ),
                    words(
                        "계획에 있는 측정값의 범위 안 한도",
                        "a limit inside the range of a measure of the plan",
                    ),
                )

    def measure(self, name: str) -> Measure:
        """The measure of that name.

        Raises:
            MoveRefused: The plan has none.
        """
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise MoveRefused(
            words(f"없는 측정값 {name!r}", f"no measure {name!r}"),
            words(
                f"{', '.join(each.name for each in self.measures)} 가운데 하나",
                f"one of {', '.join(each.name for each in self.measures)}",
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Batch(Record):
    """Observations of one measure that the agency reports together.

    Exactly one form: `events` of n (rate), `worse` and `better` of n (paired), `values` (amount),
    or the `mean` of n (any kind, if nothing finer may leave the agency; it widens the limits).
    """

    name: str
    """The agency's own name for the batch; a second one of the same name is refused."""
    measure: str
    observed_from: datetime
    observed_until: datetime
    n: int
    events: int | None = None
    worse: int | None = None
    better: int | None = None
    values: tuple[float, ...] = ()
    mean: float | None = None
    source: str = ""
    """SHA-256 of the file that was uploaded."""

    def __post_init__(self) -> None:
        super().__post_init__()
        forms = (
            self.events is not None,
            self.worse is not None and self.better is not None,
            bool(self.values),
            self.mean is not None,
        )
        halved = (self.worse is None) != (self.better is None)
        if sum(forms) != 1 or halved or self.n < 1 or (self.values and len(self.values) != self.n):
            raise MoveRefused(
                words(f"보고 {self.name!r}의 형식", f"the form of the batch {self.name!r}"),
                words(
                    "1건 이상과 events, worse·better, values, mean 가운데 하나",
                    "one case or more, and one of events, worse with better, values, mean",
                ),
            )
        if not self.observed_from <= self.observed_until:
            raise MoveRefused(
                words("끝이 시작보다 이른 관찰 기간", "a window that ends before it begins"),
                words("시작부터 끝까지의 기간", "a window from its begin to its end"),
            )
        if self.source and not _SHA256.fullmatch(self.source):
            raise MoveRefused(
                words("잘못된 파일 지문", "a malformed digest of the file"),
                words("SHA-256 64자리", "64 digits of SHA-256"),
            )

    def added_to(self, tally: Tally, measure: Measure) -> Tally:
        """The tally with these observations.

        Raises:
            MoveRefused: The form is not the measure's, or a number is outside its range.
        """
        own = {
            "rate": self.events is not None,
            "paired": self.worse is not None,
            "amount": bool(self.values),
        }
        if not own[measure.kind] and self.mean is None:
            raise self._unfit(measure)
        try:
            if self.mean is not None:
                return tally.with_mean(n=self.n, mean=self.mean)
            if self.events is not None:
                return tally.with_counts(n=self.n, events=self.events)
            if self.worse is not None and self.better is not None:
                return tally.with_pairs(n=self.n, worse=self.worse, better=self.better)
            return tally.with_values(self.values)
        except ValueError as fault:
            raise self._unfit(measure) from fault

    def _unfit(self, measure: Measure) -> MoveRefused:
        form = {
            "rate": words("n건 가운데 events건", "events among n"),
            "paired": words("n건 가운데 worse건과 better건", "worse and better among n"),
            "amount": words("values n개", "n values"),
        }[measure.kind]
        return MoveRefused(
            words(
                f"측정값 {measure.title.ko!r}에 맞지 않는 보고 {self.name!r}",
                f"the batch {self.name!r}, which does not fit {measure.title.en!r}",
            ),
            words(
                f"{form.ko} 또는 mean, 범위 {measure.low:g}~{measure.high:g}",
                f"{form.en}, or a mean, within {measure.low:g} to {measure.high:g}",
            ),
        )
