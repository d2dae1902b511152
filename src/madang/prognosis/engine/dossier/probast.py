"""Which questions does PROBAST+AI ask? 16 of the making of a model, 18 of its evaluation.

Order, domains and sense follow a public transcription of the tool's form; its numbers agree with
the article (16 and 18, four domains). The article's own supplement was not at hand, so that the
set is our reading of it: the wording is ours, and for a formal assessment the form itself is to be
used. Four questions are conditional and may be answered "not applicable".

Source: Moons KGM, Damen JAA, Kaul T, et al. PROBAST+AI. BMJ 2025;388:e082505.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from madang.kernel.words import Words, words

SOURCE = "Moons KGM, Damen JAA, Kaul T, et al. BMJ 2025;388:e082505 (PROBAST+AI)"

Part: TypeAlias = Literal["development", "evaluation"]
PARTS: dict[Part, Words] = {
    "development": words("개발의 질", "Development: quality"),
    "evaluation": words("평가의 비뚤림 위험", "Evaluation: risk of bias"),
}
DOMAINS = (
    words("참여자와 자료", "Participants and data"),
    words("예측 변수", "Predictors"),
    words("결과", "Outcome"),
    words("분석", "Analysis"),
)


class Question(NamedTuple):
    """One signalling question; `number` is domain and place, as `4.3`."""

    part: Part
    number: str
    text: Words

    @property
    def domain(self) -> Words:
        """The domain that it belongs to."""
        return DOMAINS[int(self.number[0]) - 1]


_SHARED = (
    ("1.1", words("자료의 출처가 알맞은가?", "Do the data come from a suitable source?")),
    ("1.2", words("연구 설계가 알맞은가?", "Does the design of the study suit its aim?")),
    (
        "1.3",
        words(
            "선정과 제외를 거친 환자가 대상 집단을 대표하는가?",
            "After inclusion and exclusion, do the patients represent those it is meant for?",
        ),
    ),
    (
        "2.1",
        words(
            "예측 변수를 모든 환자에서 비슷하게 정의하고 쟀는가?",
            "Were predictors defined and measured alike for all?",
        ),
    ),
    (
        "2.2",
        words(
            "예측 변수의 전처리가 모든 환자에서 비슷한가?",
            "Were predictors preprocessed alike for all?",
        ),
    ),
    (
        "2.3",
        words(
            "결과를 모르는 채로 예측 변수를 쟀는가?",
            "Were predictors measured by people who did not know the outcome?",
        ),
    ),
    (
        "2.4",
        words(
            "모형을 쓰려는 시점에 모든 예측 변수를 알 수 있는가?",
            "Is every predictor known at the moment at which the model is to be used?",
        ),
    ),
    ("3.1", words("결과의 정의와 측정이 알맞은가?", "Is the outcome well defined and measured?")),
    (
        "3.2",
        words(
            "결과를 모든 환자에서 비슷하게 정의하고 쟀는가?",
            "Was the outcome defined and measured alike for all?",
        ),
    ),
    (
        "3.3",
        words(
            "예측 변수를 쓰거나 알지 않고 결과를 정했는가?",
            "Was the outcome established without using or knowing predictors?",
        ),
    ),
    (
        "3.4",
        words(
            "예측 변수와 결과를 잰 시점의 간격이 알맞은가?",
            "Is the time between predictors and outcome suitable?",
        ),
    ),
)
_SIZE = words(
    "표본 크기가 충분하다는 근거가 있는가?", "Is there evidence that there were enough patients?"
)
_GAPS = words(
    "결측과 중도절단을 알맞게 다루었는가?",
    "Were missing values and censoring dealt with suitably?",
)
_MAKING = (
    ("4.1", _SIZE),
    (
        "4.2",
        words(
            "연속형과 범주형 변수를 알맞게 다루었는가?",
            "Were numbers and categories dealt with suitably?",
        ),
    ),
    ("4.3", _GAPS),
    (
        "4.4",
        words(
            "불균형을 다루었다면 재보정했는가?",
            "If classes were balanced, was the model recalibrated afterwards?",
        ),
    ),
    ("4.5", words("과적합을 막는 방법을 썼는가?", "Was overfitting held back?")),
)
_TRYING = (
    (
        "4.1",
        words(
            "학습에 쓴 자료에서만 평가하는 일을 피했는가?",
            "Was it avoided to judge the model only by the data that it was fitted on?",
        ),
    ),
    ("4.2", _SIZE),
    ("4.3", _GAPS),
    (
        "4.4",
        words(
            "불균형을 다루었다면 다루지 않은 자료에서 평가했는가?",
            "If classes were balanced, was it tried on data that were not?",
        ),
    ),
    (
        "4.5",
        words(
            "자료를 나누었다면 학습과 평가 사이에 새어 나간 것이 없는가?",
            "If data were split, is there evidence that nothing leaked between the parts?",
        ),
    ),
    (
        "4.6",
        words(
            "재표집을 썼다면 개발의 모든 단계를 되풀이했는가?",
            "If resampling was used, was every step of the making repeated in it?",
        ),
    ),
    (
        "4.7",
        words(
            "보정, 변별, 순이익처럼 알맞은 지표로 평가했는가?",
            "Was performance judged suitably: calibration, discrimination, net benefit?",
        ),
    ),
)
QUESTIONS: tuple[Question, ...] = (
    *(Question("development", number, text) for number, text in (*_SHARED, *_MAKING)),
    *(Question("evaluation", number, text) for number, text in (*_SHARED, *_TRYING)),
)
