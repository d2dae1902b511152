"""A small world that changes step by step: what members add, take back, spoil and lose."""

from __future__ import annotations

import datetime
import functools
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from madang.rpki.engine.making import issuing
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.making.contents import Listed
from madang.rpki.engine.making.crl import crl
from madang.rpki.engine.making.profile import Issuer
from madang.rpki.engine.objects.tal import Tal
from madang.rpki.engine.resources.blocks import Resources
from madang.rpki.engine.resources.prefix import Prefix
from madang.rpki.engine.simulator.grafting import indefinite
from madang.rpki.engine.simulator.store import MemoryStore
from madang.rpki.engine.simulator.tree import MOMENT, Ca, Shape, grower, holdings

if TYPE_CHECKING:
    from madang.rpki.engine.simulator.tree import Grower

HOUR = datetime.timedelta(hours=1)
START = int(MOMENT.timestamp())
ENDS = (9 * 24, 30)
"""Hours after which a manifest is overdue: long, or within the history."""
TIMES = [START + hours * 3600 + more for hours in (1, 10, 15, 20, 30, 240) for more in (-1, 0, 1)]
"""Moments on both sides of every boundary of the pool."""
WINDOWS = ((0, 300), (10, 20), (0, 15))
"""Hours in which an object is valid."""


@dataclass(slots=True)
class Member:
    """One authority and everything that it may ever publish."""

    ca: Ca
    pool: dict[str, list[tuple[int, bytes]]]
    """File name → its versions: serial number and content."""
    present: dict[str, int] = field(default_factory=dict)
    """File name → the version that is published."""
    revoked: set[int] = field(default_factory=set)
    number: int = 1
    hours: int = ENDS[0]
    list_name: str = ""

    def files(self) -> dict[str, bytes]:
        """The point as it stands, its lists signed anew."""
        ca = self.ca
        start, end = ca.validity.not_before, ca.validity.not_before + self.hours * HOUR
        files = {name: self.pool[name][which][1] for name, which in self.present.items()}
        name = self.list_name or f"{ca.name}.crl"
        issuer = Issuer(ca.issuer.signer, ca.issuer.certificate_uri, ca.folder + name)
        revoked = tuple((serial, start) for serial in self.revoked)
        made = crl(issuer, self.number, this_update=start, next_update=end, revoked=revoked)
        files[name] = made.signed(issuer.signer)
        listed = [Listed(n, hashlib.sha256(c).digest()) for n, c in files.items()]
        sheet = replace(_sheet(ca), issuer=issuer, serial=1_000 + self.number)
        files[f"{ca.name}.mft"] = issuing.manifest(
            sheet, self.number, files=listed, this_update=start, next_update=end
        )
        return files


@functools.cache
def _sheets() -> dict[str, issuing.Sheet]:
    return {}


def _sheet(ca: Ca) -> issuing.Sheet:
    """One key for all manifests of an authority: what a key is used for matters nowhere here."""
    if ca.name not in _sheets():
        _sheets()[ca.name] = ca.sheet(f"{ca.name}.mft")
    return _sheets()[ca.name]


def _versions(ca: Ca, index: int) -> dict[str, list[tuple[int, bytes]]]:
    """ROAs and ASPAs in several versions: other windows, other content, and spoiled ones."""
    block, asn = Prefix(4, index << 14, 24), ca.resources.asn[0][0]
    pool: dict[str, list[tuple[int, bytes]]] = {}
    for name, longest in (("a.roa", None), ("b.roa", 28), ("c.roa", None)):
        made = []
        for first, last in WINDOWS:
            start = ca.validity.not_before
            validity = Validity(start + first * HOUR, start + last * HOUR)
            sheet = ca.sheet(name, validity)
            made.append((sheet.serial, issuing.roa(sheet, asn, entries=[(block, longest)])))
        good = made[0]
        made.append((good[0], indefinite(good[1])))
        made.append((good[0], good[1][:-1] + b"\0"))
        pool[name] = made
    for name, providers in (("a.asa", (5,)), ("b.asa", (5, 6))):
        sheet = ca.sheet(name)
        pool[name] = [(sheet.serial, issuing.aspa(sheet, asn, providers=providers))]
    return pool


