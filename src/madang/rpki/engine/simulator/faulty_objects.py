"""Which faults can a signed object have? Each part of it, made wrong once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    NULL,
    bit_string,
    explicit,
    integer,
    octet_string,
    oid,
    sequence,
    sequence_of,
    tlv,
)
from madang.rpki.engine.making import contents
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.profile import NOTHING, Grant, router
from madang.rpki.engine.making.signed_object import attribute
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.simulator.faulty_certificates import added, swapped
from madang.rpki.engine.simulator.grafting import graft, indefinite, part
from madang.rpki.engine.simulator.plants import ANYWHERE, Plant, Sown
from madang.rpki.engine.simulator.scene import Otherwise
from madang.rpki.engine.validation.policy import PROFILE_STRICT

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.making.certificate import CertificateDraft
    from madang.rpki.engine.making.signed_object import EnvelopeDraft
    from madang.rpki.engine.simulator.scene import Scene


def placed(name: str, code: str, file: str, make: Callable[[Scene], bytes]) -> Plant:
    """A plant that is one file of the erring member."""

    def sow(scene: Scene) -> Sown:
        scene.erring.files[file] = make(scene)
        return Sown(f"{scene.erring.folder}{file}")

    return Plant(name, code, sow)


def _envelope(
    name: str, code: str, change: Callable[[EnvelopeDraft], EnvelopeDraft], where: bytes = ANYWHERE
) -> Plant:
    def sow(scene: Scene) -> Sown:
        otherwise = Otherwise(resources=scene.held, envelope=change)
        content = scene.roa_content()
        scene.erring.files["bad.roa"] = scene.signed("bad.roa", oids.ROA, content, otherwise)
        return Sown(f"{scene.erring.folder}bad.roa", where)

    return Plant(name, code, sow)


def _grafted(
    name: str,
    code: str,
    change: Callable[[bytes], bytes],
    path: tuple[int, ...] = (),
) -> Plant:
    def make(scene: Scene) -> bytes:
        whole = scene.signed(
            "bad.roa", oids.ROA, scene.roa_content(), Otherwise(resources=scene.held)
        )
        return graft(whole, path, change)

    return placed(name, code, "bad.roa", make)


def _roa(name: str, code: str, content: bytes, **otherwise: Resources) -> Plant:
    """A ROA with this content."""

    def sow(scene: Scene) -> Sown:
        held = otherwise.get("resources", scene.held)
        made = scene.signed("bad.roa", oids.ROA, content, Otherwise(resources=held))
        scene.erring.files["bad.roa"] = made
        return Sown(f"{scene.erring.folder}bad.roa", content)

    return Plant(name, code, sow)


def _others_key(name: str, code: str) -> Plant:
    """The envelope signed with a key that is not the certificate's."""

    def make(scene: Scene) -> bytes:
        whole = scene.signed(
            "bad.roa", oids.ROA, scene.roa_content(), Otherwise(resources=scene.held)
        )
        other = octet_string(scene.key().sign(b"something else"))
        return graft(whole, (1, 0, -1, 0, -1), lambda _: other)

    return placed(name, code, "bad.roa", make)


def _reversed_set(element: bytes) -> bytes:
    from madang.rpki.engine.simulator.grafting import parts

    return tlv(element[0], b"".join(reversed(parts(element))))


def _two_of(element: bytes) -> bytes:
    return tlv(element[0], part(element, (0,)) * 2)


def _deep(_: bytes) -> bytes:
    whole = NULL
    for _level in range(40):
        whole = indefinite(tlv(0x30, whole))
    return whole


def _long_form(whole: bytes) -> bytes:
    content = whole[4:]
    return b"\x30\x84" + len(content).to_bytes(4, "big") + content


_DIGEST: Final = attribute(oids.MESSAGE_DIGEST, octet_string(hashlib.sha256(b"another").digest()))
_SHA1: Final = sequence(oid("1.3.14.3.2.26"))


