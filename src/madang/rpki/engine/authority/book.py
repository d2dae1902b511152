"""Where does the authority write what it does? In one SQLite file, an act at a time.

An act is one transaction: it changes what is wanted, settles what is signed, and leaves a line of
history that can be neither changed nor removed.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from madang.kernel import clock
from madang.kernel.errors import Unavailable
from madang.kernel.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VERSION: Final = 1
_WAIT_S: Final = 30.0
_TABLES: Final = """
create table authority (
    handle text primary key,
    kind text not null check (kind in ('anchor', 'member', 'child')),
    base text not null,
    notify text not null,
    publisher text not null
) strict;
create table class (
    id integer primary key,
    authority text not null references authority (handle),
    name text not null,
    above integer references class (id),
    upstream text not null,
    unique (authority, name)
) strict;
create table key (
    id integer primary key,
    class integer not null references class (id),
    handle text not null,
    public_key blob not null,
    identifier text not null unique,
    state text not null check (state in ('pending', 'staged', 'current', 'old')),
    since real not null,
    certificate blob not null default x'',
    certificate_uri text not null default '',
    resources text not null default '',
    not_after real not null default 0,
    number integer not null default 0,
    next_update real not null default 0
) strict;
create unique index one_key_of_a_state on key (class, state);
create table object (
    key integer not null references key (id),
    name text not null,
    kind text not null check (kind in ('anchor', 'cer', 'roa', 'asa', 'crl', 'mft')),
    says text not null,
    serial text not null,
    content blob not null,
    not_after real not null,
    digest text not null,
    primary key (key, name)
) strict;
create table revoked (
    key integer not null references key (id),
    serial text not null,
    at real not null,
    expires real not null,
    primary key (key, serial)
) strict;
create table child (
    authority text not null references authority (handle),
    handle text not null,
    kind text not null check (kind in ('member', 'delegated')),
    resources text not null,
    identity blob not null default x'',
    heard integer not null default 0,
    primary key (authority, handle)
) strict;
create table request (
    authority text not null,
    child text not null,
    class text not null,
    public_key blob not null,
    identifier text not null unique,
    repository text not null,
    manifest text not null,
    notify text not null,
    resources text not null,
    granted text not null default '',
    until real not null default 0,
    foreign key (authority, child) references child (authority, handle)
) strict;
create table intent (
    authority text not null references authority (handle),
    kind text not null check (kind in ('roa', 'aspa')),
    says text not null,
    primary key (authority, kind, says)
) strict;
create table ceremony (
    key integer primary key references key (id),
    request text not null
) strict;
create table peer (
    authority text not null references authority (handle),
    kind text not null check (kind in ('identity', 'parent', 'publisher')),
    name text not null,
    detail text not null,
    primary key (authority, kind, name)
) strict;
create table history (
    number integer primary key autoincrement,
    at text not null,
    who text not null,
    authority text not null,
    act text not null,
    detail text not null
) strict;
create trigger history_stays before update on history
begin select raise(abort, 'history cannot be changed'); end;
create trigger history_remains before delete on history
begin select raise(abort, 'history cannot be removed'); end;
"""


class Line(NamedTuple):
    """One line of the history."""

    number: int
    at: str
    who: str
    authority: str
    act: str
    detail: dict[str, Any]


class Book:
    """The authority's file.

    Raises:
        Unavailable: The file cannot be opened, is no database, or is of a newer version.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Threads may take turns (`authority.doors`), one act at a time.
            self.rows = sqlite3.connect(
                path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
            )
            self.rows.execute("pragma journal_mode = wal")
            self.rows.execute("pragma synchronous = full")
            self.rows.execute("pragma foreign_keys = on")
            self._prepare()
        except sqlite3.DatabaseError as fault:
            raise Unavailable(str(path), reason=str(fault)) from fault

    def _prepare(self) -> None:
        (version,) = self.rows.execute("pragma user_version").fetchone()
        if version == 0:
            self.rows.executescript(
                f"begin immediate; {_TABLES} pragma user_version = {VERSION}; commit;"
            )
        elif version != VERSION:
            raise Unavailable(
                "authority.sqlite",
                reason=words(f"장부의 판 {version}", f"its version is {version}"),
            )

    @contextmanager
    def act(
        self, act: str, authority: str, *, by: str, detail: Mapping[str, Any] | None = None
    ) -> Iterator[sqlite3.Connection]:
        """One transaction with its line of history; nothing of it stays where the block fails.

        Args:
            act: What is done, as one word or two.
            authority: To which authority.
            by: Who acts.
            detail: What a reader of the history needs to know; JSON.
        """
        self.rows.execute("begin immediate")
        try:
            self.rows.execute(
                "insert into history (at, who, authority, act, detail) values (?, ?, ?, ?, ?)",
                (clock.stamp(), by, authority, act, json.dumps(detail or {}, ensure_ascii=False)),
            )
            yield self.rows
        except BaseException:
            self.rows.execute("rollback")
            raise
        self.rows.execute("commit")

    def history(self, authority: str = "") -> list[Line]:
        """What was done, in order; of one authority where it is named."""
        found = self.rows.execute(
            "select number, at, who, authority, act, detail from history"
            " where ? in ('', authority) order by number",
            (authority,),
        )
        return [Line._make((*row[:5], json.loads(row[5]))) for row in found]

    def close(self) -> None:
        """Let go of the file."""
        self.rows.close()
