"""How many entries a second does the evidence log take in the database, beside one in a folder?

`python -m bench.portal_log file | one | many | batch` are its processes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.sites import kinds, set_up, site
from bench.table import Measurement

if TYPE_CHECKING:
    from bench.sites import Site
    from madang.kernel.evidence.statement import Statement

_ME = "bench.portal_log"
_BEFORE = 20_000
"""Entries that the log has already."""
_APPENDS = 300
_PROCESSES = 4


def measure() -> list[Measurement]:
    """Both databases."""
    rows = []
    for kind in kinds():
        with site(kind) as made:
            rows += _measured(made)
    return rows


def _measured(made: Site) -> list[Measurement]:
    folder = made.ask(_ME, "file")
    made.ask(_ME, "batch", str(_BEFORE))
    one = made.ask(_ME, "one")
    start = time.perf_counter()
    several = [made.start(_ME, "many") for _ in range(_PROCESSES)]
    ended = [process.wait() for process in several]
    wall = time.perf_counter() - start
    checked = made.ask(_ME, "check")
    return [
        Measurement(
            what=f"one statement recorded, {made.kind}, {_BEFORE:,} entries before it",
            figure=f"{one['wall_ms']:.1f} ms ({1000 / one['wall_ms']:.0f} a second, "
            f"{one['cpu_ms']:.1f} ms CPU)",
            peer=f"in a folder: {folder['wall_ms']:.1f} ms, {folder['cpu_ms']:.1f} ms CPU",
            how=f"{_APPENDS} appends, each durable in a transaction of its own, each root signed",
        ),
        Measurement(
            what=f"{_PROCESSES} processes that record at once, {made.kind}",
            figure=f"{_PROCESSES * _APPENDS / wall:.0f} entries a second, starts included",
            goal="one order, every root verifies",
            kept=not any(ended) and checked["ok"] and checked["size"] == _total(),
            how=f"{_APPENDS} appends each; the whole log of {checked['size']:,} entries is then "
            f"checked in {checked['wall_s']:.1f} s",
        ),
    ]


def _total() -> int:
    return _BEFORE + (_PROCESSES + 1) * _APPENDS


def _statements(number: int) -> list[Statement]:
    from madang.kernel import ids
    from madang.kernel.evidence.statement import Statement, predicate_type

    return [
        Statement(
            subjects={f"thing/{n}": ids.digest(str(n).encode())},
            predicate_type=predicate_type("tried"),
            predicate={"n": n, "note": "as long as statements usually are " * 4},
        )
        for n in range(number)
    ]


def _one() -> None:
    """Single appends through the site's own door."""
    from madang.portal.log import append

    wall, cpu = time.perf_counter(), time.process_time()
    for each in _statements(_APPENDS):
        append([each])
    _print(wall, cpu)


def _file() -> None:
    from django.conf import settings

    from madang.kernel.evidence.keys import SigningKey
    from madang.kernel.evidence.log import FileLog

    log = FileLog(Path(settings.DATA) / "folder-log", SigningKey.generate("bench"))
    for start in range(0, _BEFORE, 1000):
        log.append(_statements(1000)[: _BEFORE - start])
    wall, cpu = time.perf_counter(), time.process_time()
    for each in _statements(_APPENDS):
        log.append([each])
    _print(wall, cpu)


def _print(wall: float, cpu: float) -> None:
    told = {
        "wall_ms": 1000 * (time.perf_counter() - wall) / _APPENDS,
        "cpu_ms": 1000 * (time.process_time() - cpu) / _APPENDS,
    }
    print(json.dumps(told))


def _batch(number: str) -> None:
    from madang.portal.log import append

    for start in range(0, int(number), 1000):
        append(_statements(1000)[: int(number) - start])
    print("{}")


def _check() -> None:
    from madang.portal import log_folder

    start = time.perf_counter()
    found = log_folder.verdict()
    told = {"ok": found.ok, "size": found.size, "wall_s": time.perf_counter() - start}
    print(json.dumps(told))


if __name__ == "__main__":
    set_up()
    verb, *rest = sys.argv[1:]
    {"file": _file, "one": _one, "many": _one, "batch": _batch, "check": _check}[verb](*rest)
