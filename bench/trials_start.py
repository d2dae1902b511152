"""How soon does the work start, and what does a whole trial take?

Processor time where the figure is the product's own; wall time where a person waits.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.table import Measurement
from bench.trial_aftermath import children
from bench.trial_storm import know_the_toys
from madang.kernel.jobs.worker import Claimed, Done
from madang.kernel.sandbox.probe import probe
from madang.kernel.words import words
from madang.trials.engine.office import Office
from madang.trials.engine.workspace import Workspace
from tests.trials import acts

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT = Path(__file__).parents[1]
_STARTS, _RUNS = 15, 12
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PARTS = (
    "registration: read, check, split, seal",
    "taking in five solutions, two of them made",
    "five runs on the board part",
    "final part: the runs again, comparison, decision",
    "report: HTML, PDF, JSON, signed",
)


def measure() -> list[Measurement]:
    """Help, the demonstration, one warm run."""
    return [*_help(), *_demonstration(), *_warm_onnx()]


def _help() -> list[Measurement]:
    madang = str(Path(sys.executable).with_name("madang"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "madang --help": [madang, "--help"],
        "madang trials --help": [madang, "trials", "--help"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(_STARTS):
        for name, command in commands.items():
            taken[name].append(_cpu_ms(command))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    beside = ", ".join(f"{name} {medians[name]:.0f} ms" for name in list(commands)[:2])
    return [
        Measurement(
            what=f"{name}, CPU",
            figure=f"{medians[name]:.0f} ms",
            peer=beside,
            goal="at most 120 ms",
            kept=medians[name] <= 120,
            how=f"median of {_STARTS}, in turns",
        )
        for name in list(commands)[2:]
    ]


def _cpu_ms(command: Sequence[str]) -> float:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return 1000 * (spent.ru_utime + spent.ru_stime)


def _demonstration() -> list[Measurement]:
    """`make demo` as a person sees it, its progress lines timed as they come."""
    if subprocess.run(["make", "-q", ".venv/.run"], cwd=_ROOT).returncode:
        return [Measurement(what="make demo", figure="the environment is not built")]
    started = time.monotonic()
    process = subprocess.Popen(
        ["make", "demo"],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MADANG_LANG": "en"},
    )
    marks: list[tuple[float, float]] = []
    assert process.stdout is not None
    for line in process.stdout:
        if re.match(r"[1-5]/5 ", line):
            marks.append((time.monotonic() - started, _tree_cpu_s(process.pid)))
    _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    whole = time.monotonic() - started, spent.ru_utime + spent.ru_stime
    assert process.returncode == 0
    assert len(marks) == len(_PARTS)
    return _demonstration_rows(marks, whole)


def _demonstration_rows(
    marks: Sequence[tuple[float, float]], whole: tuple[float, float]
) -> list[Measurement]:
    first_s, (wall_s, cpu_s) = marks[0][0], whole
    parts = [
        f"{name} {end[0] - start[0]:.1f} s ({end[1] - start[1]:.1f} s CPU)"
        for name, start, end in zip(_PARTS, marks, [*marks[1:], whole], strict=True)
    ]
    return [
        Measurement(
            what="`make demo` with the environment built: until the work starts",
            figure=f"{first_s:.1f} s",
            goal="within 3 s",
            kept=first_s <= 3,
            how="wall time to the first line of progress",
        ),
        Measurement(
            what="`make demo` with the environment built: whole",
            figure=f"{wall_s:.1f} s ({cpu_s:.1f} s CPU)",
            peer="; ".join(parts),
            goal="at most 60 s",
            kept=wall_s <= 60,
            how=f"once; load of the machine {os.getloadavg()[0]:.1f}; a jail's CPU counts once "
            "its keeper has buried it",
        ),
    ]


def _tree_cpu_s(pid: int) -> float:
    """What a process, its dead children and its living descendants have taken so far."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    own = sum(map(int, stat[11:15])) * _TICK_S
    return own + sum(_tree_cpu_s(child) for child in children(pid))


def _warm_onnx() -> list[Measurement]:
    """One ONNX model through the whole runner: decrypt, jail, check, release by the scorer."""
    if refusal := probe().refusal_text():
        return [Measurement(what="warm ONNX run", figure=refusal)]
    know_the_toys()
    text = acts.LINE_DEMAND.replace("submissions: 3", "submissions: 1000")
    with tempfile.TemporaryDirectory() as folder:
        with Office(Workspace(Path(folder) / "workspace")) as office:
            demand = acts.register_line(office, Path(folder), text=text)
            taken = [_one_run(office, demand, number) for number in range(_RUNS + 1)][1:]
    walls, jails = ([each[i] for each in taken] for i in (0, 1))
    return [
        Measurement(
            what="one ONNX model through the whole runner, jails waiting",
            figure=f"{statistics.median(walls):.0f} ms",
            peer=f"of it in the jail: {statistics.median(jails):.0f} ms",
            how=f"wall time, median of {_RUNS} after a first one; 60 cases; checks, jail, answers "
            "stored, release by the scorer",
        )
    ]


def _one_run(office: Office, demand: str, number: int) -> tuple[float, float]:
    """Milliseconds from the claim to the end, and those spent in the jail."""
    office.submit(
        demand,
        firm="firm",
        name=f"line_{number}",
        title=words("직선", "line"),
        tier="onnx",
        files={"model.onnx": _line_model(number)},
    )
    office.runner.pool.wait_ready()
    lease = office.proceedings.runs.claim("bench", lease_s=60)
    assert lease is not None
    started = time.perf_counter()
    outcome = office.runner.execute(Claimed(lease))
    taken_ms = 1000 * (time.perf_counter() - started)
    assert isinstance(outcome, Done), outcome
    office.proceedings.runs.finish(lease, outcome.result)
    return taken_ms, 1000 * float(outcome.result["exact"]["wall_s"])


def _line_model(number: int) -> bytes:
    """A line through the matrix of x and colour; the number makes each file another one."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = {
        "slope": np.array([[2.0], [0.0]], "float32"),
        "offset": np.array([1 + number / 1000], "float32"),
    }
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["inputs", "slope"], ["scaled"]),
            helper.make_node("Add", ["scaled", "offset"], ["predictions"]),
        ],
        "line",
        [helper.make_tensor_value_info("inputs", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("predictions", TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset: Any = [helper.make_opsetid("", 17)]
    return onnx.ModelProto.SerializeToString(
        helper.make_model(graph, opset_imports=opset, ir_version=9)
    )
