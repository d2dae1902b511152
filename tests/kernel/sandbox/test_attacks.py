"""What a hostile script may try, and what becomes of it: one test for each class of attack."""

from __future__ import annotations

import os

import pytest

from madang.kernel.sandbox.ending import Detail, Ending

pytestmark = pytest.mark.bwrap

CALL = """
import ctypes, errno, jail, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(number, *arguments)
    return errno.errorcode.get(ctypes.get_errno(), "OK") if answer == -1 else "OK"
"""


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
            "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "fsopen": (430, 430),
            "userfaultfd": (323, 282), "perf_event_open": (298, 241), "personality": (135, 92),
            "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438), "memfd_secret": (447, 447),
        }  # fmt: skip
        result = attempt(
            CALL
            + f"numbers = {numbers}\n"
            + "column = ['x86_64', 'aarch64'].index(platform.machine())\n"
            + "answers = {name: call(each[column], *[0] * 6) for name, each in numbers.items()}\n"
            + "jail.report(answers)"
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
controls = {"sti": 0x5412, "linux": 0x541C, "high": high}
jail.report({name: call(ioctl, 0, control, b"x") for name, control in controls.items()})
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
            names = ["kernel/core_pattern", "vm/overcommit_memory", "kernel/hostname"]
            for name in [*names, "user/max_user_namespaces"]:
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
            hoped = ["/etc/passwd", "/etc/shadow", "/home", "/var", "/sys", "/run", "/usr/share"]
            there = [path for path in hoped if os.path.exists(path)]
            found = [os.path.join(folder, f) for folder, _, files in os.walk("/") for f in files]
            found = [f for f in found if "madang" in f and not f.startswith("/proc")]
            pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
            host = os.uname().nodename
            jail.report({"there": there, "found": found, "pids": len(pids), "host": host})
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

    def test_there_are_four_harmless_devices_and_no_terminal(self, attempt):
        result = attempt(
            """
            import jail, os, stat
            names = [n for n in os.listdir("/dev") if stat.S_ISCHR(os.lstat(f"/dev/{n}").st_mode)]
            with open("/dev/null", "w") as null, open("/dev/urandom", "rb") as source:
                null.write(repr(source.read(8)))
            jail.report({"names": sorted(names), "shared": os.listdir("/dev/fd")[:3]})
            """
        )

        assert result.report == {
            "names": ["null", "random", "urandom", "zero"],
            "shared": ["0", "1", "2"],
        }

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
            for name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGSTOP", "SIGUSR1", "SIGALRM"):
                os.kill(1, signal.Signals[name])
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
