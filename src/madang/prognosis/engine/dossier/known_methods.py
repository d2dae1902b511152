"""What does the record say of methods? Items 4 to 16 of TRIPOD+AI, as far as it knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier.figures import (
    SCORES,
    events,
    joined,
    listed,
    most_missing,
    share,
    when,
)
from madang.prognosis.engine.dossier.known import Known, part, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.prognosis.engine.dossier.known import Knows
    from madang.prognosis.engine.dossier.record import Record

    About = Mapping[str, Words]


def _objectives(record: Record, about: About) -> Known:
    tried = record.evaluation is not None
    return part(
        words(
            f"예후 모형의 개발{'과 다른 환자에서의 평가' if tried else ''}.",
            f"Development{' and evaluation' if tried else ''} of a prognosis model.",
        )
    )


def _sources(record: Record, about: About) -> Known | None:
    if record.development.data_sha256 is None:
        return None
    tried = record.evaluation and record.evaluation.scored.data_sha256
    return part(
        words(
            f"개발 자료: 파일 하나(해시값 {record.development.data_sha256[:12]}…)"
            f"{f', 평가 자료: {tried[:12]}…' if tried else ''}.",
            f"Development: one file (digest {record.development.data_sha256[:12]}…)"
            f"{f'; evaluation: {tried[:12]}…' if tried else ''}.",
        )
    )


def _setting(record: Record, about: About) -> Known | None:
    if record.groups is None:
        return None
    name, count = record.groups
    return part(words(f"{name!r} 열의 기관 {count}곳.", f"{count} centres in {name!r}."))


def _preparation(record: Record, about: About) -> Known | None:
    if record.hints is None:
        return None
    checked = words(
        "칸마다 형식을 확인했습니다. 결과를 미리 아는 열을 찾은 결과: ",
        "Every cell was checked for its form. Search for columns that know the outcome: ",
    )
    if not record.hints:
        return part(joined([checked, words("없음.", "none.")], ""))
    found = listed(list(dict.fromkeys(hint.column for hint in record.hints)))
    return part(joined([checked, found, words(".", ".")], ""))


def _outcome(record: Record, about: About) -> Known | None:
    if not record.outcome:
        return None
    named = ". ".join(f"{title.ko} {name!r}" for title, name in record.outcome)
    called = ". ".join(f"{title.en} {name!r}" for title, name in record.outcome)
    until, last = when(record.horizon, about), when(record.last_time, about)
    return part(
        words(
            f"{named}. 평가 시점 {until.ko}, 답하는 마지막 시점 {last.ko}.",
            f"{called}. Scored until {until.en}; answers until {last.en}.",
        )
    )


def _choice(record: Record, about: About) -> Known | None:
    if record.not_used is None:
        return None
    kept = words(
        f"파일의 열 {len(record.development.columns)}개를 모두 후보로 썼고 사건에 따라 고르지 "
        "않았습니다.",
        f"All {len(record.development.columns)} columns of the file were candidates; none was "
        "chosen by the outcome.",
    )
    away = [words(f"{name}: {why.ko}.", f"{name}: {why.en}.") for name, why in record.not_used]
    return part(joined([kept, *away]))


def _predictors(record: Record, about: About) -> Known:
    return part(listed([f"{each.name} ({each.kind})" for each in record.development.columns], 30))


def _size(record: Record, about: About) -> Known:
    said = events(record.development)
    parts = [words(f"개발: {said.ko}.", f"Development: {said.en}.")]
    if record.method.parameters:
        rate = record.development.events[0] / record.method.parameters
        count = record.method.parameters
        parts.append(
            words(
                f"후보 모수 {count}개, 모수당 사건 {rate:.1f}건.",
                f"{count} candidate parameters, {rate:.1f} events each.",
            )
        )
    if record.evaluation is not None:
        tried = events(record.evaluation.scored)
        parts.append(words(f"평가: {tried.ko}.", f"Evaluation: {tried.en}."))
    return part(joined(parts))


def _missing(record: Record, about: About) -> Known:
    parts = [record.method.gaps]
    most = most_missing(record.development)
    if most is not None:
        shown = share(most)
        parts.append(
            words(
                f"열별 결측 비율은 최대 {shown}(표 참조).", f"Missing per column: at most {shown}."
            )
        )
    if record.evaluation is not None:
        count = record.evaluation.refused
        parts.append(
            words(
                f"평가에서 모형이 답하지 않은 환자 {count}명은 채점하지 않았습니다.",
                f"In the evaluation {count} patients whom the model refused were not scored.",
            )
        )
    return Known(joined(parts), is_whole=most is not None)


def _use(record: Record, about: About) -> Known:
    return whole(record.method.use_of_data)


def _handling(record: Record, about: About) -> Known:
    return whole(record.method.numbers)


def _building(record: Record, about: About) -> Known:
    checked = words("내부 검증은 12a와 같습니다.", "Internal validation: as in 12a.")
    parts = [record.method.building, checked]
    if record.method.not_repeated:
        steps = joined(record.method.not_repeated, ", ")
        parts.append(
            words(
                f"폴드마다 되풀이하지 않은 단계: {steps.ko}.",
                f"Steps not repeated in each fold: {steps.en}.",
            )
        )
    if record.seed is not None:
        parts.append(words(f"난수 씨앗 {record.seed}.", f"Seed {record.seed}."))
    return part(joined(parts))


def _clusters(record: Record, about: About) -> Known:
    if record.groups is None:
        return whole(
            words("기관을 구별하지 않았습니다. 살피지 않음.", "No clusters named; not examined.")
        )
    name = record.groups[0]
    return whole(
        words(
            f"{name!r}이(가) 같은 환자는 한 폴드에 두었습니다. 기관 사이의 차이는 계산하지 "
            "않았습니다.",
            f"Patients of one {name!r} stayed in one fold; differences between them were not "
            "quantified.",
        )
    )


def _measures(record: Record, about: About) -> Known | None:
    quality = record.inside if record.evaluation is None else record.evaluation.quality
    if quality is None:
        return None
    names = [SCORES[each.name] for each in quality.scores if each.name in SCORES]
    shown = joined(names, ", ")
    more = [words("십분위별 보정 그림", "calibration by tenth")] if quality.tenths else []
    more += [words("순이익", "net benefit")] if quality.benefit else []
    return whole(joined([shown, *more], ", "))


def _updating(record: Record, about: About) -> Known | None:
    if record.evaluation is None:
        return None
    return whole(
        words(
            "평가 자료로 모형을 고치지 않았습니다.",
            "The model was not changed after the evaluation.",
        )
    )


def _computing(record: Record, about: About) -> Known | None:
    if record.evaluation is None:
        return None
    return whole(
        words(
            f"해시값 {record.digest[:12]}…인 모형 파일이 직접 계산했습니다.",
            f"By the model file itself, digest {record.digest[:12]}….",
        )
    )


def _imbalance(record: Record, about: About) -> Known | None:
    if record.method.balances_classes is None:
        return None
    if record.method.balances_classes:
        fixed = record.method.is_recalibrated
        return Known(
            words(
                f"사건의 비율을 바꾸는 방법을 썼습니다. 재보정: {'함' if fixed else '하지 않음'}.",
                f"Events were made more frequent; recalibrated: {'yes' if fixed else 'no'}.",
            ),
            is_whole=False,
        )
    return whole(
        words("불균형을 다루는 방법을 쓰지 않았습니다.", "No method for class imbalance was used.")
    )


def _fairness(record: Record, about: About) -> Known | None:
    if record.evaluation is None or not record.evaluation.quality.groups:
        return None
    count = len(record.evaluation.quality.groups)
    return part(
        words(
            f"하위집단 {count}개에서 예측과 관찰을 견주었습니다(표 참조).",
            f"Predicted and observed risk were compared in {count} subgroups (see the table).",
        )
    )


def _output(record: Record, about: About) -> Known:
    return whole(record.method.output)


def _differences(record: Record, about: About) -> Known | None:
    if record.evaluation is None or not record.evaluation.scored.columns:
        return None
    return part(
        words(
            "예측 변수의 분포는 비교 표에 있습니다. 결과 열의 이름은 같습니다.",
            "Distributions stand in the table of comparison; the columns of the outcome are the "
            "same by name.",
        )
    )


KNOWN: dict[str, Knows] = {
    "4": _objectives,
    "5a": _sources,
    "6a": _setting,
    "7": _preparation,
    "8a": _outcome,
    "9a": _choice,
    "9b": _predictors,
    "10": _size,
    "11": _missing,
    "12a": _use,
    "12b": _handling,
    "12c": _building,
    "12d": _clusters,
    "12e": _measures,
    "12f": _updating,
    "12g": _computing,
    "13": _imbalance,
    "14": _fairness,
    "15": _output,
    "16": _differences,
}
