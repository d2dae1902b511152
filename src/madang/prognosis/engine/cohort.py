"""Which real patients show the system? The GBSG-2 cohort: 686 women after breast-cancer surgery.

Eight covariates, recurrence-free survival in days and whether it ended with recurrence or death.
The table ships inside the `lifelines` distribution (MIT); it is read from there, never copied.

Source: Schumacher et al. (1994), J Clin Oncol 12:2086-2093, German Breast Cancer Study Group.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from madang.kernel.errors import MissingExtra

if TYPE_CHECKING:
    import polars as pl

COLUMNS = (
    *("horTh", "age", "menostat", "tsize", "tgrade", "pnodes", "progrec", "estrec"),
    *("time", "cens"),
)


def gbsg2_path() -> Path:
    """Where the table lies, found without importing the package that carries it.

    Raises:
        MissingExtra: The distribution, or the table inside it, is not installed.
    """
    try:
        found = metadata.distribution("lifelines").locate_file("lifelines/datasets/gbsg2.csv")
    except metadata.PackageNotFoundError as fault:
        raise MissingExtra(system="prognosis", extra="prognosis") from fault
    path = Path(str(found))
    if not path.is_file():
        raise MissingExtra(system="prognosis", extra="prognosis")
    return path


def gbsg2() -> pl.DataFrame:
    """The cohort with an identifier `id` in front; `cens` is 1 where the event happened.

    Raises:
        MissingExtra: The distribution that carries it is not installed.
    """
    import polars as pl

    table = pl.read_csv(gbsg2_path()).select(COLUMNS)
    names = [f"G{number:03d}" for number in range(1, table.height + 1)]
    return table.select(pl.Series("id", names), *COLUMNS)
