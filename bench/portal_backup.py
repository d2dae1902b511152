"""How long does a backup of a large site take, and how much memory, there and back?

`python -m bench.portal_backup fill | back FILE | forth FILE` are its processes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.sites import kinds, set_up, site
from bench.table import Measurement

if TYPE_CHECKING:
    from bench.sites import Site

_ME = "bench.portal_backup"
_RUNS = 50_000
_ENTRIES = 20_000
_OBJECTS = 200
_OBJECT_BYTES = 2 * 2**20


def measure() -> list[Measurement]:
    """From each database into the other."""
    rows = []
    names = kinds()
    for kind, other in zip(names, [*names[1:], names[0]], strict=True):
        with site(kind) as made, site(other) as new:
            rows.append(_moved(made, new))
    return rows


def _moved(made: Site, new: Site) -> Measurement:
    made.ask(_ME, "fill")
    file = made.folder.parent / "backup"
    back, forth = made.ask(_ME, "back", str(file)), new.ask(_ME, "forth", str(file))
    size_mb = file.stat().st_size / 2**20
    return Measurement(
        what=f"a site of {size_mb:,.0f} MiB, {back['rows']:,} rows: backup on {made.kind}, "
        f"restore on {new.kind}",
        figure=f"{back['wall_s']:.0f} s and {forth['wall_s']:.0f} s; "
        f"at most {max(back['grown_mb'], forth['grown_mb']):.0f} MiB of memory more than idle",
        goal="the same root; no more than 100 MiB",
        kept=back["root"] == forth["root"] and max(back["grown_mb"], forth["grown_mb"]) <= 100,
        how=f"{_RUNS:,} runs, {_ENTRIES:,} log entries, {_OBJECTS} objects of "
        f"{_OBJECT_BYTES // 2**20} MiB that do not compress",
    )


def _fill() -> None:
    from bench import portal_log, portal_queue
    from madang.portal.objects import objects

    portal_queue._fill(_RUNS)
    portal_log._batch(str(_ENTRIES))
    for _ in range(_OBJECTS):
        objects().put(os.urandom(_OBJECT_BYTES))
    print("{}")


def _back(file: str) -> None:
    from madang.portal import backup

    _timed(lambda: backup.write(Path(file)))


def _forth(file: str) -> None:
    from madang.portal import restoring

    _timed(lambda: restoring.read(Path(file)))


def _timed(act: object) -> None:
    before, start = _peak_mb(), time.perf_counter()
    found = act()  # type: ignore[operator]
    told = {
        "wall_s": time.perf_counter() - start,
        "grown_mb": _peak_mb() - before,
        "rows": sum(found.rows.values()),
        "root": found.log_root,
    }
    print(json.dumps(told))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    set_up()
    verb, *rest = sys.argv[1:]
    {"fill": _fill, "back": _back, "forth": _forth}[verb](*rest)
