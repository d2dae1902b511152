"""Where are private keys kept? A store makes them, lends a signer, destroys them.

A key never leaves its store unenciphered: whoever needs a signature gets a `Signer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from madang.rpki.engine.keys.signer import Signer


class KeyStore(Protocol):
    """A place for private keys, each known by a handle."""

    def create(self) -> str:
        """Make a new key and keep it; its handle."""

    def signer(self, handle: str) -> Signer:
        """The key of this handle, ready to sign.

        Raises:
            SettingRefused: There is no such key, or it cannot be opened.
        """

    def destroy(self, handle: str) -> None:
        """Forget the key for ever; nothing happens where there is none."""
