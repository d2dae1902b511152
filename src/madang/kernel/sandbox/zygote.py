"""The first process inside a jail: it waits with its libraries loaded, then forks one run.

Trusted code in an untrusted place. It stands alone (standard library only), because the jail sees
nothing of the product: its source is handed to the interpreter as text. It is process 1 of its
namespace, so that the run can neither kill nor signal it, and it is not dumpable, so that the run
cannot write to it through /proc. A zygote serves one run and dies; nothing is left for the next.

Conversation with the outside, on two pipes, in frames of an 8-byte length, a JSON header of that
length, and the bytes that the header announces:

    → ready        {"preloaded": […], "missing": […], "threads": n}
    ← job          {"files": [[name, size], …], "script": size, "arguments": […], "limits": {…}, …}
    → stored       {"refused": ""}, or the name of the error and the end
    → outcome      {"code": n|null, "signal": n|null, "cpu_s": x, "peak": n, "refused": "…",
                    "files": [[name, size], …], "report": size}

Exit codes with a meaning: see `FORBIDDEN_EXIT` and its neighbours.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import stat
import sys
import traceback
import types
from typing import Any, NoReturn

CONTROL_IN, CONTROL_OUT, CHANNEL_IN, CHANNEL_OUT = 3, 4, 5, 6

HOME = "/job"
INPUTS, CODE, OUTPUTS, REPORT = "/job/in", "/job/code", "/job/out", "/job/report.json"
SITE = "/runtime/site"
SCRIPT = "/job/code/__main__.py"

FORBIDDEN_EXIT, MEMORY_EXIT, FILE_EXIT, FULL_EXIT, EXCEPTION_EXIT = 117, 118, 119, 120, 1

REPORT_BYTES = 4096
ENTRIES = 4096
MESSAGE_BYTES = 16 * 1024 * 1024
_PIECE = 1 << 20
_PR_SET_DUMPABLE = 4


def read_exactly(fd: int, size: int) -> bytes:
    """Read that many bytes.

    Raises:
        EOFError: The other side closed before.
    """
    pieces = []
    while size:
        piece = os.read(fd, min(size, _PIECE))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def write_all(fd: int, content: bytes | memoryview) -> None:
    """Write every byte."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def send_header(header: dict[str, Any]) -> None:
    """Send a frame's length and header to the outside."""
    text = json.dumps(header).encode()
    write_all(CONTROL_OUT, len(text).to_bytes(8, "big") + text)


def main(preload: list[str]) -> None:
    """Load libraries, wait for the one job, run it, report, die."""
    # Process 1 is deaf to signals from inside, except those that have a handler; Python has one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    send_header(load(preload))
    try:
        job = json.loads(
            read_exactly(CONTROL_IN, int.from_bytes(read_exactly(CONTROL_IN, 8), "big"))
        )
    except EOFError:
        return  # nobody wanted this jail
    refused = store(job)
    send_header({"refused": refused})
    if refused:
        return
    child = os.fork()
    if child == 0:
        become_the_run(job)
    code, number, cpu_s, peak = wait_for(child)
    answer(job, code, number, cpu_s, peak)


def load(preload: list[str]) -> dict[str, Any]:
    """Import the libraries that every run may want, while the jail holds no data."""
    sys.path.append(SITE)
    preloaded, missing = [], []
    for name in preload:
        try:
            module = __import__(name)
        except ImportError:
            missing.append(name)
        else:
            preloaded.append(name)
            # onnxruntime would otherwise try to keep an identifier of the machine.
            getattr(module, "disable_telemetry_events", lambda: None)()
    threads = len(os.listdir("/proc/self/task"))
    return {"preloaded": preloaded, "missing": missing, "threads": threads}


def store(job: dict[str, Any]) -> str:
    """Write inputs and code where the run expects them; the script comes last.

    Returns:
        The name of the error that stopped it, or nothing.
    """
    try:
        for name, size in job["files"]:
            path = f"{HOME}/{name}" if name.startswith("code/") else f"{INPUTS}/{name}"
            os.makedirs(os.path.dirname(path), exist_ok=True)
            copy_in(path, size)
        copy_in(SCRIPT, job["script"])
    except OSError as fault:
        return errno.errorcode.get(fault.errno or 0, "EIO")
    return ""


