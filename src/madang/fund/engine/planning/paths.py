"""What might happen, and how often? Random paths of calls, distributions, cash and quotas.

Each path draws, quarter by quarter, how much is called and invested, how the holdings grow (a part
of it common to all, a part its own) and how much of them is sold. What is called never exceeds the
commitments. The numbers are floats: a plan is no ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.fund.engine.errors import TermsRefused
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from madang.fund.engine.book import Book

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_QUARTERS = 4
_TINY_KRW = 1.0
"""Less than a won is no shortage, but the rounding of floats."""


class Purpose(NamedTuple):
    """A quota in a plan."""

    within: float
    """Invested in it today, in won."""
    goal: float
    share: float
    """Of a new investment, on average, that falls into it."""
    quarters: int
    """Until it has to be reached."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a fund stands today, in won."""

    committed: float
    unfunded: float
    nav: float
    """Of the holdings."""
    cash: float
    fee: float
    """A quarter's."""
    invests: int
    """Quarters in which it still invests."""
    quarters: int
    """Until the end of its life."""
    purposes: Mapping[str, Purpose] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What is supposed of the years to come."""

    pace: float = 0.12
    """Of what is left to invest, a quarter."""
    pace_spread: float = 0.5
    """Standard deviation of the pace's logarithm."""
    growth: float = 0.13
    """Of holdings, a year, on average."""
    common: float = 0.12
    """Standard deviation of the year's growth that all holdings share."""
    own: float = 0.2
    """Standard deviation of the year's growth of this fund alone."""
    exits: float = 0.04
    """Of holdings, sold in a quarter when the fund is half its life old."""
    reserve: float = 0.01
    """Of the commitments, kept in cash."""

    def __post_init__(self) -> None:
        ok = 0 < self.pace <= 1 and 0 <= self.exits <= 1 and self.growth > -1
        if not ok or min(self.pace_spread, self.common, self.own, self.reserve) < 0:
            raise TermsRefused(
                words(f"가정 {self}", f"the assumptions {self}"),
                words("0~1의 비율과 0 이상의 표준편차", "rates from 0 to 1, spreads from 0 on"),
            )


@dataclass(frozen=True)
class Paths:
    """What came of all paths: one row a path, one column a quarter, in won."""

    called: NDArray[np.float64]
    distributed: NDArray[np.float64]
    nav: NDArray[np.float64]
    cash: NDArray[np.float64]
    short: NDArray[np.bool_]
    """Whether cash would have fallen below 0 without a line of credit."""
    within: Mapping[str, NDArray[np.float64]]
    """By quota: invested in it."""
    reached: Mapping[str, float]
    """By quota: the share of paths in which it is reached in time."""
    there: float
    """What the fund was worth at the start."""

    def fan(self, name: str) -> NDArray[np.float64]:
        """The quantiles of a column of figures: one row each of `QUANTILES`."""
        found: NDArray[np.float64] = np.quantile(getattr(self, name), QUANTILES, axis=0)
        return found

    @property
    def short_by_quarter(self) -> NDArray[np.float64]:
        """The share of paths that would be short of cash, by quarter."""
        found: NDArray[np.float64] = self.short.mean(axis=0)
        return found

    @property
    def multiple(self) -> NDArray[np.float64]:
        """What comes out, for each won that was there or is called, by path."""
        into = np.maximum(self.called.sum(axis=1) + self.there, 1.0)
        out = self.distributed.sum(axis=1) + self.nav[:, -1] + self.cash[:, -1]
        found: NDArray[np.float64] = out / into
        return found


def play(
    start: Start, assumed: Assumptions | None = None, *, paths: int = 10_000, seed: int = 1
) -> Paths:
    """Random paths from today to the end of the fund's life.

    Args:
        start: Where it stands.
        assumed: What is supposed; the defaults where None.
        paths: How many.
        seed: The same seed gives the same paths.

    Raises:
        TermsRefused: No path, or no quarter left.
    """
    if paths < 1 or start.quarters < 1:
        raise TermsRefused(
            words(
                f"경로 {paths}개, {start.quarters}분기",
                f"{paths} paths, {start.quarters} quarters",
            ),
            words("한 개 이상의 경로와 한 분기 이상", "a path and a quarter, or more"),
        )
    return _Run(start, assumed or Assumptions(), paths, seed).all()


