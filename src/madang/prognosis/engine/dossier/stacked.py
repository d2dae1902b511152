"""How does one say in words what the stack of Cox, boosting and forest is and does?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier.figures import joined
from madang.prognosis.engine.dossier.record import Method

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS = {
    "cox": words("콕스 탄력망", "Cox elastic net"),
    "hazards": words("이산시간 부스팅", "boosted discrete hazards"),
    "forest": words("생존 숲", "survival forest"),
}
STEPS = {
    "penalty": words("벌점 선택", "choice of the penalty"),
    "weights": words("가중치 선택", "choice of the weights"),
    "recalibration": words("재보정", "recalibration"),
}
BENDS = {
    "level": words("높낮이", "level"),
    "stretch": words("기울기", "slope"),
    "bend": words("곡선", "curve"),
}
"""What a recalibration had to change."""

_KIND = words(
    "생존 모형 세 가지를 볼록 가중치로 섞은 모형",
    "A convex mixture of three survival models",
)
_NUMBERS = words(
    "숫자는 나누지 않고 그대로 씁니다. 콕스 부분은 표준화한 값의 직선 효과, 나무 부분은 모양을 "
    "정하지 않은 효과입니다. 분류는 수준별 지시 변수와 위험도 순서로 쓰고, 10명 미만인 수준은 "
    "합칩니다.",
    "Numbers are kept as they are: standardised and linear in the Cox part, of any shape in the "
    "trees. Categories become indicators and an order by hazard; levels under 10 patients are "
    "pooled.",
)
_GAPS = words(
    "빈칸은 학습 자료의 중앙값으로 한 번 채우고(부스팅은 빈칸을 그대로 봄), 분류의 빈칸은 하나의 "
    "수준입니다. 빈칸 때문에 빠진 환자는 없습니다.",
    "Gaps are filled once with the training median (boosting sees them as gaps); a gap in a "
    "category is a level. No patient was left out for a gap.",
)
_OUTPUT = words(
    "시점별 확률(사건 없이 지낼 확률, 원인별 발생 확률)과 구간입니다. 위험군으로 나누지 않으며 "
    "기준값도 없습니다.",
    "Probabilities at each time (free of the event; incidence by cause) with an interval. There "
    "are no risk classes and no thresholds.",
)
_CHOSEN = words(
    "가중치는 폴드 밖 예측에서 통합 브라이어 점수가 가장 작은 값입니다.",
    "The weights have the least integrated Brier score on predictions out of fold.",
)
_EQUAL = words("가중치는 같습니다.", "The weights are equal.")
_FIXED = words("부스팅과 숲의 설정은 고정입니다.", "Boosting and forest have fixed settings.")
_AS_IT_IS = words("재보정하지 않았습니다.", "It was not recalibrated.")
_ACCESS = words(
    "모형 파일은 숫자와 글자만 담은 ZIP이며 해시값을 확인한 뒤 읽습니다. 새 환자의 확률은 "
    "madang prognosis predict 명령으로 계산합니다.",
    "The model is a ZIP of numbers and words, checked by its digest before it is read. The "
    "command madang prognosis predict computes the probabilities of new patients.",
)


def weights(facts: Mapping[str, Any]) -> tuple[tuple[Words, float], ...]:
    """Parts of the mixture with their weights."""
    return tuple((PARTS[name], facts["weights"].get(name, 0.0)) for name in PARTS)


def method(facts: Mapping[str, Any]) -> Method:
    """How such a model is made, by its facts; what an older file did not keep stays None."""
    tuning = facts.get("tuning") or {}
    repeated = tuning.get("not_repeated")
    return Method(
        kind=_KIND,
        building=_building(facts, tuning),
        numbers=_NUMBERS,
        gaps=_GAPS,
        use_of_data=_use_of_data(facts),
        output=_OUTPUT,
        access=_ACCESS,
        keeps_numbers=True,
        bends=bool(facts["weights"].get("hazards", 0) + facts["weights"].get("forest", 0)),
        imputation="single",
        handles_censoring=True,
        balances_classes=False,
        restrains=True,
        is_recalibrated=bool(facts["recalibration"]),
        uses_trees=facts["weights"].get("cox", 0.0) < 1,
        parameters=facts.get("parameters"),
        folds=facts["folds"],
        not_repeated=None if repeated is None else tuple(STEPS[each] for each in repeated),
    )


def _building(facts: Mapping[str, Any], tuning: Mapping[str, Any]) -> Words:
    names = joined([PARTS[name] for name in PARTS if name in facts["ibs_out_of_fold"]], ", ")
    parts = [
        words(
            f"부분 모형({names.ko})을 각각 적합하고 볼록 가중치로 섞습니다.",
            f"Parts ({names.en}) are fitted and mixed by convex weights.",
        ),
        _EQUAL if facts["delayed_entry"] else _CHOSEN,
    ]
    count, mix = tuning.get("penalties"), tuning.get("l1_ratio")
    if count is not None and facts["penalty"]:
        parts.append(
            words(
                f"벌점은 {count}개 가운데 {facts['penalty']:.4g}(L1 비율 {mix:g}).",
                f"The penalty is {facts['penalty']:.4g} of {count} tried (L1 ratio {mix:g}).",
            )
        )
    used = {each["kind"] for each in facts["recalibration"]}
    kinds = joined([text for name, text in BENDS.items() if name in used], ", ")
    fixed = len(facts["recalibration"])
    times = words(
        f"시점 {fixed}개에서 재보정했습니다({kinds.ko}).",
        f"Recalibrated at {fixed} times ({kinds.en}).",
    )
    parts += [_FIXED, times if fixed else _AS_IT_IS]
    return joined(parts)


def _use_of_data(facts: Mapping[str, Any]) -> Words:
    folds = facts["folds"]
    return words(
        f"환자 전원으로 학습했습니다. 내부 검증은 {folds}겹 교차검증의 폴드 밖 예측입니다. "
        "시험용으로 따로 떼어 둔 환자는 없습니다.",
        f"All patients were used for fitting. Internal validation: predictions out of fold of "
        f"{folds}-fold cross-validation; no patients were set aside for testing.",
    )


def warnings(facts: Mapping[str, Any]) -> tuple[Words, ...]:
    """Limits that the facts show."""
    found = []
    if facts["delayed_entry"]:
        found.append(
            words(
                "늦은 등록이 있어 나무 모형만 같은 가중치로 섞었고 재보정과 하한이 없습니다.",
                "With delayed entry: trees alone, of equal weight, neither recalibrated nor with "
                "a lower bound.",
            )
        )
    if facts["weighted"]:
        found.append(
            words(
                "환자마다 가중치가 달라 나무 모형만 썼고 재보정하지 않았습니다.",
                "With unequal weights of patients: trees alone, not recalibrated.",
            )
        )
    if facts["censoring_depends_on_patient"]:
        found.append(
            words(
                "중도절단이 환자 특성에 따라 다릅니다.",
                "Censoring depends on the patient.",
            )
        )
    if len(facts["events"]) > 1:
        found.append(
            words(
                "경쟁 사건이 있습니다. 점수와 보정은 모든 원인을 합친 사건으로 계산했습니다.",
                "There is a competing event. Scores and calibration take any cause as the event.",
            )
        )
    return tuple(found)
