"""Where does a job run? Here, in a process of its own, or on Ray: the same plain function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from madang.kernel import systems
from madang.kernel.errors import InputError
from madang.kernel.jobs import plain
from madang.kernel.jobs.job import call
from madang.kernel.words import words

if TYPE_CHECKING:
    from madang.kernel.jobs.job import Progress
    from madang.kernel.words import Words

Executor: TypeAlias = Literal["here", "pool", "ray"]


def run(
    reference: str,
    parameters: dict[str, Any],
    *,
    executor: Executor = "here",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run one job to its end.

    What the job raises comes out unchanged, from another process too. Where `progress` raises, the
    job's process is ended and the exception passes: this is how a caller cancels.

    Args:
        reference: A job of a manifest, `system.job`, or `package.module:function` of the product.
            References come from code and manifests, never from outside.
        parameters: Plain JSON.
        executor: `here` in this thread, `pool` in a process of its own (as many at once as
            there are cores), `ray` on Ray (the cluster of `RAY_ADDRESS`, else a local one).
        progress: Told how far the job is.

    Returns:
        The job's result, plain JSON.

    Raises:
        InputError: The manifest has no such job.
        NotPlain: The parameters or the result are not plain JSON.
        WorkerLost: The process that ran the job died without an answer.
        MissingExtra: The executor's library is not installed.
    """
    where = resolve(reference)
    plain.check(parameters, what="parameters")
    told = progress or _silent
    if executor == "here":
        return call(where, parameters, told)
    if executor == "pool":
        from madang.kernel.jobs import pool

        return pool.run(where, parameters, told)
    from madang.kernel.jobs import on_ray

    return on_ray.run(where, parameters, told)


def resolve(reference: str) -> str:
    """The `package.module:function` that a reference names.

    Raises:
        InputError: The manifest has no such job.
    """
    if ":" in reference:
        return reference
    system, _, job = reference.partition(".")
    offered = systems.manifest(system).jobs
    if job not in offered:
        names = ", ".join(f"{system}.{name}" for name in offered) or "-"
        raise InputError(
            words(f"작업 이름 {reference!r}", f"job {reference!r}"),
            words(f"다음 가운데 하나: {names}", f"one of: {names}"),
        )
    return offered[job]


def _silent(share: float, text: Words | str) -> None:
    """Tell nobody."""
