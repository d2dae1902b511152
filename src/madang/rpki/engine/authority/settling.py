"""How do the signed files follow what is wanted? The fewest new signatures, from parent to child.

A class is settled after its parent's, within one transaction: a certificate that shrinks and the
authorisations that it no longer covers go in the same instant.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from madang.kernel import clock
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.desk import moment, new_serial
from madang.rpki.engine.authority.wanted import KIND, repository, said, wanted
from madang.rpki.engine.authority.worksheet import Worksheet, perform
from madang.rpki.engine.making.certificate import Validity
from madang.rpki.engine.making.contents import Listed
from madang.rpki.engine.publication.changes import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from madang.rpki.engine.authority.desk import Desk
    from madang.rpki.engine.authority.entries import ClassEntry, KeyEntry, ObjectEntry
    from madang.rpki.engine.authority.worksheet import Item


def settle(desk: Desk, class_id: int, *, deep: bool = False) -> None:
    """Sign and withdraw whatever a class needs, and the classes below that it changes.

    Args:
        desk: The open book and the keys.
        class_id: Which class.
        deep: Also settle classes below whose certificates stay, for what must be renewed.
    """
    class_ = entries.class_of(desk.rows, class_id)
    make_room(desk, class_)
    for key in entries.keys(desk.rows, class_id):
        sheet = prepare(desk, class_, key)
        if sheet and key.handle:
            files = perform(sheet, desk.signer(key.handle), one_time=desk.one_time)
            record(desk, key, sheet=sheet, files=files)
    settle_below(desk, class_id, deep=deep)


def settle_below(desk: Desk, class_id: int, *, deep: bool = False) -> None:
    """Hand on to the classes below what a class has signed for them."""
    class_ = entries.class_of(desk.rows, class_id)
    issuer = entries.key_in(desk.rows, class_id, "current")
    # Once for thousands of members: all of an issuer's files are megabytes.
    standing = entries.objects(desk.rows, issuer.id) if issuer else {}
    for below in entries.classes_below(desk.rows, class_id):
        if adopt(desk, class_, below, standing=standing) or deep:
            settle(desk, below.id, deep=deep)
        _forget_if_empty(desk, below)


def give_notice(desk: Desk, parent: str, child: str) -> None:
    """Let a delegated child keep for a while what its certificates hold now."""
    until = clock.epoch_s() + desk.timing.grace.total_seconds()
    for request in entries.requests(desk.rows, parent, child):
        for row in desk.rows.execute(
            "select says from object where kind = 'cer' and name = ?",
            (f"{request.identifier}.cer",),
        ).fetchall():
            desk.rows.execute(
                "update request set granted = ?, until = ? where identifier = ?",
                (_resources_said(row[0]), until, request.identifier),
            )


def prepare(desk: Desk, class_: ClassEntry, key: KeyEntry) -> Worksheet | None:
    """What a key has to sign now; None where all that it signed is good for a while."""
    if not key.certificate:
        return None
    now = clock.epoch_s()
    want = wanted(desk, class_, key)
    standing = entries.objects(desk.rows, key.id)
    have = {name: each for name, each in standing.items() if each.kind in ("cer", "roa", "asa")}
    fresh = {
        name: item for name, item in want.items()
        if name not in have or _stale(desk, have[name], item=item, now=now)
    }  # fmt: skip
    gone = [each for name, each in have.items() if name not in want or name in fresh]
    window = desk.timing.window if key.handle else desk.timing.offline_window
    due = key.next_update - now < min(desk.timing.reissue_before, window).total_seconds()
    if not (fresh or gone or due):
        return None
    previous = [each for each in standing.values() if each.kind == "mft"]
    kept = tuple(
        Listed(name, bytes.fromhex(each.digest))
        for name, each in have.items()
        if name in want and name not in fresh
    )
    return Worksheet(
        public_key=key.public_key,
        certificate_uri=key.certificate_uri,
        repository=repository(desk.rows, class_),
        crl_name=key.crl_name,
        manifest_name=key.manifest_name,
        number=key.number + 1,
        manifest_serial=new_serial(),
        window=Validity(
            moment(now - desk.timing.backdate.total_seconds()),
            moment(now + window.total_seconds()),
        ),
        revoked=_revoked(desk, key, gone=[*gone, *previous], now=now),
        items=tuple(item._replace(serial=new_serial()) for item in fresh.values()),
        kept=kept,
    )


def _stale(desk: Desk, standing: ObjectEntry, *, item: Item, now: float) -> bool:
    ends_soon = standing.not_after - now < desk.timing.renew_before.total_seconds()
    # Nothing is gained by a file that ends no later, as below a certificate that ends itself.
    lasts_longer = item.validity.not_after.timestamp() > standing.not_after
    return standing.says != said(item) or (ends_soon and lasts_longer)


def _revoked(
    desk: Desk, key: KeyEntry, *, gone: Iterable[ObjectEntry], now: float
) -> tuple[tuple[int, datetime], ...]:
    earlier = desk.rows.execute(
        "select serial, at from revoked where key = ? and expires > ?", (key.id, now)
    )
    found = {int(serial, 16): moment(at) for serial, at in earlier}
    for each in gone:
        if each.not_after > now:
            found.setdefault(int(each.serial, 16), moment(now))
    return tuple(sorted(found.items()))


def record(desk: Desk, key: KeyEntry, *, sheet: Worksheet, files: Mapping[str, bytes]) -> None:
    """Note what a key signed, in the place of what it had signed before."""
    standing = entries.objects(desk.rows, key.id)
    _note_revoked(desk, key, sheet=sheet, standing=standing.values())
    kept = {each.name for each in sheet.kept}
    for name, each in standing.items():
        if name not in kept and each.kind != "anchor":
            desk.rows.execute("delete from object where key = ? and name = ?", (key.id, name))
    end = sheet.window.not_after.timestamp()
    lines = [
        (item.name, KIND[type(item)], said(item), item.serial, item.validity.not_after.timestamp())
        for item in sheet.items
    ]
    lines += [
        (sheet.crl_name, "crl", str(sheet.number), 0, end),
        (sheet.manifest_name, "mft", str(sheet.number), sheet.manifest_serial, end),
    ]
    desk.rows.executemany(
        "insert into object (key, name, kind, says, serial, content, not_after, digest)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (key.id, name, kind, says, f"{serial:x}", files[name], not_after, digest(files[name]))
            for name, kind, says, serial, not_after in lines
        ),
    )
    desk.rows.execute(
        "update key set number = ?, next_update = ? where id = ?", (sheet.number, end, key.id)
    )


def _note_revoked(
    desk: Desk, key: KeyEntry, *, sheet: Worksheet, standing: Iterable[ObjectEntry]
) -> None:
    expires = {each.serial: each.not_after for each in standing}
    for serial, at in sheet.revoked:
        text = f"{serial:x}"
        if text in expires:
            desk.rows.execute(
                "insert or ignore into revoked (key, serial, at, expires) values (?, ?, ?, ?)",
                (key.id, text, at.timestamp(), expires[text]),
            )


def make_room(desk: Desk, class_: ClassEntry) -> None:
    """See that each member entitled to resources of a class has a class and a key for them."""
    key = entries.key_in(desk.rows, class_.id, "current")
    if key is None or not key.certificate:
        return
    below = {each.authority: each for each in entries.classes_below(desk.rows, class_.id)}
    for child in entries.children(desk.rows, class_.authority):
        if (
            child.kind == "member"
            and child.handle not in below
            and child.resources & key.resources
        ):
            made = desk.rows.execute(
                "insert into class (authority, name, above, upstream) values (?, ?, ?, '')"
                " returning id",
                (child.handle, f"{class_.authority}-{class_.name}", class_.id),
            ).fetchone()
            desk.add_key(made[0])


def adopt(
    desk: Desk, class_: ClassEntry, below: ClassEntry, *, standing: Mapping[str, ObjectEntry]
) -> bool:
    """Give the keys of a class below the certificates that stand for them; whether any is new."""
    folder, fresh = repository(desk.rows, class_), False
    for key in entries.keys(desk.rows, below.id):
        found = standing.get(f"{key.identifier}.cer")
        if found is None:
            if key.certificate:
                withdraw_key(desk, key)
                fresh = True
        elif found.content != key.certificate:
            held = _resources_said(found.says)
            take_certificate(
                desk, key, certificate=found.content, uri=folder + found.name, held=held,
                not_after=found.not_after,
            )  # fmt: skip
            fresh = True
    return fresh


def _resources_said(says: str) -> str:
    return str(json.loads(says)[1])


def take_certificate(
    desk: Desk, key: KeyEntry, *, certificate: bytes, uri: str, held: str, not_after: float
) -> None:
    """Note a key's certificate; the first key of a class becomes its current one."""
    state = key.state
    if state == "pending":
        there = entries.key_in(desk.rows, key.class_id, "current")
        state = "staged" if there else "current"
    since = key.since if state == key.state else clock.epoch_s()
    desk.rows.execute(
        "update key set certificate = ?, certificate_uri = ?, resources = ?, not_after = ?,"
        " state = ?, since = ? where id = ?",
        (certificate, uri, held, not_after, state, since, key.id),
    )


