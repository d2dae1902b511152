"""Which signalling questions can the record answer by a rule? All others wait for a person.

The rules, each with its bound, answer only what the record shows; where it shows nothing the
answer is NI ("no information: somebody has to judge"), never the better guess. Without an
evaluation on other patients all questions of the evaluation are NI.

Sources: Moons et al. (2019), Ann Intern Med 170:W1, for 10 and 20 events a parameter and 100
events of an evaluation; van der Ploeg, Austin and Steyerberg (2014) for 200 events a parameter
where trees learn; Collins, Ogundimu and Altman (2016) for 100 and 200 events of an evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from madang.kernel.words import Words, words
from madang.prognosis.engine.dossier import probast
from madang.prognosis.engine.dossier.figures import (
    CALIBRATION,
    DISCRIMINATION,
    joined,
    most_missing,
    score_of,
    share,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.prognosis.engine.dossier.record import Evaluation, Method, Patients, Record

Signal: TypeAlias = Literal["Y", "PY", "PN", "N", "NI", "NA"]
SIGNALS: dict[Signal, Words] = {
    "Y": words("예", "yes"),
    "PY": words("아마 예", "probably yes"),
    "PN": words("아마 아니요", "probably no"),
    "N": words("아니요", "no"),
    "NI": words("정보 없음", "no information"),
    "NA": words("해당 없음", "not applicable"),
}

LEAST_PER_PARAMETER, ENOUGH_PER_PARAMETER, ENOUGH_FOR_TREES = 10, 20, 200
LEAST_EVENTS, ENOUGH_EVENTS = 100, 200
FEW_GAPS, FEW_REFUSED = 0.05, 0.05


class Found(NamedTuple):
    """An answer and its reason."""

    signal: Signal
    why: Words


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a dossier says to one signalling question."""

    part: probast.Part
    number: str
    domain: Words
    question: Words
    signal: Signal
    why: Words


_SOMEBODY = words("기록으로는 알 수 없습니다. 사람이 판단합니다.", "Somebody has to judge.")
_NO_EVALUATION = words(
    "다른 환자에서 한 평가가 없습니다.", "There is no evaluation on other patients."
)
_UNKNOWN = Found("NI", _SOMEBODY)


def judged(record: Record) -> tuple[Judgement, ...]:
    """One answer for each of the 34 questions, in their order."""
    found = []
    for question in probast.QUESTIONS:
        if question.part == "evaluation" and record.evaluation is None:
            answer = Found("NI", _NO_EVALUATION)
        else:
            rules = _MAKING if question.part == "development" else _TRYING
            rule = rules.get(question.number)
            answer = _UNKNOWN if rule is None else rule(record)
        found.append(
            Judgement(
                part=question.part,
                number=question.number,
                domain=question.domain,
                question=question.text,
                signal=answer.signal,
                why=answer.why,
            )
        )
    return tuple(found)


def _timely(record: Record) -> Found:
    """2.4: a column that follows the outcome was probably written after it."""
    if not record.hints:
        return _UNKNOWN
    names = ", ".join(dict.fromkeys(hint.column for hint in record.hints))
    return Found(
        "PN",
        words(
            f"결과를 아는 듯한 열이 있습니다: {names}.",
            f"Columns seem to know the outcome: {names}.",
        ),
    )


def _apart(record: Record) -> Found:
    """3.3: a column that tells the event alone is probably a part of the outcome."""
    names = [hint.column for hint in record.hints or () if hint.is_outcome]
    if not names:
        return _UNKNOWN
    shown = ", ".join(names)
    return Found(
        "PN",
        words(f"결과와 거의 같은 열: {shown}.", f"Columns that nearly are the outcome: {shown}."),
    )


