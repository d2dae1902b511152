"""Nothing that a jail does, or leaves undone, blocks the outside beyond its deadline."""

from __future__ import annotations

import os
import time

import pytest

from madang.kernel.sandbox.pipes import Pipes, read_exactly, write_all


@pytest.fixture
def opened():
    pipes, theirs = Pipes.open(without_group=False)
    yield pipes, theirs
    pipes.close()
    for fd in theirs:
        os.close(fd)


def test_there_are_eight_descriptors_for_the_jail_and_none_of_ours_blocks(opened):
    pipes, theirs = opened

    assert len(theirs) == 8
    assert not any(os.get_blocking(fd) for fd in vars(pipes).values())
    assert all(os.get_blocking(fd) for fd in theirs)


def test_each_end_leads_to_its_other_end_in_order(opened):
    pipes, (out, err, control_in, control_out, channel_in, channel_out, information, _) = opened
    soon = time.monotonic() + 5
    for ours, theirs in (
        (pipes.stdout, out),
        (pipes.stderr, err),
        (pipes.control_out, control_out),
        (pipes.channel_out, channel_out),
        (pipes.information, information),
    ):
        os.write(theirs, b"from")
        assert read_exactly(ours, 4, soon) == b"from"
    for ours, theirs in ((pipes.control_in, control_in), (pipes.channel_in, channel_in)):
        write_all(ours, b"to", soon)
        assert os.read(theirs, 10) == b"to"


def test_the_filter_lies_ready_to_be_read_from_its_start(opened):
    _, theirs = opened
    program = os.read(theirs[-1], 1 << 16)

    assert len(program) > 500
    assert len(program) % 8 == 0


def test_what_nobody_reads_or_writes_ends_at_the_deadline(opened):
    pipes, theirs = opened

    with pytest.raises(TimeoutError):
        write_all(pipes.control_in, bytes(1 << 20), time.monotonic() + 0.05)
    os.write(theirs[0], b"ab")
    with pytest.raises(TimeoutError):
        read_exactly(pipes.stdout, 3, time.monotonic() + 0.05)
