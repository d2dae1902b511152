"""Which texts are (nearly) the same, so that they must fall into one part?

Texts are alike where at least 0.7 of all their runs of three characters are common to both
(Jaccard). Candidates come from MinHash signatures in bands (Broder 1997; Leskovec, Rajaraman &
Ullman, Mining of Massive Datasets, ch. 3) and are then compared exactly. Likeness is passed on:
if A is like B and B like C, all three stay together.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from madang.trials.engine.tasks.korean import value_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

ALIKE = 0.7
"""Share of common runs from which two texts count as alike."""
_RUN = 3
_BANDS = 20
_ROWS = 3
"""20 bands of 3: a pair that shares 0.7 of its runs is missed once in 4,000, one of 0.8 never."""
_CROWD = 40
"""In a larger bucket each text is compared with the first alone."""


def alike(texts: Sequence[str]) -> NDArray[np.int64]:
    """(n,) labels, equal for texts that are (nearly) the same; empty texts are each their own."""
    import numpy as np

    forms = [value_form(text) for text in texts]
    # An empty text is like no other: a missing text is no copy.
    names = [form or f"\0{row}" for row, form in enumerate(forms)]
    unique, of_text = np.unique(np.array(names, dtype=object), return_inverse=True)
    runs = [_runs(form) for form in unique]
    links = [
        (one, other)
        for one, other in _candidates(runs)
        if len(np.intersect1d(runs[one], runs[other], assume_unique=True))
        >= ALIKE * len(np.union1d(runs[one], runs[other]))
    ]
    return np.asarray(_components(len(unique), links)[of_text])


def join(labels: NDArray[Any], others: NDArray[Any] | None) -> NDArray[np.int64]:
    """(n,) labels of what either of two groupings holds together.

    Args:
        labels: (n,) one grouping.
        others: (n,) another, or None.
    """
    import numpy as np

    mine = np.unique(labels, return_inverse=True)[1]
    if others is None:
        return np.asarray(mine, dtype=np.int64)
    theirs = np.unique(others, return_inverse=True)[1] + mine.max() + 1
    links = list(zip(mine.tolist(), theirs.tolist(), strict=True))
    return _components(int(theirs.max()) + 1, links)[mine]


def _runs(form: str) -> NDArray[np.uint64]:
    """Distinct runs of three characters, each as a number; a shorter text is one run."""
    import numpy as np

    codes = np.array([ord(character) for character in form.ljust(_RUN)], dtype=np.uint64)
    # 21 bits hold every Unicode character, so that a run of three is a number of its own.
    return np.unique((codes[:-2] << np.uint64(42)) | (codes[1:-1] << np.uint64(21)) | codes[2:])


def _candidates(runs: Sequence[NDArray[np.uint64]]) -> Iterator[tuple[int, int]]:
    """Pairs that agree in at least one band of their signatures, each once."""
    signatures = _signatures(runs)
    seen: set[tuple[int, int]] = set()
    for band in range(_BANDS):
        buckets: dict[bytes, list[int]] = {}
        for place, signature in enumerate(signatures):
            key = signature[band * _ROWS : (band + 1) * _ROWS].tobytes()
            buckets.setdefault(key, []).append(place)
        for members in buckets.values():
            found = (
                combinations(members, 2)
                if len(members) <= _CROWD
                else ((members[0], other) for other in members[1:])
            )
            seen.update(found)
    yield from sorted(seen)


def _signatures(runs: Sequence[NDArray[np.uint64]]) -> list[NDArray[np.uint64]]:
    """(60,) smallest values of each text's runs under fixed mixing functions."""
    import numpy as np

    # Fixed: the same texts are alike in every run and on every machine.
    factors = np.random.default_rng(0).integers(1, 2**63, _BANDS * _ROWS, dtype=np.uint64)
    factors = factors[:, None] | np.uint64(1)
    signatures = []
    for each in runs:
        mixed = each * factors
        mixed ^= mixed >> np.uint64(31)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        signatures.append((mixed ^ (mixed >> np.uint64(29))).min(axis=1))
    return signatures


def _components(size: int, links: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """(size,) labels of what hangs together by the links."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones, others = (
        (np.array(ends, dtype=np.int64) for ends in zip(*links, strict=True))
        if (links)
        else (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    )
    graph = coo_array((np.ones(len(ones)), (ones, others)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
