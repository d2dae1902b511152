"""What does the agency ask for, on which data, and by which rule will it decide?

A demand is written in YAML (`demand.schema.json` is its schema) and registered before the first
run: its digest enters the evidence log, so that nobody can move the goal afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import rfc8785

from madang.kernel import ids
from madang.kernel.trial import PARTS, Column, Part, Task, find_task
from madang.kernel.words import Words, words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.schema import check_schema
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
    def columns(self) -> tuple[Column, ...]:
        """Identifier, group, inputs and outcomes: what the agency's table must have."""
        extra = [Column(name=self.id_column, kind="text")]
        if self.group_column and self.group_column not in {c.name for c in self.inputs}:
            extra.append(Column(name=self.group_column, kind="text"))
        return (*extra, *self.inputs, *self.outcomes)


def read_demand(content: bytes) -> Demand:
    """A demand from its YAML text.

    Raises:
        DemandError: Not YAML, against the schema, or at odds with itself or with its task.
    """
    plain = read_yaml(content)
    check_schema(
        plain,
        json.loads(resources.files(__package__).joinpath("demand.schema.json").read_text("utf-8")),
        "",
    )
    demand = _from_plain(plain)
    _check_parts(demand)
    _check_columns(demand)
    _check_task(demand)
    return demand


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
        plain=plain,
    )


def _default_tiers(task: str) -> tuple[Tier, ...]:
    return ("python",) if find_task(task).kind == "replay" else ("onnx", "python")


def _limits(plain: Mapping[str, Any]) -> RunLimits:
    whole = {name: int(plain[name]) for name in ("memory_mb", "submission_mb") if name in plain}
    return RunLimits(**{**plain, **whole})


def _check_parts(demand: Demand) -> None:
    total = sum(demand.shares.values())
    if abs(total - 1) > 1e-9:
        raise DemandError(
            words(f"parts의 합계 {total:g}", f"parts that sum to {total:g}"),
            words("합계가 1인 몫", "shares that sum to 1"),
        )


def _check_columns(demand: Demand) -> None:
    """Names are free and unique, and levels stand where they belong."""
    names = [column.name for column in demand.columns]
    for name in names:
        if name == "case" or name.startswith("__"):
            raise DemandError(
                words(f"열 이름 {name!r}", f"the column name {name!r}"),
                words(
                    "case가 아니고 밑줄 두 개로 시작하지 않는 이름",
                    "a name other than case that does not begin with two underscores",
                ),
                words(
                    "플랫폼이 쓰는 이름입니다. 표의 열 이름을 바꾸십시오.",
                    "The platform uses these names. Rename the column in the table.",
                ),
            )
    for name in {name for name in names if names.count(name) > 1}:
        raise DemandError(
            words(f"두 번 나온 열 이름 {name!r}", f"the column {name!r} twice"),
            words("서로 다른 열 이름", "column names that differ"),
        )
    for column in (*demand.inputs, *demand.outcomes):
        if (column.kind == "category") != bool(column.levels):
            raise DemandError(
                words(f"열 {column.name!r}의 levels", f"the levels of column {column.name!r}"),
                words("category 열에만 적은 levels", "levels on category columns, and only there"),
            )
    _check_references(demand)


def _check_references(demand: Demand) -> None:
    """The group and the subgroups are columns of the kinds that they need."""
    inputs = {column.name: column for column in demand.inputs}
    if demand.group_column in inputs and inputs[demand.group_column].nullable:
        raise DemandError(
            words(
                f"빈 값이 있을 수 있는 group 열 {demand.group_column!r}",
                f"the group column {demand.group_column!r}, which may be empty",
            ),
            words("빈 값이 없는 열", "a column without missing values"),
        )
    for name in demand.subgroups:
        if name not in inputs or inputs[name].kind not in ("category", "boolean"):
            raise DemandError(
                words(f"하위집단 {name!r}", f"the subgroup {name!r}"),
                words(
                    "입력 열 가운데 category 또는 boolean", "a category or boolean input column"
                ),
            )


def _check_task(demand: Demand) -> None:
    """The task exists, takes these options and columns, and knows the baseline that is named."""
    task = demand.task
    if task.kind == "replay" and set(demand.tiers) != {"python"}:
        raise DemandError(
            words(f"제출 단계 {', '.join(demand.tiers)}", f"the tiers {', '.join(demand.tiers)}"),
            words("대화형 과제가 받는 단계: python", "the tier of a replay task: python"),
        )
    check_schema(dict(demand.options), task.options_schema(), "task.options")
    task.check(demand.inputs, demand.outcomes, options=demand.options)
    known = {baseline.name for baseline in task.baselines(options=demand.options)}
    if demand.decision.baseline not in known:
        raise DemandError(
            words(f"기준 {demand.decision.baseline!r}", f"baseline {demand.decision.baseline!r}"),
            words(f"{', '.join(sorted(known))} 가운데 하나", f"one of {', '.join(sorted(known))}"),
        )


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
