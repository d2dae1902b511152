"""Jobs that work, fail, die, stall and lie, for the tests of where jobs run."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import InputError, MissingExtra
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.jobs.job import Progress

HERE = "tests.kernel.jobs.samples"


def double(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    progress(0.0, words("시작", "start"))
    progress(0.5, "half")
    return {"n": 2 * parameters["n"], "pid": os.getpid(), "글": parameters.get("글", "")}


def refuse(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    raise InputError(words("행 3개", "3 rows"), words("행 4개", "4 rows"))


def lack(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    raise MissingExtra(system="prognosis", extra="prognosis")


def break_down(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    return {"n": 1 // parameters["zero"]}


class Untransportable(Exception):
    """Its constructor wants what pickle does not give back."""

    def __init__(self, *, place: str) -> None:
        super().__init__(f"at {place}")


def raise_untransportable(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    raise Untransportable(place="line 3")


def exit_silently(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    progress(0.1, "about to die")
    os._exit(parameters["code"])


def note_and_die(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    with open(parameters["file"], "a") as file:
        file.write("x")
    os._exit(5)


def kill_itself(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    os.kill(os.getpid(), 9)
    return {}


def leave_a_child_and_die(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """The child keeps every pipe of its parent open after the parent's death."""
    child = os.fork()
    if not child:
        time.sleep(8)
        with open(parameters["file"], "w") as file:
            file.write("awake")
        os._exit(0)
    progress(0.1, str(child))
    os._exit(4)


def tuple_result(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    return {"scores": [1, (2, 3)]}


def sleep(parameters: dict[str, Any], *, progress: Progress) -> dict[str, Any]:
    """Says who it is, sleeps without a word, and leaves a file if it was let to wake up."""
    progress(0.0, str(os.getpid()))
    progress(0.5, "asleep")
    time.sleep(8)
    with open(parameters["file"], "w") as file:
        file.write("awake")
    return {}
