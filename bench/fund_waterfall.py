"""How quick is the waterfall, and do a million random funds agree to the won?

Each random fund has three partners, one to four payments and one to four distributions on random
days; after each one, what partners and manager got is held against the cash that went out, and at
the end the clawback is computed. Four sets of terms take turns.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bench.table import Measurement
from madang.fund.engine.waterfall.clawback import owed
from madang.fund.engine.waterfall.standing import Standing
from madang.fund.engine.waterfall.tiers import distribute
from tests.fund.terms import small

if TYPE_CHECKING:
    from madang.fund.engine.terms.agreement import Agreement

FUNDS = 1_000_000
_TIERS: dict[str, list[dict[str, Any]]] = {
    "8 %, full catch-up": [
        {"pay": "capital"},
        {"pay": "preferred", "rate": "8%"},
        {"pay": "catch-up", "catch_up": "100%", "carry": "20%"},
        {"pay": "residual", "carry": "20%"},
    ],
    "private first, two steps": [
        {"pay": "capital", "to": ["private", "manager"]},
        {"pay": "preferred", "to": ["private"], "rate": "3%"},
        {"pay": "capital", "to": ["public"]},
        {"pay": "preferred", "rate": "7%"},
        {"pay": "residual", "carry": "10%"},
    ],
    "compounded, half catch-up": [
        {"pay": "capital"},
        {"pay": "preferred", "rate": "5%", "compounded": True},
        {"pay": "catch-up", "catch_up": "50%", "carry": "15%"},
        {"pay": "residual", "carry": "15%"},
    ],
    "option on the excess": [
        {"pay": "capital"},
        {"pay": "residual", "carry": "10%", "rate": "6%", "until": ["public"]},
        {
            "pay": "residual",
            "carry": "20%",
            "option": {"giver": "public", "holder": "private", "share": "50%"},
        },
    ],
}


def _play(agreement: Agreement, chance: random.Random) -> int:
    """One random fund; how many won do not agree."""
    standing, day = Standing(agreement), date(2025, 1, 1)
    apart = 0
    for _ in range(chance.randint(1, 4)):
        standing.pay_in(day, {number: chance.randint(1, 10**10) for number in (1, 2, 3)})
        day += timedelta(days=chance.randint(1, 700))
    for _ in range(chance.randint(1, 4)):
        amount = chance.randint(0, 3 * 10**10)
        found = distribute(standing, day, amount)
        apart += abs(amount - found.carry - sum(map(found.partner, (1, 2, 3))))
        day += timedelta(days=chance.randint(1, 700))
    back = owed(standing, day)
    return apart + abs(sum(back.to.values()) - back.owed_krw)


def _share(task: tuple[int, int]) -> tuple[int, float]:
    seed, count = task
    chance = random.Random(seed)  # noqa: S311 - chance for a measurement
    terms = [small(distribution__tiers=tiers) for tiers in _TIERS.values()]
    begin = time.process_time()
    apart = sum(_play(terms[place % len(terms)], chance) for place in range(count))
    return apart, time.process_time() - begin


def measure() -> list[Measurement]:
    """A million random funds on every core of this machine."""
    workers = os.cpu_count() or 1
    tasks = [(seed, FUNDS // 40) for seed in range(40)]
    begin = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        found = pool.map(_share, tasks, chunksize=1)
    taken = time.perf_counter() - begin
    apart = sum(each for each, _ in found)
    cpu_s = sum(each for _, each in found)
    return [
        Measurement(
            what="Random funds through waterfall, reconciliation and clawback",
            figure=f"{FUNDS:,} in {taken / 60:.1f} min; {cpu_s / FUNDS * 1e3:.2f} ms CPU a fund",
            goal="10⁶ in 10 minutes on two cores",
            kept=taken * workers / 2 <= 600,
            how=f"{workers} processes, four sets of terms in turn, seeds 0-39",
        ),
        Measurement(
            what="Won by which partners, manager and cash differ",
            figure=f"{apart}",
            goal="0",
            kept=apart == 0,
            how="the same funds, after each distribution and after the clawback",
        ),
    ]