def _without(place: int) -> Callable[[EnvelopeDraft], EnvelopeDraft]:
    def change(draft: EnvelopeDraft) -> EnvelopeDraft:
        kept = draft.attributes[:place] + draft.attributes[place + 1 :]
        return replace(draft, attributes=kept)

    return change


def _attribute(place: int, new: bytes) -> Callable[[EnvelopeDraft], EnvelopeDraft]:
    def change(draft: EnvelopeDraft) -> EnvelopeDraft:
        one, two = draft.attributes[:place], draft.attributes[place + 1 :]
        return replace(draft, attributes=(*one, new, *two))

    return change


ENVELOPES: Final = (
    _envelope("no-digest", "cms-attributes", _without(1)),
    _envelope("no-signed-attributes", "cms-attributes", lambda d: replace(d, attributes=())),
    _envelope(
        "attribute-twice",
        "cms-attributes",
        lambda d: replace(d, attributes=(*d.attributes, attribute(oids.SIGNING_TIME, NULL))),
    ),
    _envelope(
        "attribute-unknown",
        "cms-attributes",
        lambda d: replace(d, attributes=(*d.attributes, attribute(oid("1.2.3"), NULL))),
    ),
    _envelope(
        "unsigned-attribute",
        "cms-attributes",
        lambda d: replace(d, unsigned_attributes=(attribute(oid("1.2.3"), NULL),)),
    ),
    _envelope(
        "two-certificates",
        "cms-certificates",
        lambda d: replace(d, certificate=d.certificate * 2),
    ),
    _envelope("no-certificate", "der-tag", lambda d: replace(d, certificate=b"")),
    _envelope(
        "type-not-as-signed",
        "cms-content-type",
        _attribute(0, attribute(oids.CONTENT_TYPE, oids.ASPA)),
        oids.ASPA,
    ),
    _envelope("list-inside", "cms-crls", lambda d: replace(d, crls=(sequence(NULL),))),
    _envelope("digest-of-another", "cms-digest", _attribute(1, _DIGEST), _DIGEST),
    _envelope(
        "sha-1",
        "cms-digest-algorithm",
        lambda d: replace(d, digest_algorithm=_SHA1),
        _SHA1,
    ),
    _envelope(
        "ecdsa",
        "cms-signature-algorithm",
        lambda d: replace(d, signature_algorithm=sequence(oids.ECDSA_WITH_SHA256)),
        sequence(oids.ECDSA_WITH_SHA256),
    ),
    _envelope(
        "signer-is-another",
        "cms-signer-key",
        lambda d: replace(d, signer_identifier=b"k" * 20),
        b"k" * 20,
    ),
    _envelope("cms-of-version-1", "cms-version", lambda d: replace(d, version=1)),
    _envelope("signer-of-version-1", "cms-version", lambda d: replace(d, signer_version=1)),
    _envelope("no-signing-time", "signing-time", _without(2))._replace(
        peers="rpki-client 8.2, FORT 1.5.4 and OctoRPKI accept; rpki-client 9.8 and FORT 1.7"
        " refuse, as RFC 9589 section 4 asks"
    ),
    _others_key("signature-of-another-key", "cms-signature"),
    _grafted("two-signers", "cms-signers", _two_of, (1, 0, -1)),
    _grafted("no-signed-data", "cms-type", lambda _: oid("1.2.840.113549.1.7.1"), (0,)),
    _grafted("signature-of-255-bytes", "signature-form", lambda _: octet_string(b"\x55" * 255),
             (1, 0, -1, 0, -1)),
    _grafted("attributes-out-of-order", "der-set-order", _reversed_set, (1, 0, -1, 0, 3)),
    _grafted("length-too-long", "der-length", _long_form),
    _grafted("a-set-at-the-top", "der-tag", lambda whole: b"\x31" + whole[1:]),
    _grafted("cut-short", "der-truncated", lambda whole: whole[:-7]),
    _grafted("nested-forty-deep", "der-depth", _deep),
    _grafted("empty-file", "der-truncated", lambda _: b""),
    _grafted("roa-in-ber", "der-indefinite", indefinite)._replace(
        policy=PROFILE_STRICT, peers="rpki-client and FORT read BER, against RFC 6488 section 2"
    ),
)  # fmt: skip
"""Faults in the envelope (RFC 6488)."""

