"""A script runs in a jail, gets what it was given, leaves what it declared, and is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from madang.kernel.sandbox.channel import Over
from madang.kernel.sandbox.ending import Detail, Ending
from madang.kernel.sandbox.groups import Groups, find
from madang.kernel.sandbox.jail import Jail, WarmPool, check_name
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.runtime import Runtime

pytestmark = pytest.mark.bwrap

BARE = Runtime(distributions=(), preload=())
QUICK = Limits(wall_s=20, memory_bytes=256 * MIB, processes=16)


class TestARun:
    def test_inputs_code_and_arguments_arrive_and_outputs_come_back(self, attempt):
        result = attempt(
            """
            import jail, sys
            import model.parts  # handed over as code
            rows = open(f"{jail.INPUTS}/deep/rows.csv").read()
            with open(f"{jail.OUTPUTS}/answer", "w") as file:
                file.write(model.parts.shout(rows) + ",".join(sys.argv[1:]))
            jail.report({"name": __name__})
            print("said")
            print("complained", file=sys.stderr)
            """,
            files={
                "deep/rows.csv": b"1;2;",
                "code/model/__init__.py": b"",
                "code/model/parts.py": b"def shout(text): return text + '!'",
            },
            arguments=["a", "b"],
            outputs=["answer"],
        )

        assert result.ending is Ending.DONE
        assert result.files == {"answer": b"1;2;!a,b"}
        assert result.report == {"name": "__main__"}
        assert (result.stdout, result.stderr) == (b"said\n", b"complained\n")
        assert (result.exit_code, result.signal, result.warm) == (0, None, False)
        assert 0 < result.wall_s < 20
        assert 0 < result.cpu_s < 10
        assert result.memory_peak_bytes > 1 << 20

    @pytest.mark.parametrize(
        ("script", "ending", "code"),
        [
            ("raise SystemExit", Ending.DONE, 0),
            ("raise SystemExit(3)", Ending.CRASH, 3),
            ("exit('sorry')", Ending.CRASH, 1),
            ("1/0", Ending.CRASH, 1),
            ("def", Ending.CRASH, 1),
            ("import numpy", Ending.CRASH, 1),
            ("open('/x', 'w')", Ending.FORBIDDEN, 117),
            ("import os; os._exit(117)", Ending.FORBIDDEN, 117),
        ],
    )
    def test_the_way_it_leaves_is_told(self, attempt, script, ending, code):
        result = attempt(script)

        assert (result.ending, result.exit_code) == (ending, code)

    def test_a_deadly_signal_is_told(self, attempt):
        result = attempt("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")

        assert (result.ending, result.detail) == (Ending.CRASH, Detail.SIGNAL)
        assert result.signal == signal.SIGSEGV

    def test_a_traceback_names_the_script_and_not_the_jail(self, attempt):
        result = attempt("def answer():\n    return 1 / 0\nanswer()")

        assert b'"/job/code/__main__.py", line 2, in answer' in result.stderr
        assert b"run_script" not in result.stderr

    def test_threads_and_exit_functions_finish_as_usual(self, attempt):
        result = attempt(
            """
            import atexit, threading, time
            def late():
                time.sleep(0.05)
                open("/job/out/thread", "w").close()
            threading.Thread(target=late).start()
            atexit.register(lambda: open("/job/out/exit", "w").close())
            """,
            outputs=["thread", "exit"],
        )

        assert result.ending is Ending.DONE

    def test_the_same_input_gives_the_same_bytes(self, attempt):
        script = """
            import random
            words = {"alpha", "beta", "gamma", "delta"}
            open("/job/out/a", "w").write(repr((words, random.Random(1).random(), hash("x"))))
            """
        first, second = (attempt(script, outputs=["a"]).files["a"] for _ in range(2))

        assert first == second

    def test_inputs_larger_than_scratch_still_fit(self, attempt):
        content = os.urandom(20 * MIB)
        result = attempt(
            "import hashlib, jail; jail.report({'d': hashlib.sha256(open('/job/in/x', 'rb').read()).hexdigest()})",
            files={"x": content},
            scratch_bytes=1 * MIB,
        )

        import hashlib

        assert result.report == {"d": hashlib.sha256(content).hexdigest()}

    def test_failed_runs_hand_out_no_files(self, attempt):
        result = attempt("open('/job/out/a', 'w').write('x'); 1/0", outputs=["a"])

        assert result.ending is Ending.CRASH
        assert result.files == {}

    @pytest.mark.parametrize(
        "name", ["", "/etc/x", "../x", "a/../b", "a//b", "a/", ".", "x" * 201, "a\0b"]
    )
    def test_names_are_plain(self, jail, name):
        with pytest.raises(ValueError, match="plain relative path"):
            jail.run(b"", files={name: b""})
        with pytest.raises(ValueError, match="plain relative path"):
            check_name(name)


class TestConversation:
    def test_both_sides_speak_in_turn(self, jail):
        heard = []

        def converse(channel):
            for number in range(3):
                channel.send(json.dumps(number).encode())
                heard.append(json.loads(channel.receive(10)))

        script = b"import jail, json\nfor _ in range(3): jail.send(json.dumps(json.loads(jail.receive()) * 10).encode())"
        result = jail.run(script, limits=QUICK, converse=converse)

        assert heard == [0, 10, 20]
        assert result.ending is Ending.DONE

    def test_a_script_that_dies_ends_the_conversation(self, jail):
        result = jail.run(b"1/0", limits=QUICK, converse=lambda channel: channel.receive(20))

        assert result.ending is Ending.CRASH

    def test_a_script_that_leaves_early_has_merely_ended(self, jail):
        with_missing = jail.run(
            b"", limits=QUICK, outputs=["a"], converse=lambda channel: channel.receive(20)
        )

        assert with_missing.ending is Ending.OUTPUT_MISSING

    def test_a_silent_script_is_cut(self, jail):
        result = jail.run(
            b"import time; time.sleep(1000)",
            limits=QUICK,
            converse=lambda channel: channel.receive(0.2),
        )

        assert (result.ending, result.detail) == (Ending.TIMEOUT, Detail.CONVERSATION)
        assert result.wall_s < 5

    def test_a_monstrous_message_is_cut(self, jail):
        result = jail.run(
            b"import os, time; os.write(6, b'\\xff' * 8); time.sleep(1000)",
            limits=QUICK,
            converse=lambda channel: channel.receive(20),
        )

        assert (result.ending, result.detail) == (Ending.OUTPUT_INVALID, Detail.MESSAGE)

    def test_the_wall_limit_holds_during_a_conversation(self, jail):
        result = jail.run(
            b"import time; time.sleep(1000)",
            limits=Limits(wall_s=0.3),
            converse=lambda channel: channel.receive(60),
        )

        assert (result.ending, result.detail) == (Ending.TIMEOUT, Detail.WALL)

    def test_what_the_caller_raises_is_raised_when_the_jail_is_dead(self, jail):
        class Odd(Exception):
            pass

        def converse(channel):
            channel.receive(20)
            raise Odd

        started = time.monotonic()
        with pytest.raises(Odd):
            jail.run(
                b"import jail, time; jail.send(b'x'); time.sleep(1000)",
                limits=QUICK,
                converse=converse,
            )
        assert time.monotonic() - started < 10

    def test_a_run_without_conversation_has_no_channel(self, attempt):
        result = attempt(
            "import jail\ntry: jail.receive()\nexcept OSError as fault: jail.report({'e': fault.errno})"
        )

        assert result.report == {"e": 9}

    def test_a_caller_may_notice_the_end_itself(self, jail):
        seen = []

        def converse(channel):
            try:
                channel.receive(20)
            except Over:
                seen.append("over")

        assert jail.run(b"", limits=QUICK, converse=converse).ending is Ending.DONE
        assert seen == ["over"]


class TestTheMask:
    HUNT = b"""