@functools.cache
def _grown() -> tuple[Grower, Tal, dict[str, bytes], tuple[Member, ...]]:
    made = grower(Shape(cas=4, roas=30, aspas=10))
    root, anchor = made.root()
    members = [Member(root, {})]
    for index, name in enumerate(("one", "two")):
        held = holdings(index + 1)
        ca = made.child(root, name, held)
        # A second certificate of the same key: fewer addresses.
        key, place = ca.issuer.signer.public_key_der(), made._place(name)
        fewer = Resources(held.v4, asn=held.asn) if index else Resources(asn=held.asn)
        versions = [(root.serial, root.files.pop(f"{name}.cer"))]
        versions.append(_certificate(root, key, fewer, place))
        members[0].pool[f"{name}.cer"] = versions
        members.append(Member(ca, _versions(ca, index + 1)))
    parent = members[1].ca
    held = holdings(1)
    inherited = Resources(held.v4, asn=held.asn)
    below = made.child(parent, "below", inherited, inherit=("v4", "asn"))
    members[1].pool["below.cer"] = [(parent.serial, parent.files.pop("below.cer"))]
    members.append(Member(below, _versions(below, 1)))
    uri = root.issuer.certificate_uri
    tal = Tal("t", (uri,), root.issuer.signer.public_key_der())
    return made, tal, {uri: anchor}, tuple(members)


def _certificate(root: Ca, key: bytes, held: Resources, place: object) -> tuple[int, bytes]:
    from madang.rpki.engine.making.profile import Grant, authority

    grant = Grant(serial=root.next_serial(), validity=root.validity, resources=held)
    draft = authority(root.issuer, key, grant=grant, place=place)  # type: ignore[arg-type]
    return grant.serial, draft.signed(root.issuer.signer)


class World:
    """The world at its beginning, and the ways in which it can change."""

    def __init__(self) -> None:
        _, self.tal, anchors, members = _grown()
        self.members = [
            Member(each.ca, each.pool, dict.fromkeys(each.pool, 0)) for each in members
        ]
        self.store = MemoryStore({}, anchors)
        self.at = START + 3_600
        self._before: list[dict[str, bytes]] = []
        self._now = [each.files() for each in self.members]
        self._before = [dict(each) for each in self._now]
        for place in range(len(self.members)):
            self._put(place)

    def _put(self, place: int) -> None:
        self.store.put(self.members[place].ca.folder, self._now[place])

    def change(self, action: int, place: int, choice: int) -> None:
        """One of the things that happen, to one member."""
        happen = (
            self._publish, self._publish, self._withdraw, self._revoke, self._pardon,
            self._spoil, self._lose, self._replay, self._vanish, self._shorten,
            self._rename, self._tick, self._tick, self._tick,
        )  # fmt: skip
        happen[action % len(happen)](place % len(self.members), choice)

    def _reissue(self, place: int) -> None:
        member = self.members[place]
        self._before[place] = self._now[place]
        member.number += 1
        self._now[place] = member.files()
        self._put(place)

    def _name(self, place: int, choice: int) -> str:
        pool = sorted(self.members[place].pool)
        return pool[choice % len(pool)]

    def _publish(self, place: int, choice: int) -> None:
        name = self._name(place, choice)
        member = self.members[place]
        member.present[name] = choice // 7 % len(member.pool[name])
        self._reissue(place)

    def _withdraw(self, place: int, choice: int) -> None:
        self.members[place].present.pop(self._name(place, choice), None)
        self._reissue(place)

    def _revoke(self, place: int, choice: int) -> None:
        versions = self.members[place].pool[self._name(place, choice)]
        self.members[place].revoked.add(versions[choice // 7 % len(versions)][0])
        self._reissue(place)

    def _pardon(self, place: int, choice: int) -> None:
        self.members[place].revoked.clear()
        self._reissue(place)

    def _spoil(self, place: int, choice: int) -> None:
        """A file changes behind the manifest's back."""
        files = self._now[place]
        name = sorted(files)[choice % len(files)]
        content = files[name]
        where = choice % len(content)
        spoiled = content[:where] + bytes((content[where] ^ 1,)) + content[where + 1 :]
        self._now[place] = {**files, name: spoiled}
        self._put(place)

    def _lose(self, place: int, choice: int) -> None:
        files = dict(self._now[place])
        del files[sorted(files)[choice % len(files)]]
        self._now[place] = files or self._before[place]
        self._put(place)

    def _replay(self, place: int, choice: int) -> None:
        self._now[place], self._before[place] = self._before[place], self._now[place]
        self._put(place)

    def _vanish(self, place: int, choice: int) -> None:
        self.store.put(self.members[place].ca.folder, {})

    def _shorten(self, place: int, choice: int) -> None:
        self.members[place].hours = ENDS[choice % 2]
        self._reissue(place)

    def _rename(self, place: int, choice: int) -> None:
        self.members[place].list_name = ("", "other.crl")[choice % 2]
        self._reissue(place)

    def _tick(self, place: int, choice: int) -> None:
        self.at = TIMES[choice % len(TIMES)]
