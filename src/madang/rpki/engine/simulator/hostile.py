"""What might a hostile member publish? Loops, floods and bombs, beside a member that suffers.

Every attack is well signed: only limits and care protect from it. `size` scales it, so that tests
stay quick and the bench can show the full one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from madang.rpki.engine.der import oids
from madang.rpki.engine.der.writer import (
    NULL,
    bit_string,
    implicit,
    integer,
    octet_string,
    sequence,
    sequence_of,
    set_of,
    tlv,
)
from madang.rpki.engine.making import contents
from madang.rpki.engine.making import extensions as ext
from madang.rpki.engine.making.contents import Listed
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.making.profile import Grant, Issuer, authority
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.simulator.faulty_certificates import swapped
from madang.rpki.engine.simulator.grafting import indefinite
from madang.rpki.engine.simulator.scene import Otherwise, Scene
from madang.rpki.engine.simulator.tree import Ca

if TYPE_CHECKING:
    from collections.abc import Callable

    from madang.rpki.engine.keys.signer import Signer
    from madang.rpki.engine.making.certificate import CertificateDraft
    from madang.rpki.engine.simulator.scene import Listing


class Attack(NamedTuple):
    """One way of hurting others."""

    name: str
    sow: Callable[[Scene, int], None]
    full: int
    """The size at which it is meant to hurt."""
    codes: frozenset[str]
    """The reasons of which at least one must be given; none where all is to be believed."""


def _certify(by: Ca, file: str, key: Signer, place: Place, **otherwise: object) -> None:
    """A CA certificate for anybody's key and point."""
    grant = Grant(
        serial=by.next_serial(),
        validity=by.validity,
        resources=by.resources,
        **otherwise,  # type: ignore[arg-type] # inherit alone
    )
    draft = authority(by.issuer, key.public_key_der(), grant=grant, place=place)
    by.files[file] = draft.signed(by.issuer.signer)


def _place(ca: Ca) -> Place:
    return Place(ca.folder, ca.manifest_uri)


def loop(scene: Scene, size: int) -> None:
    """A CA below the member certifies the member again, so that the way down never ends."""
    below = _below(scene, "partner", scene.key())
    _certify(scene.erring, "partner.cer", below.issuer.signer, _place(below))
    for number in range(size):
        _certify(below, f"loop{number}.cer", scene.erring.issuer.signer, _place(scene.erring))
    scene.grower.gather(below)


def ancestor(scene: Scene, size: int) -> None:
    """The member certifies the trust anchor's key and point."""
    for number in range(size):
        _certify(scene.erring, f"up{number}.cer", scene.root.issuer.signer, _place(scene.root))


def siege(scene: Scene, size: int) -> None:
    """The member certifies its neighbour's key and point so often that no more may lead there."""
    for number in range(size):
        _certify(
            scene.erring, f"siege{number}.cer", scene.bystander.issuer.signer,
            _place(scene.bystander),
        )  # fmt: skip


def _below(scene: Scene, name: str, key: Signer) -> Ca:
    folder = f"{scene.grower.base}{name}/"
    parent = scene.erring
    issuer = Issuer(key, f"{parent.folder}{name}.cer", f"{folder}{name}.crl")
    return Ca(issuer, parent.resources, folder, name, scene.grower.keys, parent.validity)


def doubling(scene: Scene, size: int) -> None:
    """Each level certifies the next one twice: the ways down double at each."""
    above = scene.erring
    for level in range(size):
        below = _below(scene, f"level{level}", scene.key())
        for twin in ("a", "b"):
            _certify(above, f"{twin}{level}.cer", below.issuer.signer, _place(below))
        if level:
            scene.grower.gather(above)
        above = below
    scene.grower.gather(above)


def deep(scene: Scene, size: int) -> None:
    """A chain of so many CAs, each with a point."""
    above = scene.erring
    for level in range(size):
        below = _below(scene, f"level{level}", scene.key())
        _certify(above, f"down{level}.cer", below.issuer.signer, _place(below))
        if level:
            scene.grower.gather(above)
        above = below
    scene.grower.gather(above)


def wide(scene: Scene, size: int) -> None:
    """So many delegations to points that nobody has."""
    key = scene.key()
    for number in range(size):
        folder = f"{scene.grower.base}wide{number}/"
        _certify(scene.erring, f"wide{number}.cer", key, Place(folder, f"{folder}a.mft"))


def hosts(scene: Scene, size: int) -> None:
    """So many delegations, each to another host."""
    key = scene.key()
    for number in range(size):
        folder = f"rsync://host{number}.example/repo/"
        _certify(scene.erring, f"host{number}.cer", key, Place(folder, f"{folder}a.mft"))


def long_list(scene: Scene, size: int) -> None:
    """A manifest with so many entries of files that are not there."""

    def made(listing: Listing) -> bytes:
        names = [Listed(f"{'a' * 20}{number}.roa", bytes(32)) for number in range(size)]
        return replace(listing, files=[*listing.files, *names]).signed()

    scene.manifest = made


