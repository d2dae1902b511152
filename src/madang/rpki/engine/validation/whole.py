"""Is this point whole? Its manifest, its revocation list, and every file that is listed.

RFC 9286 section 6: a point is used whole or not at all.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.crl import read_crl
from madang.rpki.engine.objects.keys import load, verifies
from madang.rpki.engine.objects.manifest import read_manifest
from madang.rpki.engine.validation.issued import VALIDITY, check_issued

if TYPE_CHECKING:
    from madang.rpki.engine.objects.cms import SignedObject
    from madang.rpki.engine.objects.crl import Crl
    from madang.rpki.engine.objects.manifest import Manifest
    from madang.rpki.engine.store.point import Point
    from madang.rpki.engine.validation.issued import Window
    from madang.rpki.engine.validation.policy import Policy
    from madang.rpki.engine.validation.verdicts import Authority

_HELD_BYTES = 16 << 20
"""Files of one point are held while they are fewer bytes than this, and read twice beyond."""


class Whole(NamedTuple):
    """A point whose every file is there and is the one that its manifest lists."""

    point: Point
    manifest: Manifest
    crl: Crl
    crl_name: str
    files: dict[str, bytes]
    """Name → content of the files that were held."""


def local_name(uri: str, repository: str, code: str) -> str:
    """The name of the file directly below a point that an address means.

    Raises:
        Fault: It lies elsewhere.
    """
    name = uri[len(repository) :] if uri.startswith(repository) else ""
    if not name or "/" in name:
        raise Fault(code, -1, uri[:200])
    return name


def read_file(point: Point, name: str, policy: Policy) -> bytes:
    """One file of a point.

    Raises:
        Fault: It is not there, or larger than the policy allows.
    """
    content = point.read(name)
    if content is None:
        raise Fault("file-missing", -1, name)
    if len(content) > policy.largest_file:
        raise Fault("object-size", 0, f"{len(content)} bytes")
    return content


def whole(point: Point, authority: Authority, window: Window, policy: Policy) -> Whole:
    """The point, if its manifest is in force and every file is there and is the one it lists.

    Raises:
        Fault: The first check that failed.
    """
    certificate = authority.certificate
    name = local_name(certificate.manifest, certificate.repository, "manifest-place")
    signed = read_signed_object(read_file(point, name, policy))
    manifest = read_manifest(signed, most_files=policy.most_files)
    key = load(certificate.key)
    check_issued(signed.certificate, authority, key)
    check_signature(signed)
    check_oddities(signed.oddities + signed.certificate.oddities, policy)
    window.check(signed.certificate.not_before, signed.certificate.not_after, VALIDITY)
    window.check(manifest.this_update, manifest.next_update, ("manifest-future", "manifest-stale"))
    crl_name = local_name(signed.certificate.crl, certificate.repository, "crl-place")
    files = _files(point, manifest, policy)
    crl = _crl(point, manifest, crl_name, policy)
    if crl.issuer != certificate.subject or crl.aki != certificate.ski:
        raise Fault("crl-issuer")
    if not verifies(key, crl.signed.signature, crl.signed.content):
        raise Fault("crl-signature")
    window.check(crl.this_update, crl.next_update, ("crl-future", "crl-stale"))
    if signed.certificate.serial in crl.serials:
        raise Fault("revoked")
    return Whole(point, manifest, crl, crl_name, files)


def check_signature(signed: SignedObject) -> None:
    """Make sure that a signed object is signed with its own certificate's key.

    Raises:
        Fault: It is not.
    """
    key = load(signed.certificate.key)
    if not verifies(key, signed.signature, signed.signed_attributes):
        raise Fault("cms-signature")


def check_oddities(oddities: tuple[str, ...], policy: Policy) -> None:
    """Make sure that the policy tolerates all that is odd.

    Raises:
        Fault: The first oddity that it does not.
    """
    for code in oddities:
        if code not in policy.tolerated:
            raise Fault(code)


def _files(point: Point, manifest: Manifest, policy: Policy) -> dict[str, bytes]:
    """The files that the manifest lists, each compared with its hash."""
    held: dict[str, bytes] = {}
    size = 0
    sha256 = hashlib.sha256
    for name, digest in manifest.files.items():
        content = read_file(point, name, policy)
        if sha256(content).digest() != digest:
            raise Fault("file-hash", -1, name)
        size += len(content)
        if size < _HELD_BYTES:
            held[name] = content
    return held


def _crl(point: Point, manifest: Manifest, name: str, policy: Policy) -> Crl:
    lists = [each for each in manifest.files if each.endswith(".crl")]
    if lists != [name]:
        raise Fault("crl-place", -1, f"{len(lists)} revocation lists on the manifest")
    return read_crl(read_file(point, name, policy))


def check_number(whole: Whole, kept: Point, authority: Authority, policy: Policy) -> None:
    """RFC 9286 section 4.2.1 and RFC 9981: under one name, numbers and times only grow.

    Raises:
        Fault: An older list came after a newer one.
    """
    content = kept.read(authority.certificate.manifest.rpartition("/")[2])
    if content is None:
        return
    last = read_manifest(read_signed_object(content), most_files=policy.most_files)
    new = whole.manifest
    if new == last:
        return
    if new.number <= last.number or new.this_update < last.this_update:
        raise Fault("manifest-replay", -1, f"number {new.number} after {last.number}")
