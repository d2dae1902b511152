"""Which files should a key have signed? What follows from intents, children and certificates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.desk import moment
from madang.rpki.engine.authority.intents import intents
from madang.rpki.engine.authority.worksheet import AspaItem, CertificateItem, RoaItem
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.resources.blocks import Resources, covers, read_resources

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import timedelta

    from madang.rpki.engine.authority.desk import Desk
    from madang.rpki.engine.authority.entries import ClassEntry, KeyEntry
    from madang.rpki.engine.authority.worksheet import Item
    from madang.rpki.engine.payloads import Aspa, Vrp

KIND = {CertificateItem: "cer", RoaItem: "roa", AspaItem: "asa"}
"""Item → the kind of its file."""


def said(item: Item) -> str:
    """What a file says beside its serial number and validity: equal texts need no new file."""
    if isinstance(item, CertificateItem):
        return json.dumps([item.public_key.hex(), str(item.resources), *item.place])
    return str(item.vrp if isinstance(item, RoaItem) else item.aspa)


def roa_name(vrp: Vrp) -> str:
    """The file name of the ROA for one payload; its address has 8 or 32 digits."""
    digits = 8 if vrp.family == 4 else 32
    return f"as{vrp.asn}-{vrp.address:0{digits}x}-{vrp.length}-{vrp.max_length}.roa"


def aspa_name(aspa: Aspa) -> str:
    """The file name of a customer's ASPA."""
    return f"as{aspa.customer}.asa"


def repository(rows: sqlite3.Connection, class_: ClassEntry) -> str:
    """The folder in which the keys of a class publish."""
    authority = entries.authority(rows, class_.authority)
    assert authority is not None
    return f"{authority.base}{class_.name}/"


def place(rows: sqlite3.Connection, class_: ClassEntry, key: KeyEntry) -> Place:
    """What the certificate of a key must say of where it publishes."""
    authority = entries.authority(rows, class_.authority)
    assert authority is not None
    folder = repository(rows, class_)
    return Place(folder, folder + key.manifest_name, authority.notify)


def wanted(desk: Desk, class_: ClassEntry, key: KeyEntry) -> dict[str, Item]:
    """File name → what a key should have signed, apart from its CRL and manifest.

    A key that waits, or that another one follows, signs nothing else (RFC 6489, section 2).
    """
    if key.state != "current" or not key.certificate:
        return {}
    found: list[Item] = [*_certificates(desk, class_, key), *_authorisations(desk, class_, key)]
    return {item.name: item for item in found}


def _validity(desk: Desk, key: KeyEntry, duration: timedelta) -> Validity:
    now = clock.epoch_s()
    # What outlives its issuer's certificate would look valid and not be so.
    end = min(now + duration.total_seconds(), key.not_after)
    return Validity(moment(now - desk.timing.backdate.total_seconds()), moment(end))


def _certificates(desk: Desk, class_: ClassEntry, key: KeyEntry) -> Iterator[CertificateItem]:
    validity = _validity(desk, key, desk.timing.certificate)
    held = key.resources
    members: dict[str, list[ClassEntry]] = {}
    for below in entries.classes_below(desk.rows, class_.id):
        members.setdefault(below.authority, []).append(below)
    for child in entries.children(desk.rows, class_.authority):
        entitled = child.resources & held
        for public_key, identifier, where, limit, kept in _child_keys(
            desk, class_, child, members.get(child.handle, [])
        ):
            certified = entitled & read_resources(limit) if limit else entitled
            certified = certified | (kept & held)
            if certified:
                yield CertificateItem(
                    f"{identifier}.cer", 0, validity, public_key, certified, where
                )


def _child_keys(
    desk: Desk,
    class_: ClassEntry,
    child: entries.ChildEntry,
    classes: list[ClassEntry],
) -> Iterator[tuple[bytes, str, Place, str, Resources]]:
    if child.kind == "delegated":
        for request in entries.requests(desk.rows, class_.authority, child.handle):
            if request.class_name == class_.name:
                kept = read_resources(request.granted if request.until > clock.epoch_s() else "")
                yield (
                    request.public_key, request.identifier, request.place, request.limit, kept
                )  # fmt: skip
        return
    for below in classes:
        for key in entries.keys(desk.rows, below.id):
            yield key.public_key, key.identifier, place(desk.rows, below, key), "", Resources()


def _authorisations(desk: Desk, class_: ClassEntry, key: KeyEntry) -> Iterator[RoaItem | AspaItem]:
    validity = _validity(desk, key, desk.timing.signed_object)
    held, elsewhere = key.resources, _older_classes(desk, class_)
    vrps, aspas = intents(desk.rows, class_.authority)
    for vrp in vrps:
        if held.covers_prefix(vrp.prefix) and not elsewhere.covers_prefix(vrp.prefix):
            yield RoaItem(roa_name(vrp), 0, validity, vrp)
    for aspa in aspas:
        asn = ((aspa.customer, aspa.customer),)
        if covers(held.asn, asn) and not covers(elsewhere.asn, asn):
            yield AspaItem(aspa_name(aspa), 0, validity, aspa)


def _older_classes(desk: Desk, class_: ClassEntry) -> Resources:
    """What the older classes of the same authority hold: they authorise it, not this one."""
    found = Resources()
    for other in entries.classes(desk.rows, class_.authority):
        if other.id < class_.id:
            key = entries.key_in(desk.rows, other.id, "current")
            found = found | key.resources if key else found
    return found
