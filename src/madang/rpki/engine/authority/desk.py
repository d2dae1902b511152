"""With what does the authority work? The open book, its keys, and how long things are valid."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.rpki.engine.keys.signer import key_identifier, new_key

if TYPE_CHECKING:
    import sqlite3

    from madang.rpki.engine.authority.worksheet import OneTime
    from madang.rpki.engine.keys.signer import Signer
    from madang.rpki.engine.keys.store import KeyStore

_SERIAL_BITS = 126
"""Less than the 20 bytes that RFC 5280 (4.1.2.2) allows, more than anybody guesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things are valid, and when they are renewed."""

    anchor: timedelta = timedelta(days=3650)
    """A trust anchor's certificate; rpki-client refuses more than 15 years."""
    certificate: timedelta = timedelta(days=365)
    signed_object: timedelta = timedelta(days=365)
    renew_before: timedelta = timedelta(days=28)
    """So long before its end a certificate or signed object is renewed."""
    window: timedelta = timedelta(hours=24)
    """From thisUpdate to nextUpdate of CRLs and manifests."""
    offline_window: timedelta = timedelta(days=90)
    """The same where the key is offline."""
    reissue_before: timedelta = timedelta(hours=16)
    """So long before their nextUpdate CRLs and manifests are issued anew."""
    backdate: timedelta = timedelta(minutes=5)
    """Validity begins a little earlier, since clocks of validators differ."""
    grace: timedelta = timedelta(hours=24)
    """So long a delegated child may keep what it lost, to withdraw what it signed for it."""
    staging: timedelta = timedelta(hours=24)
    """A new key waits so long before it signs (RFC 6489, section 2, step 4)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What an act works with."""

    rows: sqlite3.Connection
    keys: KeyStore
    timing: Timing = field(default_factory=Timing)
    one_time: OneTime = new_key
    opened: dict[str, Signer] = field(default_factory=dict)
    """Signers that were opened, since deciphering a key takes its time."""
    made: list[str] = field(default_factory=list)
    """Keys made by an act: to be destroyed where the act fails."""
    doomed: list[str] = field(default_factory=list)
    """Keys given up by an act: to be destroyed once it stands."""

    def signer(self, handle: str) -> Signer:
        """The key of this handle, opened once."""
        if handle not in self.opened:
            self.opened[handle] = self.keys.signer(handle)
        return self.opened[handle]

    def add_key(self, class_id: int, state: str = "pending") -> int:
        """Make a key for a class; its number in the book."""
        handle = self.keys.create()
        self.made.append(handle)
        public_key = self.signer(handle).public_key_der()
        return self.write_key(class_id, state, handle=handle, public_key=public_key)

    def clear(self, *, stands: bool) -> None:
        """Destroy the keys that nobody needs after an act, whether it stands or failed."""
        for handle in self.doomed if stands else self.made:
            self.opened.pop(handle, None)
            self.keys.destroy(handle)
        self.made.clear()
        self.doomed.clear()

    def write_key(self, class_id: int, state: str, *, handle: str, public_key: bytes) -> int:
        """Note a key, which may be kept elsewhere: it has no handle then."""
        made = self.rows.execute(
            "insert into key (class, handle, public_key, identifier, state, since)"
            " values (?, ?, ?, ?, ?, ?) returning id",
            (
                class_id,
                handle,
                public_key,
                key_identifier(public_key).hex().upper(),
                state,
                clock.epoch_s(),
            ),
        ).fetchone()
        return int(made[0])


def new_serial() -> int:
    """A serial number that nobody can foresee."""
    return secrets.randbits(_SERIAL_BITS) | 1 << _SERIAL_BITS


def moment(epoch_s: float) -> datetime:
    """A moment of the book, in whole seconds as objects carry it."""
    return datetime.fromtimestamp(int(epoch_s), UTC)
