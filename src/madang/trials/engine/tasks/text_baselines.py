"""What would anybody answer without understanding a word? Parts of the texts' baselines."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from madang.trials.engine.tasks.korean import value_form
from madang.trials.engine.tasks.ngrams import pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_END_OF_SENTENCE = re.compile(r"(?<=[.?!。])\s+|\n+")
_BEFORE = 4
"""Characters in front of a value that mark its place."""
_FARTHEST = 100
"""Characters after which a value is no longer looked for."""


def commonest(values: Sequence[str]) -> str:
    """The most frequent value that is not empty; the first of equals; empty without any."""
    counts = Counter(value for value in values if value)
    return counts.most_common(1)[0][0] if counts else ""


def nearest_sentence(context: str, question: str) -> str:
    """The sentence of a context that shares most character pairs with the question."""
    wanted = pairs(question)
    sentences = [each.strip() for each in _END_OF_SENTENCE.split(context) if each.strip()]
    return max(
        sentences, key=lambda each: (wanted & pairs(each)).total() / wanted.total(), default=""
    )


def surroundings(texts: Sequence[str], values: Sequence[str]) -> list[tuple[str, str]]:
    """What stands before and after the values in their texts, the most frequent pair first.

    Args:
        texts: (n) texts.
        values: (n) values; those that do not stand in their text word for word are passed over.

    Returns:
        Up to four characters before a value, and the one after it (empty at the end).
    """
    found: Counter[tuple[str, str]] = Counter()
    for text, value in zip(texts, values, strict=True):
        start = text.find(value) if value else -1
        if start > 0:
            end = start + len(value)
            found[text[max(0, start - _BEFORE) : start], text[end : end + 1]] += 1
    return [pair for pair, _ in found.most_common()]


def between(text: str, places: Sequence[tuple[str, str]]) -> str | None:
    """What stands in the text between the first surroundings that occur in it, or None."""
    for before, after in places:
        start = text.find(before)
        if start < 0:
            continue
        start += len(before)
        end = text.find(after, start) if after else len(text)
        if start < end <= start + _FARTHEST:
            return text[start:end]
    return None


def commonest_by_form(values: Sequence[str]) -> str:
    """The commonest value, counted by normal form and given in its first spelling."""
    spellings: Mapping[str, str] = {value_form(value): value for value in reversed(values)}
    return spellings.get(commonest([value_form(value) for value in values]), "")
