"""Do adoption and diffusion keep what they promise, in simulated agencies and pilots?

Agencies: each has cases of its own number and noise, and a true improvement of its own; what it
reports goes through `madang.trials.engine.diffusion`, and the interval for the next agency is held
against that agency's true improvement. Pilots: harm happens case by case, reports go through
`madang.trials.engine.adoption` gate by gate, and harmful pilots try to reach live.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from bench.table import Measurement
from madang.kernel.stats.interval import Interval
from madang.kernel.stats.pooling import Pooled, pool
from madang.kernel.stats.sequential import Tally
from madang.kernel.words import words
from madang.trials.engine.adoption import Adoption
from madang.trials.engine.adoption_moves import Hand
from madang.trials.engine.adoption_plan import GATES, AdoptionPlan, Batch
from madang.trials.engine.consultation import Consultation, Signature
from madang.trials.engine.diffusion import Confirmation, Diffusion, Protocol
from madang.trials.engine.matching import Company, Past, Rarity, Wanted, demands_for
from madang.trials.engine.minutes import Minutes
from madang.trials.engine.stop_rule import Measure, StopRule, cases_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LEVEL, WORLDS = 0.95, 400
AGENCIES = (3, 4, 5, 6, 8)
NOISE = 0.25
"""Standard deviation of one case's paired difference of losses."""
PROTOCOL = Protocol(
    task="trials.classification",
    task_version=1,
    options={},
    columns=("x: number",),
    frame={},
    metric="brier",
    baseline="prevalence",
    rule="superiority",
    margin=0.0,
    solution="5" * 64,
)


@dataclass(frozen=True)
class World:
    """How much agencies differ, beside how exactly each of them measures."""

    share: float
    """Share of the spread that is not measurement error (I squared), about."""
    heavy: bool = False
    """Improvements with heavy tails (Student, 3 degrees) in place of normal ones."""

    def agencies(self, rng: np.random.Generator, k: int) -> tuple[Floats, Floats, Floats]:
        """True turned differences of k agencies, what they measured, and their errors."""
        cases = np.exp(rng.uniform(np.log(200), np.log(1500), k)).astype(int)
        spread = math.sqrt(self.share / (1 - self.share)) * NOISE / math.sqrt(550)
        drawn = rng.standard_t(3, k) / math.sqrt(3) if self.heavy else rng.normal(size=k)
        true = -0.03 + spread * drawn
        error = NOISE / np.sqrt(cases)
        # Each agency estimates its own noise too, as a real one does.
        estimated = error * np.sqrt(rng.chisquare(cases - 1) / (cases - 1))
        return true, true + error * rng.normal(size=k), estimated


WORLDS_TRIED = (World(0.0), World(0.25), World(0.5), World(0.75), World(0.9), World(0.5, True))


def measure() -> list[Measurement]:
    """Coverage for the next agency; the winner's curse; errors of pilots at any time; speed."""
    return [
        *_coverage(),
        _winners(),
        *_any_time(),
        *_machines(),
        *_power(),
        *_speed(),
    ]


def confirmed(measured: Floats, errors: Floats, *, pool_origin: bool = False) -> Diffusion:
    """A diffusion in which agency 0 is the origin, and all have confirmed."""
    found = Diffusion(protocol=PROTOCOL, origin="0", pool_origin=pool_origin)
    for number, (difference, error) in enumerate(zip(measured, errors, strict=True)):
        found = found.confirm(
            Confirmation(
                agency=str(number),
                cases=100,
                difference=float(difference),
                standard_error=float(error),
                at=NOW,
            ),
            PROTOCOL,
        )
    return found


def one_tau(pooled: Pooled, lost: int) -> Interval:
    """The usual interval with one tau squared and k - `lost` degrees of freedom."""
    assert pooled.tau_squared is not None
    assert pooled.standard_error is not None
    spread = math.sqrt(pooled.tau_squared + pooled.standard_error**2)
    half = stats.t.ppf((1 + LEVEL) / 2, pooled.k - lost) * spread
    return Interval(pooled.estimate, pooled.estimate - half, pooled.estimate + half, LEVEL)


