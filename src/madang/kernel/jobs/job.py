"""What is a job? A plain function, JSON in and JSON out, that says how far it is.

`job(parameters, *, progress) -> result`: two dicts of plain JSON, and a callback that takes the
share done (0 to 1) and words for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from madang.kernel import systems
from madang.kernel.jobs import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.kernel.words import Words

    Progress: TypeAlias = Callable[[float, Words | str], None]
    """progress(share, text): how much is done, from 0 to 1, and what is being done."""


class Job(Protocol):
    """A plain function: JSON in, JSON out."""

    def __call__(self, parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
        """Do the work."""
        ...


def call(where: str, parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Load and call the function in this process; its result is checked.

    Raises:
        NotPlain: The result is not plain JSON.
    """
    job: Job = systems.load(where)
    result = job(parameters, progress=progress)
    plain.check(result, what="result")
    return result
