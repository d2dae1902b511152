"""How fast are leases given and taken back, and do all jobs end though workers are killed?"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path

from bench.chaos import LEASE_S, storm
from bench.table import Measurement
from madang.kernel.jobs.lease import Leases
from madang.kernel.jobs.sqlite import SqliteLeaseStore

_JOBS = 2_000
_STORM = 1_000
_SEEDS = (1, 2, 3)


def measure() -> list[Measurement]:
    """Lease throughput and the storm."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [_throughput(Path(folder))]
    return [*rows, *(_storm(seed) for seed in _SEEDS)]


def _throughput(folder: Path) -> Measurement:
    ours = _lease_cpu_s(folder / "queue.sqlite3")
    bare = _bare_cpu_s(folder / "bare.sqlite3")
    return Measurement(
        what="one job claimed and finished, CPU",
        figure=f"{1e6 * ours / _JOBS:.0f} µs ({_JOBS / ours:,.0f} jobs a CPU second)",
        peer=f"two bare durable SQLite updates: {1e6 * bare / _JOBS:.0f} µs, "
        f"ratio {ours / bare:.1f}",
        goal="at least 1,000 jobs a CPU second",
        kept=_JOBS / ours >= 1_000,
        how=f"{_JOBS:,} jobs, one process, synchronous=FULL",
    )


def _lease_cpu_s(file: Path) -> float:
    leases = Leases(SqliteLeaseStore(file))
    for number in range(_JOBS):
        leases.enqueue(f"run-{number}", "tiny", {"n": number})
    start = time.process_time()
    while lease := leases.claim("bench", lease_s=60):
        leases.finish(lease, {"n": 1})
    return time.process_time() - start


def _bare_cpu_s(file: Path) -> float:
    """The least that two durable steps cost: one row changed in each of two transactions."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE run (id INTEGER PRIMARY KEY, state TEXT)")
    connection.executemany("INSERT INTO run VALUES (?, 'queued')", [(n,) for n in range(_JOBS)])
    start = time.process_time()
    for number in range(_JOBS):
        for state in ("running", "done"):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE run SET state = ? WHERE id = ?", (state, number))
            connection.execute("COMMIT")
    end = time.process_time()
    connection.close()
    return end - start


def _storm(seed: int) -> Measurement:
    with tempfile.TemporaryDirectory() as folder:
        seen = storm(Path(folder), jobs=_STORM, workers=2, seed=seed, pause_s=(0.05, 0.5))
    kept = (
        seen.ended == seen.done == seen.jobs
        and seen.most_ends == seen.most_finishes == 1
        and not seen.unknown
        and seen.latest_s <= 5
    )
    return Measurement(
        what=f"{_STORM:,} tiny jobs, two workers struck at random (seed {seed})",
        figure=f"{seen.ended:,} ended, {seen.done:,} done, {seen.jobs - seen.ended} stuck, "
        f"{seen.unknown} lost, at most {seen.most_finishes} finish each; "
        f"a lost lease noticed {seen.latest_s:.1f} s after its end at the latest",
        goal="all end, none twice, none lost, noticed within 5 s",
        kept=kept,
        how=f"{seen.kills} kill -9, {seen.freezes} freezes of {1.3 * LEASE_S:g} s; "
        f"leases of {LEASE_S:g} s, {seen.given_back} ran out, {seen.fenced} late answers refused",
    )
