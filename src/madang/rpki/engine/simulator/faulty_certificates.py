"""Which faults can a certificate have? Each field and extension of RFC 6487, made wrong once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    NULL,
    TRUE,
    bit_string,
    explicit,
    implicit,
    integer,
    octet_string,
    oid,
    printable_string,
    sequence,
    set_of,
    tlv,
    utf8_string,
)
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.simulator.grafting import graft, indefinite, part, parts
from madang.rpki.engine.simulator.plants import Plant, Sown
from madang.rpki.engine.simulator.scene import Otherwise
from madang.rpki.engine.validation.policy import PROFILE_STRICT

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.making.certificate import CertificateDraft
    from madang.rpki.engine.simulator.scene import Scene

_A_WAY: Final = "rsync://localhost/repo/elsewhere/a.cer"


def swapped(draft: CertificateDraft, identifier: bytes, new: bytes) -> CertificateDraft:
    """The draft with one extension replaced; taken away where the new one is empty."""
    kept = [new if parts(each)[0] == identifier else each for each in draft.extensions]
    return replace(draft, extensions=tuple(each for each in kept if each))


def added(draft: CertificateDraft, new: bytes) -> CertificateDraft:
    """The draft with one extension more."""
    return replace(draft, extensions=(*draft.extensions, new))


def in_roa(
    name: str,
    code: str,
    change: Callable[[CertificateDraft], CertificateDraft],
    where: bytes = b"",
) -> Plant:
    """A plant in the EE certificate of a ROA."""

    def sow(scene: Scene) -> Sown:
        otherwise = Otherwise(resources=scene.held, certificate=change)
        scene.erring.files["bad.roa"] = scene.signed(
            "bad.roa", oids.ROA, scene.roa_content(), otherwise
        )
        return Sown(f"{scene.erring.folder}bad.roa", where)

    return Plant(name, code, sow)


_IN_NO_BYTE: Final = frozenset({"issuer-key", "crl-other", "signed-object-place"})
"""What only the comparison with another object shows."""


def swap(name: str, code: str, identifier: bytes, new: bytes) -> Plant:
    """A plant in a ROA's EE certificate: another extension in the place of one."""
    where = b"" if code in _IN_NO_BYTE else new
    return in_roa(name, code, lambda draft: swapped(draft, identifier, new), where)


def add(name: str, code: str, new: bytes) -> Plant:
    """A plant in a ROA's EE certificate: one extension more."""
    return in_roa(name, code, lambda draft: added(draft, new), new)


def in_child(name: str, code: str, make: Callable[[Scene], bytes], where: bytes = b"") -> Plant:
    """A plant in the certificate of a CA below the erring member."""

    def sow(scene: Scene) -> Sown:
        scene.erring.files["bad.cer"] = make(scene)
        return Sown(f"{scene.erring.folder}bad.cer", where)

    return Plant(name, code, sow)


def _child(
    name: str,
    code: str,
    change: Callable[[CertificateDraft], CertificateDraft],
    where: bytes = b"",
) -> Plant:
    def make(scene: Scene) -> bytes:
        return change(scene.child("lost")).signed(scene.erring.issuer.signer)

    return in_child(name, code, make, where)


def _grafted(name: str, code: str, path: tuple[int, ...], new: bytes) -> Plant:
    """A plant that no signer would sign, found before the signature is looked at."""

    def make(scene: Scene) -> bytes:
        whole = scene.child("lost").signed(scene.erring.issuer.signer)
        return graft(whole, path, lambda _: new)

    return in_child(name, code, make, new)


def _shifted(first: timedelta, last: timedelta) -> Callable[[CertificateDraft], CertificateDraft]:
    def change(draft: CertificateDraft) -> CertificateDraft:
        start, end = draft.validity
        return replace(draft, validity=Validity(start + first, end + last))

    return change


def _points(*points: bytes) -> bytes:
    return ext.extension(oids.CRL_DISTRIBUTION_POINTS, sequence(*points))


