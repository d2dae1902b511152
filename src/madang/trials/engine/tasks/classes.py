"""Which class is each case of? Class labels as texts, and their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.trials.engine.tasks.columns import check_filled, take

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from madang.kernel.trial import Floats

KINDS = ("category", "boolean", "integer", "text")
"""Kinds of columns that may hold a class."""
MOST = 1000
"""More classes than this are an identifier, not a class."""
FEWEST_CASES = 2
"""Cases that every class needs, so that one can be open and one sealed."""

CLASSES_PROPERTY: dict[str, Any] = {
    "type": "array",
    "minItems": 2,
    "maxItems": MOST,
    "uniqueItems": True,
    "items": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": (
        "범주의 이름과 순서(없으면 자료에서 정함) · names of the classes in their order "
        "(taken from the data where left out)"
    ),
}


def class_labels(outcomes: pl.DataFrame, name: str) -> list[str]:
    """The class of each case as a text: booleans as `true` and `false`, numbers in digits.

    Raises:
        InputError: The column is missing, has empty cells, or holds numbers with fractions.
    """
    import polars as pl

    series = take(outcomes, name)
    check_filled(series)
    if series.dtype.is_float() and bool((series.is_finite() & (series == series.round())).all()):
        series = series.cast(pl.Int64)
    if series.dtype.is_float() or series.dtype.is_nested() or series.dtype.is_temporal():
        raise InputError(
            words(f"범주가 아닌 열 {name!r}", f"no classes in the column {name!r}"),
            words("글, 정수 또는 참·거짓으로 적은 범주", "classes as texts, integers or booleans"),
        )
    return series.cast(pl.String).to_list()


def class_codes(labels: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """(n,) positions of the labels in `classes`.

    Raises:
        InputError: Some labels are no class of the list.
    """
    import numpy as np

    places = {label: place for place, label in enumerate(classes)}
    codes = np.array([places.get(label, -1) for label in labels], dtype=np.int64)
    unknown = int((codes < 0).sum())
    if unknown:
        raise InputError(
            words(
                f"목록에 없는 범주의 사례 {unknown}건", f"{unknown} cases of a class not listed"
            ),
            words(f"{len(classes)}개 범주 가운데 하나", f"one of the {len(classes)} classes"),
            words("task.options의 classes를 확인하십시오.", "See classes in task.options."),
        )
    return codes


def one_hot(codes: NDArray[np.int64], width: int) -> Floats:
    """(n, width) ones at the codes."""
    import numpy as np

    return np.asarray(np.eye(width)[codes], dtype=np.float64)


def check_classes(labels: Sequence[str], classes: Sequence[str] = ()) -> None:
    """Are there at least two classes, and at least two cases of each?

    Args:
        labels: (n,) classes of the cases.
        classes: The permitted classes, or empty where the data decide.

    Raises:
        InputError: One class only, far too many, a rare one, or one that is not permitted.
    """
    import numpy as np

    found = sorted(set(labels))
    listed = list(classes) or found
    counts = np.bincount(class_codes(labels, listed), minlength=len(listed))
    if len(found) < 2 or len(found) > MOST:
        raise InputError(
            words(f"범주 {len(found)}개", f"{len(found)} class(es) among the outcomes"),
            words(f"2개 이상 {MOST}개 이하의 범주", f"2 to {MOST} classes"),
        )
    rare = int((counts < FEWEST_CASES).sum())
    if rare:
        raise InputError(
            words(
                f"사례가 {FEWEST_CASES}건보다 적은 범주 {rare}개",
                f"{rare} classes with fewer than {FEWEST_CASES} cases",
            ),
            words(
                f"범주마다 {FEWEST_CASES}건 이상", f"at least {FEWEST_CASES} cases of each class"
            ),
            words(
                "드문 범주를 합치거나 목록에서 빼십시오.",
                "Merge the rare classes or take them off the list.",
            ),
        )


def check_all_open(codes: NDArray[np.int64], parts: NDArray[np.int64], width: int) -> None:
    """Has the open sample a case of every class? Without one, nobody could learn it.

    Raises:
        InputError: Some classes fell into the sealed parts alone.
    """
    import numpy as np

    absent = width - len(np.unique(codes[parts == 0]))
    if absent:
        raise InputError(
            words(
                f"공개 표본에 사례가 없는 범주 {absent}개",
                f"{absent} classes without a case in the open sample",
            ),
            words("공개 표본에 모든 범주의 사례", "a case of every class in the open sample"),
            words(
                "드문 범주를 합치거나 parts.open을 늘리십시오.",
                "Merge the rare classes or raise parts.open.",
            ),
        )
