"""`madang prognosis validate`: how good is a model on patients that it never saw?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from madang.kernel.commands import as_json_option, say
from madang.kernel.words import words
from madang.prognosis.cli.group import (
    EXISTING,
    data_option,
    digest_option,
    fractions,
    outcome_options,
    prognosis,
)

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.prognosis.engine.stack.validation import Validation


@prognosis.command()
@click.argument("model", type=EXISTING)
@data_option
@outcome_options
@click.option(
    "--thresholds", help="Risks at which one would act, separated by commas: 0.05,0.1,0.2."
)
@digest_option
@as_json_option
def validate(model: Path, data: Path, *, as_json: bool, **chosen: Any) -> None:
    """검증 · Score a model on other patients: error, order, calibration, subgroups, benefit.

    MODEL is a file of `fit` or `recalibrate`, or a published model as YAML or PMML.

    Exit codes: 0 shown, 3 the model, a row or a column cannot be used.
    """
    from madang.kernel import ids
    from madang.prognosis.cli.tested import tested
    from madang.prognosis.engine.stack import validation

    lines = fractions(chosen["thresholds"]) if chosen["thresholds"] else []
    found = tested(model, data, chosen)
    shown = validation.validate(found.model, found.table, found.watched, thresholds=lines)
    own = ids.digest(data.read_bytes()) == found.model.facts.get("data_sha256")
    facts = _facts(shown, found.digest) | {"is_training_data": own}
    text = f"{_OWN}\n{_told(shown)}" if own else _told(shown)
    say(facts, as_json=as_json, text=text)


_OWN = words(
    "주의: 이 모형이 학습한 파일입니다. 다른 환자에서 얼마나 맞는지는 알 수 없습니다.",
    "Caution: the model learnt from this very file. How it does on others is not told by it.",
)


def _facts(shown: Validation, digest: str) -> dict[str, Any]:
    curve = shown.decision
    return shown._asdict() | {
        "model": digest,
        "calibration": shown.calibration._asdict(),
        "d_calibration": shown.d_calibration._asdict(),
        "subgroups": [each._asdict() for each in shown.subgroups],
        "causes": [each._asdict() for each in shown.causes],
        "decision": None
        if curve is None
        else {name: values.tolist() for name, values in curve._asdict().items()}
        | {"nobody": [0.0] * len(curve.thresholds)},
    }


def _told(shown: Validation) -> str:
    c, d = shown.calibration, shown.d_calibration
    lines = [
        words(
            f"환자 {shown.patients}명, 사건 {shown.events}건, 예측하지 않음 {shown.refused}명, "
            f"시점 {shown.horizon:g}",
            f"{shown.patients} patients, {shown.events} events, {shown.refused} refused, "
            f"until {shown.horizon:g}",
        ),
        words(
            f"IBS {shown.ibs:.4f} (환자별 가중 {shown.ibs_conditional:.4f}, "
            f"카플란–마이어 {shown.ibs_kaplan_meier:.4f}), Uno C {shown.uno_c:.4f}",
            f"IBS {shown.ibs:.4f} (weights by patient {shown.ibs_conditional:.4f}, "
            f"Kaplan–Meier {shown.ibs_kaplan_meier:.4f}), Uno's C {shown.uno_c:.4f}",
        ),
        words(
            f"보정: ICI {c.ici:.4f}, E50 {c.e50:.4f}, E90 {c.e90:.4f}, 기울기 {c.slope:.3f}",
            f"Calibration: ICI {c.ici:.4f}, E50 {c.e50:.4f}, E90 {c.e90:.4f}, slope {c.slope:.3f}",
        ),
        words(
            f"전체 보정: {shown.in_the_large:+.4f} (환자별 가중 "
            f"{shown.in_the_large_conditional:+.4f})",
            f"In the large: {shown.in_the_large:+.4f} (weights by patient "
            f"{shown.in_the_large_conditional:+.4f})",
        ),
        words(
            f"D-보정: 가장 큰 차이 {d.largest:.4f} (p {d.p_value:.3g})",
            f"D-calibration: largest distance {d.largest:.4f} (p {d.p_value:.3g})",
        ),
    ]
    if shown.censoring_depends:
        lines.append(
            words(
                "주의: 중도절단이 환자 특성에 따라 다릅니다. 두 값을 함께 보십시오.",
                "Censoring depends on the patient: look at both figures.",
            )
        )
    return "\n".join(map(str, [*lines, *_causes(shown), *_groups(shown), *_benefit(shown)]))


def _causes(shown: Validation) -> list[Words]:
    return [
        words(
            f"원인 {each.cause}: 사건 {each.events}건, IBS {each.ibs:.4f} (알렌–요한센 "
            f"{each.ibs_aalen_johansen:.4f}), AUC {each.auc:.4f}, 예측 {each.predicted:.3f}, "
            f"실제 {each.observed:.3f}, 전체 보정 {each.in_the_large:+.4f}",
            f"Cause {each.cause}: {each.events} events, IBS {each.ibs:.4f} (Aalen–Johansen "
            f"{each.ibs_aalen_johansen:.4f}), AUC {each.auc:.4f}, predicted "
            f"{each.predicted:.3f}, observed {each.observed:.3f}, in the large "
            f"{each.in_the_large:+.4f}",
        )
        for each in shown.causes
    ]


def _benefit(shown: Validation) -> list[Words]:
    """Net benefit per patient at each threshold, beside acting on everybody and on nobody."""
    if shown.decision is None:
        return []
    return [
        words(
            f"조치 기준 {line:g}: 순이익 {model:+.4f}, 모두 조치 {everybody:+.4f}, "
            "아무도 조치하지 않음 +0.0000",
            f"Acting at {line:g}: net benefit {model:+.4f}, on everybody {everybody:+.4f}, "
            "on nobody +0.0000",
        )
        for line, model, everybody in zip(*map(list, shown.decision), strict=True)
    ]


def _groups(shown: Validation) -> list[Words]:
    lines = []
    for each in shown.subgroups:
        ici = "" if each.ici is None else f", ICI {each.ici:.4f}"
        lines.append(
            words(
                f"  {each.column} {each.value}: {each.patients}명, 예측 {each.predicted:.3f}, "
                f"실제 {each.observed:.3f}{ici}",
                f"  {each.column} {each.value}: {each.patients}, predicted "
                f"{each.predicted:.3f}, observed {each.observed:.3f}{ici}",
            )
        )
    return lines