_BLOCK: Final = Prefix(4, (2 << 14) + 256, 24)
_ADDRESS: Final = sequence(bit_string(b"\0\0\x81"))


def _families(*families: bytes) -> bytes:
    return sequence(integer(64_500), sequence(*families))


def _family(name: bytes, *addresses: bytes) -> bytes:
    return sequence(octet_string(name), sequence_of(addresses))


def _inheriting(scene: Scene) -> bytes:
    otherwise = Otherwise(inherit=("v4",))
    return scene.signed("bad.roa", oids.ROA, scene.roa_content(), otherwise)


def _with_asn(scene: Scene) -> bytes:
    held = Resources(scene.held.v4, asn=((scene.asn, scene.asn),))
    return scene.signed("bad.roa", oids.ROA, scene.roa_content(), Otherwise(resources=held))


def _roa_of_aspa(scene: Scene) -> bytes:
    held = Resources(asn=((scene.asn, scene.asn),))
    content = contents.aspa(scene.asn, [7])
    return scene.signed("bad.roa", oids.ASPA, content, Otherwise(resources=held))


def _beyond_issuer(scene: Scene) -> bytes:
    held = Resources(((1 << 24, (1 << 24) + 255),))
    content = contents.roa(scene.asn, [(Prefix(4, 1 << 24, 24), None)])
    return scene.signed("bad.roa", oids.ROA, content, Otherwise(resources=held))


def _revoked(scene: Scene) -> bytes:
    made = scene.signed("bad.roa", oids.ROA, scene.roa_content(), Otherwise(resources=scene.held))
    scene.erring.revoked.append((scene.erring.serial, scene.erring.validity.not_before))
    return made


ROAS: Final = (
    _roa("as-of-33-bits", "roa-as", contents.roa(1 << 32, [(_BLOCK, None)])),
    _roa("as-of-10000-digits", "roa-as", contents.roa(1 << 33_000, [(_BLOCK, None)])),
    _roa("no-prefix", "roa-empty", _families()),
    _roa("no-prefix-in-a-family", "roa-empty", _families(_family(b"\0\1"))),
    _roa("family-of-ipx", "ip-family", _families(_family(b"\0\x0b", _ADDRESS))),
    _roa("family-twice", "ip-family", _families(*[_family(b"\0\1", _ADDRESS)] * 2)),
    _roa("too-many-prefixes", "roa-length", _families(_family(b"\0\1", *[_ADDRESS] * 100_001))),
    _roa("greatest-below-length", "roa-max-length", contents.roa(64_500, [(_BLOCK, 23)])),
    _roa("greatest-beyond-address", "roa-max-length", contents.roa(64_500, [(_BLOCK, 33)])),
    _roa(
        "greatest-of-10000-digits",
        "roa-max-length",
        contents.roa(64_500, [(_BLOCK, 1 << 33_000)]),
    ),
    _roa("outside-its-certificate", "roa-outside",
         contents.roa(64_500, [(Prefix(4, 0, 24), None)])),
    _roa("version-1", "content-version", contents.roa(64_500, [(_BLOCK, None)], version=1)),
    _roa("version-written-out", "content-version",
         sequence(explicit(0, integer(0)), integer(1), sequence())),
    placed("roa-inherits", "roa-inherit", "bad.roa", _inheriting),
    placed("roa-holds-as", "roa-as-resources", "bad.roa", _with_asn)._replace(
        peers="all but rpki-client refuse or warn; RFC 9582 section 5 forbids it"
    ),
    placed("roa-holds-an-aspa", "content-type", "bad.roa", _roa_of_aspa),
    placed("roa-beyond-its-issuer", "overclaim", "bad.roa", _beyond_issuer),
    placed("roa-revoked", "revoked", "bad.roa", _revoked),
)  # fmt: skip
"""Faults in what a ROA says (RFC 9582)."""