def _size(record: Record) -> Found:
    """4.1: events of the cause in question for each candidate parameter."""
    method = record.method
    if not method.parameters or method.uses_trees is None:
        return _UNKNOWN
    rate = record.development.events[0] / method.parameters
    bound = ENOUGH_FOR_TREES if method.uses_trees else ENOUGH_PER_PARAMETER
    said = words(
        f"모수당 사건 {rate:.1f}건(기준: {LEAST_PER_PARAMETER}, {ENOUGH_PER_PARAMETER}"
        f"{f', 나무 모형 {ENOUGH_FOR_TREES}' if method.uses_trees else ''}). ",
        f"{rate:.1f} events a parameter (bounds {LEAST_PER_PARAMETER}, {ENOUGH_PER_PARAMETER}"
        f"{f', trees {ENOUGH_FOR_TREES}' if method.uses_trees else ''}). ",
    )
    if rate >= bound:
        return Found("PY", said)
    if rate < LEAST_PER_PARAMETER:
        return Found("N", said)
    if rate < ENOUGH_PER_PARAMETER:
        return Found("PN", said)
    return Found("NI", joined([said, _SOMEBODY], ""))


def _kinds(record: Record) -> Found:
    """4.2: nothing is cut into classes, and effects may bend."""
    method = record.method
    if method.keeps_numbers is None or method.bends is None:
        return _UNKNOWN
    if not method.keeps_numbers:
        return Found("N", words("숫자를 나누었습니다.", "Numbers were cut into classes."))
    if method.bends:
        return Found(
            "Y", words("숫자를 나누지 않았습니다.", "Numbers were kept; effects may bend.")
        )
    return Found("PN", words("직선 효과뿐입니다.", "Effects of numbers are straight lines only."))


def _gaps(record: Record) -> Found:
    return _gaps_of(record.method, record.development)


def _gaps_of(method: Method, patients: Patients) -> Found:
    """4.3: few gaps, or several imputations; and censoring that is part of the model."""
    most = most_missing(patients)
    if most is None or method.imputation is None or method.handles_censoring is None:
        return _UNKNOWN
    if not method.handles_censoring:
        return Found("N", words("중도절단을 다루지 않습니다.", "Censoring is not dealt with."))
    shown = share(most)
    said = words(
        f"중도절단을 다룹니다. 결측은 열마다 최대 {shown}(기준 {share(FEW_GAPS)}). ",
        f"Censoring is dealt with. At most {shown} missing per column (bound {share(FEW_GAPS)}). ",
    )
    if most == 0:
        return Found("Y", said)
    if method.imputation == "multiple":
        return Found("Y", said)
    if method.imputation == "none":
        return Found("PN", said)
    once = words("한 번만 채웠습니다.", "Filled only once.")
    return Found("PY" if most <= FEW_GAPS else "PN", joined([said, once], ""))


def _balanced(record: Record) -> Found:
    """4.4 of the making."""
    method = record.method
    if method.balances_classes is None:
        return _UNKNOWN
    if not method.balances_classes:
        return Found("NA", words("쓰지 않았습니다.", "Nothing was balanced."))
    if method.is_recalibrated:
        return Found("Y", words("재보정했습니다.", "The model was recalibrated."))
    return Found("N", words("재보정하지 않았습니다.", "The model was not recalibrated."))


def _restrained(record: Record) -> Found:
    """4.5 of the making."""
    if record.method.restrains is None:
        return _UNKNOWN
    if record.method.restrains:
        return Found(
            "Y",
            words("TRIPOD+AI 12c에 적은 방법을 썼습니다.", "By the methods told in item 12c."),
        )
    return Found("N", words("쓰지 않았습니다.", "It was not."))


def _tried(record: Record) -> Evaluation:
    if record.evaluation is None:
        raise ValueError("rules of an evaluation are asked only where there is one")
    return record.evaluation


def _is_same(record: Record) -> bool:
    own = record.development.data_sha256
    return own is not None and own == _tried(record).scored.data_sha256


def _refused(record: Record) -> float:
    tried = _tried(record)
    return tried.refused / max(tried.refused + tried.scored.patients, 1)


def _representing(record: Record) -> Found:
    """1.3 of the evaluation: who is refused is not scored."""
    if _refused(record) <= FEW_REFUSED:
        return _UNKNOWN
    shown = share(_refused(record))
    return Found(
        "PN",
        words(
            f"모형이 답하지 않은 {shown}이 빠졌습니다(기준 {share(FEW_REFUSED)}).",
            f"{shown} were refused and left out (bound {share(FEW_REFUSED)}).",
        ),
    )


