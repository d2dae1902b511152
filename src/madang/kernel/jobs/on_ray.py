"""How is a job run on Ray, on this machine or on a cluster?

The remote task is a stream: progress as it comes, the answer last. A task whose process dies is
not begun again behind our back: whoever holds the lease decides that.
"""

from __future__ import annotations

import os
import queue
import secrets
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import MissingExtra, Unavailable
from madang.kernel.jobs.errors import WorkerLost
from madang.kernel.jobs.pool import answer
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from madang.kernel.jobs.job import Progress


def run(where: str, parameters: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """See `madang.kernel.jobs.run.run`.

    Args:
        where: `package.module:function`.
        parameters: Plain JSON, checked.
        progress: Told in this process.

    Raises:
        MissingExtra: Ray is not installed.
        Unavailable: No cluster answers at `RAY_ADDRESS`.
        WorkerLost: The task's process died without an answer.
    """
    ray = _library()
    with _session(ray):
        task = ray.remote(num_returns="streaming", max_retries=0)(_serve)
        answers = task.remote(where, parameters)
        try:
            return _listen(ray, answers, where, progress)
        finally:
            ray.cancel(answers, force=True)


def _listen(ray: Any, answers: Any, where: str, progress: Progress) -> dict[str, Any]:
    """Pass progress on until the result, the job's exception, or the task's death."""
    try:
        for reference in answers:
            kind, content = ray.get(reference)
            if kind == "progress":
                progress(*content)
            elif kind == "result":
                result: dict[str, Any] = content
                return result
            else:
                raise content
    except ray.exceptions.RayError as fault:
        raise WorkerLost(where, None) from fault
    raise WorkerLost(where, None)


def _serve(where: str, parameters: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The remote task: the job runs in a thread, so that its progress is handed on meanwhile."""
    said: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=answer, args=(said.put, where, parameters), daemon=True).start()
    kind = "progress"
    while kind == "progress":
        kind, content = said.get()
        yield kind, content


def _library() -> Any:
    """Ray, told before it is loaded to send no statistics and, if local, to ask for a token.

    Without a token every local user could run code through the ports that a local Ray opens. The
    token lives in this process and its children alone.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if "RAY_ADDRESS" not in os.environ and "RAY_AUTH_MODE" not in os.environ:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    try:
        import ray
    except ModuleNotFoundError as fault:
        raise MissingExtra(system="kernel.jobs", extra="ray") from fault
    return ray


@contextmanager
def _session(ray: Any) -> Iterator[None]:
    """The session that the caller opened, else one for this call: the cluster's or a local one."""
    if ray.is_initialized():
        yield
        return
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        try:
            _open(ray, folder)
            yield
        finally:
            ray.shutdown()


def _open(ray: Any, folder: str) -> None:
    if "RAY_ADDRESS" not in os.environ:
        ray.init(
            num_cpus=len(os.sched_getaffinity(0)),
            include_dashboard=False,
            logging_level="error",
            log_to_driver=False,
            _node_ip_address="127.0.0.1",
            _temp_dir=folder,
        )
        return
    try:
        ray.init(logging_level="error", log_to_driver=False)
    except (ConnectionError, TimeoutError) as fault:
        raise Unavailable(
            words("Ray 클러스터", "the Ray cluster"),
            reason=words("RAY_ADDRESS의 주소가 응답하지 않음", "RAY_ADDRESS does not answer"),
            remedy=words("주소와 네트워크를 확인하십시오.", "Check the address and the network."),
        ) from fault
