"""A hostile script that takes too much, or leaves what it must not: every way has its end."""

from __future__ import annotations

import time

import pytest

from madang.kernel.sandbox.ending import Detail, Ending
from madang.kernel.sandbox.limits import MIB
from tests.kernel.sandbox.jail_traces import leftovers

pytestmark = pytest.mark.bwrap


class TestTime:
    def test_an_endless_sleep_ends_at_the_wall_limit(self, attempt):
        started = time.monotonic()
        result = attempt("import time\nwhile True: time.sleep(1000)", wall_s=0.5)

        assert (result.ending, result.detail) == (Ending.TIMEOUT, Detail.WALL)
        assert 0.5 <= result.wall_s < 5
        assert time.monotonic() - started < 10
        assert not leftovers()

    def test_ignored_signals_and_daemons_do_not_outlive_the_wall_limit(self, attempt):
        result = attempt(
            """
            import os, signal, time
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            for _ in range(3):
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        break
                    os._exit(0)
            while True:
                time.sleep(1000)
            """,
            wall_s=0.6,
        )

        assert result.ending is Ending.TIMEOUT
        assert not leftovers()

    def test_an_endless_loop_ends_at_the_processor_limit(self, attempt):
        result = attempt("while True: pass", cpu_s=0.3)

        assert (result.ending, result.detail) == (Ending.TIMEOUT, Detail.CPU)
        assert result.wall_s < 10

    def test_a_daemon_left_behind_dies_with_the_run(self, attempt):
        result = attempt(
            """
            import os, time
            if os.fork() == 0:
                os.setsid()
                while True:
                    time.sleep(1000)
            open("/job/out/done", "w").close()
            """,
            outputs=["done"],
        )

        assert result.ending is Ending.DONE
        assert not leftovers()


class TestMemory:
    @pytest.mark.parametrize(
        "bomb",
        [
            "hoard = bytearray(1 << 33)\nfor i in range(0, len(hoard), 4096): hoard[i] = 1",
            "import mmap\nm = mmap.mmap(-1, 1 << 32)\nfor i in range(0, 1 << 32, 4096): m[i] = 1",
            "import os\nfor _ in range(8):\n    if os.fork() == 0: break\n"
            "hoard = bytearray(1 << 29)\n"
            "for i in range(0, len(hoard), 4096): hoard[i] = 1\nos.wait()",
        ],
        ids=["one process", "mapping", "ten processes"],
    )
    def test_a_hoard_ends_the_run(self, attempt, bomb):
        result = attempt(bomb, memory_bytes=96 * MIB)

        assert result.ending is Ending.MEMORY
        assert not leftovers()

    def test_files_in_memory_count_too(self, attempt):
        result = attempt(
            """
            import os
            kept = []
            while True:
                kept.append(os.memfd_create("x"))
                for _ in range(3):
                    os.write(kept[-1], bytes(1 << 20))
            """,
            memory_bytes=64 * MIB,
        )

        # Where nothing counts them, they cannot be made at all.
        expected = Ending.CRASH if result.cgroup == "rlimits" else Ending.MEMORY
        assert result.ending is expected

    def test_an_impossible_request_is_a_matter_of_memory(self, attempt):
        result = attempt("bytearray(1 << 62)")

        assert (result.ending, result.detail) == (Ending.MEMORY, Detail.ALLOCATION_REFUSED)


class TestProcesses:
    def test_a_fork_bomb_stays_within_its_bounds(self, attempt):
        result = attempt(
            """
            import os
            while True:
                try:
                    os.fork()
                except OSError:
                    pass
            """,
            wall_s=1.0,
            processes=16,
        )

        assert result.ending is Ending.TIMEOUT
        assert not leftovers()

    def test_a_thread_bomb_stays_within_its_bounds(self, attempt):
        result = attempt(
            """
            import jail, threading, time
            count = 0
            try:
                while True:
                    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
                    count += 1
            except RuntimeError:
                jail.report({"count": count})
            """,
            processes=16,
        )

        assert result.ending is Ending.DONE
        assert 1 <= result.report["count"] <= 16