def withdraw_key(desk: Desk, key: KeyEntry) -> None:
    """Forget a key that nobody certifies any more, with all that it signed."""
    if key.handle:
        desk.doomed.append(key.handle)
    for table in ("object", "revoked", "ceremony"):
        desk.rows.execute(f"delete from {table} where key = ?", (key.id,))  # noqa: S608 - fixed
    desk.rows.execute("delete from key where id = ?", (key.id,))


def _forget_if_empty(desk: Desk, class_: ClassEntry) -> None:
    """Remove a class whose keys have all lost their certificates, with the classes below it."""
    if entries.keys(desk.rows, class_.id):
        return
    for below in entries.classes_below(desk.rows, class_.id):
        for key in entries.keys(desk.rows, below.id):
            withdraw_key(desk, key)
        _forget_if_empty(desk, below)
    desk.rows.execute("delete from class where id = ?", (class_.id,))


def forget_members(desk: Desk) -> None:
    """Remove the members that nobody names as a child, once their last certificate is gone.

    Where the parent's key is offline that is after its next ceremony: until then what the member
    signed must stay as it is.
    """
    gone = desk.rows.execute(
        "select handle from authority where kind = 'member'"
        " and handle not in (select handle from child where kind = 'member')"
        " and handle not in (select authority from class)"
    ).fetchall()
    for (handle,) in gone:
        for table in ("intent", "peer"):
            desk.rows.execute(f"delete from {table} where authority = ?", (handle,))  # noqa: S608 - fixed
        desk.rows.execute("delete from authority where handle = ?", (handle,))
