"""Who judges beside this process? Workers on the other cores, for a world that is all new.

Points are judged independently of each other, so they are dealt out in handfuls. Processes are
spawned, never forked: a fork copies locks that other threads hold.
"""

from __future__ import annotations

import gc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.validation.point import judge_point

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from madang.rpki.engine.store.point import Store
    from madang.rpki.engine.validation.policy import Policy
    from madang.rpki.engine.validation.verdicts import Authority, PointVerdict

WORTH_IT: Final = 300
"""Points for which starting workers (about 0.3 s of work each) pays."""
_HANDFUL: Final = 24

_here: list[tuple[Store, Policy, int]] = []
"""What a worker was told when it began."""


class Crew:
    """Workers that judge points of one store at one moment, under one policy."""

    def __init__(self, store: Store, policy: Policy, *, at: int, workers: int) -> None:
        self._executor = ProcessPoolExecutor(
            workers,
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(store, policy, at),
        )

    def judge(self, authorities: Sequence[Authority]) -> Iterator[PointVerdict]:
        """The verdicts on what these published, in their order."""
        return self._executor.map(_judge, authorities, chunksize=_HANDFUL)

    def close(self) -> None:
        """Let the workers go."""
        self._executor.shutdown(cancel_futures=True)


def _begin(store: Store, policy: Policy, at: int) -> None:
    # A worker makes no cycles, and passes on what it made: looking for them is all cost.
    gc.disable()
    _here.append((store, policy, at))


def _judge(authority: Authority) -> PointVerdict:
    store, policy, at = _here[0]
    return judge_point(authority, store, at=at, policy=policy)
