"""Which kind of text is this? Answers are class names or, by the options, probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.trial import Baseline, Outputs, stratified_parts
from madang.trials.engine.tasks.alike import alike, join
from madang.trials.engine.tasks.answers import as_texts
from madang.trials.engine.tasks.classes import (
    CLASSES_PROPERTY,
    check_all_open,
    class_codes,
    class_labels,
    one_hot,
)
from madang.trials.engine.tasks.classification import (
    Classification,
    class_shares,
    commonest_class,
    listed_classes,
)
from madang.trials.engine.tasks.columns import (
    find_column,
    name_property,
    options_object,
    take,
    texts_of,
)
from madang.trials.engine.tasks.leaks import table_leaks
from madang.trials.engine.tasks.ngrams import class_similarities
from madang.trials.engine.tasks.probability import ACCURACY, MACRO_F1, macro_f1
from madang.trials.engine.tasks.table import Measure, Scored
from madang.trials.engine.tasks.text_leaks import named_class_leaks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Column, Floats, Frame, Leak, Options, Part, Predictions

_SHARPNESS = 10.0
"""How strongly cosines (0 to 1) speak when they become probabilities."""


class TextClassification(Classification):
    """One of the classes for each text."""

    name = "trials.text_classification"
    version = 1
    title_ko = "글 분류"
    title_en = "Text classification"

    def options_schema(self) -> dict[str, Any]:
        """`text` and `outcome` name columns; `answer` says what is stated of each text."""
        return options_object(
            {
                "text": name_property("글의 열", "column of the texts"),
                "outcome": name_property("맞힐 범주의 열", "column of the class to be told"),
                "classes": CLASSES_PROPERTY,
                "answer": {
                    "enum": ["label", "probabilities"],
                    "default": "label",
                    "description": (
                        "범주 이름으로 답할지, 범주마다 확률로 답할지 · "
                        "answers are class names, or a probability of each class"
                    ),
                },
            },
            required=["text", "outcome"],
        )

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """The text is an input, the outcome can hold classes.

        Raises:
            InputError: They are not so.
        """
        super().check(inputs, outcomes, options=options)
        find_column(inputs, options["text"], ("text",))

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
        """As for any classes; texts that are (nearly) the same stay together.

        Returns:
            (n,) positions in `PARTS`.

        Raises:
            InputError: A class would be in sealed parts alone.
        """
        labels = class_labels(outcomes, options["outcome"])
        classes = listed_classes(labels, options)
        codes = class_codes(labels, classes)
        together = join(alike(texts_of(take(inputs, options["text"]))), groups)
        parts = stratified_parts(codes, groups=together, shares=shares, rng=rng)
        check_all_open(codes, parts, len(classes))
        return parts

    def outputs(self, *, frame: Frame, options: Options) -> Outputs:
        """One of the class names, or a probability a class."""
        if _probabilities(options):
            return super().outputs(frame=frame, options=options)
        return Outputs(
            kind="texts",
            levels=tuple(frame["classes"]),
            longest=max(len(label) for label in frame["classes"]),
        )

    def measures(self, *, frame: Frame, options: Options) -> tuple[Measure, ...]:
        """Accuracy first for class names, the Brier score for probabilities."""
        if _probabilities(options):
            return super().measures(frame=frame, options=options)
        return (
            Measure(metric=ACCURACY, each=lambda truth, answers: (truth == answers) * 1.0),
            Measure(metric=MACRO_F1, whole=macro_f1),
        )

    def scored(
        self, outcomes: pl.DataFrame, predictions: Predictions, *, frame: Frame, options: Options
    ) -> Scored:
        """True and stated class codes, or class codes and probabilities.

        Raises:
            InputError: An outcome outside the classes, or answers of another form.
        """
        if _probabilities(options):
            return super().scored(outcomes, predictions, frame=frame, options=options)
        classes = frame["classes"]
        truth = class_codes(class_labels(outcomes, options["outcome"]), classes)
        answers = as_texts(predictions, rows=len(truth), levels=classes)
        return Scored(truth, class_codes(answers, classes))

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """The commonest class, and the nearest by character pairs."""
        if _probabilities(options):
            return (_SHARES, _commonest(commonest_class), _nearest(nearest_class))
        return (_commonest(named(commonest_class)), _nearest(named(nearest_class)))

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Columns beside the text, the row order, or texts that name their class."""
        labels = class_labels(outcomes, options["outcome"])
        classes = listed_classes(labels, options)
        target = one_hot(class_codes(labels, classes), len(classes))
        texts = texts_of(take(inputs, options["text"]))
        return (
            *table_leaks(inputs, target, skip={options["text"]}),
            *named_class_leaks(options["text"], texts, labels, classes),
        )


def _probabilities(options: Options) -> bool:
    return bool(options.get("answer", "label") == "probabilities")


def nearest_class(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    """Probabilities that grow with the cosine to the middle of each class's open texts."""
    import numpy as np

    classes = frame["classes"]
    codes = class_codes(class_labels(open_outcomes, options["outcome"]), classes)
    known, asked = (texts_of(take(each, options["text"])) for each in (open_inputs, inputs))
    weights = np.exp(_SHARPNESS * class_similarities(known, codes, asked, len(classes)))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def named(predict: Callable[..., Floats]) -> Callable[..., list[str]]:
    """The same baseline, saying the name of the likeliest class."""

    def predict_names(*tables: pl.DataFrame, frame: Frame, options: Options) -> list[str]:
        answers = predict(*tables, frame=frame, options=options)
        return [frame["classes"][place] for place in answers.argmax(axis=1)]

    return predict_names


_SHARES = Baseline(
    name="class_shares", title_ko="범주의 비율", title_en="Class shares", predict=class_shares
)


def _commonest(predict: Callable[..., Predictions]) -> Baseline:
    return Baseline(
        name="commonest_class",
        title_ko="가장 흔한 범주",
        title_en="Commonest class",
        predict=predict,
    )


def _nearest(predict: Callable[..., Predictions]) -> Baseline:
    return Baseline(
        name="nearest_class",
        title_ko="글자쌍이 가장 가까운 범주",
        title_en="Nearest class by character pairs",
        predict=predict,
    )