def _aspa(
    name: str, code: str, content: Callable[[int], bytes], also: Resources = NOTHING
) -> Plant:
    def sow(scene: Scene) -> Sown:
        held = Resources(asn=((scene.asn, scene.asn),)) | also
        said = content(scene.asn)
        made = scene.signed("bad.asa", oids.ASPA, said, Otherwise(resources=held))
        scene.erring.files["bad.asa"] = made
        return Sown(f"{scene.erring.folder}bad.asa", ANYWHERE if also else said)

    return Plant(name, code, sow)


def _providers(*providers: int) -> Callable[[int], bytes]:
    return lambda customer: sequence(
        explicit(0, integer(1)), integer(customer), sequence_of(map(integer, providers))
    )


ASPAS: Final = (
    _aspa("aspa-with-addresses", "aspa-addresses", _providers(7), Resources(((32_768, 32_768),))),
    _aspa("aspa-for-another", "aspa-outside", lambda asn: contents.aspa(asn + 1, [7])),
    _aspa("customer-provides-itself", "aspa-customer", lambda asn: contents.aspa(asn, [asn])),
    _aspa("customer-of-10000-digits", "aspa-customer", lambda _: contents.aspa(1 << 33_000, [7])),
    _aspa("providers-falling", "aspa-providers", _providers(9, 7)),
    _aspa("providers-twice", "aspa-providers", _providers(7, 7)),
    _aspa("providers-none", "aspa-providers", _providers()),
    _aspa("provider-0-and-another", "aspa-providers", _providers(0, 7)),
    _aspa("providers-10001", "aspa-length", _providers(*range(1, 10_002))),
    _aspa("aspa-of-version-0", "aspa-version", lambda asn: contents.aspa(asn, [7], version=0))
    ._replace(peers="rpki-client 8.2 knows only this form; FORT and OctoRPKI ignore ASPA"),
)  # fmt: skip
"""Faults in what an ASPA says."""


def _router(name: str, code: str, change: Callable[[CertificateDraft], CertificateDraft]) -> Plant:
    def make(scene: Scene) -> bytes:
        ca = scene.erring
        grant = Grant(
            serial=ca.next_serial(),
            validity=ca.validity,
            resources=Resources(asn=((scene.asn, scene.asn),)),
        )
        draft = router(ca.issuer, router_key(), grant=grant)
        return change(draft).signed(ca.issuer.signer)

    return placed(name, code, "bad.cer", make)


def router_key() -> bytes:
    """A key on P-256: the generator of the curve, the key of the private number 1."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = derive_private_key(1, SECP256R1()).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


ROUTERS: Final = (
    _router("key-off-the-curve", "router-key",
            lambda d: replace(d, public_key=d.public_key[:-1] + b"\x01")),
    _router("key-of-rsa", "router-key", lambda d: replace(d, public_key=b"\x30\x03\x02\x01\x05")),
    _router("router-publishes", "router-sia",
            lambda d: added(d, ext.object_access("rsync://localhost/repo/erring/bad.cer"))),
    _router("router-inherits", "router-resources",
            lambda d: swapped(d, oids.AS_RESOURCES, ext.resources(NOTHING, ("asn",))[0])),
    _router("router-with-addresses", "router-resources",
            lambda d: added(d, ext.resources(NOTHING, ("v4",))[0])),
    _router("router-overclaims", "overclaim",
            lambda d: swapped(d, oids.AS_RESOURCES,
                              ext.resources(Resources(asn=((5, 5),)))[0])),
)  # fmt: skip
"""Faults of router certificates (RFC 8209)."""
