"""How does an authority live below parents elsewhere? (RFC 6492, the child's side).

It asks each parent what it is entitled to. Where that became less, what it signed shrinks first
and its own certificate after, so that it claims too much at no instant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from madang.kernel import clock
from madang.kernel.words import words
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.settling import settle, take_certificate, withdraw_key
from madang.rpki.engine.authority.speaking import speaker
from madang.rpki.engine.authority.wanted import place
from madang.rpki.engine.errors import ExchangeRefused, RpkiRefused, Unreachable
from madang.rpki.engine.exchange import request, updown
from madang.rpki.engine.exchange.envelope import close, open_envelope, verifies
from madang.rpki.engine.exchange.identity import read_identity
from madang.rpki.engine.exchange.post import UP_DOWN, post
from madang.rpki.engine.exchange.setting_up import ChildRequest, ParentResponse
from madang.rpki.engine.faults import Fault
from madang.rpki.engine.objects.certificate import read_certificate
from madang.rpki.engine.resources.blocks import Resources

if TYPE_CHECKING:
    from madang.rpki.engine.authority.entries import ClassEntry, KeyEntry
    from madang.rpki.engine.authority.registry import Registry
    from madang.rpki.engine.exchange.post import Post
    from madang.rpki.engine.exchange.updown import EntitledClass
    from madang.rpki.engine.objects.certificate import Certificate


class _Parent(NamedTuple):
    """A parent, as its answer at set-up is kept in the book."""

    name: str
    answer: ParentResponse


@dataclass(frozen=True, slots=True)
class Parentage:
    """The authorities here whose parents are elsewhere."""

    registry: Registry
    post: Post = post

    def create(
        self, handle: str, *, base: str, notify: str = "", publisher: str = "", by: str
    ) -> ChildRequest:
        """An authority without resources yet; what to hand to its parents.

        Args:
            handle: Its name here.
            base: The folder of its publication, `rsync://…/`, ending in a slash.
            notify: The address of the RRDP notification; empty for none.
            publisher: Who publishes for it; empty for the publication server here.
            by: Who acts.

        Raises:
            RpkiRefused: The name is taken.
        """
        with self.registry.desk("create child", handle, by=by, detail={"base": base}) as desk:
            if entries.authority(desk.rows, handle):
                raise RpkiRefused(
                    words(f"기관 {handle}", f"the authority {handle}"),
                    words("새로운 이름", "a new name"),
                )
            desk.rows.execute(
                "insert into authority (handle, kind, base, notify, publisher)"
                " values (?, 'child', ?, ?, ?)",
                (handle, base, notify, publisher),
            )
        own = speaker(self.registry, handle, by=by)
        return ChildRequest(handle, own.certificate)

    def add_parent(self, handle: str, name: str, *, answer: ParentResponse, by: str) -> None:
        """Note a parent by its answer at set-up, under a name of one's own choice.

        Raises:
            RpkiRefused: There is no such authority, or it has such a parent already.
        """
        self.registry.authority(handle)
        detail = answer._asdict() | {"identity": answer.identity.hex()}
        with self.registry.desk("add parent", handle, by=by, detail={"parent": name}) as desk:
            if any(each.name == name for each in self._parents(handle)):
                raise RpkiRefused(
                    words(f"상위 기관 {name}", f"the parent {name}"),
                    words("새로운 이름", "a new name"),
                )
            desk.rows.execute(
                "insert into peer values (?, 'parent', ?, ?)", (handle, name, json.dumps(detail))
            )

    def refresh(self, handle: str, *, by: str) -> None:
        """Ask every parent, and follow what they say; a parent that fails hides no other.

        Raises:
            RpkiRefused: There is no such authority.
            ExchangeRefused: A parent's answer cannot be accepted; the first such fault.
            Unreachable: A parent does not answer; the first such fault.
        """
        faults: list[ExchangeRefused | Unreachable] = []
        for parent in self._parents(handle):
            try:
                self._follow(handle, parent, by=by)
            except (ExchangeRefused, Unreachable) as fault:
                faults.append(fault)
        if faults:
            raise faults[0]

    def _parents(self, handle: str) -> list[_Parent]:
        found = self.registry.book.rows.execute(
            "select name, detail from peer where authority = ? and kind = 'parent' order by name",
            (handle,),
        ).fetchall()
        return [_Parent(name, _answer(json.loads(detail))) for name, detail in found]

    def _follow(self, handle: str, parent: _Parent, *, by: str) -> None:
        reply = self._ask(handle, parent, updown.ListQuery(), by=by)
        if not isinstance(reply, updown.ListReply):
            raise _unexpected("list_response")
        offered = {each.name: each for each in reply.classes}
        self._drop_classes(handle, parent, offered, by=by)
        for entitled in reply.classes:
            class_ = self._class(handle, parent, entitled, by=by)
            self._shrink(class_, entitled, by=by)
            self._certify(class_, parent, entitled, by=by)
            self._revoke_strangers(class_, parent, entitled, by=by)

    def _class(
        self, handle: str, parent: _Parent, entitled: EntitledClass, *, by: str
    ) -> ClassEntry:
        """Our class for one of a parent's; made, with its first key, where there is none."""
        upstream = json.dumps([parent.name, entitled.name])
        rows = self.registry.book.rows
        known = {each.upstream: each for each in entries.classes(rows, handle)}
        if upstream not in known:
            detail = {"parent": parent.name, "class": entitled.name}
            with self.registry.desk("add class", handle, by=by, detail=detail) as desk:
                # A parent's name of a class may hold what no address may.
                made = desk.rows.execute(
                    "insert into class (authority, name, above, upstream)"
                    " select ?, coalesce(max(id), 0) + 1, null, ? from class returning id",
                    (handle, upstream),
                ).fetchone()
                desk.add_key(made[0])
            known = {each.upstream: each for each in entries.classes(rows, handle)}
        return known[upstream]

    def _drop_classes(
        self, handle: str, parent: _Parent, offered: dict[str, EntitledClass], *, by: str
    ) -> None:
        for class_ in entries.classes(self.registry.book.rows, handle):
            name, theirs = json.loads(class_.upstream)
            if name == parent.name and theirs not in offered:
                with self.registry.desk("lose class", handle, by=by) as desk:
                    for key in entries.keys(desk.rows, class_.id):
                        withdraw_key(desk, key)
                    settle(desk, class_.id)
                    desk.rows.execute("delete from class where id = ?", (class_.id,))
                self.registry.publish()

    def _shrink(self, class_: ClassEntry, entitled: EntitledClass, *, by: str) -> None:
        """Give up, before the certificate does, what we are no longer entitled to."""
        rows = self.registry.book.rows
        losing = [
            key for key in entries.keys(rows, class_.id)
            if key.certificate and key.resources - entitled.resources
        ]  # fmt: skip
        if not losing:
            return
        with self.registry.desk("shrink", class_.authority, by=by) as desk:
            for key in losing:
                desk.rows.execute(
                    "update key set resources = ? where id = ?",
                    (str(key.resources & entitled.resources), key.id),
                )
            settle(desk, class_.id)
        self.registry.publish()

    def _certify(
        self, class_: ClassEntry, parent: _Parent, entitled: EntitledClass, *, by: str
    ) -> None:
        for key in entries.keys(self.registry.book.rows, class_.id):
            if key.state == "old" or not self._needs(key, entitled):
                continue
            desk_signer = self.registry.keys.signer(key.handle)
            where = place(self.registry.book.rows, class_, key)
            asked = updown.IssueQuery(entitled.name, request.write(desk_signer, where))
            reply = self._ask(class_.authority, parent, asked, by=by)
            if isinstance(reply, updown.ErrorReply) and reply.status in (
                updown.SCHEDULED, updown.BUSY
            ):  # fmt: skip
                continue
            if not isinstance(reply, updown.IssueReply):
                raise _unexpected("issue_response")
            self._take(class_, key, reply.entitled, by=by)

    def _needs(self, key: KeyEntry, entitled: EntitledClass) -> bool:
        if not key.certificate:
            return True
        held = _held(read_certificate(key.certificate))
        rest_s = key.not_after - clock.epoch_s()
        renewable = entitled.not_after > key.not_after
        soon = rest_s < self.registry.timing.renew_before.total_seconds()
        return held != entitled.resources or (renewable and soon)

    def _take(
        self, class_: ClassEntry, key: KeyEntry, entitled: EntitledClass, *, by: str
    ) -> None:
        """Note a certificate that a parent issued, after a look at every word of it."""
        found = _checked(entitled, key)
        with self.registry.desk("certificate", class_.authority, by=by) as desk:
            where = place(desk.rows, class_, key)
            if (found.repository, found.manifest) != (where.repository, where.manifest):
                raise _unexpected("SIA")
            take_certificate(
                desk, key, certificate=entitled.certified[0].certificate,
                uri=entitled.certified[0].uri, held=str(_held(found)), not_after=found.not_after,
            )  # fmt: skip
            settle(desk, class_.id)
        self.registry.publish()

    def _revoke_strangers(
        self, class_: ClassEntry, parent: _Parent, entitled: EntitledClass, *, by: str
    ) -> None:
        """Have certificates revoked whose key we gave up, as at the end of a roll."""
        ours = {key.identifier for key in entries.keys(self.registry.book.rows, class_.id)}
        for each in entitled.certified:
            try:
                found = read_certificate(each.certificate)
            except Fault:
                continue  # one of a profile that we do not know is not one of our keys
            if found.ski.hex().upper() not in ours:
                asked = updown.RevokeQuery(entitled.name, found.ski)
                self._ask(class_.authority, parent, asked, by=by)

    def _ask(self, handle: str, parent: _Parent, body: updown.Body, *, by: str) -> updown.Body:
        own, answer = speaker(self.registry, handle, by=by), parent.answer
        message = updown.write(updown.Message(answer.child, answer.parent, body))
        back = self.post(answer.service, close(message, own), UP_DOWN)
        opened = open_envelope(back, read_identity(answer.identity))
        reply = updown.read(opened.content)
        if (reply.sender, reply.recipient) != (answer.parent, answer.child):
            raise _unexpected(f"sender {answer.parent}")
        return reply.body


