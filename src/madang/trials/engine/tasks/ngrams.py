"""Which text is most like this one? Vectors of character pairs: no tokenizer, no dictionary.

Korean words change their endings; pairs of syllables stay. Weights are 1 + log of the count times
the rarity; rows have length one, so that a product of rows is a cosine.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from madang.trials.engine.tasks.korean import value_form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

_BATCH = 512
"""Texts compared at once: bounds the memory to 512 rows of similarities."""


def pairs(text: str) -> Counter[str]:
    """Neighbouring characters of the normal form, with its beginning and end marked."""
    form = f"^{value_form(text)}$"
    return Counter(form[at : at + 2] for at in range(len(form) - 1))


def rarities(texts: Sequence[str]) -> dict[str, float]:
    """Character pair → 1 + logarithm of (texts / texts with the pair)."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(pairs(text).keys())
    return {pair: 1 + math.log(len(texts) / count) for pair, count in found.items()}


def vectors(texts: Sequence[str], weights: Mapping[str, float]) -> Any:
    """(n, pairs) sparse rows of length one; pairs without a weight are left out.

    Returns:
        A `scipy.sparse.csr_array`; a text of unknown pairs alone is a row of zeros.
    """
    import numpy as np
    from scipy.sparse import csr_array

    places = {pair: place for place, pair in enumerate(weights)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        row = [
            (places[pair], (1 + math.log(count)) * weights[pair])
            for pair, count in pairs(text).items()
            if pair in places
        ]
        length = math.sqrt(sum(value**2 for _, value in row))
        columns += [place for place, _ in row]
        values += [value / length for _, value in row]
        ends.append(len(columns))
    return csr_array(
        (np.array(values, dtype=np.float64), np.array(columns, dtype=np.int64), np.array(ends)),
        shape=(len(texts), max(1, len(places))),
    )


def nearest(known: Sequence[str], asked: Sequence[str]) -> NDArray[np.int64]:
    """(m,) position of the known text most like each asked one; the first of equals."""
    import numpy as np

    weights = rarities(known)
    mine, theirs = vectors(known, weights), vectors(asked, weights)
    found = [
        np.asarray((theirs[start : start + _BATCH] @ mine.T).toarray().argmax(axis=1))
        for start in range(0, len(asked), _BATCH)
    ]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def class_similarities(
    known: Sequence[str], codes: NDArray[np.int64], asked: Sequence[str], classes: int
) -> NDArray[np.float64]:
    """(m, K) cosines of the asked texts with the middle of each class.

    Args:
        known: (n) texts of known class.
        codes: (n,) their classes.
        asked: (m) texts.
        classes: K.
    """
    import numpy as np
    from scipy.sparse import csr_array

    weights = rarities(known)
    member = csr_array(
        (np.ones(len(codes)), (codes, np.arange(len(codes)))), (classes, len(codes))
    )
    middles = (member @ vectors(known, weights)).toarray()
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    middles /= np.where(lengths > 0, lengths, 1.0)
    return np.asarray(vectors(asked, weights) @ middles.T, dtype=np.float64)