import jail, os
found = [os.path.join(folder, f) for folder, _, files in os.walk("/") if not folder.startswith("/proc") for f in files if f == "gbsg2.csv"]
jail.report({"found": found, "bytes": sum(os.path.getsize(f) for f in found)})
"""

    def test_data_inside_a_package_of_the_product_are_not_there(self):
        runtime = Runtime(preload=())
        with Jail(runtime=runtime) as jail:
            result = jail.run(self.HUNT, limits=QUICK)

        assert result.ending is Ending.DONE
        assert result.report == {"found": [], "bytes": 0}
        assert "numpy" in runtime.packages()

    def test_the_same_hunt_succeeds_where_the_mask_is_taken_away(self):
        with Jail(runtime=Runtime(preload=(), whole_environment=True)) as jail:
            result = jail.run(self.HUNT, limits=QUICK)

        assert [Path(each).parts[-3:] for each in result.report["found"]] == [
            ("lifelines", "datasets", "gbsg2.csv")
        ]
        assert result.report["bytes"] > 10_000

    def test_packages_beside_the_interpreter_are_covered(self, attempt):
        result = attempt(
            """
            import jail, os, sysconfig
            beside = [os.path.join(sysconfig.get_path("stdlib"), name) for name in ("site-packages", "dist-packages")]
            jail.report({"seen": [name for folder in beside if os.path.isdir(folder) for name in os.listdir(folder)]})
            """
        )

        assert result.report == {"seen": []}


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
jail.report({
    "names": [hasattr(json, "stained"), hasattr(builtins, "stained"), hasattr(sys, "stained"), "STAINED" in os.environ, "/stained" in sys.path],
    "files": [p for folder in ("/job", "/dev/shm") for p in glob.glob(folder + "/**", recursive=True) if os.path.isfile(p)],
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


class TestWithoutGroups:
    """The same promises where only per-process limits exist."""

    @pytest.fixture
    def bare(self):
        with Jail(runtime=BARE, bounds=Groups(kind="rlimits")) as jail:
            yield lambda script, **limits: jail.run(
                script, limits=Limits(**{"wall_s": 20, **limits})
            )

    def test_the_record_says_so(self, bare):
        result = bare(b"print(1)")

        assert (result.ending, result.cgroup) == (Ending.DONE, "rlimits")
        assert result.cpu_s > 0
        assert result.memory_peak_bytes > 1 << 20

    def test_one_process_cannot_hoard(self, bare):
        result = bare(b"x = bytearray(1 << 30)", memory_bytes=128 * MIB)

        assert result.ending is Ending.MEMORY

    def test_many_processes_cannot_hoard_together(self, bare):
        script = b"""
