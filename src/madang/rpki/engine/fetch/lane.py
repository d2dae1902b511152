"""How many repositories are fetched at the same time, and what becomes of the slow ones?"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.fetch.fetched import Fetched
    from madang.rpki.engine.fetch.policy import Policy


class Lane:
    """Threads of which so many work at the same time, and those that are slow beside them.

    So a group of repositories that turn slow together keeps the others waiting for moments only.
    """

    def __init__(self, name: str, policy: Policy) -> None:
        self._turns = threading.Semaphore(policy.at_once)
        self._patience_s = policy.patience_s
        self._threads = ThreadPoolExecutor(
            policy.at_once + policy.slow_ones, thread_name_prefix=f"fetch-{name}"
        )

    def submit(self, work: Callable[[], Fetched]) -> Future[Fetched]:
        """Do it when its turn comes."""
        return self._threads.submit(self._in_turn, work)

    def close(self) -> None:
        """Begin nothing more, and wait for what runs."""
        self._threads.shutdown(cancel_futures=True)

    def _in_turn(self, work: Callable[[], Fetched]) -> Fetched:
        self._turns.acquire()
        given = threading.Lock()

        def give() -> None:
            if given.acquire(blocking=False):  # once, whoever comes first
                self._turns.release()

        timer = threading.Timer(self._patience_s, give)
        timer.daemon = True
        timer.start()
        try:
            return work()
        finally:
            timer.cancel()
            give()
