"""How is a job run on Ray, on this machine or on a cluster?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.kernel.jobs.run import Progress


def run(where: str, parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """See `madang.kernel.jobs.run.run`."""
    raise NotImplementedError
