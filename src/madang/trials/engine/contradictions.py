"""Where is a demand at odds with itself, or with the task that it names?

Its text obeys the schema by now; what is left are things that one item says of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.errors import InputError
from madang.kernel.trial import Column
from madang.kernel.words import words
from madang.trials.engine.errors import DemandError
from madang.trials.engine.schema import Fault, schema_faults
from madang.trials.engine.wheels import declared_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.trials.engine.demand import Demand
    from madang.trials.engine.own_metric import OwnMetric


def contradictions(demand: Demand) -> Iterator[Fault]:
    """Every one, in the order in which they are best mended."""
    yield from _parts(demand)
    yield from _names(demand)
    yield from _levels(demand)
    yield from _references(demand)
    yield from _task(demand)
    if demand.own_metric:
        yield from _own_metric(demand, demand.own_metric)
    if demand.wheels:
        yield from _wheels(demand)
    for place, declared in (("phases", "timetable"), ("rubric", "rubric")):
        try:
            getattr(demand, declared)
        except InputError as error:
            yield Fault(place, error)


def _parts(demand: Demand) -> Iterator[Fault]:
    total = sum(demand.shares.values())
    if abs(total - 1) > 1e-9:
        yield Fault(
            "parts",
            DemandError(
                words(f"parts의 합계 {total:g}", f"parts that sum to {total:g}"),
                words("합계가 1인 몫", "shares that sum to 1"),
            ),
        )


def places(demand: Demand) -> list[tuple[str, Column]]:
    """Every column with the place at which the demand declares it, such as `data.inputs.2`."""
    group = demand.group_column
    apart = group and group not in {column.name for column in demand.inputs}
    return [
        ("data.id", Column(name=demand.id_column, kind="text")),
        *([("data.group", Column(name=group or "", kind="text"))] if apart else []),
        *((f"data.inputs.{n}", column) for n, column in enumerate(demand.inputs)),
        *((f"data.outcomes.{n}", column) for n, column in enumerate(demand.outcomes)),
    ]


def _names(demand: Demand) -> Iterator[Fault]:
    """Names are free, and each stands once."""
    seen: set[str] = set()
    for place, column in places(demand):
        name = column.name
        if is_taken(name):
            yield Fault(place, _taken(name))
        if name in seen:
            yield Fault(
                place,
                DemandError(
                    words(f"두 번 나온 열 이름 {name!r}", f"the column {name!r} twice"),
                    words("서로 다른 열 이름", "column names that differ"),
                ),
            )
        seen.add(name)
    for number, name in enumerate(demand.ignored):
        if name in seen:
            yield Fault(
                f"data.ignored.{number}",
                DemandError(
                    words(f"쓰지 않는다고 적은 열 {name!r}", f"the ignored column {name!r}"),
                    words(
                        "입력·결과·식별자·묶음이 아닌 열",
                        "a column that is no input, outcome, identifier or group",
                    ),
                ),
            )


def is_taken(name: str) -> bool:
    """Does the platform use this name for a column of its own?"""
    return name == "case" or name.startswith("__")


def _taken(name: str) -> DemandError:
    return DemandError(
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


def _levels(demand: Demand) -> Iterator[Fault]:
    """Levels stand where they belong."""
    for place, column in places(demand):
        if (column.kind == "category") != bool(column.levels):
            shown = repr(column.name)
            yield Fault(
                f"{place}.levels",
                DemandError(
                    words(f"열 {shown}의 levels", f"the levels of column {shown}"),
                    words(
                        "category 열에만 적은 levels", "levels on category columns, and only there"
                    ),
                ),
            )


def _references(demand: Demand) -> Iterator[Fault]:
    """The group and the subgroups are columns of the kinds that they need."""
    inputs = {column.name: column for column in demand.inputs}
    if demand.group_column in inputs and inputs[demand.group_column].nullable:
        yield Fault(
            "data.group",
            DemandError(
                words(
                    f"빈 값이 있을 수 있는 group 열 {demand.group_column!r}",
                    f"the group column {demand.group_column!r}, which may be empty",
                ),
                words("빈 값이 없는 열", "a column without missing values"),
            ),
        )
    for number, name in enumerate(demand.subgroups):
        if name not in inputs or inputs[name].kind not in ("category", "boolean"):
            yield Fault(
                f"subgroups.{number}",
                DemandError(
                    words(f"하위집단 {name!r}", f"the subgroup {name!r}"),
                    words(
                        "입력 열 가운데 category 또는 boolean",
                        "a category or boolean input column",
                    ),
                ),
            )


def _task(demand: Demand) -> Iterator[Fault]:
    """The task takes these tiers, options and columns, and knows the baseline that is named."""
    task = demand.task
    if task.kind == "replay" and set(demand.tiers) != {"python"}:
        named = ", ".join(demand.tiers)
        yield Fault(
            "tiers",
            DemandError(
                words(f"제출 단계 {named}", f"the tiers {named}"),
                words("대화형 과제가 받는 단계: python", "the tier of a replay task: python"),
            ),
        )
    wrong = schema_faults(dict(demand.options), task.options_schema(), "task.options")
    yield from wrong
    if wrong:
        return  # the task reads its columns by its options
    try:
        task.check(demand.inputs, demand.outcomes, options=demand.options)
    except InputError as error:
        yield Fault("task.options", error)
    known = {baseline.name for baseline in task.baselines(options=demand.options)}
    if demand.decision.baseline not in known:
        listed = ", ".join(sorted(known))
        yield Fault(
            "decision.baseline",
            DemandError(
                words(
                    f"기준 {demand.decision.baseline!r}", f"baseline {demand.decision.baseline!r}"
                ),
                words(f"{listed} 가운데 하나", f"one of {listed}"),
            ),
        )


def _own_metric(demand: Demand, metric: OwnMetric) -> Iterator[Fault]:
    yield from metric.faults()
    if demand.task.kind == "replay":
        yield Fault(
            "own_metric",
            DemandError(
                words("대화형 과제의 자체 지표", "a metric of the agency's own for a replay task"),
                words("수나 글로 답하는 과제", "a task whose answers are numbers or texts"),
            ),
        )


def _wheels(demand: Demand) -> Iterator[Fault]:
    yield from declared_faults(demand.wheels)
    if "python" not in demand.tiers:
        yield Fault(
            "environment.wheels",
            DemandError(
                words(
                    "Python 원본을 받지 않는 수요의 휠", "wheels where no Python source is taken"
                ),
                words("tiers의 python", "python among the tiers"),
            ),
        )
