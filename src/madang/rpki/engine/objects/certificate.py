"""Is this a resource certificate, and what does it say? (RFC 6487 section 4).

A certificate is read from its bytes alone; whether its issuer vouches for it, and when, is
`madang.rpki.engine.validation`'s question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from madang.rpki.engine.der.reader import (
    BIT_STRING,
    SEQUENCE,
    enter,
    finished,
    integer,
    number_text,
    time,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.extensions import (
    CA_REPOSITORY,
    RPKI_MANIFEST,
    RPKI_NOTIFY,
    SIGNED_OBJECT,
    read_extensions,
)
from madang.rpki.engine.objects.keys import check_router_key, check_rsa_key, identifier
from madang.rpki.engine.objects.naming import read_name
from madang.rpki.engine.objects.numbers import INHERIT

if TYPE_CHECKING:
    from madang.rpki.engine.objects.extensions import Access
    from madang.rpki.engine.objects.numbers import Held

_ALGORITHM: Final = bytes.fromhex("300d06092a864886f70d01010b0500")
_BARE_ALGORITHM: Final = bytes.fromhex("300b06092a864886f70d01010b")
_BGPSEC_ROUTER: Final = b"\x2b\x06\x01\x05\x05\x07\x03\x1e"
_CA_USAGE: Final = b"\x06"
_EE_USAGE: Final = b"\x80"
_LONGEST_SERIAL: Final = 20
_AIA: Final = b"\x2b\x06\x01\x05\x05\x07\x30\x02"


class Signed(NamedTuple):
    """What was signed, and the signature over it."""

    content: bytes
    signature: bytes


class Certificate(NamedTuple):
    """A resource certificate as its bytes say it."""

    role: str
    """`ca`, `ee` or `router` (RFC 8209)."""
    serial: int
    issuer: bytes
    """The issuer's Name in DER."""
    subject: bytes
    not_before: int
    """Seconds since 1970."""
    not_after: int
    """The last second at which it is valid, since 1970."""
    key: bytes
    """SubjectPublicKeyInfo in DER."""
    ski: bytes
    aki: bytes
    """Empty in a self-signed certificate without one."""
    crl: str
    """Where the issuer's revocation list lies; empty if self-signed."""
    issuer_uri: str
    """Where the issuer's certificate lies; empty if self-signed."""
    repository: str
    """A CA's publication point, ending in `/`; empty otherwise."""
    manifest: str
    notify: str
    signed_object: str
    """Where the object with this EE certificate lies; empty where it does not say."""
    reconsidered: bool
    """Whether its policy is that of RFC 8360."""
    v4: Held
    v6: Held
    asn: Held
    oddities: tuple[str, ...]
    """Codes of faults that only some profiles refuse."""
    signed: Signed

    @property
    def inherits(self) -> bool:
        """Whether it inherits every kind of resource that it names."""
        return all(held in (None, INHERIT) for held in (self.v4, self.v6, self.asn))


def read_certificate(data: bytes) -> Certificate:
    """A file with one certificate.

    Raises:
        Fault: It is none, or breaks the profile of RFC 6487.
    """
    certificate, after = certificate_at(data, 0, len(data))
    finished(after, len(data))
    return certificate


def certificate_at(data: bytes, at: int, end: int) -> tuple[Certificate, int]:
    """The certificate at `at`, and the byte after it.

    Raises:
        Fault: There is none, or it breaks the profile of RFC 6487.
    """
    start, stop = enter(data, at, end, SEQUENCE)
    body, body_end = enter(data, start, stop, SEQUENCE)
    signature = signature_at(data, body_end, stop)
    place, serial = _version_and_serial(data, body, body_end)
    place = algorithm_end(data, place)
    issuer, odd_issuer, place = read_name(data, place, body_end)
    dates, dates_end = enter(data, place, body_end, SEQUENCE)
    not_before, middle = time(data, dates, dates_end)
    not_after, middle = time(data, middle, dates_end)
    finished(middle, dates_end)
    if not_after < not_before:
        raise Fault("validity-crossed", dates)
    subject, odd_subject, key_at = read_name(data, dates_end, body_end)
    _, key_end = enter(data, key_at, body_end, SEQUENCE)
    if key_end == body_end or data[key_end] != 0xA3:
        raise Fault("certificate-form", key_end, "no extensions, or a unique identifier")
    first, after = enter(data, key_end, body_end, 0xA3)
    finished(after, body_end)
    extensions = read_extensions(data, first, after)
    role = _role(extensions, first)
    key = (check_router_key if role == "router" else check_rsa_key)(data, key_at, key_end)
    ski = extensions.get("ski")
    if ski is None or ski != identifier(key):
        raise Fault("ski-key", first, "missing" if ski is None else "not the key's")
    reconsidered, v4, v6, asn = _numbers(extensions, first)
    certificate = Certificate(
        role, serial, issuer, subject, not_before, not_after, key, ski,
        *_issuer_places(extensions, first, subject == issuer),
        *_own_places(extensions, first, role),
        reconsidered, v4, v6, asn,
        _oddities(extensions, role, odd_issuer or odd_subject),
        Signed(data[start:body_end], signature),
    )  # fmt: skip
    return certificate, stop


def signature_at(data: bytes, at: int, end: int) -> bytes:
    """The outer algorithm and the signature that end a certificate or a revocation list."""
    start, stop = enter(data, algorithm_end(data, at), end, BIT_STRING)
    finished(stop, end)
    if stop - start != 257 or data[start]:
        raise Fault("signature-form", start, f"{stop - start - 1} bytes")
    return data[start + 1 : stop]


