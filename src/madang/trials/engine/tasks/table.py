"""What do all table tasks share? They score by a list of measures over truth and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from madang.kernel.trial import Metric, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from madang.kernel.trial import Floats, Frame, Options, Predictions


class Scored(NamedTuple):
    """Truth and answers of the same cases, in the form that the task's measures take."""

    truth: Any
    answers: Any


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A metric and how it is computed: case by case, or over all cases at once."""

    metric: Metric
    each: Callable[[Any, Any], Floats] | None = None
    """each(truth, answers) → (n,) contributions whose mean is the metric."""
    whole: Callable[[Any, Any], float] | None = None
    """whole(truth, answers) → the metric, where it is no mean over cases."""

    def value(self, scored: Scored) -> float:
        """The metric over all cases."""
        if self.each is not None:
            return float(self.each(*scored).mean())
        assert self.whole is not None
        return float(self.whole(*scored))


def error_metric(name: str, ko: str, en: str, unit: str = "") -> Metric:
    """A metric of errors: lower is better, 0 the best."""
    return Metric(name=name, title_ko=ko, title_en=en, direction="lower", lowest=0.0, unit=unit)


class TableTask(Task):
    """A task whose metrics are a list of measures. Subclasses give `measures` and `scored`."""

    kind: Literal["table", "replay"] = "table"

    def measures(self, *, frame: Frame, options: Options) -> tuple[Measure, ...]:
        """How this task scores; the usual primary metric first."""
        raise NotImplementedError

    def scored(
        self, outcomes: pl.DataFrame, predictions: Predictions, *, frame: Frame, options: Options
    ) -> Scored:
        """Truth and answers as the measures take them.

        Raises:
            InputError: Outcomes or answers cannot be scored.
        """
        raise NotImplementedError

    def metrics(self, *, frame: Frame, options: Options) -> tuple[Metric, ...]:
        """The scores this task can give; the first is the usual primary one."""
        return tuple(each.metric for each in self.measures(frame=frame, options=options))

    def losses(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Predictions,
        *,
        frame: Frame,
        options: Options,
    ) -> Floats | None:
        """(n,) contributions whose mean is the metric; None where it is no mean over cases."""
        measure = self._measure(metric, frame=frame, options=options)
        if measure.each is None:
            return None
        return measure.each(*self.scored(outcomes, predictions, frame=frame, options=options))

    def score(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Predictions,
        *,
        frame: Frame,
        options: Options,
    ) -> float:
        """The metric over all given cases; NaN where these cases leave it undefined.

        Raises:
            KeyError: The task has no such metric.
            InputError: Outcomes or answers cannot be scored.
        """
        measure = self._measure(metric, frame=frame, options=options)
        return measure.value(self.scored(outcomes, predictions, frame=frame, options=options))

    def _measure(self, name: str, *, frame: Frame, options: Options) -> Measure:
        measures = self.measures(frame=frame, options=options)
        return {each.metric.name: each for each in measures}[name]
