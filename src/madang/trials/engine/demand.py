"""What does the agency ask for, on which data, and by which rule will it decide?

A demand is written in YAML (`demand.schema.json` is its schema) and registered before the first
run: its digest enters the evidence log, so that nobody can move the goal afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import rfc8785

from madang.kernel import ids
from madang.kernel.errors import InputError
from madang.kernel.trial import PARTS, Column, Part, Task, find_task
from madang.kernel.words import Words, words
from madang.trials.engine.contradictions import contradictions
from madang.trials.engine.errors import DemandError
from madang.trials.engine.own_metric import OwnMetric
from madang.trials.engine.phases import Timetable
from madang.trials.engine.rubric import Rubric
from madang.trials.engine.schema import Fault, check_schema, schema_faults
from madang.trials.engine.wheels import Wheel
from madang.trials.engine.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Tier = Literal["predictions", "onnx", "python"]


@dataclass(frozen=True, kw_only=True)
class DecisionRule:
    """How the agency will decide, fixed before the first run."""

    metric: str
    baseline: str
    """The trivial baseline that a solution must beat, or must not fall behind."""
    rule: Literal["superiority", "non_inferiority"]
    margin: float = 0.0
    """In the metric's unit: by how much a solution must be better, or may be worse."""
    alpha: float = 0.05
    """Probability that any solution is adopted wrongly (family-wise)."""
    secondary: tuple[str, ...] = ()
    guard: Mapping[str, float]
    """Metric → worst value that an adopted solution may have."""


@dataclass(frozen=True, kw_only=True)
class RunLimits:
    """What one run may use."""

    wall_s: float = 60.0
    memory_mb: int = 2048
    step_s: float = 5.0
    """Longest time for one action of a replay."""
    submission_mb: int = 64


@dataclass(frozen=True, kw_only=True)
class Demand:
    """A registered or registrable demand."""

    name: str
    title: Words
    ministry: Words
    problem: Words
    source: Words
    task_name: str
    options: Mapping[str, Any]
    id_column: str
    group_column: str | None
    encoding: Literal["utf-8", "cp949"]
    inputs: tuple[Column, ...]
    outcomes: tuple[Column, ...]
    titles: Mapping[str, Words]
    """Column → its title for readers."""
    shares: Mapping[Part, float]
    seed: int
    tiers: tuple[Tier, ...]
    limits: RunLimits
    quota: int
    decision: DecisionRule
    subgroups: tuple[str, ...]
    minimum_cell: int
    own_metric: OwnMetric | None
    wheels: tuple[Wheel, ...]
    """Packages that Python source may import beside the fixed environment."""
    plain: Mapping[str, Any]
    """The demand as plain data; its canonical JSON gives the digest."""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: comments and layout of the YAML do not matter."""
        return ids.digest(rfc8785.dumps(dict(self.plain)))

    @property
    def task(self) -> Task:
        """The task that the demand names."""
        return find_task(self.task_name)

    @property
    def timetable(self) -> Timetable | None:
        """The dates that the demand declares, if any.

        Raises:
            InputError: They are no dates, or not in their order.
        """
        phases = self.plain.get("phases")
        return Timetable.from_plain(phases) if phases is not None else None

    @property
    def rubric(self) -> Rubric | None:
        """What evaluators judge beside the measured part, if anything.

        Raises:
            InputError: It cannot be used.
        """
        rubric = self.plain.get("rubric")
        return Rubric.from_plain(rubric) if rubric is not None else None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Identifier, group, inputs and outcomes: what the agency's table must have."""
        extra = [Column(name=self.id_column, kind="text")]
        if self.group_column and self.group_column not in {c.name for c in self.inputs}:
            extra.append(Column(name=self.group_column, kind="text"))
        return (*extra, *self.inputs, *self.outcomes)


def read_demand(content: bytes) -> Demand:
    """A demand from its YAML text.

    Raises:
        InputError: Not YAML, against the schema, or at odds with itself or with its task.
    """
    plain = read_yaml(content)
    check_schema(plain, _schema(), "")
    demand = _from_plain(plain)
    for fault in contradictions(demand):
        raise fault.error
    return demand


