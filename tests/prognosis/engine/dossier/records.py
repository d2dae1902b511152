"""Records of one small model: of its making alone, and with a trial on other patients."""

from __future__ import annotations

import csv
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from madang.prognosis.engine.cohort_file import OutcomeColumns, read_watched
from madang.prognosis.engine.dossier.from_model import record
from madang.prognosis.engine.fitting import FromFile, fit_file
from madang.prognosis.engine.stack.evaluation import beside
from madang.prognosis.engine.stack.validation import validate
from madang.prognosis.engine.table import columns, read_table
from tests.prognosis.patients import invented

if TYPE_CHECKING:
    from madang.prognosis.engine.dossier.record import Record

DIGEST = "d" * 64
NAMED = OutcomeColumns("days", "died")


def put(path: Path, size: int, *, seed: int) -> Path:
    """Invented patients of ten hospitals as a file."""
    table, watched = invented(size, seed=seed)
    found = {name: values.tolist() for name, values in table.items()}
    found |= {"days": watched.time.tolist(), "died": watched.cause.tolist()}
    found["site"] = [f"s{number % 10}" for number in range(size)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(found)
        writer.writerows(zip(*found.values(), strict=True))
    return path


@cache
def made() -> FromFile:
    """A model of 300 patients, fitted once a test run; `noise` was left out."""
    with tempfile.TemporaryDirectory() as folder:
        data = put(Path(folder) / "train.csv", 300, seed=0)
        return fit_file(data, NAMED, leave_out=["noise"], group="site")


@cache
def bare() -> Record:
    """The record of its making."""
    return record(made().model, DIGEST)


@cache
def tried() -> Record:
    """The record with a trial on 220 others."""
    with tempfile.TemporaryDirectory() as folder:
        table = read_table(put(Path(folder) / "new.csv", 220, seed=1))
    model = made().model
    values, watched = columns(table, model.declared), read_watched(table, NAMED)
    return record(
        model,
        DIGEST,
        validation=validate(model, values, watched),
        beside=beside(model, values, watched, data_sha256="e" * 64),
    )
