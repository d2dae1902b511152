"""The real cohort and small invented samples that several tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from madang.prognosis.engine.cohort import gbsg2
from madang.prognosis.engine.models.encoding import fit_encoding
from madang.prognosis.engine.outcomes import Outcomes, read_outcomes

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBERS = ("age", "tsize", "pnodes", "progrec", "estrec")
CATEGORIES = ("horTh", "menostat", "tgrade")


@pytest.fixture(scope="session")
def cohort() -> pl.DataFrame:
    """GBSG-2: 686 women."""
    return gbsg2()


@pytest.fixture(scope="session")
def cohort_outcomes(cohort: pl.DataFrame) -> Outcomes:
    return read_outcomes(cohort["time"].to_numpy(), cohort["cens"].to_numpy())


@pytest.fixture(scope="session")
def cohort_matrix(cohort: pl.DataFrame) -> NDArray[np.float64]:
    columns = [{"name": name, "kind": "number"} for name in NUMBERS]
    columns += [{"name": name, "kind": "category"} for name in CATEGORIES]
    return fit_encoding(cohort, columns).matrix(cohort)


def invented(size: int, *, seed: int = 0, columns: int = 3, ties: bool = False) -> tuple:
    """Exponential times with known coefficients (1, −0.5, 0 …), censored at random."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(size, columns))
    beta = np.array([1.0, -0.5, *np.zeros(columns - 2)])
    time = rng.exponential(np.exp(-matrix @ beta))
    end = rng.exponential(2.0, size)
    observed = np.minimum(time, end) + 1e-9
    if ties:
        observed = np.ceil(observed * 4) / 4
    return matrix, Outcomes(observed, time <= end)


@pytest.fixture
def sample() -> tuple:
    return invented(200)


@pytest.fixture
def tied_sample() -> tuple:
    return invented(120, ties=True)
