"""Jails started ahead serve one run each and hand nothing on."""

from __future__ import annotations

import os
import signal

import pytest

from madang.kernel.sandbox.ending import Ending
from madang.kernel.sandbox.jail import WarmPool
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.runtime import Runtime

pytestmark = pytest.mark.bwrap

BARE = Runtime(distributions=(), preload=())
QUICK = Limits(wall_s=20, memory_bytes=256 * MIB, processes=16)


class TestWarmPool:
    def test_a_waiting_jail_is_used_once_and_replaced(self):
        with WarmPool(runtime=BARE, size=2) as pool:
            pool.wait_ready()
            results = [
                pool.run(
                    b"import os, jail; jail.report({'n': os.stat('/proc/self/ns/pid').st_ino})"
                )
                for _ in range(3)
            ]

            assert len(pool._waiting) == 2
        assert all(each.warm and each.ending is Ending.DONE for each in results)
        assert len({each.report["n"] for each in results}) == 3

    def test_no_run_leaves_anything_to_the_next(self):
        """Module globals, builtins, environment, files, shared memory and processes."""
        dirty = b"""
import builtins, json, os, sys, time
json.stained = builtins.stained = sys.stained = True
json.dumps = lambda *_: "stained"
os.environ["STAINED"] = "1"
sys.path.append("/stained")
for path in ("/job/tmp/s", "/dev/shm/s", "/job/in/s", "/job/code/s.py", "/job/s", "/job/out/s"):
    open(path, "w").write("stained")
if os.fork() == 0:
    os.setsid()
    while True: time.sleep(1)
"""
        clean = b"""
import builtins, glob, jail, json, os, sys
names = [hasattr(each, "stained") for each in (json, builtins, sys)]
places = [*glob.glob("/job/**", recursive=True), *glob.glob("/dev/shm/*")]
jail.report({
    "names": [*names, "STAINED" in os.environ, "/stained" in sys.path],
    "files": [path for path in places if os.path.isfile(path)],
    "processes": sorted(int(n) for n in os.listdir("/proc") if n.isdigit())[1:] != [os.getpid()],
})
"""
        with WarmPool(runtime=BARE, size=1) as pool:
            first, second = pool.run(dirty), pool.run(clean)

        assert first.ending is Ending.DONE
        assert second.warm
        assert second.report == {
            "names": [False] * 5,
            "files": ["/job/code/__main__.py"],
            "processes": False,
        }

    def test_a_run_of_another_shape_gets_a_fresh_jail(self):
        with WarmPool(runtime=BARE, size=1) as pool:
            large = pool.run(b"", limits=Limits(scratch_bytes=300 * MIB))
            heavy = pool.run(b"", files={"x": bytes(65 * MIB)})

        assert (large.warm, large.ending) == (False, Ending.DONE)
        assert (heavy.warm, heavy.ending) == (False, Ending.DONE)

    def test_a_jail_that_died_while_waiting_is_passed_over(self):
        with WarmPool(runtime=BARE, size=2) as pool:
            pool.wait_ready()
            os.kill(pool._waiting[0].init_pid, signal.SIGKILL)
            result = pool.run(b"")

        assert (result.ending, result.warm) == (Ending.DONE, True)

    def test_the_limits_of_the_run_hold_in_a_jail_started_before(self):
        with WarmPool(runtime=BARE, size=1) as pool:
            memory = pool.run(
                b"x = bytearray(1 << 29)\nfor i in range(0, 1 << 29, 4096): x[i] = 1",
                limits=Limits(memory_bytes=64 * MIB),
            )
            wall = pool.run(b"import time; time.sleep(99)", limits=Limits(wall_s=0.3))

        assert (memory.ending, memory.warm) == (Ending.MEMORY, True)
        assert (wall.ending, wall.warm) == (Ending.TIMEOUT, True)

    def test_a_model_is_answered_with_the_libraries_that_wait(self):
        onnx = pytest.importorskip("onnx")
        node = onnx.helper.make_node("Mul", ["x", "x"], ["y"])
        ends = [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None])
            for name in "xy"
        ]
        graph = onnx.helper.make_graph([node], "square", ends[:1], ends[1:])
        model = onnx.helper.make_model(
            graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
        )
        script = b"""
import sys
warm = "onnxruntime" in sys.modules and "numpy" in sys.modules
import jail, numpy, onnxruntime
session = onnxruntime.InferenceSession(f"{jail.INPUTS}/m.onnx", providers=["CPUExecutionProvider"])
answer = session.run(None, {"x": numpy.array([1, 2, 3], "float32")})[0]
jail.report({"warm": warm, "answer": answer.tolist()})
"""
        with WarmPool(size=1) as pool:
            pool.wait_ready()
            ready = pool._waiting[0].ready
            result = pool.run(script, files={"m.onnx": model.SerializeToString()})

        assert result.report == {"warm": True, "answer": [1.0, 4.0, 9.0]}
        assert ready["preloaded"] == ["numpy", "onnxruntime"]
        assert ready["threads"] == 1  # a thread would not survive the fork
