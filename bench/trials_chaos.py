"""Do 1,000 submissions all end, once, on two workers killed at random, and at what cost?

What made a run cheap: a demand is read once a process, not once a run; the sealed inputs of the
last part stay at hand; quota and names are counted where the queue lies, by one query that parses
no run; each entry of the log is read once when ends are recorded; a file of predictions is parsed
once when it is taken in.

Tried and rejected: a counter of used quotas beside the queue (a second truth, which a kill could
part from the first); the releases in a write-ahead log (its files are folded when the connection
closes, and one kept open for a worker's life saved a wait for the disk but no processor time);
keeping the inputs of every demand at hand (a long-lived worker would hold them all, decrypted); no
successor for the last jail of a queue (no worker knows that its run is the last).
"""

from __future__ import annotations

from bench.table import Measurement
from bench.trial_storm import Plan, storm_apart

_PLAN = Plan(good=960, python=30, crasher=10, blows=41)


def measure() -> list[Measurement]:
    """One storm, and the same submissions in calm."""
    rough = storm_apart(_PLAN)
    calm = storm_apart(Plan(good=_PLAN.good, seed=_PLAN.seed))
    runs = rough.runs
    struck = ", ".join(f"{number} × {kind}" for kind, number in sorted(rough.blows.items()))
    how = (
        f"{_PLAN.good} predictions files, {_PLAN.python + _PLAN.crasher} Python "
        f"solutions in the jail, {_PLAN.workers} workers, leases of {_PLAN.lease_s:g} s; "
        f"struck: {struck}; {rough.lost} leases ran out"
    )
    return [
        Measurement(
            what=f"{runs:,} tiny submissions, workers and scorers killed at random",
            figure=f"{rough.ended:,} ended ({rough.as_expected:,} as deserved, {rough.platform} "
            f"failed by the platform), {rough.runs - rough.ended} stuck, {rough.unknown} lost; at "
            f"most {rough.most_ends} end each, {rough.releases_off} releases and "
            f"{rough.statements_off} statements too many or too few, {rough.quota_off} firms with "
            f"a wrong quota, {rough.stale_tokens} stale tokens; log verifies: "
            f"{'yes' if rough.log_verifies else 'no'}",
            goal="all end, none scored twice, none lost, no quota lost by a fault of the platform",
            kept=rough.is_clean,
            how=how,
        ),
        Measurement(
            what="a lost lease noticed after its end",
            figure=f"{rough.latest_s:.2f} s at the latest",
            goal="at most 5 s",
            kept=rough.latest_s <= 5,
            how=how,
        ),
        Measurement(
            what="processes and control groups left behind by the dead",
            figure=f"{len(rough.left_processes)} processes, {rough.left_groups} groups",
            goal="none",
            kept=not rough.left_processes and not rough.left_groups,
            how="every orphan is adopted by the bench; groups after the next start of a pool",
        ),
        Measurement(
            what="one run in the storm, CPU of workers, scorers and jails",
            figure=f"{1000 * rough.cpu_s / runs:.0f} ms ({rough.wall_s:.0f} s wall in all)",
            peer=f"in calm, predictions alone: {1000 * calm.cpu_s / calm.runs:.0f} ms "
            f"({calm.wall_s:.0f} s wall)",
            how="the storm's figure includes the starts of every replaced worker and scorer",
        ),
        Measurement(
            what=f"taking in a submission, CPU: the last of {calm.runs:,} beside the first",
            figure=f"{calm.submit_ms[1]:.1f} ms",
            peer=f"{calm.submit_ms[0]:.1f} ms, ratio {calm.submit_ms[1] / calm.submit_ms[0]:.2f}",
            goal="at most twice as long",
            kept=calm.submit_ms[1] <= 2 * calm.submit_ms[0],
            how="median of the last and of the first tenth",
        ),
    ]