def _coverage() -> list[Measurement]:
    """The interval for the next agency, by the number of agencies and how much they differ."""
    rows = []
    for k in AGENCIES:
        shares, usual, widths = [], {1: [], 2: []}, []
        for place, world in enumerate(WORLDS_TRIED):
            held, held_usual = 0, {1: 0, 2: 0}
            for number in range(WORLDS):
                rng = np.random.default_rng([k, place, number])
                true, measured, errors = world.agencies(rng, k + 1)
                pooled = confirmed(measured[:k], errors[:k], pool_origin=True).pooled()
                assert pooled is not None
                assert pooled.prediction is not None
                held += pooled.prediction.covers(true[k])
                widths.append(pooled.prediction.high - pooled.prediction.low)
                for lost in usual:
                    held_usual[lost] += one_tau(pooled, lost).covers(true[k])
            shares.append(held / WORLDS)
            for lost, kept in usual.items():
                kept.append(held_usual[lost] / WORLDS)
        rows.append(
            Measurement(
                what=f"the next agency's true improvement lies in its interval, from {k} agencies",
                figure=f"{np.mean(shares):.1%}, in the worst world {min(shares):.1%}; "
                f"median width {np.median(widths):.3f}",
                peer="one tau²: worst world "
                f"{min(usual[1]):.1%} with t(k-1), {min(usual[2]):.1%} with t(k-2)",
                goal="at least 90 % in every world",
                kept=min(shares) >= 0.90,
                how=f"{WORLDS} sets of agencies in each of {len(WORLDS_TRIED)} worlds: from no "
                "differences to nine tenths of the spread, one with heavy tails; 200 to 1,500 "
                "cases an agency; 95 % intervals",
            )
        )
    return rows


def _winners() -> Measurement:
    """Five equal solutions, the luckiest of which is adopted and spread to three more agencies."""
    held, bias = {True: 0, False: 0}, {True: [], False: []}
    for number in range(WORLDS * 2):
        rng = np.random.default_rng([99, number])
        error = NOISE / math.sqrt(550)
        tried = -0.03 + error * rng.normal(size=5)
        measured = np.concatenate([[tried.min()], -0.03 + error * rng.normal(size=3)])
        for pooled_origin in (True, False):
            found = confirmed(measured, np.full(4, error), pool_origin=pooled_origin).pooled()
            assert found is not None
            assert found.interval is not None
            held[pooled_origin] += found.interval.covers(-0.03)
            bias[pooled_origin].append(-found.estimate - 0.03)
    return Measurement(
        what="pooled improvement, too good by (the first agency shown and not pooled)",
        figure=f"{np.mean(bias[False]):+.4f}, coverage of the mean {held[False] / WORLDS / 2:.1%}",
        peer=f"pooled with it: {np.mean(bias[True]):+.4f}, coverage {held[True] / WORLDS / 2:.1%}",
        goal="off by at most .001",
        kept=abs(float(np.mean(bias[False]))) <= 0.001,
        how=f"{WORLDS * 2} times: the luckiest of five solutions, each worth .03, is adopted and "
        "confirmed at three more agencies",
    )


PILOTS, CASES, ALPHA = 2000, 5000, 0.05


def log_stakes(values: Floats, mean: float) -> Floats:
    """The logarithm of the stake against "at most this mean" after every single observation."""
    shares = 2.0 ** -(np.arange(24) / 2)
    places, counts = np.unique(values, return_inverse=True)
    with np.errstate(divide="ignore"):
        growth = np.log1p(shares[:, None] * (places / mean - 1))
    logs = np.cumsum(growth[:, counts], axis=1)
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.exp(logs - top).mean(axis=0)))


