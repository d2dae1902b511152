"""What does the record of a model of visits say? The one place that knows that model's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.prognosis.engine.dossier.from_model import limits, outcome
from madang.prognosis.engine.dossier.record import (
    Column,
    Method,
    Patients,
    Quality,
    Record,
    Score,
)
from madang.prognosis.engine.dynamic.model import FOLDS
from madang.prognosis.engine.quality.tenths import Tenth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.dynamic.model import VisitModel

_SCORES = ("auc", "brier", "slope", "ici", "e50", "e90", "observed_to_expected")

_METHOD = Method(
    kind=words(
        "방문마다 새로 답하는 랜드마크 초모형(원인별 비례위험)",
        "A landmark supermodel that answers anew at each visit (proportional hazards by cause)",
    ),
    building=words(
        "등록 뒤 여러 시점에서 그때까지 알려진 값으로 환자를 세우고, 원인마다 능형 벌점의 "
        "비례위험 모형을 한 번에 적합합니다. 벌점은 환자를 묶은 교차검증의 부분우도로 고릅니다.",
        "Patients stand at many landmarks with the values known by then; each cause has one "
        "proportional hazards model with a ridge for all landmarks. The ridge is chosen by the "
        "partial likelihood of patients left out.",
    ),
    numbers=words(
        "숫자는 나누지 않고 그대로 씁니다. 치우친 양수는 로그로 바꾸고 표준화한 직선 효과입니다. "
        "마지막 방문에서 지난 시간, 방문 횟수, 등록 뒤 시간도 씁니다.",
        "Numbers are kept as they are; skewed positive ones by their logarithm, standardised and "
        "linear. The age of the data, the number of visits and the time since entry count too.",
    ),
    gaps=words(
        "그 시점까지의 마지막 값을 쓰고, 한 번도 없으면 학습 자료의 중앙값으로 채웁니다.",
        "The last value known by then stands; where there never was one, the training median.",
    ),
    use_of_data=words(
        "환자 전원으로 학습했습니다. 내부 검증은 환자를 묶은 10겹 교차검증의 폴드 밖 답이며 "
        "벌점은 전체에서 고른 값입니다.",
        "All patients were used for fitting. Internal validation: answers out of fold of 10-fold "
        "cross-validation by patient, with the ridge chosen on all of them.",
    ),
    output=words(
        "시점별 확률(원인별 발생, 어느 것도 없을 확률)과 구간입니다. 합은 1입니다.",
        "Probabilities at each time (each cause; free of all) with an interval; they add up to 1.",
    ),
    access=words(
        "모형 파일은 숫자와 글자만 담은 ZIP이며 해시값을 확인한 뒤 읽습니다. 사이트와 CDS Hooks로 "
        "답합니다.",
        "The model is a ZIP of numbers and words, checked by its digest. It answers on the site "
        "and by CDS Hooks.",
    ),
    keeps_numbers=True,
    bends=False,
    imputation="single",
    handles_censoring=True,
    balances_classes=False,
    restrains=True,
    is_recalibrated=False,
    uses_trees=False,
    folds=FOLDS,
    not_repeated=(words("벌점 선택", "choice of the penalty"),),
)


def record(model: VisitModel, digest: str) -> Record:
    """The record of a model of visits; its evaluation on other patients is not kept in it.

    Args:
        model: Read from its file.
        digest: Of the file.
    """
    facts = model.facts
    missing = facts.get("missing", {})
    columns = tuple(
        Column(name=each["name"], kind=each["kind"], missing=missing.get(each["name"]))
        for each in model.declared
    )
    return Record(
        digest=digest,
        outcome=outcome(facts.get("outcome", {})),
        horizon=facts["quality"]["window"],
        last_time=facts["horizon"],
        causes=len(facts["events"]),
        method=_METHOD,
        weights=(),
        limits=limits(model.scope, model.declared),
        refuses_strangers=True,
        development=Patients(
            patients=facts["patients"],
            events=tuple(facts["events"]),
            columns=columns,
            data_sha256=facts.get("data_sha256"),
        ),
        inside=_inside(facts["quality"]),
        evaluation=None,
        hints=None,
        not_used=None,
        groups=None,
        warnings=(),
        seed=facts.get("seed"),
        versions=tuple(sorted(facts.get("versions", {}).items())),
    )


def _inside(found: Mapping[str, Any]) -> Quality:
    return Quality(
        horizon=found["window"],
        scores=tuple(Score(name=name, value=found[name]) for name in _SCORES),
        tenths=tuple(
            Tenth(each["answers"], each["predicted"], each["observed"], each["low"], each["high"])
            for each in found["tenths"]
        ),
    )
