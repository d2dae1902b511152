"""Where does this site's registry stand, and how is it opened? Below `rpki/authority`.

The book and the keys belong to the site's folder, and so to its backups. Who writes holds a lock:
two processes that publish at the same moment would write over one another.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import closing, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from django.conf import settings

from madang.kernel.words import words
from madang.rpki.engine.authority import entries, planning
from madang.rpki.engine.authority.anchoring import FILE_NAME, locator
from madang.rpki.engine.authority.book import Book
from madang.rpki.engine.authority.intents import Intents, intents
from madang.rpki.engine.authority.registry import Registry
from madang.rpki.engine.errors import RpkiRefused
from madang.rpki.engine.keys.folder import PASSPHRASE_VARIABLE, KeyFolder
from madang.rpki.engine.keys.signer import new_key
from madang.rpki.engine.publication.catalogue import Catalogue, PublisherEntry
from madang.rpki.engine.publication.server import NOTIFICATION, PublicationServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from madang.rpki.engine.keys.store import KeyStore
    from madang.rpki.engine.resources.blocks import Resources

ANCHOR: Final = "anchor"
"""The registry's own name in its book."""
_FILE: Final = "rpki.passphrase"
_PUBLISHER: Final = "here"


class Place(NamedTuple):
    """Where the registry publishes."""

    web: str
    """`https://…/`, under which RRDP is served."""
    module: str
    """`rsync://…/`, the rsync module."""


def folder() -> Path:
    """Where everything of the registry lies."""
    found: Path = settings.DATA / "rpki" / "authority"
    return found


def published() -> Path:
    """What a web server and rsync hand out."""
    return folder() / "published"


def is_founded() -> bool:
    """Whether this site runs a registry."""
    with reading() as book:
        return book is not None


@contextmanager
def reading() -> Iterator[Book | None]:
    """The book, to be read; None where this site runs no registry."""
    path = folder() / "book.sqlite3"
    if not path.exists():
        yield None
        return
    book = Book(path)
    with closing(book):
        yield book if entries.authority(book.rows, ANCHOR) else None


@contextmanager
def writing(place: Place | None = None) -> Iterator[Registry]:
    """The registry, to act with.

    Args:
        place: Where it publishes; needed once, when it is founded.

    Raises:
        RpkiRefused: This site runs no registry.
    """
    here = folder()
    here.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (here / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        book, catalogue = Book(here / "book.sqlite3"), Catalogue(here / "catalogue.sqlite3")
        with closing(book), closing(catalogue.rows):
            place = place or _place(book)
            server = PublicationServer(
                catalogue=catalogue, folder=published(), web=place.web, module=place.module
            )
            yield Registry(
                book=book,
                keys=key_store(),
                publishers={"": server.publisher(_PUBLISHER)},
                one_time=new_key,
            )


def found(place: Place, resources: Resources, *, by: str) -> None:
    """Found the registry: its own trust anchor, and the right to publish here.

    Raises:
        RpkiRefused: It stands already.
    """
    with writing(place) as registry:
        if entries.authority(registry.book.rows, ANCHOR):
            raise RpkiRefused(
                words("이미 운영 중인 등록기관", "a registry that runs already"),
                words("처음 여는 등록기관", "the first one here"),
            )
        server = registry.publishers[""].server  # type: ignore[attr-defined]
        server.catalogue.admit(PublisherEntry(_PUBLISHER, place.module, b""))
        registry.create_anchor(
            ANCHOR, resources, base=f"{place.module}{ANCHOR}/", notify=server.notify, by=by
        )


def _place(book: Book) -> Place:
    anchor = entries.authority(book.rows, ANCHOR)
    if anchor is None:
        raise RpkiRefused(
            words("등록기관이 없는 사이트", "a site that runs no registry"),
            words("등록기관이 있는 사이트", "one that does"),
            words("운영자가 먼저 등록기관을 엽니다.", "An operator founds it first."),
        )
    return Place(anchor.notify.removesuffix(NOTIFICATION), anchor.base.removesuffix(f"{ANCHOR}/"))


def place() -> Place | None:
    """Where the registry publishes; None where there is none."""
    with reading() as book:
        return _place(book) if book else None


def tal() -> str:
    """The locator by which others trust the registry; empty where there is none."""
    with reading() as book:
        if book is None:
            return ""
        class_ = entries.classes(book.rows, ANCHOR)[0]
        key = entries.keys(book.rows, class_.id)[0]
        return locator(key.public_key, f"{_place(book).module}{ANCHOR}/{FILE_NAME}")


def held(handle: str) -> Resources | None:
    """What the certificates of an authority hold; None where the book does not know it."""
    with reading() as book:
        if book is None or entries.authority(book.rows, handle) is None:
            return None
        return planning.held(book.rows, handle)


def holdings() -> dict[str, Resources]:
    """Member → what it is entitled to."""
    with reading() as book:
        if book is None:
            return {}
        return {each.handle: each.resources for each in entries.children(book.rows, ANCHOR)}


def wanted(handle: str) -> Intents:
    """What an authority wants to be believed."""
    with reading() as book:
        if book is None:
            return Intents()
        vrps, aspas = intents(book.rows, handle)
        return Intents(frozenset(vrps), frozenset(aspas))


def key_store() -> KeyStore:
    """The registry's private keys."""
    return _keys(folder() / "keys", _passphrase())


@cache
def _keys(path: Path, secret: bytes) -> KeyFolder:
    """Opened once by a process: the passphrase is made slow to guess."""
    return KeyFolder(path, secret)


def _passphrase() -> bytes:
    """Of the environment; else one of this site's own, made at its first use."""
    if told := os.environ.get(PASSPHRASE_VARIABLE, ""):
        return told.encode()
    file: Path = settings.DATA / "keys" / _FILE
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as text:
            text.write(secrets.token_urlsafe(32))
    return file.read_bytes()