def algorithm_end(data: bytes, at: int) -> int:
    """The byte after sha256WithRSAEncryption, the one algorithm there is (RFC 7935 section 2).

    Raises:
        Fault: Another algorithm stands here.
    """
    if data.startswith(_ALGORITHM, at):
        return at + len(_ALGORITHM)
    # RFC 4055 section 5: whoever reads accepts the parameters absent, too.
    if data.startswith(_BARE_ALGORITHM, at):
        return at + len(_BARE_ALGORITHM)
    raise Fault("signature-algorithm", at)


def _version_and_serial(data: bytes, at: int, end: int) -> tuple[int, int]:
    if data[at : at + 5] != b"\xa0\x03\x02\x01\x02":
        raise Fault("certificate-version", at)
    serial, after = integer(data, at + 5, end)
    if serial <= 0 or after - at - 7 > _LONGEST_SERIAL:
        raise Fault("certificate-serial", at + 5, number_text(serial))
    return after, serial


def _role(extensions: dict[str, Any], at: int) -> str:
    """What the certificate is for, by its constraints and its key usage."""
    usage = extensions.get("key_usage")
    authority = extensions.get("basic_constraints")
    purposes = extensions.get("extended_usage")
    if authority is False:
        raise Fault("basic-constraints", at, "cA is not set")
    if usage != (_CA_USAGE if authority else _EE_USAGE):
        raise Fault("key-usage", at, "missing" if usage is None else usage.hex())
    if authority:
        if purposes is not None:
            raise Fault("extended-usage", at, "in a CA certificate")
        return "ca"
    if purposes is None:
        return "ee"
    if _BGPSEC_ROUTER not in purposes:
        raise Fault("extended-usage", at, "in a certificate of no router")
    return "router"


def _issuer_places(extensions: dict[str, Any], at: int, own: bool) -> tuple[bytes, str, str]:
    """What points to the issuer: its key, its revocation list, its certificate."""
    aki = extensions.get("aki", b"")
    # A certificate whose names are equal is self-signed only if its keys are, too.
    if own and (not aki or aki == extensions.get("ski")):
        for slot in ("crl", "aia"):
            if slot in extensions:
                raise Fault("anchor-places", at, slot)
        return aki, "", ""
    for slot in ("aki", "crl", "aia"):
        if slot not in extensions:
            raise Fault("extension-missing", at, slot)
    crl = _rsync(extensions["crl"].uris, at, "crl")
    ways: tuple[Access, ...] = extensions["aia"]
    if any(way.method != _AIA for way in ways):
        raise Fault("aia-method", at)
    return aki, crl, _rsync([way.uri for way in ways], at, "aia")


def _rsync(uris: list[str] | tuple[str, ...], at: int, slot: str) -> str:
    for uri in uris:
        if uri[:8].lower() == "rsync://":
            return uri
    raise Fault("no-rsync", at, slot)


def _own_places(extensions: dict[str, Any], at: int, role: str) -> tuple[str, str, str, str]:
    """Where the subject publishes: its folder, manifest, notification, or the object itself."""
    ways: tuple[Access, ...] | None = extensions.get("sia")
    if role == "router":
        if ways is not None:
            raise Fault("router-sia", at)
        return "", "", "", ""
    if ways is None:
        if role == "ca":
            raise Fault("extension-missing", at, "sia")
        return "", "", "", ""  # a signed checklist has none (RFC 9323 section 2.1)
    by_method: dict[bytes, list[str]] = {}
    for method, uri in ways:
        by_method.setdefault(method, []).append(uri)
    if role == "ee":
        if not {SIGNED_OBJECT} <= set(by_method) <= {SIGNED_OBJECT, RPKI_NOTIFY}:
            raise Fault("sia-method", at)
        return "", "", "", _rsync(by_method[SIGNED_OBJECT], at, "sia")
    if not set(by_method) <= {CA_REPOSITORY, RPKI_MANIFEST, RPKI_NOTIFY}:
        raise Fault("sia-method", at)
    repository = _rsync(by_method.get(CA_REPOSITORY, ()), at, "sia")
    manifest = _rsync(by_method.get(RPKI_MANIFEST, ()), at, "sia")
    repository += "" if repository.endswith("/") else "/"
    return repository, manifest, _notify(by_method.get(RPKI_NOTIFY, []), at), ""


def _notify(uris: list[str], at: int) -> str:
    """The address of the update notification, over HTTPS (RFC 8182 section 3.2)."""
    if not uris:
        return ""
    if len(uris) > 1 or not uris[0].startswith("https://"):
        raise Fault("sia-notify", at)
    return uris[0]


def _oddities(extensions: dict[str, Any], role: str, odd_name: bool) -> tuple[str, ...]:
    """What RFC 6487 forbids, though validators have long let it pass."""
    found = []
    if odd_name:
        found.append("name-utf8" if role == "ee" else "name-utf8-ca")
    if "crl" in extensions and extensions["crl"].points > 1:
        found.append("crl-points")
    if role == "ee" and any(way.method == RPKI_NOTIFY for way in extensions.get("sia", ())):
        found.append("ee-notify")
    return tuple(found)


def _numbers(extensions: dict[str, Any], at: int) -> tuple[bool, Held, Held, Held]:
    if "policy_2" not in extensions:
        raise Fault("extension-missing", at, "policies")
    reconsidered: bool = extensions["policy_2"]
    # RFC 8360 section 4.2.2: its policy and its extensions go together, the others do not.
    ours, others = ("_2", "") if reconsidered else ("", "_2")
    if f"addresses{others}" in extensions or f"asns{others}" in extensions:
        raise Fault("policy-resources", at)
    v4, v6 = extensions.get(f"addresses{ours}", (None, None))
    asn = extensions.get(f"asns{ours}")
    if v4 is None and v6 is None and asn is None:
        raise Fault("resources-missing", at)
    return reconsidered, v4, v6, asn
