"""How quick is a plan of ten thousand random paths?"""

from __future__ import annotations

from bench.table import Measurement, median_cpu_s
from madang.fund.engine.planning.paths import Purpose, Start, play

PATHS = 10_000


def measure() -> list[Measurement]:
    """Fifteen years by quarter, three quotas."""
    start = Start(
        committed=1.5e11,
        unfunded=1.5e11,
        nav=0,
        cash=0,
        fee=8e8,
        invests=16,
        quarters=60,
        purposes={
            name: Purpose(within=0, goal=6e10, share=0.5, quarters=16) for name in ("a", "b", "c")
        },
    )
    taken = median_cpu_s(lambda: play(start, paths=PATHS), times=5)
    return [
        Measurement(
            what="A plan of 10,000 random paths",
            figure=f"{taken:.2f} s CPU",
            goal="1 s",
            kept=taken <= 1,
            how="15 years by quarter, three quotas; median of 5",
        )
    ]
