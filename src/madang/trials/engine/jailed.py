"""How does a solution run in the jail, and what does its end mean?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from madang.kernel.errors import Unavailable
from madang.kernel.sandbox.ending import Ending
from madang.kernel.sandbox.limits import Limits
from madang.kernel.words import words
from madang.trials.engine.cause import Cause
from madang.trials.engine.errors import SubmissionError
from madang.trials.engine.exchange import BadOutput, decode_answers, encode_table
from madang.trials.engine.guard import Telltale, telltale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from madang.kernel.sandbox.channel import Channel
    from madang.kernel.sandbox.ending import Result
    from madang.kernel.sandbox.jail import WarmPool
    from madang.kernel.trial import Predictions
    from madang.trials.engine.demand import Demand
    from madang.trials.engine.scoring import Scale


DEEPEST_ACTION = 64

PRELOADED = ("numpy", "onnxruntime", "pandas")

_CAUSES = {
    Ending.CRASH: Cause.CRASH,
    Ending.TIMEOUT: Cause.TIMEOUT,
    Ending.MEMORY: Cause.MEMORY,
    Ending.FORBIDDEN: Cause.FORBIDDEN,
    Ending.OUTPUT_MISSING: Cause.OUTPUT_MISSING,
    Ending.OUTPUT_INVALID: Cause.OUTPUT_INVALID,
    Ending.OUTPUT_TOO_LARGE: Cause.OUTPUT_TOO_LARGE,
    Ending.UNAVAILABLE: Cause.SANDBOX_UNAVAILABLE,
}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a solution's run ended: with answers, or with a cause."""

    cause: Cause | None
    answers: Predictions | None = None
    kept: str | None = None
    """Digest of what the scorer recorded of a replay."""
    telltale: Telltale
    token: str
    """What was wrong with answers of the wrong form."""
    result: Result | None = None
    """What the jail says of the run; None where the platform broke the conversation off."""


def task_document(demand: Demand, scale: Scale, tier: str) -> bytes:
    """What a solution is told of its task."""
    outputs = scale.task.outputs(frame=scale.frame, options=scale.options)
    return json.dumps(
        {
            "tier": tier,
            "kind": scale.task.kind,
            "name": scale.task.name,
            "frame": scale.frame,
            "options": dict(scale.options),
            "columns": [
                {
                    "name": c.name,
                    "kind": c.kind,
                    "levels": c.levels,
                    "unit": c.unit,
                    "nullable": c.nullable,
                }
                for c in demand.inputs
            ],
            "outcomes": [
                {"name": c.name, "kind": c.kind, "levels": c.levels} for c in demand.outcomes
            ],
            "outputs": {"kind": outputs.kind, "columns": outputs.columns},
        }
    ).encode()


def start_pool(extra: str = "") -> WarmPool:
    """Jails with the fixed environment, started ahead.

    Args:
        extra: A folder of further packages that solutions may import.

    Raises:
        Unavailable: No jail works on this machine.
    """
    from madang.kernel.sandbox.jail import WarmPool
    from madang.kernel.sandbox.runtime import Runtime

    runtime = Runtime(preload=PRELOADED, extra=extra)
    return WarmPool(runtime=runtime, size=1) if extra else WarmPool(runtime=runtime)