def _any_time() -> list[Measurement]:
    """A claim that is just true, looked at after every case."""
    rows = []
    for title, drawn, mean in (
        ("a rate of 2 %", _events(0.02), 0.02),
        ("a rate of 30 %", _events(0.3), 0.3),
        ("a paired difference of 0, a tenth of the pairs differ", _pairs, 0.5),
    ):
        refuted = naive = 0
        for number in range(PILOTS):
            values = drawn(np.random.default_rng([int(1000 * mean), number]))
            refuted += bool(log_stakes(values, mean).max() >= -math.log(ALPHA))
            naive += _looked_at(values, mean)
        rows.append(
            Measurement(
                what=f"harmless pilots ever stopped, looked at after every case: {title}",
                figure=f"{refuted / PILOTS:.1%}",
                peer=f"a 95 % one-sided z limit looked at as often: {naive / PILOTS:.1%}",
                goal="at most 5 %",
                kept=refuted / PILOTS <= ALPHA,
                how=f"{PILOTS:,} pilots of {CASES:,} cases whose mean is exactly the limit",
            )
        )
    return rows


def _events(share: float) -> Callable[[np.random.Generator], Floats]:
    return lambda rng: (rng.random(CASES) < share).astype(float)


def _pairs(rng: np.random.Generator) -> Floats:
    return np.asarray(rng.choice([0.0, 0.5, 1.0], CASES, p=[0.05, 0.9, 0.05]))


def _looked_at(values: Floats, mean: float) -> bool:
    """Would a limit made for one look, from the hundredth case on, ever have stopped it?"""
    n = np.arange(1, CASES + 1)
    seen = np.cumsum(values) / n
    spread = np.sqrt(np.maximum(np.cumsum(values**2) / n - seen**2, 0) / n)
    return bool((seen - stats.norm.ppf(1 - ALPHA) * spread > mean)[99:].any())


LIMIT, WEEK = 0.1, 400
PLAN = AdoptionPlan(
    gates=tuple(replace(gate, fewest_days=7) for gate in GATES),
    measures=(Measure(name="errors", title=words("오류율", "error rate")),),
    rules=(StopRule(measure="errors", limit=LIMIT, alpha=ALPHA, fewest=200),),
)


def _ready() -> Consultation:
    minutes = Minutes(
        demand="d", agency="a", company="c", solution="5" * 64, held=date(2026, 11, 2), agenda="x"
    )
    found = Consultation(minutes=minutes)
    for party in minutes.parties:
        found = found.sign(Signature(by="k", organisation=party, at=NOW, minutes=minutes.digest))
    return found


def pilot(rate: float, rng: np.random.Generator, weeks: int) -> Iterator[Adoption]:
    """One pilot of so many weeks; it advances whenever it may and begins again when stopped."""
    ready = _ready()
    found = Adoption(demand="d", agency="a", company="c", solution="5" * 64, plan=PLAN)
    found = found.open(ready, hand=Hand(by="k", organisation="a", at=NOW))
    for week in range(weeks):
        begin, end = NOW + timedelta(days=7 * week), NOW + timedelta(days=7 * week + 7)
        hand = Hand(by="k", organisation="a", at=end)
        batch = Batch(
            name=str(week),
            measure="errors",
            observed_from=begin,
            observed_until=end,
            n=WEEK,
            events=int(rng.binomial(WEEK, rate)),
        )
        found = found.report(batch, hand=hand)
        if found.state == "stopped":
            yield found
            found = found.roll_back("shadow", hand=hand, reason="x").resume(ready, hand=hand)
        elif not found.is_live and not found.wanting(at=end):
            found = found.advance(ready, hand=hand)
        yield found
        if found.is_live:
            return


def _machines() -> list[Measurement]:
    """Whole pilots: the harmful ones that ever get through a gate, the harmless ever stopped."""
    count, weeks = 300, 12
    through = live = stopped = 0
    for number in range(count):
        harmful = list(pilot(LIMIT + 0.002, np.random.default_rng([1, number]), weeks))
        through += any(each.place > 0 for each in harmful)
        live += harmful[-1].is_live
        harmless = pilot(LIMIT, np.random.default_rng([2, number]), weeks)
        stopped += any(each.state == "stopped" for each in harmless)
    good = [list(pilot(LIMIT / 2, np.random.default_rng([3, n]), 40)) for n in range(100)]
    arrived = [len(each) for each in good if each[-1].is_live]
    how = f"{count} pilots, {WEEK} cases a week for {weeks} weeks, limit {LIMIT:.0%}, alpha 5 %"
    return [
        Measurement(
            what="pilots just beyond the limit that ever pass any gate",
            figure=f"{through / count:.1%}; live {live / count:.1%}",
            goal="at most 5 %",
            kept=through / count <= ALPHA,
            how=how + "; stopped ones begin again",
        ),
        Measurement(
            what="pilots exactly at the limit that are ever stopped",
            figure=f"{stopped / count:.1%}",
            goal="at most 5 %",
            kept=stopped / count <= ALPHA,
            how=how,
        ),
        Measurement(
            what="good pilots, at half the limit, that reach live",
            figure=f"{len(arrived)} of {len(good)}, in {np.median(arrived):.0f} weeks (median)",
            peer=f"{len(PLAN.gates) - 1} weeks is the shortest way",
            how=f"{len(good)} pilots, {WEEK} cases a week",
        ),
    ]


