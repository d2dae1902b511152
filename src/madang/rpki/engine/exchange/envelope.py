"""Who sent this message, and is it a new one? (RFC 6492, section 3.1; RFC 8181)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.kernel import clock
from madang.kernel.words import words
from madang.rpki.engine.der import oids
from madang.rpki.engine.der.ber import to_der
from madang.rpki.engine.der.reader import (
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    bits,
    enter,
    finished,
    integer,
    sorted_set,
    time,
)
from madang.rpki.engine.errors import ExchangeRefused
from madang.rpki.engine.exchange.identity import (
    IdentityCertificate,
    certificate_at,
    message_certificate,
)
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.keys.signer import key_identifier
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.crl import CrlDraft
from madang.rpki.engine.making.signed_object import EnvelopeDraft, attributes

if TYPE_CHECKING:
    from madang.kernel.words import Words
    from madang.rpki.engine.exchange.identity import Speaker

LARGEST: Final = 128 << 20
"""A message with every file of a large authority."""
_VALID: Final = timedelta(hours=24)
_SKEW_S: Final = 300
"""Clocks of two parties may differ by so much."""


class Opened(NamedTuple):
    """A message whose sender is proved."""

    content: bytes
    signing_time: int
    """Seconds since 1970: the next message of this sender must not be older."""


class _Parts(NamedTuple):
    content: bytes
    certificate: IdentityCertificate
    crl: tuple[int, int] | None
    data: bytes
    attributes: bytes
    digest: bytes
    signing_time: int
    signature: bytes


def close(content: bytes, speaker: Speaker) -> bytes:
    """A message in its signed envelope, in DER."""
    now = clock.now()
    start, end = now - timedelta(seconds=_SKEW_S), now + _VALID
    serial = int(now.timestamp() * 1000)
    issuer = speaker.signer
    revoked = CrlDraft(
        issuer=speaker.name,
        this_update=start,
        next_update=end,
        revoked=(),
        extensions=(
            ext.authority_key(key_identifier(issuer.public_key_der())),
            ext.crl_number(serial),
        ),
    ).signed(issuer)
    return EnvelopeDraft(
        content_type=oids.XML_MESSAGE,
        content=content,
        certificate=message_certificate(speaker, serial, start=start, end=end),
        signer_identifier=key_identifier(speaker.message_key.public_key_der()),
        attributes=attributes(oids.XML_MESSAGE, content, now),
        crls=(revoked,),
    ).signed(speaker.message_key)


def open_envelope(data: bytes, identity: IdentityCertificate, *, last: int = 0) -> Opened:
    """The message inside, if its sender is the one expected.

    Args:
        data: The envelope.
        identity: The sender's certificate, as learnt at set-up.
        last: The signing time of the sender's message before this one, in seconds since 1970.

    Raises:
        ExchangeRefused: It is malformed, of somebody else, revoked, outdated or replayed.
    """
    if len(data) > LARGEST:
        raise _refused(
            words(f"{len(data)}바이트 메시지", f"a message of {len(data)} bytes"),
            words(f"{LARGEST}바이트 이하", f"{LARGEST} bytes at most"),
        )
    try:
        parts = _read(to_der(data) if data[1:2] == b"\x80" else data)
        _check_revocation(parts, identity)
    except Fault as fault:
        raise _refused(
            words(f"읽을 수 없는 서명 메시지 ({fault})", f"an unreadable message ({fault})"),
            words("서명된 CMS 메시지", "a signed CMS message"),
        ) from fault
    _check_sender(parts, identity)
    _check_time(parts, identity, last=last)
    return Opened(parts.content, parts.signing_time)


def _check_sender(parts: _Parts, identity: IdentityCertificate) -> None:
    certificate = parts.certificate
    right = (
        certificate.issuer == identity.subject
        and not certificate.is_authority
        and hashlib.sha256(parts.content).digest() == parts.digest
        and verifies(identity.public_key, certificate.signature, certificate.signed)
        and verifies(certificate.public_key, parts.signature, parts.attributes)
    )
    if not right:
        raise _refused(
            words("다른 신원의 서명", "a signature by somebody else"),
            words("설정할 때 받은 신원 인증서의 서명", "one by the identity known from set-up"),
        )


def _check_time(parts: _Parts, identity: IdentityCertificate, *, last: int) -> None:
    now = int(clock.epoch_s())
    for certificate in (parts.certificate, identity):
        if not certificate.not_before - _SKEW_S <= now <= certificate.not_after + _SKEW_S:
            raise _refused(
                words("유효 기간이 아닌 인증서", "a certificate outside its validity"),
                words("지금 유효한 인증서", "one that is valid now"),
            )
    if parts.signing_time > now + _SKEW_S or parts.signing_time < last:
        raise _refused(
            words(
                f"{datetime.fromtimestamp(parts.signing_time, UTC)} 서명",
                f"a signature of {datetime.fromtimestamp(parts.signing_time, UTC)}",
            ),
            words("앞선 메시지보다 오래되지 않은 서명", "one no older than the message before"),
        )


def _check_revocation(parts: _Parts, identity: IdentityCertificate) -> None:
    if parts.crl is None:
        return
    data = parts.data
    start, stop = enter(data, *parts.crl, SEQUENCE)
    inner, inner_end = enter(data, start, stop, SEQUENCE)
    after = enter(data, inner_end, stop, SEQUENCE)[1]
    signature, _, _ = bits(data, after, stop)
    _, at = integer(data, inner, inner_end)
    at = enter(data, at, inner_end, SEQUENCE)[1]
    at = enter(data, at, inner_end, SEQUENCE)[1]
    _, at = time(data, at, inner_end)
    next_update, at = time(data, at, inner_end)
    signed = verifies(identity.public_key, signature, data[start:inner_end])
    stale = next_update + _SKEW_S < clock.epoch_s()
    if not signed or stale or parts.certificate.serial in _revoked(data, at, inner_end):
        raise _refused(
            words("폐기되었거나 확인할 수 없는 서명 인증서", "a certificate that is revoked, or a"
                  " revocation list that proves nothing"),
            words("폐기되지 않은 인증서와 유효한 폐기 목록", "a certificate that its issuer's"
                  " present list does not name"),
        )  # fmt: skip


def _revoked(data: bytes, at: int, end: int) -> frozenset[int]:
    if at == end or data[at] != SEQUENCE:
        return frozenset()
    place, stop = enter(data, at, end, SEQUENCE)
    found = set()
    while place < stop:
        inner, place = enter(data, place, stop, SEQUENCE)
        found.add(integer(data, inner, place)[0])
    return frozenset(found)


def _read(data: bytes) -> _Parts:
    start, stop = enter(data, 0, len(data), SEQUENCE)
    finished(stop, len(data))
    if not data.startswith(oids.SIGNED_DATA, start):
        raise Fault("cms-type", start)
    outer, outer_end = enter(data, start + len(oids.SIGNED_DATA), stop, 0xA0)
    at, end = enter(data, outer, outer_end, SEQUENCE)
    _, at = integer(data, at, end)
    at = enter(data, at, end, SET)[1]
    content, at = _content(data, at, end)
    first, at = enter(data, at, end, 0xA0)
    certificate, place = certificate_at(data, first, at)
    finished(place, at)
    crl = None
    if data[at : at + 1] == b"\xa1":
        crl = enter(data, at, end, 0xA1)
        at = crl[1]
    infos, infos_end = enter(data, at, end, SET)
    covered, signature = _signer(data, infos, infos_end, certificate.key_identifier)
    digest, signing_time = _attributes(data, *covered)
    return _Parts(
        content, certificate, crl, data, b"\x31" + data[covered[0] + 1 : covered[1]], digest,
        signing_time, signature,
    )  # fmt: skip


def _content(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    start, stop = enter(data, at, end, SEQUENCE)
    if not data.startswith(oids.XML_MESSAGE, start):
        raise Fault("cms-type", start)
    outer, outer_end = enter(data, start + len(oids.XML_MESSAGE), stop, 0xA0)
    first, last = enter(data, outer, outer_end, OCTET_STRING)
    return data[first:last], stop


def _signer(data: bytes, at: int, end: int, ski: bytes) -> tuple[tuple[int, int], bytes]:
    start, stop = enter(data, at, end, SEQUENCE)
    finished(stop, end)
    _, place = integer(data, start, stop)
    first, after = enter(data, place, stop, 0x80)
    if data[first:after] != ski:
        raise Fault("cms-signer", first)
    digests, after_digest = enter(data, after, stop, SEQUENCE)
    if not data.startswith(oids.SHA256, digests):
        raise Fault("cms-digest-algorithm", digests)
    covered_end = enter(data, after_digest, stop, 0xA0)[1]
    algorithm_end = enter(data, covered_end, stop, SEQUENCE)[1]
    first, last = enter(data, algorithm_end, stop, OCTET_STRING)
    return (after_digest, covered_end), data[first:last]


def _attributes(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The digest and the signing time that are signed."""
    start, stop = enter(data, at, end, 0xA0)
    digest, signing_time, typed = b"", -1, False
    for _, _, inner, inner_end in sorted_set(data, start, stop):
        after = enter(data, inner, inner_end, OID)[1]
        name = data[inner:after]
        first, last = enter(data, after, inner_end, SET)
        if name == oids.CONTENT_TYPE:
            typed = data[first:last] == oids.XML_MESSAGE
        elif name == oids.MESSAGE_DIGEST:
            begin, finish = enter(data, first, last, OCTET_STRING)
            digest = data[begin:finish]
        elif name == oids.SIGNING_TIME:
            signing_time, _ = time(data, first, last)
    if not typed or not digest or signing_time < 0:
        raise Fault("cms-attributes", at)
    return digest, signing_time


def verifies(public_key: bytes, signature: bytes, content: bytes) -> bool:
    """Whether an RSA key made this signature; not where the key is none."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(public_key)
        if not isinstance(key, RSAPublicKey):
            return False
        key.verify(signature, content, PKCS1v15(), SHA256())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _refused(found: Words, expected: Words) -> ExchangeRefused:
    return ExchangeRefused(found, expected)
