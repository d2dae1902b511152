"""How does a parent serve children that keep their own keys? (RFC 6492, the parent's side)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from madang.kernel.words import words
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.settling import settle
from madang.rpki.engine.authority.speaking import speaker
from madang.rpki.engine.authority.wanted import repository
from madang.rpki.engine.errors import ExchangeRefused, RpkiRefused
from madang.rpki.engine.exchange import request, updown
from madang.rpki.engine.exchange.envelope import close, open_envelope
from madang.rpki.engine.exchange.identity import read_identity
from madang.rpki.engine.exchange.setting_up import ChildRequest, ParentResponse
from madang.rpki.engine.keys.signer import key_identifier

if TYPE_CHECKING:
    import sqlite3

    from madang.rpki.engine.authority.desk import Desk
    from madang.rpki.engine.authority.entries import ChildEntry, ClassEntry, KeyEntry
    from madang.rpki.engine.authority.registry import Registry
    from madang.rpki.engine.resources.blocks import Resources


MOST_KEYS: Final = 16
"""Keys of one child: two in each class amid a roll, and nobody may flood a parent with more."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """The children of the authorities here that are run elsewhere."""

    registry: Registry
    address: str
    """Where the up-down service is reached, ending in a slash; parent and child follow."""

    def admit(
        self, parent: str, asked: ChildRequest, *, resources: Resources, by: str
    ) -> ParentResponse:
        """Take in a child, entitled to resources; what to answer it.

        Raises:
            RpkiRefused: The parent has such a child already.
            ResourcesRefused: The parent does not hold them, or gave them to another.
        """
        name = asked.child.replace("/", "-")
        detail = {"child": name, "resources": str(resources)}
        with self.registry.desk("admit child", parent, by=by, detail=detail) as desk:
            self.registry.authority(parent)
            if entries.child(desk.rows, parent, name):
                raise RpkiRefused(
                    words(f"이미 등록된 하위 기관 {name}", f"the child {name}, which is known"),
                    words("새로운 하위 기관", "a new child"),
                )
            self.registry.check_entitlement(desk, parent, name, resources=resources)
            desk.rows.execute(
                "insert into child (authority, handle, kind, resources, identity)"
                " values (?, ?, 'delegated', ?, ?)",
                (parent, name, str(resources), asked.identity),
            )
        own = speaker(self.registry, parent, by=by)
        return ParentResponse(
            f"{self.address}{parent}/{name}", name, parent, own.certificate, asked.tag
        )

    def answer(self, parent: str, child: str, *, message: bytes) -> bytes:
        """The signed answer to a child's signed message.

        Raises:
            RpkiRefused: There is no such parent, or no such child.
            ExchangeRefused: Somebody else speaks: who cannot prove who they are gets no answer.
        """
        known = self.registry.child(parent, child)
        opened = open_envelope(message, read_identity(known.identity), last=known.heard)
        self.registry.book.rows.execute(
            "update child set heard = max(heard, ?) where authority = ? and handle = ?",
            (opened.signing_time, parent, child),
        )
        try:
            asked = updown.read(opened.content)
        except ExchangeRefused:
            body: updown.Body = _error(updown.INTERNAL)
        else:
            body = self._body(parent, known, asked)
        own = speaker(self.registry, parent, by=child)
        return close(updown.write(updown.Message(parent, child, body)), own)

    def _body(self, parent: str, child: ChildEntry, asked: updown.Message) -> updown.Body:
        if asked.sender != child.handle or asked.recipient != parent:
            return _error(updown.INTERNAL)
        if isinstance(asked.body, updown.ListQuery):
            return self._list(parent, child)
        if isinstance(asked.body, updown.IssueQuery):
            found = self._issue(parent, child, asked.body)
        elif isinstance(asked.body, updown.RevokeQuery):
            found = self._revoke(parent, child, asked.body)
        else:
            return _error(updown.INTERNAL)
        self.registry.publish()
        return found

    def _list(self, parent: str, child: ChildEntry) -> updown.ListReply:
        rows = self.registry.book.rows
        found = []
        for class_ in entries.classes(rows, parent):
            key = entries.key_in(rows, class_.id, "current")
            if key and child.resources & key.resources:
                found.append(self._entitled(child, class_, key))
        return updown.ListReply(tuple(found))

    def _entitled(
        self, child: ChildEntry, class_: ClassEntry, key: KeyEntry, only: str = ""
    ) -> updown.EntitledClass:
        """A class as the child sees it, with its certificates or the one of a key."""
        rows = self.registry.book.rows
        standing = entries.objects(rows, key.id)
        folder = repository(rows, class_)
        certified = [
            updown.Certified(folder + name, standing[name].content)
            for wanted in entries.requests(rows, class_.authority, child.handle)
            if wanted.class_name == class_.name
            and (name := f"{wanted.identifier}.cer") in standing
            and only in ("", wanted.identifier)
        ]
        return updown.EntitledClass(
            class_.name, key.certificate_uri, child.resources & key.resources,
            int(key.not_after), tuple(certified), key.certificate,
        )  # fmt: skip

    def _issue(self, parent: str, child: ChildEntry, asked: updown.IssueQuery) -> updown.Body:
        rows = self.registry.book.rows
        class_, key = self._class(parent, asked.class_name)
        if class_ is None or key is None:
            return _error(updown.UNKNOWN_CLASS)
        if not child.resources & key.resources:
            return _error(updown.NO_RESOURCES)
        try:
            wanted = request.read(asked.request)
        except ExchangeRefused:
            return _error(updown.BAD_REQUEST)
        identifier = key_identifier(wanted.public_key).hex().upper()
        taken = rows.execute(
            "select authority, child, class from request where identifier = ?", (identifier,)
        ).fetchone()
        if taken not in (None, (parent, child.handle, class_.name)) or _is_ours(rows, identifier):
            return _error(updown.USED_KEY)
        if not taken and len(entries.requests(rows, parent, child.handle)) >= MOST_KEYS:
            return _error(updown.BUSY)
        detail = {"child": child.handle, "key": identifier}
        with self.registry.desk("certify", parent, by=child.handle, detail=detail) as desk:
            limit = str(asked.limit) if asked.limit is not None else ""
            desk.rows.execute(
                "insert or replace into request values (?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0)",
                (parent, child.handle, class_.name, wanted.public_key, identifier, *wanted.place,
                 limit),
            )  # fmt: skip
            settle(desk, class_.id)
        fresh = entries.key_in(rows, class_.id, "current")
        assert fresh is not None
        entitled = self._entitled(child, class_, fresh, identifier)
        if not entitled.certified:
            # The key is offline: its next ceremony signs the certificate.
            return _error(updown.SCHEDULED)
        return updown.IssueReply(entitled)

    def _revoke(self, parent: str, child: ChildEntry, asked: updown.RevokeQuery) -> updown.Body:
        class_, _ = self._class(parent, asked.class_name)
        if class_ is None:
            return _error(updown.UNKNOWN_REVOKED_CLASS)
        identifier = asked.key_identifier.hex().upper()
        known = entries.requests(self.registry.book.rows, parent, child.handle)
        if not any(each.identifier == identifier for each in known):
            return _error(updown.UNKNOWN_REVOKED_KEY)
        detail = {"child": child.handle, "key": identifier}
        with self.registry.desk("revoke", parent, by=child.handle, detail=detail) as desk:
            _forget_request(desk, identifier)
            settle(desk, class_.id)
        return updown.RevokeReply(asked.class_name, asked.key_identifier)

    def _class(self, parent: str, name: str) -> tuple[ClassEntry | None, KeyEntry | None]:
        rows = self.registry.book.rows
        for class_ in entries.classes(rows, parent):
            if class_.name == name:
                return class_, entries.key_in(rows, class_.id, "current")
        return None, None


def _forget_request(desk: Desk, identifier: str) -> None:
    desk.rows.execute("delete from request where identifier = ?", (identifier,))


def _is_ours(rows: sqlite3.Connection, identifier: str) -> bool:
    """Whether the key is one of an authority here: nobody else can hold it."""
    found = rows.execute("select 1 from key where identifier = ?", (identifier,)).fetchone()
    return found is not None


def _error(status: int) -> updown.ErrorReply:
    return updown.ErrorReply(status, updown.TEXTS[status])
