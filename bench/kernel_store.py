"""What does it cost to check a table beside merely reading it?"""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from bench.table import Measurement
from madang.kernel.store.objects import Objects
from madang.kernel.store.tables import read_table, write_table
from madang.kernel.trial import Column

if TYPE_CHECKING:
    from collections.abc import Callable

_ROWS = 200_000
_RUNS = 5
_LEVELS = tuple(f"level {number}" for number in range(12))


def measure() -> list[Measurement]:
    """Checked reading beside plain polars, and objects beside plain files."""
    table = _table()
    columns = _columns(table)
    text = table.write_csv().encode()
    quoted = table.write_csv(quote_style="non_numeric").encode()
    parquet = write_table(table)
    rows = [
        _reading("CSV", text, columns, pl.read_csv, goal=5.0),
        _reading("CSV with quotation marks", quoted, columns, pl.read_csv, goal=None),
        _reading("Parquet", parquet, columns, pl.read_parquet, goal=5.0),
    ]
    return [*rows, _objects()]


def _table() -> pl.DataFrame:
    chance = np.random.default_rng(1)
    numbers = {f"x{n}": chance.normal(size=_ROWS) for n in range(10)}
    counts = {f"n{n}": chance.integers(0, 1000, _ROWS) for n in range(4)}
    flags = {f"b{n}": chance.random(_ROWS) < 0.5 for n in range(2)}
    levels = {f"c{n}": np.array(_LEVELS)[chance.integers(0, 12, _ROWS)] for n in range(3)}
    ids = {"id": [f"case-{n:06d}" for n in range(_ROWS)]}
    return pl.DataFrame(ids | numbers | counts | flags | levels)


def _columns(table: pl.DataFrame) -> list[Column]:
    kinds = {"x": "number", "n": "integer", "b": "boolean", "c": "category", "i": "text"}
    return [
        Column(
            name=name,
            kind=kinds[name[0]],  # type: ignore[arg-type]
            levels=_LEVELS if name[0] == "c" else (),
        )
        for name in table.columns
    ]


def _reading(
    what: str,
    content: bytes,
    columns: list[Column],
    plain: Callable[..., pl.DataFrame],
    *,
    goal: float | None,
) -> Measurement:
    ours = _cpu_s(lambda: read_table(content, columns=columns, name="t", id_column="id"))
    peer = _cpu_s(lambda: plain(io.BytesIO(content)))
    return Measurement(
        what=f"read and check a table, {what}",
        figure=f"{ours:.2f} s CPU, {ours / peer:.1f} times the peer",
        peer=f"polars alone, unchecked: {peer:.2f} s CPU",
        goal=f"at most {goal:g} times" if goal else "",
        kept=ours <= goal * peer if goal else None,
        how=f"{_ROWS:,} rows, 20 columns, {len(content) / 2**20:.0f} MiB; median of {_RUNS}",
    )


def _objects() -> Measurement:
    content = bytes(1 << 16)
    with tempfile.TemporaryDirectory() as folder:
        objects = Objects(folder)
        puts = [content[:-4] + number.to_bytes(4) for number in range(200)]
        ours = _cpu_s(lambda: [objects.put(each) for each in puts], runs=1) / 200
        again = _cpu_s(lambda: [objects.put(each) for each in puts], runs=1) / 200
        plain = _cpu_s(
            lambda: [Path(folder, f"plain-{n}").write_bytes(each) for n, each in enumerate(puts)],
            runs=1,
        )
    return Measurement(
        what="put an object of 64 KiB in a folder",
        figure=f"{1e6 * ours:.0f} µs CPU; the same content again {1e6 * again:.0f} µs",
        peer=f"a plain file, neither hashed nor flushed: {1e6 * plain / 200:.0f} µs",
        how="200 objects, hashed, flushed, renamed",
    )


def _cpu_s(work: Callable[[], object], runs: int = _RUNS) -> float:
    """Median processor time of the whole process, its threads included."""
    spent = []
    for _ in range(runs):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return statistics.median(spent)
