"""What can be done with the authorities that are run here? Each act is one transaction.

An act names who acts. It changes what is wanted, settles what is signed, and then publishes; where
publishing fails, what is signed stays in the book and `publish` brings it out later.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from madang.kernel.words import words
from madang.rpki.engine.authority import entries, planning, rolling
from madang.rpki.engine.authority.anchoring import certify_anchor
from madang.rpki.engine.authority.desk import Desk, Timing
from madang.rpki.engine.authority.settling import forget_members, give_notice, settle
from madang.rpki.engine.errors import ResourcesRefused, RpkiRefused
from madang.rpki.engine.keys.signer import new_key
from madang.rpki.engine.publication.changes import changes_towards

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from madang.rpki.engine.authority.book import Book
    from madang.rpki.engine.authority.intents import Changes
    from madang.rpki.engine.authority.planning import Impact, Plan
    from madang.rpki.engine.authority.worksheet import OneTime
    from madang.rpki.engine.exchange.identity import Speaker
    from madang.rpki.engine.keys.store import KeyStore
    from madang.rpki.engine.publication.changes import Publisher
    from madang.rpki.engine.resources.blocks import Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The authorities of one book."""

    book: Book
    keys: KeyStore
    publishers: Mapping[str, Publisher]
    """Name → who publishes; the empty name is the publication server here."""
    timing: Timing = field(default_factory=Timing)
    one_time: OneTime = new_key
    speakers: dict[str, Speaker] = field(default_factory=dict)
    """Handle → the authority as it speaks to others (`authority.speaking`), opened once."""

    @contextmanager
    def desk(
        self, act: str, authority: str, *, by: str, detail: Mapping[str, Any] | None = None
    ) -> Iterator[Desk]:
        """One act: a transaction, after which keys that nobody needs are destroyed."""
        desk = Desk(self.book.rows, self.keys, self.timing, self.one_time)
        stands = False
        try:
            with self.book.act(act, authority, by=by, detail=detail):
                yield desk
            stands = True
        finally:
            desk.clear(stands=stands)

    def create_anchor(
        self, handle: str, resources: Resources, *, base: str, notify: str = "", by: str
    ) -> None:
        """A trust anchor of one's own whose key is at hand.

        Args:
            handle: Its name here.
            resources: What it shall hold.
            base: The folder of its publication, `rsync://…/`, ending in a slash.
            notify: The address of the RRDP notification; empty for none.
            by: Who acts.

        Raises:
            RpkiRefused: The name is taken.
        """
        detail = {"resources": str(resources), "base": base}
        with self.desk("create anchor", handle, by=by, detail=detail) as desk:
            class_id = self.add_authority(desk, handle, kind="anchor", base=base, notify=notify)
            desk.add_key(class_id)
            key = entries.keys(desk.rows, class_id)[0]
            certify_anchor(desk, key, resources=resources, signer=desk.signer(key.handle))
            settle(desk, class_id)
        self.publish()

    def add_member(
        self, parent: str, handle: str, *, resources: Resources, base: str, by: str
    ) -> None:
        """A member whose keys are kept here, entitled to resources of its parent.

        Raises:
            RpkiRefused: The name is taken, or there is no such parent.
            ResourcesRefused: The parent does not hold them, or gave them to another.
        """
        detail = {"member": handle, "resources": str(resources)}
        with self.desk("add member", parent, by=by, detail=detail) as desk:
            above = self.authority(parent)
            self.check_entitlement(desk, parent, handle, resources=resources)
            self.add_authority(desk, handle, kind="member", base=base, notify=above.notify)
            self._entitle(desk, parent, handle, kind="member", resources=resources)
            self._settle_all(desk, parent)
        self.publish()

    def set_resources(self, parent: str, child: str, *, resources: Resources, by: str) -> None:
        """Entitle a child to other resources.

        What a member loses is withdrawn in the same instant. A delegated child keeps its
        certificate until it asks for another, at most for the time of grace: what it signed below
        would fall at once otherwise.

        Raises:
            RpkiRefused: There is no such child.
            ResourcesRefused: The parent does not hold them, or gave them to another.
        """
        detail = {"child": child, "resources": str(resources)}
        with self.desk("set resources", parent, by=by, detail=detail) as desk:
            found = self.child(parent, child)
            self.check_entitlement(desk, parent, child, resources=resources)
            desk.rows.execute(
                "update child set resources = ? where authority = ? and handle = ?",
                (str(resources), parent, child),
            )
            if found.kind == "delegated":
                give_notice(desk, parent, child)
            self._settle_all(desk, parent)
        self.publish()

    def remove_child(self, parent: str, child: str, *, by: str) -> None:
        """Revoke a child's certificates and let it go; a member's own files go with them.

        Raises:
            RpkiRefused: There is no such child, or it has children of its own here.
        """
        with self.desk("remove child", parent, by=by, detail={"child": child}) as desk:
            found = self.child(parent, child)
            if found.kind == "member" and entries.children(desk.rows, child):
                raise _refused(f"{child}의 하위 기관", f"children below {child}", "없음", "none")
            named = (parent, child)
            desk.rows.execute("delete from request where authority = ? and child = ?", named)
            desk.rows.execute("delete from child where authority = ? and handle = ?", named)
            self._settle_all(desk, parent)
            forget_members(desk)
        self.publish()

    def plan(self, authority: str, changes: Changes, *, impact: Impact | None = None) -> Plan:
        """What a change of intents would do, without doing it.

        Raises:
            IntentRefused: An intent cannot be, or what shall be removed is not there.
            ResourcesRefused: An intent names numbers that the authority does not hold.
        """
        self.authority(authority)
        return planning.plan(self.book.rows, authority, changes=changes, impact=impact)

    def commit(self, seen: Plan, *, by: str, confirmed: int = 0) -> None:
        """Do what a plan says.

        Args:
            seen: The plan that somebody looked at.
            by: Who acts.
            confirmed: So many routes may turn invalid: the number that was shown.

        Raises:
            IntentRefused: The book has changed since, or the harm is not confirmed.
        """
        if seen.is_empty:
            return
        detail = {
            "signed": seen.signed, "withdrawn": seen.withdrawn, "invalid": seen.turned_invalid
        }  # fmt: skip
        with self.desk("change intents", seen.authority, by=by, detail=detail) as desk:
            planning.commit(desk.rows, seen, confirmed=confirmed)
            self._settle_all(desk, seen.authority)
        self.publish()

    def renew(self, *, by: str) -> None:
        """Sign anew whatever ends soon, from the top down."""
        for authority in entries.authorities(self.book.rows):
            if authority.kind != "member":
                with self.desk("renew", authority.handle, by=by) as desk:
                    for class_ in entries.classes(desk.rows, authority.handle):
                        settle(desk, class_.id, deep=True)
        self.publish()

    def roll(self, authority: str, *, step: str, by: str, hasten: bool = False) -> None:
        """One step of a change of keys, for a member: `begin`, `activate` or `finish`.

        Args:
            authority: Whose keys.
            step: Which step (RFC 6489, section 2).
            by: Who acts.
            hasten: At `activate`: do not wait until validators have seen the new certificate.

        Raises:
            RpkiRefused: The step does not follow the one before, or comes too early.
        """
        if self.authority(authority).kind == "anchor":
            raise _refused("신뢰 앵커", "a trust anchor", "하위 기관", "an authority below one")
        with self.desk(f"roll {step}", authority, by=by) as desk:
            above = {each.above for each in entries.classes(desk.rows, authority)} - {None}
            if step == "begin":
                rolling.begin(desk, authority)
            elif step == "activate":
                rolling.activate(desk, authority, hasten=hasten)
            else:
                rolling.finish(desk, authority)
            self._settle_all(desk, authority)
            for class_id in above:
                assert class_id is not None
                settle(desk, class_id)
        self.publish()

    def publish(self) -> None:
        """Bring what is signed before the world: the difference to what stands published."""
        wanted: dict[str, dict[str, tuple[str, int]]] = {name: {} for name in self.publishers}
        found = self.book.rows.execute(
            "select a.publisher, a.base, c.name, o.kind, o.name, o.digest, o.rowid from object o"
            " join key k on k.id = o.key join class c on c.id = k.class"
            " join authority a on a.handle = c.authority"
        )
        for publisher, base, class_name, kind, name, digest, row in found:
            folder = base if kind == "anchor" else f"{base}{class_name}/"
            wanted[publisher][folder + name] = (digest, row)
        for name, files in wanted.items():
            publisher = self.publishers[name]
            changes = changes_towards(files, publisher.listed(), content=self._content)
            if changes:
                publisher.apply(changes)
            else:
                publisher.finish()

    def _content(self, row: int) -> bytes:
        found = self.book.rows.execute("select content from object where rowid = ?", (row,))
        return bytes(found.fetchone()[0])

    def authority(self, handle: str) -> entries.AuthorityEntry:
        """The authority of this name.

        Raises:
            RpkiRefused: There is none.
        """
        found = entries.authority(self.book.rows, handle)
        if found is None:
            raise _refused(
                f"기관 {handle[:60]!r}", f"the authority {handle[:60]!r}",
                "등록된 기관", "one that is run here",
            )  # fmt: skip
        return found

    def child(self, parent: str, handle: str) -> entries.ChildEntry:
        """The child of this name.

        Raises:
            RpkiRefused: There is none.
        """
        found = entries.child(self.book.rows, parent, handle)
        if found is None:
            raise _refused(
                f"하위 기관 {handle[:60]!r}", f"the child {handle[:60]!r}",
                f"{parent}의 하위 기관", f"a child of {parent}",
            )  # fmt: skip
        return found

    def add_authority(self, desk: Desk, handle: str, *, kind: str, base: str, notify: str) -> int:
        """Note a new authority; an anchor has its one class at once, whose number is returned.

        Raises:
            RpkiRefused: The name is taken.
        """
        if entries.authority(desk.rows, handle):
            raise _refused(
                f"기관 {handle}", f"the authority {handle}", "새로운 이름", "a new name"
            )
        desk.rows.execute(
            "insert into authority (handle, kind, base, notify, publisher)"
            " values (?, ?, ?, ?, '')",
            (handle, kind, base, notify),
        )
        if kind != "anchor":
            return 0
        made = desk.rows.execute(
            "insert into class (authority, name, above, upstream) values (?, '0', null, '')"
            " returning id",
            (handle,),
        ).fetchone()
        return int(made[0])

    def _entitle(
        self, desk: Desk, parent: str, handle: str, *, kind: str, resources: Resources
    ) -> None:
        desk.rows.execute(
            "insert into child (authority, handle, kind, resources) values (?, ?, ?, ?)",
            (parent, handle, kind, str(resources)),
        )

    def check_entitlement(
        self, desk: Desk, parent: str, child: str, *, resources: Resources
    ) -> None:
        """Raise ResourcesRefused unless the parent may give this to the child."""
        beyond = resources - planning.held(desk.rows, parent)
        if beyond:
            raise ResourcesRefused(
                words(f"{parent}에 없는 {beyond}", f"{beyond}, which {parent} does not hold"),
                words("상위 기관이 보유한 자원", "resources that the parent holds"),
            )
        for other in entries.children(desk.rows, parent):
            common = other.resources & resources
            if other.handle != child and common:
                raise ResourcesRefused(
                    words(f"{other.handle}에 배정된 {common}",
                          f"{common}, which {other.handle} holds"),
                    words("아무에게도 배정되지 않은 자원", "resources that nobody else was given"),
                )  # fmt: skip

    def _settle_all(self, desk: Desk, handle: str) -> None:
        for class_ in entries.classes(desk.rows, handle):
            settle(desk, class_.id)


def _refused(found_ko: str, found_en: str, expected_ko: str, expected_en: str) -> RpkiRefused:
    return RpkiRefused(words(found_ko, found_en), words(expected_ko, expected_en))
