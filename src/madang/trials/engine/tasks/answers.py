"""Is this an answer that can be scored? Numbers of the right shape, or texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Collection

    from madang.kernel.trial import Floats


def as_numbers(predictions: Any, *, rows: int, width: int) -> Floats:
    """(rows, width) finite numbers.

    Raises:
        InputError: Another shape, no numbers, or a number that is NaN or infinite.
    """
    import numpy as np

    expected = words(
        f"{rows}행 {width}열의 유한한 수", f"finite numbers in {rows} rows and {width} columns"
    )
    answers = np.asarray(predictions)
    if answers.dtype.kind not in "fiu":
        raise InputError(words("수가 아닌 답", "answers that are no numbers"), expected)
    if answers.shape != (rows, width):
        shape = " × ".join(str(size) for size in answers.shape)
        raise InputError(words(f"모양이 {shape}인 답", f"answers of shape {shape}"), expected)
    wrong = int((~np.isfinite(answers)).any(axis=1).sum())
    if wrong:
        raise InputError(
            words(
                f"NaN 또는 무한대가 든 답 {wrong}건", f"NaN or infinity in {wrong} of the answers"
            ),
            expected,
        )
    return answers.astype(np.float64)


def as_texts(predictions: Any, *, rows: int, levels: Collection[str] = ()) -> list[str]:
    """`rows` texts, each one of the levels where there are any.

    Raises:
        InputError: Another number of answers, an answer that is no text, or an unknown level.
    """
    answers = list(predictions)
    if len(answers) != rows or not all(isinstance(answer, str) for answer in answers):
        raise InputError(
            words(f"글이 아니거나 {rows}건이 아닌 답", f"answers other than {rows} texts"),
            words(f"글 {rows}건", f"{rows} texts"),
        )
    unknown = sum(answer not in levels for answer in answers) if levels else 0
    if unknown:
        raise InputError(
            words(f"목록에 없는 답 {unknown}건", f"{unknown} answers outside the list"),
            words(f"{', '.join(levels)} 가운데 하나", f"one of {', '.join(levels)}"),
        )
    return answers
