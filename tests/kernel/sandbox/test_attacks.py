"""What a hostile script may try, and what becomes of it. Every class of the field notes has its test."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from madang.kernel.sandbox.ending import Detail, Ending
from madang.kernel.sandbox.limits import MIB

pytestmark = pytest.mark.bwrap

CALL = """
import ctypes, errno, jail, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(number, *arguments)
    return errno.errorcode.get(ctypes.get_errno(), "OK") if answer == -1 else "OK"
"""


def leftovers() -> list[str]:
    """Processes and groups that a jail of this process has left behind."""
    mine = f"-{os.getpid()}-"
    found = [
        str(folder) for folder in Path("/sys/fs/cgroup").glob("**/madang-*") if mine in str(folder)
    ]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"--as-pid-1" in words and os.getpid() in ancestors(int(folder.name)):
                found.append(f"{folder.name}: {words[0]!r}")
        except OSError:
            continue
    return found


def ancestors(pid: int) -> list[int]:
    found = []
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        found.append(pid)
    return found


class TestNetwork:
    @pytest.mark.parametrize(
        "family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_VSOCK", "AF_ALG"]
    )
    def test_no_socket_of_any_family(self, attempt, family):
        result = attempt(f"import socket; socket.socket(socket.{family})")

        assert (result.ending, result.detail) == (Ending.FORBIDDEN, Detail.PERMISSION)

    def test_a_download_is_forbidden_even_where_the_library_wraps_the_refusal(self, attempt):
        result = attempt("import urllib.request; urllib.request.urlopen('http://127.0.0.1/')")

        assert result.ending is Ending.FORBIDDEN

    def test_there_is_no_interface_but_a_loopback(self, attempt):
        result = attempt(
            """
            import jail
            names = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
            jail.report({"names": names})
            """
        )

        assert result.report == {"names": ["lo"]}


class TestSystemCalls:
    def test_the_kernel_refuses_each_dangerous_call(self, attempt):
        numbers = {
            "ptrace": (101, 117), "keyctl": (250, 219), "add_key": (248, 217), "bpf": (321, 280),
            "io_uring_setup": (425, 425), "mount": (165, 40), "umount2": (166, 39),
            "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "open_tree": (428, 428),
            "userfaultfd": (323, 282), "perf_event_open": (298, 241), "personality": (135, 92),
            "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438), "memfd_secret": (447, 447),
        }  # fmt: skip
        result = attempt(
            CALL
            + f"numbers = {numbers}\n"
            + "column = ['x86_64', 'aarch64'].index(platform.machine())\n"
            + "jail.report({name: call(each[column], 0, 0, 0, 0, 0, 0) for name, each in numbers.items()})"
        )

        assert result.report == dict.fromkeys(numbers, "EPERM")

    def test_clone3_seems_not_to_exist_and_clone_makes_no_namespace(self, attempt):
        result = attempt(
            CALL
            + """
