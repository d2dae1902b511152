"""What happens when a solution runs on the open sample? Everything it says is shown to its firm.

The open sample is public, so nothing can leak: full output, full traceback, exact resources,
score. A fifth of the cases is set aside to be answered, the rest is what `fit` sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.kernel.trial import PARTS
from madang.trials.engine.jailed import Jailer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from madang.kernel.sandbox.ending import Result
    from madang.trials.engine.cause import Cause
    from madang.trials.engine.demand import Tier
    from madang.trials.engine.jailed import Ended
    from madang.trials.engine.runner import Runner
    from madang.trials.engine.workspace import DemandFolder

ASIDE = 0.2


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """How a run on the open sample went, whole."""

    cause: Cause | None
    token: str
    log: str
    wall_s: float
    memory_peak_bytes: int
    scores: Mapping[str, float | None]
    cases: int

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {**vars(self), "cause": str(self.cause or ""), "scores": dict(self.scores)}


def rehearse(
    runner: Runner, folder: DemandFolder, tier: Tier, files: Mapping[str, bytes]
) -> Rehearsal | None:
    """Run a solution on the open sample; None for a predictions file, which has nothing to run.

    Raises:
        SubmissionError: The ONNX model fails the allow-list.
        Unavailable: No jail works here.
    """
    import numpy as np

    if tier == "predictions" or folder.scale.task.kind == "replay":
        return None
    pool = runner.pool_for(folder, tier)
    if tier == "onnx":
        runner.check_model(files["model.onnx"])
    inputs, outcomes = folder.open_sample()
    aside = _aside(folder)
    ended = Jailer(pool, folder.demand, folder.scale).run(
        tier,
        files,
        inputs=inputs[np.flatnonzero(aside)],
        fit_inputs=inputs[np.flatnonzero(~aside)],
        fit_outcomes=outcomes[np.flatnonzero(~aside)],
    )
    return _told(folder, ended, np.flatnonzero(aside))


def _aside(folder: DemandFolder) -> Any:
    """Which open cases are answered: by the task's own rule of splitting."""
    import numpy as np

    inputs, outcomes = folder.open_sample()
    labels = folder.scale.task.split(
        inputs.drop("case"),
        outcomes.drop("case"),
        groups=None,
        shares={"open": 1 - ASIDE, "board": ASIDE},
        rng=np.random.default_rng(folder.demand.seed),
        options=folder.demand.options,
    )
    return labels == PARTS.index("board")


def _told(folder: DemandFolder, ended: Ended, rows: Any) -> Rehearsal:
    result = ended.result
    assert result is not None
    scores: dict[str, float | None] = {}
    if ended.answers is not None:
        inputs, outcomes = folder.open_sample()
        known = [name for name in inputs.columns if name not in outcomes.columns]
        cases = outcomes.hstack(inputs.select(known))[rows]
        for name in folder.scale.metrics:
            value = folder.scale.score(name, cases, ended.answers)
            scores[name] = value if math.isfinite(value) else None
    return Rehearsal(
        cause=ended.cause,
        token=ended.token,
        log=_log(result),
        wall_s=round(result.wall_s, 3),
        memory_peak_bytes=result.memory_peak_bytes,
        scores=scores,
        cases=len(rows),
    )


def _log(result: Result) -> str:
    return (result.stdout + result.stderr).decode("utf-8", "replace")
