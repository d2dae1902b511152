"""A small process that starts jails: it gives up its rights first, and it has one thread.

Trusted code, run as a script with the standard library alone. Why a process of its own:

- Started by root, `bwrap --uid 65534` only renames uid 0. Here the process itself becomes an
  ordinary user for good. Before that it opens, in a private mount namespace, a way to runtime
  files that stand below folders which that user cannot enter.
- Forking a large program with threads is slow and unsafe; forking this one is neither.
- `--die-with-parent` follows the *thread* that started bubblewrap. This process has one, and it
  ends when the socket to its owner closes, however the owner died.

Conversation on the socket given as argument 1, one JSON object a message, descriptors beside it:

    → {"sources": [[source, name]…], "uid": n, "gid": n}
    ← {"reached": {source: path}, "refused": ""}
    → {"command": […]}, eight descriptors and the doors of groups
    ← {}, a descriptor of the new process
"""

from __future__ import annotations

# All imports stand here: the interpreter's own files may be out of reach once the rights are gone.
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import stat
import sys
from typing import Any, NoReturn

MESSAGE_BYTES = 1 << 18
FIXED = 8
"""Descriptors 1 to 8 of a jail, in the order of `pipes.Pipes`, then the filter."""

STAGES = ("/run/madang-jail", "/mnt", "/srv", "/tmp")  # noqa: S108 - covered by a tmpfs of our own
_CLONE_NEWNS, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000


def main() -> None:
    """Prepare, then start jails until the owner hangs up."""
    owner = socket.socket(fileno=int(sys.argv[1]))
    parent = os.getppid()
    bell = bell_of_children()
    os.chdir("/")
    os.umask(0o022)
    order = json.loads(owner.recv(MESSAGE_BYTES))
    answer = prepare(order)
    owner.send(json.dumps(answer).encode())
    if answer["refused"]:
        return
    while serve(owner, parent, bell):
        pass


def bell_of_children() -> int:
    """A descriptor that becomes readable when a child has died."""
    bell, striker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(striker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return bell


def bury(bell: int) -> None:
    """Collect dead children; nobody asks how bubblewrap ended."""
    try:
        os.read(bell, 4096)
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except (BlockingIOError, ChildProcessError):
        pass


def prepare(order: dict[str, Any]) -> dict[str, Any]:
    """Where root: open a way to the sources and become the ordinary user.

    Returns:
        `reached`: source → path under which it can be reached now, where not under its own;
        `refused`: why no ordinary user could be become.
    """
    answer: dict[str, Any] = {"reached": {}, "refused": ""}
    if os.geteuid() != 0:
        return answer
    user, group = order["uid"], order["gid"]
    try:
        os.setgroups([])
        hidden = [each for each in order["sources"] if not reachable(each[0], user, group)]
        if hidden:
            answer["reached"] = stage(hidden)
    except OSError:  # in a container, say; bubblewrap will name what it cannot reach
        pass
    try:
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
    except OSError as fault:  # a user namespace with one user only
        answer["refused"] = f"{fault.strerror}"
    return answer


def reachable(path: str, user: int, group: int) -> bool:
    """Whether the ordinary user could read this, every folder above it included."""
    os.setegid(group)
    os.seteuid(user)
    try:
        return os.access(path, os.R_OK | os.X_OK * os.path.isdir(path), effective_ids=True)
    finally:
        os.seteuid(0)
        os.setegid(0)


def stage(sources: list[list[str]]) -> dict[str, str]:
    """Bind sources below one folder that anybody can enter, visible to this process alone.

    A source without a name of its own is reached through the folder that holds it, if anybody may
    enter that one: every mount more slows down every jail.

    Args:
        sources: Pairs of a path and the name it must have in the stage, or an empty one.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    check(libc.unshare(_CLONE_NEWNS))
    held: dict[str, tuple[str, int]] = {}
    reached = {}
    for source, name in sources:
        parent, last = os.path.split(source)
        whole = bool(name) or not os.stat(parent).st_mode & stat.S_IXOTH
        bound = source if whole else parent
        if bound not in held:
            # Opened after unshare, for a mount of another namespace cannot be bound, and before
            # the stage covers a folder.
            held[bound] = (name or str(len(held)), os.open(bound, os.O_PATH))
        reached[source] = held[bound][0] + ("" if whole else f"/{last}")
    check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    folder = stage_folder()
    check(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, b"mode=755,size=1m"))
    for name, fd in held.values():
        way, target = f"/proc/self/fd/{fd}", f"{folder}/{name}"
        make_place(target, is_folder=os.path.isdir(way))
        check(libc.mount(way.encode(), target.encode(), None, _MS_BIND | _MS_REC, None))
        os.close(fd)
    return {source: f"{folder}/{place}" for source, place in reached.items()}


def make_place(target: str, *, is_folder: bool) -> None:
    """Make the empty folder or file over which a source is bound."""
    os.makedirs(target if is_folder else os.path.dirname(target), exist_ok=True)
    if not is_folder:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))


def stage_folder() -> str:
    """An existing folder over which the stage can be laid."""
    try:
        os.makedirs(STAGES[0], exist_ok=True)
    except OSError:
        pass
    return next(folder for folder in STAGES if os.path.isdir(folder))


def check(answer: int) -> None:
    """Turn a C library's failure into an OSError."""
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def serve(owner: socket.socket, parent: int, bell: int) -> bool:
    """Start one jail, bury the dead, or notice that the owner is gone."""
    ready, _, _ = select.select([owner.fileno(), bell], [], [], 1.0)
    bury(bell)
    if owner.fileno() not in ready:
        return os.getppid() == parent
    message, fds, _, _ = socket.recv_fds(owner, MESSAGE_BYTES, 32)
    if not message:
        return False
    command = json.loads(message)["command"]
    child = os.fork()
    if child == 0:
        start(command, fds)
    pidfd = os.pidfd_open(child)
    for fd in fds:
        os.close(fd)
    socket.send_fds(owner, [b"{}"], [pidfd])
    os.close(pidfd)
    return True


def start(command: list[str], fds: list[int]) -> NoReturn:
    """In the forked child: enter the groups, place the descriptors, become bubblewrap."""
    try:
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in fds]
        for group in high[FIXED:]:
            os.write(group, b"0")
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        for number, fd in enumerate(high[:FIXED], start=1):
            os.dup2(fd, number)
        os.closerange(FIXED + 1, 256)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execve(command[0], command, {})  # noqa: S606 - bubblewrap, no shell
    except OSError as fault:
        os.write(2, f"{command[0]}: {fault.strerror}".encode())
    finally:
        os._exit(127)


if __name__ == "__main__":
    main()
