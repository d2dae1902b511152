"""How quick is a rate of return that says whether it is the only one, beside those that do not?"""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import numpy_financial
import pyxirr
from scipy.optimize import brentq

from bench.table import Measurement, median_cpu_s
from madang.fund.engine.measures import rates
from madang.fund.engine.measures.flows import Flow

FUNDS = 1_000
START = date(2025, 1, 1)


def _funds(*, mixed: bool) -> list[list[Flow]]:
    """Random dated funds of thirty flows; mixed ones pay in and out in any order."""
    chance = random.Random(30)  # noqa: S311 - chance for a measurement
    found = []
    for _ in range(FUNDS):
        days = sorted(chance.sample(range(4_000), 30))
        found.append(
            [
                Flow(
                    START + timedelta(days=day),
                    chance.randint(-(10**9), 2 * 10**9)
                    if mixed and place
                    else chance.randint(1, 10**9) * (-1 if place < 12 else 1),
                )
                for place, day in enumerate(days)
            ]
        )
    return found


def _brentq(flows: list[Flow]) -> float:
    times = [(each.on - flows[0].on).days / 365 for each in flows]

    def value(rate: float) -> float:
        return math.fsum(
            each.won / (1 + rate) ** time for each, time in zip(flows, times, strict=True)
        )

    return float(brentq(value, -0.99, 100, xtol=1e-13))


def measure() -> list[Measurement]:
    """Ours beside pyxirr, brentq and numpy-financial, in one run."""
    plain, mixed = _funds(mixed=False), _funds(mixed=True)
    own = median_cpu_s(lambda: [rates.of_days(each) for each in plain], times=3) / FUNDS
    hard = median_cpu_s(lambda: [rates.of_days(each) for each in mixed], times=3) / FUNDS
    library = (
        median_cpu_s(
            lambda: [pyxirr.xirr([f.on for f in each], [f.won for f in each]) for each in plain],
            times=3,
        )
        / FUNDS
    )
    judge = median_cpu_s(lambda: [_brentq(each) for each in plain], times=3) / FUNDS
    apart = max(abs((rates.of_days(each).value or 0) - _brentq(each)) for each in plain)
    several = sum(rates.of_days(each).status == "several" for each in mixed)
    none = sum(rates.of_days(each).status == "none" for each in mixed)
    periods = [[each.won for each in fund] for fund in plain]
    sturm = median_cpu_s(lambda: [rates.of_periods(each) for each in periods[:200]], times=3) / 200
    numpy_s = (
        median_cpu_s(lambda: [numpy_financial.irr(each) for each in periods[:200]], times=3) / 200
    )
    return [
        Measurement(
            what="Every rate of 30 dated flows, with its uniqueness",
            figure=f"{own * 1e3:.2f} ms CPU",
            peer=f"one number, nothing said: pyxirr {library * 1e3:.3f} ms, "
            f"brentq {judge * 1e3:.2f} ms",
            how=f"{FUNDS:,} random funds that pay in first; median of 3",
        ),
        Measurement(
            what="The same, flows in and out mixed",
            figure=f"{hard * 1e3:.1f} ms CPU; {several} have several rates, {none} none",
            peer="pyxirr gives one number for each that has several",
            how=f"{FUNDS:,} random funds; median of 3",
        ),
        Measurement(
            what="Largest difference from brentq",
            figure=f"{apart:.1e}",
            goal="1e-9",
            kept=apart <= 1e-9,
            how=f"{FUNDS:,} random funds that pay in first",
        ),
        Measurement(
            what="Every rate of 30 yearly flows, counted by Sturm's theorem",
            figure=f"{sturm * 1e3:.1f} ms CPU",
            peer=f"numpy-financial {numpy_s * 1e3:.2f} ms, one number",
            how="200 random funds; median of 3",
        ),
    ]
