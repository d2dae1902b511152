"""Where no control group counts, the watcher counts a run's processes itself."""

from __future__ import annotations

import os

from madang.kernel.sandbox.groups import Usage
from madang.kernel.sandbox.watch import counted_by_hand, taken_between


def test_what_the_zygote_took_before_is_not_the_runs():
    assert taken_between(Usage(0.25, 0, False), Usage(0.75, 0, False)) == 0.5
    assert taken_between(Usage(None, 0, False), Usage(None, 0, False)) is None


def test_time_and_memory_are_counted_over_a_whole_family():
    start = counted_by_hand(os.getpid())
    (reading, writing), (go, stop) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        hoard = bytearray(b"x" * (64 << 20))
        total = sum(range(3_000_000))
        os.write(writing, b"." if hoard and total else b"")
        os.read(go, 1)
        os._exit(0)
    os.read(reading, 1)
    seconds, resident = counted_by_hand(os.getpid())
    os.write(stop, b".")
    os.waitpid(child, 0)
    for fd in (reading, writing, go, stop):
        os.close(fd)

    assert resident - start[1] > 60 << 20
    assert seconds > start[0]
