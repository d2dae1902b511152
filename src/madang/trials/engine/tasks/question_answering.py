"""What is the answer to this question? Short answers in Korean, scored as KorQuAD 1.0 scores them.

A case may have several accepted answers; the best match counts. A case without an accepted
answer is answered rightly by an empty text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.trial import Baseline, Metric, Outputs, stratified_parts
from madang.kernel.words import words
from madang.trials.engine.tasks.alike import alike, join
from madang.trials.engine.tasks.answers import as_texts
from madang.trials.engine.tasks.columns import (
    check_apart,
    find_column,
    name_property,
    options_object,
    take,
    texts_of,
)
from madang.trials.engine.tasks.korean import answer_form, shared_characters
from madang.trials.engine.tasks.ngrams import nearest
from madang.trials.engine.tasks.regression import outcome_bands
from madang.trials.engine.tasks.table import Measure, Scored, TableTask
from madang.trials.engine.tasks.text_baselines import commonest_by_form, nearest_sentence
from madang.trials.engine.tasks.text_leaks import answer_inside_leaks, answer_leaks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Column, Floats, Frame, Leak, Options, Part, Predictions

LONGEST = 1_000
"""Characters that one answer may have."""


class QuestionAnswering(TableTask):
    """A short text for each question."""

    name = "trials.question_answering"
    version = 1
    title_ko = "질의응답"
    title_en = "Question answering"

    def options_schema(self) -> dict[str, Any]:
        """`question` and `outcome` name columns; `context` too where there is a passage."""
        return options_object(
            {
                "question": name_property("질문의 열", "column of the questions"),
                "context": name_property("지문의 열", "column of the passages"),
                "outcome": name_property("정답의 열", "column of the accepted answers"),
                "separator": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 10,
                    "description": (
                        "정답이 여럿일 때 사이에 두는 글자 · what stands between accepted answers"
                    ),
                },
            },
            required=["question", "outcome"],
        )

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """Question and context are texts among the inputs; the outcome is a text.

        Raises:
            InputError: They are not so.
        """
        asked = [options[role] for role in ("question", "context") if role in options]
        for name in asked:
            find_column(inputs, name, ("text",))
        find_column(outcomes, options["outcome"], ("text", "category"))
        check_apart([options["outcome"], *asked])
        check_apart([options["outcome"], *(column.name for column in inputs)])

    def check_outcomes(self, outcomes: pl.DataFrame, *, options: Options) -> None:
        """Some cases have an answer.

        Raises:
            InputError: None has.
        """
        if not any(any(accepted) for accepted in accepted_answers(outcomes, options)):
            raise InputError(
                words(
                    f"정답이 하나도 없는 열 {options['outcome']!r}",
                    f"no answer at all in {options['outcome']!r}",
                ),
                words("한 건 이상의 정답", "an accepted answer in at least one case"),
            )

    def split(
        self,
        inputs: pl.DataFrame,
        outcomes: pl.DataFrame,
        *,
        groups: NDArray[Any] | None,
        shares: Mapping[Part, float],
        rng: np.random.Generator,
        options: Options,
    ) -> NDArray[np.int64]:
        """Stratified by the length of the answer; questions on (nearly) one passage stay together.

        Without passages, questions that are (nearly) the same stay together.

        Returns:
            (n,) positions in `PARTS`.
        """
        import numpy as np

        lengths = [float(len(answers[0])) for answers in accepted_answers(outcomes, options)]
        strata = outcome_bands(np.array(lengths))
        texts = texts_of(take(inputs, options.get("context", options["question"])))
        return stratified_parts(strata, groups=join(alike(texts), groups), shares=shares, rng=rng)

    def frame(
        self, open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, options: Options
    ) -> dict[str, Any]:
        """Share of open cases with an answer, and the median length of the answers."""
        import numpy as np

        lengths = [len(answers[0]) for answers in accepted_answers(open_outcomes, options)]
        answered = [length for length in lengths if length]
        return {
            "answered": len(answered) / len(lengths),
            "median_length": float(np.median(answered or [0])),
        }

    def outputs(self, *, frame: Frame, options: Options) -> Outputs:
        """One text a case; empty where there is no answer."""
        return Outputs(kind="texts", longest=LONGEST)

    def measures(self, *, frame: Frame, options: Options) -> tuple[Measure, ...]:
        """Character F1 first, then exact match."""
        return MEASURES

    def scored(
        self, outcomes: pl.DataFrame, predictions: Predictions, *, frame: Frame, options: Options
    ) -> Scored:
        """Normal forms of the accepted answers of each case, and of the answers.

        Raises:
            InputError: Another number of answers, or answers that are no texts.
        """
        truth = [
            [answer_form(each) for each in accepted]
            for accepted in accepted_answers(outcomes, options)
        ]
        answers = as_texts(predictions, rows=len(truth))
        return Scored(truth, [answer_form(answer) for answer in answers])

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """The commonest answer, that of the nearest question, the passage's nearest sentence."""
        return (*BASELINES, SENTENCE) if "context" in options else BASELINES

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Columns beside question and passage that hold the answer, and questions that do."""
        answers = accepted_answers(outcomes, options)
        questions = texts_of(take(inputs, options["question"]))
        texts = {options[role] for role in ("question", "context") if role in options}
        # A copied column holds all accepted answers of a case in one text.
        whole = texts_of(take(outcomes, options["outcome"]))
        held = [(*accepted, text) for accepted, text in zip(answers, whole, strict=True)]
        return (
            *answer_leaks(inputs, held, skip=texts),
            *answer_inside_leaks(options["question"], questions, answers),
        )


def accepted_answers(outcomes: pl.DataFrame, options: Options) -> list[list[str]]:
    """(n) lists of accepted answers, each at least one; `[""]` where there is none.

    Raises:
        InputError: The column is missing or holds no texts.
    """
    texts = texts_of(take(outcomes, options["outcome"]))
    if "separator" not in options:
        return [[text.strip()] for text in texts]
    lists = ([each.strip() for each in text.split(options["separator"])] for text in texts)
    return [[each for each in answers if each] or [""] for answers in lists]


def _best(likeness: Callable[[str, str], float]) -> Callable[[Any, Any], Floats]:
    """(n,) likeness to that accepted answer which it is most like."""

    def each(truth: Sequence[Sequence[str]], answers: Sequence[str]) -> Floats:
        import numpy as np

        return np.array(
            [
                max(likeness(answer, one) for one in accepted)
                for answer, accepted in zip(answers, truth, strict=True)
            ],
            dtype=np.float64,
        )

    return each


MEASURES = (
    Measure(
        metric=Metric(
            name="character_f1",
            title_ko="글자 F1",
            title_en="Character F1",
            direction="higher",
            lowest=0.0,
            highest=1.0,
        ),
        each=_best(shared_characters),
    ),
    Measure(
        metric=Metric(
            name="exact_match",
            title_ko="완전 일치",
            title_en="Exact match",
            direction="higher",
            lowest=0.0,
            highest=1.0,
        ),
        each=_best(lambda answer, truth: float(answer == truth)),
    ),
)


def commonest_answer(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> list[str]:
    """The most frequent answer of the open sample, to every question."""
    known = [accepted[0] for accepted in accepted_answers(open_outcomes, options)]
    return [commonest_by_form(known)] * inputs.height


def answer_of_nearest(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> list[str]:
    """The answer to the open question that shares most character pairs."""
    known = [accepted[0] for accepted in accepted_answers(open_outcomes, options)]
    questions = (texts_of(take(each, options["question"])) for each in (open_inputs, inputs))
    return [known[place] for place in nearest(*questions)]


def sentence_of_context(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> list[str]:
    """The passage's sentence that shares most character pairs with the question."""
    contexts = texts_of(take(inputs, options["context"]))
    questions = texts_of(take(inputs, options["question"]))
    return [
        nearest_sentence(context, question)[:LONGEST]
        for context, question in zip(contexts, questions, strict=True)
    ]


BASELINES = (
    Baseline(
        name="commonest_answer",
        title_ko="가장 흔한 답",
        title_en="Commonest answer",
        predict=commonest_answer,
    ),
    Baseline(
        name="nearest_question",
        title_ko="가장 비슷한 질문의 답",
        title_en="Answer to the nearest question",
        predict=answer_of_nearest,
    ),
)
SENTENCE = Baseline(
    name="nearest_sentence",
    title_ko="질문과 가장 겹치는 문장",
    title_en="Sentence nearest to the question",
    predict=sentence_of_context,
)
