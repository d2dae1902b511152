"""Which faults can a whole point have? Its lists, its files, the anchor, the limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    bit_string,
    explicit,
    generalized_time,
    ia5_string,
    integer,
    sequence,
    sequence_of,
    time,
)
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.certificate import SIGNATURE_ALGORITHM, seal
from madang.rpki.engine.making.names import key_name
from madang.rpki.engine.making.profile import NOTHING, Grant, authority
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.simulator.faulty_certificates import added, swapped
from madang.rpki.engine.simulator.plants import ANYWHERE, Plant, Sown
from madang.rpki.engine.validation.policy import PROFILE_2026

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.making.certificate import CertificateDraft
    from madang.rpki.engine.making.crl import CrlDraft
    from madang.rpki.engine.simulator.scene import Listing, Scene
    from madang.rpki.engine.validation.policy import Policy

_DAY: Final = timedelta(days=1)
_LONG: Final = timedelta(days=365)


def _manifest(
    name: str, code: str, make: Callable[[Listing], bytes], where: bytes = ANYWHERE
) -> Plant:
    def sow(scene: Scene) -> Sown:
        scene.manifest = make
        return Sown(scene.erring.manifest_uri, where)

    return Plant(name, code, sow, "point")


def _listing(name: str, code: str, change: Callable[[Listing], Listing]) -> Plant:
    return _manifest(name, code, lambda listing: change(listing).signed())


def _written(
    listing: Listing, *, algorithm: bytes = oids.SHA256, entries: tuple[bytes, ...] = ()
) -> bytes:
    """A manifest with these entries beside its own."""
    own = [sequence(ia5_string(n), bit_string(d)) for n, d in sorted(listing.files)]
    return listing.signed(
        sequence(
            integer(listing.number),
            generalized_time(listing.this_update),
            generalized_time(listing.next_update),
            algorithm,
            sequence_of([*own, *entries]),
        )
    )


def _entry(name: str, digest: bytes = bytes(32)) -> bytes:
    return sequence(ia5_string(name), bit_string(digest))


def _holding(listing: Listing) -> bytes:
    held = Resources(((2 << 14, (2 << 14) + 255),))
    return listing.sheet.signed(oids.MANIFEST, listing.content(), resources=held)


def _numbered(number: int) -> Callable[[Listing], Listing]:
    return lambda listing: replace(listing, number=number)


def _moved(days: timedelta) -> Callable[[Listing], Listing]:
    return lambda listing: replace(
        listing,
        this_update=listing.this_update + days,
        next_update=listing.next_update + days,
    )


MANIFESTS: Final = (
    _manifest(
        "list-by-sha-1",
        "manifest-algorithm",
        lambda listing: _written(listing, algorithm=b"\x06\x05\x2b\x0e\x03\x02\x1a"),
        b"\x06\x05\x2b\x0e\x03\x02\x1a",
    ),
    _manifest(
        "file-twice",
        "manifest-double",
        lambda listing: _written(listing, entries=(_entry("good.roa"),)),
        _entry("good.roa"),
    )._replace(peers="FORT 1.5.4 may accept a file listed twice, against RFC 9286 4.2.2"),
    _manifest(
        "hash-of-31-bytes",
        "manifest-hash",
        lambda listing: _written(listing, entries=(_entry("a.roa", bytes(31)),)),
        _entry("a.roa", bytes(31)),
    ),
    _manifest(
        "name-with-a-path",
        "manifest-name",
        lambda listing: _written(listing, entries=(_entry("../a.roa"),)),
        _entry("../a.roa"),
    ),
    _manifest(
        "name-of-300-signs",
        "manifest-name",
        lambda listing: _written(listing, entries=(_entry("a" * 300 + ".roa"),)),
        _entry("a" * 300 + ".roa"),
    ),
    _manifest("list-holds-numbers", "manifest-resources", _holding),
    _manifest(
        "list-of-version-1",
        "content-version",
        lambda listing: listing.signed(listing.content(version=1)),
    ),
    _listing("list-number-negative", "manifest-number", _numbered(-1)),
    _listing("list-number-of-10000-digits", "manifest-number", _numbered(1 << 33_000)),
    _listing("list-of-tomorrow", "manifest-future", _moved(_DAY)),
    _listing("list-of-last-year", "manifest-stale", _moved(-_LONG))._replace(
        peers="rpki-client and FORT 1.7 refuse, OctoRPKI warns (RFC 9286 section 6.3)"
    ),
    _listing("list-crossed", "validity-crossed",
             lambda listing: replace(listing, next_update=listing.this_update - _DAY)),
)  # fmt: skip
"""Faults of a manifest (RFC 9286); each loses the point."""


def _crl(
    name: str, code: str, change: Callable[[CrlDraft], CrlDraft], where: bytes = ANYWHERE
) -> Plant:
    def sow(scene: Scene) -> Sown:
        scene.crl = lambda draft: change(draft).signed(scene.erring.issuer.signer)
        return Sown(scene.erring.manifest_uri, where)

    return Plant(name, code, sow, "point")


def _crl_body(name: str, code: str, *, due: bool, entries: bytes = b"") -> Plant:
    """A revocation list written by hand: without a next date, or with odd entries."""

    def sow(scene: Scene) -> Sown:
        def made(draft: CrlDraft) -> bytes:
            body = sequence(
                integer(1),
                SIGNATURE_ALGORITHM,
                draft.issuer,
                time(draft.this_update),
                time(draft.next_update) if due else b"",
                entries,
                explicit(0, sequence(*draft.extensions)),
            )
            return seal(body, scene.erring.issuer.signer)

        scene.crl = made
        return Sown(scene.erring.manifest_uri)

    return Plant(name, code, sow, "point")


def _crl_by_stranger(scene: Scene) -> Sown:
    scene.crl = lambda draft: draft.signed(scene.key())
    return Sown(scene.erring.manifest_uri)


def _crl_days(first: timedelta, last: timedelta) -> Callable[[CrlDraft], CrlDraft]:
    return lambda draft: replace(
        draft, this_update=draft.this_update + first, next_update=draft.next_update + last
    )


def _manifest_revoked(scene: Scene) -> Sown:
    ca = scene.erring
    ca.revoked.append((ca.serial + 1, ca.validity.not_before))
    return Sown(ca.manifest_uri)


_ENTRY: Final = sequence(sequence(integer(7), b"\x17\x0d260101000000Z", sequence()))

LISTS: Final = (
    _crl("crl-of-tomorrow", "crl-future", _crl_days(_DAY, _DAY)),
    _crl("crl-of-last-year", "crl-stale", _crl_days(-_LONG, -_LONG)),
    _crl("crl-crossed", "validity-crossed", _crl_days(timedelta(), -2 * _LONG)),
    _crl("crl-of-stranger", "crl-issuer", lambda d: replace(d, issuer=key_name(b"k" * 20))),
    _crl("crl-of-version-1", "crl-version", lambda d: replace(d, version=0)),
    _crl("crl-without-number", "crl-extension",
         lambda d: replace(d, extensions=d.extensions[:1])),
    _crl("crl-with-unknown-extension", "crl-extension",
         lambda d: replace(d, extensions=(*d.extensions, ext.POLICY))),
    _crl("crl-number-negative", "crl-number",
         lambda d: replace(d, extensions=(d.extensions[0], ext.crl_number(-1)))),
    _crl("crl-number-of-21-bytes", "crl-number",
         lambda d: replace(d, extensions=(d.extensions[0], ext.crl_number(1 << 165)))),
    _crl("crl-serial-0", "crl-entry",
         lambda d: replace(d, revoked=((0, d.this_update),))),
    _crl("crl-serial-of-10000-digits", "crl-entry",
         lambda d: replace(d, revoked=((1 << 33_000, d.this_update),))),
    _crl_body("crl-with-reason", "crl-entry", due=True, entries=_ENTRY),
    _crl_body("crl-without-next", "crl-next", due=False),
    Plant("crl-signed-by-stranger", "crl-signature", _crl_by_stranger, "point"),
    Plant("list-revoked", "revoked", _manifest_revoked, "point"),
)  # fmt: skip
"""Faults of a revocation list (RFC 6487 section 5); each loses the point."""


def _after(name: str, code: str, change: Callable[[dict[str, bytes]], None], file: str) -> Plant:
    def sow(scene: Scene) -> Sown:
        scene.aftermath = change
        return Sown(f"{scene.erring.folder}{file}")

    return Plant(name, code, sow, "point")


def _spoil(files: dict[str, bytes]) -> None:
    files["good.roa"] = files["good.roa"][:-1] + b"\0"


def _big(scene: Scene) -> Sown:
    scene.erring.files["big.roa"] = bytes(PROFILE_2026.largest_file + 1)
    return Sown(scene.erring.manifest_uri)


def _replayed(scene: Scene) -> Sown:
    ca = scene.erring
    ca.number = 7
    scene.publish()
    scene.earlier = dict(ca.files)
    ca.number = 6
    return Sown(ca.manifest_uri)


def _elsewhere(scene: Scene) -> Sown:
    ca = scene.erring
    place = ext.Place(ca.folder, f"{ca.folder}below/erring.mft")
    grant = Grant(serial=99, validity=ca.validity, resources=ca.resources)
    key = ca.issuer.signer.public_key_der()
    draft = authority(scene.root.issuer, key, grant=grant, place=place)
    scene.root.files["erring.cer"] = draft.signed(scene.root.issuer.signer)
    return Sown(f"{ca.folder}erring.mft")


def _with_file(name: str) -> Callable[[Scene], Sown]:
    """One file more, of a kind that nothing is believed of."""

    def sow(scene: Scene) -> Sown:
        scene.erring.files[name] = b"more"
        return Sown(scene.erring.manifest_uri)

    return sow


def _gone(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        del files[name]

    return change


POINTS: Final = (
    _after("file-gone", "file-missing", _gone("good.roa"), "good.roa"),
    _after("file-spoiled", "file-hash", _spoil, "good.roa"),
    _after("list-gone", "file-missing", _gone("erring.mft"),
           "erring.mft"),
    _after("all-gone", "point-missing", dict.clear, "erring.mft"),
    Plant("file-of-8-megabytes", "object-size", _big, "point"),
    Plant("list-in-a-folder-below", "manifest-place", _elsewhere, "point"),
    Plant("two-revocation-lists", "crl-place", _with_file("b.crl"), "point"),
    Plant("list-played-again", "manifest-replay", _replayed, "object",
          peers="FORT 1.5.4 accepts (CVE-2024-56170); RFC 9981 section 3"),
)  # fmt: skip
"""Faults of a point as a whole."""


def _anchor(name: str, code: str, change: Callable[[CertificateDraft], CertificateDraft]) -> Plant:
    def sow(scene: Scene) -> Sown:
        made = change(scene.anchor_draft()).signed(scene.root.issuer.signer)
        scene.anchored = lambda _: made
        return Sown(scene.root.issuer.certificate_uri)

    return Plant(name, code, sow, "tree")


def _other_anchor(scene: Scene) -> Sown:
    draft = scene.anchor_draft()
    key = scene.key()
    made = replace(draft, public_key=key.public_key_der())
    identifier = ext.subject_key(_identifier(key.public_key_der()))
    certificate = swapped(made, oids.SUBJECT_KEY_IDENTIFIER, identifier).signed(key)
    scene.anchored = lambda _: certificate
    return Sown(scene.root.issuer.certificate_uri)


def _identifier(key: bytes) -> bytes:
    from madang.rpki.engine.keys.signer import key_identifier

    return key_identifier(key)


def _anchor_signed_by_stranger(scene: Scene) -> Sown:
    certificate = scene.anchor_draft().signed(scene.key())
    scene.anchored = lambda _: certificate
    return Sown(scene.root.issuer.certificate_uri)


def _no_anchor(scene: Scene) -> Sown:
    scene.anchored = lambda _: b""
    return Sown(scene.root.issuer.certificate_uri)


def _inheriting_anchor(scene: Scene) -> Sown:
    inherited = ext.resources(NOTHING, ("asn",))[0]
    draft = swapped(scene.anchor_draft(), oids.AS_RESOURCES, inherited)
    certificate = draft.signed(scene.root.issuer.signer)
    scene.anchored = lambda _: certificate
    return Sown(scene.root.issuer.certificate_uri)


def _linked(draft: CertificateDraft) -> CertificateDraft:
    """A CA certificate of another issuer."""
    uri = "rsync://localhost/repo/a"
    for more in (ext.authority_key(b"k" * 20), ext.crl_points(uri), ext.authority_access(uri)):
        draft = added(draft, more)
    return replace(draft, issuer=key_name(b"k" * 20))


ANCHORS: Final = (
    Plant("anchor-of-another-key", "anchor-key", _other_anchor, "tree"),
    Plant("anchor-absent", "anchor-missing", _no_anchor, "tree"),
    Plant("anchor-inherits", "anchor-inherit", _inheriting_anchor, "tree"),
    Plant("anchor-by-stranger", "certificate-signature", _anchor_signed_by_stranger, "tree"),
    _anchor("anchor-with-list", "anchor-places",
            lambda d: added(d, ext.crl_points("rsync://localhost/repo/a.crl"))),
    _anchor("anchor-of-an-issuer", "anchor-self", _linked),
)  # fmt: skip
"""Faults of a trust anchor (RFC 8630); each loses everything."""


def limited(name: str, code: str, policy: Policy, *, below: str, hosts: bool = False) -> Plant:
    """A limit of the policy, met by one CA more than it allows below the erring member."""

    def sow(scene: Scene) -> Sown:
        ca = scene.erring
        folder = f"rsync://{'other' if hosts else 'localhost'}/repo/{below}/"
        place = ext.Place(folder, f"{folder}{below}.mft")
        grant = Grant(serial=ca.next_serial(), validity=ca.validity, resources=scene.held)
        key = scene.key().public_key_der()
        draft = authority(ca.issuer, key, grant=grant, place=place)
        ca.files["bad.cer"] = draft.signed(ca.issuer.signer)
        return Sown(f"{ca.folder}bad.cer")

    return Plant(name, code, sow, policy=policy)


def _twice(scene: Scene) -> Sown:
    ca = scene.erring
    key = scene.key().public_key_der()
    folder = f"{scene.grower.base}twice/"
    for name in ("a.cer", "bad.cer"):
        grant = Grant(serial=ca.next_serial(), validity=ca.validity, resources=scene.held)
        place = ext.Place(folder, f"{folder}twice.mft")
        draft = authority(ca.issuer, key, grant=grant, place=place)
        ca.files[name] = draft.signed(ca.issuer.signer)
    return Sown(f"{ca.folder}bad.cer")


LIMITS: Final = (
    limited("one-level-too-many", "too-deep", replace(PROFILE_2026, deepest=1), below="deep"),
    limited("one-ca-too-many", "too-many-authorities",
            replace(PROFILE_2026, most_authorities=3), below="more"),
    limited("one-repository-too-many", "too-many-repositories",
            replace(PROFILE_2026, most_repositories=1), below="far", hosts=True),
    Plant("one-parent-too-many", "too-many-parents", _twice,
          policy=replace(PROFILE_2026, most_parents=1)),
    Plant("one-file-too-many", "manifest-length", _with_file("a.txt"), "point",
          policy=replace(PROFILE_2026, most_files=3)),
)  # fmt: skip
"""Limits, scaled down so that one more than allowed is quickly made."""
