"""What does a repository of this size look like? A trust anchor, its CAs and what they sign.

The same shape and seed give the same tree but for its keys; what it should give a validator is
said by the generator, not by any validator.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from madang.rpki.engine.making import issuing
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.making.contents import Listed
from madang.rpki.engine.making.crl import crl
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.making.profile import Grant, Issuer, anchor, authority
from madang.rpki.engine.payloads import Aspa, Payloads, Vrp
from madang.rpki.engine.resources.blocks import EVERYTHING, Resources
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.simulator.keys import weak_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from madang.rpki.engine.keys.signer import Signer

MOMENT: Final = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
"""When the objects of a tree come into force."""
_YEAR: Final = datetime.timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a tree is."""

    cas: int
    roas: int
    aspas: int = 0
    seed: int = 1
    host: str = "localhost"
    notify: str = ""
    """The address of an RRDP notification that every CA names; none where empty."""
    moment: datetime.datetime = MOMENT


@dataclass(slots=True)
class Tree:
    """A repository in memory, with what a validator should find in it."""

    name: str
    tal: bytes
    anchor: bytes
    """The trust anchor's certificate."""
    anchor_uri: str
    files: dict[str, bytes] = field(default_factory=dict)
    """rsync URI → content, without the trust anchor's certificate."""
    expected: Payloads = field(default_factory=Payloads)

    def written(self, cache: Path) -> Path:
        """Write it as a validator's cache (`<host>/<module>/…`) with its locator; the locator."""
        self.files[self.anchor_uri] = self.anchor
        self.put(cache)
        del self.files[self.anchor_uri]
        locator = cache.parent / f"{self.name}.tal"
        locator.write_bytes(self.tal)
        return locator

    def put(self, cache: Path) -> None:
        """Write the objects alone."""
        for uri, content in self.files.items():
            path = cache / uri.removeprefix("rsync://")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@dataclass(slots=True)
class Ca:
    """An authority of the tree, and what it has signed so far."""

    issuer: Issuer
    resources: Resources
    folder: str
    """Its publication point, ending in `/`."""
    name: str
    keys: Iterator[Signer]
    validity: Validity
    files: dict[str, bytes] = field(default_factory=dict)
    revoked: list[tuple[int, datetime.datetime]] = field(default_factory=list)
    serial: int = 1
    number: int = 1

    @property
    def manifest_uri(self) -> str:
        """Where its manifest stands."""
        return f"{self.folder}{self.name}.mft"

    def next_serial(self) -> int:
        """A serial number that nothing of this authority has."""
        self.serial += 1
        return self.serial

    def sheet(self, file: str, validity: Validity | None = None) -> issuing.Sheet:
        """What the next signed object of this name needs."""
        return issuing.Sheet(
            issuer=self.issuer,
            key=next(self.keys),
            serial=self.next_serial(),
            validity=validity or self.validity,
            uri=self.folder + file,
            signing_time=self.validity.not_before,
        )

    def finish(self, *, revise: Callable[[list[Listed]], list[Listed]] = list) -> None:
        """Sign the revocation list and the manifest over what is there."""
        start, end = self.validity
        revocations = crl(
            self.issuer,
            self.number,
            this_update=start,
            next_update=end,
            revoked=tuple(self.revoked),
        )
        self.files[f"{self.name}.crl"] = revocations.signed(self.issuer.signer)
        name = f"{self.name}.mft"
        listed = [
            Listed(each, hashlib.sha256(content).digest())
            for each, content in self.files.items()
            if each != name
        ]
        self.files[name] = issuing.manifest(
            self.sheet(name), self.number, files=revise(listed), this_update=start, next_update=end
        )


@dataclass(slots=True)
class Grower:
    """Makes the authorities of one tree and gathers what they publish."""

    shape: Shape
    keys: Iterator[Signer]
    validity: Validity
    base: str
    files: dict[str, bytes] = field(default_factory=dict)

    def root(self) -> tuple[Ca, bytes]:
        """The trust anchor and its certificate."""
        key = next(self.keys)
        place = self._place("ta")
        draft = anchor(
            key, Grant(serial=1, validity=self.validity, resources=EVERYTHING), place=place
        )
        issuer = Issuer(key, f"{self.base}ta.cer", f"{place.repository}ta.crl")
        return self._ca(issuer, EVERYTHING, "ta"), draft.signed(key)

    def child(self, parent: Ca, name: str, resources: Resources, **granted: object) -> Ca:
        """A CA below another, its certificate published by the parent."""
        key = next(self.keys)
        place = self._place(name)
        grant = Grant(
            serial=parent.next_serial(),
            validity=self.validity,
            resources=resources,
            **granted,  # type: ignore[arg-type] # inherit alone
        )
        draft = authority(parent.issuer, key.public_key_der(), grant=grant, place=place)
        file = f"{name}.cer"
        parent.files[file] = draft.signed(parent.issuer.signer)
        issuer = Issuer(key, parent.folder + file, f"{place.repository}{name}.crl")
        return self._ca(issuer, resources, name)

    def gather(self, ca: Ca) -> None:
        """Finish an authority and put what it published among the files of the tree."""
        ca.finish()
        self.files.update({ca.folder + name: content for name, content in ca.files.items()})

    def _place(self, name: str) -> Place:
        folder = f"{self.base}{name}/"
        return Place(folder, f"{folder}{name}.mft", self.shape.notify)

    def _ca(self, issuer: Issuer, resources: Resources, name: str) -> Ca:
        return Ca(issuer, resources, f"{self.base}{name}/", name, self.keys, self.validity)


