"""How quick is the evidence log, how quick its proofs, and what does verifying a report cost?

Times are CPU time of this process (user and system) unless a line says otherwise; waiting for the
disk is not CPU time and is shown once as wall time. Peers from the same run: bare SHA-256 over the
same bytes, a bare Ed25519 check, a bare start of the interpreter.
"""

from __future__ import annotations

import hashlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.table import Measurement
from madang.kernel import ids
from madang.kernel.evidence import merkle
from madang.kernel.evidence.bundle import collect, document_statement
from madang.kernel.evidence.keys import SigningKey
from madang.kernel.evidence.log import FileLog
from madang.kernel.evidence.logcheck import verify_log
from madang.kernel.evidence.seal import MARKER, seal
from madang.kernel.evidence.statement import Statement, predicate_type
from madang.kernel.evidence.verify import verify_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.evidence.log import Entry

ENTRIES = 100_000
BATCH = 1_000
SINGLE = 200
PROOFS = 1_000
RUNS = 15
RESTS_ON = 30


def _fact(number: int) -> Statement:
    return Statement(
        subjects={f"solution-{number}": ids.digest(b"%d" % number)},
        predicate_type=predicate_type("score"),
        predicate={"metric": "uno_c", "value": number / 7, "lower": 0.61, "upper": 0.75},
    )


