"""A script runs in a jail, gets what it was given, leaves what it declared, and is gone."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from madang.kernel.sandbox.cage import check_name
from madang.kernel.sandbox.channel import Over
from madang.kernel.sandbox.ending import Detail, Ending
from madang.kernel.sandbox.jail import Jail
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
            """
            import hashlib, jail
            with open("/job/in/x", "rb") as file:
                jail.report({"d": hashlib.sha256(file.read()).hexdigest()})
            """,
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

        script = b"import jail\nfor _ in range(3): jail.send(b'%d' % (10 * int(jail.receive())))"
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
            """
            import jail
            try:
                jail.receive()
            except OSError as fault:
                jail.report({"e": fault.errno})
            """
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
folders = ((folder, files) for folder, _, files in os.walk("/") if "gbsg2.csv" in files)
found = [os.path.join(folder, "gbsg2.csv") for folder, _ in folders]
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
            library = sysconfig.get_path("stdlib")
            beside = [f"{library}/{name}" for name in ("site-packages", "dist-packages")]
            seen = [os.listdir(folder) for folder in beside if os.path.isdir(folder)]
            jail.report({"seen": sum(seen, [])})
            """
        )

        assert result.report == {"seen": []}
