"""A conversation is bounded in length and time, whatever the other side does."""

from __future__ import annotations

import os

import pytest

from madang.kernel.sandbox.channel import Channel, Over, Overlong, Silent
from madang.kernel.sandbox.zygote import MESSAGE_BYTES


@pytest.fixture
def ends():
    """A channel, and the run's ends: where it reads, where it writes, what keeps it alive."""
    (their_in, to_run), (from_run, their_out), (ended, death) = os.pipe(), os.pipe(), os.pipe()
    os.set_blocking(to_run, False)
    fds = [their_in, to_run, from_run, their_out, ended, death]
    yield Channel(to_run=to_run, from_run=from_run, ended=ended), their_in, their_out, death
    for fd in fds:
        try:
            os.close(fd)
        except OSError:
            pass


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(4, "big") + message


def test_messages_arrive_whole_and_in_order_however_they_are_cut(ends):
    channel, _, their_out, _ = ends
    stream = framed(b"one") + framed(b"") + framed(b"three")
    for at in range(0, len(stream), 3):
        os.write(their_out, stream[at : at + 3])

    assert [channel.receive(1.0) for _ in range(3)] == [b"one", b"", b"three"]


def test_what_is_sent_is_framed(ends):
    channel, their_in, _, _ = ends
    channel.send(b"hello")

    assert os.read(their_in, 100) == framed(b"hello")


def test_silence_ends_in_time(ends):
    channel, _, their_out, _ = ends
    os.write(their_out, b"\0\0\0\5ab")

    with pytest.raises(Silent):
        channel.receive(0.05)


def test_a_side_that_does_not_listen_ends_in_time(ends):
    channel, *_ = ends

    with pytest.raises(Silent):
        channel.send(bytes(1 << 20), timeout_s=0.05)


def test_an_announced_monster_is_not_read(ends):
    channel, _, their_out, _ = ends
    os.write(their_out, (MESSAGE_BYTES + 1).to_bytes(4, "big"))

    with pytest.raises(Overlong):
        channel.receive(1.0)


def test_a_monster_is_not_sent(ends):
    channel, *_ = ends

    with pytest.raises(ValueError, match="at most"):
        channel.send(bytes(MESSAGE_BYTES + 1))


def test_the_last_words_are_heard_after_the_end(ends):
    channel, _, their_out, death = ends
    os.write(their_out, framed(b"last"))
    os.close(their_out)
    os.close(death)

    assert channel.receive(1.0) == b"last"
    with pytest.raises(Over):
        channel.receive(1.0)


def test_a_dead_run_ends_the_conversation_at_once(ends):
    channel, their_in, _, death = ends
    os.close(death)

    with pytest.raises(Over):
        channel.receive(60.0)
    os.close(their_in)
    with pytest.raises(Over):
        channel.send(b"anybody?")