import signal
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
namespaces = [0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
answers = {hex(flag): call(clone, flag | signal.SIGCHLD, 0, 0, 0, 0) for flag in namespaces}
jail.report({"clone3": call(435, 0, 0), **answers})
"""
        )

        assert result.report.pop("clone3") == "ENOSYS"
        assert set(result.report.values()) == {"EPERM"}
        assert len(result.report) == 7

    def test_nothing_can_be_typed_into_a_terminal(self, attempt):
        result = attempt(
            CALL
            + """
ioctl = {"x86_64": 16, "aarch64": 29}[platform.machine()]
high = ctypes.c_ulong(0x1_0000_5412)  # the kernel reads the lower half alone
jail.report({"sti": call(ioctl, 0, 0x5412, b"x"), "linux": call(ioctl, 0, 0x541C, b"x"), "high": call(ioctl, 0, high, b"x")})
"""
        )

        assert result.report == {"sti": "EPERM", "linux": "EPERM", "high": "EPERM"}

    def test_huge_pages_which_no_group_counts_are_refused(self, attempt):
        result = attempt("import mmap; mmap.mmap(-1, 1 << 21, flags=mmap.MAP_PRIVATE | 0x40000)")

        assert result.ending is Ending.FORBIDDEN

    @pytest.mark.skipif(os.uname().machine != "x86_64", reason="x32 is a table of x86_64")
    def test_a_foreign_table_of_system_calls_kills(self, attempt):
        result = attempt(CALL + "call(0x40000000 + 39)")

        assert (result.ending, result.detail) == (Ending.FORBIDDEN, Detail.SYSTEM_CALL)

    def test_the_filter_is_on_and_every_right_is_gone(self, attempt):
        result = attempt(
            """
            import jail
            wanted = ("Seccomp", "NoNewPrivs", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Groups")
            pairs = (line.split(":", 1) for line in open("/proc/self/status"))
            jail.report({name: value.strip() for name, value in pairs if name in wanted})
            """
        )

        none = "0000000000000000"
        assert {result.report[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {none}
        assert (result.report["Seccomp"], result.report["NoNewPrivs"]) == ("2", "1")
        assert set(result.report["Groups"].split()) <= {"65534"}


class TestFiles:
    def test_settings_of_the_kernel_cannot_be_opened_for_writing(self, attempt):
        result = attempt(
            """
            import errno, jail
            found = {}
            for name in ("kernel/core_pattern", "vm/overcommit_memory", "kernel/hostname", "user/max_user_namespaces"):
                try:
                    open(f"/proc/sys/{name}", "w").close()
                    found[name] = "opened"
                except OSError as fault:
                    found[name] = errno.errorcode[fault.errno]
            jail.report(found)
            """
        )

        assert len(result.report) == 4
        assert set(result.report.values()) <= {"EROFS", "EACCES", "EPERM"}

    def test_only_scratch_and_shared_memory_can_be_written(self, attempt):
        result = attempt(
            """
            import jail, os
            written = []
            for folder, _, _ in os.walk("/"):
                if folder.startswith(("/proc", "/dev/fd")):
                    continue
                try:
                    open(os.path.join(folder, "probe"), "w").close()
                    written.append(folder)
                except OSError:
                    pass
            jail.report({"tops": sorted({"/".join(each.split("/")[:3]) for each in written})})
            """
        )

        assert result.report == {
            "tops": ["/dev/shm", "/job", "/job/code", "/job/in", "/job/out", "/job/tmp"]
        }

    def test_no_home_no_system_files_no_product_and_no_host_process(self, attempt):
        result = attempt(
            """
            import jail, os
            there = [p for p in ("/etc/passwd", "/etc/shadow", "/home", "/var", "/sys", "/run", "/usr/share") if os.path.exists(p)]
            found = [f for folder, _, files in os.walk("/") for f in files if not folder.startswith("/proc")
                     and ("madang" in folder or "madang" in f)]
            pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
            jail.report({"there": there, "found": found, "pids": len(pids), "host": os.uname().nodename})
            """
        )

        assert result.report == {"there": [], "found": [], "pids": 2, "host": "jail"}

    def test_the_environment_holds_nothing_of_ours(self, attempt, monkeypatch):
        monkeypatch.setenv("MADANG_SECRET", "canary")
        result = attempt("import jail, os; jail.report(dict(os.environ))")

        assert "canary" not in result.report.values()
        assert set(result.report) - {"OPENBLAS_CORETYPE"} == {
            "HOME", "LANG", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ORT_DISABLE_TELEMETRY",
            "PWD", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED",
        }  # fmt: skip

    def test_no_descriptor_is_inherited(self, attempt):
        result = attempt(
            """
            import jail, os
            open_ones = {}
            for name in os.listdir("/proc/self/fd"):
                try:
                    open_ones[name] = os.readlink(f"/proc/self/fd/{name}").split(":")[0]
                except OSError:
                    pass  # the folder that was being listed
            jail.report(open_ones)
            """
        )

        assert result.report == {"0": "/dev/null", "1": "pipe", "2": "pipe"}


class TestTheFirstProcess:
    def test_its_memory_pipes_and_environment_are_out_of_reach(self, attempt):
        result = attempt(
            """
            import errno, jail, os
            def tried(act):
                try:
                    act()
                    return "done"
                except OSError as fault:
                    return errno.errorcode[fault.errno]
            jail.report({
                "memory": tried(lambda: open("/proc/1/mem", "r+b").close()),
                "pipe": tried(lambda: os.open("/proc/1/fd/4", os.O_WRONLY)),
                "environment": tried(lambda: open("/proc/1/environ").close()),
                "root": tried(lambda: os.listdir("/proc/1/root")),
            })
            """
        )

        assert set(result.report.values()) <= {"EACCES", "EPERM"}
        assert len(result.report) == 4

    def test_it_cannot_be_killed_interrupted_or_signalled(self, attempt):
        result = attempt(
            """
            import os, signal, time
            for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGUSR1, signal.SIGALRM):
                os.kill(1, number)
            if os.fork() == 0:
                time.sleep(1000)
            os.kill(-1, signal.SIGKILL)
            open("/job/out/here", "w").write("still")
            """,
            outputs=["here"],
        )

        assert result.ending is Ending.DONE
        assert result.files == {"here": b"still"}

    def test_its_pipes_closed_by_the_run_do_not_matter(self, attempt):
        result = attempt("import os; os.closerange(0, 256); os._exit(0)")

        assert result.ending is Ending.DONE


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
            "import os\nfor _ in range(8):\n    if os.fork() == 0: break\nhoard = bytearray(1 << 29)\n"
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

        assert result.ending is Ending.MEMORY

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
