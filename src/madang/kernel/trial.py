"""What must a system offer so that solutions can be tried on its sealed data and scored?

A `Task` knows one kind of problem (survival, classification, a replayed plant …): which columns it
needs, what a solution must return, how answers are scored, which trivial answers exist, how cases
are split and which columns give the outcome away. It knows no files, keys, firms or money: that is
the business of the trials.

Two kinds of tasks: in a *table* task a solution sees all input rows at once and returns one answer
a row; in a *replay* task it converses with an environment, one observation and one action at a
time.

Tables are `polars.DataFrame`s. Every random choice comes from the generator that is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from madang.kernel import systems
from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Predictions: TypeAlias = Floats | list[str] | list[Any]
    """(n, k) numbers with `Outputs.columns` as columns; n texts; or n records of a replay."""

Options: TypeAlias = "Mapping[str, Any]"
"""The demand's `task.options`, checked against `Task.options_schema`."""

Frame: TypeAlias = "Mapping[str, Any]"
"""Public facts that registration fixes from the open sample (time grid, classes …); plain JSON."""

Part: TypeAlias = Literal["open", "develop", "board", "final"]
PARTS: tuple[Part, ...] = ("open", "develop", "board", "final")
"""`open` is given to firms with outcomes; the other three are sealed. A firm's `fit` may see
`develop` inside the jail; `board` gives the running scores; `final` is touched by the last
comparison alone.
"""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the demand's data, as the demand declares it."""

    name: str
    kind: Literal["number", "integer", "boolean", "category", "text"]
    levels: tuple[str, ...] = ()
    """The permitted values of a category, in their order."""
    unit: str = ""
    nullable: bool = False


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a solution must return for n cases.

    `numbers`: an (n, k) table of finite numbers with these columns, each within [lowest, highest],
    rows that obey `row_rule`. `texts`: n strings, one of `levels` where levels are given.
    `records`: the environment's own records of a replay.
    """

    kind: Literal["numbers", "texts", "records"]
    columns: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    row_rule: Literal["", "nonincreasing", "sums_to_one"] = ""
    levels: tuple[str, ...] = ()
    longest: int = 10_000
    """Characters that one text may have."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One way to score answers, named as the field names it."""

    name: str
    title_ko: str
    title_en: str
    direction: Literal["lower", "higher"]
    """Which way is better; measures of calibration are `lower`, on absolute values."""
    lowest: float | None = None
    highest: float | None = None
    unit: str = ""
    decimals: int = 4
    """How many digits a published score carries."""


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A column (or the row order) that is, or nearly is, a function of the outcome."""

    column: str
    measure: str
    """What was measured, such as `Uno's C of the column alone`."""
    value: float
    limit: float
    sentence_ko: str
    sentence_en: str


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A trivial answer that every board shows, so that nobody mistakes it for an achievement."""

    name: str
    title_ko: str
    title_en: str
    predict: Callable[..., Predictions]
    """predict(open_inputs, open_outcomes, inputs, frame=…, options=…) → Predictions. For a replay
    task: act(observation, memory) → action, as a solution would write it."""


class Environment(Protocol):
    """One replayed case: it shows an observation, takes an action, and so on to its end."""

    def observation(self) -> Any | None:
        """What the solution sees now, as plain JSON; None when the case is over."""

    def act(self, action: Any) -> None:
        """Take the solution's action.

        Raises:
            InputError: The action is not of the form that the task declares.
        """

    def record(self) -> Any:
        """What happened, as plain JSON: the predictions of this case."""


