"""What does a published model say of our patients? Cox's form: a linear predictor, a baseline.

S(t | x) = exp(−H₀(t)·exp(η(x) − centre)), η being the sum of coefficients times products of terms.
Between the times at which a baseline was published its hazard is taken as constant, unless it was
published as steps. What a site learnt about the model stands in `recalibration` and comes last.

Sources: Cox (1972); Royston and Altman (2013) for what an external validation needs to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.prognosis.engine.stack.model import Prediction
from madang.prognosis.engine.stack.recalibration import Recalibration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from madang.kernel.words import Words
    from madang.prognosis.engine.outside.columns import Levels, Measure
    from madang.prognosis.engine.outside.graph import Graph

    Floats: TypeAlias = NDArray[np.float64]

MOST_POINTS = 60
"""Times to the horizon at which curves are recalibrated, and kept from rising."""

_HIGHEST = 300.0  # exp of this is still a number


@dataclass(frozen=True, kw_only=True)
class KnownHazard:
    """Cumulative hazard at `times` (k, ascending): steps, or straight lines from 0 on."""

    times: tuple[float, ...]
    hazard: tuple[float, ...]
    steps: bool

    @property
    def last_time(self) -> float:
        """The last time at which it is known."""
        return self.times[-1]

    def at(self, times: Floats) -> Floats:
        """(k,) the cumulative hazard."""
        if self.steps:
            known = np.concatenate([[0.0], self.hazard])
            stepped: Floats = known[np.searchsorted(self.times, times, side="right")]
            return stepped
        straight: Floats = np.interp(times, (0.0, *self.times), (0.0, *self.hazard))
        return straight


@dataclass(frozen=True, kw_only=True)
class WeibullHazard:
    """(t / scale)^shape."""

    scale: float
    shape: float

    def at(self, times: Floats) -> Floats:
        """(k,) the cumulative hazard."""
        found: Floats = (times / self.scale) ** self.shape
        return found


@dataclass(frozen=True, kw_only=True)
class OutsideModel:
    """A published model as it was written down.

    `coefficients` are pairs: names of terms that are multiplied, and the log hazard ratio.
    `facts` is plain JSON with the citation and the file's digest; `written` is the file's content.
    """

    columns: tuple[Measure | Levels, ...]
    coefficients: tuple[tuple[tuple[str, ...], float], ...]
    baseline: KnownHazard | WeibullHazard
    centre: float
    horizon: float
    recalibration: Recalibration
    facts: dict[str, Any]
    written: dict[str, Any]
    graph: Graph | None = None
    """Answers in place of coefficients and baseline, where the model was published so."""

    causes = 1
    """A published model knows one outcome."""

    bound = None
    """And makes no promise about how long nine of ten are free of it."""

    @property
    def declared(self) -> tuple[dict[str, Any], ...]:
        """Name and kind of each column."""
        return tuple(column.declared for column in self.columns)

    @property
    def last_time(self) -> float:
        """The horizon for which the model was published."""
        return self.horizon

    @property
    def grid(self) -> Floats:
        """Times to the horizon at which a recalibration looks at the curves."""
        return np.linspace(0.0, self.horizon, MOST_POINTS + 1)[1:]

    def predictor(self, table: Mapping[str, Any]) -> Floats:
        """(n,) the linear predictor before centring; NaN where a value is missing."""
        terms: dict[str, Floats] = {}
        for column in self.columns:
            values = column.values(table[column.name])
            terms.update(zip(column.terms, values.T, strict=True))
        with np.errstate(over="ignore", invalid="ignore"):  # such a patient is refused
            parts = [
                coefficient * np.prod([terms[name] for name in names], axis=0)
                for names, coefficient in self.coefficients
            ]
            found: Floats = np.sum(parts, axis=0)
        return found

    def survival(self, table: Mapping[str, Any], times: ArrayLike) -> Floats:
        """(n, k) probability of being free of the outcome; NaN where a value is missing.

        Args:
            table: Column → (n) raw values in the units of the model.
            times: (k) 0 or later; beyond the horizon the curve is flat.
        """
        asked = np.clip(np.asarray(times, dtype=np.float64), 0.0, self.horizon)
        if not self.recalibration.corrections:
            return self._published(table, asked)
        learnt = [each.time for each in self.recalibration.corrections]
        every = np.unique(np.concatenate([[0.0], self.grid, learnt, asked]))
        curves = self._published(table, every)
        fixed = self.recalibration.corrected(curves, every)
        return fixed[:, np.searchsorted(every, asked)]

    def _published(self, table: Mapping[str, Any], times: Floats) -> Floats:
        """(n, k) as the model was published; NaN where a value is missing."""
        if self.graph is not None:
            return self._of_graph(self.graph, table, times)
        relative = np.exp(np.minimum(self.predictor(table) - self.centre, _HIGHEST))
        found: Floats = np.exp(-np.outer(relative, self.baseline.at(times)))
        return found

    def _of_graph(self, graph: Graph, table: Mapping[str, Any], times: Floats) -> Floats:
        """Rows that would be refused are not asked: a graph may do anything with a gap."""
        kept = np.array([each is None for each in self.refusals(table)], dtype=bool)
        found = np.full((len(kept), len(times)), np.nan)
        if kept.any():
            rows = [column.codes(np.asarray(table[column.name])[kept]) for column in self.columns]
            found[kept] = graph.survival(np.column_stack(rows), times)
        return found

    def incidences(self, table: Mapping[str, Any], times: ArrayLike) -> Floats:
        """(n, k, 1) probability that the outcome has happened."""
        found: Floats = (1 - self.survival(table, times))[:, :, None]
        return found

    def refusals(self, table: Mapping[str, Any]) -> list[Words | None]:
        """(n) why a patient is refused, in one sentence; None where the model may answer."""
        found: list[Words | None] = [None] * len(np.asarray(table[self.columns[0].name]))
        for column in self.columns:
            for row, sentence in column.refusals(table[column.name]):
                found[row] = found[row] or sentence
        return found


def predict(model: OutsideModel, table: Mapping[str, Any], times: ArrayLike) -> Prediction:
    """Answer for new patients; a published model has neither interval nor bound (all NaN).

    Args:
        model: As it was read.
        table: Column → (n) raw values in the units of the model.
        times: (k) above 0, not beyond the model's horizon.

    Raises:
        InputError: A time is not above 0, or later than the horizon.
    """
    when = np.asarray(times, dtype=np.float64)
    for time in when.tolist():
        if not 0 < time <= model.horizon:
            raise InputError(
                words(f"예측 시각 {time:g}", f"the time {time:g}"),
                words(
                    f"0보다 크고 모형의 시점 {model.horizon:g} 이하인 시각",
                    f"times above 0 and up to {model.horizon:g}, the model's horizon",
                ),
            )
    refusals = model.refusals(table)
    answered = np.array([each is None for each in refusals], dtype=bool)
    survival = np.where(answered[:, None], model.survival(table, when), np.nan)
    unknown = np.full_like(survival, np.nan)
    return Prediction(
        survival=survival,
        low=unknown,
        high=unknown,
        incidences=(1 - survival)[:, :, None],
        bound=unknown[:, 0],
        refusals=refusals,
    )