def _cpu_s(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _child_cpu_s(command: list[str]) -> float:
    """CPU time of a program from start to end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _filled(log: FileLog) -> tuple[float, float]:
    """Fill the log; CPU seconds for the first and for the last tenth."""
    facts = [_fact(number) for number in range(ENTRIES)]
    spent = [
        _cpu_s(lambda at=at: log.append(facts[at : at + BATCH]))  # type: ignore[misc]
        for at in range(0, ENTRIES, BATCH)
    ]
    tenth = len(spent) // 10
    return sum(spent[:tenth]), sum(spent[-tenth:])


def _appending(folder: Path, key: SigningKey) -> tuple[FileLog, list[Measurement]]:
    log = FileLog(folder / "log", key)
    short = FileLog(folder / "short", key)
    first, last = _filled(log)
    facts = [_fact(number) for number in range(SINGLE)]
    at_start = _cpu_s(lambda: [short.append([fact]) for fact in facts]) / SINGLE
    wall = time.perf_counter()
    at_end = _cpu_s(lambda: [log.append([fact]) for fact in facts]) / SINGLE
    wall = (time.perf_counter() - wall) / SINGLE
    return log, [
        Measurement(
            what="appending in batches",
            figure=f"{ENTRIES / 10 / last:,.0f} entries/s CPU at {ENTRIES:,}",
            peer=f"{ENTRIES / 10 / first:,.0f} entries/s CPU in the first tenth",
            goal="at least half as quick at the end as at the start",
            kept=last <= 2 * first,
            how=f"batches of {BATCH:,}, each signed and synced",
        ),
        Measurement(
            what="appending one entry",
            figure=f"{at_end * 1e3:.2f} ms CPU at {ENTRIES:,} entries",
            peer=f"{at_start * 1e3:.2f} ms CPU in an empty log",
            goal="at most twice the cost in an empty log",
            kept=at_end <= 2 * at_start,
            how=f"mean of {SINGLE}; {wall * 1e3:.1f} ms wall with four syncs",
        ),
    ]


def _opening(log: FileLog, folder: Path, key: SigningKey) -> Measurement:
    opened = statistics.median(_cpu_s(lambda: FileLog(folder / "log", key)) for _ in range(RUNS))
    return Measurement(
        what=f"opening a log of {len(log):,} entries",
        figure=f"{opened * 1e3:.2f} ms CPU",
        how=f"median of {RUNS}",
    )


def _proving(log: FileLog) -> list[Measurement]:
    head, step = log.head(), ENTRIES // PROOFS
    indexes = range(0, ENTRIES, step)
    leaves = [merkle.leaf_hash(_fact(index).canonical()) for index in indexes]
    proofs: list[tuple[bytes, ...]] = []
    made = _cpu_s(lambda: proofs.extend(log.inclusion(index, head.size) for index in indexes))
    told: list[bool] = []
    checked = _cpu_s(
        lambda: told.extend(
            merkle.verify_inclusion(leaf, index=index, size=head.size, proof=proof, root=head.root)
            for leaf, index, proof in zip(leaves, indexes, proofs, strict=True)
        )
    )
    assert all(told)
    follows = _cpu_s(lambda: [log.consistency(index + 1, head.size) for index in indexes])
    how = f"mean of {PROOFS:,} at {head.size:,} entries"
    return [
        Measurement(
            what=what, figure=f"{spent / PROOFS * 1e6:,.0f} µs CPU", goal=goal, kept=kept, how=how
        )
        for what, spent, goal, kept in (
            ("making an inclusion proof", made, "≤ 5 ms", made / PROOFS <= 5e-3),
            ("checking an inclusion proof", checked, "≤ 1 ms", checked / PROOFS <= 1e-3),
            ("making a consistency proof", follows, "≤ 5 ms", follows / PROOFS <= 5e-3),
        )
    ]


def _checking_log(folder: Path, key: SigningKey) -> Measurement:
    content = (folder / "log" / "entries.jsonl").read_bytes()
    lines = content.splitlines()

    def bare() -> None:
        for line in lines:
            hashlib.sha256(line).digest()
            hashlib.sha256(line[:65]).digest()

    hashing = _cpu_s(bare)
    spent = _cpu_s(lambda: verify_log(folder / "log", key=key.verifier))
    return Measurement(
        what=f"verifying a log of {len(lines):,} entries",
        figure=f"{len(lines) / spent:,.0f} entries/s CPU",
        peer=f"{len(lines) / hashing:,.0f} entries/s for the two hashes alone",
        how=f"once; {len(content) / 1e6:.0f} MB",
    )


def _report(log: FileLog, folder: Path) -> Path:
    """A sealed report that rests on some entries, with a page of 200 kB."""
    body = b"<!doctype html>" + MARKER + b"<p>0.71</p>" * 18_000
    facts: list[Entry] = list(log.entries(ENTRIES // 2, ENTRIES // 2 + RESTS_ON))
    (document,) = log.append([document_statement({"report.html": ids.digest(body)}, facts)])
    path = folder / "report.html"
    path.write_bytes(seal(body, "html", collect(log, document, facts)))
    return path


def _checking_report(log: FileLog, folder: Path, key: SigningKey) -> list[Measurement]:
    path = _report(log, folder)
    content = path.read_bytes()
    key.verifier.save(folder / "key.pub")
    signature = key.sign(content)
    inside = statistics.median(
        _cpu_s(lambda: verify_file(content, key=key.verifier)) for _ in range(RUNS)
    )
    alone = statistics.median(
        _cpu_s(lambda: key.verifier.accepts(signature, content)) for _ in range(RUNS)
    )
    python = [sys.executable, "-c"]
    command = [*python, "from madang.cli import main; main()", "evidence", "verify", str(path)]
    command += ["--key", str(folder / "key.pub"), "--json"]
    assert json.loads(subprocess.check_output(command))["ok"]
    whole = statistics.median(_child_cpu_s(command) for _ in range(RUNS))
    bare = statistics.median(_child_cpu_s([*python, "pass"]) for _ in range(RUNS))
    size = f"{len(content) / 1e3:.0f} kB, {RESTS_ON} statements, log of {len(log):,}"
    return [
        Measurement(
            what="verifying a sealed report, in the process",
            figure=f"{inside * 1e3:.1f} ms CPU",
            peer=f"{alone * 1e3:.1f} ms for one Ed25519 check of the same bytes",
            how=f"median of {RUNS}; {size}",
        ),
        Measurement(
            what="`madang evidence verify` as a whole",
            figure=f"{whole * 1e3:.0f} ms CPU",
            peer=f"{bare * 1e3:.0f} ms for a bare start of Python",
            goal="≤ 250 ms",
            kept=whole <= 0.25,
            how=f"median of {RUNS}; {size}",
        ),
    ]


def measure() -> list[Measurement]:
    """Rates of appending and verifying, times of proofs, the command as a whole."""
    key = SigningKey.generate("bench")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, rows = _appending(folder, key)
        rows.append(_opening(log, folder, key))
        rows += _proving(log)
        rows.append(_checking_log(folder, key))
        rows += _checking_report(log, folder, key)
    return rows
