"""Whose fault it was, who really runs, and what remains where no control group can be made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from madang.kernel.sandbox import warden
from madang.kernel.sandbox.ending import Detail, Ending
from madang.kernel.sandbox.groups import Groups, find
from madang.kernel.sandbox.jail import Jail
from madang.kernel.sandbox.limits import MIB, Limits
from madang.kernel.sandbox.runtime import Runtime
from tests.kernel.sandbox.jail_traces import alive, jailed

pytestmark = pytest.mark.bwrap

BARE = Runtime(distributions=(), preload=())
QUICK = Limits(wall_s=20, memory_bytes=256 * MIB, processes=16)


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

    def test_a_daemon_left_behind_is_ended_and_counted_before_anything_leaves(self, bare):
        script = b"""
import os, time
reading, writing = os.pipe()
if os.fork() == 0:
    while time.process_time() < 0.3:
        pass
    os.write(writing, b".")
    time.sleep(1000)
os.read(reading, 1)
"""
        result = bare(script)

        assert result.ending is Ending.DONE
        assert result.cpu_s > 0.25

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
        script = b"""
import jail, os, time
count = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(1000)
        count += 1
except OSError:
    jail.report({"n": count})
"""

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

    def test_the_death_of_the_jail_after_delivery_is_the_runs_own_fault(self, jail):
        def converse(channel):
            channel.receive(20)
            os.kill(min(jailed()), signal.SIGKILL)  # bubblewrap itself
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

    def test_an_interrupt_at_our_terminal_is_not_for_the_jails(self, jail):
        jail.run(b"")

        assert os.getsid(jail._warden._gate.pid) != os.getsid(0)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can start jails as root")
    def test_a_jail_whose_process_is_root_outside_is_refused(self, monkeypatch):
        monkeypatch.setattr(warden, "unprivileged", lambda: (0, 0))
        with Jail(runtime=BARE) as jail:
            result = jail.run(b"")

        assert (result.ending, result.detail) == (Ending.UNAVAILABLE, Detail.START_FAILED)

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

    def test_nothing_survives_the_sudden_death_of_the_owner(self):
        script = """
            import os, sys, time
            from madang.kernel.sandbox.jail import WarmPool
            from madang.kernel.sandbox.runtime import Runtime
            pool = WarmPool(runtime=Runtime(distributions=(), preload=()), size=2)
            pool.wait_ready()
            heir = os.fork()  # holds every descriptor of the owner
            if heir == 0:
                time.sleep(60)
            jails = [cell.init_pid for cell in pool._waiting]
            print(heir, pool._warden._gate.pid, *jails, flush=True)
            sys.stdin.read()
            """
        owner = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with owner, owner.stdin, owner.stdout:
            heir, *pids = (int(each) for each in owner.stdout.readline().split())
            owner.kill()
        deadline = time.monotonic() + 10
        while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(heir, signal.SIGKILL)
        find().sweep()

        assert len(pids) == 3
        assert not any(alive(pid) for pid in pids)
        assert not list(Path("/sys/fs/cgroup").glob(f"**/madang-*-{owner.pid}-*"))