class Jailer:
    """Runs solutions of one demand in jails from a pool."""

    def __init__(self, pool: WarmPool, demand: Demand, scale: Scale) -> None:
        self._pool, self._demand, self._scale = pool, demand, scale

    def limits(self) -> Limits:
        """The demand's limits as the jail takes them."""
        limits = self._demand.limits
        return Limits(
            wall_s=limits.wall_s, cpu_s=limits.wall_s, memory_bytes=limits.memory_mb * 2**20
        )

    def run(
        self,
        tier: str,
        code: Mapping[str, bytes],
        *,
        inputs: pl.DataFrame,
        fit_inputs: pl.DataFrame,
        fit_outcomes: pl.DataFrame,
        play: Callable[[Channel], str] | None = None,
    ) -> Ended:
        """Run a solution to its end.

        Args:
            tier: `onnx` or `python`.
            code: The firm's files.
            inputs: (n) rows to answer for.
            fit_inputs: Rows that `fit` may see.
            fit_outcomes: Their outcomes: of the open sample, and of the development part.
            play: Leads the conversation of a replay; its value is the digest of what it recorded.
        """
        demand, scale = self._demand, self._scale
        files = {
            "task.json": task_document(demand, scale, tier),
            "inputs.json": encode_table(inputs, demand.inputs),
        }
        if tier == "onnx":
            files["model.onnx"] = code["model.onnx"]
        else:
            files |= {f"code/{name}": content for name, content in code.items()}
            files["fit_inputs.json"] = encode_table(fit_inputs, demand.inputs)
            files["fit_outcomes.json"] = encode_table(fit_outcomes, demand.outcomes)
        said: list[str] = []
        try:
            result = self._pool.run(
                _script("harness.py"),
                files=files,
                limits=self.limits(),
                optional=("predictions.npy", "predictions.json"),
                converse=None if play is None else lambda channel: said.append(play(channel)),
            )
        except BadOutput as fault:  # from the conversation; the jail is dead by now
            return Ended(cause=fault.cause, telltale=Telltale(), token=fault.detail)
        return self._ended(result, code, inputs.height, said)

    def _ended(
        self, result: Result, code: Mapping[str, bytes], rows: int, said: list[str]
    ) -> Ended:
        tale = telltale(result.report, code)
        cause = None if result.ending == Ending.DONE else _CAUSES[result.ending]
        if cause in (Cause.CRASH, Cause.OUTPUT_MISSING) and tale.token:
            cause = Cause.OUTPUT_INVALID
        answers, token = None, tale.token
        if cause is None and not said:
            try:
                answers = self._answers(result, rows)
            except BadOutput as fault:
                cause, token = fault.cause, fault.detail
        return Ended(
            cause=cause,
            answers=answers,
            kept=said[0] if said and cause is None else None,
            # A run that answered tells nothing else: its report may be forged and carry rows.
            telltale=tale if cause else Telltale(),
            token=token if cause else "",
            result=result,
        )

    def _answers(self, result: Result, rows: int) -> Predictions:
        scale = self._scale
        outputs = scale.task.outputs(frame=scale.frame, options=scale.options)
        if outputs.kind == "records":
            raise BadOutput("no_predictions", Cause.OUTPUT_MISSING)
        return decode_answers(dict(result.files), outputs, rows)


def _script(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()


def send(channel: Channel, message: Mapping[str, Any]) -> None:
    """One observation into the jail."""
    channel.send(json.dumps(message).encode())


def receive(channel: Channel, timeout_s: float) -> Any:
    """The action that comes back; what is no JSON object with an action is None."""
    try:
        message = json.loads(channel.receive(timeout_s))
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or _is_deep(message, DEEPEST_ACTION):
        return None
    return message.get("action")


def _is_deep(value: Any, left: int) -> bool:
    """Is it nested so deeply that another process might fail to read what this one could?"""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left == 0 or any(_is_deep(each, left - 1) for each in inner)


_REFUSALS = {
    "not_onnx": words("ONNX 형식이 아닌 파일", "a file that is no valid ONNX model"),
    "functions": words(
        "함수 또는 학습 정보가 든 모델", "a model with functions or training information"
    ),
    "too_many_nodes": words("노드가 너무 많은 모델", "a model with too many nodes"),
    "domain": words("허용되지 않은 도메인", "a foreign operator domain"),
    "operator": words("허용되지 않은 연산자", "an operator that is not allowed"),
    "subgraph": words("하위 그래프가 있는 연산자", "an operator with a sub-graph"),
    "external_data": words("외부 자료를 가리키는 텐서", "a tensor with external data"),
}


def check_onnx(pool: WarmPool, content: bytes) -> None:
    """Does the model pass the allow-list? Checked inside the jail.

    Raises:
        SubmissionError: It does not.
        Unavailable: There is no jail here to check it in.
    """
    result = pool.run(
        _script("onnx_check.py"),
        files={"model.onnx": content},
        limits=Limits(wall_s=60, cpu_s=60),
        outputs=("check.json",),
    )
    if result.ending == Ending.UNAVAILABLE:
        raise Unavailable(
            words("격리 환경", "The sandbox"), reason=words("시작하지 못함", "it did not start")
        )
    try:
        verdict = json.loads(result.files["check.json"]) if result.ending == Ending.DONE else {}
        token, name = str(verdict["refused"]), str(verdict["name"])
    except (KeyError, ValueError, TypeError):
        token, name = "not_onnx", ""
    if token:
        said = _REFUSALS.get(token, _REFUSALS["not_onnx"])
        raise SubmissionError(
            words(
                f"model.onnx: {said.ko} {name}".strip(),
                f"{said.en} {name}".strip() + " in model.onnx",
            ),
            words(
                "허용 목록의 연산자만 쓰는 ONNX 모델",
                "an ONNX model of operators on the allow-list",
            ),
        )
