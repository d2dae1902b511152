"""What does the jail cost: its walls, and what a warm start saves?

Wall time, medians, every figure taken in turns with its peer: a start is mostly waiting for
the kernel, which processor time would not show. On a machine that is busy with other things the
figures grow with its load, bare and jailed alike.
"""

from __future__ import annotations

import os
import select
import statistics
import time
from contextlib import closing
from typing import TYPE_CHECKING

from bench.table import Measurement
from madang.kernel.sandbox.ending import Ending
from madang.kernel.sandbox.jail import Jail, WarmPool
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable

TRUE = "/usr/bin/true"
LIMITS = Limits(wall_s=60)
STARTS, RUNS = 60, 12
GOAL_MS = 10

PREDICT = b"""
import jail, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
path, providers = f"{jail.INPUTS}/model.onnx", ["CPUExecutionProvider"]
session = onnxruntime.InferenceSession(path, options, providers=providers)
answer = session.run(None, {"x": numpy.ones((10, 20), "float32")})[0]
numpy.save(f"{jail.OUTPUTS}/answer.npy", answer)
"""


def milliseconds(act: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def interleaved(acts: dict[str, Callable[[], object]], runs: int) -> dict[str, list[float]]:
    """Milliseconds of each act, taken in turns."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(runs):
        for name, act in acts.items():
            taken[name].append(milliseconds(act))
    return taken


def bare() -> None:
    """Start `/usr/bin/true` and wait for its end."""
    os.waitpid(os.posix_spawn(TRUE, [TRUE], {}), 0)


def jailed(jail: Jail) -> None:
    """The same in a jail: group, namespaces, filter, end, and every trace removed."""
    with closing(jail.start(scratch_bytes=MIB, inputs_bytes=MIB, command=[TRUE])) as cell:
        select.select([cell.bubblewrap_fd], [], [])


def figure(values: list[float]) -> str:
    """Median and 95th percentile."""
    ninety_five = statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    return f"{statistics.median(values):.1f} ms (p95 {ninety_five:.1f})"


def walls() -> list[Measurement]:
    """The jail around a program that does nothing."""
    with (
        Jail(runtime=Runtime(distributions=(), also=(TRUE,))) as small,
        Jail(runtime=Runtime(also=(TRUE,))) as full,
    ):
        jailed(small), jailed(full)
        taken = interleaved(
            {"bare": bare, "small": lambda: jailed(small), "full": lambda: jailed(full)}, STARTS
        )
        kind = small.bounds.kind
    load = f"{os.getloadavg()[0]:.1f}"
    rows = []
    for name, what, goal in (
        ("small", "interpreter and system libraries bound", GOAL_MS),
        ("full", "all runtime packages bound, entry by entry", None),
    ):
        added = statistics.median(taken[name]) - statistics.median(taken["bare"])
        rows.append(
            Measurement(
                what=f"jail around {TRUE}, {what}",
                figure=f"adds {added:.1f} ms; whole {figure(taken[name])}",
                peer=f"bare {figure(taken['bare'])}",
                goal=f"adds ≤ {goal} ms median" if goal else "",
                kept=added <= goal if goal else None,
                how=f"{STARTS} starts in turns; {kind} group made and removed; load {load}",
            )
        )
    return rows


def model() -> bytes:
    """A logistic model of 20 columns as ONNX."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper

    weights = np.random.default_rng(0).normal(size=(20, 1)).astype("float32")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["y"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width])
        for name, width in (("x", 20), ("y", 1))
    ]
    graph = helper.make_graph(
        nodes, "logistic", ends[:1], ends[1:], [onnx.numpy_helper.from_array(weights, "w")]
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return made.SerializeToString()


def predict(jail: Jail, content: bytes) -> None:
    """Hand over a model and wait for its first prediction."""
    result = jail.run(
        PREDICT, files={"model.onnx": content}, outputs=["answer.npy"], limits=LIMITS
    )
    assert result.ending is Ending.DONE, result


def onnx_start() -> list[Measurement]:
    """From handing over an ONNX model to its first prediction returned."""
    content = model()
    warm, cold = [], []
    with WarmPool(size=1) as pool, Jail() as jail:
        for _ in range(RUNS):
            pool.wait_ready()
            warm.append(milliseconds(lambda: predict(pool, content)))
            pool.wait_ready()
            cold.append(milliseconds(lambda: predict(jail, content)))
    return [
        Measurement(
            what="ONNX model handed over → first prediction returned, warm",
            figure=figure(warm),
            peer=f"cold {figure(cold)}",
            goal="≤ 50 ms",
            kept=statistics.median(warm) <= 50,
            how=f"{RUNS} in turns; the jail's end is within the time, its preparation is not; "
            f"load {os.getloadavg()[0]:.1f}",
        )
    ]


def imports() -> list[Measurement]:
    """A script that imports a library, cold and warm."""
    rows = []
    for name in ("numpy", "onnxruntime", "sklearn.linear_model"):
        script = f"import {name}".encode()
        warm, cold = [], []
        with WarmPool(runtime=Runtime(preload=(name,)), size=1) as pool, Jail() as jail:
            for _ in range(RUNS // 2):
                pool.wait_ready()
                warm.append(milliseconds(lambda: pool.run(script)))  # noqa: B023 - called at once
                pool.wait_ready()
                cold.append(milliseconds(lambda: jail.run(script)))  # noqa: B023
        rows.append(
            Measurement(
                what=f"a script that imports {name}, warm",
                figure=figure(warm),
                peer=f"cold {figure(cold)}",
                how=f"{RUNS // 2} in turns; load {os.getloadavg()[0]:.1f}",
            )
        )
    return rows


def measure() -> list[Measurement]:
    """The table of the jail."""
    return [*walls(), *onnx_start(), *imports()]