class TestSpace:
    def test_scratch_has_an_end(self, attempt):
        result = attempt(
            """
            for number in range(100):
                with open(f"/job/tmp/{number}", "wb") as file:
                    file.write(bytes(1 << 20))
            """,
            scratch_bytes=8 * MIB,
        )

        assert (result.ending, result.detail) == (Ending.OUTPUT_TOO_LARGE, Detail.SCRATCH_FULL)

    @pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", "/job/in"])
    def test_every_other_writable_place_has_one_too(self, attempt, folder):
        result = attempt(
            f"""
            import os
            for number in range(100):
                with open(f"{folder}/{{number}}", "wb") as file:
                    file.write(bytes(1 << 20))
            """,
            scratch_bytes=8 * MIB,
        )

        assert result.detail is Detail.SCRATCH_FULL

    @pytest.mark.parametrize(
        "write",
        [
            "file.write(bytes(4 << 20)); file.write(b'x')",
            "file.truncate(1 << 40)",
            "file.seek(1 << 40); file.write(b'x')",
        ],
        ids=["long", "sparse by size", "sparse by seek"],
    )
    def test_a_file_has_a_largest_size(self, attempt, write):
        result = attempt(
            f"with open('/job/out/a', 'wb', buffering=0) as file: {write}", outputs=["a"]
        )

        assert (result.ending, result.detail) == (Ending.OUTPUT_TOO_LARGE, Detail.FILE_LIMIT)

    def test_a_flood_of_output_is_drained_and_cut(self, attempt):
        result = attempt(
            """
            import os
            for _ in range(300):
                os.write(1, b"o" * 100_000)
                os.write(2, b"e" * 100_000)
            """,
            log_bytes=1000,
        )

        assert result.ending is Ending.DONE
        assert (result.stdout, result.stderr) == (b"o" * 1000, b"e" * 1000)


class TestOutputs:
    @pytest.mark.parametrize(
        ("make", "detail"),
        [
            ("os.symlink('/etc/ld.so.cache', '/job/out/a')", Detail.NOT_REGULAR),
            ("os.symlink('/job/in', '/job/out/a')", Detail.NOT_REGULAR),
            ("os.mkfifo('/job/out/a')", Detail.NOT_REGULAR),
            ("os.mkdir('/job/out/a')", Detail.NOT_REGULAR),
            ("open('/job/out/a', 'w').close(); os.mkfifo('/job/out/b')", Detail.NOT_REGULAR),
            (
                "open('/job/out/a', 'w').close(); open(b'/job/out/\\xff\\xfe', 'w').close()",
                Detail.NAME,
            ),
            (
                "os.rename('/job/out', '/job/elsewhere'); os.symlink('/job/in', '/job/out')",
                Detail.NOT_REGULAR,
            ),
            ("open('/job/out/a', 'w').close(); os.chmod('/job/out', 0)", Detail.NOT_REGULAR),
            ("[open(f'/job/out/{i}', 'w').close() for i in range(5000)]", Detail.COUNT),
        ],
        ids=[
            "link",
            "link to folder",
            "fifo",
            "folder",
            "fifo beside",
            "name",
            "folder swapped",
            "closed",
            "many",
        ],
    )
    def test_anything_but_plain_files_is_invalid(self, attempt, make, detail):
        result = attempt(f"import os; {make}", outputs=["a"])

        assert (result.ending, result.detail) == (Ending.OUTPUT_INVALID, detail)
        assert result.files == {}

    def test_a_device_cannot_even_be_made(self, attempt):
        result = attempt(
            "import os, stat; os.mknod('/job/out/a', 0o600 | stat.S_IFBLK, os.makedev(8, 0))"
        )

        assert result.ending is Ending.FORBIDDEN

    def test_all_outputs_together_have_a_largest_size(self, attempt):
        result = attempt(
            "[open(f'/job/out/{name}', 'wb').write(bytes(600_000)) for name in 'ab']",
            outputs=["a", "b"],
        )

        assert (result.ending, result.detail) == (Ending.OUTPUT_TOO_LARGE, Detail.TOTAL)

    def test_a_missing_one_is_named_by_its_ending(self, attempt):
        assert attempt("pass", outputs=["a"]).ending is Ending.OUTPUT_MISSING

    def test_undeclared_ones_stay_inside(self, attempt):
        result = attempt(
            "[open(f'/job/out/{name}', 'w').write(name) for name in 'abc']",
            outputs=["a"],
            optional=["b", "d"],
        )

        assert result.files == {"a": b"a", "b": b"b"}

    @pytest.mark.parametrize(
        "write",
        [
            "open('/job/report.json', 'w').write('[' * 4000)",
            "open('/job/report.json', 'w').write('[1]')",
            "open('/job/report.json', 'w').write('{\"a\": \"' + 'x' * 5000 + '\"}')",
            "open('/job/report.json', 'wb').write(b'\\xff')",
            "import os; os.symlink('/etc/ld.so.cache', '/job/report.json')",
            "import os; os.mkfifo('/job/report.json')",
        ],
        ids=["deep", "list", "long", "not text", "link", "fifo"],
    )
    def test_an_unreadable_report_is_no_report(self, attempt, write):
        result = attempt(write)

        assert result.ending is Ending.DONE
        assert result.report == {}
