"""A house with one more room: the toys, for this process and for the scorer's.

Run as a program, it is the scorer of a workspace, knowing the toys.
"""

from __future__ import annotations

import sys
from pathlib import Path

from madang.kernel import systems
from madang.kernel.systems import System

TOYS = System(
    name="toys",
    title_ko="장난감",
    title_en="Toys",
    sentence_ko="시험에 쓰는 작은 과제입니다.",
    sentence_en="Tiny tasks for tests.",
    lines=(),
    tasks={"line": "tests.trials.toys:Line", "search": "tests.trials.toys:Search"},
)

_real_manifests = systems.manifests


def manifests() -> tuple[System, ...]:
    """All systems of the house, and the toys."""
    return (*_real_manifests(), TOYS)


if __name__ == "__main__":
    systems.manifests = manifests
    from madang.trials.engine.scorer import serve

    serve(Path(sys.argv[1]))
