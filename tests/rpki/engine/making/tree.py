"""A trust anchor with one authority and one object of each kind, as files of a repository."""

from __future__ import annotations

import base64
import functools
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from madang.rpki.engine.keys.signer import MemoryKey, new_key
from madang.rpki.engine.making import contents, crl, issuing, profile
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.resources.blocks import EVERYTHING, read_resources
from madang.rpki.engine.resources.prefix import read_prefix

if TYPE_CHECKING:
    from pathlib import Path

BASE = "rsync://localhost/repo/"
NOW = datetime.now(UTC).replace(microsecond=0)
VALIDITY = Validity(NOW - timedelta(hours=1), NOW + timedelta(days=30))
HELD = read_resources("192.0.2.0/24, 198.51.100.0-198.51.100.130, 2001:db8::/32, AS64496-AS64511")


@functools.cache
def key(number: int) -> MemoryKey:
    """One of a few keys, made once."""
    return new_key()


def place(name: str) -> Place:
    return Place(f"{BASE}{name}/", f"{BASE}{name}/{name}.mft")


def issuer(name: str, number: int, *, certificate: str) -> profile.Issuer:
    return profile.Issuer(key(number), certificate, f"{BASE}{name}/{name}.crl")


def sheet(of: profile.Issuer, number: int, *, uri: str) -> issuing.Sheet:
    return issuing.Sheet(
        issuer=of, key=key(number), serial=number, validity=VALIDITY, uri=uri, signing_time=NOW
    )


def point(of: profile.Issuer, name: str, *, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of one publication point, its CRL and manifest made."""
    listed = dict(files)
    window = {"this_update": VALIDITY.not_before, "next_update": VALIDITY.not_after}
    listed[f"{name}.crl"] = crl.crl(of, 1, **window).signed(of.signer)
    entries = [contents.Listed(n, hashlib.sha256(b).digest()) for n, b in listed.items()]
    made = issuing.manifest(
        sheet(of, 90 + len(name), uri=place(name).manifest), 1, files=entries, **window
    )
    return {f"{name}/{n}": b for n, b in (*listed.items(), (f"{name}.mft", made))}


ANCHOR_URI = f"{BASE}anchor.cer"


@functools.cache
def tree() -> dict[str, bytes]:
    """Path below the module → file."""
    grant = profile.Grant(serial=1, validity=VALIDITY, resources=EVERYTHING)
    anchor = profile.anchor(key(1), grant, place=place("top")).signed(key(1))
    top = issuer("top", 1, certificate=ANCHOR_URI)
    grant = profile.Grant(serial=2, validity=VALIDITY, resources=HELD)
    member = profile.authority(
        top, key(2).public_key_der(), grant=grant, place=place("member")
    ).signed(key(1))
    one = issuer("member", 2, certificate=f"{BASE}top/member.cer")
    at = f"{BASE}member/"
    files = {
        "a.roa": issuing.roa(
            sheet(one, 10, uri=at + "a.roa"),
            64496,
            entries=[(read_prefix("192.0.2.0/24"), 28), (read_prefix("2001:db8::/32"), None)],
        ),
        "a.asa": issuing.aspa(
            sheet(one, 11, uri=at + "a.asa"), 64497, providers=[64499, 64498, 64499]
        ),
    }
    return {
        "anchor.cer": anchor,
        **point(top, "top", files={"member.cer": member}),
        **point(one, "member", files=files),
    }


def locator() -> str:
    """The trust-anchor locator (RFC 8630)."""
    return f"{ANCHOR_URI}\n\n{base64.encodebytes(key(1).public_key_der()).decode()}"


def write(folder: Path) -> None:
    """Put the tree into a folder, as the module `repo`."""
    for path, content in tree().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