def _power() -> list[Measurement]:
    """How many cases it takes to be sure, beside one look at the best moment."""
    rows = []
    for rate in (0.15, 0.2, 0.3):
        needed = []
        for number in range(300):
            happened = np.random.default_rng([5, number]).random(20_000) < rate
            hit = log_stakes(happened.astype(float), LIMIT) >= -math.log(ALPHA)
            needed.append(int(np.argmax(hit)) + 1 if hit.any() else 20_000)
        z = stats.norm.ppf(1 - ALPHA) * math.sqrt(LIMIT * (1 - LIMIT))
        fixed = (z + stats.norm.ppf(0.8) * math.sqrt(rate * (1 - rate))) ** 2 / (rate - LIMIT) ** 2
        rows.append(
            Measurement(
                what=f"cases until an error rate of {rate:.0%} stops a pilot (limit {LIMIT:.0%})",
                figure=f"median {np.median(needed):,.0f}, nine in ten by "
                f"{np.quantile(needed, 0.9):,.0f}",
                peer=f"one look, 80 % power: {fixed:,.0f}",
                how="300 pilots, one rule, looked at after every case, alpha 5 %",
            )
        )
    rule = PLAN.rules[0]
    need = [
        cases_needed(rule, PLAN.measures[0], mean=mean, gates=4) for mean in (0.03, 0.05, 0.07)
    ]
    rows.append(
        Measurement(
            what="cases that a gate needs to show an error rate of 3, 5, 7 % (limit 10 %)",
            figure=", ".join(f"{each:,}" for each in need if each),
            how="`cases_needed`; four gates share alpha 5 %",
        )
    )
    return rows


def _speed() -> list[Measurement]:
    """What pages wait for."""
    rng = np.random.default_rng(6)
    values, errors = rng.normal(size=8).tolist(), [0.5] * 8
    vocabulary = [f"w{n}" for n in range(3000)]

    def wanted(number: int) -> Wanted:
        return Wanted(
            name=f"d{number}",
            task=f"t.{number % 7}",
            kinds={"number": number % 5, "category": 3},
            subjects=tuple(sorted(rng.choice(vocabulary, 30, replace=False).tolist())),
            tiers=("onnx",),
        )

    demands = [wanted(number) for number in range(2000)]
    company = Company(
        name="c", past=tuple(Past(demand=each, tier="onnx") for each in demands[:10])
    )
    rarity = Rarity.of(demands)
    tally = Tally.empty().with_values(rng.random(5000))
    return [
        Measurement(
            what=what,
            figure=f"{1000 * _cpu(act, times):.1f} ms CPU",
            goal=goal,
            kept=_cpu(act, times) <= limit,
            how=f"mean of {times}",
        )
        for what, act, times, limit, goal in (
            ("pool eight agencies, with the next one's interval",
             lambda: pool(values, errors), 50, 0.03, "at most 30 ms"),
            ("both limits of a pilot of 5,000 values",
             lambda: tally.interval(), 50, 0.01, "at most 10 ms"),
            ("order 2,000 open demands for a company, reasons told",
             lambda: demands_for(company, demands, rarity=rarity), 3, 0.3, "at most 300 ms"),
        )
    ]  # fmt: skip


def _cpu(act: Callable[[], object], times: int) -> float:
    """CPU seconds of one call, after a first one that fills caches."""
    act()
    begin = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - begin) / times
