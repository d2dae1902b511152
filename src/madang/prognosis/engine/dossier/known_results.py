"""What does the record say of results? Items 20 to 27 of TRIPOD+AI, as far as it knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier.figures import (
    SCORES,
    events,
    joined,
    most_missing,
    score_of,
    share,
    when,
    written,
)
from madang.prognosis.engine.dossier.known import Known, part, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.dossier.known import Knows
    from madang.prognosis.engine.dossier.record import Patients, Record

    About = Mapping[str, Words]

_DEVELOPMENT = words("개발", "Development")
_EVALUATION = words("평가", "Evaluation")
_SHOWN = ("uno_c", "auc", "ibs", "brier", "slope", "ici", "in_the_large", "observed_to_expected")


def _followed(title: Words, patients: Patients, about: About) -> Words:
    said = events(patients)
    none = patients.patients - sum(patients.events)
    ko = f"{title.ko}: {said.ko}(사건 없음 {none:,}명)"
    en = f"{title.en}: {said.en} ({none:,} without)"
    if patients.first is None:
        return words(f"{ko}.", f"{en}.")
    first, last, median = (
        when(each, about) for each in (patients.first, patients.last, patients.median)
    )
    return words(
        f"{ko}, 추적 {first.ko}–{last.ko}, 중앙값 {median.ko}.",
        f"{en}; followed {first.en} to {last.en}, median {median.en}.",
    )


def _flow(record: Record, about: About) -> Known:
    parts = [_followed(_DEVELOPMENT, record.development, about)]
    if record.evaluation is not None:
        count = record.evaluation.refused
        parts.append(_followed(_EVALUATION, record.evaluation.scored, about))
        parts.append(words(f"답하지 않음 {count}명.", f"Refused: {count}."))
    return part(joined(parts))


def _characteristics(record: Record, about: About) -> Known | None:
    most = most_missing(record.development)
    if most is None:
        return None
    return part(
        words(
            f"예측 변수 {len(record.development.columns)}개의 분포와 결측(최대 {share(most)})은 "
            "환자 표에 있습니다. 날짜와 치료는 기록에 없습니다.",
            f"Distributions and gaps (at most {share(most)}) of "
            f"{len(record.development.columns)} predictors stand in the table of patients. Dates "
            "and treatments are not in the record.",
        )
    )


def _compared(record: Record, about: About) -> Known | None:
    if record.evaluation is None or not record.evaluation.scored.columns:
        return None
    if most_missing(record.development) is None:
        return None
    return whole(
        words(
            "개발 자료와 평가 자료의 분포를 환자 표에 나란히 적었습니다.",
            "Both distributions stand side by side in the table of patients.",
        )
    )


def _analysed(record: Record, about: About) -> Known:
    said = events(record.development)
    folds = record.method.folds
    ko, en = f"적합: {said.ko}.", f"Fitting: {said.en}."
    if folds:
        ko += f" 조율과 가중치: 같은 환자의 {folds}겹 교차검증의 폴드 밖 예측."
        en += f" Tuning and weights: the same, out of {folds} folds."
    if record.evaluation is not None:
        tried = events(record.evaluation.scored)
        ko, en = f"{ko} 평가: {tried.ko}.", f"{en} Evaluation: {tried.en}."
    return whole(words(ko, en))


def _specification(record: Record, about: About) -> Known:
    shares = ", ".join(f"{name.ko} {weight:.3f}" for name, weight in record.weights)
    told = ", ".join(f"{name.en} {weight:.3f}" for name, weight in record.weights)
    mixed = words(f"가중치: {shares}.", f"Weights: {told}.")
    return part(
        joined([record.method.access, mixed] if record.weights else [record.method.access])
    )


def _performance(record: Record, about: About) -> Known | None:
    quality = record.inside if record.evaluation is None else record.evaluation.quality
    if quality is None or not quality.scores:
        return None
    parts = []
    for name in _SHOWN:
        score = score_of(quality, name)
        if score is not None:
            value, title = written(score), SCORES[name]
            parts.append(words(f"{title.ko} {value.ko}", f"{title.en} {value.en}"))
    outside = record.evaluation is not None
    lead = words(
        "다른 환자: " if outside else "폴드 밖 예측(약간 낙관적): ",
        "Other patients: " if outside else "Out of fold (somewhat optimistic): ",
    )
    sure = any(each.low is not None for each in quality.scores)
    return Known(
        joined([lead, joined(parts, "; "), words(".", ".")], ""), is_whole=outside and sure
    )


def _clusters(record: Record, about: About) -> Known:
    return whole(
        words("기관별 성능은 살피지 않았습니다.", "Performance by cluster was not examined.")
    )


def _updated(record: Record, about: About) -> Known | None:
    if record.evaluation is None:
        return None
    return whole(words("고친 모형은 없습니다.", "There is no updated model."))


def _limitations(record: Record, about: About) -> Known | None:
    return part(joined(record.warnings)) if record.warnings else None


def _poor_input(record: Record, about: About) -> Known:
    keys = ", ".join(limit.column for limit in record.limits if limit.is_key)
    also = record.refuses_strangers
    parts = [
        words(
            "학습 범위를 벗어난 숫자, 처음 보는 수준"
            f"{', 학습 자료에 없던 값의 조합' if also else ''}에는 답하지 않고 이유를 적습니다.",
            "Numbers outside the training range, levels never seen"
            f"{' and combinations of values that nobody had' if also else ''} get a reason "
            "instead of an answer.",
        )
    ]
    if keys:
        parts.append(
            words(f"값이 있어야 하는 열: {keys}.", f"Columns that must have a value: {keys}.")
        )
    parts.append(words("다른 빈칸은 채웁니다.", "Other gaps are filled."))
    return whole(joined(parts))


KNOWN: dict[str, Knows] = {
    "20a": _flow,
    "20b": _characteristics,
    "20c": _compared,
    "21": _analysed,
    "22": _specification,
    "23a": _performance,
    "23b": _clusters,
    "24": _updated,
    "26": _limitations,
    "27a": _poor_input,
}
