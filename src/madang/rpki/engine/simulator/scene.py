"""On which stage does a fault play? A trust anchor, a member that errs, and one that does not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import oids
from madang.rpki.engine.keys.signer import MemoryKey, key_identifier
from madang.rpki.engine.making import contents, issuing
from madang.rpki.engine.making.contents import Listed
from madang.rpki.engine.making.crl import crl
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.making.numbers import KINDS
from madang.rpki.engine.making.profile import NOTHING, Grant, anchor, authority, end_entity
from madang.rpki.engine.making.signed_object import EnvelopeDraft, attributes
from madang.rpki.engine.payloads import Aspa, Payloads, Vrp
from madang.rpki.engine.resources.blocks import EVERYTHING, Resources
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.simulator.tree import Shape, Tree, grower, holdings, locator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from madang.rpki.engine.making.certificate import CertificateDraft
    from madang.rpki.engine.making.crl import CrlDraft
    from madang.rpki.engine.making.issuing import Sheet
    from madang.rpki.engine.simulator.tree import Ca

SHAPE: Final = Shape(cas=2, roas=4, aspas=2)
_INDEX: Final = {"bystander": 1, "erring": 2}


@dataclass(slots=True, kw_only=True)
class Listing:
    """What the erring member's manifest is made from, for whoever wants it otherwise."""

    sheet: Sheet
    number: int
    files: list[Listed]
    this_update: datetime
    next_update: datetime

    def content(self, **otherwise: int) -> bytes:
        """The list itself."""
        return contents.manifest(
            self.number,
            self.files,
            this_update=self.this_update,
            next_update=self.next_update,
            **otherwise,
        )

    def signed(self, content: bytes | None = None) -> bytes:
        """The manifest."""
        return self.sheet.signed(oids.MANIFEST, content or self.content(), inherit=KINDS)


def _same_certificate(draft: CertificateDraft) -> CertificateDraft:
    return draft


def _same_envelope(draft: EnvelopeDraft) -> EnvelopeDraft:
    return draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """What is not as it should be about a signed object, and what its certificate holds."""

    resources: Resources = NOTHING
    inherit: Collection[str] = ()
    certificate: Callable[[CertificateDraft], CertificateDraft] = _same_certificate
    envelope: Callable[[EnvelopeDraft], EnvelopeDraft] = _same_envelope
    by: Ca | None = None
    """Who signs; the erring member where nobody is named."""


class Scene:
    """A small tree in the making; a plant spoils one thing of it."""

    def __init__(self, seed_keys: int = 24, shape: Shape = SHAPE) -> None:
        self.grower = grower(shape, spare=seed_keys)
        self.root, self._anchor = self.grower.root()
        self.bystander = self._member("bystander")
        self.erring = self._member("erring")
        self.crl: Callable[[CrlDraft], bytes] = lambda draft: draft.signed(
            self.erring.issuer.signer
        )
        self.manifest: Callable[[Listing], bytes] = Listing.signed
        self.aftermath: Callable[[dict[str, bytes]], None] = lambda files: None
        self.anchored: Callable[[bytes], bytes] = lambda certificate: certificate
        self.earlier: dict[str, bytes] = {}
        """What the erring member's point held when it was last good."""

    def _member(self, name: str) -> Ca:
        index = _INDEX[name]
        ca = self.grower.child(self.root, name, holdings(index))
        block, asn = Prefix(4, index << 14, 24), 100_000 + index * 16
        ca.files["good.roa"] = issuing.roa(ca.sheet("good.roa"), asn, entries=[(block, None)])
        ca.files["good.asa"] = issuing.aspa(ca.sheet("good.asa"), asn, providers=[7, 9])
        return ca

    @staticmethod
    def says(name: str) -> Payloads:
        """What a member's good objects give."""
        index = _INDEX[name]
        asn = 100_000 + index * 16
        return Payloads(
            frozenset({Vrp(4, index << 14, 24, 24, asn)}), frozenset({Aspa(asn, (7, 9))})
        )

    @property
    def held(self) -> Resources:
        """An IPv4 block of the erring member that its good ROA does not use."""
        return Resources((((2 << 14) + 256, (2 << 14) + 511),))

    @property
    def asn(self) -> int:
        """An AS of the erring member that its good objects do not name."""
        return self.erring.resources.asn[0][0] + 5

    def key(self) -> MemoryKey:
        """A key that nothing of the scene has yet."""
        key = next(self.grower.keys)
        assert isinstance(key, MemoryKey)
        return key

    def roa_content(self, asn: int | None = None, *, length: int | None = None) -> bytes:
        """The content of a ROA for `held`."""
        prefix = Prefix(4, self.held.v4[0][0], 24)
        return contents.roa(self.asn if asn is None else asn, [(prefix, length)])

    def signed(self, file: str, kind: bytes, content: bytes, otherwise: Otherwise) -> bytes:
        """A signed object whose certificate or envelope is made otherwise."""
        ca = otherwise.by or self.erring
        sheet = ca.sheet(file)
        grant = Grant(
            serial=sheet.serial,
            validity=ca.validity,
            resources=otherwise.resources,
            inherit=otherwise.inherit,
        )
        key = sheet.key.public_key_der()
        certificate = end_entity(ca.issuer, key, grant=grant, object_uri=sheet.uri)
        draft = EnvelopeDraft(
            content_type=kind,
            content=content,
            certificate=otherwise.certificate(certificate).signed(ca.issuer.signer),
            signer_identifier=key_identifier(key),
            attributes=attributes(kind, content, sheet.signing_time),
        )
        return otherwise.envelope(draft).signed(sheet.key)

    def child(self, name: str, **otherwise: Resources) -> CertificateDraft:
        """A CA certificate below the erring member, before it is signed."""
        ca = self.erring
        folder = f"{self.grower.base}{name}/"
        grant = Grant(
            serial=ca.next_serial(),
            validity=ca.validity,
            resources=otherwise.get("resources", self.held),
        )
        place = Place(folder, f"{folder}{name}.mft")
        return authority(ca.issuer, self.key().public_key_der(), grant=grant, place=place)

    def anchor_draft(self) -> CertificateDraft:
        """The trust anchor's certificate, before it is signed."""
        base = f"{self.grower.base}ta/"
        grant = Grant(serial=1, validity=self.root.validity, resources=EVERYTHING)
        return anchor(self.root.issuer.signer, grant, place=Place(base, f"{base}ta.mft"))

    def publish(self) -> None:
        """Sign the erring member's revocation list and manifest as the scene wants them."""
        ca = self.erring
        start, end = ca.validity
        draft = crl(
            ca.issuer, ca.number, this_update=start, next_update=end, revoked=tuple(ca.revoked)
        )
        ca.files["erring.crl"] = self.crl(draft)
        listed = [
            Listed(each, hashlib.sha256(content).digest())
            for each, content in ca.files.items()
            if each != "erring.mft"
        ]
        ca.files["erring.mft"] = self.manifest(
            Listing(
                sheet=ca.sheet("erring.mft"),
                number=ca.number,
                files=listed,
                this_update=start,
                next_update=end,
            )
        )

    def tree(self) -> Tree:
        """The tree as a repository would hold it."""
        self.publish()
        self.grower.gather(self.bystander)
        self.grower.gather(self.root)
        files = dict(self.erring.files)
        self.aftermath(files)
        self.grower.files.update({self.erring.folder + name: each for name, each in files.items()})
        uri = self.root.issuer.certificate_uri
        tal = locator(uri, self.root.issuer.signer.public_key_der())
        return Tree("synth", tal, self.anchored(self._anchor), uri, self.grower.files)
