"""What do the trivial baselines answer, and what do they score where outcomes are known?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from madang.kernel.trial import Baseline, Floats, Predictions
    from madang.trials.engine.scoring import Scale


def trivial_answers(
    scale: Scale,
    baseline: Baseline,
    *,
    open_sample: tuple[pl.DataFrame, pl.DataFrame],
    inputs: pl.DataFrame,
    outcomes: pl.DataFrame,
) -> Predictions:
    """A baseline's answers for some cases.

    Args:
        scale: The task with its options and frame.
        baseline: One of the task's baselines.
        open_sample: Inputs and outcomes from which the baseline may learn.
        inputs: (n) cases to answer for.
        outcomes: Their outcomes, which the environment of a replay holds; others never see them.
    """
    if scale.task.kind == "replay":
        return [_played(scale, baseline, inputs, outcomes, row) for row in range(inputs.height)]
    answers: Predictions = baseline.predict(
        *open_sample, inputs, frame=scale.frame, options=scale.options
    )
    return answers


def _played(
    scale: Scale, baseline: Baseline, inputs: pl.DataFrame, outcomes: pl.DataFrame, row: int
) -> Any:
    memory: dict[str, Any] = {}
    environment = scale.task.environment(
        inputs, outcomes, row=row, frame=scale.frame, options=scale.options
    )
    while (observation := environment.observation()) is not None:
        environment.act(baseline.predict(observation, memory))
    return environment.record()


def with_inputs(inputs: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Outcome rows with the inputs beside: some scores need the covariates of a case."""
    return outcomes.hstack(inputs.drop("case", *_shared(inputs, outcomes)))


def _shared(first: pl.DataFrame, second: pl.DataFrame) -> list[str]:
    return [name for name in first.columns if name in second.columns and name != "case"]


def all_scores(
    scale: Scale, outcomes: pl.DataFrame, answers: Predictions
) -> dict[str, float | None]:
    """Every metric of these answers; None where these cases leave it undefined."""
    scores = {name: scale.score(name, outcomes, answers) for name in scale.metrics}
    return {name: value if math.isfinite(value) else None for name, value in scores.items()}


class OpenBaselines:
    """The baselines on the open sample, where they also learned: what nobody should fall behind.

    Args:
        scale: The task with its options and frame.
        inputs: Inputs of the open sample.
        outcomes: Its outcomes.
    """

    def __init__(self, scale: Scale, inputs: pl.DataFrame, outcomes: pl.DataFrame) -> None:
        self._scale, self._inputs = scale, inputs
        self._outcomes, self._cases = outcomes, with_inputs(inputs, outcomes)
        self._answers: dict[str, Predictions] = {}

    @property
    def baselines(self) -> Iterable[Baseline]:
        """Those of the task."""
        return self._scale.task.baselines(options=self._scale.options)

    def answers(self, name: str) -> Predictions:
        """What a baseline answers; computed once."""
        if name not in self._answers:
            baseline = next(each for each in self.baselines if each.name == name)
            self._answers[name] = trivial_answers(
                self._scale,
                baseline,
                open_sample=(self._inputs, self._outcomes),
                inputs=self._inputs,
                outcomes=self._cases,
            )
        return self._answers[name]

    def scores(self) -> list[dict[str, Any]]:
        """Each baseline's title and scores."""
        return [
            {
                "name": each.name,
                "ko": each.title_ko,
                "en": each.title_en,
                "scores": all_scores(self._scale, self._cases, self.answers(each.name)),
            }
            for each in self.baselines
        ]

    def losses(self, metric: str, name: str) -> Floats:
        """(n,) losses of a baseline by a metric, turned so that lower is better."""
        return self._scale.losses(metric, self._cases, self.answers(name))