class Task(Protocol):
    """One kind of problem. Subclass it: methods with a body are defaults."""

    name: str
    """`<system>.<noun>`, such as `prognosis.survival`."""
    version: int
    """Raised whenever a score could change; it stands in every record."""
    title_ko: str
    title_en: str
    kind: Literal["table", "replay"]

    def options_schema(self) -> dict[str, Any]:
        """JSON Schema of the demand's `task.options`."""
        ...

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """Are these columns what the task needs?

        Raises:
            InputError: A column that the options name is missing or of the wrong kind.
        """
        ...

    def check_outcomes(self, outcomes: pl.DataFrame, *, options: Options) -> None:
        """Do the outcome values make sense (positive times, both classes present …)?

        Raises:
            InputError: They do not; the sentence names the column and how many cases, no value.
        """
        ...

    def split(
        self,
        inputs: pl.DataFrame,
        outcomes: pl.DataFrame,
        *,
        groups: NDArray[Any] | None,
        shares: Mapping[Part, float],
        rng: np.random.Generator,
        options: Options,
    ) -> NDArray[np.int64]:
        """Which part does each case fall in?

        Args:
            inputs: (n) input rows.
            outcomes: (n) outcome rows.
            groups: (n) labels of what must stay together (person, site), or None.
            shares: Part → share of the cases; they sum to 1.
            rng: The only source of randomness.
            options: The demand's options.

        Returns:
            (n,) positions in `PARTS`. `stratified_parts` serves most tasks.
        """
        ...

    def frame(
        self, open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, options: Options
    ) -> dict[str, Any]:
        """Public facts fixed from the open sample alone, as plain JSON."""
        ...

    def outputs(self, *, frame: Frame, options: Options) -> Outputs:
        """What a solution must return."""
        ...

    def scoring_columns(self, *, options: Options) -> tuple[str, ...]:
        """Inputs that stand among the outcomes too, since scoring needs them (series, time)."""
        return ()

    def metrics(self, *, frame: Frame, options: Options) -> tuple[Metric, ...]:
        """The scores this task can give; the first is the usual primary one."""
        ...

    def losses(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Predictions,
        *,
        frame: Frame,
        options: Options,
    ) -> Floats | None:
        """(n,) contributions whose mean is the metric; None where it is no mean over cases.

        The outcome rows may carry the input columns beside, for scores that need covariates.
        """
        return None

    def score(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Predictions,
        *,
        frame: Frame,
        options: Options,
    ) -> float:
        """The metric over all given cases.

        Raises:
            KeyError: The task has no such metric.
        """
        ...

    def covariance(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Sequence[Predictions],
        *,
        frame: Frame,
        options: Options,
    ) -> Floats | None:
        """(k, k) covariance of k scores where a closed form exists (DeLong), else None."""
        return None

    def strata(self, outcomes: pl.DataFrame, *, options: Options) -> NDArray[Any] | None:
        """(n,) labels whose shares a resample of the cases keeps, such as the class; else None.

        For scores that are undefined where a class is missing.
        """
        return None

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """The trivial answers; at least one."""
        ...

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Input columns that (nearly) are a function of the outcome."""
        ...

    def environment(
        self,
        inputs: pl.DataFrame,
        outcomes: pl.DataFrame,
        *,
        row: int,
        frame: Frame,
        options: Options,
    ) -> Environment:
        """The conversation about one case of a replay task."""
        raise NotImplementedError(f"{self.name} is a table task")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One solution as a firm would hand it in."""

    name: str
    title_ko: str
    title_en: str
    firm: str
    tier: Literal["predictions", "onnx", "python"]
    files: Mapping[str, bytes] = field(repr=False)
    """File name → content. `predictions.csv` or `.parquet` (T0), `model.onnx` (T1), or Python
    source with `solution.py` (T2)."""


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """Real data, a demand on it, and solutions: what shows a trial from end to end."""

    demand: str
    """The demand's YAML."""
    data: Callable[[], pl.DataFrame]
    """The agency's table, inputs and outcomes together."""
    entries: Callable[..., tuple[Entry, ...]]
    """entries(open_inputs, open_outcomes, inputs_by_part, frame, options) → what the firms hand
    in. They know the open sample; inputs_by_part maps a sealed part to its inputs and serves T0
    entries alone."""
    own: str = ""
    """Name of the entry that a new site's example company hands in, so that whoever tries the site
    as the company may be adopted."""


def stratified_parts(
    strata: NDArray[Any],
    *,
    groups: NDArray[Any] | None,
    shares: Mapping[Part, float],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Deal cases into parts so that each stratum keeps the shares and no group is torn apart.

    A group's stratum is that of its first case. Within a stratum the groups are shuffled and dealt
    by largest remainder, so that no part is off by more than one group a stratum.

    Args:
        strata: (n) labels to balance, such as the event.
        groups: (n) labels of what must stay together, or None for single cases.
        shares: Part → share; they sum to 1.
        rng: The only source of randomness.

    Returns:
        (n,) positions in `PARTS`.
    """
    import numpy as np

    cases = np.arange(len(strata))
    keys = cases if groups is None else np.unique(groups, return_inverse=True)[1]
    _, first = np.unique(keys, return_index=True)
    group_part = np.zeros(len(first), dtype=np.int64)
    weights = np.array([shares.get(part, 0.0) for part in PARTS])
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata[first] == stratum)
        rng.shuffle(members)
        exact = weights * len(members)
        counts = np.floor(exact).astype(int)
        for part in np.argsort(counts - exact, kind="stable")[: len(members) - counts.sum()]:
            counts[part] += 1
        group_part[members] = np.repeat(np.arange(len(PARTS)), counts)
    return group_part[keys]


def find_task(name: str) -> Task:
    """The task of that name, from the manifest of the system that offers it.

    Args:
        name: `<system>.<noun>`, such as `prognosis.survival`.

    Raises:
        InputError: No system offers it.
    """
    offered = {
        f"{system.name}.{task}": (system, reference)
        for system in systems.manifests()
        for task, reference in system.tasks.items()
    }
    if name not in offered:
        raise InputError(
            words(f"과제 유형 {name!r}", f"the task {name!r}"),
            words(f"{', '.join(offered)} 가운데 하나", f"one of {', '.join(offered)}"),
        )
    system, reference = offered[name]
    task: Task = systems.load(reference, extra=system.extra)()
    return task
