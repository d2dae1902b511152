"""How does the outside converse with a run? Messages of bounded length, each side in its turn."""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass, field

from madang.kernel.sandbox.zygote import MESSAGE_BYTES


class Over(Exception):
    """The run is over, or its side of the conversation is closed."""


class Silent(Exception):
    """The run did not answer, or did not listen, in time."""


class Overlong(Exception):
    """The run announced a message longer than allowed."""


@dataclass(kw_only=True)
class Channel:
    """Both directions of one conversation; the other side is untrusted.

    Let its exceptions pass: `Jail.run` turns them into the ending of the run.

    Args:
        to_run: Where messages to the run are written; must not block.
        from_run: Where its messages are read.
        ended: A descriptor that becomes readable when the jail is dead.
    """

    to_run: int
    from_run: int
    ended: int
    _buffer: bytearray = field(default_factory=bytearray, init=False, repr=False)

    def send(self, message: bytes, *, timeout_s: float = 60.0) -> None:
        """Send one message.

        Raises:
            Over: The run is over.
            Silent: The run did not take it in time.
            ValueError: The message is longer than a message may be.
        """
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"a message of {len(message)} bytes; at most {MESSAGE_BYTES}")
        view = memoryview(len(message).to_bytes(4, "big") + message)
        deadline = time.monotonic() + timeout_s
        while view:
            self._wait(self.to_run, select.POLLOUT, deadline)
            try:
                view = view[os.write(self.to_run, view) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as fault:
                raise Over from fault

    def receive(self, timeout_s: float = 60.0) -> bytes:
        """The next message.

        Raises:
            Over: The run ended without saying more.
            Silent: Nothing came in time.
            Overlong: It is longer than a message may be.
        """
        deadline = time.monotonic() + timeout_s
        size = int.from_bytes(self._take(4, deadline), "big")
        if size > MESSAGE_BYTES:
            raise Overlong
        return self._take(size, deadline)

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._wait(self.from_run, select.POLLIN, deadline)
            piece = os.read(self.from_run, 1 << 16)
            if not piece:
                raise Over
            self._buffer += piece
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _wait(self, fd: int, what: int, deadline: float) -> None:
        """Wait until the pipe is ready; what was said before the end is still heard after it."""
        poll = select.poll()
        poll.register(fd, what)
        poll.register(self.ended, select.POLLIN)
        ready = [each for each, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)]
        if not ready:
            raise Silent
        if fd not in ready:
            raise Over
