"""How is a demand read from its YAML, and what is wrong with one that cannot be?"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel.errors import InputError
from madang.kernel.trial import PARTS, Column, find_task
from madang.kernel.words import Words, words
from madang.trials.engine.contradictions import contradictions
from madang.trials.engine.demand import DecisionRule, Demand, RunLimits, Tier
from madang.trials.engine.errors import DemandError
from madang.trials.engine.own_metric import OwnMetric
from madang.trials.engine.schema import Fault, check_schema, schema_faults
from madang.trials.engine.wheels import Wheel
from madang.trials.engine.yaml_text import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        ignored=tuple(data.get("ignored", ())),
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
