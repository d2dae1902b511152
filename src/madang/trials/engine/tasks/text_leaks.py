"""Does a text or a column beside it already hold the answer?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from madang.trials.engine.tasks.korean import value_form
from madang.trials.engine.tasks.leaks import FEWEST, Suspicion, as_leak, table_leaks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import polars as pl

    from madang.kernel.trial import Floats, Leak

SAME_TEXT = 0.9
"""Share of cases in which a column may hold the very answer."""
_COMMON = 20
"""Answers that occur often enough to be told by a code; the others count as one class."""
_SHORTEST = 2
"""Shorter names of classes stand in texts by chance."""


def answer_leaks(
    inputs: pl.DataFrame, answers: Sequence[Collection[str]], *, skip: Collection[str] = ()
) -> tuple[Leak, ...]:
    """Columns that hold the answer or tell which it is, and a row order that does.

    Args:
        inputs: (n) rows of input columns.
        answers: (n) accepted answers of each case.
        skip: The texts in which the answer may stand by the nature of the task.

    Returns:
        At most one leak a column.
    """
    if len(answers) < FEWEST:
        return ()
    forms = [{value_form(answer) for answer in accepted} - {""} for accepted in answers]
    copies = {
        column.name: found
        for column in inputs.iter_columns()
        if column.name not in skip and (found := _same_text(column, forms)).value >= found.limit
    }
    first = [min(accepted, default="") for accepted in forms]
    others = table_leaks(inputs, answer_target(first), skip={*skip, *copies})
    return (*(as_leak(name, found) for name, found in copies.items()), *others)


def answer_target(answers: Sequence[str]) -> Floats:
    """(n, k) one-hot of the twenty commonest repeated answers, all others as one."""
    import numpy as np

    common = [text for text, count in Counter(answers).most_common(_COMMON) if count > 1]
    places = {text: place for place, text in enumerate(common)}
    codes = np.array([places.get(text, len(common)) for text in answers], dtype=np.int64)
    return np.asarray(np.eye(len(common) + 1)[codes], dtype=np.float64)


def _same_text(column: pl.Series, forms: Sequence[Collection[str]]) -> Suspicion:
    import polars as pl

    values = [value_form(value or "") for value in column.cast(pl.String).to_list()]
    held = [value in accepted for value, accepted in zip(values, forms, strict=True) if accepted]
    share = sum(held) / len(held) if len(held) >= FEWEST else 0.0
    return Suspicion(
        "share of cases whose answer the column holds",
        "답이 그대로 든 사례의 비율",
        share,
        SAME_TEXT,
    )


def named_class_leaks(
    name: str, texts: Sequence[str], labels: Sequence[str], classes: Sequence[str]
) -> tuple[Leak, ...]:
    """Do texts name their own class, and no other?

    Args:
        name: Column of the texts.
        texts: (n) texts.
        labels: (n) classes of the cases.
        classes: All classes.
    """
    forms = {label: value_form(label) for label in classes}
    if len(texts) < FEWEST or any(len(form) < _SHORTEST for form in forms.values()):
        return ()
    named = 0
    for text, label in zip(texts, labels, strict=True):
        form = value_form(text)
        named += [each for each in classes if forms[each] in form] == [label]
    found = Suspicion(
        "share of texts that name their own class alone",
        "자기 범주의 이름만 든 글의 비율",
        named / len(texts),
        SAME_TEXT,
    )
    return (as_leak(name, found),) if found.value >= found.limit else ()


def answer_inside_leaks(
    name: str, texts: Sequence[str], answers: Sequence[Collection[str]]
) -> tuple[Leak, ...]:
    """Does a text (a question, say) hold its own answer?"""
    held = [
        any(form and form in value_form(text) for form in map(value_form, accepted))
        for text, accepted in zip(texts, answers, strict=True)
        if any(map(value_form, accepted))
    ]
    if len(held) < FEWEST or sum(held) / len(held) < SAME_TEXT:
        return ()
    found = Suspicion(
        "share of texts that hold their own answer",
        "자기 답이 든 글의 비율",
        sum(held) / len(held),
        SAME_TEXT,
    )
    return (as_leak(name, found),)