def _apparent(record: Record) -> Found:
    """4.1 of the evaluation: another file than that of the making."""
    if _is_same(record):
        return Found("N", words("학습 자료와 같은 파일입니다.", "It is the very training file."))
    both = record.development.data_sha256, _tried(record).scored.data_sha256
    if None in both:
        return _UNKNOWN
    return Found(
        "PY",
        words(
            "학습 자료와 다른 파일입니다. 같은 환자가 있는지는 모릅니다.",
            "Another file; whether patients stand in both is not known.",
        ),
    )


def _enough(record: Record) -> Found:
    """4.2 of the evaluation."""
    count = sum(_tried(record).scored.events)
    said = words(
        f"사건 {count}건(기준 {LEAST_EVENTS}, {ENOUGH_EVENTS}).",
        f"{count} events (bounds {LEAST_EVENTS}, {ENOUGH_EVENTS}).",
    )
    if count < LEAST_EVENTS:
        return Found("N", said)
    return Found("Y" if count >= ENOUGH_EVENTS else "PY", said)


def _gaps_tried(record: Record) -> Found:
    """4.3 of the evaluation: who is refused for a gap is left out of it."""
    if _refused(record) > FEW_REFUSED:
        return Found("PN", _representing(record).why)
    found, count = _gaps_of(record.method, _tried(record).scored), _tried(record).refused
    if found.signal == "Y" and count:
        left = words(f"답하지 않음 {count}명.", f"{count} refused.")
        return Found("PY", joined([found.why, left], ""))
    return found


def _unbalanced(record: Record) -> Found:
    """4.4 of the evaluation."""
    if record.method.balances_classes is False:
        return Found("NA", words("쓰지 않았습니다.", "Nothing was balanced."))
    return _UNKNOWN


def _leaked(record: Record) -> Found:
    """4.5 of the evaluation."""
    if _is_same(record):
        return Found("N", words("같은 파일입니다.", "Both are one file."))
    if record.hints:
        return Found("PN", _timely(record).why)
    return _UNKNOWN


def _repeated(record: Record) -> Found:
    """4.6 of the evaluation: of the figures out of fold that stand beside it."""
    method = record.method
    if method.folds is None:
        return Found("NA", words("재표집이 없습니다.", "There was no resampling."))
    if method.not_repeated is None:
        return _UNKNOWN
    if not method.not_repeated:
        return Found("Y", words("모두 되풀이했습니다.", "All were repeated."))
    steps = joined(method.not_repeated, ", ")
    return Found(
        "PN",
        words(
            f"폴드 밖 수치에서 되풀이하지 않은 단계: {steps.ko}.",
            f"Not repeated behind the figures out of fold: {steps.en}.",
        ),
    )


def _measured(record: Record) -> Found:
    """4.7 of the evaluation."""
    quality = _tried(record).quality
    order = any(score_of(quality, name) for name in DISCRIMINATION)
    meant = any(score_of(quality, name) for name in CALIBRATION)
    said = words(
        f"변별 {_mark(order).ko}, 보정 {_mark(meant).ko}, "
        f"순이익 {_mark(bool(quality.benefit)).ko}.",
        f"Discrimination {_mark(order).en}, calibration {_mark(meant).en}, "
        f"net benefit {_mark(bool(quality.benefit)).en}.",
    )
    if not (order and meant):
        return Found("N", said)
    return Found("Y" if quality.benefit else "PY", said)


def _mark(given: bool) -> Words:
    return words("있음", "yes") if given else words("없음", "no")


_MAKING: dict[str, Callable[[Record], Found]] = {
    "2.4": _timely,
    "3.3": _apart,
    "4.1": _size,
    "4.2": _kinds,
    "4.3": _gaps,
    "4.4": _balanced,
    "4.5": _restrained,
}
_TRYING: dict[str, Callable[[Record], Found]] = {
    "1.3": _representing,
    "2.4": _timely,
    "3.3": _apart,
    "4.1": _apparent,
    "4.2": _enough,
    "4.3": _gaps_tried,
    "4.4": _unbalanced,
    "4.5": _leaked,
    "4.6": _repeated,
    "4.7": _measured,
}


def counted(found: tuple[Judgement, ...], part: probast.Part) -> dict[Signal, int]:
    """How often each answer was given in one part."""
    return {
        signal: sum(each.part == part and each.signal == signal for each in found)
        for signal in SIGNALS
    }
