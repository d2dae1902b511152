"""Which kinds of tasks can a demand ask for? What every system here offers to the trials."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from madang.kernel import systems
from madang.kernel.trial import find_task
from madang.kernel.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def titles() -> Mapping[str, Words]:
    """Name of a task → its title, in the order of the programme."""
    names = [f"{system.name}.{task}" for system in systems.installed() for task in system.tasks]
    found = {}
    for name in names:
        task = find_task(name)
        found[name] = words(task.title_ko, task.title_en)
    return found


def title(name: str) -> Words | str:
    """What a kind of task is called; its name where nobody here offers it."""
    return titles().get(name, name)
