"""How good are stated class probabilities, or stated classes?

Truth is an (n,) array of class codes. Probabilities are (n, K), one column a class. The Brier
score is half the sum over classes: with two classes the usual 0 to 1 (Brier 1950 has twice that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.kernel.trial import Metric
from madang.trials.engine.tasks.classes import one_hot
from madang.trials.engine.tasks.table import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats

CLIP = 1e-6
"""Smaller probabilities count as this in the log loss: a sure error costs 13.8, not infinity."""


def brier_losses(truth: NDArray[np.int64], answers: Floats) -> Floats:
    """(n,) half the squared distances between probabilities and what happened."""
    import numpy as np

    return np.asarray(((answers - one_hot(truth, answers.shape[1])) ** 2).sum(axis=1) / 2)


def log_losses(truth: NDArray[np.int64], answers: Floats) -> Floats:
    """(n,) minus the natural logarithms of the probabilities given to the true classes."""
    import numpy as np

    given = answers[np.arange(len(truth)), truth]
    return np.asarray(-np.log(np.clip(given, CLIP, 1.0)))


def hits(truth: NDArray[np.int64], answers: Floats) -> Floats:
    """(n,) 1 where the likeliest class (the first of equals) is the true one."""
    import numpy as np

    return np.asarray(answers.argmax(axis=1) == truth, dtype=np.float64)


def area_under_curve(truth: NDArray[np.int64], answers: Floats) -> float:
    """Chance that a case of the second class gets the higher probability of it; ties count half.

    NaN where the cases are of one class.
    """
    from madang.kernel.stats.auc import auc

    if not 0 < (truth == 1).sum() < len(truth):
        return float("nan")
    return auc(truth == 1, answers[:, 1])


def macro_f1(truth: NDArray[np.int64], answered: NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur in truth or answers.

    Args:
        truth: (n,) true classes.
        answered: (n,) stated classes.
    """
    import numpy as np

    width = int(max(truth.max(), answered.max())) + 1
    right = np.bincount(truth[truth == answered], minlength=width)
    both = np.bincount(truth, minlength=width) + np.bincount(answered, minlength=width)
    return float((2 * right[both > 0] / both[both > 0]).mean())


def calibration_in_the_large(truth: NDArray[np.int64], answers: Floats) -> float:
    """Distance between mean probabilities and shares of the classes: half the sum over classes.

    With two classes this is |mean probability - share| of either one.
    """
    import numpy as np

    shares = one_hot(truth, answers.shape[1]).mean(axis=0)
    return float(np.abs(answers.mean(axis=0) - shares).sum() / 2)


def auc_covariance(truth: NDArray[np.int64], answers: Sequence[Floats]) -> Floats | None:
    """(k, k) covariance of the AUCs of k solutions on the same cases (DeLong et al. 1988).

    None where a class has fewer than two cases.
    """
    import numpy as np

    from madang.kernel.stats.auc import delong

    if min(np.bincount(truth == 1, minlength=2)) < 2:
        return None
    scores = np.array([each[:, 1] for each in answers])
    return delong(truth == 1, scores).covariance


def probability_measures(classes: int) -> tuple[Measure, ...]:
    """How class probabilities are scored; with two classes the AUC too."""
    common = (
        Measure(metric=BRIER, each=brier_losses),
        Measure(metric=LOG, each=log_losses),
        Measure(metric=ACCURACY, each=hits),
        Measure(metric=MACRO_F1, whole=lambda truth, a: macro_f1(truth, a.argmax(axis=1))),
        Measure(metric=CALIBRATION, whole=calibration_in_the_large),
    )
    return (*common, Measure(metric=AUC, whole=area_under_curve)) if classes == 2 else common


BRIER = Metric(
    name="brier",
    title_ko="브라이어 점수",
    title_en="Brier score",
    direction="lower",
    lowest=0.0,
    highest=1.0,
)
LOG = Metric(
    name="log_loss",
    title_ko="로그 손실",
    title_en="Log loss",
    direction="lower",
    lowest=0.0,
    highest=13.815510557964274,  # -ln CLIP
)
AUC = Metric(
    name="auc",
    title_ko="ROC 곡선 아래 면적",
    title_en="Area under the ROC curve",
    direction="higher",
    lowest=0.0,
    highest=1.0,
)
ACCURACY = Metric(
    name="accuracy",
    title_ko="정확도",
    title_en="Accuracy",
    direction="higher",
    lowest=0.0,
    highest=1.0,
)
MACRO_F1 = Metric(
    name="macro_f1",
    title_ko="범주 평균 F1",
    title_en="Macro F1",
    direction="higher",
    lowest=0.0,
    highest=1.0,
)
CALIBRATION = Metric(
    name="calibration_in_the_large",
    title_ko="전체 보정 오차",
    title_en="Calibration in the large",
    direction="lower",
    lowest=0.0,
    highest=1.0,
)
