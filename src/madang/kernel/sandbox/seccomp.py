"""Which system calls does the kernel refuse to the jail? A classic BPF filter, written by hand.

The list is a deny list: what a numerical program never asks for and an attack might. `clone3`
answers ENOSYS, so that the C library falls back to `clone`, whose flags a filter can read; the
others answer EPERM. A foreign system call table (32-bit, x32) kills the process, for its numbers
mean other calls.

Source: Linux `Documentation/userspace-api/seccomp_filter.rst`; system call numbers from
`arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 of `include/uapi/linux/audit.h`."""

X32_BIT = 0x40000000

_COLUMN = {"x86_64": 0, "aarch64": 1}

# name: number on x86_64, number on aarch64; None where the architecture has no such call.
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mmap": (9, 222),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "shmget": (29, 194),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "uselib": (134, None),
    "ustat": (136, None),
    "vhangup": (153, 58),
}


class Rule(NamedTuple):
    """Refuse a call, or only the calls whose argument has one of these bits, or this value."""

    name: str
    error: int = errno.EPERM
    argument: int | None = None
    """Position of the argument looked at; its lower 32 bits count, as the kernel reads them."""
    bits: int = 0
    value: int = 0


_WHOLE = (
    "mount umount2 pivot_root chroot fsopen fsmount fsconfig fspick move_mount open_tree "
    "mount_setattr ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp kexec_load "
    "kexec_file_load init_module finit_module delete_module bpf perf_event_open userfaultfd "
    "keyctl add_key request_key unshare setns open_by_handle_at name_to_handle_at "
    "fanotify_init io_uring_setup io_uring_enter io_uring_register socket socketpair "
    "memfd_secret swapon swapoff reboot settimeofday clock_settime clock_adjtime adjtimex "
    "sethostname setdomainname acct quotactl quotactl_fd nfsservctl syslog personality iopl "
    "ioperm vhangup lookup_dcookie modify_ldt uselib ustat"
).split()

_CLONE_NEW = 0x7E020000  # NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_TIOCSTI, _TIOCLINUX = (
    0x5412,
    0x541C,
)  # type into, or paste into, the terminal of whoever started us
_MAP_HUGETLB, _MFD_HUGETLB = 0x40000, 0x4  # huge pages escape the memory group

RULES: tuple[Rule, ...] = (
    *(Rule(name) for name in _WHOLE),
    Rule("clone3", errno.ENOSYS),
    Rule("clone", argument=0, bits=_CLONE_NEW),
    Rule("ioctl", argument=1, value=_TIOCSTI),
    Rule("ioctl", argument=1, value=_TIOCLINUX),
    Rule("mmap", argument=3, bits=_MAP_HUGETLB),
    Rule("memfd_create", argument=1, bits=_MFD_HUGETLB),
)

WITHOUT_GROUP = (Rule("memfd_create", errno.ENOSYS), Rule("shmget", errno.ENOSYS))
"""More refusals where no control group counts memory that belongs to no process."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A filter for one architecture.

    Args:
        program: `struct sock_filter[]`, as bubblewrap's `--seccomp` reads it.
        loaded: Names of the calls that it refuses, wholly or by argument.
        skipped: Names of the calls that this architecture does not have.
    """

    program: bytes
    loaded: tuple[str, ...]
    skipped: tuple[str, ...]


def supported(architecture: str = "") -> bool:
    """Whether a filter can be written for this architecture (default: this machine's)."""
    return (architecture or platform.machine()) in AUDIT_ARCH


def compose(architecture: str = "", *, also: Iterable[Rule] = ()) -> Filter:
    """Write the filter.

    Args:
        architecture: `x86_64` or `aarch64`; default this machine's.
        also: Rules beyond the usual ones.

    Raises:
        KeyError: No system call numbers are known for the architecture.
    """
    architecture = architecture or platform.machine()
    column = _COLUMN[architecture]
    code = [*_foreign_calls_die(architecture)]
    loaded, skipped = [], []
    for rule in (*also, *RULES):
        number = NUMBERS[rule.name][column]
        if number is None:
            skipped.append(rule.name)
            continue
        loaded.append(rule.name)
        code += _refusal(rule, number)
    code.append((_RETURN, 0, 0, _ALLOW))
    return Filter(
        program=b"".join(struct.pack("=HBBI", *each) for each in code),
        loaded=tuple(dict.fromkeys(loaded)),
        skipped=tuple(dict.fromkeys(skipped)),
    )


def _foreign_calls_die(architecture: str) -> Iterable[tuple[int, int, int, int]]:
    """Kill on any other table of system calls, x32 included; then load the call's number."""
    yield (_LOAD, 0, 0, _ARCH_AT)
    yield (_EQUAL, 1, 0, AUDIT_ARCH[architecture])
    yield (_RETURN, 0, 0, _KILL)
    yield (_LOAD, 0, 0, _NUMBER_AT)
    if architecture == "x86_64":
        yield (_AT_LEAST, 0, 1, X32_BIT)
        yield (_RETURN, 0, 0, _KILL)


def _refusal(rule: Rule, number: int) -> list[tuple[int, int, int, int]]:
    """Instructions that refuse this call; they leave the call's number loaded."""
    answer = (_RETURN, 0, 0, _ERRNO | rule.error)
    if rule.argument is None:
        return [(_EQUAL, 0, 1, number), answer]
    test, operand = (_ANY_BIT, rule.bits) if rule.bits else (_EQUAL, rule.value)
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * rule.argument),
        (test, 0, 1, operand),
        answer,
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
