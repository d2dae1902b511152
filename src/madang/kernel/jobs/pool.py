"""How is a job run in a process of its own, so that its crash is only its own?

Processes are spawned, never forked: a fork copies locks that other threads hold. The child watches
its parent and ends with it, also when the parent is killed.
"""

from __future__ import annotations

import functools
import os
import pickle
import threading
import traceback
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any

from madang.kernel.jobs.errors import WorkerLost
from madang.kernel.jobs.job import call
from madang.kernel.jobs.worker import caught

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from madang.kernel.jobs.job import Progress

_LOOK_S = 0.2
"""How often the parent looks whether a silent child still lives."""


@functools.cache
def _places() -> threading.BoundedSemaphore:
    """As many jobs at once as there are cores that this process may use."""
    return threading.BoundedSemaphore(len(os.sched_getaffinity(0)))


def run(where: str, parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """See `madang.kernel.jobs.run.run`.

    Args:
        where: `package.module:function`.
        parameters: Plain JSON, checked.
        progress: Told in this process.

    Raises:
        WorkerLost: The process died without an answer.
    """
    context = get_context("spawn")
    with _places():
        answers, sender = context.Pipe(duplex=False)
        process = context.Process(target=_serve, args=(sender, where, parameters))
        try:
            process.start()
            sender.close()
            return _listen(answers, process, where, progress)
        finally:
            answers.close()
            _end(process)


def _listen(
    answers: Connection, process: SpawnProcess, where: str, progress: Progress
) -> dict[str, Any]:
    """Pass progress on until the result, the job's exception, or the process's death."""
    while True:
        try:
            if not answers.poll(_LOOK_S):
                if process.is_alive() or answers.poll():
                    continue
                raise EOFError
            kind, content = answers.recv()
        except (EOFError, ConnectionResetError):
            process.join()
            raise WorkerLost(where, process.exitcode) from None
        if kind == "progress":
            progress(*content)
        elif kind == "result":
            result: dict[str, Any] = content
            return result
        else:
            raise content


def _end(process: SpawnProcess) -> None:
    """Leave no process behind: it has answered, or nobody wants its answer."""
    if process.pid is None:
        return
    process.join(_LOOK_S)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def answer(
    send: Callable[[tuple[str, Any]], None], where: str, parameters: dict[str, Any]
) -> None:
    """Run the job; send `progress` as it comes, then one `result` or `raised`.

    Args:
        send: Takes (kind, content) and carries it to who waits.
        where: `package.module:function`.
        parameters: Plain JSON.
    """
    result = caught(lambda: call(where, parameters, lambda *said: send(("progress", said))))
    if isinstance(result, Exception):
        send(("raised", _portable(result)))
    else:
        send(("result", result))


def _serve(sender: Connection, where: str, parameters: dict[str, Any]) -> None:
    """The child process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer(sender.send, where, parameters)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
    os._exit(1)


def _portable(fault: Exception) -> Exception:
    """The exception if it survives the journey, else its text; its traceback travels as a note."""
    text = "".join(traceback.format_exception(fault))
    fault.add_note(text)
    copy = caught(lambda: pickle.loads(pickle.dumps(fault)))  # noqa: S301 - our own bytes
    return fault if type(copy) is type(fault) else RuntimeError(text)
