"""How does a second server take over unnoticed? It tells the same, under the same numbers.

A stand-by copies the payloads of its primary over RTR, with session and serial, so that a router
that changes over needs no reset (RFC 8210, section 10). When the primary has been silent for some
time, the stand-by goes round by itself, counting on.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from madang.kernel.words import words
from madang.rpki.engine.errors import Unreachable
from madang.rpki.engine.rtr.client import everything

if TYPE_CHECKING:
    from madang.rpki.engine.rtr.feed import Feed

_LARGEST = 65_536


class Numbers(NamedTuple):
    """Under which numbers a server tells its payloads."""

    sessions: tuple[int, int, int]
    """The session of each version of the protocol."""
    serial: int | None
    """None until it has told anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """The server that a stand-by stands by for."""

    http: str
    """Where it answers HTTP, such as `http://10.0.0.1:9556`."""
    rtr: tuple[str, int]
    every_s: float = 10.0
    """How often it is looked at."""
    patience_s: float = 60.0
    """How long it may be silent before the stand-by takes over."""

    def numbers(self) -> Numbers:
        """Its sessions and its serial.

        Raises:
            Unreachable: It does not answer, or not as it should.
        """
        address = f"{self.http.rstrip('/')}/api/v1/edition"
        if not address.startswith(("http://", "https://")):
            raise Unreachable(self.http, reason=words("http 주소가 아님", "no http address"))
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - checked
                found = json.loads(answer.read(_LARGEST))
            first, second, third = (int(each) for each in found["sessions"])
            serial = None if found["serial"] is None else int(found["serial"])
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise Unreachable(self.http, reason=str(fault)) from fault
        return Numbers((first, second, third), serial)


class Standby:
    """Follows a primary until it is gone."""

    def __init__(self, primary: Primary, feed: Feed, ended: threading.Event) -> None:
        self._primary, self._feed, self._ended = primary, feed, ended

    def follow(self) -> None:
        """Tell what the primary tells; returns when it has been silent for too long."""
        heard = time.monotonic()
        while not self._ended.is_set():
            try:
                self._copy()
                heard = time.monotonic()
            except Unreachable:
                if time.monotonic() - heard >= self._primary.patience_s:
                    return
            self._ended.wait(self._primary.every_s)

    def _copy(self) -> None:
        numbers = self._primary.numbers()
        if numbers.serial is None:
            return
        edition = self._feed.edition
        if edition is not None and edition.serial == numbers.serial:
            return
        told = everything(*self._primary.rtr)
        self._feed.publish(told.payloads, serial=told.serial)