def grower(shape: Shape, spare: int = 64) -> Grower:
    """What grows a tree of this shape by hand; `spare` keys beyond those the shape needs."""
    keys = weak_keys(2 * (shape.cas + 1) + shape.roas + shape.aspas + spare)
    validity = Validity(shape.moment, shape.moment + _YEAR)
    return Grower(shape, keys, validity, f"rsync://{shape.host}/repo/")


def locator(anchor_uri: str, key: bytes) -> bytes:
    """A trust-anchor locator's file (RFC 8630)."""
    return f"{anchor_uri}\n\n{base64.encodebytes(key).decode()}".encode()


def grow(shape: Shape, name: str = "synth") -> Tree:
    """A whole tree: every object valid, every payload known."""
    made = grower(shape)
    root, certificate = made.root()
    expected = grow_members(made, root, range(shape.cas))
    made.gather(root)
    uri = root.issuer.certificate_uri
    tal = locator(uri, root.issuer.signer.public_key_der())
    return Tree(name, tal, certificate, uri, made.files, expected)


def grow_members(made: Grower, root: Ca, indexes: Iterable[int]) -> Payloads:
    """The CAs with these indexes below the root, whose manifest is still to be signed.

    Each is the same whichever others are grown beside it, but for keys and serial numbers.
    """
    shape = made.shape
    vrps: set[Vrp] = set()
    aspas: dict[int, Aspa] = {}
    for index in indexes:
        rng = random.Random(f"{shape.seed} {index}")  # noqa: S311 - a repeatable shape, no secret
        root.serial = max(root.serial, index + 1)
        ca = made.child(root, f"ca{index:05}", holdings(index))
        for number in range(_share(shape.roas, shape.cas, index)):
            vrps |= _roa(ca, index, number, rng)
        for number in range(_share(shape.aspas, shape.cas, index)):
            aspa = _aspa(ca, index, number, rng)
            aspas[aspa.customer] = aspa
        made.gather(ca)
    return Payloads(frozenset(vrps), frozenset(aspas.values()))


def holdings(index: int) -> Resources:
    """What the CA with this index holds: an IPv4 /18, an IPv6 /32 and sixteen AS numbers."""
    v4, v6, asn = index << 14, 0x2001 << 112 | index << 96, 100_000 + index * 16
    return Resources(((v4, v4 + (1 << 14) - 1),), ((v6, v6 + (1 << 96) - 1),), ((asn, asn + 15),))


def _share(whole: int, parts: int, index: int) -> int:
    return whole // parts + (index < whole % parts)


def _roa(ca: Ca, index: int, number: int, rng: random.Random) -> set[Vrp]:
    """A ROA for a /24 of the CA, every third also for a /48."""
    asn = 100_000 + index * 16 + rng.randrange(16)
    v4 = Prefix(4, (index << 14) + (number % 64 << 8), 24)
    entries: list[tuple[Prefix, int | None]] = [(v4, rng.choice((None, 24, 25)))]
    if number % 3 == 0 or number >= 64:
        v6 = Prefix(6, (0x2001 << 112) + (index << 96) + (number << 80), 48)
        entries.append((v6, rng.choice((None, 48, 64))))
    file = f"roa{number:05}.roa"
    ca.files[file] = issuing.roa(ca.sheet(file), asn, entries=entries)
    return {
        Vrp(each.family, each.address, each.length, most or each.length, asn)
        for each, most in entries
    }


def _aspa(ca: Ca, index: int, number: int, rng: random.Random) -> Aspa:
    customer = 100_000 + index * 16 + number
    providers = sorted(rng.sample(range(1_000, 9_000), rng.randint(1, 5)))
    file = f"aspa{number:05}.asa"
    ca.files[file] = issuing.aspa(ca.sheet(file), customer, providers=providers)
    return Aspa(customer, tuple(providers))