def copy_in(path: str, size: int) -> None:
    """Move that many bytes from the outside into a new file."""
    with open(path, "xb", buffering=0) as file:
        while size:
            piece = read_exactly(CONTROL_IN, min(size, _PIECE))
            write_all(file.fileno(), piece)
            size -= len(piece)


def become_the_run(job: dict[str, Any]) -> NoReturn:
    """In the forked child: give up the pipes, take on the limits, run the script, leave."""
    code = EXCEPTION_EXIT
    try:
        close_the_doors(job["converse"])
        take_limits(job["limits"])
        code = run_script(job["arguments"])
    finally:
        os._exit(code)


def close_the_doors(converse: bool) -> None:
    """Leave the run its standard streams and, where it converses, the two ends of the channel."""
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.closerange(CHANNEL_OUT + 1 if converse else CONTROL_IN, 1024)
    if converse:
        os.closerange(CONTROL_IN, CHANNEL_IN)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def take_limits(limits: dict[str, int]) -> None:
    """Set the kernel's ceilings, soft and hard alike."""
    if "RLIMIT_AS" in limits:  # what the libraries occupy is not the run's
        with open("/proc/self/statm") as file:
            limits["RLIMIT_AS"] += int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def run_script(arguments: list[str]) -> int:
    """Run the script as `__main__` and turn its end into an exit code."""
    module = types.ModuleType("__main__")
    module.__file__ = SCRIPT
    sys.modules["__main__"] = module
    sys.modules["jail"] = the_jail()
    sys.argv = [SCRIPT, *arguments]
    sys.path.insert(0, CODE)
    os.chdir(HOME)
    with open(SCRIPT, "rb") as file:
        source = file.read()
    try:
        program = compile(source, SCRIPT, "exec", dont_inherit=True)
        exec(program, module.__dict__)  # noqa: S102 - this is what the jail is for
        code = 0
    except SystemExit as leaving:
        code = exit_code(leaving)
    except BaseException as fault:  # noqa: BLE001 - untrusted code raises what it likes
        tell(fault)
        code = meaning(fault)
    return settle(code)


def tell(fault: BaseException) -> None:
    """Write the traceback to standard error, from the script's own frame on."""
    fault.__traceback__ = fault.__traceback__ and fault.__traceback__.tb_next
    try:
        traceback.print_exception(fault)
    except BaseException:  # noqa: BLE001, S110 - the exception's own text is untrusted code too
        pass


def exit_code(leaving: SystemExit) -> int:
    """The exit code that Python itself would give."""
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code & 0xFF
    print(leaving.code, file=sys.stderr)  # noqa: T201 - as the interpreter does
    return 1


def meaning(fault: BaseException) -> int:
    """The exit code that says what kind of refusal stands in the chain of exceptions."""
    seen: list[object] = []
    link: object = fault
    while isinstance(link, BaseException) and link not in seen:
        seen.append(link)
        if isinstance(link, MemoryError):
            return MEMORY_EXIT
        if isinstance(link, OSError) and link.errno in _MEANINGS:
            return _MEANINGS[link.errno]
        reason = getattr(link, "reason", None)  # urllib keeps what it caught there
        inner = reason if isinstance(reason, BaseException) else None
        link = inner or link.__cause__ or link.__context__
    return EXCEPTION_EXIT


_MEANINGS = {
    errno.EPERM: FORBIDDEN_EXIT,
    errno.EACCES: FORBIDDEN_EXIT,
    errno.EROFS: FORBIDDEN_EXIT,
    errno.ENOMEM: MEMORY_EXIT,
    errno.EFBIG: FILE_EXIT,
    errno.ENOSPC: FULL_EXIT,
}


def settle(code: int) -> int:
    """What the interpreter does at its end: wait for threads, call exit functions, flush."""
    import atexit
    import threading

    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - whatever untrusted exit functions raise
        return code or EXCEPTION_EXIT
    return code


