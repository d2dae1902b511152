"""Several who act at the same moment, each on a database connection of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Given = TypeVar("Given")
Outcome = TypeVar("Outcome")


def at_once(act: Callable[[Given], Outcome], given: Sequence[Given]) -> list[Outcome]:
    """What came of each; the test needs `transaction=True`."""
    ready = Barrier(len(given))

    def do(each: Given) -> Outcome:
        ready.wait()
        try:
            return act(each)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(do, given))