import os, time
for _ in range(6):
    if os.fork() == 0:
        x = bytearray(50 << 20)
        for i in range(0, len(x), 4096): x[i] = 1
        time.sleep(1000)
os.wait()
"""
        result = bare(script, memory_bytes=128 * MIB)

        assert (result.ending, result.detail) == (Ending.MEMORY, Detail.KILLED_FOR_MEMORY)

    @pytest.mark.parametrize("name", ["memfd_create", "shmget"])
    def test_memory_that_belongs_to_no_process_is_refused(self, bare, name):
        script = f"""
import ctypes, errno, jail
libc = ctypes.CDLL(None, use_errno=True)
libc.memfd_create(b"x", 0) if {name!r} == "memfd_create" else libc.shmget(0, 4096, 0o1600)
jail.report({{"error": errno.errorcode[ctypes.get_errno()]}})
"""
        assert bare(script.encode()).report == {"error": "ENOSYS"}

    def test_processor_time_of_many_is_added(self, bare):
        result = bare(b"import os\nfor _ in range(3): os.fork()\nwhile True: pass", cpu_s=0.5)

        assert (result.ending, result.detail) == (Ending.TIMEOUT, Detail.CPU)

    @pytest.mark.skipif(
        tuple(int(each) for each in os.uname().release.split(".")[:2]) < (5, 14),
        reason="older kernels count a user's processes over all namespaces",
    )
    def test_processes_are_bounded(self, bare):
        script = b"import jail, os, time\nn = 0\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(1000)\n        n += 1\nexcept OSError: jail.report({'n': n})"

        assert 1 <= bare(script, processes=8).report["n"] <= 8


class TestThePlatform:
    def test_a_jail_that_cannot_start_is_the_platforms_fault(self, caplog):
        with Jail(runtime=Runtime(distributions=(), preload=(), also=("/nonexistent",))) as jail:
            result = jail.run(b"")

        assert (result.ending, result.detail) == (Ending.UNAVAILABLE, Detail.START_FAILED)
        assert caplog.records

    def test_the_death_of_the_gate_is_the_platforms_fault_and_heals(self):
        with Jail(runtime=BARE) as jail:

            def converse(channel):
                channel.receive(20)
                jail._warden._gate.kill()
                channel.receive(20)

            lost = jail.run(
                b"import jail, time; jail.send(b'x'); time.sleep(1000)",
                limits=QUICK,
                converse=converse,
            )
            after = jail.run(b"")

        assert (lost.ending, lost.detail) == (Ending.UNAVAILABLE, Detail.LOST)
        assert after.ending is Ending.DONE

    def test_the_death_of_the_first_process_after_delivery_is_the_runs_own_fault(self, jail):
        def converse(channel):
            channel.receive(20)
            children = [
                p for p in Path("/proc").glob("[0-9]*") if b"\0--as-pid-1\0" in read(p / "cmdline")
            ]
            for child in children:
                if descends(int(child.name), os.getpid()):
                    os.kill(int(child.name), signal.SIGKILL)
            channel.receive(20)

        result = jail.run(
            b"import jail, time; jail.send(b'x'); time.sleep(1000)",
            limits=QUICK,
            converse=converse,
        )

        assert (result.ending, result.detail) == (Ending.CRASH, Detail.JAIL_BROKEN)

    def test_the_process_inside_is_nobody_outside(self, jail):
        cell = jail.start(scratch_bytes=MIB, inputs_bytes=MIB)
        try:
            cell.wait_ready()
            status = Path(f"/proc/{cell.init_pid}/status").read_text()
        finally:
            cell.close()

        outside = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        assert set(outside) == {str(cell.outer_uid)}
        assert cell.outer_uid == (os.geteuid() or 65534)
        assert not alive(cell.init_pid)

    def test_a_forked_process_starts_its_own_gate(self, jail):
        jail.run(b"")
        gate = jail._warden._gate.pid
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                ended = jail.run(b"").ending
                os.write(writing, f"{ended} {jail._warden._gate.pid}".encode())
                jail.close()
                code = 0
            finally:
                os._exit(code)
        os.waitpid(child, 0)
        ending, theirs = os.read(reading, 100).decode().split()
        os.close(reading)
        os.close(writing)

        assert ending == "done"
        assert int(theirs) != gate
        assert jail.run(b"").ending is Ending.DONE

    def test_nothing_survives_the_sudden_death_of_the_owner(self, tmp_path):
        script = """
            import os, sys
            from madang.kernel.sandbox.jail import WarmPool
            from madang.kernel.sandbox.runtime import Runtime
            pool = WarmPool(runtime=Runtime(distributions=(), preload=()), size=2)
            pool.wait_ready()
            print(pool._warden._gate.pid, *(cell.init_pid for cell in pool._waiting), flush=True)
            sys.stdin.read()
            """
        owner = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        pids = [int(each) for each in owner.stdout.readline().split()]
        owner.kill()
        owner.communicate()
        deadline = time.monotonic() + 10
        while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.02)
        find().sweep()

        assert len(pids) == 3
        assert not any(alive(pid) for pid in pids)
        assert not [p for p in Path("/sys/fs/cgroup").glob(f"**/madang-*-{owner.pid}-*")]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    return b") Z" not in (read(Path(f"/proc/{pid}/stat")) or b") Z")


def descends(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        stat = read(Path(f"/proc/{pid}/stat"))
        pid = int(stat.rpartition(b")")[2].split()[1]) if stat else 0
    return False