def the_jail() -> types.ModuleType:
    """The module `jail` that a script may import: where things are, and how to speak."""
    jail = types.ModuleType("jail")

    def receive() -> bytes:
        """The next message of the conversation; raises EOFError at its end."""
        return read_exactly(CHANNEL_IN, int.from_bytes(read_exactly(CHANNEL_IN, 4), "big"))

    def send(message: bytes) -> None:
        """Answer with one message."""
        write_all(CHANNEL_OUT, len(message).to_bytes(4, "big") + message)

    def report(values: dict[str, Any]) -> None:
        """Leave a small JSON object for the outside."""
        with open(REPORT, "w", encoding="utf-8") as file:
            json.dump(values, file)

    vars(jail).update(
        INPUTS=INPUTS, CODE=CODE, OUTPUTS=OUTPUTS, receive=receive, send=send, report=report
    )
    return jail


def wait_for(child: int) -> tuple[int | None, int | None, float, int]:
    """Wait for the run, end whatever it left behind, and say how it ended and what it took."""
    status = 0
    while True:
        pid, status = os.wait()
        if pid == child:
            break
    end_the_rest()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
    if os.WIFSIGNALED(status):
        return None, os.WTERMSIG(status), cpu_s, peak
    return os.WEXITSTATUS(status), None, cpu_s, peak


def end_the_rest() -> None:
    """Kill and bury every other process of the namespace, so that nobody writes any more."""
    try:
        os.kill(-1, signal.SIGKILL)  # all but process 1, at one stroke: no fork slips through
        while True:
            os.wait()
    except (ProcessLookupError, ChildProcessError):
        return


def answer(
    job: dict[str, Any], code: int | None, number: int | None, cpu_s: float, peak: int
) -> None:
    """Send how it ended, the report, and the declared files if they may leave."""
    report = report_fd()
    opened: list[tuple[str, int, int]] = []
    refused = "" if code else collect(job["outputs"], job["output_bytes"], opened)
    if code != 0 or refused:
        opened = []
    send_header(
        {
            "code": code,
            "signal": number,
            "cpu_s": cpu_s,
            "peak": peak,
            "refused": refused,
            "report": report[1],
            "files": [[name, size] for name, _, size in opened],
        }
    )
    for fd, size in [report, *((fd, size) for _, fd, size in opened)]:
        copy_out(fd, size)


def report_fd() -> tuple[int, int]:
    """The report file and its size; size 0 where it is missing, too large or no regular file."""
    fd = open_regular(REPORT)
    size = os.fstat(fd).st_size if fd >= 0 else 0
    return fd, size if size <= REPORT_BYTES else 0


def open_regular(path: str, folder: int | None = None) -> int:
    """Open a regular file without following a link or waiting for a pipe; -1 for anything else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return -1
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    return -1


def collect(declared: list[str], limit: int, opened: list[tuple[str, int, int]]) -> str:
    """Open the declared outputs that exist.

    Every entry of the output folder must be a regular file with a UTF-8 name, declared or not.

    Returns:
        Why nothing may leave (`name`, `not_regular`, `count`, `total`), or nothing.
    """
    try:
        folder = os.open(OUTPUTS, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        with os.scandir(folder) as entries:
            for seen, entry in enumerate(entries):
                if fault := unfit(entry, seen):
                    return fault
    except OSError:
        return "not_regular"
    for name in declared:
        fd = open_regular(name, folder)
        if fd >= 0:
            opened.append((name, fd, os.fstat(fd).st_size))
    return "total" if sum(size for _, _, size in opened) > limit else ""


def unfit(entry: os.DirEntry[str], seen: int) -> str:
    """Why this entry must not stand in the output folder, or nothing."""
    if seen >= ENTRIES:
        return "count"
    try:
        entry.name.encode("utf-8")
    except UnicodeEncodeError:  # a name that is not UTF-8 arrives with lone surrogates
        return "name"
    return "" if entry.is_file(follow_symlinks=False) else "not_regular"


def copy_out(fd: int, size: int) -> None:
    """Send that many bytes of an open file."""
    while size:
        piece = os.read(fd, min(size, _PIECE))
        write_all(CONTROL_OUT, piece)
        size -= len(piece)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