def _answer(detail: dict[str, Any]) -> ParentResponse:
    return ParentResponse(**(detail | {"identity": bytes.fromhex(detail["identity"])}))


def _checked(entitled: EntitledClass, key: KeyEntry) -> Certificate:
    if len(entitled.certified) != 1:
        raise _unexpected(f"{len(entitled.certified)} × certificate")
    try:
        found = read_certificate(entitled.certified[0].certificate)
        issuer = read_certificate(entitled.issuer)
    except Fault as fault:
        raise _unexpected(f"certificate ({fault})") from fault
    good = (
        found.role == "ca"
        and found.key == key.public_key
        and found.aki == issuer.ski
        and found.not_after > clock.epoch_s()
        and entitled.resources.covers(_held(found))
        and verifies(issuer.key, found.signed.signature, found.signed.content)
    )
    if not good:
        raise _unexpected("certificate of our key, within the entitlement")
    return found


def _held(certificate: Certificate) -> Resources:
    parts = (certificate.v4, certificate.v6, certificate.asn)
    if "inherit" in parts:
        raise _unexpected("certificate that names its resources")
    return Resources(*(part or () for part in parts if part != "inherit"))


def _unexpected(expected: str) -> ExchangeRefused:
    return ExchangeRefused(
        words(
            "받아들일 수 없는 상위 기관의 응답", "an answer of the parent that cannot be accepted"
        ),
        words(f"올바른 {expected}", f"a right {expected}"),
    )
