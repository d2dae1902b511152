"""What does the record of a stacked model say? The one place that knows the model's own shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier import stacked
from madang.prognosis.engine.dossier.record import (
    Benefit,
    Column,
    Evaluation,
    Group,
    Hint,
    Limit,
    Patients,
    Quality,
    Record,
    Score,
)
from madang.prognosis.engine.leakage import EVENT_MEASURE
from madang.prognosis.engine.quality.tenths import Tenth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.stack.evaluation import Beside
    from madang.prognosis.engine.stack.model import Model
    from madang.prognosis.engine.stack.scope import Scope
    from madang.prognosis.engine.stack.validation import Validation

_OUTCOME = {
    "time": words("기간 열", "Column of follow-up"),
    "event": words("사건 열(1 = 사건)", "Column of the event (1 = event)"),
    "competing": words("경쟁 사건의 코드", "Code of the competing event"),
    "entry": words("늦은 등록 열", "Column of delayed entry"),
    "weight": words("가중치 열", "Column of weights"),
}
_WHY = {
    "asked": words("학습할 때 빼도록 지정함", "left out on request"),
    "too_many_levels": words("서로 다른 값이 너무 많은 글자 열", "text with too many values"),
    "group": words("병원 같은 묶음을 나타내는 열", "names what belongs together"),
}
_SMOOTH = ("slope", "ici", "e50", "e90")


def record(
    model: Model,
    digest: str,
    *,
    validation: Validation | None = None,
    beside: Beside | None = None,
) -> Record:
    """The record of a stacked model.

    Args:
        model: Read from its file.
        digest: Of the file.
        validation: On other patients; without it the evaluation is not reported.
        beside: What a validation does not hold: intervals, tenths, who the patients were.
    """
    facts = model.facts
    not_used, groups = facts.get("not_used"), facts.get("groups")
    return Record(
        digest=digest,
        outcome=outcome(facts.get("outcome", {})),
        horizon=facts["horizon"],
        last_time=facts["last_time"],
        causes=len(facts["events"]),
        method=stacked.method(facts),
        weights=stacked.weights(facts),
        limits=limits(model.scope, model.declared),
        refuses_strangers=True,
        development=_development(facts, model.declared),
        inside=_inside(facts),
        evaluation=None if validation is None else _evaluation(validation, beside),
        hints=_hints(facts),
        not_used=None
        if not_used is None
        else tuple((each["column"], _WHY[each["why"]]) for each in not_used),
        groups=None if groups is None else (groups["column"], groups["count"]),
        warnings=stacked.warnings(facts),
        seed=facts.get("seed"),
        versions=tuple(sorted(facts.get("versions", {}).items())),
    )


def outcome(named: Mapping[str, Any]) -> tuple[tuple[Words, str], ...]:
    """Columns of the outcome: what each is, and its name in the file."""
    return tuple(
        (title, str(named[name]))
        for name, title in _OUTCOME.items()
        if named.get(name) is not None
    )


def limits(scope: Scope, declared: tuple[dict[str, Any], ...]) -> tuple[Limit, ...]:
    """Where a model answers, by column."""
    found = []
    for name in (each["name"] for each in declared):
        seen = scope.ranges.get(name)
        levels = [each for each in scope.levels.get(name, ()) if not each.startswith("\0")]
        found.append(
            Limit(
                column=name,
                low=None if seen is None else seen.low,
                high=None if seen is None else seen.high,
                levels=tuple(levels),
                is_key=name in scope.keys,
            )
        )
    return tuple(found)


def _development(facts: Mapping[str, Any], declared: tuple[dict[str, Any], ...]) -> Patients:
    described = facts.get("described")
    if described is None:
        columns = tuple(Column(name=each["name"], kind=each["kind"]) for each in declared)
        return Patients(
            patients=facts["patients"],
            events=tuple(facts["events"]),
            columns=columns,
            data_sha256=facts.get("data_sha256"),
        )
    return patients(described, facts.get("data_sha256"))


def patients(described: Mapping[str, Any], data_sha256: str | None) -> Patients:
    """Patients as `described` tells of them."""
    return Patients(
        patients=described["patients"],
        events=tuple(described["events"]),
        **described["follow_up"],
        columns=tuple(_column(each) for each in described["columns"]),
        data_sha256=data_sha256,
    )


def _column(each: Mapping[str, Any]) -> Column:
    quartiles, levels, pooled = (each.get(name) for name in ("quartiles", "levels", "pooled"))
    return Column(
        name=each["name"],
        kind=each["kind"],
        missing=each["missing"],
        quartiles=None if quartiles is None else tuple(quartiles),
        levels=None if levels is None else tuple(levels.items()),
        pooled=None if pooled is None else (pooled["levels"], pooled["patients"]),
    )


def _inside(facts: Mapping[str, Any]) -> Quality | None:
    """Nothing with delayed entry: the score out of fold does not know of it."""
    if facts["delayed_entry"]:
        return None
    ibs = Score(name="ibs", value=facts["ibs_out_of_fold"]["recalibrated"])
    checks = facts.get("checks_out_of_fold")
    if checks is None:
        return Quality(horizon=facts["horizon"], scores=(ibs,))
    names = ("uno_c", *_SMOOTH, "in_the_large")
    return Quality(
        horizon=checks["horizon"],
        scores=(ibs, *(Score(name=name, value=checks[name]) for name in names)),
        tenths=tuple(Tenth(**each) for each in checks["tenths"]),
        censoring_depends=facts["censoring_depends_on_patient"],
    )


def _hints(facts: Mapping[str, Any]) -> tuple[Hint, ...] | None:
    if facts.get("leaks") is None:
        return None
    return tuple(
        Hint(
            column=each["column"],
            sentence=words(each["sentence_ko"], each["sentence_en"]),
            is_outcome=each["measure"] == EVENT_MEASURE,
        )
        for each in facts["leaks"]
    )


def _evaluation(shown: Validation, beside: Beside | None) -> Evaluation:
    limits = {} if beside is None else beside.intervals
    values = {
        "ibs": shown.ibs,
        "ibs_conditional": shown.ibs_conditional,
        "ibs_kaplan_meier": shown.ibs_kaplan_meier,
        "uno_c": shown.uno_c,
        **{name: getattr(shown.calibration, name) for name in _SMOOTH},
        "in_the_large": shown.in_the_large,
        "in_the_large_conditional": shown.in_the_large_conditional,
        "d_calibration": shown.d_calibration.largest,
    }
    scored = Patients(patients=shown.patients, events=(shown.events,))
    if beside is not None:
        scored = patients(beside.described, beside.data_sha256)
    return Evaluation(
        scored=scored,
        refused=shown.refused,
        quality=Quality(
            horizon=shown.horizon,
            scores=tuple(
                Score(name=name, value=value, **_ends(limits.get(name)))
                for name, value in values.items()
            ),
            tenths=() if beside is None else beside.tenths,
            groups=tuple(Group(**each._asdict()) for each in shown.subgroups),
            benefit=() if beside is None else tuple(Benefit(**each) for each in beside.benefit),
            censoring_depends=shown.censoring_depends,
        ),
    )


def _ends(limits: tuple[float, float] | None) -> dict[str, float]:
    return {} if limits is None else {"low": limits[0], "high": limits[1]}
