"""The filter, executed here by a machine of the test's own, says what the kernel will say."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import re
import struct
from pathlib import Path

import pytest

from madang.kernel.sandbox import seccomp
from madang.kernel.sandbox.seccomp import NUMBERS, WITHOUT_GROUP, compose, supported

ALLOW, KILL = 0x7FFF0000, 0x80000000
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COLUMN = {"x86_64": 0, "aarch64": 1}


def answer(program: bytes, arch: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """Run classic BPF over `struct seccomp_data`: number, architecture, address, arguments."""
    data = struct.pack(
        "<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *arguments, *[0] * (6 - len(arguments))
    )
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    register, at = 0, 0
    while True:
        operation, yes, no, operand = code[at]
        at += 1
        if operation == 0x20:
            (register,) = struct.unpack_from("<I", data, operand)
        elif operation == 0x06:
            return operand
        else:
            test = {
                0x15: register == operand,
                0x35: register >= operand,
                0x45: bool(register & operand),
            }
            at += yes if test[operation] else no


def refused(name: str, machine: str, *arguments: int) -> int | None:
    """The error number that the call gets; None where it is allowed."""
    said = answer(
        compose(machine).program, ARCH[machine], NUMBERS[name][COLUMN[machine]], arguments
    )
    if said == ALLOW:
        return None
    assert said & 0xFFFF0000 == 0x00050000
    return said & 0xFFFF


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
class TestFilter:
    def test_whole_calls_are_refused_whatever_their_arguments(self, machine):
        names = [rule.name for rule in seccomp.RULES if rule.argument is None]
        there = [name for name in names if NUMBERS[name][COLUMN[machine]] is not None]

        assert len(there) > 50
        for name in there:
            expected = errno.ENOSYS if name == "clone3" else errno.EPERM
            assert refused(name, machine, 1, 2, 3) == expected, name

    def test_ordinary_calls_are_allowed(self, machine):
        usual = {"x86_64": [0, 1, 3, 59, 60, 231, 262], "aarch64": [63, 64, 57, 221, 93, 94, 79]}
        program = compose(machine).program

        assert {answer(program, ARCH[machine], number) for number in usual[machine]} == {ALLOW}

    def test_clone_is_allowed_for_processes_and_threads_and_refused_for_namespaces(self, machine):
        thread = 0x3D0F00  # CLONE_VM … CLONE_CHILD_CLEARTID, as pthread_create asks
        namespaces = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]

        assert refused("clone", machine, 17) is None
        assert refused("clone", machine, thread) is None
        assert {refused("clone", machine, flag | 17) for flag in namespaces} == {errno.EPERM}

    def test_only_the_typing_controls_of_a_terminal_are_refused(self, machine):
        assert refused("ioctl", machine, 0, 0x5412) == errno.EPERM
        assert refused("ioctl", machine, 0, 0x541C) == errno.EPERM
        assert refused("ioctl", machine, 0, 0xFFFFFFFF00005412) == errno.EPERM
        assert refused("ioctl", machine, 0, 0x5401) is None

    def test_huge_pages_are_refused_and_plain_ones_not(self, machine):
        assert refused("mmap", machine, 0, 4096, 3, 0x22) is None
        assert refused("mmap", machine, 0, 4096, 3, 0x40022) == errno.EPERM
        assert refused("memfd_create", machine, 0, 1) is None
        assert refused("memfd_create", machine, 0, 5) == errno.EPERM

    def test_another_architecture_dies(self, machine):
        program = compose(machine).program
        others = {0x40000003, *ARCH.values()} - {ARCH[machine]}

        assert {answer(program, other, 0) for other in others} == {KILL}

    def test_more_is_refused_where_nothing_counts_ownerless_memory(self, machine):
        program = compose(machine, also=WITHOUT_GROUP).program
        numbers = [NUMBERS[name][COLUMN[machine]] for name in ("memfd_create", "shmget")]

        assert {answer(program, ARCH[machine], n) for n in numbers} == {0x00050000 | errno.ENOSYS}

    def test_a_jump_never_leaves_the_program(self, machine):
        program = compose(machine).program
        code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]

        assert len(code) < 4096  # BPF_MAXINSNS
        assert all(at + 1 + max(each[1:3]) < len(code) for at, each in enumerate(code[:-1]))
        assert code[-1][0] == 0x06


def test_the_x32_table_dies_on_x86_64():
    program = compose("x86_64").program

    assert answer(program, ARCH["x86_64"], 0x40000000) == KILL
    assert answer(program, ARCH["x86_64"], 0x3FFFFFFF) == ALLOW


def test_what_an_architecture_lacks_is_recorded():
    assert compose("x86_64").skipped == ()
    assert set(compose("aarch64").skipped) == {"iopl", "ioperm", "modify_ldt", "uselib", "ustat"}


def test_an_unknown_architecture_has_no_filter():
    assert supported("x86_64")
    assert not supported("riscv64")
    with pytest.raises(KeyError):
        compose("riscv64")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 0),
        ("/usr/include/asm-generic/unistd.h", 1),
    ],
)
def test_the_numbers_are_those_of_the_kernel_headers(header, column):
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    text = Path(header).read_text()
    defined = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text))

    ours = {
        name: numbers[column] for name, numbers in NUMBERS.items() if numbers[column] is not None
    }
    assert {name: int(defined[name]) for name in ours if name in defined} == {
        name: number for name, number in ours.items() if name in defined
    }
    assert len(set(defined) & set(ours)) >= len(ours) - 2


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_numbers_are_those_of_libseccomp(machine):
    name = ctypes.util.find_library("seccomp")
    if not name:
        pytest.skip("libseccomp is not installed")
    library = ctypes.CDLL(name)

    ours = {call: each[COLUMN[machine]] for call, each in NUMBERS.items()}
    resolve = library.seccomp_syscall_resolve_name_arch
    theirs = {call: resolve(ctypes.c_uint32(ARCH[machine]), call.encode()) for call in ours}

    assert {call: n for call, n in theirs.items() if n >= 0} == {
        call: n for call, n in ours.items() if n is not None
    }