def revoked_bomb(scene: Scene, size: int) -> None:
    """A revocation list with so many entries."""
    start = scene.erring.validity.not_before
    scene.erring.revoked += [(1_000_000 + number, start) for number in range(size)]


def _roa(scene: Scene, change: Callable[[CertificateDraft], CertificateDraft]) -> None:
    otherwise = Otherwise(resources=scene.held, certificate=change)
    scene.erring.files["bomb.roa"] = scene.signed(
        "bomb.roa", oids.ROA, scene.roa_content(), otherwise
    )


def long_name(scene: Scene, size: int) -> None:
    """A subject of so many common names."""
    part = sequence(oids.COMMON_NAME, tlv(0x13, b"a"))
    _roa(scene, lambda draft: replace(draft, subject=sequence(*[set_of([part])] * size)))


def long_set(scene: Scene, size: int) -> None:
    """Signed attributes by the thousand."""

    def change(content: bytes) -> bytes:
        from madang.rpki.engine.simulator.grafting import graft

        return graft(content, (1, 0, -1, 0, 3), lambda _: tlv(0xA0, NULL * size))

    content = scene.signed("a.roa", oids.ROA, scene.roa_content(), Otherwise(resources=scene.held))
    scene.erring.files["bomb.roa"] = change(content)


def long_serial(scene: Scene, size: int) -> None:
    """A serial number of so many bytes."""
    _roa(scene, lambda draft: replace(draft, serial=1 << size * 8))


def many_places(scene: Scene, size: int) -> None:
    """A distribution point with so many addresses of three letters."""
    names = implicit(6, b"abc") * size
    point = sequence(tlv(0xA0, tlv(0xA0, names)))
    new = ext.extension(oids.CRL_DISTRIBUTION_POINTS, sequence(point))
    _roa(scene, lambda draft: swapped(draft, oids.CRL_DISTRIBUTION_POINTS, new))


def many_numbers(scene: Scene, size: int) -> None:
    """A certificate that names so many addresses one by one."""
    held = [bit_string((number * 2).to_bytes(4, "big")) for number in range(size)]
    family = sequence(octet_string(b"\0\1"), sequence_of(held))
    new = ext.extension(oids.IP_RESOURCES, sequence(family), critical=True)
    _roa(scene, lambda draft: swapped(draft, oids.IP_RESOURCES, new))


def many_prefixes(scene: Scene, size: int) -> None:
    """A ROA with so many prefixes."""
    start = scene.held.v4[0][0]
    address = sequence(bit_string((start >> 8).to_bytes(3, "big")))
    family = sequence(octet_string(b"\0\1"), sequence_of([address] * size))
    content = sequence(integer(scene.asn), sequence(family))
    scene.erring.files["bomb.roa"] = scene.signed(
        "bomb.roa", oids.ROA, content, Otherwise(resources=scene.held)
    )


def many_pieces(scene: Scene, size: int) -> None:
    """A ROA in BER whose content is a string in so many pieces."""
    scene.erring.files["bomb.roa"] = indefinite(tlv(0x30, b"\x05\x00" * size))


def nest(scene: Scene, size: int) -> None:
    """Elements within elements, so many deep."""
    scene.erring.files["bomb.roa"] = b"\x30\x80" * size + b"\0\0" * size


def large(scene: Scene, size: int) -> None:
    """One object of so many bytes, well signed."""
    otherwise = Otherwise(resources=scene.held)
    content = contents.roa(scene.asn, [(Prefix(4, scene.held.v4[0][0], 24), None)])
    scene.erring.files["bomb.roa"] = scene.signed(
        "bomb.roa", oids.ROA, content + bytes(size), otherwise
    )


def _attack(name: str, sow: Callable[[Scene, int], None], full: int, *codes: str) -> Attack:
    return Attack(name, sow, full, frozenset(codes))


ATTACKS: Final = {
    attack.name: attack
    for attack in (
        _attack("loop", loop, 100, "too-deep", "too-many-parents"),
        _attack("ancestor", ancestor, 40, "too-deep", "too-many-parents"),
        _attack("siege", siege, 1_000, "too-many-parents"),
        _attack("doubling", doubling, 30, "too-many-parents"),
        _attack("deep", deep, 40, "too-deep"),
        _attack("wide", wide, 10_000, "point-missing"),
        _attack("hosts", hosts, 2_000, "too-many-repositories"),
        _attack("long-list", long_list, 99_000, "file-missing"),
        _attack("revoked-bomb", revoked_bomb, 200_000),
        _attack("long-name", long_name, 200_000, "name-form"),
        _attack("long-set", long_set, 3_000_000, "der-length"),
        _attack("long-serial", long_serial, 7_000_000, "certificate-serial"),
        _attack("many-places", many_places, 1_000_000, "der-length"),
        _attack("many-numbers", many_numbers, 900_000, "der-length"),
        _attack("many-prefixes", many_prefixes, 900_000, "roa-length", "der-length"),
        _attack("many-pieces", many_pieces, 3_900_000, "object-size"),
        _attack("nest", nest, 1_900_000, "der-depth", "object-size"),
        _attack("large", large, 7_900_000, "der-trailing"),
    )
}
"""Name → attack."""