def _point(uri: str, *more: bytes) -> bytes:
    return sequence(explicit(0, tlv(0xA0, implicit(6, uri.encode()))), *more)


def _two_points(draft: CertificateDraft) -> CertificateDraft:
    own = next(e for e in draft.extensions if parts(e)[0] == oids.CRL_DISTRIBUTION_POINTS)
    return swapped(
        draft, oids.CRL_DISTRIBUTION_POINTS, _points(part(own, (1, 0, 0)), _point(_A_WAY))
    )


def _named(kind: str) -> bytes:
    """A name with a fault."""
    if kind == "utf8":
        return sequence(set_of([sequence(oids.COMMON_NAME, utf8_string("member"))]))
    return sequence(set_of([sequence(oid("2.5.4.6"), printable_string("KR"))]))


def _small_key(draft: CertificateDraft) -> CertificateDraft:
    """A key whose exponent is 3."""
    return replace(draft, public_key=draft.public_key[:-3] + b"\x00\x00\x03")


_DAY: Final = timedelta(days=1)
_LONG: Final = timedelta(days=365)
_V2_ADDRESSES: Final = ext.extension(
    oids.IP_RESOURCES_V2,
    sequence(sequence(octet_string(b"\0\1"), sequence(bit_string(b"\0\0\x81")))),
    critical=True,
)

FIELDS: Final = (
    in_roa("serial-negative", "certificate-serial", lambda d: replace(d, serial=-5)),
    in_roa(
        "serial-huge",
        "certificate-serial",
        lambda d: replace(d, serial=1 << 40_000),
        integer(1 << 40_000),
    ),
    in_roa("version-2", "certificate-version", lambda d: replace(d, version=1)),
    in_roa("no-extensions", "certificate-form", lambda d: replace(d, extensions=())),
    in_roa("expired", "certificate-expired", _shifted(-_LONG, -_LONG)),
    in_roa("future", "certificate-future", _shifted(_DAY, _DAY)),
    in_roa("crossed", "validity-crossed", _shifted(_DAY, -_LONG)),
    in_roa("other-issuer", "issuer-name", lambda d: replace(d, issuer=d.subject)),
    in_roa(
        "other-algorithm",
        "signature-algorithm",
        lambda d: replace(d, algorithm=sequence(oids.ECDSA_WITH_SHA256)),
        sequence(oids.ECDSA_WITH_SHA256),
    ),
    in_roa("exponent-3", "key-form", _small_key, b"\x02\x03\x00\x00\x03"),
    in_roa("country-name", "name-form", lambda d: replace(d, subject=_named("kr")), _named("kr")),
    in_roa("utf8-name", "name-utf8", lambda d: replace(d, subject=_named("utf8")))._replace(
        policy=PROFILE_STRICT, peers="all accept a UTF8String here, against RFC 6487 section 4.5"
    ),
    _child("utf8-name-of-ca", "name-utf8-ca", lambda d: replace(d, subject=_named("utf8"))),
    _grafted("time-of-no-day", "time-form", (0, 4, 0), tlv(0x17, b"260230000000Z")),
    _grafted("time-without-seconds", "time-form", (0, 4, 0), tlv(0x17, b"2602030000Z")),
    _grafted("time-too-general", "time-type", (0, 4, 0), tlv(0x18, b"20260203000000Z")),
    _grafted("signature-short", "signature-form", (2,), bit_string(b"\x55" * 255)),
    _grafted("integer-padded", "der-integer", (0, 1), b"\x02\x02\x00\x05"),
    _grafted("integer-empty", "der-integer", (0, 1), b"\x02\x00"),
)
"""Faults in the fields of a certificate."""

