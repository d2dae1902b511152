"""Do 10,000 queued runs all end, once, though workers and the database are killed at random?"""

from __future__ import annotations

from bench.site_storm import LEASE_S, Aftermath, Storm, storm
from bench.sites import kinds, site
from bench.table import Measurement

_RUNS = {"SQLite": 5_000, "PostgreSQL": 10_000}


def measure() -> list[Measurement]:
    """A storm on each database."""
    rows = []
    for kind in kinds():
        plan = Storm(runs=_RUNS[kind], restarts=2 if kind == "PostgreSQL" else 0)
        with site(kind) as made:
            rows += _told(kind, plan, storm(made, plan))
    return rows


def _told(kind: str, plan: Storm, seen: Aftermath) -> list[Measurement]:
    struck = ", ".join(f"{number} × {blow}" for blow, number in sorted(seen.blows.items()))
    causes = ", ".join(f"{number} × {cause}" for cause, number in sorted(seen.causes.items()))
    how = (
        f"{plan.workers} workers, leases of {LEASE_S:g} s, each end an entry of the signed log; "
        f"struck: {struck or 'nothing'}; {seen.lost_leases} leases ran out"
    )
    return [
        Measurement(
            what=f"{seen.runs:,} queued runs on {kind}, workers"
            + (" and the database" if plan.restarts else "")
            + " killed at random",
            figure=f"{seen.ended:,} ended ({causes or 'all done'}; {seen.untyped} without a "
            f"cause), {seen.unknown} lost; at most {seen.most_ends} end each, remembered "
            f"{seen.settled[0]} to {seen.settled[1]} times, {seen.unsettled} not; log verifies: "
            f"{'yes' if seen.log_verifies else 'no'}",
            goal="all end with a typed cause, none lost, none done or remembered twice",
            kept=seen.is_clean,
            how=f"{how}; {seen.runs / seen.wall_s:.0f} runs a second, {seen.wall_s:.0f} s wall",
        ),
        Measurement(
            what=f"a lost lease noticed after its end, {kind}",
            figure=f"{seen.latest_s:.2f} s at the latest",
            goal="at most 5 s",
            kept=seen.latest_s <= 5,
            how=how,
        ),
    ]
