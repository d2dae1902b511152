"""Which faults can contact cards and announced anchor keys have? (RFC 6493, RFC 9691)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import oids
from madang.rpki.engine.making import contents
from madang.rpki.engine.making.contents import AnchorKey
from madang.rpki.engine.making.numbers import KINDS
from madang.rpki.engine.making.profile import NOTHING
from madang.rpki.engine.simulator.faulty_objects import placed
from madang.rpki.engine.simulator.plants import Plant, Sown
from madang.rpki.engine.simulator.scene import Otherwise

if TYPE_CHECKING:
    from madang.rpki.engine.simulator.scene import Scene


def _card(name: str, code: str, text: str, inherit: frozenset[str] = KINDS) -> Plant:
    def make(scene: Scene) -> bytes:
        otherwise = Otherwise(resources=NOTHING if inherit else scene.held, inherit=inherit)
        return scene.signed("bad.gbr", oids.GHOSTBUSTERS, text.encode("latin-1"), otherwise)

    return placed(name, code, "bad.gbr", make)._replace(
        peers="rpki-client 9.8 no longer reads contact cards"
    )


CARD: Final = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A\r\nEMAIL:a@example.net\r\nEND:VCARD\r\n"

CARDS: Final = (
    _card("card-of-version-3", "ghostbusters-card", CARD.replace("4.0", "3.0")),
    _card("card-with-a-photo", "ghostbusters-card", CARD.replace("EMAIL:", "PHOTO:")),
    _card("card-without-address", "ghostbusters-card", CARD.replace("EMAIL:", "ORG:")),
    _card("card-not-utf-8", "ghostbusters-card", CARD.replace("FN:A", "FN:\xff")),
    _card("card-holds-numbers", "ghostbusters-resources", CARD, frozenset()),
)
"""Faults of contact cards (RFC 6493)."""


def _anchor_key(name: str, code: str, uris: tuple[str, ...], inherit: frozenset[str]) -> Plant:
    def sow(scene: Scene) -> Sown:
        ca = scene.root if code != "anchor-key-place" else scene.erring
        key = AnchorKey((), uris, scene.root.issuer.signer.public_key_der())
        otherwise = Otherwise(resources=NOTHING if inherit else scene.held, inherit=inherit, by=ca)
        content = contents.trust_anchor_key(key)
        ca.files["bad.tak"] = scene.signed("bad.tak", oids.TRUST_ANCHOR_KEY, content, otherwise)
        return Sown(f"{ca.folder}bad.tak")

    return Plant(name, code, sow)


_ANCHOR: Final = ("rsync://localhost/repo/ta.cer",)
ANCHOR_KEYS: Final = (
    _anchor_key("anchor-key-below", "anchor-key-place", _ANCHOR, KINDS),
    _anchor_key("anchor-key-holds-numbers", "anchor-key-resources", _ANCHOR, frozenset()),
    _anchor_key("anchor-key-nowhere", "anchor-key-uris", (), KINDS),
    _anchor_key("anchor-key-everywhere", "anchor-key-uris", _ANCHOR * 65, KINDS),
)
"""Faults of trust-anchor keys (RFC 9691)."""
