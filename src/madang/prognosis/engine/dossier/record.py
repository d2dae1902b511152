"""What is known of a model without asking anybody? The record from which a dossier is made.

Plain values, whatever kind of model they tell of: None, or an empty tuple where it says so, means
that nobody kept the fact, and the dossier then says "not reported". `from_model` makes the record
of a stacked model.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from madang.kernel.words import Words

if TYPE_CHECKING:
    from madang.prognosis.engine.quality.tenths import Tenth

Imputation = Literal["none", "single", "multiple"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One predictor: what it is, what was seen of it, and where its limits are."""

    name: str
    kind: str
    missing: float | None = None
    """Share of patients without a value."""
    quartiles: tuple[float, ...] | None = None
    levels: tuple[tuple[str, int], ...] | None = None
    """Levels of ten patients or more, with their number."""
    pooled: tuple[int, int] | None = None
    """How many levels, and patients, are put together."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Where the model answers: the range or the levels of a column, and whether it must be known.

    A column without range and levels is not limited.
    """

    column: str
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    is_key: bool = False


@dataclass(frozen=True, kw_only=True)
class Patients:
    """Those on whom a model was made, or tried."""

    patients: int
    events: tuple[int, ...]
    """By cause; the first is what the model foretells."""
    first: float | None = None
    last: float | None = None
    """Shortest and longest follow-up."""
    median: float | None = None
    """Median follow-up by the reversed Kaplan–Meier curve."""
    columns: tuple[Column, ...] = ()
    data_sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class Score:
    """One figure of quality; `name` is a key of `figures.SCORES`."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Patients of one kind: mean predicted and observed risk, and ICI where there are enough."""

    column: str
    value: str
    patients: int
    events: int
    predicted: float
    observed: float
    ici: float | None


@dataclass(frozen=True, kw_only=True)
class Benefit:
    """Net benefit per patient of acting at a threshold of risk, and of acting on everybody."""

    threshold: float
    model: float
    everybody: float


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How good the model was until a horizon."""

    horizon: float
    scores: tuple[Score, ...]
    tenths: tuple[Tenth, ...] = ()
    groups: tuple[Group, ...] = ()
    benefit: tuple[Benefit, ...] = ()
    censoring_depends: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A trial of the model on other patients; those whom it refused are not scored."""

    scored: Patients
    refused: int
    quality: Quality


@dataclass(frozen=True, kw_only=True)
class Method:
    """How the model was made: sentences for readers, and plain facts for rules.

    Of the facts, None means "not known".
    """

    kind: Words
    building: Words
    numbers: Words
    gaps: Words
    use_of_data: Words
    output: Words
    access: Words
    keeps_numbers: bool | None = None
    """Whether numbers were neither cut into classes nor dichotomised."""
    bends: bool | None = None
    """Whether effects of numbers may be other than straight lines."""
    imputation: Imputation | None = None
    handles_censoring: bool | None = None
    balances_classes: bool | None = None
    """Whether patients were resampled or weighted so that events are more frequent."""
    restrains: bool | None = None
    """Whether overfitting was held back: penalties, limits of growth, weights out of fold."""
    is_recalibrated: bool | None = None
    uses_trees: bool | None = None
    parameters: int | None = None
    folds: int | None = None
    """Of the resampling; None where there was none."""
    not_repeated: tuple[Words, ...] | None = None
    """Steps that were not repeated in each fold; None: not known."""


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A column that seems to know the outcome."""

    column: str
    sentence: Words
    is_outcome: bool
    """Whether it tells the event itself, not only its time or the follow-up."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """All that is known of a model without asking anybody."""

    digest: str
    outcome: tuple[tuple[Words, str], ...]
    """Columns of the outcome: what each is, and its name in the file."""
    horizon: float
    last_time: float
    """The latest time that it answers for."""
    causes: int
    method: Method
    weights: tuple[tuple[Words, float], ...]
    limits: tuple[Limit, ...]
    refuses_strangers: bool
    """Whether combinations of values that nobody had are refused."""
    development: Patients
    inside: Quality | None
    """Quality out of fold, of the patients of the development."""
    evaluation: Evaluation | None
    hints: tuple[Hint, ...] | None
    """None: nobody looked."""
    not_used: tuple[tuple[str, Words], ...] | None
    """Columns of the file that do not predict, and why."""
    groups: tuple[str, int] | None
    """Column of hospitals or the like that stayed in one fold, and how many there are."""
    warnings: tuple[Words, ...]
    """Limits that the making itself showed."""
    seed: int | None
    versions: tuple[tuple[str, str], ...]


def plain(value: Any) -> Any:
    """Any value of a dossier as JSON has it; both languages of words beside each other."""
    if isinstance(value, Words):
        return {"ko": value.ko, "en": value.en}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {each.name: plain(getattr(value, each.name)) for each in fields}
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return value
