"""How are answers measured on some cases? By the task itself, or by the agency's metric in a jail.

A metric of the agency's own sees sealed outcomes. So it runs where nothing leaves but the numbers
that it was asked for: no text, no error and no output of it is ever read.
"""

from __future__ import annotations

import atexit
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol, TypeVar

from madang.kernel.errors import Unavailable
from madang.kernel.sandbox.ending import Ending
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.trial import Column
from madang.kernel.words import words
from madang.trials.engine.exchange import encode_numbers, encode_table
from madang.trials.engine.metric_source import named_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.sandbox.channel import Channel
    from madang.kernel.sandbox.jail import WarmPool
    from madang.kernel.trial import Floats, Frame, Options, Predictions, Task
    from madang.trials.engine.own_metric import OwnMetric

    Rows: TypeAlias = NDArray[np.int64] | None

T = TypeVar("T")

CALL_S = 30.0
"""Longest time for one call of an agency's metric."""
_LIMITS = Limits(wall_s=590, cpu_s=590, memory_bytes=1024 * MIB, processes=8)
_ALL = -1


class Measure(Protocol):
    """One metric on one table of cases, for several solutions' answers."""

    def losses(self, which: int, rows: Rows = None) -> Floats | None:
        """(n,) values whose mean is the score; None where the metric is no mean over cases."""

    def score(self, which: int, rows: Rows = None) -> float:
        """The score of one solution's answers on all cases, or on some rows."""


@dataclass(frozen=True, kw_only=True)
class TaskMeasure:
    """A metric of the task."""

    task: Task
    metric: str
    frame: Frame
    options: Options
    outcomes: pl.DataFrame
    answers: Sequence[Predictions]

    def losses(self, which: int, rows: Rows = None) -> Floats | None:
        """As the task gives them."""
        return self.task.losses(
            self.metric, *self._cases(which, rows), frame=self.frame, options=self.options
        )

    def score(self, which: int, rows: Rows = None) -> float:
        """As the task gives it."""
        return float(
            self.task.score(
                self.metric, *self._cases(which, rows), frame=self.frame, options=self.options
            )
        )

    def _cases(self, which: int, rows: Rows) -> tuple[pl.DataFrame, Predictions]:
        if rows is None:
            return self.outcomes, self.answers[which]
        return self.outcomes[rows], take(self.answers[which], rows)


def take(answers: Predictions, rows: NDArray[np.int64]) -> Predictions:
    """The answers of some rows."""
    return [answers[i] for i in rows] if isinstance(answers, list) else answers[rows]


class MetricFailed(Unavailable):
    """The agency's own metric gave no number.

    Args:
        name: The metric's name.
        ending: How its jail ended.
    """

    def __init__(self, name: str, ending: Ending) -> None:
        self.ending = ending
        super().__init__(
            words(f"기관의 자체 지표 {name}", f"the agency's own metric {name}"),
            reason=words(f"격리 안에서 멈춤({ending})", f"it was stopped in the jail ({ending})"),
        )

    @property
    def is_platforms(self) -> bool:
        """Did the jail fail, not the metric?"""
        return self.ending is Ending.UNAVAILABLE


@dataclass(frozen=True, kw_only=True)
class OwnMeasure:
    """A metric of the agency's own, in conversation with the jail that computes it."""

    metric: OwnMetric
    cases: int
    channel: Channel

    def losses(self, which: int, rows: Rows = None) -> Floats | None:
        """(n,) values within the bounds."""
        if self.metric.per == "whole":
            return None
        return self._bounded(self.values(which, rows), rows)

    def score(self, which: int, rows: Rows = None) -> float:
        """Within the bounds; NaN where some rows alone leave it undefined."""
        found = self._bounded(self.values(which, rows), rows)
        return float(found.mean()) if found.size else float("nan")

    def values(self, which: int, rows: Rows = None) -> Floats:
        """What the metric itself gave: (n,) values, or one; NaN where it gave something else."""
        import numpy as np

        asked = [_ALL] if rows is None else rows
        self.channel.send(np.concatenate([[which], asked]).astype("<i4").tobytes())
        content = self.channel.receive(CALL_S)
        count = (self.cases if rows is None else len(rows)) if self.metric.per == "case" else 1
        shape = (count,) if self.metric.per == "case" else ()
        if len(content) != 8 * (1 + count) or content[:8] != np.float64(len(shape)).tobytes():
            return np.full(shape, np.nan)
        return np.frombuffer(content[8:], dtype="<f8").reshape(shape).astype(np.float64)

    def _bounded(self, values: Floats, rows: Rows) -> Floats:
        import numpy as np

        # A firm must not be able to spoil a comparison by answers on which a metric breaks down.
        if rows is None:
            values = np.where(np.isnan(values), self.metric.worst, values)
        return np.asarray(np.clip(values, self.metric.lowest, self.metric.highest))


def measured(
    metric: OwnMetric,
    outcomes: pl.DataFrame,
    answers: Sequence[Predictions],
    work: Callable[[OwnMeasure], T],
) -> T:
    """Let some work measure by an agency's metric: one jail for all of it, destroyed after it.

    Args:
        metric: The metric.
        outcomes: (n) cases; of their columns the metric sees those that its source names.
        answers: n answers of each solution.
        work: Asks for as many values as it needs.

    Raises:
        MetricFailed: The metric was stopped in the jail.
        Unavailable: No jail works here.
    """
    files = {"metric.py": metric.source.encode(), "cases.json": _cases(metric, outcomes)}
    files |= {f"answers_{number}": _packed(each) for number, each in enumerate(answers)}
    found: list[T] = []

    def converse(channel: Channel) -> None:
        found.append(work(OwnMeasure(metric=metric, cases=outcomes.height, channel=channel)))
        channel.send(b"")

    ended = _pool().run(
        resources.files(__package__).joinpath("metric_harness.py").read_bytes(),
        files=files,
        limits=_LIMITS,
        converse=converse,
    )
    if not found:
        raise MetricFailed(metric.metric.name, ended.ending)
    return found[0]


@cache
def _pool() -> WarmPool:
    """A jail with numpy alone, kept warm in each process that measures."""
    from madang.kernel.sandbox.jail import WarmPool
    from madang.kernel.sandbox.runtime import Runtime

    pool = WarmPool(runtime=Runtime(distributions=("numpy",), preload=("numpy",)), size=1)
    atexit.register(pool.close)
    return pool


def _cases(metric: OwnMetric, outcomes: pl.DataFrame) -> bytes:
    import polars as pl

    named = named_columns(metric.source)
    # The platform's own columns hold identifiers and places.
    hidden = {"case", "__group", "__id"}
    columns = [
        Column(name=name, kind="text" if dtype == pl.String else "number")
        for name, dtype in outcomes.schema.items()
        if name in named - hidden
    ]
    return encode_table(outcomes, columns)


def _packed(answers: Predictions) -> bytes:
    if isinstance(answers, list):
        return json.dumps(answers).encode()
    return encode_numbers(answers)
