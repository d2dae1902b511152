"""Who holds what? The registry is founded, members come, change and go, keys roll, all renews."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from madang.kernel import clock
from madang.kernel.words import words
from madang.portal.log import remember
from madang.rpki.engine.authority import entries
from madang.rpki.engine.authority.desk import moment
from madang.rpki.engine.errors import RpkiRefused
from madang.rpki.engine.resources.blocks import Resources, read_resources
from madang.rpki.web.models import Member
from madang.rpki.web.services import authority, looking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from madang.portal.models import Organisation, User
    from madang.rpki.engine.authority.book import Book
    from madang.rpki.engine.authority.registry import Registry

STEPS = {
    "begin": words("새 키 준비하기", "Prepare a new key"),
    "activate": words("새 키로 서명하기", "Sign with the new key"),
    "finish": words("옛 키 폐기하기", "Revoke the old key"),
}
"""Steps of a change of keys (RFC 6489), each with its verb."""


class Due(NamedTuple):
    """Something that is renewed by the clock."""

    handle: str
    what: str
    """The file's name."""
    ends: datetime


class Standing(NamedTuple):
    """How a member stands in the book."""

    entitled: Resources
    held: Resources
    objects: int
    """Files that it has signed and that stand."""
    key_state: str
    """`current`, `staged` where a new key waits, `old` where one is to be revoked."""
    ends: datetime | None
    """When its certificate ends."""


@contextmanager
def acting() -> Iterator[Registry]:
    """The registry, to act with; what the act changes is judged and noted."""
    with looking.watched(), authority.writing() as registry:
        yield registry


def found(place: authority.Place, resources: str, *, by: User | None) -> None:
    """Found the registry of this site.

    Raises:
        InputError: It stands already, or the resources cannot be read.
    """
    with looking.watched():
        authority.found(place, read_resources(resources), by=_who(by))
    remember("rpki-registry-founded", "rpki/registry", by=by, after={"resources": resources})


def add(
    handle: str,
    organisation: Organisation,
    *,
    resources: str,
    by: User | None,
    is_example: bool = False,
) -> Member:
    """Certify resources to an organisation.

    Raises:
        InputError: The name is taken, or the resources are another's.
    """
    held = read_resources(resources)
    if Member.objects.filter(pk=handle).exists():
        raise RpkiRefused(
            words(f"이미 있는 이름 {handle}", f"the name {handle}, which is taken"),
            words("새로운 이름", "a new name"),
        )
    with acting() as registry:
        anchor = registry.authority(authority.ANCHOR)
        base = anchor.base.removesuffix(f"{authority.ANCHOR}/")
        registry.add_member(
            authority.ANCHOR, handle, resources=held, base=f"{base}{handle}/", by=_who(by)
        )
    with transaction.atomic():
        row = Member.objects.create(
            handle=handle, organisation=organisation, is_example=is_example
        )
        remember("rpki-member-added", _thing(row), by=by, after=_plain(row, held))
    return row


def set_resources(member: Member, resources: str, *, by: User) -> None:
    """Certify other resources to a member; what it loses is withdrawn at once.

    Raises:
        InputError: The resources cannot be read, or are another's.
    """
    after = read_resources(resources)
    with acting() as registry:
        before = registry.child(authority.ANCHOR, member.pk).resources
        registry.set_resources(authority.ANCHOR, member.pk, resources=after, by=_who(by))
    remember(
        "rpki-member-resources",
        _thing(member),
        by=by,
        before=_plain(member, before),
        after=_plain(member, after),
    )


def remove(member: Member, *, by: User) -> None:
    """Revoke a member's certificates, and let it go.

    Raises:
        InputError: It has members of its own.
    """
    with acting() as registry:
        before = registry.child(authority.ANCHOR, member.pk).resources
        registry.remove_child(authority.ANCHOR, member.pk, by=_who(by))
    with transaction.atomic():
        told = _plain(member, before)
        thing = _thing(member)
        member.delete()
        remember("rpki-member-removed", thing, by=by, before=told)


def roll(member: Member, step: str, *, by: User) -> None:
    """One step of a change of a member's keys.

    Raises:
        InputError: The step does not follow the one before, or comes too early.
    """
    with acting() as registry:
        registry.roll(member.pk, step=step, by=_who(by))
    remember("rpki-member-key", _thing(member), by=by, after={"step": step})


def renew() -> None:
    """Sign anew whatever ends soon."""
    with acting() as registry:
        registry.renew(by="site")


def standing(handle: str) -> Standing | None:
    """How a member stands; None where the book does not know it."""
    with authority.reading() as book:
        if book is None:
            return None
        child = entries.child(book.rows, authority.ANCHOR, handle)
        if child is None:
            return None
        found = [
            key
            for class_ in entries.classes(book.rows, handle)
            for key in entries.keys(book.rows, class_.id)
        ]
        current = [each for each in found if each.state == "current"]
        held = Resources()
        for each in current:
            held = held | each.resources
        others = [each.state for each in found if each.state in ("staged", "old")]
        return Standing(
            child.resources,
            held,
            sum(_signed(book, each.id) for each in found),
            others[0] if others else "current",
            moment(min(each.not_after for each in current)) if current else None,
        )


def _signed(book: Book, key: int) -> int:
    found = book.rows.execute("select count(*) from object where key = ?", (key,))
    return int(found.fetchone()[0])


def next_step(standing: Standing) -> str:
    """Which step of a change of keys comes next."""
    return {"staged": "activate", "old": "finish"}.get(standing.key_state, "begin")


def due(*, most: int = 200) -> list[Due]:
    """What ends soonest: CRLs and manifests by their window, the rest by its validity."""
    with authority.reading() as book:
        if book is None:
            return []
        rows = book.rows.execute(
            "select c.authority, o.name, case when o.kind in ('crl', 'mft') then k.next_update"
            " else o.not_after end as ends from object o join key k on k.id = o.key"
            " join class c on c.id = k.class order by ends, o.name limit ?",
            (most,),
        ).fetchall()
    return [Due(row[0], row[1], moment(row[2])) for row in rows]


def history(handle: str, *, most: int = 30) -> list[dict[str, Any]]:
    """What was done to a member, the newest first."""
    with authority.reading() as book:
        lines = [] if book is None else book.history(handle)
    return [
        {"at": clock.read_stamp(each.at), "what": _told(each.act), "who": "", "note": _note(each)}
        for each in lines[-1 : -most - 1 : -1]
    ]


_ACTS = {
    "change intents": words("인가 변경", "Authorisations changed"),
    "roll begin": words("새 키 준비", "A new key prepared"),
    "roll activate": words("새 키로 서명 시작", "The new key signs"),
    "roll finish": words("옛 키 폐기", "The old key revoked"),
    "renew": words("갱신", "Renewed"),
}


def _told(act: str) -> Any:
    return _ACTS.get(act) or words(act, act)


def _note(line: Any) -> Any:
    detail = line.detail
    if "signed" in detail:
        signed, gone = len(detail["signed"]), len(detail["withdrawn"])
        return words(
            f"서명 {signed}건, 철회 {gone}건, 무효가 된 경로 {detail['invalid']}개",
            f"{signed} signed, {gone} withdrawn, {detail['invalid']} routes turned invalid",
        )
    return ""


def _who(by: User | None) -> str:
    # The book is kept for ever: it names a person by number, whom the site can still erase.
    return f"user {by.pk}" if by else "site"


def _thing(member: Member) -> str:
    return f"rpki/member/{member.pk}"


def _plain(member: Member, held: Resources) -> dict[str, Any]:
    return {"organisation": member.organisation.slug, "resources": str(held)}
