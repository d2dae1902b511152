"""What stands published, and by whom? The catalogue of the publication server, in one SQLite file.

The catalogue is the truth: the files for RRDP and rsync are written from it, and again after a
crash.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from madang.kernel.errors import Unavailable
from madang.kernel.words import words
from madang.rpki.engine.publication import rrdp
from madang.rpki.engine.publication.changes import FileChange, QueryRefused, digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LARGEST_FILE: Final = 8 << 20
"""What rpki-client accepts at most."""
LONGEST_URI: Final = 4096
_SAFE: Final = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-]+\.[a-z]{3}")
"""Below a publisher's folder: no dot in front, one of RFC 9286's file names (4.2.2) at the end."""
_WAIT_S: Final = 30.0
_TABLES: Final = """
create table server (session text not null, serial integer not null, token text not null) strict;
create table publisher (
    handle text primary key, base text not null unique, identity blob not null default x'',
    heard integer not null default 0
) strict;
create table file (
    uri text primary key,
    publisher text not null references publisher (handle),
    digest text not null,
    content blob not null,
    serial integer not null
) strict;
create table delta (
    serial integer primary key, token text not null, content blob not null
) strict;
create table retired (path text primary key, since real not null) strict;
"""


class PublisherEntry(NamedTuple):
    """An authority that may publish here."""

    handle: str
    base: str
    """The folder that is its own, `rsync://…/`, ending in a slash."""
    identity: bytes
    """The certificate that verifies its messages (RFC 8183); empty for one in this process."""


class DeltaEntry(NamedTuple):
    """A step from one serial number to the next."""

    serial: int
    token: str
    content: bytes


class State(NamedTuple):
    """Where the server's RRDP stands."""

    session: str
    serial: int
    token: str
    """The part of this serial number's addresses that nobody can guess."""