EXTENSIONS: Final = (
    swap("no-access", "access-empty", oids.SUBJECT_INFORMATION_ACCESS, ext.subject_access()),
    swap(
        "issuer-by-other-way",
        "aia-method",
        oids.AUTHORITY_INFORMATION_ACCESS,
        ext.extension(
            oids.AUTHORITY_INFORMATION_ACCESS, sequence(ext.access(oids.CA_REPOSITORY, _A_WAY))
        ),
    )._replace(name="issuer-by-other-way"),
    swap(
        "aki-of-19-bytes", "aki-form", oids.AUTHORITY_KEY_IDENTIFIER, ext.authority_key(b"k" * 19)
    ),
    swap(
        "aki-of-stranger",
        "issuer-key",
        oids.AUTHORITY_KEY_IDENTIFIER,
        ext.authority_key(b"k" * 20),
    ),
    swap("ski-of-19-bytes", "ski-form", oids.SUBJECT_KEY_IDENTIFIER, ext.subject_key(b"k" * 19)),
    swap("ski-of-stranger", "ski-key", oids.SUBJECT_KEY_IDENTIFIER, ext.subject_key(b"k" * 20)),
    swap("aki-missing", "extension-missing", oids.AUTHORITY_KEY_IDENTIFIER, b""),
    add("policy-twice", "extension-double", ext.POLICY),
    add("unknown-extension", "extension-unknown", ext.extension(oid("1.2.3.4"), NULL)),
    swap(
        "ski-critical",
        "extension-critical",
        oids.SUBJECT_KEY_IDENTIFIER,
        ext.extension(oids.SUBJECT_KEY_IDENTIFIER, octet_string(b"k" * 20), critical=True),
    ),
    add(
        "constraints-in-ee",
        "basic-constraints",
        ext.extension(oids.BASIC_CONSTRAINTS, sequence(), critical=True),
    ),
    swap("usage-of-ca", "key-usage", oids.KEY_USAGE, ext.CA_KEY_USAGE),
    swap(
        "usage-with-loose-bits",
        "der-bits",
        oids.KEY_USAGE,
        ext.extension(oids.KEY_USAGE, b"\x03\x02\x07\x81", critical=True),
    ),
    swap(
        "critical-is-one",
        "der-boolean",
        oids.KEY_USAGE,
        sequence(oids.KEY_USAGE, b"\x01\x01\x01", octet_string(b"\x03\x02\x07\x80")),
    ),
    add(
        "usage-of-server",
        "extended-usage",
        ext.extension(oids.EXTENDED_KEY_USAGE, sequence(oid("1.3.6.1.5.5.7.3.1"))),
    ),
    swap("crl-elsewhere", "crl-other", oids.CRL_DISTRIBUTION_POINTS, ext.crl_points(_A_WAY)),
    swap("crl-point-empty", "crl-point", oids.CRL_DISTRIBUTION_POINTS, _points(sequence())),
    swap(
        "crl-point-with-reasons",
        "crl-point",
        oids.CRL_DISTRIBUTION_POINTS,
        _points(_point(_A_WAY, implicit(1, b"\x06\x40"))),
    ),
    in_roa("crl-points-two", "crl-points", _two_points),
    swap(
        "crl-by-https", "no-rsync", oids.CRL_DISTRIBUTION_POINTS, ext.crl_points("https://a/b.crl")
    ),
    swap(
        "crl-with-a-space",
        "uri-form",
        oids.CRL_DISTRIBUTION_POINTS,
        ext.crl_points("rsync://a/b c"),
    ),
    swap(
        "crl-of-3000-bytes",
        "uri-form",
        oids.CRL_DISTRIBUTION_POINTS,
        ext.crl_points("rsync://a/" + "b" * 3_000),
    ),
    swap(
        "policy-of-stranger",
        "policy",
        oids.CERTIFICATE_POLICIES,
        ext.extension(oids.CERTIFICATE_POLICIES, sequence(sequence(oid("1.2.3"))), critical=True),
    ),
    swap(
        "policy-nameless",
        "der-oid",
        oids.CERTIFICATE_POLICIES,
        ext.extension(oids.CERTIFICATE_POLICIES, sequence(sequence(b"\x06\x00")), critical=True),
    ),
    add("resources-of-8360", "policy-resources", _V2_ADDRESSES),
    swap(
        "object-by-other-way",
        "sia-method",
        oids.SUBJECT_INFORMATION_ACCESS,
        ext.subject_access(ext.access(oids.CA_REPOSITORY, "rsync://localhost/repo/erring/")),
    ),
    in_roa(
        "notification-in-ee",
        "ee-notify",
        lambda d: swapped(
            d,
            oids.SUBJECT_INFORMATION_ACCESS,
            ext.subject_access(
                ext.access(oids.SIGNED_OBJECT, "rsync://localhost/repo/erring/bad.roa"),
                ext.access(oids.RPKI_NOTIFY, "https://localhost/notification.xml"),
            ),
        ),
    )._replace(policy=PROFILE_STRICT),
    swap(
        "object-in-another-point",
        "signed-object-place",
        oids.SUBJECT_INFORMATION_ACCESS,
        ext.object_access("rsync://localhost/repo/bystander/bad.roa"),
    )._replace(policy=PROFILE_STRICT),
)
"""Faults in the extensions of an EE certificate."""


