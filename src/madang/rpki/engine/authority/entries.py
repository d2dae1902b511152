"""What stands in the book? Classes, keys, objects, children and requests, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from madang.rpki.engine.making.extensions import Place
from madang.rpki.engine.resources.blocks import Resources, read_resources

if TYPE_CHECKING:
    import sqlite3


class AuthorityEntry(NamedTuple):
    """An authority that is run here."""

    handle: str
    kind: str
    """`anchor`; `member` below another one here; `child` of parents elsewhere."""
    base: str
    """The folder of its publication, ending in a slash."""
    notify: str
    publisher: str
    """Who publishes for it; empty for the publication server here."""


class ClassEntry(NamedTuple):
    """A resource class: what one parent certified in one go (RFC 6492, section 3.1)."""

    id: int
    authority: str
    name: str
    above: int | None
    """The class of the authority here that certifies it."""
    upstream: str
    """The name of the parent elsewhere; empty for none."""


class KeyEntry(NamedTuple):
    """A key of a class, with the certificate that its parent gave it."""

    id: int
    class_id: int
    handle: str
    public_key: bytes
    identifier: str
    state: str
    """`pending` a certificate, `staged` to follow, `current`, or `old` and to be revoked."""
    since: float
    certificate: bytes
    certificate_uri: str
    held: str
    not_after: float
    number: int
    next_update: float

    @property
    def resources(self) -> Resources:
        """What its certificate holds."""
        return read_resources(self.held)

    @property
    def crl_name(self) -> str:
        """The name of its CRL's file."""
        return f"{self.identifier}.crl"

    @property
    def manifest_name(self) -> str:
        """The name of its manifest's file."""
        return f"{self.identifier}.mft"


class ObjectEntry(NamedTuple):
    """A file that was signed and stands."""

    key: int
    name: str
    kind: str
    says: str
    serial: str
    content: bytes
    not_after: float
    digest: str
    """SHA-256 in hexadecimal."""


class ChildEntry(NamedTuple):
    """Somebody to whom an authority certifies resources."""

    authority: str
    handle: str
    kind: str
    held: str
    identity: bytes
    """The certificate that verifies a delegated child's messages."""
    heard: int
    """When its newest message was signed, in seconds since 1970."""

    @property
    def resources(self) -> Resources:
        """What the child is entitled to."""
        return read_resources(self.held)


class RequestEntry(NamedTuple):
    """A key for which a delegated child wants a certificate."""

    authority: str
    child: str
    class_name: str
    public_key: bytes
    identifier: str
    repository: str
    manifest: str
    notify: str
    limit: str
    """Resources to which the child limits itself; empty for all it is entitled to."""
    granted: str
    """What its certificate held when the child lost some of it."""
    until: float
    """So long the child may keep it, unless it asks anew; in seconds since 1970."""

    @property
    def place(self) -> Place:
        """Where the child publishes."""
        return Place(self.repository, self.manifest, self.notify)


def authority(rows: sqlite3.Connection, handle: str) -> AuthorityEntry | None:
    """The authority of this handle."""
    row = rows.execute("select * from authority where handle = ?", (handle,)).fetchone()
    return AuthorityEntry(*row) if row else None


def authorities(rows: sqlite3.Connection) -> list[AuthorityEntry]:
    """All authorities that are run here."""
    return [AuthorityEntry(*row) for row in rows.execute("select * from authority order by rowid")]


def classes(rows: sqlite3.Connection, handle: str) -> list[ClassEntry]:
    """The classes of an authority, oldest first."""
    found = rows.execute("select * from class where authority = ? order by id", (handle,))
    return [ClassEntry(*row) for row in found]


def class_of(rows: sqlite3.Connection, number: int) -> ClassEntry:
    """The class of this number."""
    return ClassEntry(*rows.execute("select * from class where id = ?", (number,)).fetchone())


def classes_below(rows: sqlite3.Connection, number: int) -> list[ClassEntry]:
    """The classes that this one certifies here."""
    found = rows.execute("select * from class where above = ? order by id", (number,))
    return [ClassEntry(*row) for row in found]


def keys(rows: sqlite3.Connection, class_id: int) -> list[KeyEntry]:
    """The keys of a class, oldest first."""
    found = rows.execute("select * from key where class = ? order by id", (class_id,))
    return [KeyEntry(*row) for row in found]


def key_in(rows: sqlite3.Connection, class_id: int, state: str) -> KeyEntry | None:
    """The key of a class that is in this state; there is one at most."""
    row = rows.execute(
        "select * from key where class = ? and state = ?", (class_id, state)
    ).fetchone()
    return KeyEntry(*row) if row else None


def objects(rows: sqlite3.Connection, key_id: int) -> dict[str, ObjectEntry]:
    """File name → what a key has signed and what stands."""
    found = rows.execute("select * from object where key = ? order by name", (key_id,))
    return {row[1]: ObjectEntry(*row) for row in found}


def children(rows: sqlite3.Connection, handle: str) -> list[ChildEntry]:
    """The children of an authority, by name."""
    found = rows.execute("select * from child where authority = ? order by handle", (handle,))
    return [ChildEntry(*row) for row in found]


def child(rows: sqlite3.Connection, handle: str, name: str) -> ChildEntry | None:
    """One child of an authority."""
    row = rows.execute(
        "select * from child where authority = ? and handle = ?", (handle, name)
    ).fetchone()
    return ChildEntry(*row) if row else None


def requests(rows: sqlite3.Connection, handle: str, name: str) -> list[RequestEntry]:
    """The keys for which a delegated child wants certificates."""
    found = rows.execute(
        "select * from request where authority = ? and child = ? order by rowid", (handle, name)
    )
    return [RequestEntry(*row) for row in found]