class Catalogue:
    """The catalogue's file.

    Raises:
        Unavailable: The file cannot be opened or is no database.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Threads may take turns (`authority.doors`), one query at a time.
            self.rows = sqlite3.connect(
                path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
            )
            self.rows.execute("pragma journal_mode = wal")
            self.rows.execute("pragma synchronous = full")
            if not self.rows.execute("pragma user_version").fetchone()[0]:
                self.rows.executescript(f"begin immediate; {_TABLES} pragma user_version = 1;")
                self.rows.execute("insert into server values (?, 0, '')", (_session(),))
                self.rows.execute("commit")
        except sqlite3.DatabaseError as fault:
            raise Unavailable(str(path), reason=str(fault)) from fault

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block, or nothing of it."""
        self.rows.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.rows.execute("rollback")
            raise
        self.rows.execute("commit")

    def state(self) -> State:
        """Where RRDP stands."""
        return State(*self.rows.execute("select session, serial, token from server").fetchone())

    def new_session(self) -> None:
        """Begin a session anew, as after a catalogue came back from a backup (RFC 8182, 3.2)."""
        with self.transaction():
            self.rows.execute("delete from delta")
            self.rows.execute(
                "update server set session = ?, serial = 1, token = ?",
                (_session(), secrets.token_hex(16)),
            )

    def admit(self, publisher: PublisherEntry) -> None:
        """Let an authority publish below a folder of its own; its identity may be renewed.

        Raises:
            QueryRefused: The folder lies in another publisher's, or holds one.
        """
        with self.transaction():
            for other in self.publishers():
                crossing = other.base.startswith(publisher.base) or publisher.base.startswith(
                    other.base
                )
                if other.handle != publisher.handle and crossing:
                    raise QueryRefused(
                        "permission_failure",
                        words(f"{publisher.base} (이미 {other.handle}의 구역)",
                              f"{publisher.base}, where {other.handle} publishes"),
                        words("겹치지 않는 게시 구역", "a folder that no other publisher has"),
                    )  # fmt: skip
            self.rows.execute(
                "insert into publisher (handle, base, identity) values (?, ?, ?)"
                " on conflict (handle) do update"
                " set base = excluded.base, identity = excluded.identity",
                publisher,
            )

    def heard(self, handle: str) -> int:
        """When the newest message that a publisher sent was signed, in seconds since 1970."""
        row = self.rows.execute(
            "select heard from publisher where handle = ?", (handle,)
        ).fetchone()
        return int(row[0]) if row else 0

    def note_heard(self, handle: str, signing_time: int) -> None:
        """Remember it, so that nobody can send the message again."""
        self.rows.execute(
            "update publisher set heard = max(heard, ?) where handle = ?", (signing_time, handle)
        )

    def publishers(self) -> list[PublisherEntry]:
        """All who may publish."""
        return [
            PublisherEntry(*row)
            for row in self.rows.execute("select handle, base, identity from publisher")
        ]

    def publisher(self, handle: str) -> PublisherEntry:
        """The publisher of this handle.

        Raises:
            QueryRefused: Nobody of this name may publish here.
        """
        for found in self.publishers():
            if found.handle == handle:
                return found
        raise QueryRefused(
            "permission_failure",
            words(f"게시자 {handle[:60]!r}", f"the publisher {handle[:60]!r}"),
            words("등록된 게시자", "one that is admitted"),
        )

    def listed(self, handle: str) -> dict[str, str]:
        """URI → digest of all that a publisher has published."""
        found = self.rows.execute("select uri, digest from file where publisher = ?", (handle,))
        return dict(found.fetchall())

    def files(self) -> Iterator[tuple[str, bytes]]:
        """URI and content of every file, by URI."""
        yield from self.rows.execute("select uri, content from file order by uri")

    def changed_at(self) -> dict[str, int]:
        """URI → the serial number at which the file came as it is."""
        return dict(self.rows.execute("select uri, serial from file order by uri").fetchall())

    def content(self, uri: str) -> bytes:
        """The file that stands at an address of `changed_at`."""
        row = self.rows.execute("select content from file where uri = ?", (uri,)).fetchone()
        return bytes(row[0])

    def digests(self) -> dict[str, str]:
        """URI → digest of every file."""
        return dict(self.rows.execute("select uri, digest from file").fetchall())

    def deltas(self) -> list[DeltaEntry]:
        """The steps that are still offered, newest first."""
        found = self.rows.execute("select * from delta order by serial desc")
        return [DeltaEntry(*row) for row in found]

    def apply(self, handle: str, changes: Sequence[FileChange]) -> None:
        """Take in all of this or nothing, as the next serial number.

        Raises:
            QueryRefused: One of the changes is not allowed, or does not fit what stands.
        """
        publisher = self.publisher(handle)
        if not changes:
            return
        with self.transaction():
            session, serial, _ = self.state()
            for each in changes:
                self._take(publisher, each, serial=serial + 1)
            token = secrets.token_hex(16)
            self.rows.execute("update server set serial = ?, token = ?", (serial + 1, token))
            content = rrdp.delta(session, serial + 1, changes=changes)
            # A client must be able to come from any serial number it saw: none precedes the first.
            if serial:
                self.rows.execute(
                    "insert into delta values (?, ?, ?)", (serial + 1, token, content)
                )

    def _take(self, publisher: PublisherEntry, change: FileChange, *, serial: int) -> None:
        self._check_place(publisher, change)
        row = self.rows.execute("select digest from file where uri = ?", (change.uri,)).fetchone()
        if not change.replaces and row:
            raise _misfit("object_already_present", change.uri)
        if change.replaces and not row:
            raise _misfit("no_object_present", change.uri)
        if change.replaces and row[0] != change.replaces.lower():
            raise _misfit("no_object_matching_hash", change.uri)
        if change.content is None:
            if not row:
                raise _misfit("no_object_present", change.uri)
            self.rows.execute("delete from file where uri = ?", (change.uri,))
        else:
            self.rows.execute(
                "insert or replace into file values (?, ?, ?, ?, ?)",
                (change.uri, publisher.handle, digest(change.content), change.content, serial),
            )

    def _check_place(self, publisher: PublisherEntry, change: FileChange) -> None:
        path = change.uri.removeprefix(publisher.base)
        ours = change.uri.startswith(publisher.base) and len(change.uri) <= LONGEST_URI
        if not ours or not _SAFE.fullmatch(path) or ".." in path:
            raise _misfit("permission_failure", change.uri)
        if change.content is not None and not 0 < len(change.content) <= LARGEST_FILE:
            raise _misfit("other_error", change.uri)
        # A folder cannot have the name of a file.
        parts = path.split("/")
        above = [publisher.base + "/".join(parts[:depth]) for depth in range(1, len(parts))]
        below = self.rows.execute(
            "select 1 from file where uri > ? || '/' and uri < ? || '0' limit 1",
            (change.uri, change.uri),
        ).fetchone()
        taken = [
            uri for uri in above
            if self.rows.execute("select 1 from file where uri = ?", (uri,)).fetchone()
        ]  # fmt: skip
        if taken or below:
            raise _misfit("permission_failure", change.uri)


_MISFITS: Final = {
    "object_already_present": words("게시되어 있지 않은 주소", "an address where nothing stands"),
    "no_object_present": words("게시되어 있는 파일", "a file that stands published"),
    "no_object_matching_hash": words("게시된 파일의 SHA-256", "the SHA-256 of what stands there"),
    "permission_failure": words(
        "게시자 구역 안의 안전한 파일 이름", "a plain file name in the publisher's own folder"
    ),
    "other_error": words(
        f"{LARGEST_FILE}바이트 이하의 파일", f"a file of 1 to {LARGEST_FILE} bytes"
    ),
}


def _misfit(code: str, uri: str) -> QueryRefused:
    return QueryRefused(
        code, words(f"파일 {uri[:200]!r}", f"the file {uri[:200]!r}"), _MISFITS[code]
    )


def _session() -> str:
    # RFC 8182, 3.5.1.3: a version 4 UUID.
    return str(UUID(bytes=secrets.token_bytes(16), version=4))