def _overclaiming(scene: Scene) -> bytes:
    draft = scene.child("lost", resources=Resources(((1 << 24, (1 << 24) + 255),)))
    return draft.signed(scene.erring.issuer.signer)


def _ee_alone(scene: Scene) -> bytes:
    from madang.rpki.engine.making.profile import Grant, end_entity

    ca = scene.erring
    grant = Grant(serial=ca.next_serial(), validity=ca.validity, resources=scene.held)
    key = scene.key().public_key_der()
    return end_entity(ca.issuer, key, grant=grant, object_uri=f"{ca.folder}bad.cer").signed(
        ca.issuer.signer
    )


def _two_notifications(draft: CertificateDraft) -> CertificateDraft:
    new = ext.subject_access(
        ext.access(oids.CA_REPOSITORY, "rsync://localhost/repo/lost/"),
        ext.access(oids.RPKI_MANIFEST, "rsync://localhost/repo/lost/lost.mft"),
        ext.access(oids.RPKI_NOTIFY, "https://localhost/a.xml"),
        ext.access(oids.RPKI_NOTIFY, "https://localhost/b.xml"),
    )
    return swapped(draft, oids.SUBJECT_INFORMATION_ACCESS, new)


def _signed_by_stranger(scene: Scene) -> bytes:
    return scene.child("lost").signed(scene.key())


def _in_ber(scene: Scene) -> bytes:
    return indefinite(scene.child("lost").signed(scene.erring.issuer.signer))


def _trailing(scene: Scene) -> bytes:
    return scene.child("lost").signed(scene.erring.issuer.signer) + b"\0"


def _revoked(scene: Scene) -> bytes:
    ca = scene.erring
    draft = scene.child("lost")
    ca.revoked.append((draft.serial, ca.validity.not_before))
    return draft.signed(ca.issuer.signer)


AUTHORITIES: Final = (
    in_child("ca-overclaims", "overclaim", _overclaiming),
    in_child("ee-by-itself", "certificate-role", _ee_alone),
    in_child("ca-signed-by-stranger", "certificate-signature", _signed_by_stranger),
    in_child("ca-in-ber", "der-indefinite", _in_ber, b"\x30\x80"),
    in_child("ca-with-a-byte-more", "der-trailing", _trailing),
    in_child("ca-revoked", "revoked", _revoked),
    _child("two-notifications", "sia-notify", _two_notifications),
    _child(
        "path-length",
        "basic-constraints",
        lambda d: swapped(
            d,
            oids.BASIC_CONSTRAINTS,
            ext.extension(oids.BASIC_CONSTRAINTS, sequence(TRUE, integer(0)), critical=True),
        ),
        ext.extension(oids.BASIC_CONSTRAINTS, sequence(TRUE, integer(0)), critical=True),
    ),
    _child("purpose-in-ca", "extended-usage", lambda d: added(d, ext.ROUTER_USAGE)),
)
"""Faults of CA certificates."""
