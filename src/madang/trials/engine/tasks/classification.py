"""Which class is each case of, and how sure is that? Answers are probabilities of the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.trial import Baseline, Outputs, stratified_parts
from madang.trials.engine.tasks.answers import as_numbers
from madang.trials.engine.tasks.classes import (
    CLASSES_PROPERTY,
    KINDS,
    check_all_open,
    check_classes,
    class_codes,
    class_labels,
    one_hot,
)
from madang.trials.engine.tasks.columns import (
    check_apart,
    find_column,
    name_property,
    options_object,
)
from madang.trials.engine.tasks.leaks import table_leaks
from madang.trials.engine.tasks.one_column import bin_codes, bin_means, explained_alone
from madang.trials.engine.tasks.probability import auc_covariance, probability_measures
from madang.trials.engine.tasks.table import Measure, Scored, TableTask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import (
        Column,
        Floats,
        Frame,
        Leak,
        Options,
        Part,
        Predictions,
    )

_BEST_COLUMN_BINS = 10


class Classification(TableTask):
    """Two or more classes; answers are probabilities, one column `p_<class>` a class."""

    name = "trials.classification"
    version = 1
    title_ko = "분류"
    title_en = "Classification"

    def options_schema(self) -> dict[str, Any]:
        """`outcome` names the column of the class; `classes` lists them in order."""
        return options_object(
            {
                "outcome": name_property("맞힐 범주의 열", "column of the class to be told"),
                "classes": CLASSES_PROPERTY,
            },
            required=["outcome"],
        )

    def check(
        self, inputs: Sequence[Column], outcomes: Sequence[Column], *, options: Options
    ) -> None:
        """The outcome is declared and of a kind that can hold classes.

        Raises:
            InputError: It is not.
        """
        find_column(outcomes, options["outcome"], KINDS)
        check_apart([options["outcome"], *(column.name for column in inputs)])

    def check_outcomes(self, outcomes: pl.DataFrame, *, options: Options) -> None:
        """At least two classes, each with at least two cases, and no empty cell.

        Raises:
            InputError: They are not so.
        """
        labels = class_labels(outcomes, options["outcome"])
        check_classes(labels, options.get("classes", ()))

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
        """Each class keeps the shares; groups stay whole; every class is in the open sample.

        Returns:
            (n,) positions in `PARTS`.

        Raises:
            InputError: A class would be in sealed parts alone.
        """
        labels = class_labels(outcomes, options["outcome"])
        classes = listed_classes(labels, options)
        codes = class_codes(labels, classes)
        parts = stratified_parts(codes, groups=groups, shares=shares, rng=rng)
        check_all_open(codes, parts, len(classes))
        return parts

    def frame(
        self, open_inputs: pl.DataFrame, open_outcomes: pl.DataFrame, *, options: Options
    ) -> dict[str, Any]:
        """The classes in their order, and their shares of the open sample."""
        import numpy as np

        labels = class_labels(open_outcomes, options["outcome"])
        classes = listed_classes(labels, options)
        counts = np.bincount(class_codes(labels, classes), minlength=len(classes))
        return {"classes": classes, "shares": (counts / len(labels)).tolist()}

    def outputs(self, *, frame: Frame, options: Options) -> Outputs:
        """One probability a class; each row sums to one."""
        return Outputs(
            kind="numbers",
            columns=tuple(f"p_{label}" for label in frame["classes"]),
            lowest=0.0,
            highest=1.0,
            row_rule="sums_to_one",
        )

    def measures(self, *, frame: Frame, options: Options) -> tuple[Measure, ...]:
        """Brier score first; the AUC where there are two classes."""
        return probability_measures(len(frame["classes"]))

    def scored(
        self, outcomes: pl.DataFrame, predictions: Predictions, *, frame: Frame, options: Options
    ) -> Scored:
        """Class codes and probabilities.

        Raises:
            InputError: An outcome outside the classes, or answers of another form.
        """
        classes = frame["classes"]
        truth = class_codes(class_labels(outcomes, options["outcome"]), classes)
        answers = as_numbers(predictions, rows=len(truth), width=len(classes))
        return Scored(truth, answers)

    def covariance(
        self,
        metric: str,
        outcomes: pl.DataFrame,
        predictions: Sequence[Predictions],
        *,
        frame: Frame,
        options: Options,
    ) -> Floats | None:
        """DeLong's (k, k) covariance of the AUCs; None for other metrics."""
        if metric != "auc":
            return None
        scored = [self.scored(outcomes, p, frame=frame, options=options) for p in predictions]
        return auc_covariance(scored[0].truth, [each.answers for each in scored])

    def strata(self, outcomes: pl.DataFrame, *, options: Options) -> NDArray[Any]:
        """(n,) the class of each case: no resample loses one."""
        import numpy as np

        return np.asarray(class_labels(outcomes, options["outcome"]))

    def baselines(self, *, options: Options) -> tuple[Baseline, ...]:
        """Class shares, the commonest class, and a table of the best single column."""
        return BASELINES

    def leaks(
        self, inputs: pl.DataFrame, outcomes: pl.DataFrame, *, options: Options
    ) -> tuple[Leak, ...]:
        """Columns, or the row order, that nearly give the class."""
        labels = class_labels(outcomes, options["outcome"])
        classes = listed_classes(labels, options)
        return table_leaks(inputs, one_hot(class_codes(labels, classes), len(classes)))


def listed_classes(labels: Sequence[str], options: Options) -> list[str]:
    """The classes of the options, else those of the data: numbers by size, texts by letter."""
    if options.get("classes"):
        return list(options["classes"])
    found = sorted(set(labels))
    if all(label.lstrip("-").isdecimal() for label in found):
        return sorted(found, key=int)
    return found


def class_shares(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    """The classes' shares of the open sample, for everybody."""
    import numpy as np

    return np.tile(np.array(frame["shares"], dtype=np.float64), (inputs.height, 1))


def commonest_class(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    """Certainty of the commonest class of the open sample, for everybody."""
    import numpy as np

    answers = np.zeros((inputs.height, len(frame["classes"])))
    answers[:, int(np.argmax(frame["shares"]))] = 1.0
    return answers


def best_column(
    open_inputs: pl.DataFrame,
    open_outcomes: pl.DataFrame,
    inputs: pl.DataFrame,
    *,
    frame: Frame,
    options: Options,
) -> Floats:
    """Class shares within bins of the one column that tells most about the open sample."""
    classes = frame["classes"]
    truth = class_codes(class_labels(open_outcomes, options["outcome"]), classes)
    target = one_hot(truth, len(classes))
    known = [name for name in open_inputs.columns if name in inputs.columns]
    best = max(
        known, key=lambda name: explained_alone(open_inputs[name], target, bins=_BEST_COLUMN_BINS)
    )
    codes, applied = bin_codes(open_inputs[best], inputs[best], bins=_BEST_COLUMN_BINS)
    return bin_means(codes, target, applied)


BASELINES = (
    Baseline(
        name="class_shares",
        title_ko="범주의 비율",
        title_en="Class shares",
        predict=class_shares,
    ),
    Baseline(
        name="commonest_class",
        title_ko="가장 흔한 범주",
        title_en="Commonest class",
        predict=commonest_class,
    ),
    Baseline(
        name="best_column",
        title_ko="가장 나은 열 하나",
        title_en="Best single column",
        predict=best_column,
    ),
)
