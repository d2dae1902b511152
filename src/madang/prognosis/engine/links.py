"""On which scale are chances compared and corrected? That of the log cumulative hazard."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]

_LEAST, _MOST = 1e-8, 50.0  # cumulative hazards between which there is a logarithm to work with


def log_hazard(survival: ArrayLike) -> Floats:
    """log(−log S), cut where it has no end."""
    with np.errstate(divide="ignore"):
        hazard = -np.log(np.asarray(survival, dtype=np.float64))
    link: Floats = np.log(np.clip(hazard, _LEAST, _MOST))
    return link
