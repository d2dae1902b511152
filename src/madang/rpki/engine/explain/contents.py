"""What does this object say? Its fields as facts, by itself, without a chain."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from madang.kernel.clock import stamp
from madang.rpki.engine.explain.moments import moment
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.anchor_key import read_anchor_keys
from madang.rpki.engine.objects.aspa import read_aspa
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.objects.checklist import read_checklist
from madang.rpki.engine.objects.cms import read_signed_object
from madang.rpki.engine.objects.crl import read_crl
from madang.rpki.engine.objects.ghostbusters import read_ghostbusters
from madang.rpki.engine.objects.manifest import read_manifest
from madang.rpki.engine.objects.naming import common_name
from madang.rpki.engine.objects.numbers import INHERIT
from madang.rpki.engine.objects.roa import read_roa
from madang.rpki.engine.resources.blocks import Resources, written_range

if TYPE_CHECKING:
    from madang.rpki.engine.objects.certificate import Certificate
    from madang.rpki.engine.objects.cms import SignedObject
    from madang.rpki.engine.objects.numbers import Held

_MOST = 1_000_000


def contents(data: bytes, name: str) -> dict[str, Any]:
    """The fields of an object, by the ending of its name.

    Raises:
        Fault: It is malformed, or of a type that is not read here.
    """
    kind = name.rpartition(".")[2].lower()
    facts: dict[str, Any] = {
        "file": name,
        "type": kind,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    if kind == "cer":
        return facts | _certificate(read_certificate(data))
    if kind == "crl":
        return facts | _crl(data)
    if kind not in _READERS:
        raise Fault("content-type", 0, kind)
    signed = read_signed_object(data)
    said = _READERS[kind](signed)
    time = signed.signing_time
    return (
        facts
        | said
        | {
            "signing_time": stamp(moment(time)) if time >= 0 else None,
            "oddities": [*signed.oddities, *signed.certificate.oddities],
        }
        | _certificate(signed.certificate)
    )


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "role": certificate.role,
        "subject": common_name(certificate.subject),
        "issuer": common_name(certificate.issuer),
        "serial": f"{certificate.serial:X}",
        "ski": certificate.ski.hex(),
        "aki": certificate.aki.hex(),
        "not_before": stamp(moment(certificate.not_before)),
        "not_after": stamp(moment(certificate.not_after)),
        "crl": certificate.crl,
        "issuer_certificate": certificate.issuer_uri,
        "repository": certificate.repository,
        "manifest_uri": certificate.manifest,
        "notification": certificate.notify,
        "signed_object": certificate.signed_object,
        "resources": _held(certificate),
    }


def _held(certificate: Certificate) -> list[str]:
    found: list[str] = []
    for kind in ("v4", "v6", "asn"):
        held: Held = getattr(certificate, kind)
        if held == INHERIT:
            found.append(f"{kind}: inherit")
        elif held and kind == "asn":
            found.append(str(Resources(asn=held)))
        elif held:
            family = 4 if kind == "v4" else 6
            found += [written_range(family, low, high) for low, high in held]
    return found


def _crl(data: bytes) -> dict[str, Any]:
    crl = read_crl(data)
    return {
        "issuer": common_name(crl.issuer),
        "aki": crl.aki.hex(),
        "number": crl.number,
        "this_update": stamp(moment(crl.this_update)),
        "next_update": stamp(moment(crl.next_update)),
        "revoked": [f"{serial:X}" for serial in sorted(crl.serials)],
    }


def _manifest(signed: SignedObject) -> dict[str, Any]:
    manifest = read_manifest(signed, most_files=_MOST)
    return {
        "number": manifest.number,
        "this_update": stamp(moment(manifest.this_update)),
        "next_update": stamp(moment(manifest.next_update)),
        "files": [
            f"{name} {base64.b64encode(digest).decode()}"
            for name, digest in manifest.files.items()
        ],
    }


def _roa(signed: SignedObject) -> dict[str, Any]:
    return {"vrps": [str(vrp) for vrp in read_roa(signed)[0]]}


def _aspa(signed: SignedObject) -> dict[str, Any]:
    return {"aspa": str(read_aspa(signed, most_providers=_MOST))}


def _tak(signed: SignedObject) -> dict[str, Any]:
    keys = read_anchor_keys(signed)
    return {
        name: list(key.uris)
        for name, key in zip(("current", "predecessor", "successor"), keys, strict=True)
        if key
    }


def _checklist(signed: SignedObject) -> dict[str, Any]:
    found = read_checklist(signed)
    return {
        "signed_for": str(found.resources),
        "listed": [f"{name or '-'} {digest.hex()}" for name, digest in found.files],
    }


def _card(signed: SignedObject) -> dict[str, Any]:
    return {"card": read_ghostbusters(signed)}


_READERS = {
    "mft": _manifest,
    "roa": _roa,
    "asa": _aspa,
    "tak": _tak,
    "sig": _checklist,
    "gbr": _card,
}