class Examined(NamedTuple):
    """A text that may be a demand, and all that is wrong with it."""

    demand: Demand | None
    """None where the text is too far from a demand to be read as one."""
    faults: tuple[Fault, ...]


def examine(content: bytes) -> Examined:
    """Everything that `read_demand` would object to, instead of the first of it."""
    try:
        plain = read_yaml(content)
    except InputError as error:
        return Examined(None, (Fault("", error),))
    faults = schema_faults(plain, _schema(), "")
    if faults:
        return Examined(None, tuple(faults))
    try:
        demand = _from_plain(plain)
    except InputError as error:  # the one name that another room must know
        return Examined(None, (Fault("task.name", error),))
    return Examined(demand, tuple(contradictions(demand)))


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("demand.schema.json").read_text("utf-8")
    )
    return schema


def _pair(mapping: Mapping[str, str]) -> Words:
    return words(mapping["ko"], mapping["en"])


def _column(plain: Mapping[str, Any]) -> Column:
    return Column(
        name=plain["name"],
        kind=plain["kind"],
        levels=tuple(plain.get("levels", ())),
        unit=plain.get("unit", ""),
        nullable=plain.get("nullable", False),
    )


def _from_plain(plain: Mapping[str, Any]) -> Demand:
    data = plain["data"]
    described = [*data["inputs"], *data["outcomes"]]
    rule = plain["decision"]
    return Demand(
        name=plain["demand"],
        title=_pair(plain["title"]),
        ministry=_pair(plain["ministry"]),
        problem=_pair(plain["problem"]),
        source=_pair(data.get("source", {"ko": "기재하지 않음", "en": "not stated"})),
        task_name=plain["task"]["name"],
        options=plain["task"].get("options", {}),
        id_column=data["id"],
        group_column=data.get("group"),
        encoding=data.get("encoding", "utf-8"),
        inputs=tuple(_column(each) for each in data["inputs"]),
        outcomes=tuple(_column(each) for each in data["outcomes"]),
        titles={each["name"]: _pair(each["title"]) for each in described if "title" in each},
        shares={part: plain["parts"][part] for part in PARTS if part in plain["parts"]},
        seed=int(plain["seed"]),  # to a schema, 7.0 is a whole number too
        tiers=tuple(plain.get("tiers", _default_tiers(plain["task"]["name"]))),
        limits=_limits(plain.get("limits", {})),
        quota=int(plain.get("quota", {"submissions": 100})["submissions"]),
        decision=DecisionRule(
            **{
                **rule,
                "secondary": tuple(rule.get("secondary", ())),
                "guard": rule.get("guard", {}),
            }
        ),
        subgroups=tuple(plain.get("subgroups", ())),
        minimum_cell=int(plain.get("minimum_cell", 10)),
        own_metric=OwnMetric.from_plain(plain["own_metric"]) if "own_metric" in plain else None,
        wheels=tuple(
            Wheel.from_plain(each) for each in plain.get("environment", {}).get("wheels", ())
        ),
        plain=plain,
    )


def _default_tiers(task: str) -> tuple[Tier, ...]:
    return ("python",) if find_task(task).kind == "replay" else ("onnx", "python")


def _limits(plain: Mapping[str, Any]) -> RunLimits:
    whole = {name: int(plain[name]) for name in ("memory_mb", "submission_mb") if name in plain}
    return RunLimits(**{**plain, **whole})


def check_metrics(demand: Demand, known: Mapping[str, Any]) -> None:
    """Does the task have every metric that the decision names? Known once the frame is fixed.

    Raises:
        DemandError: A metric is unknown.
    """
    rule = demand.decision
    for name in (rule.metric, *rule.secondary, *rule.guard):
        if name not in known:
            raise DemandError(
                words(f"지표 {name!r}", f"metric {name!r}"),
                words(f"{', '.join(known)} 가운데 하나", f"one of {', '.join(known)}"),
            )
