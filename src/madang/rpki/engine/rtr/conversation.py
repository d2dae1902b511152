"""What is answered to a router? One connection's side of the protocol, without the network.

Decisions where the texts leave a choice:
- A version above ours: Unsupported Protocol Version in our highest version, and the connection
  stays open for a lower one, as draft 8210bis section 7 has it. RFC 8210 would end it; a router
  that follows RFC 8210 ends it itself.
- A session that is not ours, or a serial number we do not know (older than our memory, or in the
  future): Cache Reset (RFC 8210, 8.4), since an error would make a router wait for its retry
  time with data that nobody stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.rtr import pdu
from madang.rpki.engine.rtr.reading import ErrorReport, Malformed, ResetQuery, SerialQuery, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from madang.rpki.engine.rtr.editions import Edition
    from madang.rpki.engine.rtr.feed import Feed

_ATTEMPTS: Final = 4


class Answer(NamedTuple):
    """What is sent, piece by piece, and whether the connection ends then."""

    pieces: Iterable[bytes]
    ends: bool = False


class Conversation:
    """What was agreed with one router so far.

    Args:
        versions: What may be agreed on; the highest is named to a router that asks for more.
    """

    def __init__(self, feed: Feed, versions: tuple[int, ...] = pdu.VERSIONS) -> None:
        self._feed, self._versions = feed, versions
        self.version: int | None = None
        """Agreed on by the first query that was understood."""
        self.serial: int | None = None
        """What the router has, as far as it was told in this connection."""
        self.complaint = ""
        """What the router said in an Error Report."""
        self._attempts = 0

    def answer(self, message: bytes) -> Answer:
        """What is said to one PDU of the router; `message` has the length that its head states."""
        version = message[0]
        refusal = self._agree(version, message)
        if refusal:
            return refusal
        try:
            asked = read(message)
        except Malformed as fault:
            return self._refuse(fault.code, message, fault.reason)
        if isinstance(asked, ErrorReport):
            self.complaint = f"{asked.code}: {asked.text}"
            return Answer((), ends=True)
        if not isinstance(asked, (ResetQuery, SerialQuery)):
            return self._refuse(pdu.INVALID_REQUEST, message, "a cache takes queries only")
        self.version = version
        edition = self._feed.edition
        if edition is None:
            no_data = pdu.error_report(
                version, pdu.NO_DATA_AVAILABLE, about=message, text="validation has not ended yet"
            )
            return Answer((no_data,))
        if isinstance(asked, ResetQuery):
            return self._data(edition, edition.everything(version))
        known = asked.session == self._feed.sessions[version]
        changed = edition.since(asked.serial, version) if known else None
        if changed is None:
            return Answer((pdu.cache_reset(version),))
        return self._data(edition, (changed,))

    def news(self) -> bytes:
        """The notification for this router; empty where it has all, or no version is agreed on."""
        edition = self._feed.edition
        if edition is None or self.version is None or self.serial == edition.serial:
            return b""
        return pdu.serial_notify(self.version, self._feed.sessions[self.version], edition.serial)

    def too_long(self, head: bytes) -> Answer:
        """What is said to a head whose length no PDU has."""
        return self._refuse(pdu.CORRUPT_DATA, head, "no PDU has this length")

    def _agree(self, version: int, message: bytes) -> Answer | None:
        """The refusal of a version, if it is refused."""
        if self.version is not None:
            if version == self.version:
                return None
            # Version 0 knows no code for a version that changes (RFC 6810, section 10).
            code = pdu.UNEXPECTED_VERSION if self.version else pdu.UNSUPPORTED_VERSION
            return self._refuse(code, message, f"version {self.version} was agreed on")
        if version in self._versions:
            return None
        if message[1] == pdu.ERROR_REPORT:
            return Answer((), ends=True)
        self._attempts += 1
        highest = max(self._versions)
        report = pdu.error_report(
            highest, pdu.UNSUPPORTED_VERSION, about=message, text=f"version {highest} at most"
        )
        return Answer((report,), ends=version < highest or self._attempts >= _ATTEMPTS)

    def _data(self, edition: Edition, pieces: Iterable[bytes]) -> Answer:
        assert self.version is not None
        return Answer(self._framed(self.version, edition.serial, pieces))

    def _framed(self, version: int, serial: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
        session = self._feed.sessions[version]
        yield pdu.cache_response(version, session)
        yield from pieces
        self.serial = serial
        timing = self._feed.setting.timing
        yield pdu.end_of_data(version, session, serial=serial, timing=timing)

    def _refuse(self, code: int, message: bytes, text: str) -> Answer:
        """An error ends the connection; an error about an error is never sent (RFC 8210, 5.11)."""
        if message[1] == pdu.ERROR_REPORT:
            return Answer((), ends=True)
        version = message[0] if self.version is None else self.version
        if version not in self._versions:
            version = max(self._versions)
        return Answer((pdu.error_report(version, code, about=message, text=text),), ends=True)