class _Run:
    """All paths side by side."""

    def __init__(self, start: Start, assumed: Assumptions, paths: int, seed: int) -> None:
        self.start, self.assumed = start, assumed
        shape = (paths, start.quarters)
        chance = np.random.default_rng(seed)
        market = chance.standard_normal(shape)
        alone = chance.standard_normal(shape)
        spread = (assumed.common * market + assumed.own * alone) / np.sqrt(_QUARTERS)
        variance = (assumed.common**2 + assumed.own**2) / _QUARTERS
        drift = np.log1p(assumed.growth) / _QUARTERS - variance / 2
        self.growth = np.exp(drift + spread)
        pace = np.log(assumed.pace) - assumed.pace_spread**2 / 2
        self.pace = np.exp(pace + assumed.pace_spread * chance.standard_normal(shape))
        self.mix = chance.random(shape)
        self.called, self.paid, self.nav, self.cash = (np.zeros(shape) for _ in range(4))
        self.short = np.zeros(shape, dtype=bool)

    def all(self) -> Paths:
        """Go through the quarters."""
        start = self.start
        paths = len(self.growth)
        unfunded = np.full(paths, float(start.unfunded))
        nav = np.full(paths, float(start.nav))
        cash = np.full(paths, float(start.cash))
        within = {name: np.zeros((paths, start.quarters)) for name in start.purposes}
        sums = {name: np.full(paths, float(each.within)) for name, each in start.purposes.items()}
        for quarter in range(start.quarters):
            bought = self._invested(quarter, unfunded)
            call = np.minimum(unfunded, np.maximum(bought + start.fee - cash, 0.0))
            unfunded -= call
            cash += call - bought - start.fee
            self.short[:, quarter] = cash < -_TINY_KRW
            nav *= self.growth[:, quarter]
            sold = nav * self._exits(quarter)
            nav = nav - sold + bought
            cash += sold
            spare = np.maximum(cash - self._reserve(quarter), 0.0)
            cash -= spare
            self.called[:, quarter], self.paid[:, quarter] = call, spare
            self.nav[:, quarter], self.cash[:, quarter] = nav, cash
            for name, purpose in start.purposes.items():
                sums[name] += np.where(self.mix[:, quarter] < purpose.share, bought, 0.0)
                within[name][:, quarter] = sums[name]
        return Paths(
            called=self.called,
            distributed=self.paid,
            nav=self.nav,
            cash=self.cash,
            short=self.short,
            within=within,
            reached=self._reached(within),
            there=float(start.nav + start.cash),
        )

    def _invested(self, quarter: int, unfunded: NDArray[np.float64]) -> NDArray[np.float64]:
        if quarter >= self.start.invests:
            return np.zeros_like(unfunded)
        ahead = self.start.fee * (self.start.quarters - quarter)
        left = np.maximum(unfunded - ahead, 0.0)
        if quarter == self.start.invests - 1:
            return left
        found: NDArray[np.float64] = left * np.minimum(self.pace[:, quarter], 1.0)
        return found

    def _exits(self, quarter: int) -> float:
        """The share sold: little at first, everything in the last quarter."""
        if quarter == self.start.quarters - 1:
            return 1.0
        age = (quarter + 1) / self.start.quarters
        return min(self.assumed.exits * 4 * age**2, 1.0)

    def _reserve(self, quarter: int) -> float:
        if quarter == self.start.quarters - 1:
            return 0.0
        return max(self.assumed.reserve * self.start.committed, self.start.fee)

    def _reached(self, within: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
        found = {}
        for name, purpose in self.start.purposes.items():
            last = min(max(purpose.quarters, 1), self.start.quarters) - 1
            if purpose.quarters > 0:
                found[name] = float(np.mean(within[name][:, last] >= purpose.goal))
            else:
                found[name] = float(purpose.within >= purpose.goal)
        return found


def start_of(book: Book, on: date) -> Start:
    """Where a fund stands on a day, as its books say."""
    from madang.fund.engine.flows import fees
    from madang.fund.engine.purpose import in_book

    terms = book.terms(on)
    end = terms.life.day(terms.life.years)
    last = terms.life.day(terms.life.investment_years)
    phase = terms.fee.phase(terms.year_of(on))
    yearly = fees.rate_times(phase, fees.bases(book, on)[phase.base])
    invested = in_book.invested(book, on)
    whole = sum(each.krw for each in invested)
    purposes = {}
    for each in in_book.standings(book, on):
        # With nothing invested yet, the mix is taken to be what the quota asks for.
        share = each.within_krw / whole if whole else float(each.quota.least_share)
        purposes[each.quota.id] = Purpose(
            within=each.within_krw,
            goal=each.goal_krw,
            share=share,
            quarters=_quarters(on, each.quota.by),
        )
    return Start(
        committed=-book.journal.total("committed", on),
        unfunded=book.journal.total("unfunded", on) + book.journal.total("called", on),
        nav=sum(book.fair_value(each, on) for each in book.held(on)),
        cash=book.cash(on),
        fee=float(yearly) / _QUARTERS,
        invests=_quarters(on, last),
        quarters=max(_quarters(on, end), 1),
        purposes=purposes,
    )


def _quarters(on: date, until: date) -> int:
    return max(-(-(until - on).days * _QUARTERS // 365), 0)
