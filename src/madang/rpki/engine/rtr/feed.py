"""What do routers hear, and under which serial number? A feed of editions.

Publishing is thread-safe; the edition that stands is read without a lock.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.payloads import Payloads
from madang.rpki.engine.payloads import change as way
from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.editions import Bounds, Delta, Edition, entries_of, first
from madang.rpki.engine.rtr.memory import Memory
from madang.rpki.engine.rtr.records import payloads_of
from madang.rpki.engine.rtr.serials import following, is_newer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from madang.rpki.engine.payloads import Change
    from madang.rpki.engine.rtr.editions import Entries
    from madang.rpki.engine.rtr.memory import Remembered

_FIRST_SERIAL: Final = 1


class FeedSetting(NamedTuple):
    """How a feed behaves."""

    memory: Path | None = None
    """The file that keeps sessions over a restart; without it every start begins new ones."""
    sessions: tuple[int, int, int] | None = None
    """The session of each protocol version. A stand-by that is given the same sessions, payloads
    and serial numbers can take over, and no router notices."""
    bounds: Bounds = Bounds()
    timing: pdu.Timing = pdu.Timing()


class Feed:
    """The editions of one set of payloads.

    Args:
        setting: Raises ValueError where its times or sessions are outside RFC 8210's bounds.
    """

    def __init__(self, setting: FeedSetting | None = None) -> None:
        self.setting = setting or FeedSetting()
        if not self.setting.timing.holds():
            raise ValueError(f"{self.setting.timing} is outside RFC 8210, section 6")
        self.sessions: tuple[int, ...] = self.setting.sessions or _new_sessions()
        if len(self.sessions) != len(pdu.VERSIONS) or not all(
            0 <= session < 1 << 16 for session in self.sessions
        ):
            raise ValueError(f"{self.sessions}: one number of 16 bits for each version")
        self._edition: Edition | None = None
        self._told = False
        self._exact = False
        self._held = Payloads()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._memory = Memory(self.setting.memory) if self.setting.memory else None
        recalled = self._memory.recall() if self._memory else None
        if recalled and self.setting.sessions in (None, recalled.sessions):
            self._resume(recalled)

    @property
    def edition(self) -> Edition | None:
        """What routers may hear; None until this process has published once.

        What was remembered from before a restart may be long outdated: it serves to tell the
        first difference, and is not told itself.
        """
        return self._edition if self._told else None

    def publish(
        self, payloads: Payloads, change: Change | None = None, *, serial: int | None = None
    ) -> int:
        """Let routers have these payloads; the serial number under which they do.

        Args:
            payloads: All there are.
            change: The way here from what this feed published last; found out where not given,
                or where it does not lead from there.
            serial: The number that another feed gave to this edition; by default the next one.

        Raises:
            Unavailable: The memory cannot be written; routers keep the edition before.
            ValueError: The given serial number is not newer, though the payloads differ.
        """
        with self._lock:
            edition, exact = self._edition, self._exact
            # Until this call has succeeded, a later change does not lead from what is held.
            self._exact = False
            if edition is None:
                edition = self._begun(payloads, serial)
            else:
                entries = self._entries(payloads, change if exact else None)
                if entries:
                    edition = self._next(edition, entries, serial)
            news = edition is not self.edition
            self._edition, self._held = edition, payloads
            self._told = self._exact = True
        if news:
            for listener in tuple(self._listeners):
                listener()
        return edition.serial

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have each new edition told to a function, in the publishing thread; returns the end."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def close(self) -> None:
        """Close the memory; nothing can be published any more."""
        with self._lock:
            if self._memory:
                self._memory.close()

    def _entries(self, payloads: Payloads, change: Change | None) -> Entries:
        if change is None or not self._leads(change, payloads):
            change = way(self._held, payloads)
        return entries_of(change)

    def _leads(self, change: Change, payloads: Payloads) -> bool:
        """Whether a change that somebody else computed starts at what is held and ends right."""
        for name in ("vrps", "aspas", "router_keys"):
            held, now = getattr(self._held, name), getattr(payloads, name)
            come, gone = getattr(change.announced, name), getattr(change.withdrawn, name)
            if (
                len(held) + len(come) - len(gone) != len(now)
                or not gone <= held
                or not come <= now
                or come & held
                or gone & now
            ):
                return False
        return True

    def _begun(self, payloads: Payloads, serial: int | None) -> Edition:
        edition = first(_FIRST_SERIAL if serial is None else serial, payloads)
        if self._memory:
            self._memory.begin(self.sessions, edition.serial, edition)
        return edition

    def _next(self, edition: Edition, entries: Entries, serial: int | None) -> Edition:
        number = following(edition.serial) if serial is None else serial
        if not is_newer(number, edition.serial):
            raise ValueError(f"serial number {number} does not come after {edition.serial}")
        following_one = edition.next(number, entries, self.setting.bounds)
        if self._memory:
            self._memory.keep(
                Delta(edition.serial, number, entries), deltas=len(following_one.history)
            )
        return following_one

    def _resume(self, recalled: Remembered) -> None:
        self.sessions = recalled.sessions
        self._held = payloads_of(recalled.records)
        self._edition = replace(first(recalled.serial, self._held), history=recalled.history)


def _new_sessions() -> tuple[int, ...]:
    """A session for each version, all different (RFC 8210, 5.1)."""
    chosen: set[int] = set()
    while len(chosen) < len(pdu.VERSIONS):
        chosen.add(secrets.randbelow(1 << 16))
    return tuple(chosen)
