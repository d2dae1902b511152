"""How do repositories lie in one SQLite file? Bytes by digest, and per repository who holds which.

An object is stored once, however many repositories, folders and kept points hold it. A folder's
token is drawn from one counter that only rises, so that no token is ever seen twice.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/withoutrowid.html.
"""

from __future__ import annotations

VERSION = 1
PAGE = 8192
"""Bytes of a page: four objects of the usual 2 kB and little waste."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS object (
        id INTEGER PRIMARY KEY, digest BLOB NOT NULL, content BLOB NOT NULL)""",
    # By which digest an object is found again, to be stored once. An index of `object` would be
    # written anew at random places with every few objects: half the time of a first load.
    """CREATE TABLE IF NOT EXISTS address (
        digest BLOB PRIMARY KEY, object INTEGER NOT NULL) WITHOUT ROWID""",
    # What nothing may refer to any more, by ranges of numbers and since when.
    "CREATE TABLE IF NOT EXISTS loose (first INTEGER, last INTEGER, since_s REAL, load INTEGER)",
    """CREATE TABLE IF NOT EXISTS repository (
        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL UNIQUE,
        version INTEGER NOT NULL DEFAULT 0,
        session TEXT NOT NULL DEFAULT '', serial INTEGER NOT NULL DEFAULT 0,
        etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '',
        deltas TEXT NOT NULL DEFAULT '{}',
        objects INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
        succeeded_s REAL, attempted_s REAL, failure_ko TEXT, failure_en TEXT,
        took_s REAL NOT NULL DEFAULT 0, fall_back_s REAL,
        fallen_back INTEGER NOT NULL DEFAULT 0, events INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE IF NOT EXISTS folder (
        id INTEGER PRIMARY KEY AUTOINCREMENT, repository INTEGER NOT NULL, uri TEXT NOT NULL,
        token INTEGER NOT NULL, objects INTEGER NOT NULL, size INTEGER NOT NULL,
        UNIQUE (repository, uri))""",
    # Folders that an update has begun and not committed.
    "CREATE INDEX IF NOT EXISTS folder_empty ON folder (repository) WHERE objects = 0",
    """CREATE TABLE IF NOT EXISTS entry (
        folder INTEGER NOT NULL, name TEXT NOT NULL, object INTEGER NOT NULL,
        size INTEGER NOT NULL, serial INTEGER NOT NULL, at_s REAL NOT NULL,
        PRIMARY KEY (folder, name)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS entry_object ON entry (object)",
    """CREATE TABLE IF NOT EXISTS event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, uri TEXT NOT NULL, before BLOB, after BLOB,
        repository INTEGER NOT NULL, session TEXT NOT NULL, serial INTEGER NOT NULL,
        at_s REAL NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS event_uri ON event (uri)",
    "CREATE INDEX IF NOT EXISTS event_repository ON event (repository)",
    "CREATE TABLE IF NOT EXISTS anchor (uri TEXT PRIMARY KEY, content BLOB, fetched_s REAL)",
    """CREATE TABLE IF NOT EXISTS kept (
        id INTEGER PRIMARY KEY AUTOINCREMENT, manifest TEXT NOT NULL UNIQUE,
        token TEXT NOT NULL, at_s REAL NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS kept_entry (
        kept INTEGER NOT NULL, name TEXT NOT NULL, object INTEGER NOT NULL,
        size INTEGER NOT NULL, PRIMARY KEY (kept, name)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS kept_entry_object ON kept_entry (object)",
)

FRESH = "CREATE TEMP TABLE fresh (digest BLOB NOT NULL, object INTEGER NOT NULL)"
"""What one update has stored and not yet filed by its digest."""
_CHANGE = """folder INTEGER NOT NULL, name TEXT NOT NULL, before INTEGER, after INTEGER,
    size_before INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0"""
GATHERED = f"CREATE TEMP TABLE gathered ({_CHANGE})"
"""What one update names, in the order in which it does: kept in order it would be slower."""
CHANGES = f"CREATE TEMP TABLE change ({_CHANGE}, PRIMARY KEY (folder, name)) WITHOUT ROWID"
"""What one update will change, of the connection's own, so that it locks nobody out."""
